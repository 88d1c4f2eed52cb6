"""A Chromium for the tests; ``python -m tests.lab.chromium`` installs one if needed, or says what to install."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Error, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync")  # fmt: skip
MISSING = """The lab's tests need a Chromium that starts; none was found, and none could be downloaded:
{problem}
Install one, and run again: apt install chromium (Debian, Ubuntu), dnf install chromium (Fedora),
brew install --cask chromium (macOS), or any Chrome with the command google-chrome."""


@contextmanager
def start_chromium() -> Iterator[Browser]:
    """Start the installed Chromium, or Playwright's."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


def find_problem() -> str:
    """Return the reason why no Chromium starts; "" if one starts."""
    try:
        with start_chromium():
            return ""
    except Error as error:
        return error.message.strip().splitlines()[0]


def main() -> None:
    commands = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        commands += [["apt-get", "install", "-y", "-q", "chromium"]]
    problem = find_problem()
    for command in commands:
        if problem:
            print("installing a browser for the tests:", *command[-3:])
            subprocess.run(command, check=False)
            problem = find_problem()
    if problem:
        sys.exit(MISSING.format(problem=problem))


if __name__ == "__main__":
    main()
