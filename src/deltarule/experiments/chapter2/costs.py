"""The time of a gradient: backpropagation and finite differences (46); a mini-batch as a matrix and a loop."""

from __future__ import annotations

import time
import timeit
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

import numpy as np

import deltarule as dr
from deltarule.core.trees import Tree, map_leaves
from deltarule.experiments import api as ex
from deltarule.experiments.chapter2.neurons import compute_deviation, draw_examples
from deltarule.plotting import COLOURS, label_axes

FAST = "In what sense is backpropagation a fast algorithm?"


def compute_differences(cost: Callable[[np.ndarray], float], w: np.ndarray, epsilon: float) -> np.ndarray:
    """Compute ∂C/∂w_j ≈ (C(w + εe_j) − C(w)) / ε, by one forward pass for each weight and one more."""
    before, slopes = cost(w), np.empty_like(w)
    for j in range(len(w)):
        moved = w.copy()
        moved[j] += epsilon
        slopes[j] = (cost(moved) - before) / epsilon
    return slopes


def measure_seconds(work: Callable[[], Any], repeats: int) -> float:
    """Measure the processor time of ``work``, the median of several calls."""
    return median(timeit.repeat(work, timer=time.process_time, repeat=repeats, number=1))


def estimate_power(n: list[int], times: list[float]) -> float:
    """Estimate the power of n with which a time grows: the slope of a line through the logarithms."""
    return float(np.polyfit(np.log(n), np.log(times), 1)[0])


def compare_with_differences(config: ex.Config) -> ex.Measured:
    """Measure both gradients and their times for networks of several sizes."""
    from threadpoolctl import threadpool_limits

    rows: dict[str, list[float]] = {"forward": [], "backpropagation": [], "finite differences": []}
    weights, passes, worst = [], [], 0.0
    with threadpool_limits(1):
        for hidden in config["hidden"]:
            sizes = [config["inputs"], hidden, config["outputs"]]
            network = dr.Network.dense(sizes, "quadratic")
            params = network.init(config.seed)
            x, y = draw_examples(ex.Config({"sizes": sizes}, config.seed), config["examples"])
            w, counted = ex.flatten(params), 0

            def cost(numbers: np.ndarray, network: dr.Network = network, params: Tree = params,
                     x: np.ndarray = x, y: np.ndarray = y) -> float:  # fmt: skip
                nonlocal counted
                counted += 1
                return float(network.value(ex.unflatten(numbers, params), x, y))

            started = time.process_time()
            approximate = compute_differences(cost, w, config["epsilon"])
            rows["finite differences"].append(time.process_time() - started)
            passes.append(counted)
            exact = config["factor"] * ex.flatten(network.gradients(params, x, y))
            worst = max(worst, compute_deviation(approximate, exact))
            rows["forward"].append(measure_seconds(lambda: cost(w), config["repeats"]))  # noqa: B023 (called at once)
            rows["backpropagation"].append(
                measure_seconds(lambda: network.gradients(params, x, y), config["repeats"])  # noqa: B023
            )
            weights.append(len(w))
    powers = {name: estimate_power(weights, times) for name, times in rows.items()} if len(weights) > 1 else {}
    apart = powers["finite differences"] - powers["forward"] if powers else 0.0
    return ex.Measured(
        {
            "equal": worst < 1e-4,
            "largest deviation": worst,
            "passes beyond the weights": max(one - n for one, n in zip(passes, weights, strict=True)),
            "backpropagation in forward passes": median(
                one / other for one, other in zip(rows["backpropagation"], rows["forward"], strict=True)
            ),
            **{f"power of n, {name}": power for name, power in powers.items()},
            "one power of n apart": abs(apart - 1) < 0.25,
        },
        {"weights": weights, **{name: ex.round_all(times) for name, times in rows.items()}},
    )


