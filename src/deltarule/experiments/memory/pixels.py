"""MNIST pixel by pixel: one long sequence for each image, in the order of reading or in a fixed random order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from deltarule.callbacks import Monitor
from deltarule.core.optimizers import Adam, ClipNorm
from deltarule.data.dataset import Dataset
from deltarule.experiments import api as ex
from deltarule.experiments.memory.rows import build_network
from deltarule.plotting import COLOURS, LINES, add_legend_below, label_axes, plot_band

SOURCE = "our criterion; a miniature of 14 × 14 pixels, for which nothing is published"

PERMUTATION_SEED = 1
"""The seed of the one random order of pixels; it is the same for all runs and cells."""


def read_pixels(data: Dataset, side: int, order: str) -> Dataset:
    """Turn images of 28 × 28 pixels into sequences of side² steps with one feature, the mean of a square of pixels.

    ``order`` is "read", line by line, or "permuted", a fixed random order.

    >>> images = Dataset(np.arange(784, dtype=np.uint8).reshape(1, 28, 28), np.array([0]), scale=255.0)
    >>> read_pixels(images, 28, "read").x[0, :3, 0].tolist(), read_pixels(images, 14, "read").x.shape
    ([0.0, 1.0, 2.0], (1, 196, 1))
    """
    n, whole = len(data), data.x.shape[1]
    size = whole // side
    squares = data.x.reshape(n, side, size, side, size).mean(axis=(2, 4), dtype=np.float32).reshape(n, -1, 1)
    if order == "permuted":
        squares = squares[:, np.random.default_rng(PERMUTATION_SEED).permutation(side * side)]
    return replace(data, x=squares, style=None)


def measure(config: ex.Config) -> ex.Measured:
    """Train on sequences of pixels, and measure the test accuracy after every epoch."""
    train, _, test = (read_pixels(data, config["side"], config["order"]) for data in ex.load_images(config))
    network = build_network(config["cell"], config["units"], train.x.shape[1:])
    model = ex.train(config, network, train, optimizer=ClipNorm(Adam(), 1.0), callbacks=[Monitor(test=test)])
    accuracy = ex.to_percent(model.history["test_accuracy"])
    return ex.Measured({"last": accuracy[-1], "best": max(accuracy)}, {"test accuracy": accuracy})


@ex.with_panels(size=(6.4, 3.9))
def plot(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the test accuracy by epoch, with a curve and a band over seeds for each cell and order."""
    for i, variant in enumerate(result.variants):
        plot_band(axes, result.series("test accuracy", variant), label=variant, colour=COLOURS[i // 2],
                  linestyle=LINES[i % 2])  # fmt: skip
    axes.locator_params(axis="x", integer=True)
    label_axes(axes, "epoch", "test accuracy (%)", legend=False)
    add_legend_below(axes, columns=4)


CELLS = {"IRNN": {"cell": "IRNN", "units": 100, "eta": 0.0003}, "LSTM": {"cell": "LSTM", "units": 50, "eta": 0.003}}
LEAST = {"IRNN": (80.0, 70.0), "LSTM": (90.0, 80.0)}

PIXELS = ex.Experiment(
    id="memory/pixels",
    title="MNIST pixel by pixel, in miniature",
    section="Memory over many steps",
    shows="A network reads an image as a sequence of single pixels and answers after the last. This is a miniature: "
    "images of 14 × 14 pixels, 196 steps in place of 784. In a fixed random order neighbours are far apart, and the "
    "task is harder.",
    measure=measure,
    plot=plot,
    settings={"side": 14, "epochs": 5, "batch_size": 50},
    variants={
        f"{cell}, {order}": {**settings, "order": order}
        for cell, settings in CELLS.items()
        for order in ("read", "permuted")
    },
    published=tuple(
        ex.Published("test accuracy after 5 epochs", "last", least, SOURCE, f"{cell}, {order}", "%", "at least",
                     criterion=True)
        for cell, both in LEAST.items()
        for order, least in zip(("read", "permuted"), both, strict=True)
    ),
    quick=ex.Quick(
        {"data": "any", "side": 4, "n_train": 1000, "n_test": 300, "epochs": 8, "batch_size": 20, "units": 32,
         "eta": 0.02, "engine": "numpy"},
        (ex.Published("test accuracy", "last", 35.0, "", "LSTM, read", "%", "at least"),),
        variants=("LSTM, read",),
    ),
    seeds=3,
    minutes=10.0,
    remark="A miniature, because a seed of the full problem takes more than our limit of three hours: with 784 "
    "steps, an IRNN of 100 units and mini-batches of 16, an epoch of 50,000 images takes 55 s of processor time "
    "(docs/experiments.md has the program), and such networks train for hundreds of epochs: Keras’s example "
    "mnist_irnn reaches 93 % after 900. `--set side=28` runs it. We could not read the "
    "paper of Le, Jaitly and Hinton (2015) in full, nor that of Arjovsky, Shah and Bengio (2016). For the LSTM of "
    "the latter, later papers cite different figures: 97.3 and 92.6 % (a table of Chang and others, 2019), or 98.2 "
    "and 88.0 %. So no published figure is compared. The permuted order is the same random one for all runs.",
)  # fmt: skip
