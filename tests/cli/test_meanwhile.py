"""A call in a thread: its result, and its error, reach the main thread."""

from __future__ import annotations

import subprocess
import sys

import pytest

from deltarule.cli.meanwhile import Meanwhile
from deltarule.data import find
from deltarule.errors import DataError


def test_the_result_is_returned():
    assert Meanwhile(lambda: find("digits")).join().name == "digits"


def test_an_error_is_raised():
    call = Meanwhile(lambda: find("auto", "nothing there"))
    with pytest.raises(DataError, match="no such path"):
        call.join()


def test_the_process_ends_although_the_call_does_not():
    code = "from time import sleep\nfrom deltarule.cli.meanwhile import Meanwhile\nMeanwhile(lambda: sleep(600))\n"
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0