@ex.with_panels()
def plot_differences(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the time of a gradient against the number of weights, on logarithmic axes."""
    runs = result.runs_of()
    weights = runs[0].series["weights"]
    looks = {"finite differences": ("s", "--"), "backpropagation": ("o", "-"), "forward": ("^", ":")}
    for i, (name, (marker, style)) in enumerate(looks.items()):
        times = np.median([run.series[name] for run in runs], axis=0)
        axes.plot(weights, times, marker + style, color=COLOURS[(1, 0, 2)[i]], ms=5, lw=1.4)
        label = "one forward pass" if name == "forward" else name
        power = estimate_power(weights, list(times)) if len(weights) > 1 else 0.0
        axes.annotate(f"{label}: grows as n to the power {power:.1f}", (weights[0], times[0]),
                      (0, {"forward": -18, "backpropagation": 22}.get(name, 48)), textcoords="offset points",
                      fontsize=9, color=COLOURS[(1, 0, 2)[i]])  # fmt: skip
    axes.set(xscale="log", yscale="log", xticks=weights, xticklabels=[f"{n:,}" for n in weights])
    axes.minorticks_off()
    low, high = axes.get_ylim()
    axes.set_ylim(low / 2, high * 2)
    label_axes(axes, "weights and biases n", "processor time of a gradient in seconds", legend=False)


DIFFERENCES = (
    ex.Published("both gradients are equal", "equal", True, f"chapter 2, '{FAST}'", exact=True),
    ex.Published("number of forward passes of finite differences minus number of weights", "passes beyond the weights", 1.0,
              f"chapter 2, '{FAST}'", exact=True),
    ex.Published("time of backpropagation", "backpropagation in forward passes", 2.0,
              f"chapter 2, '{FAST}'", unit="forward passes", relation="about"),
    ex.Published("the time of finite differences grows by one power of n more than that of a forward pass", "one power of n apart", True,
              f"chapter 2, '{FAST}'"),
)  # fmt: skip


def loop_over_examples(network: dr.Network, params: Tree, x: np.ndarray, y: np.ndarray, counted: float = 1.0) -> Tree:
    """Compute the mean of the gradients of single examples in a loop, as in the book's first program."""
    total = map_leaves(np.zeros_like, params)
    for i in range(len(x)):
        one = network.gradients(params, x[i : i + 1], y[i : i + 1])
        total = map_leaves(lambda a, b: a + b, total, one)
    return map_leaves(lambda leaf: leaf / (counted * len(x)), total)


def measure_matrix_form(config: ex.Config) -> ex.Measured:
    """Measure a training step both ways for several mini-batch sizes, in turn, so that conditions are equal."""
    from threadpoolctl import threadpool_limits

    network = dr.Network.dense(config["sizes"], "quadratic", init="large")
    params = network.init(config.seed)
    worst = 0.0
    times: dict[str, list[float]] = {"loop": [], "matrix": []}

    def step(grads: Tree) -> Tree:
        return dr.SGD().update(grads, {}, params, config["eta"])[0]

    with threadpool_limits(1):
        for m in config["mini-batches"]:
            x, y = draw_examples(config, m)
            one, other = loop_over_examples(network, params, x, y, config["counted"]), network.gradients(params, x, y)
            worst = max(worst, compute_deviation(ex.flatten(one), ex.flatten(other)))
            loop = partial(loop_over_examples, network, params, x, y)
            matrix = partial(network.gradients, params, x, y)
            pairs = [
                (measure_seconds(lambda: step(loop()), 1), measure_seconds(lambda: step(matrix()), 1))  # noqa: B023 (called at once)
                for _ in range(config["repeats"])
            ]
            for name, taken in zip(times, zip(*pairs, strict=True), strict=True):
                times[name].append(median(taken))
    at = config["mini-batches"].index(config["compared"])
    return ex.Measured(
        {
            "equal": worst < 1e-10,
            "largest deviation": worst,
            "times as fast": times["loop"][at] / times["matrix"][at],
            "faster": times["loop"][at] > times["matrix"][at],
        },
        {name: ex.round_all(taken) for name, taken in times.items()},
    )


@ex.with_panels()
def plot_matrix_form(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the time per example of both ways against the mini-batch size."""
    runs = result.runs_of()
    m = np.asarray(runs[0].settings["mini-batches"])
    for name, label, style, colour in (
        ("loop", "loop over the examples", "s--", COLOURS[1]),
        ("matrix", "the mini-batch as a matrix", "o-", COLOURS[0]),
    ):
        times = 1e6 * np.median([run.series[name] for run in runs], axis=0) / m
        axes.plot(m, times, style, color=colour, ms=5, lw=1.4, label=label)
    axes.set(xscale="log", yscale="log", xticks=m, xticklabels=[str(size) for size in m])
    axes.minorticks_off()
    label_axes(axes, "mini-batch size", "processor time of a step per example in µs")


MATRIX = (
    ex.Published("both ways give the same gradient", "equal", True, "chapter 2, 'The code for backpropagation', problem", exact=True),
    ex.Published("the matrix form is faster", "faster", True, "chapter 2, 'The code for backpropagation', problem"),
    ex.Published("speedup with mini-batches of 10", "times as fast", 2.0,
              "chapter 2, 'The code for backpropagation', problem", unit="times", relation="about"),
)  # fmt: skip

COSTS = (
    ex.Experiment(
        id="ch2/finite-differences",
        title="Why backpropagation is fast",
        section=FAST,
        shows="Finite differences need one forward pass for each weight, so their time grows with the square of the "
        "number of weights. Backpropagation computes the same gradient in the time of a few forward passes, for any "
        "number of weights.",
        measure=compare_with_differences,
        plot=plot_differences,
        settings={
            "inputs": 8, "outputs": 4, "hidden": [20, 40, 80, 160], "examples": 300, "epsilon": 1e-6, "repeats": 21,
            "factor": 1.0,
        },
        published=DIFFERENCES,
        quick=ex.Quick({"hidden": [2, 4], "examples": 10, "repeats": 1}, DIFFERENCES[:2], {"factor": 0.5}),
        seeds=3,
        minutes=0.5,
        remark="Processor time of one thread, for 300 examples at once, so that arithmetic takes most of it. "
        "“One power of n more” means that the slopes of the two lines differ by 1 ± 0.25.",
    ),
    ex.Experiment(
        id="ch2/matrix-form",
        title="A mini-batch as a matrix",
        section="The code for backpropagation",
        shows="A mini-batch as one matrix gives the same gradient as a loop over its examples. It is faster, "
        "especially for large mini-batches: one multiplication of matrices replaces many small ones, and also adds the "
        "gradients of the examples.",
        measure=measure_matrix_form,
        plot=plot_matrix_form,
        settings={"sizes": [784, 30, 10], "mini-batches": [1, 2, 5, 10, 20, 50, 100], "compared": 10,
                  "repeats": 31, "counted": 1.0, "eta": 3.0},
        published=MATRIX,
        quick=ex.Quick({"mini-batches": [3, 10], "repeats": 1}, MATRIX[:1], {"counted": 2.0}),
        seeds=3,
        minutes=0.2,
        remark="Median processor time of one thread for a whole step (gradient and update) in float64; the two ways "
        "are measured in turn.",
    ),
)  # fmt: skip
