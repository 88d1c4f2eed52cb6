"""The big picture of backpropagation: ∂C/∂w is the sum, over all paths, of the products of rates (53)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise, product
from typing import Any, TypeAlias

import numpy as np

from deltarule.core.activations import sigmoid
from deltarule.core.network import Network
from deltarule.experiments import api as ex
from deltarule.experiments.chapter2.neurons import compute_deviation, draw_examples
from deltarule.plotting import COLOURS, label_axes

SECTION = "Backpropagation: the big picture"

Rates: TypeAlias = Sequence[np.ndarray]
"""One array for each layer: the weights w[q, j], or the slopes σ′(z[q])."""


def list_paths(sizes: Sequence[int], layer: int, j: int) -> Iterator[tuple[int, ...]]:
    """List all paths from neuron j of a layer to the cost; each is a tuple of the neurons on it."""
    return product([j], *(range(n) for n in sizes[layer + 1 :]))


def multiply_rates(path: tuple[int, ...], layer: int, weights: Rates, slopes: Rates, d_cost: np.ndarray) -> float:
    """Multiply the rates along a path: its contribution to ∂C/∂a of its first neuron."""
    rate = float(d_cost[path[-1]])  # ∂C/∂a of the output neuron
    for after, (j, q) in enumerate(pairwise(path), start=layer + 1):
        rate *= slopes[after][q] * weights[after][q, j]  # ∂a_q/∂a_j
    return rate


def measure_paths(config: ex.Config) -> ex.Measured:
    """Compute ∂C/∂w of every weight by its paths and by backpropagation, on one example."""
    sizes = config["sizes"]
    network = Network.dense(sizes, "quadratic", init="large")
    params = network.init(config.seed)
    x, y = draw_examples(config, 1)

    weights = [dense["w"] for dense in params if dense]
    activations = [x[0]]
    for dense in (layer for layer in params if layer):
        activations.append(sigmoid(dense["w"] @ activations[-1] + dense["b"]))
    slopes = [a * (1 - a) for a in activations[1:]]
    d_cost = activations[-1] - y[0]

    exact = [dense["w"] for dense in network.gradients(params, x, y) if dense]
    pairs, counted = [], 0
    for layer, w in enumerate(weights):
        for j, k in np.ndindex(*w.shape):
            every = list(list_paths(sizes[1:], layer, j))
            counted += len(every)
            rates = [multiply_rates(path, layer, weights, slopes, d_cost) for path in every[config["left out"] :]]
            pairs.append((sum(rates) * slopes[layer][j] * activations[layer][k], float(exact[layer][j, k])))
    found, backpropagated = np.asarray(pairs).T
    first = [
        [list(path), multiply_rates(path, 0, weights, slopes, d_cost) * slopes[0][0] * float(x[0, 0])]
        for path in list_paths(sizes[1:], 0, 0)
    ]
    off = compute_deviation(found, backpropagated)
    return ex.Measured(
        {"equal": off < 1e-12, "largest deviation": off, "paths": counted, "weights": len(pairs)},
        {
            "by paths": ex.round_all(found),
            "by backpropagation": ex.round_all(backpropagated),
            "of one weight": [[path, *ex.round_all([rate])] for path, rate in first],
        },
    )


@ex.with_panels(1, 3, (9.4, 3.3), width_ratios=(1.35, 1, 1))
def plot_paths(result: ex.Result, left: ex.Axes, middle: ex.Axes, right: ex.Axes) -> None:
    """Plot the paths of one weight with their contributions, and the sums of all weights."""
    run = result.first()
    sizes, parts = run.settings["sizes"], run.series["of one weight"]
    _draw_network(left, sizes, parts)
    left.set_title("paths from one weight to the cost C", fontsize=10)
    order = sorted(((path, 1e4 * rate) for path, rate in parts), key=lambda part: part[1])
    for i, (_, rate) in enumerate(order):
        middle.barh(
            i, rate, color=COLOURS[0] if rate > 0 else COLOURS[1], hatch="" if rate > 0 else "///", edgecolor="white"
        )
    middle.barh(len(order), sum(rate for _, rate in order), color="#444444")
    middle.set_yticks(
        range(len(order) + 1), ["→".join(str(n + 1) for n in path) for path, _ in order] + ["sum"], fontsize=8
    )
    middle.grid(axis="y", visible=False)
    label_axes(middle, "contribution to ∂C/∂w in 10⁻⁴", "path (numbers of its neurons)")
    exact, found = (100 * np.asarray(run.series[name]) for name in ("by backpropagation", "by paths"))
    ends = [min(exact), max(exact)]
    right.plot(ends, ends, color="#888888", lw=1)
    right.plot(exact, found, "o", ms=4, color=COLOURS[2], mfc="none")
    label_axes(right, "by backpropagation, in 10⁻²", "by paths, in 10⁻²", "∂C/∂w of all weights")


def _draw_network(axes: ex.Axes, sizes: Sequence[int], parts: Sequence[Any]) -> None:
    axes.axis("off")

    def at(layer: int, n: int) -> tuple[float, float]:
        return layer, -n + (sizes[layer] - 1) / 2

    axes.plot(*zip(at(0, 0), at(1, 0), strict=True), color="#444444", lw=2.5)
    axes.text(0.5, (at(0, 0)[1] + at(1, 0)[1]) / 2 + 0.08, "w", ha="right", va="bottom", fontsize=11)
    most = max(abs(rate) for _, rate in parts)
    for path, rate in parts:
        nodes = [at(i + 1, n) for i, n in enumerate(path)] + [(len(sizes), 0.0)]
        shift = 0.03 * (path[1] if len(path) > 1 else 0)
        look: dict[str, Any] = (
            {"color": COLOURS[0], "linestyle": "-"} if rate > 0 else {"color": COLOURS[1], "linestyle": "--"}
        )
        axes.plot(
            [p for p, _ in nodes], [q + shift for _, q in nodes], lw=0.5 + 4 * abs(rate) / most, alpha=0.75, **look
        )
    for layer, size in enumerate(sizes):
        for n in range(size):
            axes.plot(*at(layer, n), "o", ms=15, color="#444444", mfc="white", zorder=3)
            axes.text(*at(layer, n), str(n + 1), ha="center", va="center", fontsize=8, zorder=4)
    axes.plot(len(sizes), 0, "s", ms=15, color="#444444", mfc="white", zorder=3)
    axes.text(len(sizes), 0, "C", ha="center", va="center", fontsize=9, zorder=4)


PATHS = (
    ex.Published("the sum over all paths equals ∂C/∂w of backpropagation", "equal", True, f"chapter 2, '{SECTION}'", exact=True),
)  # fmt: skip

Values: TypeAlias = Mapping[str, float]
GRAPH: dict[tuple[str, str], Callable[[Values], float]] = {
    ("x", "z"): lambda at: 2 * at["x"],
    ("y", "z"): lambda at: 2 * at["y"],
    ("u", "x"): lambda at: 2 * at["u"],
    ("v", "x"): lambda at: -2 * at["v"],
    ("u", "y"): lambda at: at["v"],
    ("v", "y"): lambda at: at["u"],
}
"""The graph of z = x² + y², x = u² − v², y = uv: the derivative of each arrow."""


def list_routes(start: str, end: str) -> list[list[tuple[str, str]]]:
    """List all paths through the graph; each is a list of arrows.

    >>> list_routes("u", "z")
    [[('u', 'x'), ('x', 'z')], [('u', 'y'), ('y', 'z')]]
    """
    if start == end:
        return [[]]
    return [[arrow, *rest] for arrow in GRAPH if arrow[0] == start for rest in list_routes(arrow[1], end)]


def compute_values(u: float, v: float) -> Values:
    """Compute the values of all nodes of the graph."""
    x, y = u**2 - v**2, u * v
    return {"u": u, "v": v, "x": x, "y": y, "z": x**2 + y**2}


def measure_graph(config: ex.Config) -> ex.Measured:
    """Compare ∂z/∂u as the sum over the paths from u to z with 4u(u² − v²) + 2uv², at many points."""
    points = list(product(np.linspace(-2, 2, 9), repeat=2))
    keep = config["paths"]

    def multiply_along_paths(u: float, v: float) -> list[float]:
        at = compute_values(u, v)
        return [float(np.prod([GRAPH[arrow](at) for arrow in route])) for route in list_routes("u", "z")][:keep]

    off = max(abs(sum(multiply_along_paths(u, v)) - (4 * u * (u**2 - v**2) + 2 * u * v**2)) for u, v in points)
    at = compute_values(config["u"], config["v"])
    return ex.Measured(
        {"equal": off < 1e-12, "largest deviation": float(off), "∂z/∂u": sum(multiply_along_paths(at["u"], at["v"]))},
        {"values": dict(at), "rates": {"".join(arrow): rate(at) for arrow, rate in GRAPH.items()},
         "by path": multiply_along_paths(at["u"], at["v"])},
    )  # fmt: skip


@ex.with_panels(size=(6.4, 3.4))
def plot_graph(result: ex.Result, axes: ex.Axes) -> None:
    """Draw the graph with its values and the derivative of each arrow; the two paths from u to z are coloured."""
    run = result.first()
    at, rates = run.series["values"], run.series["rates"]
    place = {"u": (0, 1), "v": (0, 0), "x": (1, 1), "y": (1, 0), "z": (2, 0.5)}
    letters = {"ux": "2u", "xz": "2x", "uy": "v", "yz": "2y", "vx": "−2v", "vy": "u"}
    axes.axis("off")
    for arrow, rate in rates.items():
        (x, y), (to_x, to_y) = place[arrow[0]], place[arrow[1]]
        on = 0 if arrow in ("ux", "xz") else 1 if arrow in ("uy", "yz") else None
        colour = "#aaaaaa" if on is None else COLOURS[on]
        axes.annotate("", (to_x, to_y), (x, y), arrowprops={
            "arrowstyle": "-|>", "color": colour, "shrinkA": 19, "shrinkB": 19, "lw": 1 if on is None else 2.2,
            "linestyle": "--" if on == 1 else "-"})  # fmt: skip
        share = 0.3 if arrow in ("vx", "uy") else 0.5
        label = f"{letters[arrow]} = {rate:g}".replace("-", "−")
        axes.text(x + share * (to_x - x), y + share * (to_y - y) + 0.06, label,
                  ha="center", fontsize=9.5, color="#777777" if on is None else colour,
                  bbox={"color": "white", "pad": 0.5, "alpha": 0.8})  # fmt: skip
    for name, where in place.items():
        axes.plot(*where, "o", ms=34, color="#444444", mfc="white")
        axes.text(*where, f"{name} = {at[name]:g}".replace("-", "−"), ha="center", va="center", fontsize=9)
    parts = run.series["by path"]
    total = " + ".join(f"{part:g}" for part in parts)
    axes.text(1, -0.42, f"∂z/∂u = {total} = {sum(parts):g}: one product for each path",
              ha="center", fontsize=10)  # fmt: skip
    axes.set(xlim=(-0.25, 2.25), ylim=(-0.55, 1.25))


GRAPHED = (
    ex.Published("the sum over both paths equals the derivative of the closed form", "equal", True,
              "slides on the book, 'via Dependency Graph'", exact=True),
)  # fmt: skip

PATH_EXPERIMENTS = (
    ex.Experiment(
        id="ch2/paths",
        title="A derivative is a sum over paths",
        section=SECTION,
        shows="A change of one weight reaches the cost by many paths, and along each path the rates of change are "
        "multiplied. The sum over all paths is ∂C/∂w; backpropagation computes it without listing the paths.",
        measure=measure_paths,
        plot=plot_paths,
        settings={"sizes": [3, 3, 3, 2], "left out": 0},
        published=PATHS,
        quick=ex.Quick(expected=PATHS, defect={"left out": 1}),
        seeds=5,
    ),
    ex.Experiment(
        id="ch2/dependency-graph",
        title="The chain rule on a graph",
        section="Proof of the four fundamental equations",
        shows="z depends on u through x and through y. Its derivative is the product of the derivatives along each "
        "path, summed over the two paths. The same rule, on the graph of a network, proves BP2.",
        measure=measure_graph,
        plot=plot_graph,
        settings={"u": 2.0, "v": 1.0, "paths": 2},
        published=GRAPHED,
        quick=ex.Quick(expected=GRAPHED, defect={"paths": 1}),
        seeds=1,
    ),
)
