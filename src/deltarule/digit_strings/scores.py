"""How likely it is that a piece of ink is one whole digit, and which: what the network says of it."""

from __future__ import annotations

import numpy as np

from deltarule.core.constraints import Constraint
from deltarule.core.costs import LabelSmoothing
from deltarule.data.encodings import OneHot
from deltarule.models.predictor import Predictor, TrainedNetwork

NO_DIGIT = "no digit"
"""The class of what is half a digit, or more than one: networks that know it were taught with pieces cut wrongly."""

ONE_EACH = Constraint(
    "an output for each digit, as OneHot(10) has",
    lambda encoding: isinstance(encoding, OneHot) and encoding.n_out > 1,
)

_NEAR = np.log(0.02)  # of the best label: less is no digit
_LEAST = 1e-6  # of a probability, so that one answer alone cannot rule out a string


def digit_names(model: Predictor) -> tuple[str, ...]:
    """The names of the classes that can stand in a row, in the order of the scores."""
    names = model.classes or tuple(map(str, range(model.encoding.n_out)))
    return tuple(name for name in names if name != NO_DIGIT)


def score_images(model: Predictor, images: np.ndarray) -> np.ndarray:
    """ln of the probability that each image is a whole digit and this one, (n, labels).

    Where outputs are shares that sum to 1 (softmax), that of the label: a network that knows :data:`NO_DIGIT`
    gives to it what is none. Where they are independent (sigmoid), a_d Π (1 − a_k) over the others, k ≠ d,
    which is small where no neuron fires, or several do. What labels were smoothed by is undone. Of an ensemble,
    the mean of its members' ln; what is no digit to the first of them is not shown to the others.
    """
    first, *others = model.models
    found = _scores(first, images)
    near = np.flatnonzero(found.max(axis=1) > _NEAR)
    if len(near) and others:
        found[near] = np.mean([found[near], *(_scores(member, images[near]) for member in others)], axis=0)
    return found


def _scores(model: TrainedNetwork, images: np.ndarray) -> np.ndarray:
    names = model.classes or tuple(map(str, range(model.encoding.n_out)))
    kept = [i for i, name in enumerate(names) if name != NO_DIGIT]
    a = model.outputs(images).astype(np.float64)
    if isinstance(cost := model.network.cost, LabelSmoothing):  # y′ is what the network learned, and y what is asked
        a = (a - cost.epsilon / max(2, a.shape[1])) / (1 - cost.epsilon)
    sum_is_one = np.allclose(a.sum(axis=1), 1, atol=1e-3)
    a = np.clip(a, _LEAST, 1 - _LEAST)
    if sum_is_one:
        return np.log(a[:, kept])
    against = np.log1p(-a)
    return np.asarray((np.log(a) - against + against.sum(axis=1, keepdims=True))[:, kept])
