"""Checks that a cost allows the desired outputs of a data set, before it is computed."""

from __future__ import annotations

from math import isinf

import numpy as np

from deltarule.core.costs import Cost
from deltarule.core.step_costs import SumOverSteps
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import Standardized
from deltarule.data.step_labels import StepLabels
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
        y = _list_answers(cost, preprocessing, dataset, name)
        least, most = np.nanmin(y), np.nanmax(y)
        if least < low - ROUNDING or most > high + ROUNDING:
            expected = f"targets {_format_range(low, high)}, as {cost} needs"
            raise InvalidArgument(
                f"expected {expected}, got {least:g} to {most:g} in {dataset.name}",
                argument=name,
                value=dataset,
                expected=expected,
                remedy="scale the targets to this range, or use Quadratic(Linear()), which allows all numbers",
            )
        sums = y.sum(axis=2)
        wrong = np.zeros(sums.shape, bool) if cost.total is None else abs(sums - cost.total) > ROUNDING
        if wrong.any():
            at, step = map(int, np.argwhere(wrong)[0])
            place = f"example {at}" if sums.shape[1] == 1 else f"step {step} of example {at}"
            expected = f"the targets of each answer to sum to {cost.total:g}, as {cost} needs"
            raise InvalidArgument(
                f"expected {expected}, got a sum of {sums[at, step]:g} in {place} of {dataset.name}",
                argument=name,
                value=dataset,
                expected=expected,
                remedy="use CrossEntropy(), or an encoding whose targets sum to 1, such as OneHot(10)",
            )


def _list_answers(cost: Cost, preprocessing: Preprocessing, dataset: Dataset, name: str) -> np.ndarray:
    """Return the desired outputs, shape (n, answers, outputs of an answer), NaN where a step does not count.

    Raises :class:`InvalidArgument` if steps do not count for a cost that has none, if no step counts, and for a cost of
    steps with other numbers of classes than the labels have.
    """
    y: np.ndarray = cost.leave_out_padding(preprocessing.encode(dataset), dataset.lengths)
    if not isinstance(cost, SumOverSteps):
        if np.isnan(y).any():
            raise InvalidArgument(
                f"expected a label for each step, as {cost} needs, got steps without in {dataset.name}",
                argument=name,
                value=dataset,
                remedy=f"use SumOverSteps({cost}, number of classes), which leaves them out",
            )
        return y[:, None]
    encoding = preprocessing.encoding
    if isinstance(encoding, StepLabels) and cost.n_out != encoding.classes:
        raise InvalidArgument(
            argument=name,
            expected=f"labels of {cost.n_out} classes at each step, as {cost} needs",
            value=encoding,
            remedy=f"use SumOverSteps({cost.cost}, {encoding.classes})",
        )
    if np.isnan(y).all():
        raise InvalidArgument(f"expected a step with a label, got none in {dataset.name}", argument=name, value=dataset)
    answers = y.shape[1] // cost.n_out if y.shape[1] % cost.n_out == 0 else 1  # else the network does not fit either
    return y.reshape(len(y), answers, -1)


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
