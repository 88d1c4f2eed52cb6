"""Perceptrons with hand-set weights, equation (2) of the book: a = 1 if w·x + b > 0, else 0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

import deltarule as dr
from deltarule.core.layer import Array
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, add_legend_below, label_axes

SECTION = "Perceptrons"


@dataclass(frozen=True)
class Step(dr.Activation):
    """The step function, 1 above 0, else 0; its derivative is 0, so gradient descent cannot train perceptrons."""

    def function(self, z: Array) -> Array:
        return z.__array_namespace__().astype(z > 0, z.dtype)

    def derivative(self, z: Array, a: Array) -> Array:
        return z.__array_namespace__().zeros_like(z)


def build_perceptrons(sizes: Sequence[int]) -> dr.Network:
    """Build a network of perceptrons; ``sizes`` are those of the layers, inputs first."""
    return dr.Network.dense(list(sizes), dr.Quadratic(Step()), hidden=Step())


def build_neuron(w: Sequence[float], b: float) -> list[dict[str, np.ndarray]]:
    """Build the parameters of a single neuron."""
    return [{"w": np.asarray([w], dtype=float), "b": np.asarray([b], dtype=float)}]


def compute_output(w: Sequence[float], b: float, x: Any) -> int:
    """Compute the output of a perceptron for one input, 0 or 1.

    >>> [compute_output([-2, -2], 3, x) for x in ((0, 0), (0, 1), (1, 0), (1, 1))]
    [1, 1, 1, 0]
    """
    return int(build_perceptrons([len(w), 1]).outputs(build_neuron(w, b), np.asarray([x], dtype=float))[0, 0])


def list_bits(n: int) -> list[tuple[int, ...]]:
    """List all inputs of n bits in the order of a truth table."""
    return list(product((0, 1), repeat=n))


def decide(config: ex.Config) -> ex.Measured:
    """Compute the decision for all eight inputs, and compare it with the intended rules."""
    w, threshold = config["weights"], config["threshold"]
    inputs = list_bits(3)
    answers = [compute_output(w, -threshold, x) for x in inputs]
    weather_decides = [good for good, _, _ in inputs]
    or_both_others = [int(good or (company and near)) for good, company, near in inputs]
    return ex.Measured(
        {"weather alone decides": answers == weather_decides, "weather, or both others": answers == or_both_others},
        {"inputs": inputs, "weighted sum": [float(np.dot(w, x)) for x in inputs], "goes": answers},
    )


@ex.with_panels(1, 2, (6.4, 3.6), sharey=True)
def plot_decision(result: ex.Result, *panels: ex.Axes) -> None:
    """Plot the weighted sum for each of the eight inputs, and the threshold."""
    for axes, variant in zip(panels, result.variants, strict=False):
        run = result.first(variant)
        sums, goes = np.asarray(run.series["weighted sum"]), np.asarray(run.series["goes"], dtype=bool)
        names = [" ".join("●" if bit else "○" for bit in x) for x in run.series["inputs"]]
        at = np.arange(len(sums))
        axes.barh(at[goes], sums[goes], color=COLOURS[0], label="go")
        axes.barh(at[~goes], sums[~goes] + 0.08, color="white", edgecolor="#888888", hatch="///", label="stay at home")
        axes.axvline(run.settings["threshold"], color=COLOURS[1], linestyle="--")
        axes.text(run.settings["threshold"] + 0.15, -0.75, "threshold", color=COLOURS[1], fontsize=9, va="center")
        axes.set(yticks=at, yticklabels=names, ylim=(7.6, -1.2))
        axes.grid(axis="y", visible=False)
        label_axes(axes, "weighted sum w·x", "", f"threshold {run.settings['threshold']:g}", legend=False)
    panels[0].set_ylabel("weather, company, near: ● yes, ○ no", fontsize=9)
    add_legend_below(panels[0], 2)


DECISION = (
    ex.Published("threshold 5: the perceptron decides to go exactly if the weather is good", "weather alone decides", True,
              "chapter 1, 'Perceptrons'", variant="threshold 5"),
    ex.Published("threshold 3: it decides to go if the weather is good or both other answers are yes",
              "weather, or both others", True, "chapter 1, 'Perceptrons'", variant="threshold 3"),
)  # fmt: skip


def measure_nand(config: ex.Config) -> ex.Measured:
    """Compute the weighted inputs z and the outputs for the four inputs."""
    w, b = config["weights"], config["bias"]
    inputs = list_bits(2)
    z = [float(np.dot(w, x) + b) for x in inputs]
    answers = [compute_output(w, b, x) for x in inputs]
    return ex.Measured(
        {"is a NAND": answers == [int(not (x1 and x2)) for x1, x2 in inputs], "z of 00": z[0], "z of 11": z[3]},
        {"z": z, "outputs": answers},
    )


@ex.with_panels(size=(4.6, 4.2))
def plot_nand(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the plane of the two inputs, divided by the line w·x + b = 0."""
    run = result.first()
    (w1, w2), b = run.settings["weights"], run.settings["bias"]
    x1 = np.linspace(-0.4, 1.9, 3)
    axes.plot(x1, -(w1 * x1 + b) / w2, color="#555555", linestyle="--")
    axes.fill_between(x1, -(w1 * x1 + b) / w2, -1, color=COLOURS[0], alpha=0.1, linewidth=0)
    axes.text(0.56, 0.98, f"{w1:g} x₁ {w2:+g} x₂ {b:+g} = 0".replace("-", "−"), color="#555555", fontsize=9,
              rotation=-45, rotation_mode="anchor")  # fmt: skip
    for (p, q), z, a in zip(list_bits(2), run.series["z"], run.series["outputs"], strict=True):
        axes.plot(p, q, "o", ms=13, color=COLOURS[0], mfc=COLOURS[0] if a else "white", mew=1.8)
        axes.text(p, q - 0.1, f"z = {z:+g}\noutput {a}".replace("-", "−"), fontsize=9, ha="center", va="top")
    axes.set(xlim=(-0.35, 1.4), ylim=(-0.4, 1.4), xticks=(0, 1), yticks=(0, 1), aspect="equal")
    label_axes(axes, "input x₁", "input x₂")


