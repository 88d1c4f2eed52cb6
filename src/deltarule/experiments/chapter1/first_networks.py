"""The first networks that read digits: quadratic cost, plain stochastic gradient descent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deltarule.core.network import Network
from deltarule.experiments.drawing import band, figure, named, published_line
from deltarule.experiments.experiment import Config, Experiment, Measured, Published, Quick
from deltarule.experiments.images import images
from deltarule.experiments.learning import learned, percent
from deltarule.training.callbacks import Monitor

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from deltarule.experiments.result import Result

SECTION = "Implementing our network to classify digits"


def measure(config: Config) -> Measured:
    """Trains [784, hidden …, 10], and reads the test images after every epoch."""
    train, _, test = images(config)
    network = Network.dense([784, *config["hidden"], 10], "quadratic", init="large")
    model = learned(config, network, train, callbacks=[Monitor(test=test)])
    accuracy = percent(model.history["test_accuracy"])
    return Measured(
        {
            "first": accuracy[0],
            "last": accuracy[-1],
            "best": max(accuracy),
            "best epoch": accuracy.index(max(accuracy)),
        },
        {"test accuracy": accuracy},
    )


def plot(result: Result) -> Figure:
    """Test accuracy by epoch, with the seeds' band and the published best."""
    drawn, axes = figure()
    band(axes, result.series("test accuracy"), label="test images")
    published_line(axes, 95.42, "published, best of three: 95.42 %")
    named(axes, "epoch", "accuracy in %")
    return drawn


FIRST_NETWORKS = (
    Experiment(
        id="ch1/first-network",
        title="The first network reads digits",
        section=SECTION,
        shows="Thirty hidden neurons and plain stochastic gradient descent learn to read about 95 of 100 digits. "
        "Most of it is learned in the first pass over the training images.",
        measure=measure,
        plot=plot,
        settings={"hidden": [30], "eta": 3.0, "epochs": 30, "batch_size": 10},
        published=(
            Published("test accuracy after epoch 0", "first", 91.29, "chapter 1, the transcript", unit="%", best_of=3),
            Published("best test accuracy", "best", 95.42, "chapter 1, the transcript", unit="%", best_of=3),
        ),
        quick=Quick(
            {"data": "any", "epochs": 10, "n_train": 2000, "n_test": 1000},
            (Published("best test accuracy", "best", 70.0, unit="%", relation="at least"),),
        ),
        minutes=0.2,
    ),
)
