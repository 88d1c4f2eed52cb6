"""Training and evaluation in chapter 6: the test accuracy at the epoch with the best validation accuracy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import deltarule as dr
from deltarule.book.network3_layers import PublishedConvPool, PublishedDropout
from deltarule.data.augmentation import with_shifts
from deltarule.data.order import AsGiven, Shuffled
from deltarule.engines.examples import Examples
from deltarule.experiments import api as ex
from deltarule.experiments.chapter6.networks import build_network
from deltarule.models.metrics import evaluate_outputs
from deltarule.plotting import COLOURS, MARKERS, label_axes, plot_band, plot_published
from deltarule.training.plan import Moment

N_EVALUATED = 10_000
"""The number of training images for the training accuracy: as many as there are validation and test images."""

EVERY = 5
"""The number of epochs between measurements of the training accuracy, which no decision depends on."""

LINES = ("-", (0, (4, 1.5)), (0, (1, 1)), "-.")
"""The line styles of curves."""


class Accuracies(dr.Callback):
    """A callback that records ``name_accuracy`` and ``name_cost`` of data sets every few epochs.

    The engine that trains also evaluates.
    """

    def __init__(self, every_epochs: int = 1, **datasets: dr.Dataset) -> None:
        self.every_epochs, self.datasets = every_epochs, datasets

    def on_start(self, moment: Moment) -> None:
        """Place the data sets on the device of the engine."""
        plan = moment.plan
        self.evaluator = plan.engine.evaluator(plan.network, plan.training.dtype)
        self.examples = {
            name: self.evaluator.place(
                Examples.from_dataset(dataset, plan.network, plan.training.dtype, plan.preprocessing)
            )
            for name, dataset in self.datasets.items()
        }

    def measure(self, moment: Moment) -> Mapping[str, Any]:
        """Evaluate the data sets, if this epoch is due or the last one."""
        plan = moment.plan
        record: dict[str, Any] = {}
        if moment.at.epoch % self.every_epochs and moment.at.epoch + 1 < plan.training.epochs:
            return {}
        params = self.evaluator.params(plan.params_in_use(moment.at))
        for name, dataset in self.datasets.items():
            examples = self.examples[name]
            z = self.evaluator.weighted_inputs(params, examples)
            metrics = evaluate_outputs(plan.network, z, examples.y, dataset, plan.preprocessing)
            record |= {f"{name}_{metric}": value for metric, value in metrics.items()}
        return record


def expand_training_set(train: dr.Dataset, seed: int) -> dr.Dataset:
    """Add four copies of each image, shifted by one pixel, and shuffle once, as the book's program does."""
    return with_shifts(train).take(np.random.default_rng(seed).permutation(5 * len(train)))


def train_network(config: ex.Config, callbacks: Sequence[dr.Callback] = (), **more: Any) -> dr.Model:
    """Train the network of the settings, and record training, validation and test accuracy in its history."""
    train, validation, test = ex.load_images(config)
    monitors = [
        Accuracies(test=test),
        Accuracies(config.get("training_every", EVERY), training=train.take(slice(N_EVALUATED))),
    ]
    return ex.train(
        config,
        build_network(config),
        expand_training_set(train, config.seed) if config.get("expanded") else train,
        validation=validation,
        callbacks=[*monitors, *callbacks],
        custom=[PublishedConvPool, PublishedDropout],
        order=AsGiven() if config["order"] == "as given" else Shuffled(),
        **more,
    )


def measure(config: ex.Config) -> ex.Measured:
    """Train with the settings, and return the figures of :func:`summarize_history`."""
    return summarize_history(train_network(config).history)


