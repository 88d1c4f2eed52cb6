"""Phrases about columns and numbers of rows, as notes and errors use them."""

from __future__ import annotations

import re
from collections.abc import Sequence


def count(n: int, noun: str, plural: str = "") -> str:
    """Write a number with its noun in the singular or the plural.

    >>> count(1, "row"), count(2000, "row"), count(3, "class", "classes")
    ('1 row', '2,000 rows', '3 classes')
    """
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def elide(names: Sequence[object], most: int = 6) -> str:
    """Join names by commas; leave some out before the last if there are at least two more than ``most``.

    >>> elide("abc", 2), elide(range(9), 4)
    ('a, b, c', '0, 1, 2, …, 8')
    """
    shown = list(map(str, names))
    return ", ".join(shown if len(shown) <= most + 1 else [*shown[: most - 1], "…", shown[-1]])


def name_column(name: str) -> str:
    """Call a column by its name; names such as "column 3" are complete already.

    >>> name_column("soil"), name_column("column 3"), name_column("")
    ('column soil', 'column 3', 'the column without a name')
    """
    return name if _NUMBERED.fullmatch(name) else f"column {name}" if name else "the column without a name"


def name_columns(names: Sequence[str], most: int = 6) -> str:
    """Call several columns by their names.

    >>> name_columns(["soil"]), name_columns(["soil", "width"]), name_columns(["column 1", "column 3"])
    ('column soil', 'columns soil, width', 'columns 1, 3')
    """
    if len(names) == 1:
        return name_column(names[0])
    return f"columns {elide([refer_to(name) or '(without a name)' for name in names], most)}"


def refer_to(name: str, names: Sequence[str] = ()) -> str:
    """Return the text by which options refer to a column: its name, or its position if it has no name.

    >>> refer_to("soil"), refer_to("column 3"), refer_to("", ["", "soil"])
    ('soil', '3', '1')
    """
    if match := _NUMBERED.fullmatch(name):
        return match[1]
    return str(list(names).index(name) + 1) if not name and name in names else name


def suggest_names(name: str, names: Sequence[str]) -> str:
    """Return the remedy for a name that is not among ``names``: the closest ones, or the first ones.

    >>> suggest_names("il", ["ill", "age"]), suggest_names("weight", ["a", "b"])
    ('did you mean "ill"?', 'the names are a, b')
    """
    from difflib import get_close_matches

    by_lower = {known.strip().lower(): known for known in reversed(names)}
    close = get_close_matches(name.strip().lower(), list(by_lower), n=3, cutoff=0.6)
    if close:
        return "did you mean " + " or ".join(f'"{by_lower[one]}"' for one in close) + "?"
    return f"the names are {elide(names, 10)}"


_NUMBERED = re.compile(r"column (\d+)")
