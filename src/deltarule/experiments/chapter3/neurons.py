"""One neuron that learns to output 0 for the input 1, with different costs (equations (54) to (62))."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import deltarule as dr
from deltarule.core.layer import Array
from deltarule.core.trees import Tree
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, add_legend_below, label_axes, new_figure, plot_published

SOURCE = "chapter 3, 'The cross-entropy cost function'"
STARTS = {"good": {"w": 0.6, "b": 0.9}, "bad": {"w": 2.0, "b": 2.0}}
"""The two starting points of the book's neuron."""


@dataclass(frozen=True)
class WithoutLastFactor(dr.CrossEntropy):
    """The cross-entropy with ∂C/∂a in place of ∂C/∂z: the factor ∂a/∂z = a (1 − a) is missing.

    For y = 0 the step is 1/(1 − a) instead of a. The book's animation computes this.
    """

    def delta(self, z: Array, y: Array) -> Array:
        """Compute (a − y) / (a (1 − a))."""
        a = self.activation(z)
        return (a - y) / (a * (1 - a))


COSTS: dict[str, dr.Cost] = {
    "quadratic": dr.Quadratic(),
    "quadratic, linear output": dr.Quadratic(dr.Linear()),
    "cross-entropy": dr.CrossEntropy(),
    "cross-entropy without a(1 − a)": WithoutLastFactor(),
    "log-likelihood": dr.LogLikelihood(),
}


def train_neuron(cost: dr.Cost, w: float, b: float, eta: float, steps: int) -> tuple[list[float], list[float]]:
    """Train the neuron on the input 1 with y = 0, and return its outputs and costs before each step and at the end."""
    network, x, y = dr.Network.dense([1, 1], cost=cost), np.array([[1.0]]), np.array([[0.0]])
    params: Tree = [{"w": np.array([[w]]), "b": np.array([b])}]
    outputs, costs = [], []
    for _ in range(steps + 1):
        outputs.append(network.outputs(params, x).item())
        costs.append(float(network.value(params, x, y)))
        params, _ = dr.SGD().update(network.gradients(params, x, y), {}, params, eta)
    return outputs, costs


def measure(config: ex.Config) -> ex.Measured:
    """Train one neuron, and measure how long its output hardly changes and where its cost falls fastest."""
    outputs, costs = train_neuron(COSTS[config["cost"]], config["w"], config["b"], config["eta"], config["steps"])
    moved = np.flatnonzero(np.array(outputs) < outputs[0] - config["little"])
    steepest = int(np.argmax(-np.diff(costs)))
    return ex.Measured(
        {
            "first": outputs[0],
            "last": outputs[-1],
            "flat": int(moved[0]) if len(moved) else config["steps"],
            "steepest": steepest,
            "learns at once": bool(steepest < config["steps"] / 10 and min(outputs) < outputs[0] / 2),
        },
        {"output": ex.round_all(outputs), "cost": ex.round_all(costs)},
    )


def _plot_panels(result: ex.Result, panels: dict[str, list[tuple[str, str]]]) -> ex.Figure:
    """Plot the output by epoch: a panel for each title, in it a curve for each pair of variant and label."""
    figure, all_axes = new_figure(1, len(panels), (6.4, 3.2))
    for axes, (title, curves) in zip(all_axes, panels.items(), strict=True):
        for i, (variant, label) in enumerate(curves):
            for output in result.series("output", variant):
                axes.plot(output, color=COLOURS[i], linestyle=("-", "--", "-.")[i], label=label)
        axes.set_ylim(0, 1)
        label_axes(axes, "epoch", "output a (desired: 0)", title, legend=False)
    return figure


def plot_slow(result: ex.Result) -> ex.Figure:
    """Plot the output by epoch from both starting points."""
    figure = _plot_panels(result, {f"from w = {s['w']}, b = {s['b']}": [(name, "")] for name, s in STARTS.items()})
    plot_published(figure.axes[0], 0.09, "published final output: about 0.09")
    figure.axes[0].legend(fontsize=9)
    figure.axes[1].axvline(150, color="#555555", linestyle=(0, (5, 3)), linewidth=1)
    figure.axes[1].text(146, 0.1, "published: flat\nuntil about 150", fontsize=9, ha="right")
    return figure


GRADIENTS = {
    "stated": ("cross-entropy", 0.005, "η = 0.005, equations"),
    "animation": ("cross-entropy without a(1 − a)", 0.005, "η = 0.005, animation"),
    "larger": ("cross-entropy", 0.15, "η = 0.15, equations"),
}
"""The η stated in the book with the gradient of its equations and with that of its animation, and a larger η."""


