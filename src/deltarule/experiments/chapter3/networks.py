"""The dense networks of chapter 3: building, training, and accuracy by epoch."""

from __future__ import annotations

from collections.abc import Sequence

import deltarule as dr
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, LINES, label_axes, plot_band, plot_published


def build_network(config: ex.Config) -> dr.Network:
    """Build the network [784, hidden …, 10] with the ``cost`` and the initialization ``init`` of the settings."""
    return dr.Network.dense(
        [784, *config["hidden"], 10], config.get("cost", "cross-entropy"), init=config.get("init", "default")
    )


def summarize_accuracy(accuracy: Sequence[float]) -> dict[str, float | bool]:
    """Return the first, the last and the best accuracy, and the epoch of the best, counted from 0."""
    best = max(accuracy)
    return {"first": accuracy[0], "last": accuracy[-1], "best": best, "best epoch": accuracy.index(best)}


def measure_accuracy(config: ex.Config) -> ex.Measured:
    """Train the network, and evaluate it after each epoch on the images named by ``on``: "test" or "validation"."""
    train, validation, test = ex.load_images(config)
    monitored = {"test": test, "validation": validation}[config["on"]]
    model = ex.train(config, build_network(config), train, callbacks=[dr.callbacks.Monitor(monitored=monitored)])
    accuracy = ex.to_percent(model.history["monitored_accuracy"])
    return ex.Measured(summarize_accuracy(accuracy), {"accuracy": accuracy})


@ex.with_panels()
def plot_accuracy(
    result: ex.Result, axes: ex.Axes, on: str, published: dict[str, float], bottom: float | None = None
) -> None:
    """Plot the accuracy by epoch: a band for each variant, and a line for its published value."""
    for i, variant in enumerate(result.variants):
        plot_band(axes, result.series("accuracy", variant), label=variant or f"{on} images",
                  colour=COLOURS[i], linestyle=LINES[i])  # fmt: skip
        if variant in published:
            plot_published(axes, published[variant], f"published: {published[variant]} %", COLOURS[i])
    if bottom is not None:
        ends = [run[-1] for variant in result.variants for run in result.series("accuracy", variant)]
        axes.set_ylim(bottom=min([bottom, *ends]))
    label_axes(axes, "epoch", f"{on} accuracy (%)")
