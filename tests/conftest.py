"""MNIST for the tests, and an account of how many of them really had it."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import settings

FOLDER = os.environ.get("DELTARULE_DATA", "")
"""Where the real MNIST is; read once, for tests change the environment."""

# the time that an example takes says nothing on a busy machine
settings.register_profile("deltarule", settings.default, deadline=None)
settings.load_profile("deltarule")


@pytest.fixture(scope="session")
def mnist():
    """Return ``(training, validation, test)`` of MNIST if DELTARULE_DATA names it, else of the 8×8 digits."""
    from deltarule.data import load

    return load("mnist", FOLDER) if FOLDER else load("digits")


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all tests of a process."""
    from tests.lab.chromium import start_chromium

    with start_chromium() as browser:
        yield browser


class Account:
    """Count the tests that ran with the fixture above, by the data they got."""

    def __init__(self, demanded: bool) -> None:
        self.demanded = demanded
        self.tests: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.outcome != "skipped":
            self.tests.update(value for name, value in report.user_properties if name == "mnist")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.wanting and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
        yield  # after the list of failures: what decides should stand last
        stand_in = f"; {self.tests['digits']} on the small digits in its place: " * bool(self.tests["digits"])
        reason = "DELTARULE_DATA does not name a folder with MNIST" * bool(stand_in)
        terminalreporter.write_line(f"tests on the real MNIST: {self.tests['mnist']}{stand_in}{reason}")
        if self.wanting:
            terminalreporter.write_line(
                "CI with DELTARULE_DATA demands the real MNIST in all of them, and in one at least"
            )

    @property
    def wanting(self) -> bool:
        return self.demanded and (not self.tests["mnist"] or bool(self.tests["digits"]))


def pytest_configure(config: pytest.Config) -> None:
    # run in the background of a script, the tests would inherit that Ctrl-C is ignored, and hand it on
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # the workers of a distributed run send their reports to the one process that keeps the account
    if not hasattr(config, "workerinput"):
        demanded = bool(os.environ.get("CI") and FOLDER) and not config.option.collectonly
        config.pluginmanager.register(Account(demanded), "account of MNIST")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    if splits := getattr(item, "funcargs", {}).get("mnist"):
        # said by the data themselves: what the fixture returned, not what it was meant to
        item.user_properties.append(("mnist", splits[0].name.split()[0]))
