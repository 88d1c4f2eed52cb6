"""The functions that the runs call, and the results that they take from a model, in one place.

If an argument or a method of the library gets another name, change it here; the recorded results stay the same.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Callable
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

import deltarule as dr
from deltarule.cli.__main__ import main
from deltarule.data import digits, fallback
from deltarule.experiments.registry import EXPERIMENTS
from deltarule.experiments.run import run_once

USUAL: dict[str, Any] = {"epochs": 2, "batch_size": 20, "seed": 3, "engine": "numpy", "threads": 1, "dtype": "float64"}
"""The default settings of a run."""


def fit(network: Any, train: Any, **settings: Any) -> Any:
    """Train a model on one thread."""
    return dr.fit(network, train, **{**USUAL, **settings})


def fit_many(network: Any, train: Any, seeds: list[int], **settings: Any) -> list[Any]:
    """Train models of these seeds at once."""
    settings = {**USUAL, **settings}
    execution = dr.Execution(**{name: settings.pop(name) for name in ("engine", "threads")})
    validation, lists = settings.pop("validation", None), {"seed": seeds}
    lists |= {name: settings.pop(name) for name, value in list(settings.items()) if isinstance(value, list)}
    trainings = dr.Training(**settings).vary(**lists)
    return dr.fit_many(network, train, trainings, validation=validation, execution=execution)


def fit_ensemble(network: Any, train: Any, members: int, **settings: Any) -> Any:
    """Train an ensemble of ``members``."""
    return dr.fit_ensemble(network, train, members=members, **{**USUAL, **settings})


def fit_interrupted(network: Any, train: Any, folder: Path, after: int, **settings: Any) -> Any:
    """Train, stop the run by Ctrl-C after some steps, and resume it from its checkpoint."""
    try:
        fit(
            network,
            train,
            callbacks=[CtrlC(after), dr.callbacks.Checkpoint(folder)],
            keep_best=True,
            **settings,
        )
    except dr.errors.Interrupted:
        return dr.resume(folder, train, validation=settings.get("validation"))
    raise AssertionError("the run was not interrupted")


class CtrlC(dr.Callback):
    """A callback that sends the signal of Ctrl-C after some steps."""

    every = 1

    def __init__(self, after: int) -> None:
        self.left = after

    def on_steps(self, moment: Any) -> None:
        self.left -= 1
        if self.left == 0:
            signal.raise_signal(signal.SIGINT)


def find_eta(network: Any, train: Any) -> dict[str, Any]:
    """Find η: return the threshold, the values that were tried, and the costs that decreased."""
    found = dr.find_eta(network, train, engine="numpy", threads=1, dtype="float64")
    steady = [trial for trial in found.trials if trial.decreases]
    eta = [found.threshold, found.upper_bound, found.recommended_eta, *(trial.eta for trial in found.trials)]
    return {"eta": np.array(eta), "costs": np.array([trial.costs for trial in steady])}


def list_members(model: Any) -> list[Any]:
    """List the members of an ensemble, or the model alone."""
    return list(getattr(model, "models", [model]))


def collect_parameters(model: Any) -> np.ndarray:
    """Collect all parameters in one row: layer by layer, by name within a layer."""
    layers = [layer for one in list_members(model) for layer in one.params]
    return concatenate(layer[name] for layer in layers for name in sorted(layer))


def compute_outputs(model: Any, dataset: Any) -> np.ndarray:
    """Compute aᴸ for the examples of a data set."""
    return model.outputs(dataset.x)


def predict_labels(model: Any, dataset: Any) -> np.ndarray:
    """Predict the labels of the examples of a data set."""
    return model.predict(dataset.x)


def evaluate(model: Any, dataset: Any) -> np.ndarray:
    """Compute accuracy and cost on a data set."""
    return np.array([model.accuracy(dataset), model.cost(dataset)])


def get_best(model: Any) -> Any:
    """Return the model of the best epoch, if it was kept."""
    return model.best


TIMES = ("seconds", "compile_seconds")


def collect_history(model: Any) -> np.ndarray:
    """Collect all recorded numbers except times: epoch by epoch, by name within an epoch."""
    records = [*model.history.records, *model.history.within]
    return concatenate(record[name] for record in records for name in sorted(record) if name not in TIMES)


def collect_book_weights(net: Any) -> np.ndarray:
    """Collect all weights and biases of one of the book's networks."""
    found = net.params if hasattr(net, "params") else [*net.weights, *net.biases]
    return concatenate(np.asarray(getattr(one, "get_value", lambda one=one: one)()) for one in found)


def list_experiments() -> list[str]:
    """List the names of all experiments."""
    return list(EXPERIMENTS)


def run_experiment(name: str) -> np.ndarray:
    """Run the miniature of an experiment on the small digits, even if there is MNIST, and return all its figures."""
    offline = patch.dict(os.environ, {"DELTARULE_OFFLINE": "1", "DELTARULE_DATA": ""})
    read_once = patch.object(digits, "load", read_digits)
    fallback.load_images.cache_clear()
    try:
        with offline, read_once:
            runs = run_once(EXPERIMENTS[name]).runs
    finally:
        fallback.load_images.cache_clear()
    assert not any(run.error for run in runs)
    return concatenate(run.figures[figure] for run in runs for figure in sorted(run.figures))


def concatenate(numbers: Any) -> np.ndarray:
    """Concatenate numbers and arrays to one row; None becomes −1."""
    return np.concatenate([np.ravel(-1 if one is None else one) for one in numbers])


@dataclass(frozen=True)
class Ran:
    """The exit status of a command, and its output."""

    code: int
    out: str
    err: str


read_digits: Callable[[], Any] = lru_cache(digits.load)
"""The small digits, read once."""


def run_command(folder: Path, *words: object) -> Ran:
    """Run the command in this process, in a folder."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2)]
    offline = patch.dict(os.environ, {"DELTARULE_OFFLINE": "1", "DELTARULE_DATA": "", "COLUMNS": "200"})
    words_given = patch.object(sys, "argv", ["deltarule", *map(str, words)])
    read_once = patch.object(digits, "load", read_digits)
    code: Any = None
    with chdir(folder), offline, words_given, read_once, redirect_stdout(streams[0]), redirect_stderr(streams[1]):
        try:
            main()
        except SystemExit as left:
            code = left.code
    out, err = (stream.buffer.getvalue().decode() for stream in streams)  # type: ignore[attr-defined]
    return Ran(int(code or 0), out, err)
