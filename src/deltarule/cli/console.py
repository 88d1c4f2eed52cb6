"""Output of the commands: results go to stdout, everything else to stderr; ``--json`` prints one object on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from deltarule.cli.plain_console import PlainConsole

if TYPE_CHECKING:
    from rich.console import Console

PIPE_WIDTH = 100
"""The width of tables that go into a file or a pipe."""

# both print plain lines themselves, and leave all else to rich
out = cast("Console", PlainConsole(False, None if sys.stdout.isatty() else PIPE_WIDTH))
err = cast("Console", PlainConsole(True, None))


def emit(result: Mapping[str, Any]) -> None:
    """Print one JSON object on stdout; a number that is not finite becomes null, because JSON has no word for it."""
    is_utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    print(json.dumps(to_json(result), ensure_ascii=not is_utf8, allow_nan=False))


def print_error(error: object) -> None:
    """Print an error as one line on stderr."""
    err.print(f"[bold red]error:[/] {escape(error)}")


def escape(text: object) -> str:
    """Escape text of the user, such as a path, for a line with markup, so that its brackets stay brackets.

    >>> escape("runs/[bold]")
    'runs/\\\\[bold]'
    """
    words = str(text)
    if "[" not in words and "\\" not in words:
        return words
    from rich.markup import escape as escape_markup

    return escape_markup(words)


def format_command(*words: object) -> str:
    """Format a command as the user types it, for a line with markup.

    >>> format_command("deltarule", "show", "runs/my first")
    "deltarule show 'runs/my first'"
    """
    import shlex

    return escape(shlex.join(map(str, words)))


def choose_console(as_json: bool) -> Console:
    """Return the console for the lines of progress: stderr if stdout is for JSON."""
    return err if as_json else out


def format_percent(share: float) -> str:
    """Format a number from 0 to 1 as a percentage.

    >>> format_percent(0.9549)
    '95.49 %'
    """
    return f"{100 * share:.2f} %"


def format_r2(value: float | None, form: str = ".4f") -> str:
    """Format a coefficient of determination; a dash if it is not defined, as for a single row.

    >>> format_r2(0.95), format_r2(float("nan"))
    ('0.9500', '–')
    """
    return "–" if value is None or not abs(value) < float("inf") else format(value, form)


def is_terminal() -> bool:
    """Return whether stderr is a terminal, with a person who watches."""
    return sys.stderr.isatty()


def to_json(value: Any) -> Any:
    """Convert to what JSON can hold; a number that is not finite becomes None.

    >>> to_json({"interval": (0.5, float("nan"))})
    {'interval': [0.5, None]}
    """
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if isinstance(value, float) and not abs(value) < float("inf"):
        return None
    if hasattr(value, "tolist"):
        return to_json(value.tolist())
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
