"""A process that has imported everything, forks runs, kills them at random moments and resumes them.

Forking makes a run cost what it takes to train and save, not what it takes to start Python. JAX is
imported but not started before the fork, since a running JAX has threads, which do not survive one.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

from deltarule.training.callbacks import Callback

from .runs import read_step, train_or_resume

EVERY, EPOCHS = 2, 4


class Started(Callback):
    """A callback that tells the parent that training starts."""

    def __init__(self, pipe: int) -> None:
        self.pipe = pipe

    def on_start(self, moment) -> None:
        os.write(self.pipe, b".")


def run(folder: Path, engine: str, delay: float | None) -> tuple[str, float]:
    """Run in a new process, killed ``delay`` seconds after its training started.

    Returns the fingerprint of the final parameters, empty if it was killed, and how long it trained.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(reader)
            model = train_or_resume(folder, engine, EVERY, EPOCHS, [Started(writer)])
            os.write(writer, b"." + model.parameters_sha256.encode())  # a finished run does not report its start
            os._exit(0)
        finally:
            traceback.print_exc()
            os._exit(1)
    os.close(writer)
    os.read(reader, 1)
    began = time.perf_counter()
    if delay is not None:
        select.select([], [], [], delay)
        os.kill(child, signal.SIGKILL)
    said = b""
    while part := os.read(reader, 100):
        said += part
    took = time.perf_counter() - began
    os.close(reader)
    if os.WEXITSTATUS(os.waitpid(child, 0)[1]):
        raise SystemExit("a run failed by itself")
    return said.decode().strip("."), took


def main(engine: str, kills: int, seed: int) -> None:
    """Print, as JSON, the fingerprints of the uninterrupted run and the killed ones, with the moments of kills."""
    if engine == "jax":
        import jax.numpy  # noqa: F401 (imported for the children)

        import deltarule.engines.jax_engine  # noqa: F401
    draw, killed, runs = random.Random(seed), 0, []
    with tempfile.TemporaryDirectory() as place:
        train_or_resume(Path(place) / "warm", "numpy", EVERY, 1)
        expected, duration = run(Path(place) / "whole", engine, None)
        while killed < kills:
            folder, final, moments, again = Path(place) / f"run{len(runs)}", "", [], True
            while not final:
                # up to a whole run's time: a resumed run compiles again, and may finish before
                delay = draw.uniform(0, duration) if again and killed < kills else None
                final, _ = run(folder, engine, delay)
                if not final:
                    killed, again = killed + 1, draw.random() < 0.6
                    moments.append((read_step(folder), len(list(folder.glob(".*.part")))))
            left = sorted(path.name for path in folder.iterdir())
            runs.append({"final": final, "moments": moments, "left": left})
    print(json.dumps({"expected": expected, "runs": runs, "duration": duration}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
