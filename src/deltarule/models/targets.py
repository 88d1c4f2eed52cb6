"""Checks that a cost allows the desired outputs of a data set, before it is computed."""

from __future__ import annotations

from math import isinf

import numpy as np

from deltarule.core.costs import Cost
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import Standardized
from deltarule.errors import InvalidArgument
from deltarule.preprocessing import Preprocessing

ROUNDING = 1e-3
"""The tolerance for targets: distributions are often written with three decimal places."""


def check_targets(cost: Cost, preprocessing: Preprocessing, **datasets: Dataset | None) -> None:
    """Raise :class:`InvalidArgument`, with the argument's name, for desired outputs that the cost does not allow.

    >>> from deltarule import CrossEntropy
    >>> from deltarule.data import Real
    >>> line = Dataset(np.ones((2, 1)), np.array([0.5, 3.0]), "line", encoding=Real())
    >>> check_targets(CrossEntropy(), Preprocessing.fit(line), train=line)
    Traceback (most recent call last):
        ...
    deltarule.errors.InvalidArgument: train: expected targets from 0 to 1, as CrossEntropy() needs, got 0.5 to 3 ...
    """
    low, high = cost.bounds
    for name, dataset in datasets.items():
        if dataset is None:
            continue
        if not len(dataset):
            problem = f"expected at least one example, got the empty data set {dataset.name!r}"
            raise InvalidArgument(problem, argument=name, value=dataset)
        y = preprocessing.encode(dataset)
        if y.min() < low - ROUNDING or y.max() > high + ROUNDING:
            expected = f"targets {_format_range(low, high)}, as {cost} needs"
            raise InvalidArgument(
                f"expected {expected}, got {y.min():g} to {y.max():g} in {dataset.name}",
                argument=name,
                value=dataset,
                expected=expected,
                remedy="scale the targets to this range, or use Quadratic(Linear()), which allows all numbers",
            )
        wrong = np.zeros(len(y), bool) if cost.total is None else abs(y.sum(axis=1) - cost.total) > ROUNDING
        if wrong.any():
            at = int(wrong.argmax())
            expected = f"the targets of each example to sum to {cost.total:g}, as {cost} needs"
            raise InvalidArgument(
                f"expected {expected}, got a sum of {y[at].sum():g} in example {at} of {dataset.name}",
                argument=name,
                value=dataset,
                expected=expected,
                remedy="use CrossEntropy(), or an encoding whose targets sum to 1, such as OneHot(10)",
            )


def _format_range(low: float, high: float) -> str:
    if isinf(high):
        return f"of {low:g} or more"
    return f"up to {high:g}" if isinf(low) else f"from {low:g} to {high:g}"


def check_accuracy(argument: str, validation: Dataset | None) -> None:
    """Raise :class:`InvalidArgument` if there is no validation accuracy, nor R², which ``argument`` needs."""
    has_score = validation is not None and (
        isinstance(validation.encoding, Standardized) or validation.labels.dtype.kind != "f"
    )
    if not has_score:
        raise InvalidArgument(
            "expected a validation accuracy in each epoch, got none",
            argument=argument,
            remedy="pass a validation set whose labels are classes",
        )
