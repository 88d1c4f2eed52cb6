"""Properties of the costs: the minimum of the cross-entropy, infinite values, and learning slowdown."""

from __future__ import annotations

from typing import Any

import numpy as np

import deltarule as dr
from deltarule.experiments import api as ex
from deltarule.experiments.chapter3.neurons import COSTS, train_neuron
from deltarule.plotting import COLOURS, LINES, label_axes


def compute_cost(cost: Any, a: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Compute the cost of each activation ``a`` of a single output with the desired output ``y``."""
    logit = np.log(a / (1 - a))  # the weighted input z with σ(z) = a
    return np.array([float(cost.value(np.array([[z]]), np.array([[goal]]))) for z, goal in np.broadcast(logit, y)])


def measure_swapped(config: ex.Config) -> ex.Measured:
    """Compute −[y ln a + (1 − y) ln(1 − a)] for y = 0 and y = 1, in the right order or with y and a swapped."""
    a = np.array(config["a"])
    costs = {}
    for y in (0.0, 1.0):
        p, q = (a, np.full_like(a, y)) if config["swapped"] else (np.full_like(a, y), a)
        with np.errstate(divide="ignore"):  # ln 0 is intended here
            costs[y] = -(p * np.log(q) + (1 - p) * np.log(1 - q))
    nearly = np.geomspace(1e-12, 0.5, 60)
    right = compute_cost(dr.CrossEntropy(), np.array(config["a"]), np.zeros(len(a)))
    return ex.Measured(
        {
            "infinite for y = 0": bool(np.isinf(costs[0.0]).all()),
            "infinite for y = 1": bool(np.isinf(costs[1.0]).all()),
            "finite in the right order": bool(np.isfinite(right).all()),
        },
        {
            "y": ex.round_all(nearly),
            "swapped": ex.round_all(-(0.5 * np.log(nearly) + 0.5 * np.log(1 - nearly))),
            "right order": ex.round_all(compute_cost(dr.CrossEntropy(), np.full(60, 0.5), nearly)),
        },
    )


@ex.with_panels()
def plot_swapped(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the cost of the output a = ½ as the desired output y goes to 0, in both orders."""
    series = result.first().series
    axes.plot(series["y"], series["swapped"], color=COLOURS[1], linestyle="--", label="y and a swapped")
    axes.plot(series["y"], series["right order"], color=COLOURS[0], label="the cross-entropy")
    axes.set_xscale("log")
    label_axes(axes, "desired output y", "cost of the output a = ½")


def measure_linear(config: ex.Config) -> ex.Measured:
    """Compare δ of the last layer with a − y and the gradient with finite differences, and train one neuron."""
    cost = COSTS[config["cost"]]
    rng = np.random.default_rng(config.seed)
    network = dr.Network.dense([5, 4, 3], cost=cost)
    params, x, y = network.init(config.seed), rng.normal(size=(20, 5)), rng.normal(size=(20, 3))
    z, _ = network.forward(params, x)
    from_error = float(np.abs(cost.delta(z, y) - (cost.activation(z) - y)).max())
    from_differences = dr.gradcheck(network, params, x, y).relative
    _, costs = train_neuron(cost, 2.0, 2.0, config["eta"], config["steps"])
    _, slow = train_neuron(COSTS["quadratic"], 2.0, 2.0, config["eta"], config["steps"])
    return ex.Measured(
        {
            "δ = a − y": from_error < 1e-12,
            "δ from a − y": from_error,
            "gradient from differences": from_differences,
            "gradient is right": from_differences < 1e-6,
            "no slowdown": int(np.argmax(-np.diff(costs))) == 0,
        },
        {
            "linear output": ex.round_all(np.divide(costs, costs[0])),
            "sigmoid output": ex.round_all(np.divide(slow, slow[0])),
        },
    )


@ex.with_panels()
def plot_linear(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the cost by epoch, relative to its first value, with a linear and with a sigmoid output."""
    for i, name in enumerate(("linear output", "sigmoid output")):
        axes.plot(result.first().series[name], color=COLOURS[i], linestyle=LINES[i], label=name)
    label_axes(axes, "epoch", "quadratic cost / its first value", "One neuron from w = b = 2; desired output 0")


def measure_entropy(config: ex.Config) -> ex.Measured:
    """Compute the cost as a function of a for several y, and find the place and the value of its minimum."""
    cost, a = COSTS[config["cost"]], np.linspace(0.001, 0.999, 999)
    curves, distances, deviations = {}, [], []
    for y in config["y"]:
        curve = compute_cost(cost, a, np.full_like(a, y))
        curves[str(y)] = ex.round_all(curve[::9])
        distances.append(abs(a[curve.argmin()] - y))
        deviations.append(abs(curve.min() + y * np.log(y) + (1 - y) * np.log(1 - y)))
    return ex.Measured(
        {
            "largest distance of the least from a = y": max(distances),
            "least at a = y": bool(max(distances) < 1e-9),
            "largest deviation from the binary entropy": max(deviations),
            "worth the binary entropy": bool(max(deviations) < 1e-9),
        },
        {"a": ex.round_all(a[::9]), **curves},
    )


@ex.with_panels()
def plot_entropy(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the cross-entropy against the output, a curve for each desired output, and the curve of the minima."""
    run = result.first()
    for i, y in enumerate(run.settings["y"]):
        axes.plot(run.series["a"], run.series[str(y)], color=COLOURS[i], linestyle=LINES[i], label=f"y = {y}")
        axes.plot(y, -(y * np.log(y) + (1 - y) * np.log(1 - y)), "o", color=COLOURS[i])
    p = np.linspace(0.001, 0.999, 200)
    axes.plot(
        p, -(p * np.log(p) + (1 - p) * np.log(1 - p)), color="#555555", linewidth=1, label="binary entropy at a = y"
    )
    axes.set_ylim(0, 2)
    label_axes(axes, "output a", "cross-entropy")


SECTION, MEANING = "The cross-entropy cost function", "What does the cross-entropy mean? Where does it come from?"
EXERCISE = f"chapter 3, '{SECTION}', exercise"
PROBLEM = f"chapter 3, '{SECTION}', problem and equation (68)"

IDENTITIES = (
    ex.Experiment(
        id="ch3/swapped-cross-entropy",
        title="The order of y and a matters",
        section=SECTION,
        shows="If y and a are swapped, the cross-entropy takes the logarithm of the desired output, which is 0 or 1 for "
        "digits. The cost is then infinite for every output of the network. In the right order it is finite.",
        measure=measure_swapped,
        plot=plot_swapped,
        settings={"a": [0.01, 0.1, 0.5, 0.9, 0.99], "swapped": True},
        published=(
            ex.Published("swapped, the cost is infinite for y = 0", "infinite for y = 0", True, EXERCISE),
            ex.Published("swapped, the cost is infinite for y = 1", "infinite for y = 1", True, EXERCISE),
            ex.Published("in the right order, the cost is finite", "finite in the right order", True, EXERCISE),
        ),
        quick=ex.Quick(
            expected=(ex.Published("swapped, the cost is infinite for y = 0", "infinite for y = 0", True),),
            defect={"swapped": False},
        ),
        seeds=1,
    ),
    ex.Experiment(
        id="ch3/linear-outputs",
        title="With linear outputs, the quadratic cost causes no slowdown",
        section=SECTION,
        shows="If the last layer has no σ, the quadratic cost has δ = a − y, like the cross-entropy with σ. "
        "The cost falls fastest at the first step, while the cost of a sigmoid neuron hardly changes there.",
        measure=measure_linear,
        plot=plot_linear,
        settings={"cost": "quadratic, linear output", "eta": 0.02, "steps": 100},
        published=(
            ex.Published("δ of the last layer is a − y", "δ = a − y", True, PROBLEM, exact=True),
            ex.Published("learning does not slow down", "no slowdown", True, PROBLEM),
        ),
        quick=ex.Quick(
            expected=(
                ex.Published("δ is a − y", "δ = a − y", True),
                ex.Published("the gradient agrees with finite differences", "gradient is right", True),
            ),
            defect={"cost": "quadratic"},
        ),
        seeds=5,
    ),
)  # fmt: skip

BINARY_ENTROPY = ex.Experiment(
    id="ch3/binary-entropy",
    title="The cross-entropy has its minimum at a = y",
    section=MEANING,
    shows="For desired outputs between 0 and 1, the cross-entropy still has its minimum where the output equals the "
    "desired output. There its value is not 0 but the binary entropy of y, marked by a dot.",
    measure=measure_entropy,
    plot=plot_entropy,
    settings={"cost": "cross-entropy", "y": [0.1, 0.3, 0.5, 0.8]},
    published=(
        ex.Published("the minimum is at a = y", "least at a = y", True, f"chapter 3, '{MEANING}', exercise"),
        ex.Published("the minimum equals the binary entropy of y", "worth the binary entropy", True,
                     f"chapter 3, '{MEANING}', exercise"),
    ),
    quick=ex.Quick(
        expected=(
            ex.Published("the minimum is at a = y", "least at a = y", True),
            ex.Published("the minimum equals the binary entropy", "worth the binary entropy", True),
        ),
        defect={"cost": "quadratic"},
    ),
    seeds=1,
)  # fmt: skip
