"""Units that are dead or saturated: they give nearly the same for all examples, and hardly learn."""

from __future__ import annotations

from math import isfinite
from typing import NamedTuple

import numpy as np

from deltarule.core.activations import Activation
from deltarule.models.predictor import TrainedNetwork


class IdleUnits(NamedTuple):
    """The units of an activation layer that are idle: ``layer`` counts from 1, ``what`` says how they are idle."""

    layer: int
    name: str
    idle: int
    units: int
    what: str


def count_idle_units(model: TrainedNetwork, x: np.ndarray) -> list[IdleUnits]:
    """Count in each activation layer the units that always give the same, or nearly a limit of their activation.

    Args:
        model: The model.
        x: Prepared inputs, (n, …).

    >>> import deltarule as dr
    >>> from deltarule.data import OneHot
    >>> from deltarule.preprocessing import Preprocessing
    >>> network = dr.Network([dr.Dense(3), dr.Sigmoid(), dr.Dense(2)], dr.CrossEntropy(), (2,))
    >>> params = [{"w": np.full((3, 2), 99.0), "b": np.zeros(3)}, {}, {"w": np.zeros((2, 3)), "b": np.zeros(2)}]
    >>> model = dr.Model(network, params, Preprocessing(OneHot(2)))
    >>> [(one.layer, one.idle, one.units) for one in count_idle_units(model, np.ones((5, 2)))]
    [(2, 3, 3)]
    """
    dtype = np.result_type(*(leaf.dtype for layer in model.params for leaf in layer.values()), np.float32)
    a, found = x.astype(dtype).reshape(len(x), *model.network.input_shape), []
    with np.errstate(all="ignore"):
        for i, (layer, params) in enumerate(zip(model.network.layers, model.params, strict=True), 1):
            z = a
            a = np.asarray(layer.forward(params, z)[0])
            if isinstance(layer, Activation):
                found.append(IdleUnits(i, layer.__class__.__name__, *_count_idle(layer, z, a)))
    return found


def _count_idle(layer: Activation, z: np.ndarray, a: np.ndarray) -> tuple[int, int, str]:
    """Count the units that are dead or saturated for nearly all examples, and all units; say which."""
    low, high = layer.bounds
    by_unit = a.reshape(-1, a.shape[-1])
    if isfinite(low) and isfinite(high):
        edge = 0.01 * (high - low)
        idle = ((by_unit < low + edge) | (by_unit > high - edge)).mean(axis=0) >= 0.95
        return int(idle.sum()), len(idle), "saturated: near a limit for nearly all examples"
    slope = np.asarray(layer.derivative(z, a)).reshape(-1, a.shape[-1])
    idle = (slope == 0).all(axis=0)
    return int(idle.sum()), len(idle), "dead: 0 for all examples"
