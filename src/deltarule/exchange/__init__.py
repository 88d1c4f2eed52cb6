"""Exchange with other libraries: models as ONNX files, and ONNX files as models."""

import lazy_loader

# the names are in __init__.pyi; each is imported on its first use
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