NAND = (
    ex.Published("output 0 for the input 11, and 1 for all others", "is a NAND", True, "chapter 1, 'Perceptrons'"),
    ex.Published("weighted input z for 00", "z of 00", 3.0, "chapter 1, 'Perceptrons'"),
    ex.Published("weighted input z for 11", "z of 11", -1.0, "chapter 1, 'Perceptrons'"),
)


def add_bits(x1: int, x2: int, w: float, b: float, merged: bool) -> dict[str, int]:
    """Add two bits by five equal perceptrons, all NAND gates, and return the output of each.

    The carry has two connections from the same perceptron; ``merged`` replaces them by one with twice the weight.
    """
    both = compute_output([w, w], b, (x1, x2))
    left = compute_output([w, w], b, (x1, both))
    right = compute_output([w, w], b, (both, x2))
    carry = compute_output([2 * w], b, (both,)) if merged else compute_output([w, w], b, (both, both))
    return {"both": both, "left": left, "right": right, "sum": compute_output([w, w], b, (left, right)), "carry": carry}


def measure_adder(config: ex.Config) -> ex.Measured:
    """Compute the four sums of two bits."""
    answers = [add_bits(x1, x2, config["weight"], config["bias"], config["merged"]) for x1, x2 in list_bits(2)]
    return ex.Measured(
        {
            "sum": [one["sum"] for one in answers] == [x1 ^ x2 for x1, x2 in list_bits(2)],
            "carry": [one["carry"] for one in answers] == [x1 & x2 for x1, x2 in list_bits(2)],
        },
        {"neurons": answers},
    )


PLACES = {
    "x₁": (0, 2),
    "x₂": (0, 0),
    "both": (1, 1),
    "left": (2, 2),
    "right": (2, 0),
    "sum": (3, 1),
    "carry": (1.6, -0.9),
}
WIRES = (("x₁", "both"), ("x₂", "both"), ("x₁", "left"), ("both", "left"), ("both", "right"), ("x₂", "right"),
         ("left", "sum"), ("right", "sum"), ("both", "carry"))  # fmt: skip


