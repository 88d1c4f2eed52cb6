"""Sigmoid neurons as perceptrons, because σ(c (w·x + b)) becomes a step as c grows; and ten outputs as four bits."""

from __future__ import annotations

import numpy as np

from deltarule.core.activations import sigmoid
from deltarule.core.network import Network
from deltarule.core.trees import Tree
from deltarule.experiments import api as ex
from deltarule.experiments.chapter1.perceptrons import build_perceptrons, list_bits
from deltarule.plotting import COLOURS, label_axes

EXERCISE = "chapter 1, exercise 'Sigmoid neurons simulating perceptrons'"


def scale(params: Tree, c: float, which: list[str]) -> Tree:
    """Multiply the parameters named in ``which`` by c."""
    return [{name: c * leaf if name in which else leaf for name, leaf in layer.items()} for layer in params]


def compare_with_perceptrons(config: ex.Config) -> ex.Measured:
    """Compare a random network of perceptrons with sigmoid neurons of the same weights, for growing c."""
    sizes, which = config["sizes"], config["scaled"]
    steps, smooth = build_perceptrons(sizes), Network.dense(sizes, "quadratic", init="large")
    params = smooth.init(config.seed)
    x = np.asarray(list_bits(sizes[0]), dtype=float)
    low, high = map(float, config["c"])
    cs = np.geomspace(low, high, config["points"])
    decided = steps.outputs(params, x)
    unchanged = all(bool((steps.outputs(scale(params, float(c), which), x) == decided).all()) for c in cs)
    limits = np.stack([smooth.outputs(scale(params, float(c), which), x) for c in cs])
    undecided = scale([{"w": np.asarray([[1.0, 1.0]]), "b": np.asarray([-1.0])}], cs[-1], which)
    return ex.Measured(
        {
            "unchanged": unchanged,
            "largest deviation": float(np.abs(limits[-1] - decided).max()),
            "at z = 0": float(sigmoid(undecided[0]["w"] @ [0.0, 1.0] + undecided[0]["b"])[0]),
        },
        {
            "c": ex.round_all(cs),
            "outputs": [ex.round_all(row) for row in limits[:, :, 0].T],
            "decided": decided[:, 0].tolist(),
        },
    )


@ex.with_panels()
def plot_as_perceptrons(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the sigmoid network's output against c for every input; it approaches the perceptrons' output."""
    run = result.first()
    for output, decided in zip(run.series["outputs"], run.series["decided"], strict=True):
        axes.plot(run.series["c"], output, color=COLOURS[0] if decided else COLOURS[1], lw=1.2,
                  linestyle="-" if decided else "--")  # fmt: skip
    axes.axhline(0.5, color=COLOURS[6], linestyle=":", lw=1.5)
    axes.plot([], [], color=COLOURS[0], label="inputs with perceptron output 1")
    axes.plot([], [], color=COLOURS[1], linestyle="--", label="inputs with perceptron output 0")
    axes.plot([], [], color=COLOURS[6], linestyle=":", label="a neuron with w·x + b = 0")
    axes.set_xscale("log")
    axes.legend(fontsize=9, loc="center right")
    label_axes(axes, "factor c of all weights and biases", "output of the sigmoid neuron", legend=False)


LIMIT = (
    ex.Published("perceptrons give the same output if all weights and biases are multiplied by c > 0", "unchanged", True, EXERCISE, exact=True),
    ex.Published("largest deviation of sigmoid neurons from perceptrons, for large c",
              "largest deviation", 1e-6, EXERCISE, relation="at most", exact=True),
    ex.Published("output of the sigmoid neuron where w·x + b = 0", "at z = 0", 0.5, EXERCISE, exact=True),
)  # fmt: skip


def check_bits(config: ex.Config) -> ex.Measured:
    """Test the extra layer on the worst allowed outputs: 0.99 for the digit, and 0 or 0.01 for all others."""
    w = config["weight"] * np.asarray([[digit >> bit & 1 for digit in range(10)] for bit in range(4)], dtype=float)
    b = np.full(4, config["bias"])
    layer = Network.dense([10, 4], "quadratic")
    worst, right = np.empty((10, 4)), True
    for digit in range(10):
        corners = np.asarray(list_bits(10), dtype=float) * 0.01
        corners[:, digit] = 0.99
        outputs = layer.outputs([{"w": w, "b": b}], corners)
        expected = np.asarray([digit >> bit & 1 for bit in range(4)])
        right &= bool(((outputs > 0.5) == expected).all())
        worst[digit] = np.where(expected, outputs.min(axis=0), outputs.max(axis=0))
    return ex.Measured(
        {"correct": right, "furthest from 0 or 1": float(np.minimum(worst, 1 - worst).max())},
        {"worst": [ex.round_all(row) for row in worst], "w": w.tolist(), "b": b.tolist()},
    )


@ex.with_panels(2, 1, (6.4, 4.4))
def plot_bits(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """Plot the weights, and for each digit the four outputs in the worst case."""
    run = result.first()
    for axes, values, colours, low, high, what in (
        (left, np.asarray(run.series["w"]).T, "PuOr_r", -12, 12, "weights"),
        (right, np.asarray(run.series["worst"]), "Blues", 0, 1.4, "outputs"),
    ):
        axes.imshow(values.T[::-1], aspect="auto", cmap=colours, vmin=low, vmax=high)
        for (digit, bit), value in np.ndenumerate(values[:, ::-1]):
            axes.text(
                digit, bit, f"{value:g}" if what == "weights" else f"{value:.3f}", ha="center", va="center", fontsize=8
            )
        axes.grid(visible=False)
        axes.set(xticks=range(10), yticks=range(4), yticklabels=["8", "4", "2", "1"])
    bias = f"{run.series['b'][0]:g}".replace("-", "−")
    label_axes(left, "old output neuron of digit", "bit", f"weights of the extra layer; each bias is {bias}")
    label_axes(right, "digit", "bit", "outputs of the extra layer in the worst case")


BITS = (
    ex.Published(
        "the four bits are correct for all ten digits",
        "correct",
        True,
        "chapter 1, exercise on the bitwise representation",
    ),
)

LIMITS = (
    ex.Experiment(
        id="ch1/sigmoid-as-perceptron",
        title="Sigmoid neurons as perceptrons",
        section="Sigmoid neurons",
        shows="If all weights and biases are multiplied by c, perceptrons give the same outputs, and sigmoid neurons "
        "become more similar to perceptrons as c grows. Only a neuron with weighted input 0 keeps the output ½ for "
        "every c.",
        measure=compare_with_perceptrons,
        plot=plot_as_perceptrons,
        settings={"sizes": [4, 6, 1], "c": [0.1, 1e5], "points": 61, "scaled": ["w", "b"]},
        published=LIMIT,
        quick=ex.Quick(expected=LIMIT, defect={"scaled": ["w"]}),
        seeds=5,
    ),
    ex.Experiment(
        id="ch1/bitwise-output",
        title="Four extra neurons turn ten outputs into bits",
        section="A simple network to classify handwritten digits",
        shows="The neuron of each bit has bias −5, and weight 10 from every digit with this bit set. So it fires if "
        "the output of such a digit is above ½. The bits are correct even in the worst case that the exercise allows: "
        "output 0.99 for the digit and 0.01 for all others.",
        measure=check_bits,
        plot=plot_bits,
        settings={"weight": 10.0, "bias": -5.0},
        published=BITS,
        quick=ex.Quick(expected=BITS, defect={"bias": -0.3}),
        seeds=1,
    ),
)
