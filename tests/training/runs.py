"""Small runs on both engines, for tests and for the processes that tests start, kill and let fail."""

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

ENGINES = ("numpy", "jax")


def pictures(n: int = 42, seed: int = 0) -> Dataset:
    """Noisy 4×4 pictures in three classes that overlap, so that accuracy has somewhere to go."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n)
    bright = np.random.default_rng(1).integers(0, 60, (3, 4, 4))
    return Dataset((bright[y] + rng.integers(0, 190, (n, 4, 4))).astype(np.uint8), y, "pictures", 255.0, tuple("abc"))


TRAIN, VALIDATION = pictures(), pictures(30, 2)  # with batches of 4, eleven steps an epoch, the last of two examples
STEPS = 11


def network() -> Network:
    return Network(
        [Dropout(0.1), Dense(8), ReLU(), Dropout(0.3), Dense(5), Sigmoid(), Dense(3)], LogLikelihood(), (16,)
    )


def train(engine: str = "numpy", callbacks=(), epochs: int = 4, **options) -> Model:
    """Dropout, Adam, weight decay, a schedule, validation within epochs: all that a position consists of."""
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


def go_on(folder: str | Path, callbacks=(), **options) -> Model:
    return resume(folder, TRAIN, validation=VALIDATION, callbacks=[*callbacks], **options)


def begin_or_go_on(folder: str | Path, engine: str, every: int, epochs: int, callbacks=()) -> Model:
    """What a script does that may be started again and again until it is through."""
    if (Path(folder) / "model.safetensors").exists():
        return go_on(folder, callbacks)
    return train(engine, [*callbacks, Checkpoint(folder, every)], epochs, keep_best=True)


class Stop(Exception):
    """The run breaks off here, as if the power had failed, but within this process."""


class StopAt(Callback):
    """Breaks off after a step, or with step 0 when the epoch is over."""

    def __init__(self, epoch: int, step: int) -> None:
        self.place, self.every = (epoch, step), 1

    def on_steps(self, moment) -> None:
        if (moment.at.epoch, moment.at.step) == self.place:
            raise Stop

    def after_epoch(self, moment, last) -> None:
        if (moment.at.epoch - 1, 0) == self.place:
            raise Stop


def stands_at(folder: Path) -> int:
    """The step that the folder's checkpoint stands at, −1 if there is none yet; it must load."""
    if not (folder / MODEL_FILE).exists():
        return -1
    load(folder)
    position = read(folder / MODEL_FILE)[1]["position"]
    return position["epoch"] * STEPS + position["step"]


def without_times(model: Model) -> tuple:
    """The history but for how long it took."""
    times = ("seconds", "compile_seconds")
    records = [{name: value for name, value in r.items() if name not in times} for r in model.history.records]
    return records, list(model.history.within)


def about(argument: str, value: object = NOTHING) -> Callable[[DeltaruleError], bool]:
    """Whether an error is about an argument, and about this value of it: a ``check`` for ``pytest.raises``."""
    return lambda error: error.argument == argument and (value is NOTHING or error.value is value)


def start(program: str, *arguments: str, path: str = "", **environment: str) -> subprocess.Popen:
    """A Python process that runs a program and may import this module as ``training.runs``."""
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


def ended(process: subprocess.Popen) -> str:
    """What the process printed; it must have ended well."""
    out, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return out
