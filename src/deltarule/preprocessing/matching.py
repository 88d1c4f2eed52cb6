"""Matching by name: the columns of a table to those of the training set, and classes to the classes of a model."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

import numpy as np

from deltarule.data.dataset import Dataset
from deltarule.data.label_matching import match_names
from deltarule.data.schema import Column, Schema
from deltarule.errors import DataError


def find_positions(fitted: Schema, given: Schema) -> list[int]:
    """Find the position of each fitted column among the given ones: by name, or in order if one has no names.

    Raises :class:`DataError` for a missing or a surplus column, and for words where the training set has numbers.

    >>> find_positions(Schema((Column("a"), Column("b"))), Schema((Column("b"), Column("a"))))
    [1, 0]
    """
    if fitted.has_names and given.has_names:
        positions = {name: i for i, name in enumerate(given.names)}
        for name in fitted.names:
            if name not in positions:
                raise DataError(
                    f"expected the column {name!r}, as in the training set, got none of this name",
                    argument="columns",
                    value=given.names,
                    remedy=_suggest(name, [n for n in given.names if n not in fitted.names]),
                )
        if surplus := [name for name in given.names if name not in fitted.names]:
            raise DataError(
                f"expected only columns that the training set has, got {surplus[0]!r} as well",
                argument="columns",
                value=given.names,
                remedy="leave it out",
            )
        order = [positions[name] for name in fitted.names]
    else:
        if len(fitted.columns) != len(given.columns):
            raise DataError(
                f"expected {len(fitted.columns)} columns, as in the training set, got {len(given.columns)}",
                argument="columns",
                value=given.names,
            )
        order = list(range(len(fitted.columns)))
    for column, i in zip(fitted.columns, order, strict=True):
        _check_kind(column, given.columns[i])
    return order


def match_classes(dataset: Dataset, classes: Sequence[str]) -> np.ndarray:
    """Return the labels of a data set as positions in ``classes``, matched by name, or by value as 0 and 0.0.

    Labels without names stay as they are. Raises :class:`DataError` for a class that is not among ``classes``.

    >>> match_classes(Dataset(np.zeros((2, 1)), np.array([0, 1]), classes=("b", "a")), ("a", "b", "c")).tolist()
    [1, 0]
    """
    own = dataset.classes
    if (
        not own
        or not classes
        or tuple(own) == tuple(classes)
        or dataset.y.ndim != 1
        or dataset.y.dtype.kind not in "iu"
    ):
        return dataset.y
    positions = np.array(match_names(own, classes), np.int64)
    inside = (dataset.y >= 0) & (dataset.y < len(own))
    found = np.where(inside, positions[np.where(inside, dataset.y, 0)], dataset.y)
    wrong = inside & (found < 0)
    if wrong.any():
        at = int(np.argmax(wrong))
        name = own[dataset.y[at]]
        shown = ", ".join(classes[:10]) + (", …" if len(classes) > 10 else "")
        raise DataError(
            f"expected one of the classes {shown} that the model knows, got {name!r}",
            argument="y",
            owner=dataset.name,
            position=f"label at position {at}",
            value=name,
            remedy="leave these examples out, or train on data that have this class",
        )
    return found


def _check_kind(fitted: Column, given: Column) -> None:
    if bool(fitted.words) == bool(given.words):
        return
    kinds = ("words", "numbers") if fitted.words else ("numbers", "words")
    raise DataError(
        f"expected {kinds[0]} in the column {fitted.name!r}, as in the training set, got {kinds[1]}",
        argument="columns",
        value=given.words[:5],
    )


def _suggest(name: str, others: Sequence[str]) -> str:
    near = get_close_matches(name, others, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}? Rename that column" if near else "add the column, or train without it"
