"""The records of a run on the page Train: its job, the rates that may change, and a snapshot of its state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from deltarule.core.network import Network
from deltarule.core.optimizers import SGD, Optimizer
from deltarule.data.dataset import Dataset
from deltarule.models.history import Record
from deltarule.models.model import Model
from deltarule.training.saved_run import SavedRun

Points = tuple[tuple[int, float], ...]
"""Pairs of a number of mini-batches and a value."""


@dataclass(frozen=True)
class Rates:
    """The settings that may change during training: learning rate η and weight decay λ (divided by n)."""

    eta: float = 0.5
    lmbda: float = 0.0


FIRST_RATES = Rates()


@dataclass(frozen=True)
class Snapshot:
    """The state of a run at one moment.

    ``status`` is "ready", "preparing", "training", "paused", "done" or "failed". ``epoch`` is the epoch of the last
    mini-batch, counted from 1, and ``steps`` the number of mini-batches so far. ``records`` has one record per finished
    epoch (their "epoch" counts from 0). ``speed`` is in examples per second. ``rates`` are the η and λ that were used,
    in order. ``model`` is the model so far (None before training starts). ``costs`` are costs of some training examples
    between epochs, and ``steps_per_epoch`` their scale. ``problem`` says why the run failed, and ``diverged`` whether
    its parameters became infinite.
    """

    status: str = "ready"
    epoch: int = 0
    steps: int = 0
    records: tuple[Record, ...] = ()
    speed: float = 0.0
    rates: tuple[Rates, ...] = ()
    model: Model | None = None
    costs: Points = ()
    steps_per_epoch: int = 0
    problem: str = ""
    diverged: bool = False


@dataclass(frozen=True)
class Job:
    """The settings of a run: the network, the data and the training.

    ``folder`` is where the run saves itself, None for nowhere, with ``notes`` for its ``run.json``. ``saved`` is the
    state from which to continue it, if it has trained before.
    """

    network: Network
    train: Dataset
    validation: Dataset
    batch_size: int = 10
    optimizer: Optimizer = field(default_factory=SGD)
    seed: int = 1
    epochs: int = 1000
    engine: str = "auto"
    folder: Path | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)
    saved: SavedRun | None = None


def select_by_epoch(records: tuple[Record, ...], name: str) -> tuple[list[int], list[float]]:
    """Select the values of one figure, and the epochs, counted from 1, that recorded it.

    >>> select_by_epoch(({"epoch": 0, "cost": 0.5}, {"epoch": 1}), "cost")
    ([1], [0.5])
    """
    complete: list[Mapping[str, Any]] = [record for record in records if name in record]
    return [int(record["epoch"]) + 1 for record in complete], [np.asarray(record[name]).tolist() for record in complete]


def add_point(points: Points, steps: int, value: float, most: int = 400) -> Points:
    """Add a point; of more than ``most`` points every other one stays.

    >>> points = ()
    >>> for i in range(6): points = add_point(points, i, i / 2, most=4)
    >>> points
    ((0, 0.0), (2, 1.0), (4, 2.0), (5, 2.5))
    """
    points = (*points, (steps, value))
    return points if len(points) <= most else points[::2]
