"""Runs in which one write, fsync or rename fails or kills the process, for each of them in turn.

What fails is injected from outside: this module only says, in the variable ``FAULT``, which call it
is to be, such as ``fsync 3 fail``, and counts on somebody who stands between Python and the disk, a
``sitecustomize`` or a preloaded library, to hear it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from deltarule.models.files import MODEL_FILE
from deltarule.training.checkpoint import Checkpoint
from deltarule.training.lock import LOCK_FILE

from .runs import STEPS, read_step, train, train_or_resume

EVERY, EPOCHS = 7, 2


class Noting(Checkpoint):
    """A callback that notes the step of each save at its start."""

    def __init__(self, folder, every):
        super().__init__(folder, every)
        self.saves = []

    def _save(self, moment, finished=False):
        self.saves.append(moment.at.epoch * STEPS + moment.at.step)
        super()._save(moment, finished)


def calls(saves: list[int]) -> Iterator[tuple[str, int, int]]:
    """List each call of a run by kind and number, with the step in the file if that call fails."""
    before = [-1, *saves]
    for n, step in enumerate(saves, start=1):
        yield "write", n, before[n - 1]
        yield "fsync", 2 * n - 1, before[n - 1]  # of the file
        yield "rename", n, before[n - 1]
        yield "fsync", 2 * n, step  # of the folder, after the rename


def run(folder: Path, fault: str) -> str:
    """Run in a new process and return its end: the model's fingerprint, or the name of an error or a signal."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.environ["FAULT"] = fault
        try:
            said = train_or_resume(folder, "numpy", EVERY, EPOCHS).parameters_sha256
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        os.environ["FAULT"] = ""
        os.write(writer, said.encode())
        os._exit(0)
    os.close(writer)
    with open(reader, "rb") as pipe:
        said = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    return signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else said


def main(*modes: str) -> None:
    """Print, as JSON, the fingerprint of the uninterrupted run and the end of each run with a fault."""
    outcomes = []
    memory = "/dev/shm"  # a disk in memory, if there is one, as these faults do not need a real disk
    with tempfile.TemporaryDirectory(dir=memory if os.path.isdir(memory) else None) as place:
        noting = Noting(Path(place) / "whole", EVERY)
        expected = train("numpy", [noting], EPOCHS).parameters_sha256
        for mode in modes:
            beyond = len(noting.saves) * 2 + 1
            for kind, n, step in [*calls(noting.saves), ("write", beyond, noting.saves[-1])]:
                folder = Path(place) / f"{mode}-{kind}-{n}"
                said, stands = run(folder, f"{kind} {n} {mode}"), read_step(folder)
                outcome = {"fault": f"{kind} {n} {mode}", "beyond": n == beyond, "said": said, "stands": stands}
                final = run(folder, "")
                left = sorted(path.name for path in folder.iterdir())
                outcomes.append({**outcome, "should stand": step, "final": final, "left": left})
    print(json.dumps({"expected": expected, "saves": noting.saves, "outcomes": outcomes}))


if __name__ == "__main__":
    main(*sys.argv[1:])


def check(found: dict, mode: str) -> None:
    """Check that each fault of a mode occurred and did no harm."""
    outcomes = [outcome for outcome in found["outcomes"] if outcome["fault"].endswith(mode)]
    assert len(outcomes) == 4 * len(found["saves"]) + 1
    for outcome in outcomes:
        said = outcome["said"]
        if outcome["beyond"] or mode == "short":
            assert said == found["expected"], outcome
            assert outcome["stands"] == found["saves"][-1], outcome
        else:
            assert said == "SIGKILL" if mode == "kill" else said.startswith("FileError: "), outcome
            assert mode == "kill" or "Input/output error" in said, outcome
            assert outcome["stands"] == outcome["should stand"], outcome
        assert outcome["final"] == found["expected"], outcome
        # a run killed at its very end is finished, so nothing deletes its lock file
        finished = mode == "kill" and outcome["stands"] == found["saves"][-1]
        assert outcome["left"] == [*([LOCK_FILE] if finished and not outcome["beyond"] else []), MODEL_FILE], outcome
