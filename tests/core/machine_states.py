"""A small Boltzmann machine, and the probabilities of all its states, computed from the energy alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from deltarule.core import random

KEY = random.key(5)
N_VISIBLE, N_HIDDEN = 4, 3

each_kind = pytest.mark.parametrize("n_labels", [0, 2], ids=["binary", "labels"])


def make(n_visible: int = N_VISIBLE, n_hidden: int = N_HIDDEN, scale: float = 1.0, seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    shapes = {"w": (n_hidden, n_visible), "b": (n_visible,), "c": (n_hidden,)}
    return {name: scale * rng.normal(size=shape) for name, shape in shapes.items()}


def binary(n: int) -> np.ndarray:
    return ((np.arange(2**n)[:, None] >> np.arange(n)) & 1).astype(float)


def visible_states(n: int, n_labels: int = 0) -> np.ndarray:
    """List all visible states; of the labels, the last units, one is 1."""
    pixels, labels = binary(n - n_labels), np.eye(n_labels) if n_labels else np.zeros((1, 0))
    return np.concatenate([np.repeat(pixels, len(labels), 0), np.tile(labels, (len(pixels), 1))], axis=1)


def count_probabilities(p: Any, n_labels: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute P(v, h) of all states from the energy alone: the states v, the states h, and a table."""
    v, h = visible_states(len(p["b"]), n_labels), binary(len(p["c"]))
    table = np.array([[np.exp(h_ @ p["w"] @ v_ + p["b"] @ v_ + p["c"] @ h_) for h_ in h] for v_ in v])
    return v, h, table / table.sum()
