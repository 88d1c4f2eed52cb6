"""A network of the chapter trained as its settings say, with what the book watches while it learns."""

from __future__ import annotations

from collections.abc import Sequence

import deltarule as dr
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, LINES, label_axes, plot_band, plot_published


def network_of(config: ex.Config) -> dr.Network:
    """[784, hidden …, 10] with the ``cost`` and first weights (``init``) of the settings."""
    return dr.Network.dense(
        [784, *config["hidden"], 10], config.get("cost", "cross-entropy"), init=config.get("init", "default")
    )


def accuracy_figures(accuracy: Sequence[float]) -> dict[str, float | bool]:
    """What is said of an accuracy by epoch: the first, the last, the best and when that was."""
    best = max(accuracy)
    return {"first": accuracy[0], "last": accuracy[-1], "best": best, "best epoch": accuracy.index(best)}


def measure_accuracy(config: ex.Config) -> ex.Measured:
    """Trains the network, and reads the images of the setting ``on``, "test" or "validation", after each epoch."""
    train, validation, test = ex.load_images(config)
    read = {"test": test, "validation": validation}[config["on"]]
    model = ex.train(config, network_of(config), train, callbacks=[dr.callbacks.Monitor(read=read)])
    accuracy = ex.to_percent(model.history["read_accuracy"])
    return ex.Measured(accuracy_figures(accuracy), {"accuracy": accuracy})


@ex.with_panels()
def plot_accuracy(
    result: ex.Result, axes: ex.Axes, on: str, published: dict[str, float], bottom: float | None = None
) -> None:
    """Accuracy by epoch, a band for each variant, with each variant's published best."""
    for i, variant in enumerate(result.variants):
        plot_band(axes, result.series("accuracy", variant), label=variant or f"{on} images",
                  colour=COLOURS[i], linestyle=LINES[i])  # fmt: skip
        if variant in published:
            plot_published(axes, published[variant], f"published: {published[variant]} %", COLOURS[i])
    if bottom is not None:
        ends = [run[-1] for variant in result.variants for run in result.series("accuracy", variant)]
        axes.set_ylim(bottom=min([bottom, *ends]))
    label_axes(axes, "epoch", f"accuracy on {on} images in %")
