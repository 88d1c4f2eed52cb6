"""Training as the settings of an experiment say, and its figures in per cent and rounded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from deltarule.core.network import Network
from deltarule.core.regularizers import L2
from deltarule.core.trees import Tree, leafwise, leaves
from deltarule.data.dataset import Dataset
from deltarule.experiments.records import Config
from deltarule.models.files import MODEL_FILE
from deltarule.models.model import Model
from deltarule.training.callbacks import Callback
from deltarule.training.checkpoint import Checkpoint
from deltarule.training.fit import fit
from deltarule.training.resume import resume

DIGITS = 5
"""Significant digits of what is written; the sixth differs from machine to machine."""


def train(
    config: Config,
    network: Network | Model,
    data: Dataset,
    *,
    validation: Dataset | None = None,
    callbacks: Sequence[Callback] = (),
    custom: Sequence[type] = (),
    **more: Any,
) -> Model:
    """Train by :func:`deltarule.fit` with ``eta``, ``epochs``, ``batch_size``, ``lmbda``, ``engine`` of the settings.

    One thread, so that results do not depend on how many runs share the machine. Where the run has a
    folder of its own, it saves itself there after every epoch, and goes on from what it finds; ``custom``
    are the network's layers that are not the library's own, as :func:`deltarule.resume` takes them.
    """
    lmbda = config.get("lmbda", 0.0)
    arguments: dict[str, Any] = {
        "epochs": config["epochs"],
        "batch_size": config.get("batch_size", 10),
        "eta": config.get("eta", 0.5),
        "regularizer": L2(lmbda) if lmbda else None,
        "seed": config.seed,
        "threads": 1,
        "engine": config.get("engine", "auto"),
        **more,
    }
    if config.scratch is None:
        return fit(network, data, validation=validation, callbacks=callbacks, **arguments)
    if (config.scratch / MODEL_FILE).exists():
        return resume(config.scratch, data, validation=validation, callbacks=callbacks, custom=custom).models[0]
    return fit(network, data, validation=validation, callbacks=[*callbacks, Checkpoint(config.scratch)], **arguments)


def flatten(tree: Tree) -> np.ndarray:
    """Put all numbers of a tree in a row, layer by layer."""
    return np.concatenate([leaf.ravel() for leaf in leaves(tree)])


def unflatten(numbers: np.ndarray, like: Tree) -> Tree:
    """Put a row of numbers into a tree of the shapes of another."""
    parts = iter(np.split(numbers, np.cumsum([leaf.size for leaf in leaves(like)])[:-1]))
    return leafwise(lambda leaf: next(parts).reshape(leaf.shape), like)


def to_percent(shares: Iterable[float]) -> list[float]:
    """Turn shares of one into per cent.

    >>> to_percent([0.9542, 1.0])
    [95.42, 100.0]
    """
    return [round(100 * float(share), 4) for share in shares]


def round_all(values: Iterable[float]) -> list[float]:
    """Round numbers to as many digits as another machine would agree on.

    >>> round_all([0.123456789, 1234567.0])
    [0.12346, 1234600.0]
    """
    return [float(f"{float(value):.{DIGITS}g}") for value in values]
