"""Choices of chapter 1, compared: the learning rate, no hidden layer, and learning from one example at a time."""

from __future__ import annotations

from typing import Any

import numpy as np

import deltarule as dr
from deltarule.engines.base import Examples
from deltarule.experiments import api as ex
from deltarule.experiments.chapter1.first_networks import SECTION, SMALL, measure
from deltarule.plotting import COLOURS, LINES, label_axes, plot_band, plot_published
from deltarule.training.plan import Moment

ETAS = (0.001, 0.01, 0.1, 1.0, 3.0, 10.0, 30.0, 100.0)


@ex.with_panels()
def plot_ladder(result: ex.Result, axes: ex.Axes) -> None:
    """The best and the last test accuracy over η, one point a run."""
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
    """Test accuracy by epoch for each learning rate, and the hidden layer's figure to compare with."""
    for i, variant in enumerate(result.variants):
        plot_band(axes, result.series("test accuracy", variant), label=variant, colour=COLOURS[i], linestyle=LINES[i])
    plot_published(axes, 95.42, "published with 30 hidden neurons: 95.42 %")
    label_axes(axes, "epoch", "test accuracy in %", legend={"loc": "lower right"})


class Sampled(dr.Callback):
    """Reads the test images every so many examples within the first epoch."""

    def __init__(self, test: Any, steps: int) -> None:
        self.test, self.every = test, steps
        self.accuracy: dict[int, float] = {}

    def on_steps(self, moment: Moment) -> None:
        if moment.at.epoch == 0 and moment.at.step % self.every == 0:
            self.accuracy[moment.at.step] = moment.model.accuracy(self.test)


def cosines(network: dr.Network, params: Any, train: Any, size: int, seed: int, draws: int = 40) -> float:
    """The mean cosine between ∇C of a mini-batch and ∇C of all examples given."""
    some = Examples.of(train, network, "float64")
    x, y = some.x / some.scale, some.y

    def gradient(chosen: Any) -> np.ndarray:
        whole = ex.flatten(network.gradients(params, x[chosen], y[chosen]))
        return np.asarray(whole / np.linalg.norm(whole))

    true, rng = gradient(slice(None)), np.random.default_rng(seed)
    return float(np.mean([gradient(rng.choice(len(x), size, replace=False)) @ true for _ in range(draws)]))


