"""Tables that fit the width of stdout: a narrow table has fewer columns, and no value is cut."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from rich.cells import cell_len
from rich.text import Text

from deltarule.cli.console import out

if TYPE_CHECKING:
    from rich.table import Table

Row = Sequence["str | Text"]
"""A cell for each column, with markup if it is a string; cells may be missing at the end."""

GAP = 2
"""Spaces between two columns."""


@dataclass(frozen=True)
class Column:
    """A column of a table.

    A column of ``rank`` 0 is always shown. If the table is too wide, columns are left out, those of the highest rank
    first. Each value stands on one line, but a column with ``fold`` may be narrowed to that width: its values fold
    at the spaces.
    """

    heading: str
    rank: int = 0
    align: Literal["left", "right"] = "left"
    fold: int = 0
    footer: str = ""


def build_table(columns: Sequence[Column], rows: Sequence[Row], **options: Any) -> Table:
    """Build a table of the columns that fit the width of stdout; an empty row separates the rows around it."""
    from rich import box
    from rich.table import Table

    shown = choose_columns(columns, rows, out.width)
    fits = (
        measure_table([columns[i] for i in shown], [[row[i] for i in shown if i < len(row)] for row in rows])
        <= out.width
    )
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True, **options)
    for column in (columns[i] for i in shown):
        one_line = fits and not column.fold
        table.add_column(column.heading, column.footer, justify=column.align, overflow="fold", no_wrap=one_line)
    for row in rows:
        if row:
            table.add_row(*(row[i] for i in shown if i < len(row)))
        else:
            table.add_section()
    return table


def choose_columns(columns: Sequence[Column], rows: Sequence[Row], width: int) -> list[int]:
    """Return the positions of the columns that fit into ``width``: as many as possible, in the order of their ranks.

    >>> columns = [Column("run"), Column("data", rank=2), Column("accuracy", rank=1, align="right")]
    >>> rows = [["runs/first", "mnist", "95.49 %"]]
    >>> choose_columns(columns, rows, 27), choose_columns(columns, rows, 26)
    ([0, 1, 2], [0, 2])
    """
    widths = _measure_columns(columns, rows)
    by_rank = sorted(range(len(columns)), key=lambda i: columns[i].rank)
    while columns[by_rank[-1]].rank > 0 and _add_up(widths[i] for i in by_rank) > width:
        by_rank.pop()
    return sorted(by_rank)


def measure_table(columns: Sequence[Column], rows: Sequence[Row]) -> int:
    """Return the least width at which a table shows all its columns.

    >>> measure_table([Column("run"), Column("accuracy")], [["runs/first", "95.49 %"]])
    20
    """
    return _add_up(_measure_columns(columns, rows))


def _measure_columns(columns: Sequence[Column], rows: Sequence[Row]) -> list[int]:
    return [
        _measure_column(column, [column.heading, column.footer, *(row[i] for row in rows if i < len(row))])
        for i, column in enumerate(columns)
    ]


def _measure_column(column: Column, cells: Sequence[str | Text]) -> int:
    texts = [Text.from_markup(cell) if isinstance(cell, str) else cell for cell in cells]
    longest = max(text.cell_len for text in texts)
    if not column.fold:
        return longest
    longest_word = max((cell_len(word) for text in texts for word in text.plain.split()), default=0)
    return max(longest_word, min(longest, column.fold))


def _add_up(widths: Iterable[int]) -> int:
    each = list(widths)
    return sum(each) + GAP * (len(each) - 1)
