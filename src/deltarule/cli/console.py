"""What the commands print: results on stdout, everything else on stderr; with --json one object on stdout."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from rich.table import Table

WIDE = 110
"""Columns from which on a table may show all that it has."""

# into a file or a pipe, a table keeps its columns rather than folding at the width of no window
out = Console(highlight=False, emoji=False, soft_wrap=True, width=None if sys.stdout.isatty() else 200)
err = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout, everything else on stderr.")]
Data = Annotated[
    str,
    typer.Option(
        "--data", metavar="NAME|PATH", help="mnist, digits, auto, or a path: MNIST's folder, images, .npz, .csv."
    ),
]


def emit(result: Mapping[str, Any]) -> None:
    """One JSON object on stdout; what is not finite becomes null, as JSON has no word for it."""
    readable = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    print(json.dumps(_jsonable(result), ensure_ascii=not readable, allow_nan=False))


def say_error(error: object) -> None:
    """An error as one line on stderr."""
    err.print(f"[bold red]error:[/] {as_is(error)}")


def as_is(text: object) -> str:
    """Text of the user's, such as a path, for a line with markup: its own brackets are no markup.

    >>> as_is("runs/[bold]")
    'runs/\\\\[bold]'
    """
    return escape(str(text))


def typed(*words: object) -> str:
    """A command as one types it, for a line with markup.

    >>> typed("deltarule", "show", "runs/my first")
    "deltarule show 'runs/my first'"
    """
    return escape(shlex.join(map(str, words)))


def progress_console(as_json: bool) -> Console:
    """Where the lines of progress go."""
    return err if as_json else out


def percent(share: float) -> str:
    """A share from 0 to 1 as people read it.

    >>> percent(0.9549)
    '95.49 %'
    """
    return f"{100 * share:.2f} %"


def is_terminal() -> bool:
    """Whether a person is watching."""
    return sys.stderr.isatty()


def new_table(**options: Any) -> Table:
    """An empty table in the manner of all of them: a line below the headings, and no others."""
    from rich import box
    from rich.table import Table

    return Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True, **options)


def _jsonable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_jsonable(item) for item in value]
    if isinstance(value, float) and not abs(value) < float("inf"):
        return None
    if hasattr(value, "tolist"):
        return _jsonable(value.tolist())
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