@ex.with_panels(2, 2, (6.4, 5.4))
def plot_adder(result: ex.Result, *panels: ex.Axes) -> None:
    """Plot the circuit for each of the four inputs; neurons with output 1 are filled."""
    run = result.first(
        "one connection of weight −4" if "one connection of weight −4" in result.variants else result.variants[0]
    )
    for axes, (x1, x2), outputs in zip(panels, list_bits(2), run.series["neurons"], strict=True):
        _draw_circuit(axes, {"x₁": x1, "x₂": x2, **outputs}, run.settings)
        axes.set_title(f"{x1} + {x2} = {outputs['carry']}{outputs['sum']} in binary", fontsize=10)
    panels[0].figure.supxlabel("filled: 1, empty: 0; every connection but the marked one has weight "
                    f"{run.settings['weight']:g}, every bias is {run.settings['bias']:g}"
                    .replace("-", "−"), fontsize=8.5)  # fmt: skip


def _draw_circuit(axes: ex.Axes, outputs: dict[str, int], settings: Any) -> None:
    axes.axis("off")
    axes.set(xlim=(-0.5, 3.9), ylim=(-1.25, 2.4))
    for start, end in WIRES:
        (x, y), (to_x, to_y) = PLACES[start], PLACES[end]
        axes.plot(
            [x, to_x],
            [y, to_y],
            color=COLOURS[0] if outputs[start] else "#aaaaaa",
            lw=1.6 if outputs[start] else 0.9,
            zorder=1,
        )
    mark = f"{2 * settings['weight']:g}" if settings["merged"] else f"2 × {settings['weight']:g}"
    axes.text(1.33, -0.42, mark.replace("-", "−"), fontsize=8.5, ha="right", va="top")
    for name, (x, y) in PLACES.items():
        marker, size = ("s", 13) if name in ("x₁", "x₂") else ("o", 17)
        axes.plot(
            x, y, marker, ms=size, mew=1.5, color=COLOURS[0], mfc=COLOURS[0] if outputs[name] else "white", zorder=2
        )
        axes.text(x, y, str(outputs[name]), ha="center", va="center", fontsize=9, zorder=3,
                  color="white" if outputs[name] else "black")  # fmt: skip
    for name, where in (("x₁", (-0.42, 2)), ("x₂", (-0.42, 0))):
        axes.text(*where, name, fontsize=9, va="center", ha="center")
    for name in ("sum", "carry"):
        axes.text(PLACES[name][0] + 0.24, PLACES[name][1], name, fontsize=9, va="center")


ADDER = tuple(
    ex.Published(
        f"the {what} is correct for all four sums, with {variant}",
        figure_,
        True,
        "chapter 1, 'Perceptrons'",
        variant=variant,
    )
    for variant in ("two connections of weight −2", "one connection of weight −4")
    for what, figure_ in (("lower bit", "sum"), ("carry", "carry"))
)

PERCEPTRONS = (
    ex.Experiment(
        id="ch1/perceptron-decision",
        title="A perceptron decides about the festival",
        section=SECTION,
        shows="A perceptron weighs three yes-or-no answers and compares their sum with a threshold. With threshold 3 "
        "in place of 5 the decision changes: company and a near station together now outweigh bad weather.",
        measure=decide,
        plot=plot_decision,
        settings={"weights": [6.0, 2.0, 2.0]},
        variants={"threshold 5": {"threshold": 5.0}, "threshold 3": {"threshold": 3.0}},
        published=DECISION,
        quick=ex.Quick(expected=DECISION, defect={"weights": [2.0, 6.0, 2.0]}),
        seeds=1,
    ),
    ex.Experiment(
        id="ch1/nand",
        title="A perceptron is a NAND gate",
        section=SECTION,
        shows="With two weights of −2 and a bias of 3 a perceptron has output 0 only for the input 11. "
        "Weights and bias define a line in the plane of the inputs; on one side of it the output is 1.",
        measure=measure_nand,
        plot=plot_nand,
        settings={"weights": [-2.0, -2.0], "bias": 3.0},
        published=NAND,
        quick=ex.Quick(expected=NAND, defect={"bias": -3.0}),
        seeds=1,
    ),
    ex.Experiment(
        id="ch1/adder",
        title="Five perceptrons add two bits",
        section=SECTION,
        shows="NAND gates can compute everything that a computer can, and so can perceptrons. Here they compute the "
        "two binary digits of a sum. Two connections between the same neurons are equivalent to one connection with "
        "the sum of their weights.",
        measure=measure_adder,
        plot=plot_adder,
        settings={"weight": -2.0, "bias": 3.0},
        variants={"two connections of weight −2": {"merged": False}, "one connection of weight −4": {"merged": True}},
        published=ADDER,
        quick=ex.Quick(expected=ADDER, defect={"bias": 1.0}),
        seeds=1,
    ),
)
