"""How fast each layer learns: ‖δˡ‖, the length of ∂C/∂bˡ (BP3) averaged over images, in deeper and deeper networks."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

import deltarule as dr
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, LINES, label_axes, plot_band

SECTION = "The vanishing gradient problem"
SOURCE = f"chapter 5, '{SECTION}'"
DEPTHS = {f"{n} hidden": {"hidden": [30] * n} for n in (2, 3, 4)}


def network_of(config: ex.Config) -> dr.Network:
    """[784, 30, …, 30, 10] with the cross-entropy."""
    return dr.Network.dense([784, *config["hidden"], 10], hidden=config["neuron"])


# --- ch5/initial-gradients


def measure_initial(config: ex.Config) -> ex.Measured:
    """‖δˡ‖ of each hidden layer before any learning."""
    train, _, _ = ex.load_images(config)
    network = network_of(config)
    x = train.x.reshape(len(train), -1) / train.scale
    grads = network.gradients(network.init(config.seed), x, np.asarray(train.targets, dtype=float))
    norms = [float(np.linalg.norm(layer["b"])) for layer in grads if layer][:-1]
    return ex.Measured(
        {f"layer {i}": norm for i, norm in enumerate(norms, 1)}
        | {"slower": all(a < b for a, b in pairwise(norms)), "last over first": norms[-1] / norms[0]},
        {"norms": ex.round_all(norms)},
    )


@ex.with_panels(1, None, (6.4, 3.4), sharey=True)
def plot_initial(result: ex.Result, *panels: ex.Axes) -> None:
    """One panel for each depth: every seed a dot, their median a bar, the published figures crosses."""
    for axes, variant in zip(panels, result.variants, strict=True):
        norms = np.asarray(result.series("norms", variant))
        layers = np.arange(1, norms.shape[1] + 1)
        for layer in layers:
            here = norms[:, layer - 1]
            axes.plot(np.full(len(here), layer), here, "o", ms=4, color=COLOURS[0], alpha=0.5, mew=0,
                      label="one run" if layer == 1 else None)  # fmt: skip
        axes.plot(layers, np.median(norms, axis=0), "_", ms=22, mew=2, color=COLOURS[0], label="median")
        axes.plot(layers, PUBLISHED[variant], "x", ms=8, mew=2, color=COLOURS[1], label="published")
        axes.set(yscale="log", xticks=layers, xlim=(0.5, len(layers) + 0.5))
        label_axes(axes, "hidden layer", "‖δ‖ before learning", variant, legend=variant == result.variants[0])


PUBLISHED = {
    "2 hidden": (0.07, 0.31),
    "3 hidden": (0.012, 0.060, 0.283),
    "4 hidden": (0.003, 0.017, 0.070, 0.285),
}


# --- ch5/gradients-in-training


def measure_in_training(config: ex.Config) -> ex.Measured:
    """‖δˡ‖ of each hidden layer after every epoch of gradient descent on all images at once."""
    train, _, _ = ex.load_images(config)
    callbacks = [dr.callbacks.GradientNorms(len(train))]
    model = ex.train(config, network_of(config), train, callbacks=callbacks)
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
    """One panel for each depth, a curve with the seeds' band for each hidden layer."""
    for axes, variant in zip(panels, result.variants, strict=True):
        epochs = result.first(variant).series["epoch"]
        for layer in range(len(result.first(variant).series["norms"])):
            runs = [run[layer] for run in result.series("norms", variant)]
            plot_band(axes, runs, epochs, label=f"layer {layer + 1}", colour=COLOURS[layer], linestyle=LINES[layer])
        axes.set_yscale("log")
        label_axes(axes, "epoch", "‖δ‖, how fast it learns", variant, legend=False)
    panels[-1].legend(fontsize=8, loc="upper right")


GRADIENTS = (
    ex.Experiment(
        id="ch5/initial-gradients",
        title="Before learning, early layers have the smaller gradients",
        section=SECTION,
        shows="The gradient of the first hidden layer is several times smaller than that of the second, and so on: "
        "each further layer costs about a factor of four to five. All this is there before the first step, with "
        "random weights.",
        measure=measure_initial,
        plot=plot_initial,
        settings={"n_train": 1000, "neuron": "sigmoid"},
        variants=DEPTHS,
        published=tuple(
            ex.Published(f"‖δ{layer}‖ with {variant[0]} hidden layers", f"layer {layer}", value, SOURCE, variant)
            for variant, values in PUBLISHED.items()
            for layer, value in enumerate(values, 1)
        ),
        quick=ex.Quick(
            {"data": "any", "n_train": 500},
            (
                *(ex.Published("each layer slower than the next", "slower", True, variant=name) for name in DEPTHS),
                ex.Published(
                    "the fourth over the first", "last over first", 20, variant="4 hidden", relation="at least"
                ),
            ),
            defect={"neuron": "leaky-relu"},
        ),
        seeds=10,
        remark="Averaged over the first 1,000 training images. The numbers depend on the random weights; the book's "
        "are of one network each.",
    ),
    ex.Experiment(
        id="ch5/gradients-in-training",
        title="Early layers learn slowly all through training",
        section=SECTION,
        shows="All gradients fall steeply in the first fifty epochs, and the order of the layers remains: the earlier "
        "a layer, the more slowly it learns. With four hidden layers the first is about a hundred times slower than "
        "the fourth; with two it may come near the second.",
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
                "the first of two is slower than the second in nine of ten epochs",
                "slower",
                True,
                SOURCE,
                "2 hidden",
                explanation="In all runs the second layer starts five times as fast as the first, and over all epochs "
                "it is 1.2 to 2.5 times as fast in the mean. But after the steep fall the two come close, and in two "
                "of five runs the first is for a while the faster one, by up to 16 %. The book shows a single network.",
            ),
            ex.Published("each of three layers slower than the next", "layer by layer", True, SOURCE, "3 hidden"),
            ex.Published(
                "‖δ⁴‖ over ‖δ¹‖, mean of 500 epochs", "last over first", 100, SOURCE, "4 hidden", relation="about"
            ),
        ),
        quick=ex.Quick(
            {"data": "any", "epochs": 40, "every": 1, "engine": "numpy"},
            (
                ex.Published("the first of two is slower", "slower", True, variant="2 hidden"),
                ex.Published(
                    "the first of four is slower, by", "last over first", 10, variant="4 hidden", relation="at least"
                ),
            ),
            defect={"neuron": "leaky-relu"},
        ),
        seeds=5,
        remark="All 1,000 images in one mini-batch, so 500 steps. Means of ratios are geometric.",
    ),
)
