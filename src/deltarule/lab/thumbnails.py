"""The thumbnails of the index; ``python -m deltarule.lab.thumbnails`` draws them from the lessons' results."""

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
from deltarule.lab.pages import CARDS, Page
from deltarule.lab.playground.thumbnail import draw_playground
from deltarule.plotting import COLOURS, new_canvas, render_svg
from deltarule.plotting.style import AMBER, BLUE, GREEN, ORANGE
from deltarule.training.fit import fit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Values: TypeAlias = Mapping[str, Any]
GREY = "#b5b5b5"
THICK: dict[str, Any] = {"linewidth": 2.6, "solid_capstyle": "round"}


def draw_thumbnail(page: Page) -> None:
    """Draw the thumbnail of a page and write its file."""
    values: Values = {}
    if page.chapter:
        _, values = import_module(f"deltarule.lab.lessons.{page.name}").app.run()
    figure = new_canvas((320 / 72, 200 / 72), layout=None)
    figure.set_facecolor("white")
    axes = figure.add_axes((0.06, 0.09, 0.88, 0.82))
    axes.set_axis_off()
    THUMBNAILS[page.name](axes, values)
    replace_file(page.thumbnail, render_svg(figure, settings={"path.simplify_threshold": 0.5}).encode())


def _draw_train(axes: Axes, values: Values) -> None:
    train, validation, _ = load("digits")
    for eta, colour in ((0.1, BLUE), (0.5, ORANGE)):
        model = fit(Network.dense([64, 15, 10]), train, epochs=12, eta=eta, validation=validation, seed=1)
        axes.plot(model.history["validation_accuracy"], color=colour, marker="o", markersize=5, **THICK)


def _draw_draw(axes: Axes, _: Values) -> None:
    x, y = np.array([(68, 18), (36, 18), (34, 47), (52, 42), (68, 56), (64, 76), (46, 84), (32, 78)]).T
    axes.plot(x, -y, color="#222222", linewidth=13, solid_capstyle="round", solid_joinstyle="round")
    probabilities = [0.02, 0.03, 0.04, 0.1, 0.02, 0.9, 0.05, 0.03, 0.08, 0.03]
    colours = [BLUE if p > 0.5 else GREY for p in probabilities]
    axes.barh(-15 - 7.5 * np.arange(10), 60 * np.array(probabilities), 5, 100, color=colours)
    axes.set_xlim(20, 160)


def _draw_inside(axes: Axes, values: Values) -> None:
    train, validation, _ = load("digits")
    model = fit(Network.dense([64, 15, 10]), train, epochs=2, eta=0.5, seed=1)
    counts = np.zeros((10, 10))
    np.add.at(counts, (validation.y, model.predict(validation)), 1)
    _plot_image(axes, np.sqrt(counts), "Blues")


def _draw_perceptrons(axes: Axes, _: Values) -> None:
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


def _draw_sigmoid(axes: Axes, _: Values) -> None:
    x = np.linspace(-1, 2, 301)
    axes.plot(x, x > 0.5, color=ORANGE, **THICK)
    axes.plot(x, 1 / (1 + np.exp(2 - 4 * x)), color=BLUE, **THICK)


def _draw_gradient_descent(axes: Axes, values: Values) -> None:
    grid = np.linspace(-1.2, 1.2, 41)
    axes.contour(grid, grid, grid[None] ** 2 + 2 * grid[:, None] ** 2, 6, colors=GREY, linewidths=1.2)
    axes.plot(*values["roll"](0.1, 0.0, 1.0, 20, -0.9, 0.8, 0.0, 0.0).T, color=BLUE, marker="o", markersize=6, **THICK)


def _draw_backpropagation(axes: Axes, values: Values) -> None:
    _plot_network(axes, [2, 3, 2, 1], values["backpropagate"](1.0, 0.5, 0.0, 2)[3])