def plot_cross_entropy(result: ex.Result) -> ex.Figure:
    """Plot the output by epoch from both starting points, for each gradient and η."""
    curves = {
        f"from w = {start['w']}, b = {start['b']}": [(f"{how}, {name}", GRADIENTS[how][2]) for how in GRADIENTS]
        for name, start in STARTS.items()
    }
    figure = _plot_panels(result, curves)
    add_legend_below(figure.axes[0], 3)
    return figure


NEURONS = (
    ex.Experiment(
        id="ch3/slow-neuron",
        title="A neuron that is badly wrong learns slowly",
        section="The cross-entropy cost function",
        shows="One sigmoid neuron with the quadratic cost learns to output 0 for the input 1. From the worse of two "
        "starting points the output hardly changes for half of the time, because the neuron is saturated and σ′(z) is "
        "nearly 0.",
        measure=measure,
        plot=plot_slow,
        settings={"cost": "quadratic", "eta": 0.15, "steps": 300, "little": 0.1},
        variants=STARTS,
        published=(
            ex.Published("first output, from w = 0.6, b = 0.9", "first", 0.82, SOURCE, "good"),
            ex.Published("final output, from w = 0.6, b = 0.9", "last", 0.09, SOURCE, "good", relation="about"),
            ex.Published("first output, from w = b = 2", "first", 0.98, SOURCE, "bad"),
            ex.Published("epochs until the output has changed by 0.1, from w = b = 2", "flat", 150, SOURCE, "bad",
                         relation="about"),
        ),
        quick=ex.Quick(
            expected=(
                ex.Published("final output, from w = 0.6, b = 0.9", "last", 0.09, variant="good", relation="about"),
                ex.Published("epochs until the output has changed by 0.1", "flat", 100, variant="bad",
                             relation="at least"),
            ),
            defect={"cost": "quadratic, linear output"},  # without σ′ there is no slowdown
        ),
        seeds=1,
        remark="There is one training example, so every step is an epoch.",
    ),
    ex.Experiment(
        id="ch3/cross-entropy-neuron",
        title="With the cross-entropy the neuron learns at once",
        section="The cross-entropy cost function",
        shows="The neuron of ch3/slow-neuron is trained with the cross-entropy, whose gradient has no factor σ′(z). "
        "The cost falls fastest where the neuron is most wrong. The η stated in the book fits the gradient of its "
        "animation, not the gradient of its equations, so we show both.",
        measure=measure,
        plot=plot_cross_entropy,
        settings={"steps": 300, "little": 0.1},
        variants={
            f"{how}, {name}": {"cost": cost, "eta": eta, **start}
            for how, (cost, eta, _) in GRADIENTS.items()
            for name, start in STARTS.items()
        },
        published=(
            ex.Published("learns at once: gradient of the animation, η 0.005, from w = 0.6, b = 0.9", "learns at once",
                         True, SOURCE, "animation, good"),
            ex.Published("learns at once: gradient of the animation, η 0.005, from w = b = 2", "learns at once",
                         True, SOURCE, "animation, bad"),
            ex.Published("learns at once: gradient of the equations, η 0.005, from w = b = 2", "learns at once",
                         True, SOURCE, "stated, bad",
                         explanation="With η = 0.005 and δ = a − y, equation (62), the output is still 0.78 after 300 "
                         "steps. By the book's equations δ = a (for y = 0). The animation in the book uses 1/(1 − a) "
                         "instead of a. This is ∂C/∂a. At the start, where a = 0.982, this step is about 57 times as "
                         "large."),
            ex.Published("learns at once: gradient of the equations, η 0.15, from w = b = 2", "learns at once",
                         True, SOURCE, "larger, bad"),
        ),
        quick=ex.Quick(
            expected=(
                ex.Published("learns at once, η 0.15", "learns at once", True, variant="larger, bad"),
                ex.Published("final output, η 0.15", "last", 0.02, variant="larger, bad", relation="at most"),
                ex.Published("final output, η as stated", "last", 0.7, variant="stated, bad", relation="at least"),
            ),
            defect={"cost": "quadratic"},
        ),
        seeds=1,
        remark="“Learns at once” means: the cost falls fastest within the first tenth of the steps, and the output falls "
        "to less than half of its first value.",
    ),
)  # fmt: skip
