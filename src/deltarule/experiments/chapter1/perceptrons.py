"""Perceptrons, equation (2) of the book: a = 1 if w·x + b > 0, else 0; the weights here are set by hand."""

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
    """1 above 0, else 0: flat wherever it has a slope, so perceptrons cannot learn by gradients."""

    def function(self, z: Array) -> Array:
        return z.__array_namespace__().astype(z > 0, z.dtype)

    def derivative(self, z: Array, a: Array) -> Array:
        return z.__array_namespace__().zeros_like(z)


def perceptrons(sizes: Sequence[int]) -> dr.Network:
    """Layers of perceptrons, ``sizes`` from inputs to outputs."""
    return dr.Network.dense(list(sizes), dr.Quadratic(Step()), hidden=Step())


def neuron(w: Sequence[float], b: float) -> list[dict[str, np.ndarray]]:
    """The parameters of a single neuron."""
    return [{"w": np.asarray([w], dtype=float), "b": np.asarray([b], dtype=float)}]


def fires(w: Sequence[float], b: float, x: Any) -> int:
    """What a perceptron answers to one input, 0 or 1.

    >>> [fires([-2, -2], 3, x) for x in ((0, 0), (0, 1), (1, 0), (1, 1))]
    [1, 1, 1, 0]
    """
    return int(perceptrons([len(w), 1]).outputs(neuron(w, b), np.asarray([x], dtype=float))[0, 0])


def bits(n: int) -> list[tuple[int, ...]]:
    """All inputs of n bits, in the order of a truth table."""
    return list(product((0, 1), repeat=n))


def decide(config: ex.Config) -> ex.Measured:
    """The decision for all eight answers to three questions, beside the rule that was wanted."""
    w, threshold = config["weights"], config["threshold"]
    inputs = bits(3)
    answers = [fires(w, -threshold, x) for x in inputs]
    weather_decides = [good for good, _, _ in inputs]
    or_both_others = [int(good or (company and near)) for good, company, near in inputs]
    return ex.Measured(
        {"weather alone decides": answers == weather_decides, "weather, or both others": answers == or_both_others},
        {"inputs": inputs, "weighted sum": [float(np.dot(w, x)) for x in inputs], "goes": answers},
    )


@ex.with_panels(1, 2, (6.4, 3.6), sharey=True)
def plot_decision(result: ex.Result, *panels: ex.Axes) -> None:
    """The weighted sum for each of the eight inputs, and the threshold it must exceed."""
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
    ex.Published("with threshold 5 it goes exactly when the weather is good", "weather alone decides", True,
              "chapter 1, 'Perceptrons'", variant="threshold 5"),
    ex.Published("with threshold 3 it goes when the weather is good, or both other answers are yes",
              "weather, or both others", True, "chapter 1, 'Perceptrons'", variant="threshold 3"),
)  # fmt: skip


def nand(config: ex.Config) -> ex.Measured:
    """The four inputs, their weighted inputs z and outputs."""
    w, b = config["weights"], config["bias"]
    inputs = bits(2)
    z = [float(np.dot(w, x) + b) for x in inputs]
    answers = [fires(w, b, x) for x in inputs]
    return ex.Measured(
        {"is a NAND": answers == [int(not (x1 and x2)) for x1, x2 in inputs], "z of 00": z[0], "z of 11": z[3]},
        {"z": z, "outputs": answers},
    )


@ex.with_panels(size=(4.6, 4.2))
def plot_nand(result: ex.Result, axes: ex.Axes) -> None:
    """The plane of the two inputs, cut in two by the line w·x + b = 0."""
    run = result.first()
    (w1, w2), b = run.settings["weights"], run.settings["bias"]
    x1 = np.linspace(-0.4, 1.9, 3)
    axes.plot(x1, -(w1 * x1 + b) / w2, color="#555555", linestyle="--")
    axes.fill_between(x1, -(w1 * x1 + b) / w2, -1, color=COLOURS[0], alpha=0.1, linewidth=0)
    axes.text(0.56, 0.98, f"{w1:g} x₁ {w2:+g} x₂ {b:+g} = 0".replace("-", "−"), color="#555555", fontsize=9,
              rotation=-45, rotation_mode="anchor")  # fmt: skip
    for (p, q), z, a in zip(bits(2), run.series["z"], run.series["outputs"], strict=True):
        axes.plot(p, q, "o", ms=13, color=COLOURS[0], mfc=COLOURS[0] if a else "white", mew=1.8)
        axes.text(p, q - 0.1, f"z = {z:+g}\noutput {a}".replace("-", "−"), fontsize=9, ha="center", va="top")
    axes.set(xlim=(-0.35, 1.4), ylim=(-0.4, 1.4), xticks=(0, 1), yticks=(0, 1), aspect="equal")
    label_axes(axes, "input x₁", "input x₂")


NAND = (
    ex.Published("0 for the input 11, and 1 for all others", "is a NAND", True, "chapter 1, 'Perceptrons'"),
    ex.Published("weighted input z for 00", "z of 00", 3.0, "chapter 1, 'Perceptrons'"),
    ex.Published("weighted input z for 11", "z of 11", -1.0, "chapter 1, 'Perceptrons'"),
)


