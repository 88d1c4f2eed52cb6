"""The inputs of the contract: parameters and mini-batches that lie far from every jump of a derivative."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deltarule.core import random
from deltarule.core.network import Network

from .table import MARGINS, TARGETS, Entry

EPOCH_KEY, STEP = random.key(20), 5
KEY = random.fold(EPOCH_KEY, STEP)
EXAMPLES = 3
WEIGHTS = np.asarray([0.3, 0.0, 2.5])  # their mean is not 1
CLEAR = 1e-3  # a finite difference moves a weighted input by less than a tenth of this


@dataclass(frozen=True)
class Batch:
    params: list[dict[str, np.ndarray]]
    x: np.ndarray
    y: np.ndarray


def margin(network: Network, params: Any, x: Any) -> float:
    """Return the distance from the nearest input of any layer to a jump of that layer's derivative."""
    smallest = float("inf")
    for i, (layer, p) in enumerate(zip(network.layers, params, strict=True)):
        if type(layer) in MARGINS:
            smallest = min(smallest, MARGINS[type(layer)](layer, x))
        x, _ = layer.forward(p, x, random.fold(KEY, i))
    return smallest


def perturb(params: Any) -> dict[str, np.ndarray]:
    """Return parameters other than the initial ones: a scale of 1 everywhere would hide that it is omitted."""
    rng = np.random.default_rng(4)
    return {name: p + rng.uniform(0, 0.5, p.shape) for name, p in params.items()}


def batch_for(network: Network, examples: int = EXAMPLES) -> Batch:
    """Return parameters and a mini-batch of the first seed whose inputs are far from every jump."""
    for seed in range(50):
        rng = np.random.default_rng(seed)
        params = [perturb(p) for p in network.init(seed)]
        x = rng.normal(size=(examples, *network.input_shape))
        if margin(network, params, x) > CLEAR:
            y = TARGETS[type(network.cost)](rng, (examples, network.n_out))
            return Batch(params, x, y)
    raise AssertionError(f"no seed keeps {network} clear of the jumps of its derivatives")


def inputs_for(entry: Entry) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Return parameters, x and d_y for a single layer."""
    rng = np.random.default_rng(3)
    params = perturb(entry.layer.init(random.key(3), entry.input_shape))
    x = rng.normal(size=(EXAMPLES, *entry.input_shape))
    d_y = rng.normal(size=(EXAMPLES, *entry.layer.output_shape(entry.input_shape)))
    if type(entry.layer) in MARGINS:
        assert MARGINS[type(entry.layer)](entry.layer, x) > CLEAR
    return params, x, d_y
