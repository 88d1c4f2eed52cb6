"""One neuron that is to turn the input 1 into 0, and how fast it learns with which cost (equations (54) to (62))."""

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
"""The two places from which the book's neuron starts."""


@dataclass(frozen=True)
class WithoutLastFactor(dr.CrossEntropy):
    """The cross-entropy whose ∂C/∂a is followed as if it were ∂C/∂z: the factor ∂a/∂z = a (1 − a) is forgotten.

    For y = 0 the step is 1/(1 − a) instead of a; this is what the book's animation computes.
    """

    def delta(self, z: Array, y: Array) -> Array:
        a = self.activation(z)
        return (a - y) / (a * (1 - a))


COSTS: dict[str, dr.Cost] = {
    "quadratic": dr.Quadratic(),
    "quadratic, linear output": dr.Quadratic(dr.Linear()),
    "cross-entropy": dr.CrossEntropy(),
    "cross-entropy without a(1 − a)": WithoutLastFactor(),
    "log-likelihood": dr.LogLikelihood(),
}


def descent(cost: dr.Cost, w: float, b: float, eta: float, steps: int) -> tuple[list[float], list[float]]:
    """The neuron's output and its cost before each step and after the last, on the input 1 with y = 0."""
    network, x, y = dr.Network.dense([1, 1], cost=cost), np.array([[1.0]]), np.array([[0.0]])
    params: Tree = [{"w": np.array([[w]]), "b": np.array([b])}]
    outputs, costs = [], []
    for _ in range(steps + 1):
        outputs.append(network.outputs(params, x).item())
        costs.append(float(network.value(params, x, y)))
        params, _ = dr.SGD().update(network.gradients(params, x, y), {}, params, eta)
    return outputs, costs


def measure(config: ex.Config) -> ex.Measured:
    """Three hundred steps of one neuron; how long it stays where it is, and where its cost falls fastest."""
    outputs, costs = descent(COSTS[config["cost"]], config["w"], config["b"], config["eta"], config["steps"])
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


def _panels(result: ex.Result, panels: dict[str, list[tuple[str, str]]]) -> ex.Figure:
    """Output by epoch: a panel for each start, in it a curve for each variant and its name."""
    drawn, all_axes = new_figure(1, len(panels), (6.4, 3.2))
    for axes, (title, curves) in zip(all_axes, panels.items(), strict=True):
        for i, (variant, label) in enumerate(curves):
            for output in result.series("output", variant):
                axes.plot(output, color=COLOURS[i], linestyle=("-", "--", "-.")[i], label=label)
        axes.set_ylim(0, 1)
        label_axes(axes, "epoch", "output a (0 is wanted)", title, legend=False)
    return drawn


def plot_slow(result: ex.Result) -> ex.Figure:
    """The output by epoch from both starts."""
    drawn = _panels(result, {f"from w = {s['w']}, b = {s['b']}": [(name, "")] for name, s in STARTS.items()})
    plot_published(drawn.axes[0], 0.09, "published end, about 0.09")
    drawn.axes[0].legend(fontsize=9)
    drawn.axes[1].axvline(150, color="#555555", linestyle=(0, (5, 3)), linewidth=1)
    drawn.axes[1].text(146, 0.1, "published: flat\nuntil about 150", fontsize=9, ha="right")
    return drawn


FOLLOWED = {
    "stated": ("cross-entropy", 0.005, "η = 0.005"),
    "animation": ("cross-entropy without a(1 − a)", 0.005, "η = 0.005, as animated"),
    "larger": ("cross-entropy", 0.15, "η = 0.15"),
}
"""The stated η with the cost's own gradient, with that of the animation, and a larger η."""


def plot_cross_entropy(result: ex.Result) -> ex.Figure:
    """The output by epoch from both starts, for each gradient and η."""
    curves = {
        f"from w = {start['w']}, b = {start['b']}": [(f"{how}, {name}", FOLLOWED[how][2]) for how in FOLLOWED]
        for name, start in STARTS.items()
    }
    drawn = _panels(result, curves)
    add_legend_below(drawn.axes[0], 3)
    return drawn


NEURONS = (
    ex.Experiment(
        id="ch3/slow-neuron",
        title="A neuron that is badly wrong learns slowly",
        section="The cross-entropy cost function",
        shows="One sigmoid neuron with the quadratic cost learns to answer 0 to the input 1. From the worse of two "
        "starts hardly anything happens for half of the time, because σ′(z) is nearly 0 where the neuron is saturated.",
        measure=measure,
        plot=plot_slow,
        settings={"cost": "quadratic", "eta": 0.15, "steps": 300, "little": 0.1},
        variants=STARTS,
        published=(
            ex.Published("first output from (0.6, 0.9)", "first", 0.82, SOURCE, "good"),
            ex.Published("last output from (0.6, 0.9)", "last", 0.09, SOURCE, "good", relation="about"),
            ex.Published("first output from (2, 2)", "first", 0.98, SOURCE, "bad"),
            ex.Published("epochs until it has moved by 0.1, from (2, 2)", "flat", 150, SOURCE, "bad", relation="about"),
        ),
        quick=ex.Quick(
            expected=(
                ex.Published("last output from (0.6, 0.9)", "last", 0.09, variant="good", relation="about"),
                ex.Published("epochs until it has moved by 0.1", "flat", 100, variant="bad", relation="at least"),
            ),
            defect={"cost": "quadratic, linear output"},  # what σ′ does is gone when it is
        ),
        seeds=1,
        remark="The book counts an epoch for each step, as there is one training example.",
    ),
    ex.Experiment(
        id="ch3/cross-entropy-neuron",
        title="With the cross-entropy it learns at once",
        section="The cross-entropy cost function",
        shows="The same neuron with the cross-entropy, whose gradient has no σ′(z) in it: the cost falls fastest where "
        "the neuron is most wrong. The η that the book states goes with the gradient of its animation, not with "
        "the one of its equations, so both are shown.",
        measure=measure,
        plot=plot_cross_entropy,
        settings={"steps": 300, "little": 0.1},
        variants={
            f"{how}, {name}": {"cost": cost, "eta": eta, **start}
            for how, (cost, eta, _) in FOLLOWED.items()
            for name, start in STARTS.items()
        },
        published=(
            ex.Published("animation, η 0.005, from (0.6, 0.9): learns at once", "learns at once", True, SOURCE,
                      "animation, good"),
            ex.Published("animation, η 0.005, from (2, 2): learns at once", "learns at once", True, SOURCE,
                      "animation, bad"),
            ex.Published("its equations, η 0.005, from (2, 2): learns at once", "learns at once", True, SOURCE,
                      "stated, bad", explanation="With η = 0.005 and δ = a − y, equation (62), the output is still "
                      "at 0.78 after 300 steps. The animation steps by 1/(1 − a), which is ∂C/∂a, where its own "
                      "equations have a; from a = 0.98 that is 56 times as far."),
            ex.Published("its equations, η 0.15, from (2, 2): learns at once", "learns at once", True, SOURCE,
                      "larger, bad"),
        ),
        quick=ex.Quick(
            expected=(
                ex.Published("η 0.15 learns at once", "learns at once", True, variant="larger, bad"),
                ex.Published("last output, η 0.15", "last", 0.02, variant="larger, bad", relation="at most"),
                ex.Published("the stated η hardly moves", "last", 0.7, variant="stated, bad", relation="at least"),
            ),
            defect={"cost": "quadratic"},
        ),
        seeds=1,
        remark="Learns at once: the cost falls fastest in the first tenth of the steps, and it ends at less than half.",
    ),
)  # fmt: skip
