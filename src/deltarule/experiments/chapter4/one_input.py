"""Steps and bumps: functions of one input computed by one, two and ten hidden neurons with weights set by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from deltarule.constructions.bumps import build_bumps, build_steps
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, LINES, label_axes

SECTION = "Universality with one input and one output"
SOURCE = f"chapter 4, '{SECTION}'"
CLOSE = 1e-3
"""The tolerance for heights of bumps and for positions of steps."""


def make_inputs(n: int = 4001) -> np.ndarray:
    """Return n inputs from 0 to 1, dense enough to resolve a step of weight 1000."""
    return np.linspace(0.0, 1.0, n)


def find_crossing(x: np.ndarray, a: np.ndarray, level: float) -> float:
    """Find where a rising curve first crosses the level, by linear interpolation; return NaN if it never does."""
    above = np.flatnonzero((a[:-1] < level) & (a[1:] >= level))
    if not len(above):
        return float("nan")
    i = above[0]
    return float(x[i] + (level - a[i]) / (a[i + 1] - a[i]) * (x[i + 1] - x[i]))


def choose_plot_inputs(*edges: float, w: float = 1000.0) -> np.ndarray:
    """Return inputs for plotting: few of them, but close together near the steps at ``edges``."""
    near = np.linspace(-12 / w, 12 / w, 25)
    return np.unique(np.clip(np.concatenate([np.linspace(0, 1, 101), *(edge + near for edge in edges)]), 0, 1))


# --- ch4/step


def measure_step(config: ex.Config) -> ex.Measured:
    """Build a neuron with the bias −w s for each weight w and position s, and measure where its step is."""
    x, distances, widths, curves = make_inputs(), [], [], []
    for w in config["weights"]:
        for s in config["places"]:
            neuron = build_steps([s], [1.0], w)
            neuron.params[0]["b"][:] *= config["bias"] / -1.0
            a = neuron(x)
            distances.append(abs(find_crossing(x, a, 0.5) - s))
            if w >= 100:
                widths.append(w * (find_crossing(x, a, 0.9) - find_crossing(x, a, 0.1)))
            plot_x = choose_plot_inputs(s, w=w)
            curves.append({"w": w, "s": s, "x": ex.round_all(plot_x), "a": ex.round_all(neuron(plot_x))})
    largest = float(max(distances)) if np.isfinite(distances).all() else 1.0
    return ex.Measured(
        {"stands at −b/w": largest < CLOSE, "largest distance from −b/w": largest, "width × w": float(np.mean(widths))},
        {"curves": curves},
    )


@ex.with_panels(1, 2, (6.4, 3.2), sharey=True)
def plot_step(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """Plot steps of growing weight at one position (left), and the steepest step at several positions (right)."""
    curves = result.first().series["curves"]
    middle, steepest = curves[len({curve["s"] for curve in curves}) // 2]["s"], curves[-1]["w"]
    for axes, labelled in (
        (left, [(curve, f"w = {curve['w']:g}") for curve in curves if curve["s"] == middle]),
        (right, [(curve, f"b = −{curve['w'] * curve['s']:g}") for curve in curves if curve["w"] == steepest]),
    ):
        for i, (curve, label) in enumerate(labelled):
            axes.plot(curve["x"], curve["a"], color=COLOURS[i % 7], linestyle=LINES[i % 4], label=label)
    label_axes(left, "input x", "output of the hidden neuron σ(w x + b)", f"−b/w = {middle:g}")
    label_axes(right, "input x", "output", f"w = {steepest:g}")


# --- ch4/bump


def measure_bump(config: ex.Config) -> ex.Measured:
    """Build a pair of steps with opposite output weights for each height, and measure how exact the bump is."""
    start, end, w = config["start"], config["end"], config["w"]
    x = make_inputs()
    inside = (x > start + 10 / w) & (x < end - 10 / w)
    outside = (x < start - 10 / w) | (x > end + 10 / w)
    wrong_inside, wrong_outside, curves = 0.0, 0.0, []
    for h in config["heights"]:
        pair = build_steps([start, end], [h, config["second"] * h], w)
        z = pair(x)
        wrong_inside = max(wrong_inside, float(np.abs(z[inside] - h).max()))
        wrong_outside = max(wrong_outside, float(np.abs(z[outside]).max()))
        plot_x = choose_plot_inputs(start, end, w=w)
        curves.append({"h": h, "x": ex.round_all(plot_x), "z": ex.round_all(pair(plot_x))})
    plot_x = choose_plot_inputs(start, end, w=30)
    gentle = [
        {"w": w, "x": ex.round_all(plot_x), "z": ex.round_all(build_steps([start, end], [1.0, -1.0], w)(plot_x))}
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
    """Plot bumps of several heights (left), and bumps with smaller weights (right)."""
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
    """Build several bumps side by side, with the heights of the settings and with many sets of random heights."""
    w, apart = config["w"], config["apart"]
    edges, heights = config["edges"], config["heights"]
    middles = (np.asarray(edges[:-1]) + np.asarray(edges[1:])) / 2
    joined = build_bumps(edges, heights, w)
    x = choose_plot_inputs(*edges, w=w)
    rng = np.random.default_rng(config.seed)
    errors = [np.abs(joined(middles) - heights)]
    for _ in range(config["trials"]):
        random_heights = rng.uniform(-1, 1, len(heights))
        errors.append(np.abs(build_bumps(edges, random_heights.tolist(), w)(middles) - random_heights))
    two = build_steps(
        [place for start, end, _ in apart for place in (start, end)], [k for *_, h in apart for k in (h, -h)], w
    )
    plot_x = choose_plot_inputs(*(place for start, end, _ in apart for place in (start, end)), w=w)
    return ex.Measured(
        {
            "each its height": bool(np.max(errors) < CLOSE),
            "farthest from its height": float(np.max(errors)),
            "hidden neurons a bump": joined.params[0]["b"].size / len(heights),
        },
        {
            "two": {"x": ex.round_all(plot_x), "z": ex.round_all(two(plot_x))},
            "joined": {"x": ex.round_all(x), "z": ex.round_all(joined(x))},
        },
    )


@ex.with_panels(1, 2, (6.4, 3.2), sharey=True)
def plot_bumps(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """Plot two separate bumps (left), and bumps side by side that form a staircase (right)."""
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
        title="A sigmoid neuron with a large weight is a step function",
        section=SECTION,
        shows="The larger the weight w of a sigmoid neuron, the closer its output is to a step function. The step is "
        "where w x + b = 0, at s = −b/w. The output rises from 0.1 to 0.9 over a width of 4.39/w, which is too small to "
        "see with w = 1000.",
        measure=measure_step,
        plot=plot_step,
        settings={"weights": [8, 20, 100, 1000], "places": [0.2, 0.4, 0.7], "bias": -1.0},
        published=(ex.Published("the step is at s = −b/w", "stands at −b/w", True, SOURCE),),
        quick=ex.Quick(
            expected=(
                ex.Published("the step is at s = −b/w", "stands at −b/w", True),
                ex.Published("width of the step times w: 2 ln 9", "width × w", 4.394),
            ),
            defect={"bias": -0.9},
        ),
        seeds=1,
        remark="The bias is the setting “bias” times w s. The step is at s only if the setting is −1.",
    ),
    ex.Experiment(
        id="ch4/bump",
        title="Two steps make a bump",
        section=SECTION,
        shows="A second neuron subtracts what the first one added, which leaves a bump: h between the two steps and 0 "
        "elsewhere, for any h. With weights below a few hundred the corners become round. With much smaller weights no "
        "bump is left.",
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
        remark="Points within 10/w of a step are not counted. The setting “second” is the second output weight in units "
        "of h.",
    ),
    ex.Experiment(
        id="ch4/bumps",
        title="Many bumps side by side",
        section=SECTION,
        shows="Each pair of hidden neurons makes a bump, and the bumps do not disturb each other, so each height can be "
        "set freely. Side by side the bumps form a staircase, and a staircase can follow any function.",
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
            ex.Published("each bump has its specified height", "each its height", True, SOURCE),
            ex.Published("hidden neurons per bump", "hidden neurons a bump", 2, SOURCE),
        ),
        quick=ex.Quick(
            expected=(ex.Published("each bump has its specified height", "each its height", True),),
            defect={"w": 20},
        ),
        seeds=1,
        remark="Heights are measured in the middles of the bumps, also with 200 sets of random heights.",
    ),
)
