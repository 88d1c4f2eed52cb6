"""What a gradient costs: backpropagation against finite differences (46), a mini-batch as a matrix against a loop."""

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
from deltarule.experiments.chapter2.neurons import deviation, examples
from deltarule.plotting import COLOURS, label_axes

FAST = "In what sense is backpropagation a fast algorithm?"


def by_differences(cost: Callable[[np.ndarray], float], w: np.ndarray, epsilon: float) -> np.ndarray:
    """∂C/∂w_j ≈ (C(w + εe_j) − C(w)) / ε: a forward pass for every weight, and one more."""
    before, slopes = cost(w), np.empty_like(w)
    for j in range(len(w)):
        moved = w.copy()
        moved[j] += epsilon
        slopes[j] = (cost(moved) - before) / epsilon
    return slopes


def seconds(work: Callable[[], Any], repeats: int) -> float:
    """The processor's time for it, the median of several; what else the machine does is not counted."""
    return median(timeit.repeat(work, timer=time.process_time, repeat=repeats, number=1))


def growth(n: list[int], times: list[float]) -> float:
    """The power of n with which a time grows: the slope of a line through their logarithms."""
    return float(np.polyfit(np.log(n), np.log(times), 1)[0])


def differences(config: ex.Config) -> ex.Measured:
    """Both gradients and their times for networks of several sizes."""
    from threadpoolctl import threadpool_limits

    rows: dict[str, list[float]] = {"forward": [], "backpropagation": [], "finite differences": []}
    weights, passes, worst = [], [], 0.0
    with threadpool_limits(1):
        for hidden in config["hidden"]:
            sizes = [config["inputs"], hidden, config["outputs"]]
            network = dr.Network.dense(sizes, "quadratic")
            params = network.init(config.seed)
            x, y = examples(ex.Config({"sizes": sizes}, config.seed), config["examples"])
            w, counted = ex.flatten(params), 0

            def cost(numbers: np.ndarray, network: dr.Network = network, params: Tree = params,
                     x: np.ndarray = x, y: np.ndarray = y) -> float:  # fmt: skip
                nonlocal counted
                counted += 1
                return float(network.value(ex.unflatten(numbers, params), x, y))

            started = time.process_time()
            found = by_differences(cost, w, config["epsilon"])
            rows["finite differences"].append(time.process_time() - started)
            passes.append(counted)
            exact = config["factor"] * ex.flatten(network.gradients(params, x, y))
            worst = max(worst, deviation(found, exact))
            rows["forward"].append(seconds(lambda: cost(w), config["repeats"]))  # noqa: B023 (at once)
            rows["backpropagation"].append(
                seconds(lambda: network.gradients(params, x, y), config["repeats"])  # noqa: B023
            )
            weights.append(len(w))
    powers = {name: growth(weights, times) for name, times in rows.items()} if len(weights) > 1 else {}
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
    """The time of a gradient over the number of weights, both axes logarithmic."""
    runs = result.runs_of()
    weights = runs[0].series["weights"]
    looks = {"finite differences": ("s", "--"), "backpropagation": ("o", "-"), "forward": ("^", ":")}
    for i, (name, (marker, style)) in enumerate(looks.items()):
        times = np.median([run.series[name] for run in runs], axis=0)
        axes.plot(weights, times, marker + style, color=COLOURS[(1, 0, 2)[i]], ms=5, lw=1.4)
        words = "one forward pass" if name == "forward" else name
        power = growth(weights, list(times)) if len(weights) > 1 else 0.0
        axes.annotate(f"{words}: as n to the power {power:.1f}", (weights[0], times[0]),
                      (0, {"forward": -18, "backpropagation": 22}.get(name, 48)), textcoords="offset points",
                      fontsize=9, color=COLOURS[(1, 0, 2)[i]])  # fmt: skip
    axes.set(xscale="log", yscale="log", xticks=weights, xticklabels=[f"{n:,}" for n in weights])
    axes.minorticks_off()
    low, high = axes.get_ylim()
    axes.set_ylim(low / 2, high * 2)
    label_axes(axes, "weights and biases n", "processor time of a gradient in seconds", legend=False)


DIFFERENCES = (
    ex.Published("both gradients are equal", "equal", True, f"chapter 2, '{FAST}'"),
    ex.Published("finite differences take one forward pass more than there are weights", "passes beyond the weights", 1.0,
              f"chapter 2, '{FAST}'"),
    ex.Published("backpropagation costs as much as two forward passes", "backpropagation in forward passes", 2.0,
              f"chapter 2, '{FAST}'", unit="forward passes", relation="about"),
    ex.Published("finite differences grow with one power of n more than a forward pass", "one power of n apart", True,
              f"chapter 2, '{FAST}'"),
)  # fmt: skip


