"""The lines about the result of a run on the test set: the figure, and what it is worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from deltarule.cli.console import escape, format_percent, format_r2
from deltarule.cli.labels import name_class
from deltarule.data.dataset import Dataset
from deltarule.models.metrics import compute_balanced_accuracy, find_commonest
from deltarule.models.predictor import Predictor
from deltarule.training.callbacks import name_examples

RARE = 0.75
"""The share of the commonest class from which the other classes count as rare."""

NO_BETTER = "This is no better than always answering the commonest class"


MISSED = "It misses most examples of the rare classes"


def is_no_better(confusions: np.ndarray) -> bool:
    """Check whether a model is no better than always answering the commonest class.

    With weights for rare classes it may be right less often and still better.

    >>> is_no_better(np.array([[95, 0], [5, 0]])), is_no_better(np.array([[80, 15], [1, 4]]))
    (True, False)
    """
    counts = confusions.sum(axis=1)
    return bool((counts > 0).sum() > 1 and confusions.trace() <= counts.max() and misses_rare(confusions))


def misses_rare(confusions: np.ndarray) -> bool:
    """Check whether the balanced accuracy is nearly that of always the same answer, less than a quarter above it.

    >>> misses_rare(np.array([[95, 0], [4, 1]])), misses_rare(np.array([[80, 15], [1, 4]]))
    (True, False)
    """
    least = 1 / max(1, int((confusions.sum(axis=1) > 0).sum()))
    return compute_balanced_accuracy(confusions) < least + (1 - least) / 4


def format_test(result: Mapping[str, Any], test: Dataset) -> str:
    """Format the figure of the test set, for a line with markup."""
    n, examples, repeated = len(test), name_examples(test), result.get("repeated", 0)
    counted = (f"{n:,} {examples}" if n > 1 else f"1 {examples[:-1]}") if "test_r2" in result else examples
    where = f"on {counted} it never saw"
    if not result.get("split", True) or result.get("trained_on") == n:
        where = f"on the {counted} it was trained on"
    elif repeated:
        where += f", but {repeated:,} {'has' if repeated == 1 else 'have'} the inputs of training {examples}"
    if "test_r2" in result:
        return f"Test: R² [bold]{format_r2(result['test_r2'])}[/], RMSE {result['test_rmse']:.4g}  {where}"
    if result.get("test_accuracy") is None:
        return f"Test: cost [bold]{result['test_cost']:.4g}[/]  {where}"
    accuracy = result["test_accuracy"]
    return f"Test: [bold]{round(accuracy * n)} / {n}[/]  {format_percent(accuracy)}  {where}"


def format_comparison(result: Mapping[str, Any], model: Predictor, test: Dataset) -> str:
    """Format what the figure is compared with: always answering the commonest class, or the mean."""
    if "test_r2" in result:
        spread = np.std(test.y, axis=0)
        return f"      always answering the mean: R² 0, RMSE {float(np.sqrt(np.mean(spread**2))):.4g}"
    if test.y.ndim == 2:
        right = (model.predict(test) == test.y).mean(axis=0)
        each = ", ".join(f"{escape(name)} {format_percent(r)}" for name, r in zip(model.classes, right, strict=True))
        return f"      all labels right; each label: {each}"
    label, share = find_commonest(model.preprocessing.find_labels(test))
    line = f"      always answering {escape(name_class(model, label))}: {format_percent(share)}"
    if share < RARE:
        return line
    return f"{line}; balanced accuracy {format_percent(compute_balanced_accuracy(model.confusion(test)))}"


def format_warning(result: Mapping[str, Any], model: Predictor, test: Dataset) -> str:
    """Say that a run learned nothing, or not all of its few examples; empty if neither."""
    if "test_r2" in result:
        if result["test_r2"] is None or result["test_r2"] > 0.02:
            return ""
        return "This is no better than always answering the mean: the inputs may not tell the target"
    if result.get("test_accuracy") is None or test.y.ndim == 2:
        return ""
    counts = model.confusion(test)
    is_rare = counts.sum(axis=1).max() >= RARE * len(test)
    if is_no_better(counts):
        ways = "for rare classes try --class-weights balanced" if is_rare else "try another --seed, --eta or --net"
        return f"{NO_BETTER}; {ways}"
    if is_rare and misses_rare(counts):
        return f"{MISSED}; try --class-weights balanced"
    if not result.get("split", True) and result["test_accuracy"] < 1 and len(test) < 100:
        return "It has not learned all of them, and may be stuck: try another --seed, or more hidden neurons"
    return ""
