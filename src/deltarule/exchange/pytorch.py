"""Networks for PyTorch: a script that builds an ``nn.Sequential``, and its parameters in a safetensors file."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from deltarule.core.activations import ELU, LeakyReLU, Linear, ReLU, ShiftedSigmoid, Sigmoid, Tanh
from deltarule.core.convolution import Conv
from deltarule.core.layer import Shape
from deltarule.core.layers import Dense, Dropout, Flatten
from deltarule.core.network import Network
from deltarule.core.normalization import BatchNorm
from deltarule.core.pooling import L2Pool, MaxPool, Pool
from deltarule.core.trees import Tree
from deltarule.errors import ShapeError
from deltarule.exchange import layouts, scripts
from deltarule.exchange.layouts import Build, Part
from deltarule.models.model import Model
from deltarule.models.predictor import Predictor

LIBRARY = "PyTorch"

SHIFTED_SIGMOID = '''\
class ShiftedSigmoid(nn.Module):
    """scale · σ(z) + shift."""

    def __init__(self, scale, shift):
        super().__init__()
        self.scale, self.shift = scale, shift

    def forward(self, z):
        return self.scale * torch.sigmoid(z) + self.shift
'''

SCRIPT = '''\
"""A network that deltarule trained, for PyTorch; its parameters are in the .safetensors file of the same name."""

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn

{classes}network = nn.Sequential(
{layers}
){double}
activation = {activation}
tensors = load_file(Path(__file__).with_suffix(".safetensors"))
{inputs}network.load_state_dict(tensors)
network.eval()


{prepare}

def outputs(x):
    """Compute the outputs of the network for raw examples, shape (n, {n_out})."""
    with torch.no_grad():
        z = network(torch.tensor(prepare(x))){flat}
        return activation(z).numpy()


{predict}'''


CHANNELS_FIRST = "np.moveaxis({}, -1, 1).copy()"
"""The code that puts the channels first.

