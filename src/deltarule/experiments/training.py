"""Training with the settings of an experiment, and rounding of its figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from deltarule.core.network import Network
from deltarule.core.regularizers import L2
from deltarule.core.trees import Tree, leaves, map_leaves
from deltarule.data.dataset import Dataset
from deltarule.experiments.records import Config
from deltarule.models.files import MODEL_FILE
from deltarule.models.model import Model
from deltarule.training.callbacks import Callback
from deltarule.training.checkpoint import Checkpoint
from deltarule.training.fit import fit
from deltarule.training.resume import resume

DIGITS = 5
"""Significant digits of saved series; the sixth differs between machines."""


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
    """Train a network by :func:`deltarule.fit` with the settings of the run, and return the model.

    It uses ``epochs``, ``batch_size`` (10), ``eta`` (0.5), ``lmbda`` (0) and ``engine`` ("auto") of the settings;
    ``more`` overrides them. It uses one thread, so that results do not depend on other runs on the machine. If the
    config has a ``scratch`` folder, it saves a checkpoint there after every epoch and resumes from an existing one.

    Args:
        config: The settings and the seed.
        network: An untrained network, or a model to train further.
        data: The training set.
        validation: The validation set.
        callbacks: The callbacks.
        custom: The classes of layers that are not part of deltarule, for :func:`deltarule.resume`.
        more: Further arguments of :func:`deltarule.fit`.

    >>> from deltarule.experiments.images import load_images
    >>> config = Config({"data": "digits", "n_train": 200, "epochs": 1, "eta": 3.0})
    >>> data, _, _ = load_images(config)
    >>> train(config, Network.dense([64, 10]), data).predict(data.x[:1]).shape
    (1,)
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
    """Concatenate all arrays of a tree to one vector, layer by layer.

    >>> flatten([{"w": np.ones((1, 2)), "b": np.zeros(1)}])
    array([1., 1., 0.])
    """
    return np.concatenate([leaf.ravel() for leaf in leaves(tree)])


def unflatten(numbers: np.ndarray, like: Tree) -> Tree:
    """Split a vector into a tree with the shapes of ``like``: the inverse of :func:`flatten`.

    >>> unflatten(np.arange(3.0), [{"w": np.ones((1, 2)), "b": np.zeros(1)}])
    [{'w': array([[0., 1.]]), 'b': array([2.])}]
    """
    parts = iter(np.split(numbers, np.cumsum([leaf.size for leaf in leaves(like)])[:-1]))
    return map_leaves(lambda leaf: next(parts).reshape(leaf.shape), like)


def to_percent(fractions: Iterable[float]) -> list[float]:
    """Convert fractions to percentages.

    >>> to_percent([0.9542, 1.0])
    [95.42, 100.0]
    """
    return [round(100 * float(fraction), 4) for fraction in fractions]


def round_all(values: Iterable[float]) -> list[float]:
    """Round numbers to five significant digits, on which all machines agree.

    >>> round_all([0.123456789, 1234567.0])
    [0.12346, 1234600.0]
    """
    return [float(f"{float(value):.{DIGITS}g}") for value in values]
