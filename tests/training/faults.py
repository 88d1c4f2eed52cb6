"""Runs whose every single write, fsync or rename fails or is their last, one after the other.

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

from .runs import STEPS, begin_or_go_on, stands_at, train

EVERY, EPOCHS = 7, 2


class Noting(Checkpoint):
    """Notes the step of every save that is begun."""

    def __init__(self, folder, every):
        super().__init__(folder, every)
        self.saves = []

    def _save(self, moment, finished=False):
        self.saves.append(moment.at.epoch * STEPS + moment.at.step)
        super()._save(moment, finished)


def calls(saves: list[int]) -> Iterator[tuple[str, int, int]]:
    """Each call of a run by its kind and number, and the step at which the file stands when it fails."""
    before = [-1, *saves]
    for n, step in enumerate(saves, start=1):
        yield "write", n, before[n - 1]
        yield "fsync", 2 * n - 1, before[n - 1]  # of the file
        yield "rename", n, before[n - 1]
        yield "fsync", 2 * n, step  # of the folder, when the file is in its place


def run(folder: Path, fault: str) -> str:
    """How a run in a process of its own ended: the fingerprint of its model, an error's name, or a signal's."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.environ["FAULT"] = fault
        try:
            said = begin_or_go_on(folder, "numpy", EVERY, EPOCHS).parameters_sha256
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
    """Prints, as JSON, the uninterrupted run's fingerprint and what became of each run with a fault."""
    outcomes = []
    memory = "/dev/shm"  # where there is a disk in memory: what fails here is not the disk itself
    with tempfile.TemporaryDirectory(dir=memory if os.path.isdir(memory) else None) as place:
        noting = Noting(Path(place) / "whole", EVERY)
        expected = train("numpy", [noting], EPOCHS).parameters_sha256
        for mode in modes:
            beyond = len(noting.saves) * 2 + 1
            for kind, n, step in [*calls(noting.saves), ("write", beyond, noting.saves[-1])]:
                folder = Path(place) / f"{mode}-{kind}-{n}"
                said, stands = run(folder, f"{kind} {n} {mode}"), stands_at(folder)
                outcome = {"fault": f"{kind} {n} {mode}", "beyond": n == beyond, "said": said, "stands": stands}
                final = run(folder, "")
                left = sorted(path.name for path in folder.iterdir())
                outcomes.append({**outcome, "should stand": step, "final": final, "left": left})
    print(json.dumps({"expected": expected, "saves": noting.saves, "outcomes": outcomes}))


if __name__ == "__main__":
    main(*sys.argv[1:])


def check(found: dict, mode: str) -> None:
    """That each fault of a mode was one, and did no harm."""
    outcomes = [outcome for outcome in found["outcomes"] if outcome["fault"].endswith(mode)]
    assert len(outcomes) == 4 * len(found["saves"]) + 1
    for outcome in outcomes:
        said = outcome["said"]
        if outcome["beyond"] or mode == "short":
            assert said == found["expected"], outcome
            assert outcome["stands"] == found["saves"][-1], outcome
        else:
            assert said == "SIGKILL" if mode == "kill" else said.startswith("FileError: "), outcome
            assert mode == "kill" or "could not be written: Input/output error" in said, outcome
            assert outcome["stands"] == outcome["should stand"], outcome
        assert outcome["final"] == found["expected"], outcome
        # a run that was killed as it ended has nothing left to do, and nobody deletes its lock file
        ended = mode == "kill" and outcome["stands"] == found["saves"][-1]
        assert outcome["left"] == [*([LOCK_FILE] if ended and not outcome["beyond"] else []), MODEL_FILE], outcome
