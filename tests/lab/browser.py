"""The lab as users run it: the command serves it, and Chromium shows it."""

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
"""Seconds after which a wait fails; enough for a busy machine."""

PAUSE = 50
"""Milliseconds between two checks of a page."""

PROGRAM = """
import signal, sys, threading
from deltarule.cli.__main__ import main

def write_count(*_):
    with open({path!r}, "a") as file:
        print(sum(thread.name == "learner" for thread in threading.enumerate()), file=file)

signal.signal(signal.SIGUSR1, write_count)
sys.argv[0] = "deltarule"
main()
"""
"""The command, which on SIGUSR1 writes the number of training threads to a file."""


TOKENS: dict[str, str] = {}
"""The token of each lab by its address."""


def add_token(address: str) -> str:
    """Return the address with the token of its lab, which the first visit of a browser needs."""
    token = next((token for lab, token in TOKENS.items() if address.startswith(lab)), "")
    return f"{address}{'&' if '?' in address else '?'}token={token}" if token else address


def wait_until(condition: Callable[[], Any], event: str, seconds: float = PATIENCE) -> None:
    """Wait until the condition holds; fail after ``seconds``."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"this did not happen: {event}"
        time.sleep(PAUSE / 1000)


class Lab:
    """``deltarule lab`` as a process in a folder of its own, until :meth:`end`; port 0 is any free one."""

    def __init__(self, *options: str, port: int = 0) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._counts, self._errors = (Path(self._folder.name) / name for name in ("counts", "errors"))
        self._counts.touch()
        words = [sys.executable, "-c", PROGRAM.format(path=str(self._counts))]
        with open(self._errors, "w") as errors:
            self.process = subprocess.Popen(
                [*words, "lab", "--no-browser", "--port", str(port), *options],
                cwd=self._folder.name,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self.process.stdout
        line = self.process.stdout.readline()
        match = re.fullmatch(r"The lab is at (http://127\.0\.0\.1:(\d+)/)\?token=([\w-]{32})\n", line)
        assert match, line + self.stderr
        self.address, self.port, self.token = match[1], int(match[2]), match[3]
        self.cookie = f"deltarule_lab_{self.port}={self.token}"
        TOKENS[self.address] = self.token
        wait_until(lambda: "Ctrl-C" in self.stderr, "the lab wrote how to end it")

    @property
    def stderr(self) -> str:
        """The text on stderr so far."""
        return self._errors.read_text()

    def count_training_threads(self) -> int:
        """Ask the process for the number of its training threads."""
        before = len(self._counts.read_text())
        self.process.send_signal(signal.SIGUSR1)
        wait_until(lambda: len(self._counts.read_text()) > before, "the lab wrote its number of threads")
        return int(self._counts.read_text().split()[-1])

    def end(self) -> int:
        """End the lab by Ctrl-C, and return its exit code."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(PATIENCE)
        if self.process.stdout:
            self.process.stdout.close()
        self._folder.cleanup()
        return code


NOISE = "was preloaded using link preload"


class Tab:
    """A page of the lab in its own tab; ``problems`` lists errors of the console, of requests and of the kernel."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.problems, self.runs = page, list[str](), 0
        page.set_default_timeout(1000 * PATIENCE)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"page: {error}"))
        page.on("response", lambda response: self._check_status(response.status, response.url))
        page.on("websocket", lambda socket: socket.on("framereceived", self._frame))
        page.goto(add_token(address))
        self.wait_until(lambda: self.runs > 0, "the notebook ran")
        self.wait_until_idle()

    def _check_status(self, status: int, url: str) -> None:
        if status >= 400:
            self.problems.append(f"{status} {url}")

    def _console(self, message: Any) -> None:
        if NOISE not in message.text and (message.type in ("error", "warning") or "[STDERR]" in message.text):
            self.problems.append(f"{message.type}: {message.text}")

    def _frame(self, frame: str | bytes) -> None:
        text = frame if isinstance(frame, str) else frame.decode(errors="replace")
        self.runs += '"op":"completed-run"' in text[:200]
        if "marimo-error" in text or "application/vnd.marimo+traceback" in text:
            self.problems.append(text[:2000])

    def wait_until(self, condition: Callable[[], Any], event: str) -> None:
        """Wait until the condition holds, while the page's events are handled."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"this did not happen: {event}; {self.problems}"
            self.page.wait_for_timeout(PAUSE)

    def wait_until_idle(self) -> None:
        """Wait until no cell runs."""
        self.page.wait_for_function(
            "() => document.querySelector('#App[data-connection-state=OPEN] h1')"
            " && !document.querySelector('[data-testid=loading-indicator]')",
            polling=PAUSE,
        )

    def read_outputs(self) -> str:
        """Read all text and images of the outputs, without the controls."""
        return str(
            self.page.evaluate(
                "() => [...document.querySelectorAll('.output-area')].map((e) => e.innerText"
                " + [...e.querySelectorAll('img')].map((image) => image.src)"
                " + [...e.querySelectorAll('svg')].map((svg) => svg.outerHTML)).join('\\n')"
            )
        )

    def wait_for_text(self, pattern: str) -> str:
        """Wait until text on the page matches a regular expression, and return the match."""
        self.page.wait_for_function(
            "(p) => new RegExp(p, 'u').test(document.body.innerText)", arg=pattern, polling=PAUSE
        )
        match = re.search(pattern, self.page.evaluate("document.body.innerText"))
        return match[0] if match else ""

    def close(self) -> None:
        self.page.close()
