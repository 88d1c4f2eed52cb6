"""The columns of a new table that a model takes, found by its schema."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from deltarule.data.column_references import check_different_names, find_columns
from deltarule.data.phrases import count, elide, name_column, name_columns, suggest_names
from deltarule.data.schema import Schema
from deltarule.errors import DataError


@dataclass(frozen=True)
class Selection:
    """The columns of a new table, by their names in it.

    Attributes:
        inputs: The columns that a model takes, in the order of its inputs.
        targets: The target columns that the table has.
        skip: All other columns: those that the model ignores, and the targets.
        notes: Sentences about the matching.

    >>> Selection(("height",), skip=("id",)).inputs
    ('height',)
    """

    inputs: tuple[str, ...]
    targets: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def choose_inputs(
    names: Sequence[str], has_names: bool, schema: Schema, source: str = "", ignore: Sequence[str] = ()
) -> Selection:
    """Choose the input columns of a new table by the schema of a model.

    Columns are matched by name, in any order. If the table or the model's table has no heading, they are matched by
    position: as many columns as inputs, or as many as the model's table had. Targets and columns that the model
    ignores may be missing.

    Args:
        names: The names of all columns of the new table, in order.
        has_names: True if the new table has a heading.
        schema: The schema of the model.
        source: The path of the new table, for errors.
        ignore: References to surplus columns that are left out.

    Raises:
        DataError: For a missing column, and for a surplus column that is not among ``ignore``.

    >>> from deltarule.data.schema import Column
    >>> schema = Schema((Column("height"), Column("width")), targets=("species",), ignored=("id",))
    >>> choose_inputs(["width", "id", "height"], True, schema)
    Selection(inputs=('height', 'width'), targets=(), skip=('id',), notes=())
    """
    check_different_names(names, source)
    left_out, notes = find_columns(ignore, names, "ignore", source)
    found = [name for name in names if name not in left_out]
    if has_names and schema.has_names:
        own, fault = {name: name for name in found}, _find_fault(found, schema)
    else:
        own, fault = _match_positions(found, schema)
    if fault:
        raise DataError(path=source or None, **fault)
    if left_out:
        notes = (*notes, f"{name_columns(left_out)} {'is' if len(left_out) == 1 else 'are'} left out, as stated")
    inputs = tuple(own[name] for name in schema.names)
    targets = tuple(own[name] for name in schema.targets if name in own)
    return Selection(inputs, targets, tuple(name for name in names if name not in inputs), notes)


def _find_fault(names: Sequence[str], schema: Schema) -> dict[str, Any] | None:
    """Return the fields of an error about a missing or a surplus column; None if all columns match."""
    surplus = [name for name in names if name not in {*schema.names, *schema.targets, *schema.ignored}]
    if missing := [name for name in schema.names if name not in names]:
        expected = f"{name_column(missing[0])}, which the model was trained with"
        more = f" ({count(len(missing), 'column')} missing: {elide(missing)})" if len(missing) > 1 else ""
        remedy = suggest_names(missing[0], surplus or names)
        return {
            "problem": f"expected {expected}, got none of this name{more}",
            "value": missing[0],
            "remedy": f"{remedy} Rename that column" if remedy.endswith("?") and surplus else "add the column",
        }
    if surplus:
        return {
            "problem": f"expected only columns that the model was trained with, got {name_columns(surplus)} as well",
            "value": surplus[0],
            "remedy": f'leave {"it" if len(surplus) == 1 else "them"} out: ignore="{",".join(surplus)}"'
            if len(surplus) < 4
            else "leave them out",
        }
    return None


def _match_positions(names: Sequence[str], schema: Schema) -> tuple[dict[str, str], dict[str, Any] | None]:
    """Match columns by position; return the name in the new table by the name in the schema, or an error's fields."""
    every = {*schema.names, *schema.targets, *schema.ignored}
    positions = {name: int(match[1]) for name in every if (match := re.fullmatch(r"column (\d+)", name))}
    if len(names) == len(schema.columns):
        return dict(zip(schema.names, names, strict=True)), None
    if len(positions) == len(names) == len(every) and max(positions.values()) == len(names):
        return {name: names[i - 1] for name, i in positions.items()}, None
    whole = f", or all {count(len(every), 'column')}" if len(positions) == len(every) else ""
    expected = f"the {count(len(schema.columns), 'column')} that are inputs of the model{whole}"
    return {}, {
        "problem": f"expected {expected}, got {count(len(names), 'column')} without matching names",
        "value": len(names),
        "remedy": f"give the columns {elide(schema.names)}, in this order" if schema.has_names else "",
    }