def summarize_history(history: dr.History) -> ex.Measured:
    """Return the test accuracy at the best validation accuracy, and other figures and the curves, in per cent.

    Among epochs with the same validation accuracy the last is taken, as in the book's third program.
    """
    validation, test = (ex.to_percent(history[f"{name}_accuracy"]) for name in ("validation", "test"))
    best = max(range(len(validation)), key=lambda epoch: (validation[epoch], epoch))
    points = [
        (record["epoch"], record["training_accuracy"]) for record in history.records if "training_accuracy" in record
    ]
    epochs, training = zip(*points, strict=True)
    return ex.Measured(
        {
            "test": test[best],
            "validation": validation[best],
            "epoch": best,
            "first validation": validation[0],
            "best test": max(test),
            "last test": test[-1],
            "training": ex.to_percent(training)[-1],
        },
        {"validation": validation, "test": test, "training epochs": list(epochs), "training": ex.to_percent(training)},
    )


def add_gap(measured: ex.Measured) -> ex.Measured:
    """Add the difference between the final training and test accuracy, in percentage points."""
    gap = measured.figures["training"] - measured.figures["last test"]
    return ex.Measured({**measured.figures, "gap": gap}, measured.series)


def build_rows(
    value: float, source: str, *, best_of: int = 3, corrected: str = ""
) -> tuple[ex.Published, ex.Published]:
    """Build the published rows of a network: the test accuracy at the best validation accuracy, best of three runs.

    The figure is compared with both variants. If both reproduce it, it does not depend on the corrections; if the
    corrected one does not, ``corrected`` explains it.
    """
    what = "test accuracy in the epoch with the best validation accuracy"
    return (
        ex.Published(what, "test", value, source, "as published", "%", best_of=best_of),
        ex.Published(what, "test", value, source, "corrected", "%", best_of=best_of, explanation=corrected),
    )


def require_accuracy(value: float, variant: str = "as published") -> ex.Published:
    """Build the row for the test accuracy that a miniature must reach."""
    return ex.Published("test accuracy", "test", value, variant=variant, unit="%", relation="at least")


@ex.with_panels()
def plot(result: ex.Result, axes: ex.Axes, value: float) -> None:
    """Plot the test accuracy by epoch for each variant, with the best epoch of each run and the published value."""
    draw_curves(axes, result)
    plot_published(axes, value, f"published: {value:.2f} %")
    zoom_in(axes, [*collect_series(result, "test"), [value]])
    label_axes(axes, "epoch", "test accuracy (%)")


def draw_curves(axes: ex.Axes, result: ex.Result, which: str = "test", figure: str = "test") -> None:
    """Draw a band for each variant, with the mean of ``figure`` in its label and a mark at the best epoch of each run.

    The best epoch is the one with the best validation accuracy.
    """
    from matplotlib.ticker import MaxNLocator

    for i, variant in enumerate(result.variants):
        colour, marker = COLOURS[i % len(COLOURS)], MARKERS[i % len(MARKERS)]
        values = result.figures(figure, variant)
        label = f"{variant}: {sum(values) / len(values):.2f} %"
        plot_band(axes, result.series(which, variant), label=label, colour=colour, linestyle=LINES[i % len(LINES)])
        for run in result.runs_of(variant):
            at = int(run.figures["epoch"])
            axes.plot([at + 1], [run.series[which][at]], marker, color=colour, ms=6, mec="white", mew=0.8)
    axes.plot([], [], "o", color="#888888", ms=5, label="epoch with the best validation accuracy")
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True, steps=[1, 2, 5, 10]))


def zoom_in(axes: ex.Axes, runs: Sequence[Sequence[float]], skipped: int = 10) -> None:
    """Limit the vertical axis to the values after the first 1/``skipped`` of the epochs, so that curves separate."""
    lowest, highest = min(min(run[len(run) // skipped :]) for run in runs), max(map(max, runs))
    room = 0.06 * (highest - lowest) + 0.05
    axes.set_ylim(lowest - room, highest + room)


def collect_series(result: ex.Result, name: str) -> list[list[float]]:
    """Collect a series of all runs of all variants."""
    return [run for variant in result.variants for run in result.series(name, variant)]
