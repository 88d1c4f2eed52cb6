"""Whether the parts of a loaded model fit together, found out without trusting any size that a file claims."""

from __future__ import annotations

from math import inf, prod
from typing import TYPE_CHECKING

import numpy as np

from deltarule.core.network import Network
from deltarule.core.trees import Tree, leafwise, leaves
from deltarule.data.arrays import first_not_finite
from deltarule.errors import DivergedError, FileError
from deltarule.models.description import DAMAGE

if TYPE_CHECKING:
    from deltarule.models.model import Model

LARGEST = 10_000_000
"""The most numbers that one input may have: more is damage, and is not tried."""


def checked(network: Network, params: Tree) -> Tree:
    """The parameters, if they are those that the network would start with in name and shape.

    Before it is asked what it would start with, an empty example goes through its layers, so that a
    damaged size, 10¹² neurons say, is found before they are allocated. Raises :class:`FileError` if
    the parameters do not fit, or are not numbers.
    """
    if prod(network.input_shape) > LARGEST:
        raise FileError(f"its network takes inputs of shape {network.input_shape}")
    if any(leaf.dtype.kind != "f" for leaf in leaves(params)):
        raise FileError("its parameters are not numbers")
    x = np.zeros((1, *network.input_shape), np.float32)
    for i, (layer, p, shape) in enumerate(zip(network.layers, params, network.shapes[1:], strict=True)):
        try:
            with np.errstate(all="ignore"):
                x, _ = layer.forward(p, x)
        except DAMAGE as error:
            raise FileError(f"layer {i} cannot use its parameters: {type(error).__name__} {error}") from None
        if x.shape != (1, *shape):
            raise FileError(f"layer {i} has parameters that give {x.shape[1:]}, where the network has {shape}")
    network.cost.activation(x)
    for i, (want, have) in enumerate(zip(_shapes(network.init(0)), _shapes(params), strict=True)):
        if want != have:
            raise FileError(f"layer {i} has parameters of shapes {have}, where the network has {want}")
    return params


def check_finite(params: Tree) -> None:
    """Raises :class:`DivergedError` for a parameter that is NaN or infinite, by its layer: it would answer anyhow."""
    for i, layer in enumerate(params):
        for name, leaf in layer.items():
            if (at := first_not_finite(leaf)) is not None:
                raise DivergedError(
                    f"layer {i}: expected finite parameters, got {leaf[at]} in {name} at {list(at)}; the training "
                    "diverged, or the file it came from is damaged: train again at a smaller eta"
                )


def _shapes(tree: Tree) -> list[dict[str, tuple[int, ...]]]:
    return leafwise(lambda leaf: leaf.shape, tree)


def fits(model: Model) -> None:
    """Raises :class:`FileError` if the labels do not fit the network, or the inputs' scale cannot be."""
    if not 0 < model.scale < inf:
        raise FileError(f"it divides inputs by {model.scale}")
    if model.encoding.n_out != model.network.n_out:
        raise FileError(f"its labels are encoded by {model.encoding.n_out} outputs, but it has {model.network.n_out}")
