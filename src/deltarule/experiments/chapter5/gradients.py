"""The learning speed of each layer: ‖δˡ‖, the norm of ∂C/∂bˡ (BP3) averaged over images, in networks of growing depth."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

import deltarule as dr
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, LINES, label_axes, plot_band

SECTION = "The vanishing gradient problem"
SOURCE = f"chapter 5, '{SECTION}'"
DEPTHS = {f"{n} hidden": {"hidden": [30] * n} for n in (2, 3, 4)}


def build_network(config: ex.Config) -> dr.Network:
    """Build the network [784, 30, …, 30, 10] with the cross-entropy."""
    return dr.Network.dense([784, *config["hidden"], 10], hidden=config["neuron"])


# --- ch5/initial-gradients


def measure_initial(config: ex.Config) -> ex.Measured:
    """Measure ‖δˡ‖ of each hidden layer before training."""
    train, _, _ = ex.load_images(config)
    network = build_network(config)
    x = train.x.reshape(len(train), -1) / train.white
    grads = network.gradients(network.init(config.seed), x, np.asarray(train.targets, dtype=float))
    norms = [float(np.linalg.norm(layer["b"])) for layer in grads if layer][:-1]
    return ex.Measured(
        {f"layer {i}": norm for i, norm in enumerate(norms, 1)}
        | {"slower": all(a < b for a, b in pairwise(norms)), "last over first": norms[-1] / norms[0]},
        {"norms": ex.round_all(norms)},
    )


@ex.with_panels(1, None, (6.4, 3.4), sharey=True)
def plot_initial(result: ex.Result, *panels: ex.Axes) -> None:
    """Plot a panel for each depth: a dot for every seed, a bar for the median, a cross for the published value."""
    for axes, variant in zip(panels, result.variants, strict=True):
        norms = np.asarray(result.series("norms", variant))
        layers = np.arange(1, norms.shape[1] + 1)
        for layer in layers:
            values = norms[:, layer - 1]
            axes.plot(np.full(len(values), layer), values, "o", ms=4, color=COLOURS[0], alpha=0.5, mew=0,
                      label="one run" if layer == 1 else None)  # fmt: skip
        axes.plot(layers, np.median(norms, axis=0), "_", ms=22, mew=2, color=COLOURS[0], label="median")
        axes.plot(layers, PUBLISHED[variant], "x", ms=8, mew=2, color=COLOURS[1], label="published")
        axes.set(yscale="log", xticks=layers, xlim=(0.5, len(layers) + 0.5))
        title = f"{variant} layers"
        label_axes(axes, "hidden layer", "‖δ‖ before training", title, legend=variant == result.variants[0])


PUBLISHED = {
    "2 hidden": (0.07, 0.31),
    "3 hidden": (0.012, 0.060, 0.283),
    "4 hidden": (0.003, 0.017, 0.070, 0.285),
}


# --- ch5/gradients-in-training


def measure_in_training(config: ex.Config) -> ex.Measured:
    """Measure ‖δˡ‖ of each hidden layer after every epoch of gradient descent with all images in one mini-batch."""
    train, _, _ = ex.load_images(config)
    callbacks = [dr.callbacks.GradientNorms(len(train))]
    model = ex.train(config, build_network(config), train, callbacks=callbacks)
    norms = np.asarray(model.history["gradient_norms"])[:, :-1]
    ratio = norms[:, -1] / norms[:, 0]
    every = config["every"]
    return ex.Measured(
        {
            "last over first": float(np.exp(np.log(ratio).mean())),
            "at the end": float(ratio[-1]),
            "slower": bool(np.mean(norms[:, 0] < norms[:, -1]) > 0.9),
            "layer by layer": bool((np.median(norms, axis=0)[1:] > np.median(norms, axis=0)[:-1]).all()),
        },
        {"epoch": list(range(0, len(norms), every)), "norms": [ex.round_all(layer[::every]) for layer in norms.T]},
    )


@ex.with_panels(1, None, (7.0, 3.6), sharey=True)
def plot_in_training(result: ex.Result, *panels: ex.Axes) -> None:
    """Plot a panel for each depth, with a curve and a band over seeds for each hidden layer."""
    for axes, variant in zip(panels, result.variants, strict=True):
        epochs = [epoch + 1 for epoch in result.first(variant).series["epoch"]]
        for layer in range(len(result.first(variant).series["norms"])):
            runs = [run[layer] for run in result.series("norms", variant)]
            plot_band(axes, runs, epochs, label=f"layer {layer + 1}", colour=COLOURS[layer], linestyle=LINES[layer])
        axes.set_yscale("log")
        label_axes(axes, "epoch", "‖δ‖ (speed of learning)", f"{variant} layers", legend=False)
    panels[-1].legend(fontsize=8, loc="upper right")


GRADIENTS = (
    ex.Experiment(
        id="ch5/initial-gradients",
        title="Before training, earlier layers have smaller gradients",
        section=SECTION,
        shows="The gradient of the first hidden layer is several times smaller than that of the second, and so on: each "
        "additional layer reduces it by a factor of about four to five. This holds before the first step, with random "
        "weights.",
        measure=measure_initial,
        plot=plot_initial,
        settings={"n_train": 1000, "neuron": "sigmoid"},
        variants=DEPTHS,
        published=tuple(
            ex.Published(f"‖δ{'¹²³⁴'[layer - 1]}‖ with {variant} layers", f"layer {layer}", value, SOURCE, variant)
            for variant, values in PUBLISHED.items()
            for layer, value in enumerate(values, 1)
        ),
        quick=ex.Quick(
            {"data": "any", "n_train": 500},
            (
                *(ex.Published("each layer has a smaller gradient than the next", "slower", True, variant=name)
                  for name in DEPTHS),
                ex.Published("‖δ⁴‖ / ‖δ¹‖", "last over first", 20, variant="4 hidden", relation="at least"),
            ),
            defect={"neuron": "leaky-relu"},
        ),
        seeds=10,
        remark="The gradients are averaged over the first 1,000 training images. They depend on the random weights; the "
        "book shows one network for each depth.",
    ),
    ex.Experiment(
        id="ch5/gradients-in-training",
        title="Early layers learn more slowly throughout training",
        section=SECTION,
        shows="All gradients fall steeply in the first fifty epochs. With three and four hidden layers the order of the "
        "layers remains: the earlier a layer, the more slowly it learns. With four hidden layers, the first learns "
        "about a hundred times more slowly than the fourth. With two hidden layers, the gradient of the first may come "
        "close to that of the second, or be larger for a while.",
        measure=measure_in_training,
        plot=plot_in_training,
        settings={
            "n_train": 1000,
            "epochs": 500,
            "batch_size": 1000,
            "eta": 0.1,
            "lmbda": 5.0,
            "neuron": "sigmoid",
            "every": 5,
        },
        variants=DEPTHS,
        published=(
            ex.Published(
                "the first of two layers has the smaller gradient in nine of ten epochs",
                "slower",
                True,
                SOURCE,
                "2 hidden",
                explanation="In all runs the gradient of the second layer is at first five times as large as that of the "
                "first, and on average over all epochs 1.2 to 2.5 times as large. Both gradients then fall steeply. "
                "After that they come close, and in two of five runs the first layer has the larger gradient for a "
                "while, by up to 16 %. The book shows a single network.",
            ),
            ex.Published("each of three layers has a smaller gradient than the next", "layer by layer", True, SOURCE,
                         "3 hidden"),
            ex.Published("‖δ⁴‖ / ‖δ¹‖, mean over 500 epochs", "last over first", 100, SOURCE, "4 hidden",
                         relation="about"),
        ),
        quick=ex.Quick(
            {"data": "any", "epochs": 40, "every": 1, "engine": "numpy"},
            (
                ex.Published("the first of two layers has the smaller gradient in nine of ten epochs", "slower", True,
                             variant="2 hidden"),
                ex.Published("‖δ⁴‖ / ‖δ¹‖", "last over first", 10, variant="4 hidden", relation="at least"),
            ),
            defect={"neuron": "leaky-relu"},
        ),
        seeds=5,
        remark="All 1,000 images form one mini-batch, so there are 500 steps. Means of ratios are geometric.",
    ),
)  # fmt: skip
