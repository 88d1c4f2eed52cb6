"""What a recipe costs, and what it has been measured to reach on MNIST."""

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
"""Shape of an example and number of outputs of the data that figures are about."""

MEASURED_FILE = "measured.json"
"""Beside this module; ``python -m benchmarks.nets`` writes it."""


def count_parameters(network: Network) -> int:
    """How many numbers a network learns or keeps.

    >>> count_parameters(Network.dense([784, 30, 10]))
    23860
    """
    return sum(leaf.size for layer in network.init(0) for leaf in layer.values())


def count_multiplications(network: Network) -> int:
    """How many multiplications by weights an image takes on its way forward; each goes with an addition.

    A weight multiplies once in a dense layer, and once at every place of a convolution.

    >>> count_multiplications(Network.dense([784, 30, 10]))
    23820
    """
    pairs = zip(network.layers, network.init(0), network.shapes[1:], strict=True)
    return sum(
        prod(shape[:-1]) * params[name].size
        for layer, params, shape in pairs
        for name in layer.weights
        if name in params
    )


def format_settings(recipe: Recipe) -> str:
    """A recipe as text without its prose: figures are those of a recipe as long as this stays the same."""
    return to_toml(replace(recipe, about="", source=""))


def find_measurement(name: str, recipe: Recipe) -> dict[str, Any] | None:
    """What runs of this very recipe came to, or None while they have not been measured.

    ``accuracy`` is the mean share of test images read rightly, ``spread`` its standard deviation over
    ``seeds`` (None for a single one), ``seconds`` the time of training of the quickest of them without
    compilation, since whatever else runs on a machine only ever adds to it; ``accuracies`` are those
    of the seeds, ``vote`` the shares that all of them together read by each kind of voting, if that
    was measured, and ``on`` says the machine.
    """
    entry = _measured().get(name)
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
def _measured() -> dict[str, Any]:
    file = files("deltarule.recipes") / MEASURED_FILE
    found = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {"recipes": {}}
    return dict(found["recipes"])
