"""What the commands print: results on stdout, everything else on stderr; with --json one object on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

# into a file or a pipe, a table keeps its columns rather than folding at the width of no window
out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 200)
err = Console(stderr=True, highlight=False, soft_wrap=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout, everything else on stderr.")]
Data = Annotated[
    str,
    typer.Option(
        "--data", metavar="NAME|PATH", help="mnist, digits, auto, or a path: MNIST's folder, images, .npz, .csv."
    ),
]


def emit(result: Mapping[str, Any]) -> None:
    """One JSON object on stdout; what is not finite becomes null, as JSON has no word for it."""
    print(json.dumps(_jsonable(result), ensure_ascii=False, allow_nan=False))


def say_error(error: object) -> None:
    """An error as one line on stderr."""
    err.print(f"[bold red]error:[/] {escape(str(error))}")


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
