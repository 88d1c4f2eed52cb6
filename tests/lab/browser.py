"""The lab as its user has it: the command serves it, and a real Chromium shows it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

PATIENCE = 90
"""Seconds until what must come is given up, on a machine that is busy with other things."""

PAUSE = 50
"""Milliseconds between two looks at a page: to look takes time from what is waited for."""

TOLD = """
import signal, sys, threading
from deltarule.cli.__main__ import main

def tell(*_):
    with open({path!r}, "a") as file:
        print(sum(thread.name == "learner" for thread in threading.enumerate()), file=file)

signal.signal(signal.SIGUSR1, tell)
sys.argv[0] = "deltarule"
main()
"""
"""The command, that writes down on demand how many threads learn."""


def until(condition: Callable[[], Any], what: str, seconds: float = PATIENCE) -> None:
    """Waits for what must come; nothing is asserted about how soon."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"it never came that {what}"
        time.sleep(PAUSE / 1000)


class Lab:
    """``deltarule lab`` as a process of its own, until :meth:`end`; ``said`` is what it wrote on stderr."""

    def __init__(self, *options: str) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._told, self._errors = (Path(self._folder.name) / name for name in ("told", "errors"))
        self._told.touch()
        words = [sys.executable, "-c", TOLD.format(path=str(self._told))]
        with open(self._errors, "w") as errors:
            self.process = subprocess.Popen(
                [*words, "lab", "--no-browser", "--port", "0", *options],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self.process.stdout
        line = self.process.stdout.readline()
        found = re.fullmatch(r"The lab is at (http://127\.0\.0\.1:(\d+)/)\n", line)
        assert found, line + self.said
        self.address, self.port = found[1], int(found[2])

    @property
    def said(self) -> str:
        return self._errors.read_text()

    def learning(self) -> int:
        """How many threads learn at this moment, as the process itself says it."""
        before = len(self._told.read_text())
        self.process.send_signal(signal.SIGUSR1)
        until(lambda: len(self._told.read_text()) > before, "the lab said what learns")
        return int(self._told.read_text().split()[-1])

    def end(self) -> int:
        """Ctrl-C; returns the exit code."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(PATIENCE)
        if self.process.stdout:
            self.process.stdout.close()
        self._folder.cleanup()
        return code


NOISE = "was preloaded using link preload"


class Tab:
    """A page of the lab in a tab of its own; ``problems`` is what went wrong in it: console, requests, kernel."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.problems, self.runs = page, list[str](), 0
        page.set_default_timeout(1000 * PATIENCE)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"page: {error}"))
        page.on("response", lambda got: got.status >= 400 and self.problems.append(f"{got.status} {got.url}"))
        page.on("websocket", lambda socket: socket.on("framereceived", self._frame))
        page.goto(address)
        self.until(lambda: self.runs > 0, "the notebook ran")
        self.settled()

    def _console(self, message: Any) -> None:
        if NOISE not in message.text and (message.type in ("error", "warning") or "[STDERR]" in message.text):
            self.problems.append(f"{message.type}: {message.text}")

    def _frame(self, frame: str | bytes) -> None:
        text = frame if isinstance(frame, str) else frame.decode(errors="replace")
        self.runs += '"op":"completed-run"' in text[:200]
        if "marimo-error" in text or "application/vnd.marimo+traceback" in text:
            self.problems.append(text[:2000])

    def until(self, condition: Callable[[], Any], what: str) -> None:
        """Waits, and lets the page's events in meanwhile."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"it never came that {what}; {self.problems}"
            self.page.wait_for_timeout(PAUSE)

    def settled(self) -> None:
        """Waits until no cell runs."""
        self.page.wait_for_function(
            "() => document.querySelector('#App[data-connection-state=OPEN] h1')"
            " && !document.querySelector('[data-testid=loading-indicator]')",
            polling=PAUSE,
        )

    def shown(self) -> str:
        """All text and all pictures outside of the controls."""
        return str(
            self.page.evaluate(
                "() => [...document.querySelectorAll('.output-area')].map((e) => e.innerText"
                " + [...e.querySelectorAll('img')].map((image) => image.src)"
                " + [...e.querySelectorAll('svg')].map((svg) => svg.outerHTML)).join('\\n')"
            )
        )

    def says(self, pattern: str) -> str:
        """Waits until this stands on the page, and returns it."""
        self.page.wait_for_function(
            "(p) => new RegExp(p, 'u').test(document.body.innerText)", arg=pattern, polling=PAUSE
        )
        found = re.search(pattern, self.page.evaluate("document.body.innerText"))
        return found[0] if found else ""

    def close(self) -> None:
        self.page.close()