def by_loop(network: dr.Network, params: Tree, x: np.ndarray, y: np.ndarray, counted: float = 1.0) -> Tree:
    """The mean of the gradients of single examples, one after the other, as the book's first program has it."""
    total = map_leaves(np.zeros_like, params)
    for i in range(len(x)):
        one = network.gradients(params, x[i : i + 1], y[i : i + 1])
        total = map_leaves(lambda a, b: a + b, total, one)
    return map_leaves(lambda leaf: leaf / (counted * len(x)), total)


def matrix_form(config: ex.Config) -> ex.Measured:
    """A step of learning both ways, for mini-batches of several sizes, in turn, so that both meet the same machine."""
    from threadpoolctl import threadpool_limits

    network = dr.Network.dense(config["sizes"], "quadratic", init="large")
    params = network.init(config.seed)
    worst = 0.0
    times: dict[str, list[float]] = {"loop": [], "matrix": []}

    def step(grads: Tree) -> Tree:
        return dr.SGD().update(grads, {}, params, config["eta"])[0]

    with threadpool_limits(1):
        for m in config["mini-batches"]:
            x, y = examples(config, m)
            one, other = by_loop(network, params, x, y, config["counted"]), network.gradients(params, x, y)
            worst = max(worst, deviation(ex.flatten(one), ex.flatten(other)))
            loop = partial(by_loop, network, params, x, y)
            matrix = partial(network.gradients, params, x, y)
            pairs = [
                (seconds(lambda: step(loop()), 1), seconds(lambda: step(matrix()), 1))  # noqa: B023 (called at once)
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
    """Time for an example by either way, over the size of the mini-batch."""
    runs = result.runs_of()
    m = np.asarray(runs[0].settings["mini-batches"])
    for name, words, style, colour in (
        ("loop", "loop over the examples", "s--", COLOURS[1]),
        ("matrix", "the mini-batch as a matrix", "o-", COLOURS[0]),
    ):
        times = 1e6 * np.median([run.series[name] for run in runs], axis=0) / m
        axes.plot(m, times, style, color=colour, ms=5, lw=1.4, label=words)
    axes.set(xscale="log", yscale="log", xticks=m, xticklabels=[str(size) for size in m])
    axes.minorticks_off()
    label_axes(axes, "examples in the mini-batch", "processor time of a step, an example, in µs")


MATRIX = (
    ex.Published("both ways give the same gradient", "equal", True, "chapter 2, 'The code for backpropagation', problem"),
    ex.Published("the matrix is faster", "faster", True, "chapter 2, 'The code for backpropagation', problem"),
    ex.Published("times as fast, with mini-batches of 10", "times as fast", 2.0,
              "chapter 2, 'The code for backpropagation', problem", unit="times", relation="about"),
)  # fmt: skip

COSTS = (
    ex.Experiment(
        id="ch2/finite-differences",
        title="Why backpropagation is fast",
        section=FAST,
        shows="Moving one weight at a time needs as many forward passes as there are weights, so its time grows with "
        "their square. "
        "Backpropagation finds the same gradient in the time of a few forward passes, however many weights there are.",
        measure=differences,
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
        "One power of n more means that the slopes of the two lines differ by 1, give or take a quarter.",
    ),
    ex.Experiment(
        id="ch2/matrix-form",
        title="A mini-batch as a matrix",
        section="The code for backpropagation",
        shows="Passing a whole mini-batch through the network as one matrix gives the same gradient as a loop over "
        "its examples. "
        "It is faster, and the more so the larger the mini-batch: there is one multiplication in place of many, and "
        "no sum to keep.",
        measure=matrix_form,
        plot=plot_matrix_form,
        settings={"sizes": [784, 30, 10], "mini-batches": [1, 2, 5, 10, 20, 50, 100], "compared": 10,
                  "repeats": 31, "counted": 1.0, "eta": 3.0},
        published=MATRIX,
        quick=ex.Quick({"mini-batches": [3, 10], "repeats": 1}, MATRIX[:1], {"counted": 2.0}),
        seeds=3,
        minutes=0.2,
        remark="Processor time of one thread for a whole step, the gradient and the update, in float64; both ways in "
        "turn, medians.",
    ),
)  # fmt: skip
