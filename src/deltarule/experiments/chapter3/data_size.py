"""How much accuracy more training images are worth, to a network and to a support vector machine."""

from __future__ import annotations

from functools import partial

import numpy as np

from deltarule.experiments import api as ex
from deltarule.experiments.chapter1.baselines import machine, pixels
from deltarule.experiments.chapter3.networks import network_of
from deltarule.plotting import COLOURS, label_axes

SECTION = "Other techniques for regularization"
NETWORK = {100: 69.09, 200: 76.37, 500: 85.29, 1000: 88.85, 2000: 91.27, 5000: 93.24, 10000: 94.89, 20000: 95.85,
           50000: 95.97}  # fmt: skip
MACHINE = {100: 25.07, 200: 48.93, 500: 75.13, 1000: 83.87, 2000: 88.49, 5000: 91.46, 10000: 92.45, 20000: 93.47,
           50000: 94.48}  # fmt: skip
"""The published validation accuracies by the number of training images."""


def measure_network(config: ex.Config) -> ex.Measured:
    """Trains for as many epochs as make the same number of steps for every n, with λ in proportion to n."""
    train, validation, _ = ex.load_images(config)
    n = len(train)
    short = config.alone(epochs=max(1, config["examples"] // n), lmbda=config["lmbda_per_image"] * n)
    model = ex.train(short, network_of(config), train)
    return ex.Measured({"accuracy": 100 * model.accuracy(validation), "training": 100 * model.accuracy(train)})


def measure_machine(config: ex.Config) -> ex.Measured:
    """A support vector machine with the settings that were the defaults when the book was written."""
    train, validation, _ = ex.load_images(config)
    return ex.Measured({"accuracy": 100 * machine(train).score(pixels(validation), validation.y)})


@ex.with_panels()
def plot(result: ex.Result, axes: ex.Axes, published: dict[int, float], label: str) -> None:
    """Validation accuracy over the number of training images, ours with every run, and the published one."""
    sizes = [int(variant) for variant in result.variants]
    found = [result.figures("accuracy", variant) for variant in result.variants]
    axes.plot(sizes, [np.mean(values) for values in found], "o-", color=COLOURS[0], ms=4, label=label)
    if len(found[0]) > 1:
        axes.fill_between(sizes, [min(v) for v in found], [max(v) for v in found], color=COLOURS[0], alpha=0.2, lw=0)
    axes.plot(list(published), list(published.values()), "s", color=COLOURS[1], mfc="none", ms=7, label="published")
    axes.set_xscale("log")
    label_axes(axes, "training images", "accuracy on validation images in %")


def _published(values: dict[int, float]) -> tuple[ex.Published, ...]:
    return tuple(
        ex.Published(f"validation accuracy, {n:,} training images", "accuracy", value, f"chapter 3, '{SECTION}'", str(n), "%")
        for n, value in values.items()
    )  # fmt: skip


SIZES = {str(n): {"n_train": n} for n in NETWORK}

DATA_SIZE = (
    ex.Experiment(
        id="ch3/data-size",
        title="More training images, better networks",
        section=SECTION,
        shows="From a hundred to fifty thousand training images the same network goes from 69 to 96 % on validation "
        "images, and in a plot over the logarithm of their number it still rises at the end.",
        measure=measure_network,
        plot=partial(plot, published=NETWORK, label="784-30-10"),
        settings={"hidden": [30], "init": "large", "eta": 0.5, "batch_size": 10, "examples": 1_500_000,
                  "lmbda_per_image": 1e-4},
        variants=SIZES,
        published=_published(NETWORK),
        quick=ex.Quick(
            {"data": "any", "examples": 10_000, "n_validation": 300},
            (
                ex.Published("validation accuracy, 100 images", "accuracy", 25.0, "", "100", "%", "at least"),
                ex.Published("validation accuracy, 1,000 images", "accuracy", 60.0, "", "1000", "%", "at least"),
            ),
            variants=("100", "1000"),
        ),
        minutes=3.5,
        remark="1,500,000 examples are learned from in all, so 15,000 epochs of a hundred; λ is n/10,000.",
    ),
    ex.Experiment(
        id="ch3/data-size-svm",
        title="More training images, better support vector machines",
        section=SECTION,
        shows="The same training images for a support vector machine: it needs more of them than the network to be any "
        "good, and comes near it in the end.",
        measure=measure_machine,
        plot=partial(plot, published=MACHINE, label="SVM"),
        variants=SIZES,
        published=_published(MACHINE),
        quick=ex.Quick(
            {"data": "any", "n_validation": 300},
            (
                ex.Published("validation accuracy, 1,000 images", "accuracy", 65.0, "", "1000", "%", "at least"),
            ),
            variants=("100", "1000"),
        ),
        seeds=1,
        minutes=10.0,
        remark="Settings are those that were scikit-learn's defaults then, today SVC(gamma=\"auto\").",
    ),
)  # fmt: skip
