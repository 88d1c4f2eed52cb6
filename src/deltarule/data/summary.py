"""The summary of a data set in two lines: what its rows, columns and target are, and how the rows are divided."""

from __future__ import annotations

from math import prod

import numpy as np

from deltarule.data.encodings import MultiLabel, OneHot
from deltarule.data.phrases import count, elide, name_column, name_columns, refer_to
from deltarule.data.roles import Roles
from deltarule.data.split import Splits, has_validation, is_split

MOST_CLASSES_SHOWN = 9
"""The most classes whose counts are shown."""


def describe(splits: Splits, roles: Roles | None = None) -> tuple[str, str]:
    """Summarize three sets in two lines.

    Args:
        splits: The training, validation and test sets.
        roles: The roles of the columns of the table; None if the data are no table.

    >>> from deltarule.data.dataset import Dataset
    >>> whole = Dataset(np.zeros((14, 1)), np.arange(14) % 2, classes=("no", "yes"))
    >>> for line in describe((whole[:10], whole[10:12], whole[12:])):
    ...     print(line)
    14 rows: 1 number each; 2 classes: no (7), yes (7)
    training 10, validation 2, test 2
    """
    parts = {id(part.x): part for part in splits}.values()
    y = np.concatenate([part.y for part in parts])
    inputs, target = _describe_inputs(splits, roles), _describe_target(splits, y, roles)
    return f"{count(len(y), 'row')}: {inputs}; {target}", "; ".join(_describe_parts(splits, roles))


def _describe_inputs(splits: Splits, roles: Roles | None) -> str:
    training = splits[0]
    shape = training.x.shape[1:]
    if len(shape) > 1:
        return f"images of {'×'.join(map(str, shape))}"
    if training.schema is None or roles is None:
        return f"{count(prod(shape), 'number')} each"
    numbers = [column.name for column in training.schema.columns if not column.words]
    words = [column for column in training.schema.columns if column.words]
    with_words = [f"{column.name or 'without a name'}: {elide(column.words, 4)}" for column in words]
    kinds = []
    if numbers:
        kinds.append(f"{count(len(numbers), 'column')} of numbers ({_list_names(numbers)})")
    if words:
        kinds.append(f"{count(len(words), 'column')} of words ({elide(with_words, 4)})")
    return " and ".join(kinds)


def _list_names(names: list[str]) -> str:
    """List names of columns; without a heading, their positions."""
    listed = elide([refer_to(name) or "without a name" for name in names])
    return f"no. {listed}" if all(refer_to(name) != name for name in names) else listed


def _describe_target(splits: Splits, y: np.ndarray, roles: Roles | None) -> str:
    encoding, classes = splits[0].encoding, splits[0].classes
    names = () if roles is None else roles.targets
    prefix = f"target {_name_target(names[0])}, " if len(names) == 1 else ""
    if isinstance(encoding, OneHot):
        counts = np.bincount(y, minlength=encoding.n_out)
        shown = [f"{classes[i] if classes else i} ({counts[i]:,})" for i in range(len(counts))]
        return f"{prefix}{count(len(counts), 'class', 'classes')}: {elide(shown, MOST_CLASSES_SHOWN)}"
    if isinstance(encoding, MultiLabel):
        ones = [f"{name} ({n:,})" for name, n in zip(classes, y.sum(axis=0, dtype=np.int64), strict=True)]
        return f"{len(ones)} labels, each 0 or 1: {elide(ones, MOST_CLASSES_SHOWN)}"
    if y.ndim == 1:
        return f"{prefix}numbers from {y.min():g} to {y.max():g}"
    names = names or tuple(map(str, range(1, y.shape[1] + 1)))
    ranges = [f"{refer_to(n)} ({c.min():g} to {c.max():g})" for n, c in zip(names, y.T, strict=True)]
    return f"{len(ranges)} targets of numbers: {elide(ranges, MOST_CLASSES_SHOWN)}"


def _name_target(name: str) -> str:
    return name_column(name) if refer_to(name) != name or not name else name


def _describe_parts(splits: Splits, roles: Roles | None) -> list[str]:
    training, validation, test = map(len, splits)
    if not is_split(splits):
        parts = [f"training, validation and test: the same {count(training, 'row')}"]
    elif not has_validation(splits):
        parts = [f"training {training:,}, no validation, test {test:,}"]
    else:
        parts = [f"training {training:,}, validation {validation:,}, test {test:,}"]
    if roles is not None and roles.group:
        parts.append(f"rows with the same {roles.group} stay in one set")
    if roles is not None and roles.ignored:
        by_reason: dict[str, list[str]] = {}
        for name, reason in zip(roles.ignored, roles.reasons or [""] * len(roles.ignored), strict=True):
            by_reason.setdefault(reason, []).append(name)
        left_out = [f"{name_columns(names)}{f' ({why})' if why else ''}" for why, names in by_reason.items()]
        parts.append(f"left out: {', '.join(left_out)}")
    return parts
