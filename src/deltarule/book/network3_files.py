"""Files for networks of the book's third program: model files of the library, read back as the book's layers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

from deltarule.book.network3_arrays import FUNCTIONS
from deltarule.book.network3_layers import LAYERS, Crop, PublishedConvPool, PublishedDropout
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
from deltarule.models.model import Model, pack_model
from deltarule.models.unpacking import unpack_model

KEY = "network3"
"""The key of the description for the size of the mini-batches, which the library's model does not have."""


def write(path: Path, model: Model, mini_batch_size: int) -> None:
    """Write a model file, which ``deltarule.load(path, custom=LAYERS)`` also reads."""
    tensors, description = pack_model(model)
    files.write(path, tensors, {**description, KEY: {"mini_batch_size": mini_batch_size}})


def read(
    path: Path, custom: Iterable[type], build_network: Callable[[list[BookLayer], int], Network]
) -> tuple[list[BookLayer], int, Model]:
    """Read ``(layers, mini_batch_size, model)`` as :func:`write` wrote them.

    ``build_network`` builds the library's network from the book's layers. Raise :class:`FileError` if it differs from
    the network in the file.
    """
    tensors, description = files.read(path)
    if not isinstance(description.get(KEY), dict):
        problem = "expected a network of network3, got another model"
        raise FileError(problem, path=path, remedy="read it with deltarule.load")
    model = unpack_model(path, tensors, description, [*LAYERS, *check_custom(custom)])
    size: Any = description[KEY].get("mini_batch_size")
    with files.reading(path):
        layers = _restore_layers(model.network, size)
        if build_network(layers, size) != _join_pools(model.network):
            raise FileError("expected layers of network3, got others; the file is damaged")
    return layers, size, model


def _join_pools(network: Network) -> Network:
    """Return a network of an older file, with ``Conv`` and ``MaxPool``, as the same function of the present layers."""
    layers: list[Layer] = []
    for layer in network.layers:
        last = layers[-1] if layers else None
        if type(layer) is Conv:
            layers.append(PublishedConvPool(layer.maps, pair(layer.kernel), (1, 1), layer.initializer))
        elif type(layer) is MaxPool and type(last) is PublishedConvPool:
            layers[-1] = replace(last, pool=pair(layer.size))
        elif type(layer) is not Crop:
            layers.append(layer)
    return Network(layers, network.cost, network.input_shape)


def _restore_layers(network: Network, size: int) -> list[BookLayer]:
    """Restore the book's layers from the network's; the caller compares the result to find other layers."""
    found: list[BookLayer] = []
    joined = _join_pools(network)
    rest = list(zip(joined.layers, joined.shapes, strict=False))
    functions = {activation: function for function, activation in FUNCTIONS.items()}

    def take_next(kind: type) -> Any:
        return rest.pop(0)[0] if rest and isinstance(rest[0][0], kind) else None

    while rest:
        incoming = rest[0][1]
        if conv := take_next(PublishedConvPool):
            height, width, channels = incoming
            activation = take_next(Layer)
            found.append(
                ConvPoolLayer(
                    (conv.maps, channels, *pair(conv.kernel)),
                    (size, channels, height, width),
                    pair(conv.pool),
                    functions.get(activation, activation),
                )
            )
            continue
        take_next(Flatten)
        dropout, dense, n_in = take_next(PublishedDropout), take_next(Dense), prod(incoming)
        p = dropout.p if dropout else 0.0
        if rest:
            activation = take_next(Layer)
            found.append(FullyConnectedLayer(n_in, dense.n_out, functions.get(activation, activation), p))
        else:
            found.append(SoftmaxLayer(n_in, dense.n_out, p))
    return found
