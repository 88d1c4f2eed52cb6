"""Networks of the book's third program in files: model files of the library, read back as the book's layers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import prod
from pathlib import Path
from typing import Any

from deltarule.book.network3_arrays import FUNCTIONS
from deltarule.book.network3_layers import LAYERS, Crop, PublishedDropout
from deltarule.book.network3_parts import BookLayer, ConvPoolLayer, FullyConnectedLayer, SoftmaxLayer
from deltarule.core.convolution import Conv
from deltarule.core.layer import Layer
from deltarule.core.layers import Dense, Flatten
from deltarule.core.network import Network
from deltarule.core.pooling import MaxPool
from deltarule.core.windows import pair
from deltarule.errors import FileError
from deltarule.models import files
from deltarule.models.description import check_custom
from deltarule.models.model import Model, pack_model, unpack_model

KEY = "network3"
"""Where the description says what the library's model does not: the size of the mini-batches."""


def write(path: Path, model: Model, mini_batch_size: int) -> None:
    """Writes a model file, which ``deltarule.load(path, custom=LAYERS)`` reads as well."""
    tensors, description = pack_model(model)
    files.write(path, tensors, {**description, KEY: {"mini_batch_size": mini_batch_size}})


def read(
    path: Path, custom: Iterable[type], chained: Callable[[list[BookLayer], int], Network]
) -> tuple[list[BookLayer], int, Model]:
    """Read ``(layers, mini_batch_size, model)`` as :func:`write` wrote them.

    ``chained`` makes the library's network of the book's layers again.

    Raises :class:`FileError` if that is not the very network that the file describes.
    """
    tensors, description = files.read(path)
    if not isinstance(description.get(KEY), dict):
        problem = "expected a network of network3, got another model"
        raise FileError(problem, path=path, remedy="read it with deltarule.load")
    model = unpack_model(path, tensors, description, [*LAYERS, *check_custom(custom)])
    size: Any = description[KEY].get("mini_batch_size")
    with files.reading(path):
        layers = _layers(model.network, size)
        if chained(layers, size) != model.network:
            raise FileError("the file is damaged: expected layers that network3 makes, got others")
    return layers, size, model


def _layers(network: Network, size: int) -> list[BookLayer]:
    """The book's layers of which the network's were made; what does not belong there is found by comparison."""
    found: list[BookLayer] = []
    rest = list(zip(network.layers, network.shapes, strict=False))
    functions = {activation: function for function, activation in FUNCTIONS.items()}

    def next_of(kind: type) -> Any:
        return rest.pop(0)[0] if rest and isinstance(rest[0][0], kind) else None

    while rest:
        incoming = rest[0][1]
        next_of(Crop)
        if conv := next_of(Conv):
            height, width, channels = incoming
            pool = next_of(MaxPool)
            activation = next_of(Layer)
            found.append(
                ConvPoolLayer(
                    (conv.maps, channels, *pair(conv.kernel)),
                    (size, channels, height, width),
                    pair(pool.size) if pool else (1, 1),
                    functions.get(activation, activation),
                )
            )
            continue
        next_of(Flatten)
        dropout, dense, n_in = next_of(PublishedDropout), next_of(Dense), prod(incoming)
        p = dropout.p if dropout else 0.0
        if rest:
            activation = next_of(Layer)
            found.append(FullyConnectedLayer(n_in, dense.n_out, functions.get(activation, activation), p))
        else:
            found.append(SoftmaxLayer(n_in, dense.n_out, p))
    return found
