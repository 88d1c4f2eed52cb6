"""Whether the parts of a loaded model fit together, found out without trusting any size that a file claims."""

from __future__ import annotations

from math import inf, prod
from typing import TYPE_CHECKING, Any

import numpy as np

from deltarule.core import random
from deltarule.core.network import Network
from deltarule.core.trees import Tree, leaves
from deltarule.errors import FileError

if TYPE_CHECKING:
    from deltarule.models.model import Model

TRIAL = 10_000_000
"""The most numbers in any layer of a network that is tried out when it is loaded."""


def checked(network: Network, params: Tree) -> Tree:
    """The parameters, if they are those that the network would start with in name and shape.

    Raises :class:`FileError` if not, or if they are not numbers.
    """
    if any(type(n) is not int or n < 1 for n in network.input_shape):
        raise FileError(f"its network takes inputs of shape {network.input_shape}")
    if any(leaf.dtype.kind not in "fiu" for leaf in leaves(params)):
        raise FileError("its parameters are not numbers")
    rng = random.fold((_Bounded(1000 + 10 * sum(leaf.size for leaf in leaves(params))),), 0)
    for i, (layer, shape, found) in enumerate(zip(network.layers, network.shapes, params, strict=False)):
        want = {name: leaf.shape for name, leaf in layer.init(rng, shape).items()}
        have = {name: leaf.shape for name, leaf in found.items()}
        if want != have:
            raise FileError(f"layer {i} has parameters of shapes {have}, where the network has {want}")
    return params


class _Bounded:
    """The words of a random key that draws no more than ``most`` numbers at once.

    With it a layer says what parameters it would have, and one whose size is damaged, 10¹² neurons
    say, is found before they are allocated. It is its own array namespace: NumPy, but for the bound.
    """

    def __init__(self, most: int) -> None:
        self.most = most

    def __array_namespace__(self) -> _Bounded:
        return self

    def __add__(self, lanes: np.ndarray) -> np.ndarray:
        return lanes

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def arange(self, n: int, **options: Any) -> np.ndarray:
        if n > self.most:
            raise FileError(f"its network would draw {n} parameters at once, many more than the file holds")
        return np.arange(n, **options)


def trial(model: Model) -> None:
    """Lets the model read one empty example; raises whatever comes of it if its parts do not fit."""
    network = model.network
    if not 0 < model.scale < inf:
        raise FileError(f"it divides inputs by {model.scale}")
    if model.encoding.n_out != network.n_out:
        raise FileError(f"its labels are encoded by {model.encoding.n_out} outputs, but it has {network.n_out}")
    if max(map(prod, network.shapes)) <= TRIAL:
        with np.errstate(all="ignore"):
            model.predict(np.zeros((1, *network.input_shape), np.float32))
