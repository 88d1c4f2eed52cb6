"""A console for lines of text: it prints most of them itself, and imports rich only for what else there is."""

from __future__ import annotations

import os
import re
import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

_CODES = {"bold": "1", "dim": "2", "yellow": "33"}
_STYLED = re.compile(r"\[(bold|dim|yellow)\]([^\[\]\n]+)\[/\]")
_SPECIAL = frozenset("[]\\\t\r\a\b\v\f")  # markup, and characters that rich leaves out or replaces
_SETTINGS = ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "JUPYTER_COLUMNS")


class PlainConsole:
    """A stand-in for a rich console, on stdout or stderr, which creates it when it is needed.

    A line whose only markup is ``[bold]…[/]``, ``[dim]…[/]`` or ``[yellow]…[/]`` is printed as rich prints it, without
    rich: its import takes longer than some commands.
    """

    def __init__(self, stderr: bool, width: int | None) -> None:
        self._stderr, self._width = stderr, width

    @cached_property
    def rich(self) -> Console:
        """The rich console."""
        from rich.console import Console

        return Console(
            stderr=self._stderr,
            highlight=False,
            emoji=False,
            soft_wrap=True,
            width=self._width,
        )

    def print(self, *words: Any, **settings: Any) -> None:
        """Print as :meth:`rich.console.Console.print` does."""
        stream = sys.stderr if self._stderr else sys.stdout
        is_plain = len(words) == 1 and isinstance(words[0], str) and not settings and "rich" not in self.__dict__
        line = render(words[0], stream.isatty()) if is_plain else None
        if line is None:
            self.rich.print(*words, **settings)
        else:
            stream.write(line + "\n")
            stream.flush()

    @property
    def width(self) -> int:
        """The width of tables, in characters."""
        return self.rich.width

    @width.setter
    def width(self, value: int) -> None:
        self.rich.width = value

    def __enter__(self) -> PlainConsole:
        self.rich.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.rich.__exit__(*error)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rich, name)


def render(text: str, is_terminal: bool) -> str | None:
    r"""Render a line with markup as rich does; return None if only rich can.

    >>> render("[bold]7[/]  94.55 %", is_terminal=False), render("[link]7[/]", is_terminal=False)
    ('7  94.55 %', None)
    """
    if any(name in os.environ for name in _SETTINGS):
        return None
    is_usual = sys.platform != "win32" and os.environ.get("TERM", "dumb").lower() not in ("dumb", "unknown", "")
    if is_terminal and not is_usual:
        return None
    if _SPECIAL.isdisjoint(text):
        return text
    if not _SPECIAL.isdisjoint(_STYLED.sub(r"\2", text)):
        return None
    return _STYLED.sub(lambda found: f"\x1b[{_CODES[found[1]]}m{found[2]}\x1b[0m" if is_terminal else found[2], text)
