"""Comparisons of settings: learning rates, a network without a hidden layer, and mini-batches of one example."""

from __future__ import annotations

from typing import Any

import numpy as np

import deltarule as dr
from deltarule.engines.examples import Examples
from deltarule.experiments import api as ex
from deltarule.experiments.chapter1.first_networks import SECTION, SMALL, measure
from deltarule.plotting import COLOURS, LINES, label_axes, plot_band, plot_published
from deltarule.training.plan import Moment

ETAS = (0.001, 0.01, 0.1, 1.0, 3.0, 10.0, 30.0, 100.0)


@ex.with_panels()
def plot_ladder(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the best and the last test accuracy of each run against η."""
    etas = [result.first(variant).settings["eta"] for variant in result.variants]
    for figure_, colour, marker in (("best", COLOURS[0], "o"), ("last", COLOURS[1], "x")):
        values = [result.figures(figure_, variant) for variant in result.variants]
        axes.plot(
            etas,
            [float(np.mean(v)) for v in values],
            color=colour,
            lw=1.2,
            linestyle="-" if figure_ == "best" else "--",
        )
        for i, (eta, found) in enumerate(zip(etas, values, strict=True)):
            axes.plot(
                [eta] * len(found),
                found,
                marker,
                color=colour,
                ms=4.5,
                mfc="none",
                label=f"{figure_} epoch" if i == 0 else None,
            )
    plot_published(axes, 95.42, "published at η = 3: 95.42 %")
    axes.axhline(10, color="#555555", linestyle=":", lw=1, label="chance")
    axes.set(xscale="log", ylim=(0, 100))
    label_axes(axes, "learning rate η", "test accuracy in %", legend={"loc": "lower center"})


@ex.with_panels()
def plot_no_hidden(result: ex.Result, axes: ex.Axes) -> None:
    """Plot test accuracy against the epoch, with the published accuracy of the network with a hidden layer."""
    for i, variant in enumerate(result.variants):
        plot_band(axes, result.series("test accuracy", variant), label=variant, colour=COLOURS[i], linestyle=LINES[i])
    plot_published(axes, 95.42, "published with 30 hidden neurons: 95.42 %")
    label_axes(axes, "epoch", "test accuracy in %", legend={"loc": "lower right"})


class EarlyMonitor(dr.Callback):
    """Measurement of the test accuracy after every ``steps`` steps of the first epoch."""

    def __init__(self, test: Any, steps: int) -> None:
        self.test, self.every = test, steps
        self.accuracy: dict[int, float] = {}

    def on_steps(self, moment: Moment) -> None:
        if moment.at.epoch == 0 and moment.at.step % self.every == 0:
            self.accuracy[moment.at.step] = moment.model.accuracy(self.test)


def compute_mean_cosine(network: dr.Network, params: Any, train: Any, size: int, seed: int, draws: int = 40) -> float:
    """Compute the mean cosine of the angle between ∇C of a mini-batch and ∇C of all examples in ``train``."""
    some = Examples.from_dataset(train, network, "float64")
    x, y = some.x / some.scale, some.y

    def direction(rows: Any) -> np.ndarray:
        gradient = ex.flatten(network.gradients(params, x[rows], y[rows]))
        return np.asarray(gradient / np.linalg.norm(gradient))

    true, rng = direction(slice(None)), np.random.default_rng(seed)
    return float(np.mean([direction(rng.choice(len(x), size, replace=False)) @ true for _ in range(draws)]))


def measure_online(config: ex.Config) -> ex.Measured:
    """Train with mini-batches of 1 and of 20 at the same η, and compare accuracies and gradients."""
    train, _, test = ex.load_images(config)
    network = dr.Network.dense([784, *config["hidden"], 10], "quadratic", init="large")
    figures: dict[str, Any] = {}
    series: dict[str, Any] = {}
    for size in config["sizes"]:
        early = EarlyMonitor(test.take(slice(2000)), max(1, config["sampled"] // size))
        model = ex.train(
            config.with_settings(batch_size=size), network, train, callbacks=[dr.callbacks.Monitor(test=test), early]
        )
        accuracy = ex.to_percent(model.history["test_accuracy"])
        series[f"test accuracy, {size}"] = accuracy
        series[f"early, {size}"] = [
            [step * size for step in early.accuracy],
            ex.to_percent(list(early.accuracy.values())),
        ]
        figures |= {f"epoch 0, {size}": accuracy[0], f"last, {size}": accuracy[-1]}
        jumps = np.abs(np.diff(accuracy))[(len(accuracy) - 1) // 2 :]
        figures[f"jump from epoch to epoch, {size}"] = float(np.mean(jumps))
        figures[f"cosine, {size}"] = compute_mean_cosine(
            network, network.init(config.seed), train.take(slice(2000)), size, config.seed
        )
    one, many = config["sizes"]
    figures["learns sooner"] = figures[f"epoch 0, {one}"] > figures[f"epoch 0, {many}"]
    figures["gradient is less accurate"] = figures[f"cosine, {one}"] < figures[f"cosine, {many}"]
    return ex.Measured(
        figures, {name: value if name.startswith("early") else ex.round_all(value) for name, value in series.items()}
    )


@ex.with_panels(1, 2, (7.4, 3.6))
def plot_online(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """Plot test accuracy within the first epoch, and against the epoch."""
    for i, size in enumerate(result.first().settings["sizes"]):
        label = "mini-batches of 1" if size == 1 else f"mini-batches of {size}"
        early = result.series(f"early, {size}")
        plot_band(left, [run[1] for run in early], early[0][0], label=label, colour=COLOURS[i], linestyle=LINES[i])
        plot_band(right, result.series(f"test accuracy, {size}"), label=label, colour=COLOURS[i], linestyle=LINES[i])
    label_axes(left, "training examples", "accuracy on 2,000 test images in %")
    label_axes(right, "epoch", "accuracy on all test images in %", legend=False)


SETTINGS = (
    ex.Experiment(
        id="ch1/eta-ladder",
        title="A search for the learning rate",
        section=SECTION,
        shows="Accuracy improves with each tenfold increase of the learning rate, up to a rate between 1 and 10. At a "
        "rate of 30 the accuracy is far lower, and at 100 it is that of chance. So a good rate can be found by raising "
        "it as long as the accuracy improves.",
        measure=measure,
        plot=plot_ladder,
        settings={"hidden": [30], "epochs": 30, "batch_size": 10},
        variants={f"η {eta:g}": {"eta": eta} for eta in ETAS},
        published=(
            ex.Published("η 0.01 reaches a higher test accuracy than η 0.001 (21.42 %)", "best", 21.42,
                         f"chapter 1, '{SECTION}'", variant="η 0.01", unit="%", relation="at least"),
            ex.Published("η 1 is nearly as good as η 3: best test accuracy at η 1", "best", 90.0,
                         f"chapter 1, '{SECTION}'", variant="η 1", unit="%", relation="at least", criterion=True),
            ex.Published("best test accuracy at η 3", "best", 95.42, f"chapter 1, '{SECTION}'", variant="η 3", unit="%",
                         best_of=3),
            ex.Published("η 100 is too large: last test accuracy, no better than a constant answer", "last", 11.35,
                         f"chapter 1, '{SECTION}'", variant="η 100", unit="%", relation="at most"),
        ),
        quick=ex.Quick(
            SMALL,
            (
                ex.Published("the best learning rate works", "best", 65.0, variant="η 3", unit="%", relation="at least"),
                ex.Published("the smallest learning rate hardly works", "best", 40.0, variant="η 0.001", unit="%", relation="at most"),
            ),
            variants=("η 0.001", "η 3"),
        ),
        seeds=3,
        minutes=3,
    ),
    ex.Experiment(
        id="ch1/no-hidden",
        title="No hidden layer",
        section=SECTION,
        shows="Ten output neurons that are connected directly to the pixels classify about nine digits in ten. With the "
        "large initial weights of the book's first program, some of them start saturated and hardly learn, so their "
        "digits are never recognized. Small initial weights solve this problem.",
        measure=measure,
        plot=plot_no_hidden,
        settings={"hidden": [], "epochs": 30, "batch_size": 10},
        variants={
            "small weights, η 0.5": {"eta": 0.5, "init": "default"},
            "large weights, η 0.5": {"eta": 0.5, "init": "large"},
            "large weights, η 3": {"eta": 3.0, "init": "large"},
        },
        published=tuple(
            ex.Published(f"a hidden layer helps: best test accuracy without one, {variant}", "best", 95.42,
                      f"chapter 1, '{SECTION}', exercise", variant=variant, unit="%", relation="at most", best_of=3,
                      criterion=True)
            for variant in ("small weights, η 0.5", "large weights, η 0.5", "large weights, η 3")
        ),
        quick=ex.Quick(
            SMALL,
            (ex.Published("it learns", "best", 50.0, variant="small weights, η 0.5", unit="%", relation="at least"),),
            variants=("small weights, η 0.5",),
        ),
        seeds=5,
        minutes=1,
        remark="The large initial weights are those of chapter 1, N(0, 1); the small ones those of chapter 3, "
        "N(0, 1/784).",
    ),
    ex.Experiment(
        id="ch1/online",
        title="Online learning: mini-batches of one example",
        section="Learning with gradient descent",
        shows="With an update after each example, there are twenty times as many steps as with mini-batches of twenty, "
        "and the network learns faster at first. The disadvantage is that the gradient of one example is a worse "
        "estimate of the true gradient.",
        measure=measure_online,
        plot=plot_online,
        settings={"hidden": [30], "eta": 0.3, "epochs": 10, "sizes": [1, 20], "sampled": 1000},
        published=(
            ex.Published("advantage: higher test accuracy after the first epoch", "learns sooner", True,
                      "chapter 1, 'Learning with gradient descent', exercise", beats=("epoch 0, 1", "epoch 0, 20")),
            ex.Published("disadvantage: the gradient of one example is further from the true gradient",
                         "gradient is less accurate", True,
                      "chapter 1, 'Learning with gradient descent', exercise", beats=("cosine, 20", "cosine, 1")),
        ),
        quick=ex.Quick(
            {"data": "any", "n_train": 1000, "n_test": 500, "epochs": 2, "sampled": 200},
            (
                ex.Published("higher test accuracy after the first epoch", "learns sooner", True),
                ex.Published("its gradient is further from the true gradient", "gradient is less accurate", True),
                ex.Published("it learns", "last, 1", 25.0, unit="%", relation="at least"),
            ),
        ),
        seeds=5,
        minutes=1,
        remark="Both mini-batch sizes use η = 0.3, because the η = 3 of the first network is too large for single "
        "examples.",
    ),
)  # fmt: skip
