"""The probability that a piece of ink is one whole digit, and which, by the network's outputs."""

from __future__ import annotations

import numpy as np

from deltarule.core.constraints import Constraint
from deltarule.core.costs import LabelSmoothing
from deltarule.data.encodings import OneHot
from deltarule.handwriting.no_answers import NO_ANSWERS
from deltarule.models.predictor import Predictor, TrainedNetwork

ONE_EACH = Constraint(
    "an output for each digit, as OneHot(10) has",
    lambda encoding: isinstance(encoding, OneHot) and encoding.n_out > 1,
)

_NEAR = np.log(0.02)  # a piece whose best label scores less is no digit
_LEAST = 1e-6  # least probability, so that no single piece rules out a string


def list_digit_names(model: Predictor) -> tuple[str, ...]:
    """Return the names of the classes that are digits, in the order of the scores."""
    names = model.classes or tuple(map(str, range(model.encoding.n_out)))
    return tuple(name for name in names if name not in NO_ANSWERS)


def score_images(model: Predictor, images: np.ndarray) -> np.ndarray:
    """Compute, for each image and label, ln of the probability that the image is one whole digit with this label.

    For outputs that sum to 1 (softmax) this is the label's output, as "no digit" takes the rest. For independent
    outputs (sigmoid) it is a_d Π (1 − a_k) over all k ≠ d, which is small if no neuron fires or several do. Label
    smoothing is undone. An ensemble takes the mean of its members' ln; images that the first member finds to be no
    digit are not given to the others.
    """
    first, *others = model.models
    found = _scores(first, images)
    near = np.flatnonzero(found.max(axis=1) > _NEAR)
    if len(near) and others:
        found[near] = np.mean([found[near], *(_scores(member, images[near]) for member in others)], axis=0)
    return found


def _scores(model: TrainedNetwork, images: np.ndarray) -> np.ndarray:
    names = model.classes or tuple(map(str, range(model.encoding.n_out)))
    kept = [i for i, name in enumerate(names) if name not in NO_ANSWERS]
    a = model.outputs(images).astype(np.float64)
    if isinstance(cost := model.network.cost, LabelSmoothing):  # from the smoothed y′ back to y
        a = (a - cost.epsilon / max(2, a.shape[1])) / (1 - cost.epsilon)
    sum_is_one = np.allclose(a.sum(axis=1), 1, atol=1e-3)
    a = np.clip(a, _LEAST, 1 - _LEAST)
    if sum_is_one:
        return np.log(a[:, kept])
    against = np.log1p(-a)
    return np.asarray((np.log(a) - against + against.sum(axis=1, keepdims=True))[:, kept])
