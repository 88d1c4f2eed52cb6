"""Towers, and a function of two inputs built from towers: two hidden layers with weights set by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from deltarule.constructions.fixed_network import FixedNetwork
from deltarule.constructions.towers import approximate, build_tower
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, MARKERS, label_axes

SECTION = "Many input variables"
SOURCE = f"chapter 4, '{SECTION}'"
SIDE = 40
"""The number of points along each side of a plotted square; none lies on an edge between 5 or 20 towers."""


def build_grid(n: int) -> np.ndarray:
    """Return the midpoints of n × n equal parts of the unit square: shape (n², 2), the first input slowest."""
    middles = (np.arange(n) + 0.5) / n
    return np.stack(np.meshgrid(middles, middles, indexing="ij"), axis=-1).reshape(-1, 2)


# --- ch4/tower


def measure_tower(config: ex.Config) -> ex.Measured:
    """Build a tower over the same interval of every input, and evaluate it at random points away from its walls."""
    m, h, w = config["inputs"], config["h"], config["w"]
    start, end = config["start"], config["end"]
    tower = build_tower([(start, end)] * m, h, w, config["threshold"])
    rng = np.random.default_rng(config.seed)
    within = start + (end - start) * rng.uniform(0.1, 0.9, (config["points"], m))
    beside = np.where(rng.random(within.shape) < 0.5, start * rng.uniform(0, 0.9, within.shape), 1 - 0.1 * within)
    outside = rng.random(within.shape) < 1 / m  # outside in about one input: the hardest case
    outside[np.arange(len(outside)), rng.integers(m, size=len(outside))] = True
    low, high = float(tower(within).min()), float(tower(np.where(outside, beside, within)).max())
    series = {}
    if m == 2:
        points = build_grid(SIDE)
        sums = (tower.weighted_input(points) - tower.params[-1]["b"][0]) / h
        cut = np.column_stack([np.linspace(0, 1, 201), np.full(201, (start + end) / 2)])
        cuts = {
            f"{k:g}": ex.round_all(build_tower([(start, end)] * 2, k, w, config["threshold"])(cut))
            for k in config["drawn"]
        }
        series = {
            "sum": ex.round_all(sums),
            "output": ex.round_all(tower(points)),
            "x": ex.round_all(cut[:, 0]),
            "cuts": cuts,
        }
    return ex.Measured({"a tower": low > 0.99 and high < 0.01, "least inside": low, "most outside": high}, series)


@ex.with_panels(1, 3, (7.2, 3.2))
def plot_tower(result: ex.Result, left: ex.Axes, middle: ex.Axes, right: ex.Axes) -> None:
    """Plot the weighted sum, the output, and cross-sections of towers with different h."""
    series = result.first("2 inputs").series
    for axes, values, top, title in (
        (left, series["sum"], 2, "sum of the two bumps / h"),
        (middle, series["output"], 1, "output, bias −3h/2"),
    ):
        plot_heatmap(axes, values, 0, top, title)
        bar = axes.figure.colorbar(axes.images[0], ax=axes, location="bottom", shrink=0.8, ticks=range(top + 1))
        bar.outline.set_visible(False)
    for i, (h, cut) in enumerate(series["cuts"].items()):
        right.plot(series["x"], cut, color=COLOURS[i], linestyle=("-", "--", "-.", ":")[i % 4], label=f"h = {h}")
    label_axes(right, "x, at y = 0.5", "output")
    right.set_ylim(-0.05, 1.6)
    right.legend(fontsize=8, loc="upper center")


def plot_heatmap(axes: ex.Axes, values: list[float], low: float, high: float, title: str) -> None:
    """Plot a function on the unit square as a heat map, x to the right and y upwards."""
    side = round(len(values) ** 0.5)
    image = np.asarray(values).reshape(side, side).T
    axes.imshow(image, origin="lower", extent=(0, 1, 0, 1), cmap="cividis", vmin=low, vmax=high)
    axes.grid(visible=False)
    axes.set(title=title, xticks=[0, 1], yticks=[0, 1], xlabel="x", ylabel="y")


# --- ch4/two-inputs


def surface(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Compute a hilly function of two inputs with values between 0 and 1; the book leaves the choice to the reader."""
    return np.asarray(0.5 + 0.25 * np.sin(7 * x) * np.cos(5 * y) + 0.2 * (x - y))


def measure_two_inputs(config: ex.Config) -> ex.Measured:
    """Approximate the function by n × n towers for each n, and compare them at many points."""
    points = build_grid(config["grid"])
    goal = surface(points[:, 0], points[:, 1])
    dx, dy = np.abs(np.gradient(goal.reshape(config["grid"], -1), 1 / config["grid"]))
    large, small = np.maximum(dx, dy), np.minimum(dx, dy)
    slope = float((large / 4 + small**2 / (12 * large + 1e-9)).mean())  # mean |dx u + dy v| for u, v in [−½, ½]
    ns = config["n"]

    def build_towers(n: int) -> FixedNetwork:
        return approximate(surface, n, config["h"], config["w"], config["threshold"])

    deviations = [float(np.abs(build_towers(n)(points) - goal).mean()) for n in ns]
    grid = build_grid(SIDE)
    return ex.Measured(
        {
            "least deviation": min(deviations),
            "over expected": deviations[-1] / (slope / ns[-1]),
            "closer": all(b < a for a, b in pairwise(deviations)),
        },
        {
            "n": ns,
            "deviation": ex.round_all(deviations),
            "expected": ex.round_all([slope / n for n in ns]),
            "goal": ex.round_all(surface(grid[:, 0], grid[:, 1])),
            "pictures": {str(n): ex.round_all(build_towers(n)(grid).astype(np.float32)) for n in config["drawn"]},
        },
    )


