"""Networks for Keras 3: a script that builds a ``keras.Sequential``, and its parameters in a safetensors file."""

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
from deltarule.core.pooling import L2Pool, MaxPool
from deltarule.core.trees import Tree
from deltarule.core.windows import pair
from deltarule.exchange import layouts, scripts
from deltarule.exchange.layouts import Build, Part
from deltarule.models.model import Model
from deltarule.models.predictor import Predictor

LIBRARY = "Keras"

L2_POOL = '''\
class L2Pool(keras.layers.Layer):
    """The root of the sum of squares of each region."""

    def __init__(self, size, stride, **settings):
        super().__init__(**settings)
        self.size, self.stride = size, stride

    def call(self, x):
        mean = keras.ops.average_pool(x * x, self.size, self.stride, data_format="channels_last")
        return keras.ops.sqrt(self.size[0] * self.size[1] * mean)
'''

SHIFTED_SIGMOID = '''\
class ShiftedSigmoid(keras.layers.Layer):
    """scale · σ(z) + shift."""

    def __init__(self, scale, shift, **settings):
        super().__init__(**settings)
        self.scale, self.shift = scale, shift

    def call(self, z):
        return self.scale * keras.ops.sigmoid(z) + self.shift
'''

SCRIPT = '''\
"""A network that deltarule trained, for Keras 3; its parameters are in the .safetensors file of the same name."""

from pathlib import Path

import keras
import numpy as np
from safetensors.numpy import load_file

{classes}network = keras.Sequential([
    {first},
{layers}
])
activation = {activation}
tensors = load_file(Path(__file__).with_suffix(".safetensors"))
{inputs}for i, layer in enumerate(network.layers):
    for variable in layer.weights:
        variable.assign(tensors[f"{{i}}.{{variable.name}}"])


{prepare}

def outputs(x):
    """Compute the outputs of the network for raw examples, shape (n, {n_out})."""
    x = prepare(x)
    z = network.predict(x, verbose=0) if len(x) else np.zeros((0, {n_out}), x.dtype)
    return keras.ops.convert_to_numpy(activation(z))


{predict}'''


def save_keras(model: Predictor, path: str | PathLike[str]) -> tuple[Path, Path]:
    """Write a model as a script for Keras 3, and its parameters to a safetensors file of the same name.

    The script builds a ``keras.Sequential`` that computes the last weighted inputs, and loads its parameters. Its
    functions ``prepare``, ``outputs`` and ``predict`` take raw examples: they contain the preprocessing, the output
    activation and the names of the classes. A parameter has the number of its layer and Keras's name, ``0.kernel``.

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
    ...     [one.name for one in save_keras(model, Path(folder) / "mine.py")]
    ['mine.py', 'mine.safetensors']
    """
    script = scripts.check_path(path)
    checked = layouts.check_model(model)
    parts = build_parts(checked.network, checked.params)
    tensors = layouts.name_tensors(parts, layouts.choose_dtype(checked.params))
    tensors |= scripts.list_input_tensors(checked.preprocessing)
    return scripts.save_pair(script, write_script(checked, parts), tensors)


def build_parts(network: Network, params: Tree) -> list[Part]:
    """Build Keras's layers, which have the channels last, as ours.

    >>> network = Network.dense([4, 3, 2])
    >>> parts = build_parts(network, network.init(seed=1))
    >>> parts[0].code, parts[0].tensors["kernel"].shape
    ('keras.layers.Dense(3)', (4, 3))
    """
    return [
        layouts.build_part(BUILDERS, layer, own, shape, position, LIBRARY)
        for position, layer, own, shape in layouts.list_layers(network, params)
    ]


def write_script(model: Model, parts: list[Part]) -> str:
    """Write the script, from the parts of :func:`build_parts`."""
    network, fitted = model.network, model.preprocessing
    output = layouts.find_output(network.cost)
    activation = "keras.layers.Softmax()"
    if output is not None:
        activation = layouts.build_part(BUILDERS, output, {}, (network.n_out,), "cost", LIBRARY).code
    codes = [*(part.code for part in parts), activation]
    classes = [text for text in (L2_POOL, SHIFTED_SIGMOID) if any(text.startswith(f"class {_name(c)}(") for c in codes)]
    dtype = layouts.choose_dtype(model.params)
    return SCRIPT.format(
        classes=scripts.join_classes(classes),
        first=_set_dtype(f"keras.Input({network.input_shape})", dtype),
        layers="\n".join(f"    {_set_dtype(part.code, dtype)}," for part in parts),
        activation=_set_dtype(activation, dtype),
        inputs=scripts.write_input_tensors(fitted, ""),
        prepare=scripts.write_prepare(fitted, network.input_shape, dtype),
        n_out=network.n_out,
        predict=scripts.write_predict(fitted, output is None),
    )