def online(config: ex.Config) -> ex.Measured:
    """Learns with mini-batches of 1 and of 20 at the same η: how soon, how smoothly, and how well."""
    train, _, test = ex.load_images(config)
    network = dr.Network.dense([784, *config["hidden"], 10], "quadratic", init="large")
    figures: dict[str, Any] = {}
    series: dict[str, Any] = {}
    for size in config["sizes"]:
        early = Sampled(test.take(slice(2000)), max(1, config["sampled"] // size))
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
        figures[f"cosine, {size}"] = cosines(
            network, network.init(config.seed), train.take(slice(2000)), size, config.seed
        )
    one, many = config["sizes"]
    figures["learns sooner"] = figures[f"epoch 0, {one}"] > figures[f"epoch 0, {many}"]
    figures["goes astray more"] = figures[f"cosine, {one}"] < figures[f"cosine, {many}"]
    return ex.Measured(
        figures, {name: value if name.startswith("early") else ex.round_all(value) for name, value in series.items()}
    )


@ex.with_panels(1, 2, (7.4, 3.6))
def plot_online(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """Test accuracy while the first epoch goes on, and by epoch."""
    for i, size in enumerate(result.first().settings["sizes"]):
        label = "one example at a time" if size == 1 else f"mini-batches of {size}"
        early = result.series(f"early, {size}")
        plot_band(left, [run[1] for run in early], early[0][0], label=label, colour=COLOURS[i], linestyle=LINES[i])
        plot_band(right, result.series(f"test accuracy, {size}"), label=label, colour=COLOURS[i], linestyle=LINES[i])
    label_axes(left, "examples seen", "accuracy on 2,000 test images in %")
    label_axes(right, "epoch", "accuracy on all test images in %", legend=False)


SETTINGS = (
    ex.Experiment(
        id="ch1/eta-ladder",
        title="Climbing the ladder of learning rates",
        section=SECTION,
        shows="Each tenfold rate does better, up to somewhere between 1 and 10; at 30 the network falls far back, "
        "and at 100 it is at chance. That is how a rate is found when nothing is known: raise it while that helps.",
        measure=measure,
        plot=plot_ladder,
        settings={"hidden": [30], "epochs": 30, "batch_size": 10},
        variants={f"η {eta:g}": {"eta": eta} for eta in ETAS},
        published=(
            ex.Published("a rate of 0.01 does better than 0.001 did (21.42 %)", "best", 21.42,
                         f"chapter 1, '{SECTION}'", variant="η 0.01", unit="%", relation="at least"),
            ex.Published("about 1 does nearly as well as 3: best test accuracy at η 1", "best", 90.0,
                         f"chapter 1, '{SECTION}'", variant="η 1", unit="%", relation="at least", criterion=True),
            ex.Published("best test accuracy at η 3", "best", 95.42, f"chapter 1, '{SECTION}'", variant="η 3", unit="%",
                         best_of=3),
            ex.Published("100 is too much: last test accuracy, no better than one answer to all", "last", 11.35,
                         f"chapter 1, '{SECTION}'", variant="η 100", unit="%", relation="at most"),
        ),
        quick=ex.Quick(
            SMALL,
            (
                ex.Published("the best rate learns", "best", 65.0, variant="η 3", unit="%", relation="at least"),
                ex.Published("the smallest hardly does", "best", 40.0, variant="η 0.001", unit="%", relation="at most"),
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
        shows="Ten neurons that see the pixels themselves can read about nine digits in ten. "
        "From the large weights of the book's first program some of them start saturated at the wrong answer, hardly "
        "learn, and their digits are never read; small weights mend that.",
        measure=measure,
        plot=plot_no_hidden,
        settings={"hidden": [], "epochs": 30, "batch_size": 10},
        variants={
            "small weights, η 0.5": {"eta": 0.5, "init": "default"},
            "large weights, η 0.5": {"eta": 0.5, "init": "large"},
            "large weights, η 3": {"eta": 3.0, "init": "large"},
        },
        published=tuple(
            ex.Published(f"a hidden layer is of use: without one, best test accuracy at {variant}", "best", 95.42,
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
        remark="The large weights are those of chapter 1, N(0, 1); the small ones, N(0, 1/784), those of chapter 3.",
    ),
    ex.Experiment(
        id="ch1/online",
        title="One example at a time",
        section="Learning with gradient descent",
        shows="Learning after each example makes twenty times as many steps as with mini-batches of twenty, and is "
        "ahead "
        "at once. The price is that the gradient of one example points less in the direction of the true one.",
        measure=online,
        plot=plot_online,
        settings={"hidden": [30], "eta": 0.3, "epochs": 10, "sizes": [1, 20], "sampled": 1000},
        published=(
            ex.Published("advantage: it has learned more after the first epoch", "learns sooner", True,
                      "chapter 1, 'Learning with gradient descent', exercise"),
            ex.Published("disadvantage: its gradient is further from the true one", "goes astray more", True,
                      "chapter 1, 'Learning with gradient descent', exercise"),
        ),
        quick=ex.Quick(
            {"data": "any", "n_train": 1000, "n_test": 500, "epochs": 2, "sampled": 200},
            (
                ex.Published("it has learned more after the first epoch", "learns sooner", True),
                ex.Published("its gradient is further from the true one", "goes astray more", True),
                ex.Published("it learns", "last, 1", 25.0, unit="%", relation="at least"),
            ),
        ),
        seeds=5,
        minutes=1,
        remark="Both learn with the same η of 0.3: 3, the rate of the first network, is too large for single examples.",
    ),
)  # fmt: skip
