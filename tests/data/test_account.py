"""The account of tests on the real MNIST, checked with generated tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from conftest import Account

TESTS = """
import pytest
def test_one(mnist): assert mnist[0].name
def test_another(mnist): assert len(mnist) == 3
def test_without(): pass
@pytest.mark.skip
def test_left_out(mnist): pass
"""
# in place of data that take seconds to load
SHORT = """
import deltarule.data
class Named:
    def __init__(self, name): self.name = name
deltarule.data.load = lambda name, path=None: (Named(f"{name} training"), Named("validation"), Named("test"))
"""


def run(folder: Path, *options: str, **variables: str) -> tuple[int, str]:
    shutil.copy(Path(__file__).parents[1] / "conftest.py", folder / "conftest.py")
    with open(folder / "conftest.py", "a", encoding="utf-8") as file:
        file.write(SHORT)
    (folder / "test_it.py").write_text(TESTS, encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if k not in ("CI", "DELTARULE_DATA") and "PYTEST" not in k}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "xdist", *options, str(folder)]
    ran = subprocess.run(
        command,
        cwd=folder,
        env=environment | variables | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return ran.returncode, ran.stdout


def test_two_workers_share_one_account(tmp_path):
    status, log = run(tmp_path, "-n", "2", DELTARULE_DATA="somewhere", CI="true")
    assert (status, "tests on the real MNIST: 2\n" in log) == (0, True), log


def test_ci_with_mnist_demands_the_tests_on_mnist(tmp_path):
    status, log = run(tmp_path, "-k", "without", DELTARULE_DATA="somewhere", CI="true")
    assert (status, "tests on the real MNIST: 0\n" in log) == (1, True), log
    assert "demands the real MNIST in all of them, and in one at least" in log


def test_without_mnist_the_summary_names_the_digits(tmp_path):
    status, log = run(tmp_path, CI="true")
    assert status == 0
    assert "tests on the real MNIST: 0; 2 on the small digits in its place: DELTARULE_DATA does not name" in log


def account_of(demanded: bool, *reports: tuple[str, str, str]) -> tuple[dict[str, int], int]:
    account = Account(demanded)
    for when, outcome, data in reports:
        account.pytest_runtest_logreport(
            SimpleNamespace(when=when, outcome=outcome, user_properties=[("mnist", data), ("other", "mnist")])
        )
    session = SimpleNamespace(exitstatus=pytest.ExitCode.OK)
    account.pytest_sessionfinish(session)
    return dict(account.tests), int(session.exitstatus)


def test_the_account_counts_tests_and_reports_failures():
    passed, failed, skipped = (("call", outcome, "mnist") for outcome in ("passed", "failed", "skipped"))
    in_its_place = ("call", "passed", "digits")
    assert account_of(True, passed, failed, ("teardown", "passed", "mnist")) == ({"mnist": 2}, 0)
    assert account_of(True, skipped) == ({}, 1)
    assert account_of(True, passed, in_its_place) == ({"mnist": 1, "digits": 1}, 1)
    assert account_of(False, in_its_place) == ({"digits": 1}, 0)
    assert account_of(False) == ({}, 0)
