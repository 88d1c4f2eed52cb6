"""Gradient descent, v → v − η∇C (equations (11) and (15)), on functions of one and two variables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import deltarule as dr
from deltarule.core.trees import map_leaves
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, LINES, add_legend_below, label_axes

SECTION = "Learning with gradient descent"
SOURCE = f"chapter 1, '{SECTION}'"


def descend(gradient: Callable[[np.ndarray], np.ndarray], v: np.ndarray, eta: float, steps: int) -> np.ndarray:
    """Return the path of gradient descent, its start included."""
    path = [v]
    for _ in range(steps):
        ((step,), _) = dr.SGD().update([{"v": gradient(path[-1])}], {}, [{"v": path[-1]}], eta)
        path.append(step["v"])
    return np.asarray(path)


def measure_valley(config: ex.Config) -> ex.Measured:
    """Descend in C = v₁² + v₂², with the gradient (2v₁, 2v₂)."""
    path = descend(lambda v: 2 * v, np.asarray(config["start"]), config["eta"], config["steps"])
    cost = (path**2).sum(axis=1)
    predicted = -config["eta"] * 4 * cost[0]  # −η ‖∇C‖²
    return ex.Measured(
        {
            "C falls at every step": bool((np.diff(cost) < 0).all()),
            "last C": float(cost[-1]),
            "first decrease, relative to prediction": float((cost[1] - cost[0]) / predicted) if predicted else 0.0,
        },
        {"path": [ex.round_all(v) for v in path], "C": ex.round_all(cost)},
    )


@ex.with_panels(1, 2, (6.8, 3.5))
def plot_valley(result: ex.Result, above: ex.Axes, fall: ex.Axes) -> None:
    """Plot the paths in the valley, and C against the step."""
    v = np.linspace(-1.9, 1.9, 80)
    c = v[:, None] ** 2 + v**2
    above.contour(v, v, c, levels=[0.1, 0.4, 0.9, 1.6, 2.5, 3.6], colors="#bbbbbb", linewidths=0.8)
    for i, variant in enumerate(result.variants):
        run = result.first(variant)
        path = np.asarray(run.series["path"])
        look: Any = {"color": COLOURS[i], "linestyle": LINES[i % 4], "marker": "osD^"[i % 4], "ms": 3.5, "lw": 1.2}
        above.plot(*path[: 4 if run.figures["last C"] > 10 else None].T, **look)
        fall.plot(run.series["C"], label=variant, **look)
    above.set(aspect="equal", xlim=(-1.9, 1.9), ylim=(-1.9, 1.9))
    fall.set(yscale="log", ylim=(1e-6, 1e4))
    label_axes(above, "v₁", "v₂", "contour lines of C = v₁² + v₂²")
    label_axes(fall, "step", "C", "", legend=False)
    add_legend_below(fall, 4)


VALLEY = (
    ex.Published("small η: C decreases at every step", "C falls at every step", True, SOURCE, variant="η 0.05"),
    ex.Published("small η: first decrease of C, divided by η‖∇C‖² (its value by equation (9))",
              "first decrease, relative to prediction", 1.0, SOURCE, variant="η 0.05", relation="about"),
    ex.Published("larger η: C decreases at every step", "C falls at every step", True, SOURCE, variant="η 0.3"),
    ex.Published("η too large: C decreases at every step", "C falls at every step", False, SOURCE, variant="η 1.03"),
)  # fmt: skip


def measure_steepest(config: ex.Config) -> ex.Measured:
    """Measure the change of C by moves of length ε in many directions, in units of ε ‖∇C‖."""
    network = dr.Network.dense(config["sizes"], "quadratic")
    params = network.init(config.seed)
    rng = np.random.default_rng(config.seed)
    x, y = rng.random((20, config["sizes"][0])), rng.random((20, config["sizes"][-1]))
    cost = float(network.value(params, x, y))
    gradient = ex.flatten(network.gradients(params, x, y))
    length, epsilon = float(np.linalg.norm(gradient)), float(config["epsilon"])

    def change(move: np.ndarray) -> float:
        moved = map_leaves(np.add, params, ex.unflatten(move, params))
        return (float(network.value(moved, x, y)) - cost) / (epsilon * length)

    down = config["sign"] * gradient / length
    random_moves = [one / np.linalg.norm(one) for one in rng.normal(size=(config["moves"], gradient.size))]
    rotated = []  # the downward move, rotated by each angle towards a random one
    for one, angle in zip(random_moves, np.linspace(0, np.pi, config["moves"]), strict=True):
        aside = one - (one @ down) * down
        rotated.append(np.cos(angle) * down + np.sin(angle) * aside / np.linalg.norm(aside))
    moves = [*random_moves, *rotated[1:]]
    changes = np.asarray([change(epsilon * move) for move in moves])
    cosines = np.asarray([move @ down for move in moves])
    downwards = change(epsilon * down)
    return ex.Measured(
        {
            "lowest": bool(downwards < changes.min()),
            "fall by −η∇C in ε‖∇C‖": -downwards,
            "off the cosine": float(np.abs(changes + cosines).max()),
        },
        {
            "angle": ex.round_all(np.degrees(np.arccos(np.clip(cosines, -1, 1)))),
            "change": ex.round_all(changes),
            "random": len(random_moves),
        },
    )


@ex.with_panels()
def plot_steepest(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the change of C against the angle between the move and −∇C."""
    run = result.first()
    angle, change, n = np.asarray(run.series["angle"]), np.asarray(run.series["change"]), run.series["random"]
    curve = np.linspace(0, 180, 181)
    axes.plot(curve, -np.cos(np.radians(curve)), color="#555555", lw=1, linestyle="--", label="−cos of the angle")
    axes.plot(angle[n:], change[n:], ".", color=COLOURS[0], ms=4, label="−∇C, rotated by this angle")
    axes.plot(angle[:n], change[:n], "+", color=COLOURS[1], ms=6, label="moves in random directions")
    axes.plot(0, -run.figures["fall by −η∇C in ε‖∇C‖"], "D", color=COLOURS[2], ms=7, label="the move −η∇C")
    axes.set_xticks(range(0, 181, 30))
    label_axes(axes, "angle between the move and −∇C in degrees", "change of C in units of ε ‖∇C‖")


