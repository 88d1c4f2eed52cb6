"""A folder in which Python trains is refused by the command, and the other way round."""

from __future__ import annotations

import subprocess
import sys

import pytest

import deltarule as dr
from deltarule.errors import InvalidArgument
from deltarule.models.files import MODEL_FILE

pytestmark = pytest.mark.slow

TRAIN, VALIDATION, _ = dr.data.load("digits")
NETWORK = dr.Network.dense([64, 8, 10])


def run(*words):
    command = [sys.executable, "-c", "from deltarule.cli.__main__ import run; run()", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True)


class Meanwhile(dr.callbacks.Callback):
    """Call a function once, after the first epoch."""

    def __init__(self, function):
        self.function, self.results = function, []

    def after_epoch(self, moment, last):
        if not self.results:
            self.results.append(self.function())


def test_the_command_leaves_a_run_of_python_alone(tmp_path):
    folder = tmp_path / "mine"

    def meanwhile():
        content = (folder / MODEL_FILE).read_bytes()
        ends = [
            run("train", "--resume", folder, "--epochs", 9),
            run("train", "--data", "digits", "--epochs", 1, "--out", folder),
        ]
        assert (folder / MODEL_FILE).read_bytes() == content
        return ends

    callback = Meanwhile(meanwhile)
    model = dr.fit(NETWORK, TRAIN, epochs=2, seed=1, callbacks=[dr.callbacks.Checkpoint(folder), callback])
    assert [end.returncode for end in callback.results[0]] == [2, 2], [end.stderr for end in callback.results[0]]
    assert dr.load(folder).parameters_sha256 == model.parameters_sha256
    assert model.parameters_sha256 == dr.fit(NETWORK, TRAIN, epochs=2, seed=1).parameters_sha256


COMMAND = """
import sys
from deltarule.training.checkpoint import Checkpoint
saved = Checkpoint._save
def save(self, moment, finished=False):
    saved(self, moment, finished)
    print("saved", flush=True)
    sys.stdin.readline()
Checkpoint._save = save
sys.argv = ["deltarule", "train", "--data", "digits", "--epochs", "2", "--out", sys.argv[1]]
from deltarule.cli.__main__ import run
run()
"""


def test_python_leaves_a_run_of_the_command_alone(tmp_path):
    folder = tmp_path / "mine"
    words = [sys.executable, "-c", COMMAND, str(folder)]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as other:
        while "saved" not in other.stdout.readline():
            assert other.poll() is None, other.stderr.read()
        with pytest.raises(InvalidArgument):
            dr.resume(folder, TRAIN, validation=VALIDATION, epochs=9)
        with pytest.raises(InvalidArgument):
            dr.fit(NETWORK, TRAIN, epochs=1, callbacks=[dr.callbacks.Checkpoint(folder)])
        other.communicate("\n" * 99, timeout=300)
    assert other.returncode == 0
    assert len(dr.load(folder).history) == 2
