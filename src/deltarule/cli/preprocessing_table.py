"""The preprocessing of a model, for people: a line, and a table of its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deltarule.cli.console import escape
from deltarule.cli.tables import Column, build_table
from deltarule.data.encodings import OneHot, Standardized
from deltarule.models.description import describe
from deltarule.models.predictor import Predictor
from deltarule.preprocessing import NumberColumn, Preprocessing, Standardization

if TYPE_CHECKING:
    from rich.table import Table

MOST = 40
"""The most columns that are listed."""


def describe_preprocessing(model: Predictor) -> dict[str, Any]:
    """Describe the preprocessing as plain JSON."""
    return {name: value for name, value in describe(model.preprocessing).items() if name != "type"}


def format_inputs(fitted: Preprocessing) -> str:
    """Format what becomes of the inputs.

    >>> from deltarule.preprocessing import Scaling
    >>> format_inputs(Preprocessing(OneHot(10), Scaling(255.0))), format_inputs(Preprocessing(OneHot(2)))
    ('divided by 255', 'as they are')
    """
    if isinstance(fitted.inputs, Standardization):
        return f"{len(fitted.inputs.columns)} columns, standardized: {fitted.inputs.width} inputs"
    parts = [f"divided by {fitted.scale:g}"] if fitted.scale != 1 else []
    parts += [f"less their mean {fitted.mean:.4g}"] if fitted.mean else []
    return ", ".join(parts) or "as they are"


def format_target(fitted: Preprocessing) -> str:
    """Format the target of a model of a table.

    >>> format_target(Preprocessing(OneHot(2), classes=("no", "yes")))
    'classes no, yes'
    """
    names = ", ".join(fitted.schema.targets) if fitted.schema else ""
    if isinstance(fitted.encoding, Standardized):
        pairs = zip(fitted.encoding.mean, fitted.encoding.deviation, strict=True)
        each = ", ".join(f"{mean:.4g} ± {deviation:.4g}" for mean, deviation in pairs)
        return f"{names}: numbers, {each}".removeprefix(": ")
    shown = ", ".join(fitted.classes[:8]) + (", …" if len(fitted.classes) > 8 else "")
    kind = "classes" if isinstance(fitted.encoding, OneHot) else "labels"
    return f"{names}: {kind} {shown}".removeprefix(": ")


def build_column_table(fitted: Preprocessing) -> Table | None:
    """Build a table of the columns of a table that the model was trained on; None for other models."""
    if not isinstance(fitted.inputs, Standardization):
        return None
    columns = [
        Column("column"),
        Column("mean", 2, "right"),
        Column("deviation", 3, "right"),
        Column("words", 4, fold=40),
        Column("missing", 1),
    ]
    rows = []
    for one in fitted.inputs.columns[:MOST]:
        if isinstance(one, NumberColumn):
            fill = "refused" if one.fill is None else f"{one.fill:.4g}"
            rows.append([escape(one.name), f"{one.mean:.4g}", f"{one.deviation:.4g}", "", fill])
        else:
            words = ", ".join(one.words[:20]) + (", …" if len(one.words) > 20 else "")
            rows.append([escape(one.name), "", "", escape(words), escape(one.fill or "refused")])
    more = len(fitted.inputs.columns) - MOST
    return build_table(columns, rows, caption=f"and {more:,} more; all: --json" if more > 0 else None)
