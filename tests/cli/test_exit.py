"""The process of a prediction leaves at once, with all that it printed and the right code."""

from __future__ import annotations

import subprocess
import sys

import pytest

LEAVE = """\
import atexit, sys
from deltarule.cli.__main__ import run
atexit.register(print, "torn down")
sys.argv = ["deltarule", *sys.argv[1:]]
run()
"""


@pytest.mark.parametrize(
    ("words", "code", "is_torn_down"),
    [(("predict", "missing.png"), 1, False), (("predict", "--help"), 0, False), (("nets",), 0, True)],
    ids=["error", "help", "other command"],
)
def test_only_a_prediction_leaves_at_once(words, code, is_torn_down):
    done = subprocess.run([sys.executable, "-c", LEAVE, *words], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert done.stdout + done.stderr != ""
    assert ("torn down" in done.stdout) == is_torn_down
