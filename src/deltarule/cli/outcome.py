"""The lines about the result of a run on the test set: the figure, and what it is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from deltarule.cli.console import escape, format_percent, format_r2
from deltarule.cli.options import find_option
from deltarule.data.dataset import Dataset
from deltarule.models.assessment import is_no_better
from deltarule.models.intervals import wilson_interval
from deltarule.models.metrics import compute_balanced_accuracy
from deltarule.training.callbacks import name_examples
from deltarule.training.causes import Cause

RARE = 0.75
"""The share of the commonest class from which the other classes count as rare."""

NO_BETTER = "This is no better than always answering the commonest class"

LUCK = "This may be luck: always answering the commonest class is within the 95 % interval"

MISSED = "It misses most examples of the rare classes"

LEAST_R2 = 0.02
"""The R² up to which numbers are told no better than by their mean."""

MOST_RECALLS = 4
"""The most classes whose recall is printed in a line; of more classes, the lowest three."""

INDENT = " " * 6


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
        errors = f"RMSE {result['test_rmse']:.4g}, MAE {result['test_mae']:.4g}"
        return f"Test: R² [bold]{format_r2(result['test_r2'])}[/], {errors}  {where}"
    if result.get("test_accuracy") is None:
        return f"Test: cost [bold]{result['test_cost']:.4g}[/]  {where}"
    accuracy = result["test_accuracy"]
    return f"Test: [bold]{round(accuracy * n)} / {n}[/]  {format_percent(accuracy)}  {where}"


def format_worth(found: Mapping[str, Any], prefix: str = "") -> list[str]:
    """Format what a figure is worth, in one or two lines with markup.

    Args:
        found: Figures of :func:`deltarule.models.assessment.assess`.
        prefix: The beginning of their names.

    >>> format_worth({"interval": (0.9, 0.96), "commonest": "oak", "commonest_share": 0.5,
    ...               "balanced_accuracy": 0.94, "recall_of_each": {"oak": 0.95, "ash": 0.93, "elm": None}})
    ['95 % interval 90.00 to 96.00 %; always answering oak: 50.00 %; balanced accuracy 94.00 %', 'recall: oak 95.00 %, ash 93.00 %']
    """  # noqa: E501 # the output is one line
    if f"{prefix}mean_rmse" in found:
        mean, mean_mae, median_mae = (found[f"{prefix}{name}"] for name in ("mean_rmse", "mean_mae", "median_mae"))
        always = f"always answering the mean: R² 0, RMSE {mean:.4g}, MAE {mean_mae:.4g}"
        always = f"{always}; the median: MAE {median_mae:.4g}"
        interval = found.get(f"{prefix}r2_interval", (None, None))
        if None in interval:
            return [always]
        return [f"95 % interval of R² {format_r2(interval[0])} to {format_r2(interval[1])}", always]
    if f"{prefix}interval" not in found:
        return []
    interval = format_interval(found[f"{prefix}interval"])
    if f"{prefix}commonest_of_each" in found:
        right, always = found[f"{prefix}accuracy_of_each"], found[f"{prefix}commonest_of_each"]
        each = [f"{escape(name)} {format_percent(right[name])} ({format_percent(always[name])})" for name in right]
        return [f"all labels right; {interval}", f"each label (and its commonest value): {', '.join(each)}"]
    commonest = escape(found[f"{prefix}commonest"])
    always = f"always answering {commonest}: {format_percent(found[f'{prefix}commonest_share'])}"
    balanced = f"balanced accuracy {format_percent(found[f'{prefix}balanced_accuracy'])}"
    recalls = {name: one for name, one in found[f"{prefix}recall_of_each"].items() if one is not None}
    shown, what = list(recalls), "recall"
    if len(shown) > MOST_RECALLS:
        shown, what = sorted(recalls, key=lambda name: recalls[name])[:3], "lowest recall"
    each = [f"{escape(name)} {format_percent(recalls[name])}" for name in shown]
    return [f"{interval}; {always}; {balanced}", f"{what}: {', '.join(each)}"]


def format_interval(interval: Sequence[float]) -> str:
    """Format a confidence interval.

    >>> format_interval((0.856, 0.9819))
    '95 % interval 85.60 to 98.19 %'
    """
    return f"95 % interval {100 * interval[0]:.2f} to {100 * interval[1]:.2f} %"


def judge(result: Mapping[str, Any], confusions: np.ndarray | None, n: int) -> tuple[str, bool]:
    """Judge the result of a run: a warning, "" if there is none, and True if causes should be looked for.

    Args:
        result: The result, with names such as ``test_accuracy``.
        confusions: The confusion matrix of the test set, for classes.
        n: The number of test examples.
    """
    if "test_r2" in result:
        r2, low = result["test_r2"], result["test_r2_interval"][0]
        is_bad = r2 is not None and r2 <= LEAST_R2
        if not is_bad and low is not None and low <= 0:
            return "This may be luck: always answering the mean is within the 95 % interval", r2 < 0.1
        return ("This is no better than always answering the mean" if is_bad else ""), is_bad
    if always := result.get("test_commonest_of_each"):
        right = result["test_accuracy_of_each"]
        if any(wilson_interval(round(right[name] * n), n)[0] > always[name] for name in always):
            return "", False
        is_bad = all(right[name] <= always[name] for name in always)
        what = "always answering each label's commonest value"
        return (
            f"This is no better than {what}" if is_bad else f"This may be luck: {what} is within the intervals"
        ), True
    if confusions is None or not n:
        return "", False
    if len(confusions) > 1 and (confusions.sum(axis=1) > 0).sum() < 2:
        return (
            f"All these examples are of one class, {result['test_commonest']}: the result says nothing of the others",
            False,
        )
    is_split, most = result.get("split", True), confusions.sum(axis=1).max()
    is_rare, is_missing = most >= RARE * n, misses_rare(confusions)
    ways = "; for rare classes try --class-weights balanced" if is_rare else ""
    if confusions.trace() <= most and is_missing:
        return f"{NO_BETTER}{ways}", True
    if is_rare and is_missing:
        return f"{MISSED}; try --class-weights balanced", False
    if is_split and is_no_better(confusions):
        return f"{LUCK}{ways}", True
    if not is_split and confusions.trace() < confusions.sum() and n < 100:
        return "It has not learned all of them, and may be stuck: try another --seed, or more hidden neurons", False
    return "", False


def format_cause(cause: Cause) -> str:
    """Format a cause with the options to try.

    >>> format_cause(Cause("eta too large", "η is too large", {"eta": 0.05}))
    'η is too large; try --eta 0.05'
    """
    options = " and ".join(f"{find_option(name)} {value}" for name, value in cause.settings.items())
    return "; ".join(filter(None, (cause.text, options and f"try {options}", cause.remedy)))