def add(x1: int, x2: int, w: float, b: float, merged: bool) -> dict[str, int]:
    """Two bits added by five equal perceptrons, a NAND each: what every one of them says.

    Where one feeds the carry twice, ``merged`` makes one connection of the two, with twice the weight.
    """
    both = fires([w, w], b, (x1, x2))
    left = fires([w, w], b, (x1, both))
    right = fires([w, w], b, (both, x2))
    carry = fires([2 * w], b, (both,)) if merged else fires([w, w], b, (both, both))
    return {"both": both, "left": left, "right": right, "sum": fires([w, w], b, (left, right)), "carry": carry}


def adder(config: ex.Config) -> ex.Measured:
    """The four sums of two bits."""
    answers = [add(x1, x2, config["weight"], config["bias"], config["merged"]) for x1, x2 in bits(2)]
    return ex.Measured(
        {
            "sum": [one["sum"] for one in answers] == [x1 ^ x2 for x1, x2 in bits(2)],
            "carry": [one["carry"] for one in answers] == [x1 & x2 for x1, x2 in bits(2)],
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
    """The circuit with each of the four inputs; what is 1 is filled."""
    run = result.first(
        "one connection of weight −4" if "one connection of weight −4" in result.variants else result.variants[0]
    )
    for axes, (x1, x2), said in zip(panels, bits(2), run.series["neurons"], strict=True):
        _circuit(axes, {"x₁": x1, "x₂": x2, **said}, run.settings)
        axes.set_title(f"{x1} + {x2} = {said['carry']}{said['sum']} in binary", fontsize=10)
    panels[0].figure.supxlabel("filled: 1, empty: 0; every connection has the weight "
                    f"{run.settings['weight']:g} but the marked one, every bias is {run.settings['bias']:g}"
                    .replace("-", "−"), fontsize=8.5)  # fmt: skip


def _circuit(axes: ex.Axes, said: dict[str, int], settings: Any) -> None:
    axes.axis("off")
    axes.set(xlim=(-0.5, 3.9), ylim=(-1.25, 2.4))
    for start, end in WIRES:
        (x, y), (to_x, to_y) = PLACES[start], PLACES[end]
        axes.plot(
            [x, to_x],
            [y, to_y],
            color=COLOURS[0] if said[start] else "#aaaaaa",
            lw=1.6 if said[start] else 0.9,
            zorder=1,
        )
    mark = f"{2 * settings['weight']:g}" if settings["merged"] else f"2 × {settings['weight']:g}"
    axes.text(1.33, -0.42, mark.replace("-", "−"), fontsize=8.5, ha="right", va="top")
    for name, (x, y) in PLACES.items():
        marker, size = ("s", 13) if name in ("x₁", "x₂") else ("o", 17)
        axes.plot(x, y, marker, ms=size, mew=1.5, color=COLOURS[0], mfc=COLOURS[0] if said[name] else "white", zorder=2)
        axes.text(x, y, str(said[name]), ha="center", va="center", fontsize=9, zorder=3,
                  color="white" if said[name] else "black")  # fmt: skip
    for name, where in (("x₁", (-0.42, 2)), ("x₂", (-0.42, 0))):
        axes.text(*where, name, fontsize=9, va="center", ha="center")
    for name in ("sum", "carry"):
        axes.text(PLACES[name][0] + 0.24, PLACES[name][1], name, fontsize=9, va="center")


ADDER = tuple(
    ex.Published(
        f"the {what} of all four sums, with {variant}", figure_, True, "chapter 1, 'Perceptrons'", variant=variant
    )
    for variant in ("two connections of weight −2", "one connection of weight −4")
    for what, figure_ in (("lower bit", "sum"), ("carry", "carry"))
)

PERCEPTRONS = (
    ex.Experiment(
        id="ch1/perceptron-decision",
        title="A perceptron decides whether to go to the festival",
        section=SECTION,
        shows="Three yes-or-no answers are weighed, and the sum is compared with a threshold. "
        "Lowering the threshold from 5 to 3 makes another decision of it: company and a near station together now "
        "outweigh bad weather.",
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
        shows="With two weights of −2 and a bias of 3 a perceptron says 0 to the input 11 alone. "
        "Its weights and bias draw a line through the plane of the inputs; it says 1 on one side of it.",
        measure=nand,
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
        shows="NAND gates, and so perceptrons, can compute whatever a computer can: here the two binary digits of a "
        "sum. "
        "Two connections between the same two neurons do what one does that has the sum of their weights.",
        measure=adder,
        plot=plot_adder,
        settings={"weight": -2.0, "bias": 3.0},
        variants={"two connections of weight −2": {"merged": False}, "one connection of weight −4": {"merged": True}},
        published=ADDER,
        quick=ex.Quick(expected=ADDER, defect={"bias": 1.0}),
        seeds=1,
    ),
)
