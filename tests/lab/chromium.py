"""``python -m tests.lab.chromium`` sees to it that there is a Chromium for the tests, or says what to install."""

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
WANTED = """The lab's tests need a Chromium that starts, and none was found or could be fetched:
{why}
Install one, and run again: apt install chromium (Debian, Ubuntu), dnf install chromium (Fedora),
brew install --cask chromium (macOS), or any Chrome that is called google-chrome."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """This machine's own, or else Playwright's."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


def fault() -> str:
    """Why none starts; nothing if one does."""
    try:
        with chromium():
            return ""
    except Error as error:
        return error.message.strip().splitlines()[0]


def main() -> None:
    ways = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        ways += [["apt-get", "install", "-y", "-q", "chromium"]]
    why = fault()
    for way in ways:
        if why:
            print("fetching a browser for the tests:", *way[-3:])
            subprocess.run(way, check=False)
            why = fault()
    if why:
        sys.exit(WANTED.format(why=why))


if __name__ == "__main__":
    main()
