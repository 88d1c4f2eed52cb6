"""The judgement of a model about an example: an answer, unsure between several classes, or nothing that it knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from deltarule.data.dataset import Dataset
from deltarule.handwriting.no_answers import NO_ANSWERS
from deltarule.models.confidence import Confidence, fit_confidence
from deltarule.models.ensemble import Ensemble
from deltarule.models.metrics import check_dataset
from deltarule.models.model import Model

if TYPE_CHECKING:
    from deltarule.models.predictor import Predictor

ANSWER, UNSURE, NONE = "answer", "unsure", "none"
"""The kinds of judgements."""

FEWEST = 50
"""The fewest validation examples that a confidence is fitted to."""

_MASS = 0.9  # the share of the answers that the candidates have together
_MOST = 3  # candidates

M = TypeVar("M", bound=Model | Ensemble)


@dataclass(frozen=True)
class Judgement:
    """The judgement about one example.

    Attributes:
        kind: "answer", "unsure" or "none".
        label: The name of the class with the largest share, whatever the kind.
        shares: The calibrated share of each class; those of a reader sum to less than 1 by ``none``.
        none: The share of the classes that are no answer, such as "no digit"; 0 for a model without them.
        candidates: The names of the classes that are likely, the likeliest first; one for an answer.
    """

    kind: str
    label: str
    shares: Mapping[str, float]
    none: float
    candidates: tuple[str, ...]


def calibrate(model: M, validation: Dataset) -> M:
    """Return the model with a confidence that is fitted to a validation set.

    A model of fewer than two classes is returned as it is, and so is one with fewer than 50 examples, which
    do not tell how sure it may be.

    >>> from deltarule import Network, fit
    >>> from deltarule.data import load
    >>> train, validation, test = load("digits")
    >>> model = calibrate(fit(Network.dense([64, 30, 10]), train, epochs=5), validation)
    >>> 0.1 < model.confidence.temperature < 2, judge(model, test.x[:1])[0].kind
    (True, 'answer')
    """
    check_dataset(validation)
    labels = model.preprocessing.find_labels(validation)
    if not has_classes(model) or len(validation) < FEWEST:
        return model
    return replace(model, confidence=fit_confidence(*model.predict_with_energies(validation), labels))


def has_classes(model: Predictor) -> bool:
    """Return whether a model has an output for each of two or more classes."""
    from deltarule.data.encodings import OneHot

    return isinstance(model.encoding, OneHot) and model.encoding.n_out > 1


def judge(model: Predictor, x: np.ndarray | Dataset) -> list[Judgement]:
    """Judge examples, given as for :meth:`Model.predict_proba`, by the confidence of the model.

    Without a confidence the model is sure of everything.
    """
    confidence = model.confidence or Confidence()
    probabilities, energies = model.predict_with_energies(x)
    shares = confidence.calibrate(probabilities)
    names = (*model.classes, *map(str, range(len(model.classes), shares.shape[1])))
    unlike = energies > confidence.most_energy
    return [_judge(names, row, bool(one), confidence) for row, one in zip(shares, unlike, strict=True)]


def _judge(names: Sequence[str], row: np.ndarray, is_unlike: bool, confidence: Confidence) -> Judgement:
    """Judge one example by the shares of its classes."""
    shares = {name: float(share) for name, share in zip(names, row, strict=True) if name not in NO_ANSWERS}
    none = float(sum(share for name, share in zip(names, row, strict=True) if name in NO_ANSWERS))
    order = sorted(shares, key=lambda name: -shares[name])
    best = order[0]
    if is_unlike or (shares[best] < confidence.least_share and none > shares[best]):
        return Judgement(NONE, best, shares, none, ())
    if shares[best] >= confidence.least_share:
        return Judgement(ANSWER, best, shares, none, (best,))
    candidates, mass = [best], shares[best]
    for name in order[1:_MOST]:
        if mass >= _MASS * sum(shares.values()):
            break
        candidates.append(name)
        mass += shares[name]
    return Judgement(UNSURE, best, shares, none, tuple(candidates))
