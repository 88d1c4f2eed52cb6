"""The number of parameters with shared weights, compared with separate weights for each pixel (equation (125))."""

from __future__ import annotations

from math import prod
from typing import Any

import deltarule as dr
from deltarule.core.layer import Shape
from deltarule.experiments import api as ex
from deltarule.experiments.chapter6.convolutional import SIGMOID
from deltarule.experiments.chapter6.networks import KERNEL, VARIANTS, build_network
from deltarule.plotting import COLOURS

NETWORKS = {
    "dense 30": {"conv": [], "dense": [30]},
    "dense 100": {"conv": [], "dense": [100]},
    "conv 20, dense 100": {"conv": [20], "dense": [100]},
    "conv 20, conv 40, dense 100": {"conv": [20, 40], "dense": [100]},
    "conv 20, conv 40, dense 1,000": {"conv": [20, 40], "dense": [1000]},
}
KINDS = ("convolutions", "dense layers", "softmax layer")


def count_parameters(layer: dr.Layer, input_shape: Shape) -> int:
    """Count the weights and biases of a layer."""
    from deltarule.core.random import key

    return sum(prod(leaf.shape) for leaf in layer.init(key(1), input_shape).values())


def measure(config: ex.Config) -> ex.Measured:
    """Count the parameters of a convolution and of a dense layer on the same image, and of whole networks."""
    image = (28, 28, 1)
    if config["shared"]:
        convolution = count_parameters(dr.Conv(config["maps"], KERNEL), image)
    else:  # with separate weights for every position
        convolution = (28 - KERNEL + 1) ** 2 * count_parameters(dr.Conv(config["maps"], KERNEL), image)
    dense = count_parameters(dr.Dense(config["neurons"]), (prod(image),))
    return ex.Measured(
        {
            "parameters of a feature map": convolution / config["maps"],
            "convolution": convolution,
            "dense": dense,
            "ratio": dense / convolution,
        },
        {
            "networks": {
                name: _count_by_kind(ex.Config({**SIGMOID, **VARIANTS["corrected"], **s}))
                for name, s in NETWORKS.items()
            }
        },
    )


def _count_by_kind(config: ex.Config) -> list[int]:
    """Count the parameters in the convolutions, in the dense layers, and in the last layer."""
    net = build_network(config)
    counts = [count_parameters(layer, shape) for layer, shape in zip(net.layers, net.shapes[:-1], strict=True)]
    convolutions = sum(n for n, layer in zip(counts, net.layers, strict=True) if isinstance(layer, dr.Conv))
    return [convolutions, sum(counts[:-1]) - convolutions, counts[-1]]


@ex.with_panels(size=(6.4, 3.8))
def plot(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the number of parameters of each network by kind of layer, on a logarithmic scale."""
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
        title="Convolutional layers have few parameters",
        section="Introducing convolutional networks",
        shows="A feature map has 25 weights and one bias, which all positions share: twenty maps have 520 parameters, "
        "while a dense layer of 30 neurons on the same image has 23,550. In whole networks, nearly all parameters are in "
        "the dense layer after the feature maps.",
        measure=measure,
        plot=plot,
        settings={"maps": 20, "neurons": 30, "shared": True},
        published=(
            ex.Published("parameters of a feature map", "parameters of a feature map", 26,
                      "chapter 6, shared weights and biases"),
            ex.Published("parameters of 20 feature maps", "convolution", 520, "chapter 6, shared weights and biases"),
            ex.Published("parameters of a dense layer of 30 neurons", "dense", 23_550,
                      "chapter 6, shared weights and biases"),
            ex.Published("parameters of the dense layer / parameters of the feature maps", "ratio", 40,
                         "chapter 6, shared weights and biases", relation="at least"),
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