def _draw_slow_neuron(axes: Axes, values: Values) -> None:
    (quadratic, _), (entropy, _) = values["compare"](w0=2.0, b0=2.0, eta=0.15, steps=300)
    axes.plot(quadratic[::5], color=BLUE, **THICK)
    axes.plot(entropy[::5], color=ORANGE, **THICK)


def _draw_softmax(axes: Axes, values: Values) -> None:
    answers, _, _ = values["answer"]([2.5, -1.0, 3.2, 0.5], c=1.0, right=1)
    axes.bar(range(4), answers, color=COLOURS[:4])


def _draw_overfitting(axes: Axes, values: Values) -> None:
    x, grid = np.linspace(0.1, 4.9, 10), np.linspace(0, 5, 301)
    y = 2 * x + 0.6 * np.random.default_rng(3).standard_normal(10)
    curve = np.vander((grid - 2.5) / 2.5, 10, increasing=True) @ values["fit_polynomial"](x, y, order=9, decay=0.0)
    axes.plot(grid, 2 * grid, "--", color=GREEN, linewidth=2)
    axes.plot(grid, curve, color=BLUE, **THICK)
    axes.plot(x, y, "o", color="#222222", markersize=7)
    axes.set_ylim(min(y) - 1.2, max(y) + 1.2)


def _draw_first_weights(axes: Axes, values: Values) -> None:
    bins = np.linspace(-70, 70, 40).tolist()
    z = values["draw_weighted_inputs"](1000, spread=1, neurons=5000)
    for drawn, colour in ((z, ORANGE), (z / np.std(z) * 6, BLUE)):
        axes.hist(drawn, bins, color=colour, alpha=0.75, density=True, histtype="stepfilled")


def _draw_choosing_eta(axes: Axes, values: Values) -> None:
    for eta, colour in zip((0.0251, 0.501, 20), COLOURS, strict=False):
        axes.plot(values["train_network"](eta, hidden="sigmoid", epochs=10), color=colour, **THICK)
    axes.set_yscale("log")


def _draw_dropout_ensembles(axes: Axes, _: Values) -> None:
    rng = np.random.default_rng(3)
    _plot_network(axes, [3, 5, 5, 2], None, [np.ones(3), rng.random(5) > 0.4, rng.random(5) > 0.4, np.ones(2)])


def _draw_data_expansion(axes: Axes, values: Values) -> None:
    image = values["train"].x[values["few"][20]]
    varied = values["vary"](image, rotation=15, shift=2, scale=10, alpha=20, sigma=4, seed=5)[:15, 3:25, 3:25]
    padded = np.pad(varied.reshape(3, 5, 22, 22), ((0, 0), (0, 0), (0, 1), (0, 1)))
    _plot_image(axes, padded.swapaxes(1, 2).reshape(69, 115), "Greys")


def _draw_any_function(axes: Axes, values: Values) -> None:
    x, middles = np.linspace(0, 1, 151), np.linspace(0.05, 0.95, 10)
    axes.plot(x, values["add_bumps"](goal(middles).tolist(), False, x), color=GREEN, **THICK)
    axes.plot(x, goal(x), color=GREY)


def _draw_vanishing_gradients(axes: Axes, values: Values) -> None:
    lengths = values["measure_gradients"]("sigmoid", depth=4, width=30, init="default", seed=1)
    norms = np.log10(lengths / min(lengths) * 2)
    axes.bar(range(len(norms)), norms, color=[BLUE, GREEN, AMBER, ORANGE])


