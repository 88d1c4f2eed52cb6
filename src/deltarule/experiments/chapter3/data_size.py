"""The effect of the size of the training set on a network and on a support vector machine."""

from __future__ import annotations

from functools import partial

import numpy as np

from deltarule.experiments import api as ex
from deltarule.experiments.chapter1.baselines import fit_svm, scale_gamma, to_rows
from deltarule.experiments.chapter3.networks import build_network
from deltarule.plotting import COLOURS, label_axes

SECTION = "Other techniques for regularization"
NETWORK = {100: 69.09, 200: 76.37, 500: 85.29, 1000: 88.85, 2000: 91.27, 5000: 93.24, 10000: 94.89, 20000: 95.85,
           50000: 95.97}  # fmt: skip
MACHINE = {100: 25.07, 200: 48.93, 500: 75.13, 1000: 83.87, 2000: 88.49, 5000: 91.46, 10000: 92.45, 20000: 93.47,
           50000: 94.48}  # fmt: skip
"""The published validation accuracies by the number of training images."""


def measure_network(config: ex.Config) -> ex.Measured:
    """Train with the same number of steps for every n, and with λ proportional to n."""
    train, validation, _ = ex.load_images(config)
    n = len(train)
    short = config.with_settings(epochs=max(1, config["examples"] // n), lmbda=config["lmbda_per_image"] * n)
    model = ex.train(short, build_network(config), train)
    return ex.Measured({"accuracy": 100 * model.accuracy(validation), "training": 100 * model.accuracy(train)})


def measure_machine(config: ex.Config) -> ex.Measured:
    """Train a support vector machine with the defaults of the time when the book was written."""
    train, validation, _ = ex.load_images(config)
    machine = fit_svm(train, gamma=scale_gamma(config))
    return ex.Measured({"accuracy": 100 * machine.score(to_rows(validation), validation.y)})


@ex.with_panels()
def plot(result: ex.Result, axes: ex.Axes, published: dict[int, float], label: str) -> None:
    """Plot the validation accuracy against the number of training images: ours with its range, and the published one."""
    sizes = [int(variant) for variant in result.variants]
    ours = [result.figures("accuracy", variant) for variant in result.variants]
    axes.plot(sizes, [np.mean(values) for values in ours], "o-", color=COLOURS[0], ms=4, label=label)
    if len(ours[0]) > 1:
        axes.fill_between(sizes, [min(v) for v in ours], [max(v) for v in ours], color=COLOURS[0], alpha=0.2, lw=0)
    axes.plot(list(published), list(published.values()), "s", color=COLOURS[1], mfc="none", ms=7, label="published")
    axes.set_xscale("log")
    label_axes(axes, "training images", "validation accuracy (%)")


def _build_rows(values: dict[int, float]) -> tuple[ex.Published, ...]:
    """Build the published rows from accuracies by number of training images."""
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
        shows="From 100 to 50,000 training images, the validation accuracy of the same network rises from 69 to 96 %. "
        "On a logarithmic scale of the number of images, the accuracy is still rising at 50,000 images.",
        measure=measure_network,
        plot=partial(plot, published=NETWORK, label="784-30-10"),
        settings={"hidden": [30], "init": "large", "eta": 0.5, "batch_size": 10, "examples": 1_500_000,
                  "lmbda_per_image": 1e-4},
        variants=SIZES,
        published=_build_rows(NETWORK),
        quick=ex.Quick(
            {"data": "any", "examples": 10_000, "n_validation": 300},
            (
                ex.Published("validation accuracy, 100 images", "accuracy", 25.0, "", "100", "%", "at least"),
                ex.Published("validation accuracy, 1,000 images", "accuracy", 60.0, "", "1000", "%", "at least"),
            ),
            variants=("100", "1000"),
        ),
        minutes=3.5,
        remark="Every network processes 1,500,000 examples in all: with 100 training images that is 15,000 epochs. "
        "λ is n/10,000.",
    ),
    ex.Experiment(
        id="ch3/data-size-svm",
        title="More training images, better support vector machines",
        section=SECTION,
        shows="A support vector machine is trained on the same images. With few images it is much worse than the "
        "network. With all of them its accuracy comes close to that of the network.",
        measure=measure_machine,
        plot=partial(plot, published=MACHINE, label="SVM"),
        settings={"divisor": 256},
        variants=SIZES,
        published=_build_rows(MACHINE),
        quick=ex.Quick(
            {"data": "any", "n_validation": 300},
            (
                ex.Published("validation accuracy, 1,000 images", "accuracy", 65.0, "", "1000", "%", "at least"),
            ),
            variants=("100", "1000"),
        ),
        seeds=1,
        minutes=10.0,
        remark="The settings are the defaults of scikit-learn when the book was written. Today they are "
        "SVC(gamma=\"auto\"). The book's data file divides the pixels by 256 (setting “divisor”); divided by 255, with the "
        "same γ, 1 to 21 more of the 10,000 validation images are classified correctly.",
    ),
)  # fmt: skip
