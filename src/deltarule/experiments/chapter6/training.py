"""How chapter 6 measures: the accuracy on the test images at the epoch with the best validation accuracy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import deltarule as dr
from deltarule.book.network3_layers import PublishedDropout
from deltarule.data.augmentation import with_shifts
from deltarule.data.order import AsGiven, Shuffled
from deltarule.engines.base import Examples
from deltarule.experiments import api as ex
from deltarule.experiments.chapter6.networks import network
from deltarule.models.metrics import evaluate_outputs
from deltarule.plotting import COLOURS, MARKERS, label_axes, plot_band, plot_published
from deltarule.training.plan import Moment

SEEN = 10_000
"""How many training images the training accuracy is taken over: as many as there are for validation and test."""

SPARSE = 5
"""Epochs from one training accuracy to the next; it is looked at, not chosen by."""


LINES = ("-", (0, (4, 1.5)), (0, (1, 1)), "-.")
"""What tells curves apart besides their colours."""


class Accuracies(dr.Callback):
    """Records ``name_accuracy`` and ``name_cost`` of data sets, by the program that trains, every so many epochs."""

    def __init__(self, every_epochs: int = 1, **datasets: dr.Dataset) -> None:
        self.every_epochs, self.datasets = every_epochs, datasets

    def on_start(self, moment: Moment) -> None:
        plan = moment.plan
        self.evaluator = plan.engine.evaluator(plan.network, plan.training.dtype)
        self.examples = {
            name: self.evaluator.place(Examples.of(dataset, plan.network, plan.training.dtype))
            for name, dataset in self.datasets.items()
        }

    def measure(self, moment: Moment) -> Mapping[str, Any]:
        plan = moment.plan
        record: dict[str, Any] = {}
        if moment.at.epoch % self.every_epochs and moment.at.epoch + 1 < plan.training.epochs:
            return {}
        params = self.evaluator.params(plan.params_in_use(moment.at))
        for name, dataset in self.datasets.items():
            examples = self.examples[name]
            z = self.evaluator.weighted_inputs(params, examples)
            found = evaluate_outputs(plan.network, z, examples.y, dataset)
            record |= {f"{name}_{what}": value for what, value in found.items()}
        return record


def expanded(train: dr.Dataset, seed: int) -> dr.Dataset:
    """Each image beside its four shifts by one pixel, in random order: shuffled once, as the book's program does."""
    return with_shifts(train).take(np.random.default_rng(seed).permutation(5 * len(train)))


def trained(config: ex.Config, callbacks: Sequence[dr.Callback] = (), **more: Any) -> dr.Model:
    """The network of the settings, trained; its history has what was measured in every epoch."""
    train, validation, test = ex.load_images(config)
    watched = [
        Accuracies(test=test),
        Accuracies(config.get("training_every", SPARSE), training=train.take(slice(SEEN))),
    ]
    return ex.train(
        config,
        network(config),
        expanded(train, config.seed) if config.get("expanded") else train,
        validation=validation,
        callbacks=[*watched, *callbacks],
        custom=[PublishedDropout],
        order=AsGiven() if config["order"] == "as given" else Shuffled(),
        **more,
    )


def measure(config: ex.Config) -> ex.Measured:
    """Trains as the settings say; the figures are those of :func:`chosen`."""
    return chosen(trained(config).history)


def chosen(history: dr.History) -> ex.Measured:
    """The test accuracy where the validation accuracy is best, beside other choices, and the curves, in per cent.

    Of epochs with the same validation accuracy the last is taken, as the book's third program does.
    """
    validation, test = (ex.to_percent(history[f"{name}_accuracy"]) for name in ("validation", "test"))
    best = max(range(len(validation)), key=lambda epoch: (validation[epoch], epoch))
    seen = [
        (record["epoch"], record["training_accuracy"]) for record in history.records if "training_accuracy" in record
    ]
    epochs, training = zip(*seen, strict=True)
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


def with_gap(found: ex.Measured) -> ex.Measured:
    """The same, with how far test accuracy stays behind training accuracy."""
    gap = found.figures["training"] - found.figures["last test"]
    return ex.Measured({**found.figures, "gap": gap}, found.series)


def published(value: float, source: str, *, best_of: int = 3) -> tuple[ex.Published, ex.Published]:
    """The chapter's figure of a network: at the best validation accuracy, the best of three runs.

    It is compared with both variants: that it comes out with the corrected settings as well says that
    it does not hang on what was corrected.
    """
    what = "test accuracy at the best validation accuracy"
    return (
        ex.Published(what, "test", value, source, "as published", "%", best_of=best_of),
        ex.Published(what, "test", value, source, "corrected", "%", best_of=best_of),
    )


def at_least(value: float, variant: str = "as published") -> ex.Published:
    """What a miniature must reach."""
    return ex.Published("test accuracy", "test", value, variant=variant, unit="%", relation="at least")


@ex.with_panels()
def draw(result: ex.Result, axes: ex.Axes, value: float) -> None:
    """Test accuracy by epoch for each variant, a mark at the epoch each run would choose, and what was published."""
    curves(axes, result)
    plot_published(axes, value, f"the book: {value:.2f} %")
    closer(axes, [*every(result, "test"), [value]])
    label_axes(axes, "epoch", "accuracy on the test images in %")


def curves(axes: ex.Axes, result: ex.Result, which: str = "test", figure: str = "test") -> None:
    """A band for each variant, its label with the mean of a figure; a mark at the epoch each run would choose."""
    from matplotlib.ticker import MaxNLocator

    for i, variant in enumerate(result.variants):
        colour, marker = COLOURS[i % len(COLOURS)], MARKERS[i % len(MARKERS)]
        found = result.figures(figure, variant)
        label = f"{variant}: {sum(found) / len(found):.2f} %"
        plot_band(axes, result.series(which, variant), label=label, colour=colour, linestyle=LINES[i % len(LINES)])
        for run in result.runs_of(variant):
            at = int(run.figures["epoch"])
            axes.plot([at], [run.series[which][at]], marker, color=colour, ms=6, mec="white", mew=0.8)
    axes.plot([], [], "o", color="#888888", ms=5, label="at the best validation accuracy")
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True, steps=[1, 2, 5, 10]))


def closer(axes: ex.Axes, runs: Sequence[Sequence[float]], skipped: int = 10) -> None:
    """Begins the axis where the lowest curve is after one of so many parts of its epochs, so that they part."""
    lowest, highest = min(min(run[len(run) // skipped :]) for run in runs), max(map(max, runs))
    room = 0.06 * (highest - lowest) + 0.05
    axes.set_ylim(lowest - room, highest + room)


def every(result: ex.Result, name: str) -> list[list[float]]:
    """A series of all runs of all variants."""
    return [run for variant in result.variants for run in result.series(name, variant)]
