from .keras import save_keras as save_keras
from .onnx_export import save_onnx as save_onnx
from .onnx_export import to_onnx as to_onnx
from .onnx_import import from_onnx as from_onnx
from .pytorch import save_pytorch as save_pytorch