def _set_dtype(code: str, dtype: str) -> str:
    """Let a layer compute in float64, whatever the default of the program; on JAX also JAX_ENABLE_X64=1 is needed.

    >>> _set_dtype("keras.layers.ReLU()", "float64"), _set_dtype("keras.layers.ReLU()", "float32")
    ('keras.layers.ReLU(dtype="float64")', 'keras.layers.ReLU()')
    """
    if dtype == "float32":
        return code
    return f'{code.removesuffix(")")}{"" if code.endswith("()") else ", "}dtype="{dtype}")'


def _name(code: str) -> str:
    """Return the name of the class that an expression builds an object of."""
    return code.partition("(")[0]


def _build_dense(layer: Dense, params: Mapping[str, Any], shape: Shape) -> Part:
    return Part(f"keras.layers.Dense({layer.n_out})", {"kernel": params["w"].T, "bias": params["b"]})


def _build_conv(layer: Conv, params: Mapping[str, Any], shape: Shape) -> Part:
    step = "" if layer.stride == 1 else f", strides={layer.stride}"
    w = np.transpose(params["w"], (1, 2, 3, 0))  # (height, width, channels, maps)
    code = f'keras.layers.Conv2D({layer.maps}, {layer.kernel}{step}, data_format="channels_last")'
    return Part(code, {"kernel": w, "bias": params["b"]})


def _build_batch_norm(layer: BatchNorm, params: Mapping[str, Any], shape: Shape) -> Part:
    code = f"keras.layers.BatchNormalization(epsilon={float(layer.epsilon)!r}, momentum={float(layer.momentum)!r})"
    names = {"gamma": "scale", "beta": "shift", "moving_mean": "mean", "moving_variance": "variance"}
    return Part(code, {theirs: params[ours] for theirs, ours in names.items()})


def _build_max_pool(layer: MaxPool, params: Mapping[str, Any], shape: Shape) -> Part:
    step = "" if layer.stride is None else f", strides={layer.stride}"
    return Part(f'keras.layers.MaxPooling2D({layer.size}{step}, data_format="channels_last")')


def _build_shifted_sigmoid(layer: ShiftedSigmoid, params: Mapping[str, Any], shape: Shape) -> Part:
    return Part(f"ShiftedSigmoid({float(layer.scale)!r}, {float(layer.shift)!r})")


def _build_activation(name: str) -> Build:
    return lambda layer, params, shape: Part(f'keras.layers.Activation("{name}")')


BUILDERS: dict[type, Build] = {
    Dense: _build_dense,
    Conv: _build_conv,
    MaxPool: _build_max_pool,
    L2Pool: lambda layer, params, shape: Part(f"L2Pool({pair(layer.size)}, {layer.step})"),
    BatchNorm: _build_batch_norm,
    Flatten: lambda layer, params, shape: Part('keras.layers.Flatten(data_format="channels_last")'),
    Dropout: lambda layer, params, shape: Part(f"keras.layers.Dropout({float(layer.p)!r})"),
    Sigmoid: _build_activation("sigmoid"),
    ShiftedSigmoid: lambda layer, params, shape: Part(
        f"ShiftedSigmoid({float(layer.scale)!r}, {float(layer.shift)!r})"
    ),
    Tanh: _build_activation("tanh"),
    Linear: _build_activation("linear"),
    ReLU: lambda layer, params, shape: Part("keras.layers.ReLU()"),
    LeakyReLU: lambda layer, params, shape: Part(f"keras.layers.LeakyReLU(negative_slope={float(layer.a)!r})"),
    ELU: lambda layer, params, shape: Part(f"keras.layers.ELU(alpha={float(layer.a)!r})"),
}
"""The functions that build Keras's layers, by the class of the layer."""
