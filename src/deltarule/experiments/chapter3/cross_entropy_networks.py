"""The cross-entropy on handwritten digits, and how its η goes with that of the quadratic cost."""

from __future__ import annotations

from functools import partial

import numpy as np

import deltarule as dr
from deltarule.experiments import api as ex
from deltarule.experiments.chapter3.networks import (
    accuracy_figures,
    measure_accuracy,
    network_of,
    plot_accuracy,
)
from deltarule.plotting import COLOURS, LINES, label_axes, plot_band

SECTION = "Using the cross-entropy to classify MNIST digits"
SOURCE = f"chapter 3, '{SECTION}'"
FEW = {"data": "any", "n_train": 1000, "n_test": 300, "epochs": 8}


def slope(a: np.ndarray) -> float:
    """The mean of σ′(z) = a (1 − a) over outputs."""
    return float(np.mean(a * (1 - a)))


def measure(config: ex.Config) -> ex.Measured:
    """Trains with one cost at one η, and averages σ′ over evenly spread outputs, and over the network's own."""
    train, _, test = ex.load_images(config)
    network = network_of(config)
    some = test.take(slice(1000))

    def own_slope(model: dr.Model) -> float:
        return slope(model.outputs(some.x))

    start = slope(network.outputs(network.init(config.seed), some.shaped((784,)) / some.scale))
    model = ex.train(config, network, train, callbacks=[dr.callbacks.Monitor(test=test, slope=own_slope)])
    accuracy = ex.to_percent(model.history["test_accuracy"])
    spread = (np.arange(10_000) + 0.5) / 10_000
    return ex.Measured(
        {
            **accuracy_figures(accuracy),
            "mean σ′, even outputs": slope(spread),
            "mean σ′ at the start": start,
            "mean σ′ after an epoch": model.history["slope"][0],
        },
        {"accuracy": accuracy},
    )


@ex.with_panels()
def plot(result: ex.Result, axes: ex.Axes) -> None:
    """Test accuracy by epoch for each cost and η."""
    for i, variant in enumerate(result.variants):
        plot_band(axes, result.series("accuracy", variant), label=variant, colour=COLOURS[i], linestyle=LINES[i])
    axes.set_ylim(bottom=max(0, axes.get_ylim()[1] - 16))
    label_axes(axes, "epoch", "accuracy on test images in %")


def _one(hidden: int, best: float) -> ex.Experiment:
    return ex.Experiment(
        id=f"ch3/cross-entropy-{hidden}",
        title=f"The cross-entropy on digits, {hidden} hidden neurons",
        section=SECTION,
        shows="The first chapter's network with the cross-entropy instead of the quadratic cost, all else alike. "
        + {
            30: "It ends about where the quadratic cost does, which had been given the η that suits it.",
            100: "It gains most by what does not happen: no output stays stuck at the wrong answer, as some do with "
            "the quadratic cost.",
        }[hidden],
        measure=measure_accuracy,
        plot=partial(plot_accuracy, on="test", published={"": best}),
        settings={"hidden": [hidden], "init": "large", "on": "test", "eta": 0.5, "epochs": 30, "batch_size": 10},
        published=(ex.Published("best test accuracy", "best", best, SOURCE, unit="%"),),
        quick=ex.Quick(FEW, (ex.Published("best test accuracy", "best", 55.0, unit="%", relation="at least"),)),
        minutes={30: 0.3, 100: 1.0}[hidden],
    )


CROSS_ENTROPY = (
    _one(30, 95.49),
    _one(100, 96.82),
    ex.Experiment(
        id="ch3/eta-over-six",
        title="From the quadratic cost to the cross-entropy: η divided by six",
        section=SECTION,
        shows="The quadratic cost's gradient has a factor σ′ = a(1 − a) that the cross-entropy's has not; its mean is "
        "1/6 if outputs are spread evenly from 0 to 1. So 3.0 for the one is like 0.5 for the other, which "
        "with 3.0 learns no better, and less evenly.",
        measure=measure,
        plot=plot,
        settings={"hidden": [30], "init": "large", "epochs": 30, "batch_size": 10},
        variants={
            "quadratic, η = 3.0": {"cost": "quadratic", "eta": 3.0},
            "cross-entropy, η = 0.5": {"cost": "cross-entropy", "eta": 0.5},
            "cross-entropy, η = 3.0": {"cost": "cross-entropy", "eta": 3.0},
        },
        published=(
            ex.Published("mean of σ′ over evenly spread outputs", "mean σ′, even outputs", 1 / 6, SOURCE,
                      "quadratic, η = 3.0"),
            ex.Published("best test accuracy", "best", 95.42, "chapter 1, the transcript", "quadratic, η = 3.0", "%",
                      best_of=3),
            ex.Published("best test accuracy", "best", 95.49, SOURCE, "cross-entropy, η = 0.5", "%"),
        ),
        quick=ex.Quick(
            FEW,
            (
                ex.Published("quadratic, η = 3.0", "best", 55.0, variant="quadratic, η = 3.0", relation="at least"),
                ex.Published("cross-entropy, η = 0.5", "best", 55.0, variant="cross-entropy, η = 0.5",
                          relation="at least"),
            ),
            variants=("quadratic, η = 3.0", "cross-entropy, η = 0.5"),
        ),
        minutes=0.8,
        remark="Real outputs are not spread evenly: most are near 0 or 1, the more so the better the network is.",
    ),
)  # fmt: skip
