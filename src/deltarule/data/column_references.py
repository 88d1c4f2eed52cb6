"""References to the columns of a table: by name, by position from 1, or "last"."""

from __future__ import annotations

from collections.abc import Sequence

from deltarule.data.headings import normalize_name
from deltarule.data.phrases import count, name_column, suggest_names
from deltarule.errors import DataError

LAST = "last"
"""The reference to the last column."""


def find_columns(
    references: Sequence[str], names: Sequence[str], argument: str, source: str = ""
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Find columns by name, by position from 1, or "last"; a name wins over a position.

    Returns the names, each once, and notes about references that could be read in two ways.

    Args:
        references: The references, in the order of the result.
        names: The names of all columns.
        argument: The name of the argument, for errors.
        source: The path of the table, for errors.

    Raises:
        DataError: For a reference to no column.

    >>> find_columns(["2", "last"], ["a", "b", "c"], "ignore")
    (('b', 'c'), ())
    """
    found: dict[str, None] = {}
    notes = []
    for reference in references:
        name, note = _find_column(reference, names)
        if name is None:
            raise DataError(
                argument=argument,
                path=source or None,
                expected=f"a column by its name, by its position from 1 to {len(names)}, or {LAST!r}",
                value=reference,
                remedy=suggest_names(reference, names),
            )
        found[name] = None
        notes += [note] if note else []
    return tuple(found), tuple(notes)


def is_column(reference: str, names: Sequence[str]) -> bool:
    """Return True if a reference is one to a column.

    >>> is_column("2", ["a", "b"]), is_column("c", ["a", "b"])
    (True, False)
    """
    return _find_column(reference, names)[0] is not None


def _find_column(reference: str, names: Sequence[str]) -> tuple[str | None, str]:
    """Return the name of the column, or None, and a note or ""."""
    reference = reference if reference in names else normalize_name(reference)
    position = int(reference) if reference.isdecimal() and len(reference) < 10 else 0
    by_position = names[position - 1] if 1 <= position <= len(names) else names[-1] if reference == LAST else None
    if reference not in names:
        return by_position, ""
    if by_position in (None, reference):
        return reference, ""
    other = f"the position {reference}" if position else "the last column"
    return reference, f'"{reference}" is read as the name of a column, not as {other} ({name_column(str(by_position))})'


def check_different_names(names: Sequence[str], source: str = "") -> None:
    """Raise :class:`DataError` if two columns have the same name.

    >>> check_different_names(["a", "b", "a"])
    Traceback (most recent call last):
        ...
    deltarule.errors.DataError: expected different names of columns, got 'a' for columns 1, 3; rename one of them
    """
    if len(set(names)) == len(names):
        return
    twice = next(name for name in names if list(names).count(name) > 1)
    positions = ", ".join(str(i) for i, name in enumerate(names, 1) if name == twice)
    problem = f"expected different names of columns, got {twice!r} for columns {positions}"
    raise DataError(problem, path=source or None, value=twice, remedy="rename one of them")


def check_roles(roles: Sequence[tuple[str, Sequence[str]]], source: str = "") -> None:
    """Raise :class:`DataError` if a column has two roles that exclude each other.

    >>> check_roles([("label", ["a"]), ("ignore", ["b", "a"])])
    Traceback (most recent call last):
        ...
    deltarule.errors.DataError: ignore: expected other columns than label, got column a in both; take it out of one
    """
    for i, (one, columns) in enumerate(roles):
        for other, others in roles[i + 1 :]:
            if both := [name for name in columns if name in others]:
                problem = f"expected other columns than {one}, got {name_column(both[0])} in both"
                more = f" (and {count(len(both) - 1, 'more column')})" if len(both) > 1 else ""
                raise DataError(
                    problem + more, argument=other, path=source or None, value=both[0], remedy="take it out of one"
                )
