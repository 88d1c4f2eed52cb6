"""Sigmoid neurons that answer as perceptrons do: σ(c (w·x + b)) becomes a step as c grows; ten outputs become bits."""

from __future__ import annotations

import numpy as np

from deltarule.core.activations import sigmoid
from deltarule.core.network import Network
from deltarule.core.trees import Tree
from deltarule.experiments import api as ex
from deltarule.experiments.chapter1.perceptrons import bits, perceptrons
from deltarule.plotting import COLOURS, label_axes

EXERCISE = "chapter 1, exercise 'Sigmoid neurons simulating perceptrons'"


def scaled(params: Tree, c: float, which: list[str]) -> Tree:
    """The parameters times c, those of them that are named."""
    return [{name: c * leaf if name in which else leaf for name, leaf in layer.items()} for layer in params]


def as_perceptrons(config: ex.Config) -> ex.Measured:
    """A random network of perceptrons, and the same weights in sigmoid neurons, while c grows."""
    sizes, which = config["sizes"], config["scaled"]
    steps, smooth = perceptrons(sizes), Network.dense(sizes, "quadratic", init="large")
    params = smooth.init(config.seed)
    x = np.asarray(bits(sizes[0]), dtype=float)
    low, high = map(float, config["c"])
    cs = np.geomspace(low, high, config["points"])
    decided = steps.outputs(params, x)
    unchanged = all(bool((steps.outputs(scaled(params, float(c), which), x) == decided).all()) for c in cs)
    limits = np.stack([smooth.outputs(scaled(params, float(c), which), x) for c in cs])
    undecided = scaled([{"w": np.asarray([[1.0, 1.0]]), "b": np.asarray([-1.0])}], cs[-1], which)
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
    """The sigmoid network's output for every input, over c: to 0 or 1, wherever the perceptrons go."""
    run = result.first()
    for output, decided in zip(run.series["outputs"], run.series["decided"], strict=True):
        axes.plot(run.series["c"], output, color=COLOURS[0] if decided else COLOURS[1], lw=1.2,
                  linestyle="-" if decided else "--")  # fmt: skip
    axes.axhline(0.5, color=COLOURS[6], linestyle=":", lw=1.5)
    axes.plot([], [], color=COLOURS[0], label="inputs to which the perceptrons say 1")
    axes.plot([], [], color=COLOURS[1], linestyle="--", label="inputs to which they say 0")
    axes.plot([], [], color=COLOURS[6], linestyle=":", label="a neuron with w·x + b = 0")
    axes.set_xscale("log")
    axes.legend(fontsize=9, loc="center right")
    label_axes(axes, "factor c of all weights and biases", "output of the sigmoid neuron", legend=False)


LIMIT = (
    ex.Published("perceptrons answer as before when all is multiplied by c > 0", "unchanged", True, EXERCISE),
    ex.Published("sigmoid neurons answer as perceptrons do in the limit of large c: largest deviation",
              "largest deviation", 1e-6, EXERCISE, relation="at most"),
    ex.Published("where w·x + b = 0 the sigmoid stays at", "at z = 0", 0.5, EXERCISE),
)  # fmt: skip


def to_bits(config: ex.Config) -> ex.Measured:
    """The extra layer, tried on the worst of what the ten outputs may be: right at 0.99, and wrong at 0 or 0.01."""
    w = config["weight"] * np.asarray([[digit >> bit & 1 for digit in range(10)] for bit in range(4)], dtype=float)
    b = np.full(4, config["bias"])
    layer = Network.dense([10, 4], "quadratic")
    worst, right = np.empty((10, 4)), True
    for digit in range(10):
        corners = np.asarray(bits(10), dtype=float) * 0.01
        corners[:, digit] = 0.99
        found = layer.outputs([{"w": w, "b": b}], corners)
        wanted = np.asarray([digit >> bit & 1 for bit in range(4)])
        right &= bool(((found > 0.5) == wanted).all())
        worst[digit] = np.where(wanted, found.min(axis=0), found.max(axis=0))
    return ex.Measured(
        {"correct": right, "furthest from 0 or 1": float(np.minimum(worst, 1 - worst).max())},
        {"worst": [ex.round_all(row) for row in worst], "w": w.tolist(), "b": b.tolist()},
    )


@ex.with_panels(2, 1, (6.4, 4.4))
def plot_bits(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """The weights that were set, and the four outputs at their worst for each digit."""
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
    label_axes(
        left, "from the old output neuron of digit", "to the bit of", f"weights of the extra layer; each bias is {bias}"
    )
    label_axes(right, "digit that was written", "bit of", "its outputs, when the old ones are as bad as they may be")


BITS = (
    ex.Published(
        "the four bits are right for all ten digits",
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
        shows="Multiplying all weights and biases by c changes nothing for perceptrons, and makes sigmoid neurons "
        "ever more like them. "
        "Only a neuron whose weighted input is exactly 0 stays undecided, at ½, however large c becomes.",
        measure=as_perceptrons,
        plot=plot_as_perceptrons,
        settings={"sizes": [4, 6, 1], "c": [0.1, 1e5], "points": 61, "scaled": ["w", "b"]},
        published=LIMIT,
        quick=ex.Quick(expected=LIMIT, defect={"scaled": ["w"]}),
        seeds=5,
    ),
    ex.Experiment(
        id="ch1/bitwise-output",
        title="Four more neurons turn ten outputs into bits",
        section="A simple network to classify handwritten digits",
        shows="The neuron of each bit listens to the digits that have this bit, with weight 10, and needs half of "
        "one of them to fire. "
        "It is right even when the ten outputs are as bad as the exercise allows, 0.99 for the digit and 0.01 for "
        "all others.",
        measure=to_bits,
        plot=plot_bits,
        settings={"weight": 10.0, "bias": -5.0},
        published=BITS,
        quick=ex.Quick(expected=BITS, defect={"bias": -0.3}),
        seeds=1,
    ),
)
