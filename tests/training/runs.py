"""Small runs on all engines, for tests and for the processes that tests start and kill."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from deltarule.core.activations import ReLU, Sigmoid
from deltarule.core.costs import LogLikelihood
from deltarule.core.layers import Dense, Dropout
from deltarule.core.network import Network
from deltarule.core.optimizers import Adam
from deltarule.core.regularizers import L2
from deltarule.core.schedules import Exponential
from deltarule.data.dataset import Dataset
from deltarule.errors import NOTHING, DeltaruleError
from deltarule.models.files import MODEL_FILE, read
from deltarule.models.loading import load
from deltarule.models.model import Model
from deltarule.training.callbacks import Callback
from deltarule.training.checkpoint import Checkpoint
from deltarule.training.fit import fit
from deltarule.training.resume import resume

ENGINES = ("numpy", "native", "jax")


def pictures(n: int = 42, seed: int = 0) -> Dataset:
    """Make noisy 4×4 images of three overlapping classes, so that no accuracy is perfect."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n)
    bright = np.random.default_rng(1).integers(0, 60, (3, 4, 4))
    return Dataset((bright[y] + rng.integers(0, 190, (n, 4, 4))).astype(np.uint8), y, "pictures", 255.0, tuple("abc"))


TRAIN, VALIDATION = pictures(), pictures(30, 2)  # batches of 4 give 11 steps per epoch, the last of 2 examples
STEPS = 11


def network() -> Network:
    return Network(
        [Dropout(0.1), Dense(8), ReLU(), Dropout(0.3), Dense(5), Sigmoid(), Dense(3)], LogLikelihood(), (16,)
    )


def train(engine: str = "numpy", callbacks=(), epochs: int = 4, **options) -> Model:
    """Train with dropout, Adam, weight decay, a schedule and validation within epochs: all parts of a position."""
    given = {
        "batch_size": 4,
        "eta": Exponential(0.02, 0.9),
        "optimizer": Adam(),
        "regularizer": L2(0.1),
        "validation": VALIDATION,
        "validate_every": 5,
        "seed": 7,
        "engine": engine,
    }
    return fit(network(), TRAIN, epochs=epochs, callbacks=[*callbacks], **{**given, **options})


def resume_run(folder: str | Path, callbacks=(), **options) -> Model:
    return resume(folder, TRAIN, validation=VALIDATION, callbacks=[*callbacks], **options)


def train_or_resume(folder: str | Path, engine: str, every: int, epochs: int, callbacks=()) -> Model:
    """Train, or resume if there is a run, like a script that is started again until it finishes."""
    if (Path(folder) / "model.safetensors").exists():
        return resume_run(folder, callbacks)
    threads = 2 if engine == "native" else None  # its pool of threads is killed with it
    return train(engine, [*callbacks, Checkpoint(folder, every)], epochs, keep_best=True, threads=threads)


class Stop(Exception):
    """An error that ends a run at once, like a power failure."""


class StopAt(Callback):
    """A callback that ends the run after a step, or for step 0 after the epoch."""

    def __init__(self, epoch: int, step: int) -> None:
        self.place, self.every = (epoch, step), 1

    def on_steps(self, moment) -> None:
        if (moment.at.epoch, moment.at.step) == self.place:
            raise Stop

    def after_epoch(self, moment, last) -> None:
        if (moment.at.epoch - 1, 0) == self.place:
            raise Stop


def read_step(folder: Path) -> int:
    """Load the folder's checkpoint and return its number of steps, −1 if there is none."""
    if not (folder / MODEL_FILE).exists():
        return -1
    load(folder)
    position = read(folder / MODEL_FILE)[1]["position"]
    return position["epoch"] * STEPS + position["step"]


def without_times(model: Model) -> tuple:
    """Return the history without its times."""
    times = ("seconds", "compile_seconds")
    records = [{name: value for name, value in r.items() if name not in times} for r in model.history.records]
    return records, list(model.history.within)


def about(argument: str, value: object = NOTHING) -> Callable[[DeltaruleError], bool]:
    """Build a ``check`` for ``pytest.raises`` of an error's argument and, by identity, its value."""
    return lambda error: error.argument == argument and (value is NOTHING or error.value is value)


def start(program: str, *arguments: str, path: str = "", **environment: str) -> subprocess.Popen:
    """Start a Python process that runs a program, which can import this module as ``training.runs``."""
    tests = str(Path(__file__).parent.parent)
    paths = os.pathsep.join(filter(None, [path, tests, os.environ.get("PYTHONPATH", "")]))
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": paths, **environment},
    )


def read_output(process: subprocess.Popen) -> str:
    """Wait for the process, check that it succeeded, and return its output."""
    out, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return out
