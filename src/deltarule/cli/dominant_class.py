"""The warning that most answers are the same, with the likeliest cause."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from deltarule.data.dataset import Dataset
from deltarule.models.dominance import FEWEST, find_dominance, guess_cause
from deltarule.models.labels import name_class
from deltarule.models.predictor import Predictor


def find_dominant(model: Predictor, dataset: Dataset, confusions: np.ndarray | None) -> dict[str, Any] | None:
    """Describe for the JSON result a class that most answers fall into, far more than labels; None if there is none."""
    found = None if confusions is None else find_dominance(confusions)
    if found is None:
        return None
    return {
        "class": name_class(model, found.label),
        "share_of_answers": found.predicted,
        "share_of_labels": found.true,
        "cause": guess_cause(model, dataset),
    }


def explain_misfit(model: Predictor, dataset: Dataset, confusions: np.ndarray | None) -> str:
    """Return the likeliest cause for which other data than those of the training are told no better than by chance.

    Returns "" if they are told better, or if there are too few to tell.
    """
    if confusions is None or confusions.sum() < FEWEST or (confusions.sum(axis=1) > 0).sum() < 2:
        return ""
    is_bad = confusions.trace() <= confusions.sum(axis=1).max()
    return f"The likeliest cause: {guess_cause(model, dataset)}" if is_bad else ""


def format_dominant(dominant: Mapping[str, Any]) -> str:
    """Format the warning.

    >>> found = {"class": "1", "share_of_answers": 0.93, "share_of_labels": 0.1, "cause": "all inputs are alike"}
    >>> format_dominant(found)
    '93 % of the answers are 1, but only 10 % of the labels; likely cause: all inputs are alike'
    """
    answers, labels = (f"{100 * dominant[f'share_of_{name}']:.0f} %" for name in ("answers", "labels"))
    few = f"but only {labels} of the labels" if dominant["share_of_labels"] else "but none of the labels"
    return f"{answers} of the answers are {dominant['class']}, {few}; likely cause: {dominant['cause']}"
