"""The lines about the result of a run on the test set: the figure, and what it is worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from deltarule.cli.console import escape, format_percent
from deltarule.cli.labels import name_class
from deltarule.data.dataset import Dataset
from deltarule.models.metrics import find_commonest
from deltarule.models.predictor import Predictor
from deltarule.training.callbacks import name_examples


def format_test(result: Mapping[str, Any], test: Dataset) -> str:
    """Format the figure of the test set, for a line with markup."""
    n, examples = len(test), name_examples(test)
    where = f"on {examples} it never saw" if result.get("split", True) else f"on the {examples} it was trained on"
    if "test_r2" in result:
        return f"Test: R² [bold]{result['test_r2']:.4f}[/], RMSE {result['test_rmse']:.4g}  on {n:,} {where[3:]}"
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
    return f"      always answering {escape(name_class(model, label))}: {format_percent(share)}"


def format_warning(result: Mapping[str, Any], model: Predictor, test: Dataset) -> str:
    """Say that a run learned nothing, or not all of its few examples; empty if neither."""
    if "test_r2" in result:
        if result["test_r2"] > 0.02:
            return ""
        return "This is no better than always answering the mean: the inputs may not tell the target"
    if result.get("test_accuracy") is None or test.y.ndim == 2:
        return ""
    accuracy, (_, share) = result["test_accuracy"], find_commonest(model.preprocessing.find_labels(test))
    if accuracy <= share:
        rare = share >= 0.75
        remedy = "; for rare classes try --class-weights balanced" if rare else "; try another --seed, --eta or --net"
        return f"This is no better than always answering the commonest class{remedy}"
    if not result.get("split", True) and accuracy < 1 and len(test) < 100:
        return "It has not learned all of them, and may be stuck: try another --seed, or more hidden neurons"
    return ""
