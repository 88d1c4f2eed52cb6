"""The console of plain lines prints them as rich does, and leaves all else to it."""

from __future__ import annotations

import io
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from deltarule.cli.console import escape
from deltarule.cli.plain_console import PlainConsole, render

PIECES = [
    "[bold]",
    "[dim]",
    "[yellow]",
    "[red]",
    "[/]",
    "[/bold]",
    "[",
    "]",
    "\\",
    "\n",
    "\t",
    "\r",
    "\x1b",
    " ",
    "η",
    "7",
]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def print_by_rich(text: str, is_terminal: bool) -> str:
    file = io.StringIO()
    console = Console(
        file=file, force_terminal=is_terminal, color_system="standard" if is_terminal else None, highlight=False,
        emoji=False, soft_wrap=True, width=20,
    )  # fmt: skip
    console.print(text)
    return file.getvalue()


@pytest.fixture(autouse=True)
def _usual_terminal(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "JUPYTER_COLUMNS"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.skipif(sys.platform == "win32", reason="rich writes to consoles of Windows in another way")
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=8).map("".join), st.booleans())
def test_a_line_is_rendered_as_by_rich(text, is_terminal):
    found = render(text, is_terminal)
    assert found is None or found + "\n" == print_by_rich(text, is_terminal)


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=8).map("".join))
def test_text_is_escaped_as_by_rich(text):
    from rich.markup import escape as escape_markup

    assert escape(text) == escape_markup(text)


@pytest.mark.parametrize(
    "text",
    ["plain", "a [bold]b[/] c [dim]d[/]\n", "[yellow]unsure: 3 or 5[/]   [dim]3 51.00 %[/]"],
)
def test_usual_lines_need_no_rich(text):
    assert render(text, True) is not None
    assert render(text, False) is not None


@pytest.mark.parametrize("text", ["[red]7[/]", "[bold]7", r"\[7]", "a\tb", "[bold]a\nb[/]", "a[0]"])
def test_other_lines_do(text):
    assert render(text, True) is None


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_other_terminals_need_it(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    assert render("plain", True) is None


def test_all_is_printed_in_its_order(monkeypatch):
    monkeypatch.setattr(sys, "stdout", stream := Terminal())
    console = PlainConsole(False, 20)
    console.print("[bold]1[/]")
    console.print("[bold]2[/]", "3")  # by rich, and so are those after it
    console.width = 4
    assert console.width == console.rich.width == 4
    console.print("4")
    assert stream.getvalue() == "\x1b[1m1\x1b[0m\n\x1b[1m2\x1b[0m 3\n4\n"
