"""The approximation of a function by bumps: the deviation and its rate as the number of bumps grows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deltarule.constructions.bumps import approximate, build_bumps, goal, inverse_sigmoid
from deltarule.constructions.fixed_network import FixedNetwork
from deltarule.core.activations import Sigmoid
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, MARKERS, label_axes, plot_published

SECTION = "Universality with one input and one output"
SOURCE = f"chapter 4, '{SECTION}'"
GRID = 5_000
VARIANTS = {f"w = {w:g}": {"w": w} for w in (100.0, 1000.0, 10000.0)}
BOOK = "w = 1000"


def target_input(x: np.ndarray) -> np.ndarray:
    """Compute g(x) = σ⁻¹(f(x)), the weighted input with which the output neuron gives the goal f(x)."""
    return inverse_sigmoid(goal(x))


def deviation(network: FixedNetwork, x: np.ndarray) -> float:
    """Compute the mean over x of |z(x) − σ⁻¹(f(x))|, the measure of success in the book."""
    return float(np.abs(network.weighted_input(x) - target_input(x)).mean())


def expected_deviation(n: int, x: np.ndarray) -> float:
    """Compute ¼ · mean |g′| / n, the mean deviation of n narrow constant pieces that equal g at their midpoints."""
    return float(np.abs(np.diff(target_input(x))).sum() / (4 * n))


def build_best_bumps(n: int, w: float, x: np.ndarray) -> FixedNetwork:
    """Build n bumps, each as high as the median of the goal over it, which minimizes the mean deviation."""
    edges = np.linspace(0, 1, n + 1)
    piece = np.minimum((x * n).astype(int), n - 1)
    heights = [float(np.median(target_input(x[piece == k]))) for k in range(n)]
    return build_bumps(edges.tolist(), heights, w, output=Sigmoid())


def measure(config: ex.Config) -> ex.Measured:
    """Build bumps by hand for each n, and compare them with the goal on a fine grid of inputs."""
    x = (np.arange(GRID) + 0.5) / GRID
    w, ns, shift = config["w"], config["n"], config["shift"]
    deviations = [deviation(approximate(lambda at: target_input(at + shift), n, w, output=Sigmoid()), x) for n in ns]
    best = [deviation(build_best_bumps(n, w, x), x) for n in ns]
    theory = [expected_deviation(n, x) for n in ns]
    enough, five = config["enough"], ns.index(5)
    plot_x = np.linspace(0, 1, 401)
    return ex.Measured(
        {
            "five bumps": deviations[five],
            "five bumps, best heights": best[five],
            "bumps needed": count_needed(ns, deviations, enough),
            "bumps needed, best heights": count_needed(ns, best, enough),
            "least deviation": min(deviations),
            "rate": fit_rate(ns, deviations, *config["rate between"]),
            "closer": all(deviations[ns.index(2 * n)] < deviations[ns.index(n)] for n in ns if 2 * n in ns),
        },
        {
            "n": ns,
            "deviation": ex.round_all(deviations),
            "best heights": ex.round_all(best),
            "expected": ex.round_all(theory),
            "x": ex.round_all(plot_x),
            "goal": ex.round_all(goal(plot_x)),
            "curves": {
                str(n): ex.round_all(approximate(target_input, n, w, output=Sigmoid())(plot_x)) for n in config["drawn"]
            },
        },
    )


def count_needed(ns: Sequence[int], deviations: Sequence[float], enough: float) -> float:
    """Find the least n whose deviation is at most ``enough``; return NaN if there is none."""
    return next((n for n, value in zip(ns, deviations, strict=True) if value <= enough), float("nan"))


def fit_rate(ns: Sequence[int], deviations: Sequence[float], low: int, high: int) -> float:
    """Fit the exponent p of deviation ∝ nᵖ for n from ``low`` to ``high``: the slope on logarithmic scales."""
    points = [(n, d) for n, d in zip(ns, deviations, strict=True) if low <= n <= high]
    log_n, log_d = np.log(np.asarray(points, dtype=np.float64)).T
    return float(np.polyfit(log_n, log_d, 1)[0])


@ex.with_panels(1, 2, (6.4, 3.7))
def plot(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """Plot the goal with its approximations (left), and the deviation against the number of bumps (right)."""
    series = result.first(BOOK if BOOK in result.variants else result.variants[0]).series
    left.plot(series["x"], series["goal"], color="black", linewidth=2.2, alpha=0.35, label="goal f(x)")
    for i, (n, curve) in enumerate(series["curves"].items()):
        left.plot(
            series["x"], curve, color=COLOURS[i % 7], linewidth=1.1, linestyle=("-", "--")[i % 2], label=f"{n} bumps"
        )
    label_axes(left, "input x", "output of the network", legend={"fontsize": 8, "loc": "upper left"})
    for i, variant in enumerate(result.variants):
        one = result.first(variant).series
        right.loglog(one["n"], one["deviation"], color=COLOURS[i % 7], marker=MARKERS[i % 7], ms=3, label=variant)
    right.loglog(series["n"], series["expected"], color="black", linewidth=0.9, linestyle=":", label="¼ mean |g′| / n")
    plot_published(right, 0.4, "the book's target: 0.40")
    right.set_ylim(5e-4, 4)
    label_axes(
        right, "number of bumps n", "mean deviation of z from g = σ⁻¹(f)", legend={"fontsize": 8, "loc": "lower left"}
    )


APPROXIMATE = (
    ex.Experiment(
        id="ch4/approximate",
        title="A function approximated by bumps",
        section=SECTION,
        shows="Each bump is as high as the function in the middle of the bump. The more bumps, the closer the "
        "approximation: twice as many bumps halve the deviation. This ends where the steps are as wide as the bumps, "
        "so more bumps need a larger weight.",
        measure=measure,
        plot=plot,
        settings={
            "n": [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500],
            "enough": 0.4,
            "rate between": [20, 100],
            "drawn": [5, 30],
            "shift": 0.0,
        },
        variants=VARIANTS,
        published=(
            ex.Published(
                "mean deviation of five bumps with the best heights",
                "five bumps, best heights",
                0.40,
                SOURCE,
                BOOK,
                relation="at most",
            ),
            ex.Published("twice as many bumps always give a smaller deviation", "closer", True, SOURCE, BOOK),
        ),
        quick=ex.Quick(
            {"n": [5, 6, 20, 50, 100]},
            (
                ex.Published(
                    "mean deviation of five bumps with the best heights",
                    "five bumps, best heights",
                    0.40,
                    variant=BOOK,
                    relation="at most",
                ),
                ex.Published("power of n in the deviation, sharp steps", "rate", -1.0, variant="w = 10000"),
            ),
            defect={"shift": 0.05},
        ),
        seeds=1,
        minutes=0.1,
        remark="The output neuron is a sigmoid neuron, so the bumps must follow g = σ⁻¹(f). The deviation is that of "
        "the weighted input z, as in the book, which asks for 0.40 or less with five bumps. With heights taken at the "
        "middles of the bumps, six bumps are needed; with the median of g over each bump, five are enough. For n "
        "narrow bumps, the expected deviation is the mean slope divided by 4n. The setting “shift” moves the function "
        "from which the heights are taken.",
    ),
)
