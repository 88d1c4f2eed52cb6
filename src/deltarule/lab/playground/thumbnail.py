"""The picture of the Playground on the index: a network that has learned two circles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from deltarule.core.network import Network
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import OneVsRest
from deltarule.plotting.style import BLUE, ORANGE
from deltarule.training.fit import fit

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_playground(axes: Axes, _: Mapping[str, Any]) -> None:
    """Draw the boundary that a network of 8 hidden neurons finds, and some of its points."""
    rng = np.random.default_rng(5)
    labels = np.arange(400) % 2
    radius = np.where(labels == 1, np.sqrt(rng.uniform(0, 1.2, 400)), np.sqrt(rng.uniform(2.6, 6, 400)))
    angle = rng.uniform(0, 2 * np.pi, 400)
    x = np.stack([1.6 * radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    network = Network.dense([2, 8, 1], hidden="tanh")
    train = Dataset(x, labels, encoding=OneVsRest(1))
    model = fit(network, train, epochs=120, eta=0.3, seed=2, engine="numpy")
    across, up = np.linspace(-4, 4, 80), np.linspace(-2.5, 2.5, 50)
    grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    outputs = model.outputs(grid).reshape(50, 80)
    axes.contourf(across, up, outputs, [0, 0.5, 1], colors=["#f3cdb3", "#b3d5e8"])
    for label, colour, marker in ((0, ORANGE, "o"), (1, BLUE, "s")):
        chosen = x[labels == label][:60]
        axes.plot(*chosen.T, marker, color=colour, markersize=6, markeredgecolor="white", markeredgewidth=0.8)
    axes.set_xlim(-4, 4)
    axes.set_ylim(-2.5, 2.5)
