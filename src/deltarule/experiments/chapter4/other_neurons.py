"""Steps from other kinds of neurons: possible if the output has two different limits, at −∞ and at +∞."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import deltarule as dr
from deltarule.constructions.fixed_network import FixedNetwork
from deltarule.core.activations import sigmoid
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, add_legend_below, new_figure

SECTION = "Extension beyond sigmoid neurons"
STEP_TOLERANCE = 0.01
"""The mean deviation from a step function below which a curve counts as a step."""


class Curve(dr.Activation):
    """An activation function without a derivative, for networks whose weights are set by hand."""

    def derivative(self, z: Any, a: Any) -> Any:
        """Raise :class:`NotImplementedError`."""
        raise NotImplementedError("networks built by hand need no derivative")


@dataclass(frozen=True)
class ArcTan(Curve):
    """The arctangent, from −π/2 to π/2; it approaches its limits slowly."""

    def function(self, z: Any) -> Any:
        """Compute arctan z."""
        return np.arctan(z)


@dataclass(frozen=True)
class Wobbly(Curve):
    """σ(z) with a wave near 0: it is not monotonic and leaves the range of its limits, but it has two limits."""

    def function(self, z: Any) -> Any:
        """Compute σ(z) + 0.4 sin(2z) e^(−|z|/2)."""
        return sigmoid(z) + 0.4 * np.sin(2 * z) * np.exp(-np.abs(z) / 2)


@dataclass(frozen=True)
class Bell(Curve):
    """The bell curve e^(−z²): it has the same limit on both sides."""

    def function(self, z: Any) -> Any:
        """Compute e^(−z²)."""
        return np.exp(-(np.minimum(np.abs(z), 30) ** 2))


NEURONS: dict[str, dr.Activation] = {
    "sigmoid": dr.Sigmoid(),
    "tanh": dr.Tanh(),
    "arctan": ArcTan(),
    "wobbly": Wobbly(),
    "bell": Bell(),
    "linear": dr.Linear(),
    "ReLU": dr.ReLU(),
    "leaky ReLU": dr.LeakyReLU(),
    "ELU": dr.ELU(),
}
DIFFERENCE = "ReLU difference"
ABLE = ("sigmoid", "tanh", "arctan", "wobbly", DIFFERENCE)


def build_neurons(f: dr.Activation, s: float, w: float, pair: bool) -> FixedNetwork:
    """Build a network that computes f(w (x − s)), or with ``pair`` f(w (x − s) + ½) − f(w (x − s) − ½).

    With ReLU the pair is a ramp from 0 to 1 of width 1/w.
    """
    n = 2 if pair else 1
    network = dr.Network([dr.Dense(n), f, dr.Dense(1)], dr.Quadratic(dr.Linear()), (1,))
    first = {"w": np.full((n, 1), w), "b": -w * s + (np.asarray([0.5, -0.5]) if pair else np.zeros(1))}
    return FixedNetwork(network, [first, {}, {"w": np.asarray([[1.0, -1.0][:n]]), "b": np.zeros(1)}])


def fit_to_step(a: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Fit u a + v to the step function by least squares over the output weight u and the bias v."""
    u, v = np.linalg.lstsq(np.column_stack([a / np.abs(a).max(), np.ones_like(a)]), step, rcond=None)[0]
    return np.asarray(u * a / np.abs(a).max() + v)


def measure(config: ex.Config) -> ex.Measured:
    """Fit one kind of neuron to a step function for growing weights, with the best output weight and bias."""
    s, pair = config["s"], config["neuron"] == DIFFERENCE
    f = dr.ReLU() if pair else NEURONS[config["neuron"]]
    x = (np.arange(20_000) + 0.5) / 20_000
    step = (x > s).astype(float)
    curves = [fit_to_step(build_neurons(f, s, w, pair)(x), step) for w in config["weights"]]
    deviations = [float(np.abs(curve - step).mean()) for curve in curves]
    few = np.unique(np.concatenate([np.arange(0, len(x), 200), np.searchsorted(x, s + np.linspace(-0.1, 0.1, 101))]))
    return ex.Measured(
        {
            "a step": deviations[-1] < STEP_TOLERANCE,
            "no step": deviations[-1] > 10 * STEP_TOLERANCE,
            "deviation": deviations[-1],
        },
        {
            "x": ex.round_all(x[few]),
            "curves": [ex.round_all(curve[few]) for curve in curves],
            "weights": config["weights"],
            "deviation": ex.round_all(deviations),
        },
    )


def plot(result: ex.Result) -> ex.Figure:
    """Plot a panel for each kind of neuron: its best fit to a step function for each weight."""
    names = result.variants
    rows = -(-len(names) // 5)
    figure, panels = new_figure(rows, 5, (7.2, 2.0 * rows + 0.5), sharex=True, sharey=True, squeeze=False)
    for axes, name in zip(panels.flat, names, strict=False):
        run = result.first(name)
        at = run.settings["s"]
        axes.plot([0, at, at, 1], [0, 0, 1, 1], color="#999999", linewidth=3.5, alpha=0.5, label="step")
        for i, (w, curve) in enumerate(zip(run.series["weights"], run.series["curves"], strict=True)):
            axes.plot(run.series["x"], curve, color=COLOURS[i], linewidth=1.1, linestyle=("-", "--", "-.")[i % 3],
                      label=f"w = {w:g}")  # fmt: skip
        can = "a step" if run.figures["a step"] else "no step"
        axes.set_title(f"{name}:\n{can}", fontsize=9)
        axes.set_ylim(-0.6, 1.6)
    for axes in panels.flat[len(names) :]:
        axes.axis("off")
    add_legend_below(panels[0, 0], 4)
    for axes in panels[:, 0]:
        axes.set_ylabel("output", fontsize=9)
    for axes in panels[-1]:
        axes.set_xlabel("input x", fontsize=9)
    return figure


def build_rows(names: Sequence[str], source: str = "") -> tuple[ex.Published, ...]:
    """Build the published rows: for each kind of neuron, that it makes a step or that it makes none."""
    return tuple(
        ex.Published(f"{name} makes a step", "a step", True, source, name)
        if name in ABLE
        else ex.Published(f"{name} makes no step", "no step", True, source, name)
        for name in names
    )


OTHER_NEURONS = (
    ex.Experiment(
        id="ch4/other-neurons",
        title="Step functions from other kinds of neurons",
        section=SECTION,
        shows="Any function with two different limits, at −∞ and at +∞, becomes a step when its input is multiplied by "
        "a large weight. Linear neurons and ReLUs do not have two such limits and keep their shape with any weight. "
        "The difference of two ReLUs has them.",
        measure=measure,
        plot=plot,
        settings={"weights": [10.0, 100.0, 1000.0], "s": 0.4},
        variants={name: {"neuron": name} for name in (*NEURONS, DIFFERENCE)},
        published=build_rows(("sigmoid", "tanh", "wobbly", "linear", "ReLU", DIFFERENCE), f"chapter 4, '{SECTION}'"),
        quick=ex.Quick(expected=build_rows((*NEURONS, DIFFERENCE)), defect={"weights": [1.0, 3.0]}),
        seeds=1,
        remark="A curve counts as a step if its mean deviation with w = 1000 is below 0.01, and as no step if it is above "
        "ten times that. The output weight and bias are fitted by least squares, so no neuron fails only because of "
        "scaling. “Wobbly” is σ(z) + 0.4 sin(2z) e^(−|z|/2). Arctan, bell, leaky ReLU and ELU are our additions.",
    ),
)
