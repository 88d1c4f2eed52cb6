"""``python -m deltarule.lab.thumbnails`` draws the thumbnails of the index from what the lessons compute."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from deltarule.constructions.bumps import goal
from deltarule.core.network import Network
from deltarule.data import load
from deltarule.files import replace_file
from deltarule.lab.pages import PAGES, Page
from deltarule.plotting import COLOURS, new_canvas, render_svg
from deltarule.plotting.style import AMBER, BLUE, GREEN, ORANGE
from deltarule.training.fit import fit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Values: TypeAlias = Mapping[str, Any]
GREY = "#b5b5b5"
THICK: dict[str, Any] = {"linewidth": 2.6, "solid_capstyle": "round"}


def draw(page: Page) -> None:
    """Write the thumbnail of a page."""
    shown: Values = {}
    if page.chapter:
        _, shown = import_module(f"deltarule.lab.lessons.{page.name}").app.run()
    figure = new_canvas((320 / 72, 200 / 72), layout=None)
    figure.set_facecolor("white")
    axes = figure.add_axes((0.06, 0.09, 0.88, 0.82))
    axes.set_axis_off()
    THUMBNAILS[page.name](axes, shown)
    replace_file(page.thumbnail, render_svg(figure, settings={"path.simplify_threshold": 0.5}).encode())


def _train(axes: Axes, shown: Values) -> None:
    train, validation, _ = load("digits")
    for eta, colour in ((0.1, BLUE), (0.5, ORANGE)):
        model = fit(Network.dense([64, 15, 10]), train, epochs=12, eta=eta, validation=validation, seed=1)
        axes.plot(model.history["validation_accuracy"], color=colour, marker="o", markersize=5, **THICK)


def _draw(axes: Axes, _: Values) -> None:
    x, y = np.array([(68, 18), (36, 18), (34, 47), (52, 42), (68, 56), (64, 76), (46, 84), (32, 78)]).T
    axes.plot(x, -y, color="#222222", linewidth=13, solid_capstyle="round", solid_joinstyle="round")
    shares = [0.02, 0.03, 0.04, 0.1, 0.02, 0.9, 0.05, 0.03, 0.08, 0.03]
    axes.barh(
        -15 - 7.5 * np.arange(10), 60 * np.array(shares), 5, 100, color=[BLUE if s > 0.5 else GREY for s in shares]
    )
    axes.set_xlim(20, 160)


def _inside(axes: Axes, shown: Values) -> None:
    train, validation, _ = load("digits")
    model = fit(Network.dense([64, 15, 10]), train, epochs=2, eta=0.5, seed=1)
    counts = np.zeros((10, 10))
    np.add.at(counts, (validation.y, model.predict(validation)), 1)
    _squares(axes, np.sqrt(counts), "Blues")


def _perceptrons(axes: Axes, _: Values) -> None:
    places = {
        "x": (0, 2),
        "y": (0, 0),
        "a": (1.2, 1),
        "b": (2.4, 2),
        "c": (2.4, 0),
        "sum": (3.6, 1),
        "carry": (3.6, -0.6),
    }
    for start, end in ("xa", "ya", "xb", "ab", "yc", "ac", ("b", "sum"), ("c", "sum"), ("a", "carry")):
        axes.plot(
            *zip(places[start], places[end], strict=True), color=ORANGE if start in "xyc" else GREY, zorder=1, **THICK
        )
    for name, place in places.items():
        axes.scatter(
            *place, 500, color="white" if name in "ab" else ORANGE, edgecolor="#555555", zorder=2, clip_on=False
        )


def _sigmoid(axes: Axes, shown: Values) -> None:
    axes.plot(shown["x"], shown["hard"], color=ORANGE, **THICK)
    axes.plot(shown["x"], shown["smooth"], color=BLUE, **THICK)


def _gradient_descent(axes: Axes, shown: Values) -> None:
    grid = np.linspace(-1.2, 1.2, 41)
    axes.contour(grid, grid, grid[None] ** 2 + 2 * grid[:, None] ** 2, 6, colors=GREY, linewidths=1.2)
    axes.plot(*np.asarray(shown["path"]).T, color=BLUE, marker="o", markersize=6, **THICK)


def _backpropagation(axes: Axes, shown: Values) -> None:
    _network(axes, [2, 3, 2, 1], [np.asarray(w) for w in shown["d_w"]])


def _slow_neuron(axes: Axes, shown: Values) -> None:
    axes.plot(shown["quadratic"][::5], color=BLUE, **THICK)
    axes.plot(shown["entropy"][::5], color=ORANGE, **THICK)


def _softmax(axes: Axes, shown: Values) -> None:
    axes.bar(range(4), shown["activations"], color=COLOURS[:4])


def _overfitting(axes: Axes, shown: Values) -> None:
    axes.plot(shown["grid"], 2 * shown["grid"], "--", color=GREEN, linewidth=2)
    axes.plot(shown["grid"], shown["curve"], color=BLUE, **THICK)
    axes.plot(shown["points"], shown["values"], "o", color="#222222", markersize=7)
    low, high = min(shown["values"]), max(shown["values"])
    axes.set_ylim(low - 1.2, high + 1.2)


def _first_weights(axes: Axes, shown: Values) -> None:
    axes.hist(
        shown["z"], np.linspace(-70, 70, 40).tolist(), color=ORANGE, alpha=0.75, density=True, histtype="stepfilled"
    )
    axes.hist(
        shown["z"] / np.std(shown["z"]) * 6,
        np.linspace(-70, 70, 40).tolist(),
        color=BLUE,
        alpha=0.75,
        density=True,
        histtype="stepfilled",
    )


def _choosing_eta(axes: Axes, shown: Values) -> None:
    for costs, colour in zip(shown["costs"], COLOURS, strict=False):
        axes.plot(costs, color=colour, **THICK)


def _dropout_ensembles(axes: Axes, _: Values) -> None:
    rng = np.random.default_rng(3)
    _network(axes, [3, 5, 5, 2], None, [np.ones(3), rng.random(5) > 0.4, rng.random(5) > 0.4, np.ones(2)])


def _data_expansion(axes: Axes, shown: Values) -> None:
    varied = np.asarray(shown["varied"])[:15].reshape(3, 5, 8, 8)
    padded = np.pad(varied, ((0, 0), (0, 0), (0, 1), (0, 1)))
    _squares(axes, padded.swapaxes(1, 2).reshape(27, 45), "Greys")


def _any_function(axes: Axes, shown: Values) -> None:
    axes.plot(shown["x"][::4], shown["many"][::4], color=GREEN, **THICK)
    axes.plot(shown["x"][::4], goal(shown["x"][::4]), color=GREY)


def _vanishing_gradients(axes: Axes, shown: Values) -> None:
    norms = np.log10(np.asarray(shown["norms"]) / min(shown["norms"]) * 2)
    axes.bar(range(len(norms)), norms, color=[BLUE, GREEN, AMBER, ORANGE])


def _convolution(axes: Axes, shown: Values) -> None:
    from matplotlib.patches import Rectangle

    image, found = np.asarray(shown["image"], float), np.asarray(shown["feature_map"])[0, :, :, 0]
    both = np.hstack([image / image.max(), np.zeros((28, 2)), np.pad(found / found.max(), 1)])[3:25, 3:]
    _squares(axes, both, "Greys")
    for x, y, side in ((8, 8, 3), (39, 9, 1)):
        axes.add_patch(Rectangle((x - 0.5, y - 0.5), side, side, fill=False, edgecolor=ORANGE, linewidth=2.5))


def _squares(axes: Axes, values: np.ndarray, colours: str) -> None:
    axes.imshow(values, cmap=colours, interpolation="nearest")


def _network(
    axes: Axes, sizes: list[int], weights: list[np.ndarray] | None, kept: list[np.ndarray] | None = None
) -> None:
    """Neurons and edges: as thick as a weight is large, or only between neurons that are kept."""
    places = [[(layer, i - (n - 1) / 2) for i in range(n)] for layer, n in enumerate(sizes)]
    there = kept or [np.ones(n) for n in sizes]
    for layer, (before, after) in enumerate(pairwise(places)):
        for j, end in enumerate(after):
            for k, start in enumerate(before):
                wide, colour = 1.4, GREY
                if weights is not None:
                    most = max(float(np.abs(w).max()) for w in weights)
                    value = float(weights[layer][j, k])
                    wide, colour = 1 + 6 * (abs(value) / most) ** 0.4, BLUE if value > 0 else ORANGE
                if there[layer][k] and there[layer + 1][j]:
                    axes.plot(*zip(start, end, strict=True), color=colour, linewidth=wide, zorder=1)
    for row, here in zip(places, there, strict=True):
        for place, is_there in zip(row, here, strict=True):
            edge = "#333333" if is_there else "#cccccc"
            axes.scatter(*place, 260, color="white", edgecolor=edge, linewidth=2, zorder=2, clip_on=False)


THUMBNAILS: dict[str, Callable[[Axes, Values], None]] = {
    "train": _train,
    "draw": _draw,
    "inside": _inside,
    "perceptrons": _perceptrons,
    "sigmoid": _sigmoid,
    "gradient_descent": _gradient_descent,
    "backpropagation": _backpropagation,
    "slow_neuron": _slow_neuron,
    "softmax": _softmax,
    "overfitting": _overfitting,
    "first_weights": _first_weights,
    "choosing_eta": _choosing_eta,
    "dropout_ensembles": _dropout_ensembles,
    "data_expansion": _data_expansion,
    "any_function": _any_function,
    "vanishing_gradients": _vanishing_gradients,
    "convolution": _convolution,
}
"""The function that draws the thumbnail of each page."""


if __name__ == "__main__":
    for page in PAGES:
        draw(page)
        print(f"{page.thumbnail.name}: {page.thumbnail.stat().st_size:,} bytes")
