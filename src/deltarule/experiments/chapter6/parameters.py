"""Counting parameters: weights that are shared by all places against weights of each pixel's own (equation (125))."""

from __future__ import annotations

from math import prod
from typing import Any

import deltarule as dr
from deltarule.core.layer import Shape
from deltarule.experiments import api as ex
from deltarule.experiments.chapter6.convolutional import SIGMOID
from deltarule.experiments.chapter6.networks import KERNEL, VARIANTS, network
from deltarule.plotting import COLOURS

NETWORKS = {
    "dense 30": {"conv": [], "dense": [30]},
    "dense 100": {"conv": [], "dense": [100]},
    "conv 20, dense 100": {"conv": [20], "dense": [100]},
    "conv 20, conv 40, dense 100": {"conv": [20, 40], "dense": [100]},
    "conv 20, conv 40, dense 1,000": {"conv": [20, 40], "dense": [1000]},
}
KINDS = ("convolutions", "dense layers", "softmax layer")


def count(layer: dr.Layer, input_shape: Shape) -> int:
    """How many weights and biases a layer has."""
    from deltarule.core.random import key

    return sum(prod(leaf.shape) for leaf in layer.init(key(1), input_shape).values())


def measure(config: ex.Config) -> ex.Measured:
    """Counts the parameters of a convolution and of a dense layer on the same image, and those of whole networks."""
    image = (28, 28, 1)
    if config["shared"]:
        convolution = count(dr.Conv(config["maps"], KERNEL), image)
    else:  # as it would be if every place had weights of its own
        convolution = (28 - KERNEL + 1) ** 2 * count(dr.Conv(config["maps"], KERNEL), image)
    dense = count(dr.Dense(config["neurons"]), (prod(image),))
    return ex.Measured(
        {
            "parameters of a feature map": convolution / config["maps"],
            "convolution": convolution,
            "dense": dense,
            "ratio": dense / convolution,
        },
        {
            "networks": {
                name: _by_kind(ex.Config({**SIGMOID, **VARIANTS["corrected"], **s})) for name, s in NETWORKS.items()
            }
        },
    )


def _by_kind(config: ex.Config) -> list[int]:
    """How many parameters are in convolutions, in dense layers, and in the last one."""
    net = network(config)
    counts = [count(layer, shape) for layer, shape in zip(net.layers, net.shapes[:-1], strict=True)]
    convolved = sum(n for n, layer in zip(counts, net.layers, strict=True) if isinstance(layer, dr.Conv))
    return [convolved, sum(counts[:-1]) - convolved, counts[-1]]


@ex.with_panels(size=(6.4, 3.8))
def plot(result: ex.Result, axes: ex.Axes) -> None:
    """The parameters of each network, by the kind of layer they are in, on a scale of powers of ten."""
    networks = result.first().series["networks"]
    for row, counts in enumerate(networks.values()):
        for i, (kind, n) in enumerate(zip(KINDS, counts, strict=True)):
            y = row + 0.26 * (i - 1)
            if n:
                look: Any = {"color": COLOURS[i], "hatch": ("", "//", "..")[i], "edgecolor": "white", "linewidth": 0}
                axes.barh(y, n, height=0.24, label=kind if row == len(networks) - 1 else None, **look)
                axes.text(n * 1.15, y, f"{n:,}", va="center", fontsize=8)
    axes.set_yticks(range(len(networks)), list(networks))
    axes.invert_yaxis()
    axes.set(xscale="log", xlim=(100, 6e6))
    axes.grid(False, axis="y")
    axes.set_xlabel("parameters (weights and biases)")
    axes.legend(fontsize=9, loc="lower right", bbox_to_anchor=(1, 1), ncols=3, frameon=False)


PARAMETERS = (
    ex.Experiment(
        id="ch6/parameters",
        title="How few parameters convolutions have",
        section="Introducing convolutional networks",
        shows="A feature map has 25 weights and a bias, however many places it looks at: twenty maps have 520 "
        "parameters, a dense layer of 30 neurons on the same image 23,550. In whole networks, nearly all parameters "
        "are in the dense layer that reads the feature maps.",
        measure=measure,
        plot=plot,
        settings={"maps": 20, "neurons": 30, "shared": True},
        published=(
            ex.Published("parameters of a feature map", "parameters of a feature map", 26,
                      "chapter 6, shared weights and biases"),
            ex.Published("parameters of 20 feature maps", "convolution", 520, "chapter 6, shared weights and biases"),
            ex.Published("parameters of a dense layer of 30 neurons", "dense", 23_550,
                      "chapter 6, shared weights and biases"),
            ex.Published("times as many in the dense layer", "ratio", 40, "chapter 6, shared weights and biases",
                      relation="at least"),
        ),
        quick=ex.Quick(
            {},
            (
                ex.Published("parameters of 20 feature maps", "convolution", 520),
                ex.Published("parameters of a dense layer of 30 neurons", "dense", 23_550),
            ),
            {"shared": False},
        ),
        seeds=1,
        minutes=0.01,
    ),
)  # fmt: skip
