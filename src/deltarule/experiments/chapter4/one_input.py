"""Steps and bumps: what one, two and ten hidden neurons with weights set by hand make of one input."""

from __future__ import annotations

from typing import Any

import numpy as np

from deltarule.constructions.bumps import build_bumps, build_steps
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, LINES, label_axes

SECTION = "Universality with one input and one output"
SOURCE = f"chapter 4, '{SECTION}'"
CLOSE = 1e-3
"""How near to a height an output must come, and a step to its place."""


def points(n: int = 4001) -> np.ndarray:
    """Inputs from 0 to 1, so dense that a step of weight 1000 is seen."""
    return np.linspace(0.0, 1.0, n)


def crossing(x: np.ndarray, a: np.ndarray, level: float) -> float:
    """Where a rising curve first passes the level, between its points on a straight line; NaN if nowhere."""
    above = np.flatnonzero((a[:-1] < level) & (a[1:] >= level))
    if not len(above):
        return float("nan")
    i = above[0]
    return float(x[i] + (level - a[i]) / (a[i + 1] - a[i]) * (x[i + 1] - x[i]))


def drawn_at(*edges: float, w: float = 1000.0) -> np.ndarray:
    """Few inputs, close together where steps are: enough to draw from."""
    near = np.linspace(-12 / w, 12 / w, 25)
    return np.unique(np.clip(np.concatenate([np.linspace(0, 1, 101), *(edge + near for edge in edges)]), 0, 1))


# --- ch4/step


def measure_step(config: ex.Config) -> ex.Measured:
    """One neuron for each weight and each place of the step, its bias −w s."""
    x, misplaced, widths, curves = points(), [], [], []
    for w in config["weights"]:
        for s in config["places"]:
            neuron = build_steps([s], [1.0], w)
            neuron.params[0]["b"][:] *= config["bias"] / -1.0
            a = neuron(x)
            misplaced.append(abs(crossing(x, a, 0.5) - s))
            if w >= 100:
                widths.append(w * (crossing(x, a, 0.9) - crossing(x, a, 0.1)))
            some = drawn_at(s, w=w)
            curves.append({"w": w, "s": s, "x": ex.round_all(some), "a": ex.round_all(neuron(some))})
    apart = float(max(misplaced)) if np.isfinite(misplaced).all() else 1.0
    return ex.Measured(
        {"stands at −b/w": apart < CLOSE, "largest distance from −b/w": apart, "width × w": float(np.mean(widths))},
        {"curves": curves},
    )