def _draw_convolution(axes: Axes, values: Values) -> None:
    from matplotlib.patches import Rectangle

    image = np.zeros((28, 28))
    image[6:9, 7:21] = 1
    for i in range(15):
        image[8 + i, 18 - i // 2 : 21 - i // 2] = 1
    feature_map = values["find_features"](image, [-1, 0, 1, -2, 0, 2, -1, 0, 1], 0.0, "max")[1]
    both = np.hstack([image, np.zeros((28, 2)), np.pad(feature_map / feature_map.max(), 1)])[3:25, 3:]
    _plot_image(axes, both, "Greys")
    for x, y, side in ((8, 8, 3), (39, 9, 1)):
        axes.add_patch(Rectangle((x - 0.5, y - 0.5), side, side, fill=False, edgecolor=ORANGE, linewidth=2.5))


def _draw_memory(axes: Axes, values: Values) -> None:
    numbers = [0.5, -0.3, 0.8, -0.6, 0.2, 0.9, -0.9, 0.1, -0.4, -0.7, 0.6, 0.3]
    marks = [step in (2, 8) for step in range(len(numbers))]
    axes.plot(numbers, "o", color=GREY, markersize=9)
    axes.plot([2, 8], [numbers[2], numbers[8]], "o", color=GREEN, markersize=12)
    axes.step(range(len(numbers)), values["read_sequence"](numbers, marks)[0], where="post", color=ORANGE, **THICK)


def _draw_generation(axes: Axes, values: Values) -> None:
    digits = values["build_model"]().sample(6, seed=5, steps=300) / 255
    _plot_image(axes, digits.reshape(2, 3, 28, 28).swapaxes(1, 2).reshape(56, 84), "Greys")


def _plot_image(axes: Axes, pixels: np.ndarray, colours: str) -> None:
    axes.imshow(pixels, cmap=colours, interpolation="nearest")


def _plot_network(
    axes: Axes, sizes: list[int], weights: list[np.ndarray] | None, active: list[np.ndarray] | None = None
) -> None:
    """Plot neurons and edges; edges are as thick as their weights are large, and only connect ``active`` neurons."""
    places = [[(layer, i - (n - 1) / 2) for i in range(n)] for layer, n in enumerate(sizes)]
    active = active or [np.ones(n) for n in sizes]
    for layer, (before, after) in enumerate(pairwise(places)):
        for j, end in enumerate(after):
            for k, start in enumerate(before):
                wide, colour = 1.4, GREY
                if weights is not None:
                    most = max(float(np.abs(w).max()) for w in weights)
                    value = float(weights[layer][j, k])
                    wide, colour = 1 + 6 * (abs(value) / most) ** 0.4, BLUE if value > 0 else ORANGE
                if active[layer][k] and active[layer + 1][j]:
                    axes.plot(*zip(start, end, strict=True), color=colour, linewidth=wide, zorder=1)
    for row, active_row in zip(places, active, strict=True):
        for place, is_active in zip(row, active_row, strict=True):
            edge = "#333333" if is_active else "#cccccc"
            axes.scatter(*place, 260, color="white", edgecolor=edge, linewidth=2, zorder=2, clip_on=False)


THUMBNAILS: dict[str, Callable[[Axes, Values], None]] = {
    "train": _draw_train,
    "draw": _draw_draw,
    "playground": draw_playground,
    "inside": _draw_inside,
    "perceptrons": _draw_perceptrons,
    "sigmoid": _draw_sigmoid,
    "gradient_descent": _draw_gradient_descent,
    "backpropagation": _draw_backpropagation,
    "slow_neuron": _draw_slow_neuron,
    "softmax": _draw_softmax,
    "overfitting": _draw_overfitting,
    "first_weights": _draw_first_weights,
    "choosing_eta": _draw_choosing_eta,
    "dropout_ensembles": _draw_dropout_ensembles,
    "data_expansion": _draw_data_expansion,
    "any_function": _draw_any_function,
    "vanishing_gradients": _draw_vanishing_gradients,
    "convolution": _draw_convolution,
    "memory": _draw_memory,
    "generation": _draw_generation,
}
"""The function that draws the thumbnail of each page."""


if __name__ == "__main__":
    for page in CARDS:
        draw_thumbnail(page)
        print(f"{page.thumbnail.name}: {page.thumbnail.stat().st_size:,} bytes")
