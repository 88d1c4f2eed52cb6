"""Towers, and a function of two inputs built from them: two hidden layers with weights set by hand."""

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
"""Points along each side of a drawn square; none lies on an edge between 5 or 20 towers."""


def square(n: int) -> np.ndarray:
    """n × n points of the unit square, in the middles of n × n equal parts: shape (n², 2), the first input slowest."""
    along = (np.arange(n) + 0.5) / n
    return np.stack(np.meshgrid(along, along, indexing="ij"), axis=-1).reshape(-1, 2)


# --- ch4/tower


def measure_tower(config: ex.Config) -> ex.Measured:
    """A tower over the same interval of every input, at random points that keep away from its walls."""
    m, h, w = config["inputs"], config["h"], config["w"]
    start, end = config["start"], config["end"]
    built = build_tower([(start, end)] * m, h, w, config["threshold"])
    rng = np.random.default_rng(config.seed)
    within = start + (end - start) * rng.uniform(0.1, 0.9, (config["points"], m))
    beside = np.where(rng.random(within.shape) < 0.5, start * rng.uniform(0, 0.9, within.shape), 1 - 0.1 * within)
    outside = rng.random(within.shape) < 1 / m  # in about one input, where a tower is told apart the hardest
    outside[np.arange(len(outside)), rng.integers(m, size=len(outside))] = True
    low, high = float(built(within).min()), float(built(np.where(outside, beside, within)).max())
    series = {}
    if m == 2:
        points = square(SIDE)
        sums = (built.weighted_input(points) - built.params[-1]["b"][0]) / h
        cut = np.column_stack([np.linspace(0, 1, 201), np.full(201, (start + end) / 2)])
        cuts = {
            f"{k:g}": ex.round_all(build_tower([(start, end)] * 2, k, w, config["threshold"])(cut))
            for k in config["drawn"]
        }
        series = {
            "sum": ex.round_all(sums),
            "output": ex.round_all(built(points)),
            "x": ex.round_all(cut[:, 0]),
            "cuts": cuts,
        }
    return ex.Measured({"a tower": low > 0.99 and high < 0.01, "least inside": low, "most outside": high}, series)


@ex.with_panels(1, 3, (7.2, 3.2))
def plot_tower(result: ex.Result, left: ex.Axes, middle: ex.Axes, right: ex.Axes) -> None:
    """What the output neuron is given, what it makes of it, and cuts through towers of other heights h."""
    series = result.first("2 inputs").series
    for axes, values, top, title in (
        (left, series["sum"], 2, "sum of the two bumps / h"),
        (middle, series["output"], 1, "output, bias −3h/2"),
    ):
        heat(axes, values, 0, top, title)
        bar = axes.figure.colorbar(axes.images[0], ax=axes, location="bottom", shrink=0.8, ticks=range(top + 1))
        bar.outline.set_visible(False)
    for i, (h, cut) in enumerate(series["cuts"].items()):
        right.plot(series["x"], cut, color=COLOURS[i], linestyle=("-", "--", "-.", ":")[i % 4], label=f"h = {h}")
    label_axes(right, "x, with y in the middle", "output")
    right.set_ylim(-0.05, 1.6)
    right.legend(fontsize=8, loc="upper center")


def heat(axes: ex.Axes, values: list[float], low: float, high: float, title: str) -> None:
    """A function on the unit square, x to the right and y upwards."""
    side = round(len(values) ** 0.5)
    image = np.asarray(values).reshape(side, side).T
    axes.imshow(image, origin="lower", extent=(0, 1, 0, 1), cmap="cividis", vmin=low, vmax=high)
    axes.grid(visible=False)
    axes.set(title=title, xticks=[0, 1], yticks=[0, 1], xlabel="x", ylabel="y")


# --- ch4/two-inputs


