"""The cross-entropy on handwritten digits, and the relation of its η to the η of the quadratic cost."""

from __future__ import annotations

from functools import partial

import numpy as np

import deltarule as dr
from deltarule.experiments import api as ex
from deltarule.experiments.chapter3.networks import (
    build_network,
    measure_accuracy,
    plot_accuracy,
    summarize_accuracy,
)
from deltarule.plotting import COLOURS, LINES, label_axes, plot_band

SECTION = "Using the cross-entropy to classify MNIST digits"
SOURCE = f"chapter 3, '{SECTION}'"
FEW = {"data": "any", "n_train": 1000, "n_test": 300, "epochs": 8}


def mean_slope(a: np.ndarray) -> float:
    """Compute the mean of σ′(z) = a (1 − a) over outputs."""
    return float(np.mean(a * (1 - a)))


def measure(config: ex.Config) -> ex.Measured:
    """Train with one cost at one η, and average σ′ over evenly spread outputs and over the outputs of the network."""
    train, _, test = ex.load_images(config)
    network = build_network(config)
    sample = test.take(slice(1000))

    def measure_slope(model: dr.Model) -> float:
        return mean_slope(model.outputs(sample.x))

    start = mean_slope(network.outputs(network.init(config.seed), sample.reshape_x((784,)) / sample.white))
    model = ex.train(config, network, train, callbacks=[dr.callbacks.Monitor(test=test, slope=measure_slope)])
    accuracy = ex.to_percent(model.history["test_accuracy"])
    even_outputs = (np.arange(10_000) + 0.5) / 10_000
    return ex.Measured(
        {
            **summarize_accuracy(accuracy),
            "mean σ′, even outputs": mean_slope(even_outputs),
            "mean σ′ at the start": start,
            "mean σ′ after an epoch": model.history["slope"][0],
        },
        {"accuracy": accuracy},
    )


@ex.with_panels()
def plot(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the test accuracy by epoch for each cost and η."""
    for i, variant in enumerate(result.variants):
        plot_band(axes, result.series("accuracy", variant), label=variant, colour=COLOURS[i], linestyle=LINES[i])
    axes.set_ylim(bottom=max(0, axes.get_ylim()[1] - 16))
    label_axes(axes, "epoch", "test accuracy (%)")


def _build(hidden: int, best: float) -> ex.Experiment:
    """Build the experiment with this many hidden neurons and the published ``best`` test accuracy."""
    return ex.Experiment(
        id=f"ch3/cross-entropy-{hidden}",
        title=f"The cross-entropy on digits, {hidden} hidden neurons",
        section=SECTION,
        shows="The network of chapter 1 is trained with the cross-entropy in place of the quadratic cost, and with η = "
        "0.5 in place of 3.0. "
        + {
            30: "It ends with about the same accuracy as with the quadratic cost.",
            100: "The main advantage is that no output neuron stays stuck at a wrong answer. With the quadratic cost "
            "some do.",
        }[hidden],
        measure=measure_accuracy,
        plot=partial(plot_accuracy, on="test", published={"": best}),
        settings={"hidden": [hidden], "init": "large", "on": "test", "eta": 0.5, "epochs": 30, "batch_size": 10},
        published=(ex.Published("best test accuracy", "best", best, SOURCE, unit="%"),),
        quick=ex.Quick(FEW, (ex.Published("best test accuracy", "best", 55.0, unit="%", relation="at least"),)),
        minutes={30: 0.3, 100: 1.0}[hidden],
    )


CROSS_ENTROPY = (
    _build(30, 95.49),
    _build(100, 96.82),
    ex.Experiment(
        id="ch3/eta-over-six",
        title="From the quadratic cost to the cross-entropy: divide η by six",
        section=SECTION,
        shows="The gradient of the quadratic cost has a factor σ′ = a(1 − a), which the gradient of the cross-entropy "
        "lacks. Its mean is 1/6 if outputs are spread evenly from 0 to 1, so η = 3.0 with the quadratic cost "
        "corresponds to η = 0.5 with the cross-entropy. With η = 3.0 the cross-entropy learns no better, and its "
        "accuracy varies more.",
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
                      "quadratic, η = 3.0", exact=True),
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
        remark="Real outputs are not spread evenly. Most are near 0 or 1, and the better the network is, the more "
        "outputs are near 0 or 1.",
    ),
)  # fmt: skip