@ex.with_panels(2, 2, (6.4, 5.8))
def plot_two_inputs(result: ex.Result, *panels: ex.Axes) -> None:
    """Plot the function, two approximations, and the deviations against the number of towers."""
    series = result.first(result.variants[-1]).series
    surfaces = {"goal f(x, y)": series["goal"]} | {f"{n} × {n} towers": z for n, z in series["pictures"].items()}
    for axes, (title, values) in zip(panels, surfaces.items(), strict=False):
        plot_heatmap(axes, values, 0, 1, title)
        axes.title.set_fontsize(10)
    bar = panels[0].figure.colorbar(panels[0].images[0], ax=panels[:3], location="bottom", shrink=0.4, aspect=30)
    bar.outline.set_visible(False)
    axes = panels[3]
    for i, variant in enumerate(result.variants):
        one = result.first(variant).series
        axes.loglog(one["n"], one["deviation"], color=COLOURS[i], marker=MARKERS[i], ms=4, label=variant)
    axes.loglog(series["n"], series["expected"], color="black", linestyle=":", linewidth=0.9, label="expected, ∝ 1/n")
    axes.set_xticks([2, 5, 10, 20, 30], ["2", "5", "10", "20", "30"])
    axes.set_xticks([], minor=True)
    label_axes(axes, "n (towers per side)", "mean deviation", legend={"fontsize": 8})


TWO_INPUTS = (
    ex.Experiment(
        id="ch4/tower",
        title="Towers over a box of inputs",
        section=SECTION,
        shows="Each input has a bump. An output neuron with the bias (−m + ½) h for m inputs fires only where all bumps "
        "are up, which makes a tower. With h = 10 its output is 0.993 inside and below 0.007 outside; with h = 1 there "
        "is hardly a tower.",
        measure=measure_tower,
        plot=plot_tower,
        settings={
            "h": 10,
            "w": 1000,
            "start": 0.3,
            "end": 0.7,
            "threshold": 0.5,
            "points": 2000,
            "drawn": [1, 3, 10],
        },
        variants={f"{m} inputs": {"inputs": m} for m in (2, 3, 10)},
        published=(
            ex.Published("h = 10 and the bias −3h/2 make a tower of 2 inputs", "a tower", True, SOURCE, "2 inputs"),
            ex.Published("the bias (−m + ½) h makes a tower of 3 inputs", "a tower", True, SOURCE, "3 inputs"),
            ex.Published("the bias (−m + ½) h makes a tower of 10 inputs", "a tower", True, SOURCE, "10 inputs"),
        ),
        quick=ex.Quick(
            expected=tuple(
                ex.Published(f"a tower of {m} inputs", "a tower", True, variant=f"{m} inputs") for m in (2, 3, 10)
            ),
            defect={"threshold": 1.5},
        ),
        seeds=1,
        remark="The output counts as a tower if it is above 0.99 inside and below 0.01 outside, at 2,000 random points "
        "each, away from the walls. The setting “threshold” stands for the ½ in (−m + ½) h.",
    ),
    ex.Experiment(
        id="ch4/two-inputs",
        title="A function of two inputs approximated by towers",
        section=SECTION,
        shows="With n × n towers, each as high as the function in its middle, the deviation falls as 1/n. With h = 10 one "
        "tower is sharp enough, but many are not: each adds 0.7 % of its height to its whole row and column, and these "
        "parts add up.",
        measure=measure_two_inputs,
        plot=plot_two_inputs,
        settings={
            "n": [2, 3, 4, 5, 7, 10, 14, 20, 30],
            "w": 4000,
            "threshold": 0.5,
            "grid": 128,
            "drawn": [5, 20],
        },
        variants={"h = 10": {"h": 10.0}, "h = 40": {"h": 40.0}},
        published=(
            ex.Published(
                "a larger n always gives a smaller deviation, with sharp towers", "closer", True, SOURCE, "h = 40"
            ),
        ),
        quick=ex.Quick(
            {"n": [5, 10, 20], "grid": 64},
            (
                ex.Published("a larger n always gives a smaller deviation", "closer", True, variant="h = 40"),
                ex.Published(
                    "mean deviation of 20 × 20 towers", "least deviation", 0.03, variant="h = 40", relation="at most"
                ),
            ),
            defect={"threshold": 1.5},
        ),
        seeds=1,
        remark="The function is ours; the book gives none. The expected deviation is the mean deviation of narrow "
        "constant pieces that equal the function at their midpoints. No point of the grid lies on an edge between towers.",
    ),
)
