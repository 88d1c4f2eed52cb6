"""Which neurons can make a step: those whose output has two different limits, far to the left and far to the right."""

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
A_STEP = 0.01
"""Mean deviation from a step below which a curve is one."""


class Curve(dr.Activation):
    """A function of a weighted input that nothing learns through: here weights are set by hand."""

    def derivative(self, z: Any, a: Any) -> Any:
        raise NotImplementedError("networks built by hand need no derivative")


@dataclass(frozen=True)
class ArcTan(Curve):
    """arctan z, from −π/2 to π/2; it comes to its limits slowly."""

    def function(self, z: Any) -> Any:
        return np.arctan(z)


@dataclass(frozen=True)
class Wobbly(Curve):
    """σ(z) with a wave around 0: neither rising all the way nor between its limits, but it has them."""

    def function(self, z: Any) -> Any:
        return sigmoid(z) + 0.4 * np.sin(2 * z) * np.exp(-np.abs(z) / 2)


@dataclass(frozen=True)
class Bell(Curve):
    """e^(−z²): a limit on either side, but the same."""

    def function(self, z: Any) -> Any:
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


def neurons(f: dr.Activation, s: float, w: float, pair: bool) -> FixedNetwork:
    """f(w (x − s)), or with ``pair`` f(w (x − s) + ½) − f(w (x − s) − ½): for ReLU a ramp from 0 to 1, 1/w wide."""
    n = 2 if pair else 1
    network = dr.Network([dr.Dense(n), f, dr.Dense(1)], dr.Quadratic(dr.Linear()), (1,))
    first = {"w": np.full((n, 1), w), "b": -w * s + (np.asarray([0.5, -0.5]) if pair else np.zeros(1))}
    return FixedNetwork(network, [first, {}, {"w": np.asarray([[1.0, -1.0][:n]]), "b": np.zeros(1)}])


def nearest_to_step(a: np.ndarray, step: np.ndarray) -> np.ndarray:
    """The output weight and bias that bring u a + v nearest to the step (least squares), applied."""
    u, v = np.linalg.lstsq(np.column_stack([a / np.abs(a).max(), np.ones_like(a)]), step, rcond=None)[0]
    return np.asarray(u * a / np.abs(a).max() + v)


def measure(config: ex.Config) -> ex.Measured:
    """One kind of neuron with larger and larger weights, each time with the best output weight and bias."""
    s, pair = config["s"], config["neuron"] == DIFFERENCE
    f = dr.ReLU() if pair else NEURONS[config["neuron"]]
    x = (np.arange(20_000) + 0.5) / 20_000
    step = (x > s).astype(float)
    fitted = [nearest_to_step(neurons(f, s, w, pair)(x), step) for w in config["weights"]]
    off = [float(np.abs(one - step).mean()) for one in fitted]
    few = np.unique(np.concatenate([np.arange(0, len(x), 200), np.searchsorted(x, s + np.linspace(-0.1, 0.1, 101))]))
    return ex.Measured(
        {"a step": off[-1] < A_STEP, "no step": off[-1] > 10 * A_STEP, "deviation": off[-1]},
        {
            "x": ex.round_all(x[few]),
            "curves": [ex.round_all(one[few]) for one in fitted],
            "weights": config["weights"],
            "deviation": ex.round_all(off),
        },
    )


def plot(result: ex.Result) -> ex.Figure:
    """Each kind of neuron in a panel: the nearest to a step that it comes with a gentle and with large weights."""
    names = result.variants
    rows = -(-len(names) // 5)
    drawn, panels = new_figure(rows, 5, (7.2, 2.0 * rows + 0.5), sharex=True, sharey=True, squeeze=False)
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
    return drawn


def claims(names: Sequence[str], source: str = "") -> tuple[ex.Published, ...]:
    """For each kind of neuron whether it is to make a step."""
    return tuple(
        ex.Published(f"{name} makes a step", "a step", True, source, name)
        if name in ABLE
        else ex.Published(f"{name} makes none", "no step", True, source, name)
        for name in names
    )


OTHER_NEURONS = (
    ex.Experiment(
        id="ch4/other-neurons",
        title="Steps from other neurons",
        section=SECTION,
        shows="Any function with two different limits, far left and far right, becomes a step when its input is "
        "multiplied by a large weight. Linear neurons and ReLUs have no such limits and stay what they are at any "
        "weight; the difference of two ReLUs has them.",
        measure=measure,
        plot=plot,
        settings={"weights": [10.0, 100.0, 1000.0], "s": 0.4},
        variants={name: {"neuron": name} for name in (*NEURONS, DIFFERENCE)},
        published=claims(("sigmoid", "tanh", "wobbly", "linear", "ReLU", DIFFERENCE), f"chapter 4, '{SECTION}'"),
        quick=ex.Quick(expected=claims((*NEURONS, DIFFERENCE)), defect={"weights": [1.0, 3.0]}),
        seeds=1,
        remark="A step is what deviates by less than 0.01 in the mean with w = 1000, and none what deviates by ten "
        "times as much. Output weight and bias are the best there are (least squares), so that no neuron fails for "
        "want of scaling. Arctan, bell, leaky ReLU and ELU are ours.",
    ),
)
