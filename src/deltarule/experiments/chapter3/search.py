"""Search for η, λ and the mini-batch size: on a grid, at random, and with a Gaussian process."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import erf, pi, sqrt

import numpy as np

from deltarule.errors import DivergedError, require_extra
from deltarule.experiments import api as ex
from deltarule.experiments.chapter3.networks import build_network
from deltarule.plotting import COLOURS, LINES, label_axes, plot_band

SECTION = "How to choose a neural network's hyper-parameters?"
FIRST = 6
"""The number of random trials before the Gaussian process is used."""


def convert_point(point: np.ndarray, config: ex.Config) -> dict[str, float]:
    """Convert a point of the unit cube to η, λ and m, each on a logarithmic scale over its range."""
    (eta, lmbda, m) = (low * (high / low) ** p for p, (low, high) in zip(point, config["ranges"], strict=True))
    return {"eta": float(f"{eta:.3g}"), "lmbda": float(f"{lmbda:.3g}"), "batch_size": max(1, round(m))}


def iterate_grid(config: ex.Config) -> Iterator[np.ndarray]:
    """Yield all combinations of the midpoints of equal parts of each range, in random order."""
    side = round(config["budget"] ** (1 / 3))
    points = [np.array(point) for point in product((np.arange(side) + 0.5) / side, repeat=3)]
    yield from (points[i] for i in np.random.default_rng(config.seed).permutation(len(points)))


def propose_point(points: list[np.ndarray], scores: list[float], rng: np.random.Generator) -> np.ndarray:
    """Find the point with the greatest expected improvement over the best score, among two thousand random points.

    A Gaussian process fitted to the scores so far gives for each point a mean and a standard deviation. The
    expectation of max(0, score − best) is (mean − best) Φ(u) + deviation φ(u), u = (mean − best)/deviation.
    """
    with require_extra("experiments", "a Gaussian process"):
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import Matern

    process = GaussianProcessRegressor(Matern(0.4, nu=2.5), alpha=0.01, optimizer=None, normalize_y=True)
    candidates = rng.random((2000, 3))
    mean, deviation = process.fit(points, scores).predict(candidates, return_std=True)
    gain = mean - max(scores)
    u = gain / np.maximum(deviation, 1e-9)
    below = np.array([(1 + erf(v / sqrt(2))) / 2 for v in u])
    density = np.exp(-(u**2) / 2) / sqrt(2 * pi)
    return np.asarray(candidates[np.argmax(gain * below + deviation * density)])


def measure(config: ex.Config) -> ex.Measured:
    """Make as many trials as the budget allows, each a short training judged by validation accuracy."""
    train, validation, _ = ex.load_images(config)
    rng, grid = np.random.default_rng(config.seed), iterate_grid(config)
    points: list[np.ndarray] = []
    accuracies: list[float] = []

    def evaluate_settings(settings: dict[str, float]) -> float:
        try:
            model = ex.train(config.with_settings(**settings), build_network(config), train, engine="numpy")
        except DivergedError:
            return 0.1
        return model.accuracy(validation)

    for trial in range(config["budget"]):
        if config["search"] == "grid":
            points.append(next(grid))
        elif config["search"] == "random" or trial < FIRST:
            points.append(rng.random(3))
        else:  # the logarithm spreads the high accuracies apart and brings the low ones together
            points.append(propose_point(points, [-np.log(1.01 - a) for a in accuracies], rng))
        accuracies.append(evaluate_settings(convert_point(points[-1], config)))
    by_hand = 100 * evaluate_settings(config["by_hand"])
    best = int(np.argmax(accuracies))
    return ex.Measured(
        {
            "best": 100 * accuracies[best],
            "by hand": by_hand,
            "as good as by hand": 100 * accuracies[best] > by_hand - 0.5,
            **{f"{name} found": value for name, value in convert_point(points[best], config).items()},
        },
        {"best so far": ex.to_percent(np.maximum.accumulate(accuracies)), "each": ex.to_percent(accuracies)},
    )


@ex.with_panels()
def plot(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the best validation accuracy so far by trial for each search, and the accuracy of settings by hand."""
    for i, variant in enumerate(result.variants):
        runs = result.series("best so far", variant)
        plot_band(axes, runs, label=variant, colour=COLOURS[i], linestyle=LINES[i])
    hand = [value for variant in result.variants for value in result.figures("by hand", variant)]
    axes.axhline(float(np.mean(hand)), color="#555555", linestyle=(0, (5, 3)), linewidth=1, label="settings by hand")
    best = max(value for variant in result.variants for value in result.figures("best", variant))
    axes.set_ylim(best - 12, best + 0.5)
    label_axes(axes, "trials", "best validation accuracy so far (%)")


SEARCH = ex.Experiment(
    id="ch3/search",
    title="Grid, random and Bayesian search",
    section=SECTION,
    shows="Three ways to find η, λ and m are compared, with 27 short trainings each. All reach the accuracy of "
    "settings chosen by hand. Random search tries more values of each hyper-parameter than a grid; Bayesian search "
    "uses a Gaussian process to choose the point with the greatest expected improvement.",
    measure=measure,
    plot=plot,
    settings={"hidden": [30], "n_train": 3000, "epochs": 10, "budget": 27,
              "ranges": [[0.01, 10.0], [0.01, 100.0], [2, 200]],
              "by_hand": {"eta": 0.5, "lmbda": 0.3, "batch_size": 10}},
    variants={name: {"search": name} for name in ("grid", "random", "Bayesian")},
    published=tuple(
        ex.Published(f"{name} search does as well as choosing by hand", "as good as by hand", True, f"chapter 3, '{SECTION}'", name)
        for name in ("grid", "random", "Bayesian")
    ),
    quick=ex.Quick(
        {"data": "any", "n_train": 200, "n_validation": 300, "epochs": 5, "budget": 8,
         "ranges": [[0.1, 2.0], [0.001, 0.1], [4, 20]], "by_hand": {"eta": 0.5, "lmbda": 0.02, "batch_size": 10}},
        tuple(
            ex.Published(f"best validation accuracy, {name} search", "best", 45.0, "", name, "%", "at least")
            for name in ("random", "Bayesian")
        ),
        variants=("random", "Bayesian"),
    ),
    seeds=3,
    minutes=4.0,
    remark="The training set has 3,000 images, so that 250 trainings are affordable. The settings by hand are the book's "
    "η = 0.5 and m = 10, and its λ = 5 in proportion to the number of images. “As well” means: not more than half a "
    "percentage point below.",
)  # fmt: skip