STEEPEST = (
    ex.Published("no move of the same length lowers C more than −η∇C", "lowest", True, SOURCE, exact=True),
    ex.Published(
        "decrease of C by the move −η∇C, in units of ε‖∇C‖ (equation (13))",
        "fall by −η∇C in ε‖∇C‖",
        1.0,
        SOURCE,
        exact=True,
    ),
)


def measure_one_variable(config: ex.Config) -> ex.Measured:
    """Descend in C(v) = v⁴/4 − v² + v/4, which has two valleys; its slope is v³ − 2v + ¼."""
    path = descend(lambda v: v**3 - 2 * v + 0.25, np.asarray(config["start"]), config["eta"], config["steps"])
    cost = path**4 / 4 - path**2 + path / 4
    slope = path**3 - 2 * path + 0.25
    return ex.Measured(
        {
            "each step goes against the slope": bool((np.diff(path) * slope[:-1] < 0).all()),
            "C falls at every step": bool((np.diff(cost) < 0).all()),
            "last slope": float(abs(slope[-1])),
            "last v": float(path[-1]),
        },
        {"v": ex.round_all(path), "C": ex.round_all(cost)},
    )


@ex.with_panels()
def plot_one_variable(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the curve and the steps from two starting points."""
    v = np.linspace(-2.15, 2.05, 200)
    axes.plot(v, v**4 / 4 - v**2 + v / 4, color="#888888", lw=1)
    for i, variant in enumerate(result.variants):
        run = result.first(variant)
        at, cost = np.asarray(run.series["v"]), np.asarray(run.series["C"])
        axes.plot(at, cost, "oD"[i % 2] + "-", color=COLOURS[i], ms=5, lw=1.2, label=f"start at {variant.split()[-1]}")
        for point, height in zip(at[:3], cost[:3], strict=True):  # a piece of the tangent
            slope = point**3 - 2 * point + 0.25
            reach = 0.3 / np.hypot(1, slope) * np.asarray([-1, 1])
            axes.plot(point + reach, height + slope * reach, color=COLOURS[i], lw=0.8)
    label_axes(axes, "v", "C(v)")


ONE = tuple(
    figure_
    for variant in ("start −2", "start 1.9")
    for figure_ in (
        ex.Published("each step goes downhill", "each step goes against the slope", True, SOURCE, variant),
        ex.Published("C decreases at every step", "C falls at every step", True, SOURCE, variant),
        ex.Published(
            "descent ends where the slope is 0: slope at the end",
            "last slope",
            0.01,
            SOURCE,
            variant,
            relation="at most",
        ),
    )
)

VALLEYS = (
    ex.Experiment(
        id="ch1/valley",
        title="A ball rolls into a valley",
        section=SECTION,
        shows="Steps against the gradient lead to the minimum of C = v₁² + v₂², slowly if η is small. With η above ½ "
        "each step crosses the valley. With η above 1 each step ends higher than it started.",
        measure=measure_valley,
        plot=plot_valley,
        settings={"steps": 25},
        variants={
            "η 0.05": {"eta": 0.05, "start": [1.2, 1.2]},
            "η 0.3": {"eta": 0.3, "start": [-1.6, 0.6]},
            "η 0.9": {"eta": 0.9, "start": [0.3, 1.6]},
            "η 1.03": {"eta": 1.03, "start": [1.2, -0.8]},
        },
        published=VALLEY,
        quick=ex.Quick(expected=VALLEY, defect={"eta": -0.1}),
        seeds=1,
    ),
    ex.Experiment(
        id="ch1/steepest",
        title="Gradient descent is steepest descent",
        section=SECTION,
        shows="A small move of length ε changes the cost by −ε‖∇C‖ times the cosine of its angle to −∇C. So no move of "
        "the same length lowers the cost more than a move along −∇C. Random directions are nearly perpendicular to the "
        "gradient, so they hardly change the cost.",
        measure=measure_steepest,
        plot=plot_steepest,
        settings={"sizes": [5, 8, 3], "epsilon": 1e-4, "moves": 300, "sign": -1.0},
        published=STEEPEST,
        quick=ex.Quick(expected=STEEPEST, defect={"sign": 1.0}),
        seeds=5,
    ),
    ex.Experiment(
        id="ch1/one-variable",
        title="Gradient descent in one variable",
        section=SECTION,
        shows="With one variable the gradient is the slope of a curve. The steps go downhill, long where the curve is "
        "steep and short where it is flat. They end in the valley where they started, which need not be the deepest.",
        measure=measure_one_variable,
        plot=plot_one_variable,
        settings={"eta": 0.12, "steps": 12},
        variants={"start −2": {"start": -2.0}, "start 1.9": {"start": 1.9}},
        published=ONE,
        quick=ex.Quick(expected=ONE, defect={"eta": -0.12, "steps": 4}),
        seeds=1,
    ),
)
