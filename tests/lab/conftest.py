"""One browser and one lab for all tests of a worker."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, BrowserContext
from tests.lab.browser import Lab, Tab
from tests.lab.exported import export_lab
from tests.lab.playground import DESKTOP, Playground


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    lab = Lab()
    yield lab
    assert lab.end() == 0
    assert lab.process.poll() is not None


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which the command exported the lab; several processes of a test run share one."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if os.environ.get("PYTEST_XDIST_WORKER") else shared
    with FileLock(shared / "lab.lock"):
        if not (shared / "lab").exists():
            export_lab(shared / "lab-unchecked")
            (shared / "lab-unchecked").rename(shared / "lab")
    return shared / "lab"


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One browser context, whose tabs share loaded files."""
    context = browser.new_context(viewport={"width": 1200, "height": 2400}, reduced_motion="reduce")
    yield context
    context.close()


@pytest.fixture
def tab(context: BrowserContext, lab: Lab) -> Iterator[Callable[[str], Tab]]:
    """A function that opens a page of the lab; after the test, the page and the server must have no errors."""
    opened: list[Tab] = []
    before = lab.stderr

    def open_page(name: str) -> Tab:
        path, mark, query = name.partition("/?")
        opened.append(Tab(context.new_page(), f"{lab.address}{path}/{'?' * bool(mark)}{query}"))
        return opened[-1]

    yield open_page
    for one in opened:
        if not one.page.is_closed():
            one.close()
    assert [problem for one in opened for problem in one.problems] == []
    assert lab.stderr == before


@pytest.fixture(scope="module")
def opened(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    """The Playground from a file, without a network; it must have no errors, and load nothing else."""
    context = browser.new_context(offline=True, viewport=DESKTOP)
    playground = Playground(context, tmp_path_factory.mktemp("playground"))
    yield playground
    context.close()
    assert playground.problems == []
    assert {address.split("#")[0] for address in playground.requests} == {playground.path.as_uri()}


@pytest.fixture
def playground(opened: Playground) -> Playground:
    """The Playground with its default settings."""
    opened.page.set_viewport_size(DESKTOP)
    opened.open()
    return opened