The copy is needed: PyTorch 2.13 takes some arrays of one channel and other strides for another layout, and computes a
wrong convolution without an error.
"""


def save_pytorch(model: Predictor, path: str | PathLike[str]) -> tuple[Path, Path]:
    """Write a model as a script for PyTorch, and its parameters to a safetensors file of the same name.

    The script builds an ``nn.Sequential`` that computes the last weighted inputs, and loads its parameters. Its
    functions ``prepare``, ``outputs`` and ``predict`` take raw examples: they contain the preprocessing, the output
    activation and the names of the classes. The parameters have the names and layouts of PyTorch's modules, so that
    ``load_state_dict`` takes them.

    Args:
        model: The model, of one network.
        path: The path of the script, which ends in ``.py``. Older files of these names are replaced.

    Returns:
        The paths of the script and of the parameters.

    Raises:
        InvalidArgument: For an ensemble; for layers, costs and encodings of one's own; for another ending.
        FileError: If a file cannot be written, or would replace a model of deltarule or a script of another program.

    >>> from tempfile import TemporaryDirectory
    >>> from deltarule.data import OneHot
    >>> from deltarule.preprocessing import Preprocessing
    >>> network = Network.dense([4, 3, 2])
    >>> model = Model(network, network.init(seed=1), Preprocessing(OneHot(2), example_shape=(4,)))
    >>> with TemporaryDirectory() as folder:
    ...     [one.name for one in save_pytorch(model, Path(folder) / "mine.py")]
    ['mine.py', 'mine.safetensors']
    """
    script = scripts.check_path(path)
    checked = layouts.check_model(model)
    parts, flat = build_parts(checked.network, checked.params)
    tensors = layouts.name_tensors(parts, layouts.choose_dtype(checked.params))
    tensors |= scripts.list_input_tensors(checked.preprocessing)
    return scripts.save_pair(script, write_script(checked, parts, flat), tensors)


def build_parts(network: Network, params: Tree) -> tuple[list[Part], Shape | None]:
    """Build PyTorch's modules, which have the channels first.

    PyTorch flattens an image channel by channel, so parameters that follow it are reordered. If none follows, the
    shape before flattening is returned as well, and the outputs of PyTorch's network are in its order.

    >>> from deltarule.core.costs import CrossEntropy
    >>> network = Network([Conv(3, 2), Flatten(), Dense(2)], CrossEntropy(), (3, 3, 1))
    >>> parts, flat = build_parts(network, network.init(seed=1))
    >>> [part.code for part in parts], parts[2].tensors["weight"].shape, flat
    (['nn.Conv2d(1, 3, 2)', 'nn.Flatten()', 'nn.Linear(12, 2)'], (2, 12), None)
    """
    parts: list[Part] = []
    flat: Shape | None = None
    for position, layer, own, shape in layouts.list_layers(network, params):
        order = None if flat is None else layouts.find_channels_first(flat)
        parts.append(layouts.build_part(BUILDERS, layer, _reorder(own, order), shape, position, LIBRARY))
        if isinstance(layer, Flatten) and len(shape) > 1:
            flat = shape
        elif isinstance(layer, Dense):
            flat = None
    return parts, flat


def write_script(model: Model, parts: list[Part], flat: Shape | None) -> str:
    """Write the script, from what :func:`build_parts` returned."""
    network, fitted = model.network, model.preprocessing
    output = layouts.find_output(network.cost)
    activation = "nn.Softmax(1)"
    if output is not None:
        activation = layouts.build_part(BUILDERS, output, {}, (network.n_out,), "cost", LIBRARY).code
    has_shifted = any("ShiftedSigmoid" in code for code in (activation, *(part.code for part in parts)))
    restore = "" if flat is None else f".reshape({', '.join(map(str, (-1, flat[-1], *flat[:-1])))})"
    layout = CHANNELS_FIRST if len(network.input_shape) > 1 else "{}"
    dtype = layouts.choose_dtype(model.params)
    return SCRIPT.format(
        classes=scripts.join_classes([SHIFTED_SIGMOID] * has_shifted),
        layers="\n".join(f"    {part.code}," for part in parts),
        double=".double()" if dtype == "float64" else "",
        activation=activation,
        inputs=scripts.write_input_tensors(fitted, ".numpy()"),
        prepare=scripts.write_prepare(fitted, network.input_shape, dtype, layout),
        n_out=network.n_out,
        flat=f"{restore}.movedim(1, -1).flatten(1)" if restore else "",
        predict=scripts.write_predict(fitted, output is None),
    )


def _reorder(params: Mapping[str, Any], order: np.ndarray | None) -> Mapping[str, Any]:
    """Reorder the parameters of a layer that follows Flatten: their last axis belongs to its inputs."""
    if order is None:
        return params
    return {name: value if name == "b" else value[..., order] for name, value in params.items()}


def _build_dense(layer: Dense, params: Mapping[str, Any], shape: Shape) -> Part:
    return Part(f"nn.Linear({shape[0]}, {layer.n_out})", {"weight": params["w"], "bias": params["b"]})


def _build_conv(layer: Conv, params: Mapping[str, Any], shape: Shape) -> Part:
    step = "" if layer.stride == 1 else f", stride={layer.stride}"
    w = np.transpose(params["w"], (0, 3, 1, 2))  # (maps, channels, height, width)
    code = f"nn.Conv2d({shape[-1]}, {layer.maps}, {layer.kernel}{step})"
    return Part(code, {"weight": w, "bias": params["b"]})


def _build_batch_norm(layer: BatchNorm, params: Mapping[str, Any], shape: Shape) -> Part:
    kinds = {1: "BatchNorm1d", 2: "BatchNorm1d", 3: "BatchNorm2d", 4: "BatchNorm3d"}
    if len(shape) not in kinds:
        expected = f"inputs of at most 4 dimensions, as {LIBRARY}'s batch normalization takes"
        raise ShapeError(argument="input_shape", owner="BatchNorm", expected=expected, value=shape)
    momentum = round(1 - float(layer.momentum), 12)  # PyTorch's is the share of the new mean
    tensors = {
        "weight": params["scale"],
        "bias": params["shift"],
        "running_mean": params["mean"],
        "running_var": params["variance"],
        "num_batches_tracked": np.array(0),
    }
    return Part(f"nn.{kinds[len(shape)]}({shape[-1]}, eps={float(layer.epsilon)!r}, momentum={momentum!r})", tensors)


def _build_pool(layer: Pool, params: Mapping[str, Any], shape: Shape) -> Part:
    kind = "MaxPool2d(" if isinstance(layer, MaxPool) else "LPPool2d(2, "  # the norm of squares, as here
    return Part(f"nn.{kind}{layer.size}{'' if layer.stride is None else f', stride={layer.stride}'})")


BUILDERS: dict[type, Build] = {
    Dense: _build_dense,
    Conv: _build_conv,
    MaxPool: _build_pool,
    L2Pool: _build_pool,
    BatchNorm: _build_batch_norm,
    Flatten: lambda layer, params, shape: Part("nn.Flatten()"),
    Dropout: lambda layer, params, shape: Part(f"nn.Dropout({float(layer.p)!r})"),
    Sigmoid: lambda layer, params, shape: Part("nn.Sigmoid()"),
    ShiftedSigmoid: lambda layer, params, shape: Part(
        f"ShiftedSigmoid({float(layer.scale)!r}, {float(layer.shift)!r})"
    ),
    Tanh: lambda layer, params, shape: Part("nn.Tanh()"),
    Linear: lambda layer, params, shape: Part("nn.Identity()"),
    ReLU: lambda layer, params, shape: Part("nn.ReLU()"),
    LeakyReLU: lambda layer, params, shape: Part(f"nn.LeakyReLU({float(layer.a)!r})"),
    ELU: lambda layer, params, shape: Part(f"nn.ELU({float(layer.a)!r})"),
}
"""The functions that build PyTorch's modules, by the class of the layer."""
