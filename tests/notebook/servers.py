"""Servers of notebooks as processes on this machine, until a test ends them, and what their pages complain about."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Page
from tests.lab.browser import PATIENCE


@contextmanager
def run_server(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a module of Python as a server, with its home in a folder, and end it; it writes into ``folder / "log"``."""
    homes = {"HOME": folder, "XDG_CONFIG_HOME": folder / "config", "XDG_CACHE_HOME": folder / "cache"}
    variables = {**os.environ, **{name: str(path) for name, path in homes.items()}, **environment}
    with open(folder / "log", "w") as log:
        process = subprocess.Popen([sys.executable, "-m", *words], env=variables, stdout=log, stderr=log, cwd=folder)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


def is_alive(pid: int) -> bool:
    """Return whether a process runs."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def watch(page: Page) -> list[str]:
    """Return a list that gets the errors of a page: of its console, its scripts and its requests."""
    problems: list[str] = []

    def add_message(message: Any) -> None:
        if message.type == "error":
            problems.append(f"console: {message.text}")

    def add_response(response: Any) -> None:
        if response.status >= 400:
            problems.append(f"{response.status} {response.url}")

    page.set_default_timeout(1000 * PATIENCE)
    page.on("console", add_message)
    page.on("response", add_response)
    page.on("pageerror", lambda error: problems.append(f"page: {error}"))
    return problems


READ_SHARES = """(area) => [...document.querySelectorAll(`${area} svg[aria-label$="%"]`)].map((svg) =>
    [parseInt(svg.getAttribute("aria-label")), svg.querySelectorAll("rect")[1].getBoundingClientRect().width])"""
"""A script that returns the percentage and the width of each bar of progress."""

MEASURE_TEXTS = """(area) => {
    const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true})
    const read = (colour) => {
        canvas.clearRect(0, 0, 1, 1)
        canvas.fillStyle = colour
        canvas.fillRect(0, 0, 1, 1)
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data
        return a ? (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255 : null
    }
    const ground = (element) => {
        if (!element) return 1
        return read(getComputedStyle(element).backgroundColor) ?? ground(element.parentElement)
    }
    const found = []
    for (const element of document.querySelectorAll(`${area} *`)) {
        if (![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue
        const style = getComputedStyle(element)
        const ink = read(element.tagName === "text" ? style.fill : style.color)
        found.push([Math.abs(ink - ground(element)), element.textContent])
    }
    return found
}"""
"""A script that returns, for each text, its difference in brightness from what is behind it (0 to 1), and itself."""
