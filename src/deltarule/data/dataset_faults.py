"""Faults of a data set: values, lengths and shapes that do not fit together."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from deltarule.core.constraints import number
from deltarule.data.arrays import find_non_finite

FINITE = "a finite number, not NaN or infinity"


def find_fault(data: Any) -> dict[str, Any] | None:
    """Check a ``Dataset`` whose x and y are numbers; return the fields of an error, or None."""
    x, y = data.x, data.y
    if x.ndim == 0:
        return {"argument": "x", "expected": "an array of examples of shape (n, ...)", "value": x.item()}
    if y.ndim != 1 and not (y.ndim == 2 and y.shape[1] == _count_labels(data.encoding)):
        expected = "one label for each example, an array of shape (n,)"
        return {"argument": "y", "expected": expected, "value": y.shape, "remedy": _suggest_labels(y)}
    if (at := find_non_finite(y)) is not None:
        return {"argument": "y", "position": f"label at position {at[0]}", "expected": FINITE, "value": y[at].item()}
    if len(x) != len(y):
        return {"argument": "y", "problem": f"expected one label for each of {len(x)} examples, got {len(y)} labels"}
    if (name := _find_repeated(data.classes)) is not None:
        expected, remedy = "a name of its own for each class", "rename one, or give both the same label"
        return {"argument": "classes", "expected": expected, "value": name, "remedy": remedy}
    if data.weights is not None and (fault := _find_fault_of_weights(data.weights, len(x))) is not None:
        return fault
    if data.lengths is not None and (fault := _find_fault_of_lengths(data.lengths, x)) is not None:
        return fault
    if data.scale is not None and not (scale := number(above=0)).accepts(data.scale):
        return {"argument": "scale", "expected": scale.expected, "value": data.scale}
    if data.schema is not None and prod(x.shape[1:]) != (k := len(data.schema.columns)):
        return {
            "argument": "x",
            "expected": f"{k} numbers in each example, as the schema has columns",
            "value": x.shape,
        }
    if (at := find_non_finite(x if data.schema is None else np.where(np.isnan(x), 0, x))) is not None:
        place, value = f"example {at[0]}, at {list(at[1:])}", x[at].item()
        remedy = "remove or repair it"
        return {"argument": "x", "position": place, "expected": FINITE, "value": value, "remedy": remedy}
    if data.encoding is None and len(y) and y.min() < 0:
        at = (int(np.argmin(y)),)
        return {
            "argument": "y",
            "position": f"label at position {at[0]}",
            "expected": "a class, a whole number of at least 0",
            "value": y[at].item(),
            "remedy": "for real numbers give encoding=Real()",
        }
    return None


def _find_repeated(names: Sequence[str]) -> str | None:
    """Return the first name that occurs before, or None."""
    if len(set(names)) == len(names):
        return None
    return next(name for i, name in enumerate(names) if name in names[:i])


def _count_labels(encoding: Any) -> int | None:
    """Return the number of labels of each example, if an encoding allows several: usually as many as outputs."""
    return getattr(encoding, "n_labels", getattr(encoding, "n_out", None))


def _find_fault_of_weights(weights: np.ndarray, n: int) -> dict[str, Any] | None:
    """Check the weights of n examples; return the fields of an error, or None."""
    if weights.shape != (n,):
        return {"argument": "weights", "expected": f"one weight for each of {n} examples", "value": weights.shape}
    wrong = ~(np.isfinite(weights) & (weights >= 0))
    if not wrong.any():
        return None
    at = int(np.argmax(wrong))
    expected = "a finite number of at least 0"
    return {"argument": "weights", "position": f"example {at}", "expected": expected, "value": weights[at].item()}


def _find_fault_of_lengths(lengths: np.ndarray, x: np.ndarray) -> dict[str, Any] | None:
    """Check the lengths of sequences x; return the fields of an error, or None."""
    if x.ndim < 3:
        expected = "None, because only sequences, x of shape (n, steps, features), have lengths"
        return {"argument": "lengths", "expected": expected, "value": x.shape}
    if lengths.shape != (len(x),):
        return {"argument": "lengths", "expected": f"one length for each of {len(x)} examples", "value": lengths.shape}
    if lengths.dtype.kind == "b":
        expected, remedy = "whole numbers of steps", "count the real steps: lengths = is_real.sum(axis=1)"
        return {"argument": "lengths", "expected": expected, "value": lengths.dtype, "remedy": remedy}
    wrong = ~((lengths == np.floor(lengths)) & (lengths >= 1) & (lengths <= x.shape[1]))
    if not wrong.any():
        return None
    at = int(np.argmax(wrong))
    return {
        "argument": "lengths",
        "position": f"example {at}",
        "expected": f"a whole number from 1 to {x.shape[1]}, the number of steps",
        "value": lengths[at].item(),
        "remedy": "leave out empty sequences" if lengths[at] == 0 else "",
    }


def _suggest_labels(y: np.ndarray) -> str:
    """Return the remedy for labels y that have more than one number for each example."""
    if y.ndim == 2 and y.shape[1] == 1:
        return "give y[:, 0]"
    if y.ndim == 2 and np.isin(y, (0, 1)).all() and (y.sum(axis=1) == 1).all():
        return "for one-hot rows give y.argmax(axis=1)"
    return "give one column of y, such as y[:, 0]; or, for a class at each step, encoding=StepLabels(classes, steps)"
