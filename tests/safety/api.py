"""Today's names, all in one place: what the runs call, and what they take out of a model.

When an argument or a method gets another name, it is changed here, and nothing recorded changes with it.
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
"""The settings of a run, where it has no others."""


def fit(network: Any, train: Any, **settings: Any) -> Any:
    """A model, trained on one thread."""
    return dr.fit(network, train, **{**USUAL, **settings})


def fit_many(network: Any, train: Any, seeds: list[int], **settings: Any) -> list[Any]:
    """Models of these seeds, trained at once."""
    settings = {**USUAL, **settings}
    execution = dr.Execution(**{name: settings.pop(name) for name in ("engine", "threads")})
    validation, lists = settings.pop("validation", None), {"seed": seeds}
    lists |= {name: settings.pop(name) for name, value in list(settings.items()) if isinstance(value, list)}
    trainings = dr.Training(**settings).vary(**lists)
    return dr.fit_many(network, train, trainings, validation=validation, execution=execution)


def fit_ensemble(network: Any, train: Any, members: int, **settings: Any) -> Any:
    """An ensemble of so many members."""
    return dr.fit_ensemble(network, train, members=members, **{**USUAL, **settings})


def fit_interrupted(network: Any, train: Any, folder: Path, after: int, **settings: Any) -> Any:
    """The model of a run that Ctrl-C stops after so many steps, and that is resumed from its checkpoint."""
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
    """Presses Ctrl-C after so many steps."""

    every = 1

    def __init__(self, after: int) -> None:
        self.left = after

    def on_steps(self, moment: Any) -> None:
        self.left -= 1
        if self.left == 0:
            signal.raise_signal(signal.SIGINT)


def find_eta(network: Any, train: Any) -> dict[str, Any]:
    """The threshold of η, the values tried, and the costs of those at which they decreased."""
    found = dr.find_eta(network, train, engine="numpy", threads=1, dtype="float64")
    steady = [trial for trial in found.trials if trial.decreases]
    eta = [found.threshold, found.upper_bound, found.recommended_eta, *(trial.eta for trial in found.trials)]
    return {"eta": np.array(eta), "costs": np.array([trial.costs for trial in steady])}


def members(model: Any) -> list[Any]:
    """The networks of an ensemble, or the one."""
    return list(getattr(model, "models", [model]))


def parameters(model: Any) -> np.ndarray:
    """All parameters, one after the other: layer by layer, by name within a layer."""
    layers = [layer for one in members(model) for layer in one.params]
    return joined(layer[name] for layer in layers for name in sorted(layer))


def outputs(model: Any, dataset: Any) -> np.ndarray:
    """aᴸ for the examples of a data set."""
    return model.outputs(dataset.x)


def answers(model: Any, dataset: Any) -> np.ndarray:
    """The labels for the examples of a data set."""
    return model.predict(dataset.x)


def figures(model: Any, dataset: Any) -> np.ndarray:
    """Accuracy and cost on a data set."""
    return np.array([model.accuracy(dataset), model.cost(dataset)])


def best(model: Any) -> Any:
    """The model of the best epoch, where it was kept."""
    return model.best


TIMES = ("seconds", "compile_seconds")


def history(model: Any) -> np.ndarray:
    """All numbers that were recorded on the way, but times: epoch by epoch, by name within an epoch."""
    records = [*model.history.records, *model.history.within]
    return joined(record[name] for record in records for name in sorted(record) if name not in TIMES)


def book_weights(net: Any) -> np.ndarray:
    """All weights and biases of one of the book's networks."""
    found = net.params if hasattr(net, "params") else [*net.weights, *net.biases]
    return joined(np.asarray(getattr(one, "get_value", lambda one=one: one)()) for one in found)


def experiments() -> list[str]:
    """The names of all experiments."""
    return list(EXPERIMENTS)


def experiment(name: str) -> np.ndarray:
    """All figures that the miniature of an experiment comes to, on the small digits, whatever data are there."""
    offline = patch.dict(os.environ, {"DELTARULE_OFFLINE": "1", "DELTARULE_DATA": ""})
    read_once = patch.object(digits, "load", read_digits)
    fallback.load_images.cache_clear()
    try:
        with offline, read_once:
            runs = run_once(EXPERIMENTS[name]).runs
    finally:
        fallback.load_images.cache_clear()
    assert not any(run.error for run in runs)
    return joined(run.figures[figure] for run in runs for figure in sorted(run.figures))


def joined(numbers: Any) -> np.ndarray:
    """Numbers and arrays as one row; what has no value is −1."""
    return np.concatenate([np.ravel(-1 if one is None else one) for one in numbers])


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


read_digits: Callable[[], Any] = lru_cache(digits.load)
"""The small digits, read once."""


def command(folder: Path, *words: object) -> Ran:
    """Run the command in this process, with a folder as the place where it stands."""
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
