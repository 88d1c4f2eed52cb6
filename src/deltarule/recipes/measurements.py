"""The size of a recipe's network, and the recipe's measured figures on MNIST."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from math import prod
from statistics import mean, stdev
from typing import Any

from deltarule.core.network import Network
from deltarule.recipes.file import to_toml
from deltarule.recipes.recipe import Recipe

MNIST = ((28, 28), 10)
"""The shape of an example and the number of outputs of MNIST."""

MEASURED_FILE = "measured.json"
"""The file of the measurements, beside this module; ``python -m benchmarks.nets`` writes it."""


def count_operations(network: Network) -> tuple[int, int]:
    """Count the numbers in a network's parameters, and the multiplications by weights in a forward pass of one image.

    A weight multiplies once in a dense layer, and once at every position of a convolution. Each multiplication goes
    with an addition.

    >>> count_operations(Network.dense([784, 30, 10]))
    (23860, 23820)
    """
    params = network.init(0)
    multiplications = sum(
        prod(shape[:-1]) * own[name].size
        for layer, own, shape in zip(network.layers, params, network.shapes[1:], strict=True)
        for name in layer.weights
        if name in own
    )
    return sum(leaf.size for own in params for leaf in own.values()), multiplications


def count_parameters(network: Network) -> int:
    """Count the numbers in a network's parameters.

    >>> count_parameters(Network.dense([784, 30, 10]))
    23860
    """
    return count_operations(network)[0]


def count_multiplications(network: Network) -> int:
    """Count the multiplications by weights in a forward pass of one image.

    >>> count_multiplications(Network.dense([784, 30, 10]))
    23820
    """
    return count_operations(network)[1]


def format_settings(recipe: Recipe) -> str:
    """Format a recipe without its description and source, to find out if it is the recipe that was measured."""
    return to_toml(replace(recipe, about="", source=""))


def find_measurement(name: str, recipe: Recipe) -> dict[str, Any] | None:
    """Find the measured figures of a recipe, or None if this very recipe has not been measured.

    ``accuracy`` is the mean test accuracy, from 0 to 1. ``spread`` is its standard deviation over ``seeds`` (None for a
    single seed). ``accuracies`` are the test accuracies of the seeds. ``vote`` is the test accuracy of an ensemble of
    all seeds for each kind of voting, if that was measured. ``seconds`` is the training time without compilation, of
    the fastest seed, because other programs on the machine can only make a run longer. ``on`` is the machine.
    """
    entry = _load_measurements().get(name)
    if entry is None or entry["recipe"] != format_settings(recipe):
        return None
    runs: Sequence[Mapping[str, float]] = entry["runs"]
    accuracies = [run["test_accuracy"] for run in runs]
    return {
        "accuracy": mean(accuracies),
        "spread": stdev(accuracies) if len(runs) > 1 else None,
        "accuracies": accuracies,
        "vote": entry.get("vote"),
        "seeds": [run["seed"] for run in runs],
        "seconds": min(run["seconds"] for run in runs),
        "on": f"{entry['machine']['processor']}, {entry['machine']['cores']} cores",
        "date": entry["date"],
        "command": entry["command"],
    }


@cache
def _load_measurements() -> dict[str, Any]:
    file = files("deltarule.recipes") / MEASURED_FILE
    found = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {"recipes": {}}
    return dict(found["recipes"])
