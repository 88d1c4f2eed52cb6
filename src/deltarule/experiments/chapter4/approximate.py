"""A function built from bumps, more and more of them: how far off it is, and at which rate that falls."""

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


def wanted(x: np.ndarray) -> np.ndarray:
    """What the weighted input of the output neuron must be, so that its σ is the goal f(x)."""
    return inverse_sigmoid(goal(x))


def deviation(network: FixedNetwork, x: np.ndarray) -> float:
    """The mean over x of |z(x) − σ⁻¹(f(x))|, as the book measures success."""
    return float(np.abs(network.weighted_input(x) - wanted(x)).mean())


def expected(n: int, x: np.ndarray) -> float:
    """¼ · mean |g′| / n: what n flat pieces, right in their middles, leave of a smooth g when they are narrow."""
    return float(np.abs(np.diff(wanted(x))).sum() / (4 * n))


def with_best_heights(n: int, w: float, x: np.ndarray) -> FixedNetwork:
    """n bumps as high as the median of the goal over each: no height deviates less in the mean."""
    edges = np.linspace(0, 1, n + 1)
    piece = np.minimum((x * n).astype(int), n - 1)
    heights = [float(np.median(wanted(x[piece == k]))) for k in range(n)]
    return build_bumps(edges.tolist(), heights, w, output=Sigmoid())


def measure(config: ex.Config) -> ex.Measured:
    """Bumps by hand for each n, against the goal at a fine grid of inputs."""
    x = (np.arange(GRID) + 0.5) / GRID
    w, ns, shift = config["w"], config["n"], config["shift"]
    found = [deviation(approximate(lambda at: wanted(at + shift), n, w, output=Sigmoid()), x) for n in ns]
    best = [deviation(with_best_heights(n, w, x), x) for n in ns]
    theory = [expected(n, x) for n in ns]
    enough, five = config["enough"], ns.index(5)
    drawn = np.linspace(0, 1, 401)
    return ex.Measured(
        {
            "five bumps": found[five],
            "five bumps, best heights": best[five],
            "bumps needed": first_at_most(ns, found, enough),
            "bumps needed, best heights": first_at_most(ns, best, enough),
            "least deviation": min(found),
            "rate": rate(ns, found, *config["rate between"]),
            "closer": all(found[ns.index(2 * n)] < found[ns.index(n)] for n in ns if 2 * n in ns),
        },
        {
            "n": ns,
            "deviation": ex.round_all(found),
            "best heights": ex.round_all(best),
            "expected": ex.round_all(theory),
            "x": ex.round_all(drawn),
            "goal": ex.round_all(goal(drawn)),
            "curves": {
                str(n): ex.round_all(approximate(wanted, n, w, output=Sigmoid())(drawn)) for n in config["drawn"]
            },
        },
    )


def first_at_most(ns: Sequence[int], deviations: Sequence[float], enough: float) -> float:
    """The least n whose deviation is small enough; NaN if there is none."""
    return next((n for n, found in zip(ns, deviations, strict=True) if found <= enough), float("nan"))


def rate(ns: Sequence[int], deviations: Sequence[float], low: int, high: int) -> float:
    """The power of n with which the deviation goes, from low to high: the slope in double logarithms."""
    chosen = [(n, d) for n, d in zip(ns, deviations, strict=True) if low <= n <= high]
    log_n, log_d = np.log(np.asarray(chosen, dtype=np.float64)).T
    return float(np.polyfit(log_n, log_d, 1)[0])


@ex.with_panels(1, 2, (6.4, 3.7))
def plot(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """Left: the goal and what bumps make of it. Right: deviation against the number of bumps."""
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
    plot_published(right, 0.4, "the book's success: 0.40")
    right.set_ylim(5e-4, 4)
    label_axes(
        right, "number of bumps n", "mean deviation of z from g = σ⁻¹(f)", legend={"fontsize": 8, "loc": "lower left"}
    )


APPROXIMATE = (
    ex.Experiment(
        id="ch4/approximate",
        title="A function out of bumps",
        section=SECTION,
        shows="Bumps as high as the goal is in the middle of each follow it the closer the more of them there are: "
        "twice as many, half the deviation. That ends where the steps are as wide as the bumps, so more bumps need "
        "a larger weight.",
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
                "mean deviation of five bumps, their heights set as well as can be",
                "five bumps, best heights",
                0.40,
                SOURCE,
                BOOK,
                relation="at most",
            ),
            ex.Published("twice as many bumps always come closer", "closer", True, SOURCE, BOOK),
        ),
        quick=ex.Quick(
            {"n": [5, 6, 20, 50, 100]},
            (
                ex.Published(
                    "mean deviation of five bumps at best",
                    "five bumps, best heights",
                    0.40,
                    variant=BOOK,
                    relation="at most",
                ),
                ex.Published("rate with sharp steps", "rate", -1.0, variant="w = 10000"),
            ),
            defect={"shift": 0.05},
        ),
        seeds=1,
        minutes=0.1,
        remark="The output neuron is sigmoid, so the bumps must follow g = σ⁻¹(f), and the deviation is that of the "
        "weighted input z, as in the book, which asks for 0.40 or less with five bumps. Heights taken from the "
        "middles of the bumps do not reach it with five, but with six; five do with the median of g over each bump. "
        "The expected rate holds for narrow bumps: ¼ of the mean slope, divided by n. shift moves the goal that "
        "heights are read from.",
    ),
)