@ex.with_panels(1, 2, (6.4, 3.2), sharey=True)
def plot_step(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """Left: one place, steeper and steeper. Right: the steepest at several places."""
    curves = result.first().series["curves"]
    middle, steepest = curves[len({curve["s"] for curve in curves}) // 2]["s"], curves[-1]["w"]
    for axes, chosen in (
        (left, [(curve, f"w = {curve['w']:g}") for curve in curves if curve["s"] == middle]),
        (right, [(curve, f"b = −{curve['w'] * curve['s']:g}") for curve in curves if curve["w"] == steepest]),
    ):
        for i, (curve, label) in enumerate(chosen):
            axes.plot(curve["x"], curve["a"], color=COLOURS[i % 7], linestyle=LINES[i % 4], label=label)
    label_axes(left, "input x", "output of the hidden neuron σ(w x + b)", f"−b/w = {middle:g}")
    label_axes(right, "input x", "output", f"w = {steepest:g}")


# --- ch4/bump


def measure_bump(config: ex.Config) -> ex.Measured:
    """Two steps with opposite weights to the output, for every height."""
    start, end, w = config["start"], config["end"], config["w"]
    x = points()
    inside = (x > start + 10 / w) & (x < end - 10 / w)
    outside = (x < start - 10 / w) | (x > end + 10 / w)
    wrong_inside, wrong_outside, curves = 0.0, 0.0, []
    for h in config["heights"]:
        pair = build_steps([start, end], [h, config["second"] * h], w)
        z = pair(x)
        wrong_inside = max(wrong_inside, float(np.abs(z[inside] - h).max()))
        wrong_outside = max(wrong_outside, float(np.abs(z[outside]).max()))
        some = drawn_at(start, end, w=w)
        curves.append({"h": h, "x": ex.round_all(some), "z": ex.round_all(pair(some))})
    some = drawn_at(start, end, w=30)
    gentle = [
        {"w": w, "x": ex.round_all(some), "z": ex.round_all(build_steps([start, end], [1.0, -1.0], w)(some))}
        for w in config["gentle"]
    ]
    return ex.Measured(
        {
            "a bump": wrong_inside < CLOSE and wrong_outside < CLOSE,
            "farthest from h inside": wrong_inside,
            "farthest from 0 outside": wrong_outside,
        },
        {"curves": curves, "gentle": gentle},
    )


@ex.with_panels(1, 2, (6.4, 3.2))
def plot_bump(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """Left: bumps of several heights. Right: what weights that are not large make."""
    series = result.first().series
    for axes, curves, name in ((left, series["curves"], "h"), (right, series["gentle"], "w")):
        for i, curve in enumerate(curves):
            look: Any = {"color": COLOURS[i % 7], "linestyle": LINES[i % 4]}
            axes.plot(curve["x"], curve["z"], label=f"{name} = {curve[name]:g}".replace("-", "−"), **look)
    label_axes(left, "input x", "weighted sum of the two hidden neurons", "output weights h and −h")
    label_axes(right, "input x", "weighted sum", "h = 1, smaller weights w")
    for axes in (left, right):
        axes.legend(fontsize=8.5, loc="upper left")


# --- ch4/bumps


def measure_bumps(config: ex.Config) -> ex.Measured:
    """Pairs of neurons, as many as bumps; then the same with random heights, over and over."""
    w, apart = config["w"], config["apart"]
    edges, heights = config["edges"], config["heights"]
    middles = (np.asarray(edges[:-1]) + np.asarray(edges[1:])) / 2
    joined = build_bumps(edges, heights, w)
    x = drawn_at(*edges, w=w)
    rng = np.random.default_rng(config.seed)
    wrong = [np.abs(joined(middles) - heights)]
    for _ in range(config["trials"]):
        others = rng.uniform(-1, 1, len(heights))
        wrong.append(np.abs(build_bumps(edges, others.tolist(), w)(middles) - others))
    two = build_steps(
        [place for start, end, _ in apart for place in (start, end)], [k for *_, h in apart for k in (h, -h)], w
    )
    some = drawn_at(*(place for start, end, _ in apart for place in (start, end)), w=w)
    return ex.Measured(
        {
            "each its height": bool(np.max(wrong) < CLOSE),
            "farthest from its height": float(np.max(wrong)),
            "hidden neurons a bump": joined.params[0]["b"].size / len(heights),
        },
        {
            "two": {"x": ex.round_all(some), "z": ex.round_all(two(some))},
            "joined": {"x": ex.round_all(x), "z": ex.round_all(joined(x))},
        },
    )


@ex.with_panels(1, 2, (6.4, 3.2), sharey=True)
def plot_bumps(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """Left: two bumps apart from each other. Right: side by side they are a staircase of any form."""
    run = result.first()
    for axes, name, title in (
        (left, "two", "two bumps, four neurons"),
        (right, "joined", f"{len(run.settings['heights'])} bumps, {2 * len(run.settings['heights'])} neurons"),
    ):
        curve = run.series[name]
        axes.plot(curve["x"], curve["z"], color=COLOURS[0])
        axes.fill_between(curve["x"], curve["z"], color=COLOURS[0], alpha=0.15, linewidth=0)
        label_axes(axes, "input x", "weighted sum of the hidden neurons" if axes is left else "weighted sum", title)


ONE_INPUT = (
    ex.Experiment(
        id="ch4/step",
        title="A sigmoid neuron with a large weight is a step",
        section=SECTION,
        shows="The larger the weight w of a sigmoid neuron, the more its output is a step, and the step stands where "
        "w x + b = 0, at s = −b/w. From a tenth to nine tenths it takes 4.39/w: with w = 1000 nothing is seen of it.",
        measure=measure_step,
        plot=plot_step,
        settings={"weights": [8, 20, 100, 1000], "places": [0.2, 0.4, 0.7], "bias": -1.0},
        published=(ex.Published("the step stands at s = −b/w", "stands at −b/w", True, SOURCE),),
        quick=ex.Quick(
            expected=(
                ex.Published("the step stands at s = −b/w", "stands at −b/w", True),
                ex.Published("its width, times w: 2 ln 9", "width × w", 4.394),
            ),
            defect={"bias": -0.9},
        ),
        seeds=1,
        remark="bias is what the bias is in units of w s; only −1 puts the step at s.",
    ),
    ex.Experiment(
        id="ch4/bump",
        title="Two steps make a bump",
        section=SECTION,
        shows="A second neuron that takes away what the first has added leaves a bump: h between the two steps, 0 "
        "elsewhere, for any h. With weights below some hundreds the corners are round, and then it is no bump at all.",
        measure=measure_bump,
        plot=plot_bump,
        settings={
            "start": 0.4,
            "end": 0.6,
            "heights": [0.8, 0.4, -0.5],
            "w": 1000,
            "second": -1.0,
            "gentle": [10, 30, 100],
        },
        published=(ex.Published("the pair gives h between its steps and 0 elsewhere", "a bump", True, SOURCE),),
        quick=ex.Quick(
            expected=(ex.Published("the pair gives h between its steps and 0 elsewhere", "a bump", True),),
            defect={"second": 1.0},
        ),
        seeds=1,
        remark="Judged from 10/w beside the steps on. second is the second output weight in units of h.",
    ),
    ex.Experiment(
        id="ch4/bumps",
        title="Many bumps side by side",
        section=SECTION,
        shows="Pairs of hidden neurons are bumps that do not disturb each other, so each height can be chosen freely. "
        "Side by side they form a staircase, and a staircase can follow any function.",
        measure=measure_bumps,
        plot=plot_bumps,
        settings={
            "edges": [0.0, 0.2, 0.4, 0.6, 0.8, 1.0],
            "heights": [0.3, -0.4, 0.9, 0.5, -0.2],
            "apart": [[0.1, 0.3, 0.7], [0.6, 0.75, -0.4]],
            "w": 1000,
            "trials": 200,
        },
        published=(
            ex.Published("each bump has the height it was given", "each its height", True, SOURCE),
            ex.Published("hidden neurons for each bump", "hidden neurons a bump", 2, SOURCE),
        ),
        quick=ex.Quick(
            expected=(ex.Published("each bump has the height it was given", "each its height", True),),
            defect={"w": 20},
        ),
        seeds=1,
        remark="Measured in the middles of the bumps, also with 200 sets of random heights.",
    ),
)
