"""Networks that the book's network2 saved, as models: their inputs are the bytes of MNIST divided by 256."""

from __future__ import annotations

from pathlib import Path

from deltarule.book import network2, network2_files
from deltarule.core.costs import CrossEntropy, Quadratic
from deltarule.core.network import Network
from deltarule.data.encodings import OneHot, OneVsRest
from deltarule.data.photo import AS_MNIST
from deltarule.models.model import Model
from deltarule.preprocessing import Preprocessing, Scaling

COSTS = {"CrossEntropyCost": CrossEntropy(), "QuadraticCost": Quadratic()}
"""The costs of network2 by the names of their classes."""

MNIST_SHAPE = (28, 28)
DIGITS = tuple("0123456789")


def read_model(path: Path) -> Model:
    """Read a network that network2 saved.

    With 784 inputs, as the book has, the examples are MNIST's images: bytes, divided by 256. Other inputs are taken as
    they are. Ten outputs are the digits. Raises :class:`FileError` for another file.
    """
    sizes, weights, biases, cost = network2_files.read(path, vars(network2))
    network = Network.dense(sizes, cost=COSTS[cost.__name__])
    params: list[dict[str, object]] = [{} for _ in network.layers]
    places = [i for i, layer in enumerate(network.init(0)) if layer]
    for i, w, b in zip(places, weights, biases, strict=True):
        params[i] = {"w": w, "b": b[:, 0]}
    n_in, n_out = sizes[0], sizes[-1]
    encoding = OneHot(n_out) if n_out > 1 else OneVsRest(1)
    classes = DIGITS if n_out == len(DIGITS) else ()
    if n_in != MNIST_SHAPE[0] * MNIST_SHAPE[1]:
        return Model(network, params, Preprocessing(encoding, Scaling(), classes, (n_in,)))
    fitted = Preprocessing(encoding, Scaling(256.0), classes, MNIST_SHAPE, style=AS_MNIST)
    return Model(network, params, fitted)
