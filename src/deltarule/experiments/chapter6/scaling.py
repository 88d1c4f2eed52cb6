"""Scaling of all weights of a network of rectified linear units by c: max(0, cz) = c max(0, z)."""

from __future__ import annotations

from typing import Any

import numpy as np

import deltarule as dr
from deltarule.core.trees import Tree
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, label_axes, plot_band

ROUNDING = 1e-9
"""The tolerance in float64 for results that are mathematically equal, relative to the largest."""


def scale_weights(params: Tree, c: float, biases: str) -> Tree:
    """Multiply all weights by c, and the biases of layer l by 0 ("zero"), 1 ("kept") or cˡ ("powers"), l from 1."""
    factor = {"zero": 0.0, "kept": 1.0, "powers": c}[biases]
    layers = enumerate(filter(None, params), 1)
    remaining = iter([{"w": c * layer["w"], "b": factor**i * layer["b"]} for i, layer in layers])
    return [next(remaining) if layer else {} for layer in params]


def measure(config: ex.Config) -> ex.Measured:
    """Compare the outputs after scaling with c^(L−1) times those before, for several c and three kinds of biases."""
    _, _, test = ex.load_images(config)
    network = dr.Network.dense(
        [784, *config["hidden"], 10], "log-likelihood", hidden=config["activation"], init=dr.initializers.Default()
    )
    x = test.take(slice(config["examples"])).reshape_x((784,)) / test.white
    params = network.init(config.seed)
    power = len(config["hidden"]) + 1  # L − 1, the layers that have weights

    def compute_outputs(c: float, biases: str) -> np.ndarray:
        return np.asarray(network.forward(scale_weights(params, c, biases), x)[0])

    deviation, same, entropies = {}, {}, {}
    for biases in ("zero", "powers", "kept"):
        before = compute_outputs(1.0, biases)
        after = {c: compute_outputs(c, biases) for c in config["factors"]}
        deviation[biases] = [float(np.abs(z - c**power * before).max() / np.abs(z).max()) for c, z in after.items()]
        same[biases] = [float(np.mean(z.argmax(axis=1) == before.argmax(axis=1))) for z in after.values()]
        entropies[biases] = [entropy(network.cost.activation(z)) for z in after.values()]
    return ex.Measured(
        {
            "equal": max(deviation["zero"]) < ROUNDING,
            "deviation": max(deviation["zero"]),
            "same classes": min(same["zero"]) == 1.0,
            "equal with scaled biases": max(deviation["powers"]) < ROUNDING,
            "unequal with biases kept": max(deviation["kept"]) > ROUNDING,
            "softmax hardens": bool(np.all(np.diff(entropies["zero"]) <= 0)),
        },
        {
            "c": list(config["factors"]),
            "entropy": {biases: ex.round_all(values) for biases, values in entropies.items()},
            "same": {biases: ex.round_all([100 * value for value in values]) for biases, values in same.items()},
        },
    )


def entropy(a: np.ndarray) -> float:
    """Compute the mean of −Σ a ln a over the examples, from 0 for certainty to ln 10 for ten equal outputs."""
    return float(np.mean(-np.sum(a * np.log(np.maximum(a, 1e-300)), axis=1)))


@ex.with_panels(1, 2, (6.4, 3.4))
def plot(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """Plot the fraction of images that keep their class, and the entropy of softmax, against c."""
    labels = {"zero": "biases 0", "powers": "biases times cˡ", "kept": "biases unchanged"}
    for i, (biases, label) in enumerate(labels.items()):
        line: Any = {
            "colour": COLOURS[i],
            "linestyle": ("-", (0, (1, 2.5)), (0, (4, 1.5)))[i],
            "linewidth": (1.5, 3, 1.5)[i],
        }
        c = result.first().series["c"]
        plot_band(left, [run[biases] for run in result.series("same")], c, label=label, **line)
        plot_band(right, [run[biases] for run in result.series("entropy")], c, label=label, **line)
    for axes in (left, right):
        axes.set_xscale("log")
    label_axes(left, "factor c of all weights", "images with the same class (%)")
    label_axes(right, "factor c of all weights", "entropy of softmax’s outputs", legend=False)


CLAIM = "chapter 6, the problem on scaling rectified linear units"

SCALING = (
    ex.Experiment(
        id="ch6/relu-scaling",
        title="Scaled weights in a network of rectified linear units",
        section="Convolutional neural networks in practice",
        shows="Multiply all weights by c, with all biases 0. Then the weighted inputs of layer l are multiplied by cˡ. "
        "Every image keeps its class, and softmax becomes more confident as c grows. With biases other than 0, "
        "this holds only if the biases of layer l are multiplied by cˡ.",
        measure=measure,
        plot=plot,
        settings={
            "hidden": [30, 20], "activation": "relu", "examples": 1000,
            "factors": [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0],
        },
        published=(
            ex.Published("biases 0: the outputs are multiplied by c once for each layer", "equal", True, CLAIM, exact=True),
            ex.Published("biases 0: every image keeps its class", "same classes", True, CLAIM, exact=True),
            ex.Published("biases times cˡ: the outputs are multiplied by c once for each layer",
                         "equal with scaled biases", True, CLAIM, exact=True),
            ex.Published("biases unchanged: the outputs are not multiplied by c once for each layer",
                         "unequal with biases kept", True, CLAIM),
            ex.Published("biases 0: softmax becomes more confident as c grows", "softmax hardens", True, CLAIM),
        ),
        quick=ex.Quick(
            {"data": "any", "examples": 100},
            (
                ex.Published("biases 0: the outputs are multiplied by c once for each layer", "equal", True),
                ex.Published("biases 0: softmax becomes more confident as c grows", "softmax hardens", True),
            ),
            {"activation": "sigmoid"},
        ),
        remark="The network has the sizes 784, 30, 20, 10 and untrained weights, since the claim is about all weights.",
        seeds=5,
        minutes=0.05,
    ),
)  # fmt: skip
