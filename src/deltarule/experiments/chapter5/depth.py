"""One to four hidden layers, trained with the methods so far: deeper networks are not better."""

from __future__ import annotations

import numpy as np

from deltarule.core.network import Network
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, label_axes

SECTION = "The vanishing gradient problem"
FIGURES = {"1 hidden": 96.48, "2 hidden": 96.90, "3 hidden": 96.57, "4 hidden": 96.53}


def measure(config: ex.Config) -> ex.Measured:
    """Train the network [784, 30, …, 30, 10], and measure the validation accuracy after every epoch."""
    train, validation, _ = ex.load_images(config)
    network = Network.dense([784, *config["hidden"], 10])
    model = ex.train(config, network, train, validation=validation)
    accuracy = ex.to_percent(model.history["validation_accuracy"])
    return ex.Measured({"last": accuracy[-1], "best": max(accuracy)}, {"validation accuracy": accuracy})


@ex.with_panels(size=(6.4, 3.8))
def plot(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the accuracy after the last epoch against the number of hidden layers, with a dot for each run."""
    names = result.variants
    at = np.arange(1, len(names) + 1)
    for i, name in zip(at, names, strict=True):
        runs = result.figures("last", name)
        axes.plot(np.full(len(runs), i), runs, "o", ms=5, color=COLOURS[0], alpha=0.45, mew=0,
                  label="one run" if i == 1 else None)  # fmt: skip
    axes.plot(at, [np.mean(result.figures("last", name)) for name in names], "-", marker="_", ms=24, mew=2,
              color=COLOURS[0], linewidth=0.8, label="mean")  # fmt: skip
    axes.plot(at, [FIGURES[name] for name in names], "x", ms=8, mew=2, color=COLOURS[1], label="published")
    axes.set(
        xticks=at,
        xticklabels=[str(len(result.first(name).settings["hidden"])) for name in names],
        xlim=(0.5, len(names) + 0.5),
    )
    label_axes(
        axes,
        "hidden layers of 30 neurons",
        "final validation accuracy (%)",
        legend={"loc": "lower left"},
    )


DEPTH = (
    ex.Experiment(
        id="ch5/depth",
        title="One to four hidden layers",
        section=SECTION,
        shows="A second hidden layer raises the accuracy a little, but a third and a fourth do not. A deeper network "
        "could compute at least the same functions, so deeper networks do not learn all that they could.",
        measure=measure,
        plot=plot,
        settings={"eta": 0.1, "lmbda": 5.0, "epochs": 30, "batch_size": 10},
        variants={name: {"hidden": [30] * int(name[0])} for name in FIGURES},
        published=tuple(
            ex.Published(
                f"final validation accuracy with {name} layer{'s' if name[0] != '1' else ''}",
                "last",
                value,
                f"chapter 5, '{SECTION}'",
                name,
                unit="%",
            )
            for name, value in FIGURES.items()
        ),
        quick=ex.Quick(
            {
                "data": "any",
                "n_train": 1000,
                "n_validation": 500,
                "epochs": 10,
                "eta": 0.5,
                "lmbda": 0.1,
                "engine": "numpy",
            },
            (
                ex.Published(
                    "best validation accuracy", "best", 70.0, variant="1 hidden", unit="%", relation="at least"
                ),
            ),
            variants=("1 hidden", "4 hidden"),
        ),
        seeds=5,
        minutes=2,
        remark="The accuracies are those after the last of 30 epochs, as in the book's transcripts.",
    ),
)