def surface(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A hilly function of two inputs with values between 0 and 1; the book leaves the choice to the reader."""
    return np.asarray(0.5 + 0.25 * np.sin(7 * x) * np.cos(5 * y) + 0.2 * (x - y))


def measure_two_inputs(config: ex.Config) -> ex.Measured:
    """n × n towers for each n, against the function at many points."""
    points = square(config["grid"])
    goal = surface(points[:, 0], points[:, 1])
    dx, dy = np.abs(np.gradient(goal.reshape(config["grid"], -1), 1 / config["grid"]))
    large, small = np.maximum(dx, dy), np.minimum(dx, dy)
    slope = float((large / 4 + small**2 / (12 * large + 1e-9)).mean())  # mean |dx u + dy v| for u, v in [−½, ½]
    ns = config["n"]

    def built(n: int) -> FixedNetwork:
        return approximate(surface, n, config["h"], config["w"], config["threshold"])

    found = [float(np.abs(built(n)(points) - goal).mean()) for n in ns]
    drawn = square(SIDE)
    return ex.Measured(
        {
            "least deviation": min(found),
            "over expected": found[-1] / (slope / ns[-1]),
            "closer": all(b < a for a, b in pairwise(found)),
        },
        {
            "n": ns,
            "deviation": ex.round_all(found),
            "expected": ex.round_all([slope / n for n in ns]),
            "goal": ex.round_all(surface(drawn[:, 0], drawn[:, 1])),
            "pictures": {str(n): ex.round_all(built(n)(drawn).astype(np.float32)) for n in config["drawn"]},
        },
    )


@ex.with_panels(2, 2, (6.4, 5.8))
def plot_two_inputs(result: ex.Result, *panels: ex.Axes) -> None:
    """The function, two approximations, and deviations against the number of towers."""
    series = result.first(result.variants[-1]).series
    shown = {"goal f(x, y)": series["goal"]} | {f"{n} × {n} towers": z for n, z in series["pictures"].items()}
    for axes, (title, values) in zip(panels, shown.items(), strict=False):
        heat(axes, values, 0, 1, title)
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
    label_axes(axes, "towers a side n", "mean deviation", legend={"fontsize": 8})


TWO_INPUTS = (
    ex.Experiment(
        id="ch4/tower",
        title="Towers over a box of inputs",
        section=SECTION,
        shows="Bumps in each input lie across each other; a neuron that fires only where all of them are up, its bias "
        "(−m + ½) h for m inputs, leaves a tower. With h = 10 it is 0.993 inside and below 0.007 outside; with h = 1 "
        "there is hardly a tower.",
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
            ex.Published("h = 10 and the bias −3h/2 make a tower of two inputs", "a tower", True, SOURCE, "2 inputs"),
            ex.Published("the bias (−m + ½) h does so for m = 3", "a tower", True, SOURCE, "3 inputs"),
            ex.Published("the bias (−m + ½) h does so for m = 10", "a tower", True, SOURCE, "10 inputs"),
        ),
        quick=ex.Quick(
            expected=tuple(
                ex.Published(f"a tower of {m} inputs", "a tower", True, variant=f"{m} inputs") for m in (2, 3, 10)
            ),
            defect={"threshold": 1.5},
        ),
        seeds=1,
        remark="A tower is above 0.99 inside and below 0.01 outside, at 2,000 random points each that keep away from "
        "its walls. threshold is what stands for ½ in (−m + ½) h.",
    ),
    ex.Experiment(
        id="ch4/two-inputs",
        title="A function of two inputs out of towers",
        section=SECTION,
        shows="n × n towers, each as high as the function in its middle, come closer the more there are, at the rate "
        "1/n. That h is 10 is enough for one tower but not for many: each gives 0.7 % of itself to its whole row and "
        "column, and these add up.",
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
        published=(ex.Published("the more towers, the closer, if they are sharp", "closer", True, SOURCE, "h = 40"),),
        quick=ex.Quick(
            {"n": [5, 10, 20], "grid": 64},
            (
                ex.Published("the more towers, the closer", "closer", True, variant="h = 40"),
                ex.Published(
                    "mean deviation of 20 × 20 towers", "least deviation", 0.03, variant="h = 40", relation="at most"
                ),
            ),
            defect={"threshold": 1.5},
        ),
        seeds=1,
        remark="The function is ours; the book gives none. Expected is the mean deviation of narrow flat pieces that "
        "are right in their middles. No point of the grid lies on an edge between towers.",
    ),
)
