"""A strategy for a new problem: quick experiments on a smaller problem, until accuracy is better than chance."""

from __future__ import annotations

from dataclasses import replace
from time import process_time

import numpy as np

import deltarule as dr
from deltarule.experiments import api as ex
from deltarule.experiments.chapter3.networks import build_network
from deltarule.plotting import COLOURS, label_axes

SECTION = "How to choose a neural network's hyper-parameters?"
SOURCE = f"chapter 3, '{SECTION}'"


def measure_steps(config: ex.Config) -> ex.Measured:
    """Train with the settings of one attempt, and measure validation accuracy after each of the first epochs."""
    train, validation, _ = ex.load_images(config)
    model = ex.train(
        config,
        build_network(config),
        train,
        validation=validation,
        dtype="float64",  # as in the book; weights that grow by a factor of 9 at each step overflow sooner in float32
        stop_if_not_finite=False,
    )
    accuracy = ex.to_percent(model.history["validation_accuracy"])
    first = accuracy[: config["first"]]
    finite = all(np.isfinite(leaf).all() for layer in model.params for leaf in layer.values())
    return ex.Measured({"mean": float(np.mean(first)), "best": max(accuracy), "finite": bool(finite)},
                    {"accuracy": accuracy})  # fmt: skip


ATTEMPTS: dict[str, tuple[dict[str, object], list[float]]] = {
    "784-30-10, η 10, λ 1000": ({"hidden": [30], "eta": 10.0, "lmbda": 1000.0, "n_train": None, "n_validation": None},
                                []),
    "784-10, η 10, λ 1000": ({"eta": 10.0, "lmbda": 1000.0}, [10, 10, 10]),
    "784-10, η 10, λ 20": ({"eta": 10.0, "lmbda": 20.0}, [12, 14, 25, 18]),
    "784-10, η 100, λ 20": ({"eta": 100.0, "lmbda": 20.0}, [10, 10, 10]),
    "784-10, η 1, λ 20": ({"eta": 1.0, "lmbda": 20.0}, [62, 42, 43, 61]),
}  # fmt: skip
"""The settings of the book's attempts, in order, and the validation accuracies that it prints, in per cent.

The book prints no numbers for the first attempt: its accuracy is that of chance.
"""


@ex.with_panels(1, None, (7.6, 3.0), sharey=True)
def plot_steps(result: ex.Result, *panels: ex.Axes) -> None:
    """Plot a panel for each attempt: the validation accuracy of every run, and the published values."""
    for axes, variant in zip(panels, result.variants, strict=True):
        for accuracy in result.series("accuracy", variant):
            axes.plot(range(1, len(accuracy) + 1), accuracy, color=COLOURS[0], linewidth=0.8, alpha=0.6)
        published = ATTEMPTS[variant][1] or [10, 10, 10]
        axes.plot(range(1, len(published) + 1), published, "s", color=COLOURS[1], mfc="none", label="published")
        axes.set(ylim=(0, 100), xticks=range(1, max(map(len, result.series("accuracy", variant))) + 1, 2))
        axes.set_title(variant.replace(", ", "\n"), fontsize=9)
        label_axes(axes, "epoch", "", legend=False)
    panels[0].set_ylabel("validation accuracy (%)")
    panels[0].legend(fontsize=9)


def keep_digits(dataset: dr.Dataset, digits: tuple[int, ...]) -> dr.Dataset:
    """Keep only the images of these digits, with one output for each digit; the digits are 0, 1, … without a gap."""
    subset = dataset.take(np.isin(dataset.y, digits))
    return replace(subset, classes=dataset.classes[: len(digits)], encoding=dr.encodings.OneHot(len(digits)))


def measure_two_digits(config: ex.Config) -> ex.Measured:
    """Train in turn on all digits and on zeros and ones only, and compare the CPU time per epoch."""
    train, validation, _ = ex.load_images(config)
    few = keep_digits(train, tuple(config["digits"]))
    accuracy = {}
    seconds: dict[str, list[float]] = {"all": [], "two": []}
    for turn in range(config["turns"] + 1):
        for name, examples in (("all", train), ("two", few)):
            network = dr.Network.dense([784, *config["hidden"], 10 if name == "all" else len(config["digits"])])
            watch = dr.callbacks.Monitor(time=lambda model: process_time())
            model = ex.train(config.with_settings(), network, examples, callbacks=[watch])
            evaluated = validation if name == "all" else keep_digits(validation, tuple(config["digits"]))
            accuracy[name] = 100 * model.accuracy(evaluated)
            if turn:  # the first turn includes the compilation
                seconds[name].append(float(np.median(np.diff(model.history["time"]))))
    return ex.Measured(
        {
            "times fewer images": len(train) / len(few),
            "times faster": float(np.median(seconds["all"]) / np.median(seconds["two"])),
            "accuracy, two digits": accuracy["two"],
            "accuracy, all digits": accuracy["all"],
        },
        {"seconds, all": seconds["all"], "seconds, two": seconds["two"]},
    )  # fmt: skip


@ex.with_panels(size=(6.4, 2.4))
def plot_two_digits(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the CPU time per epoch with all digits and with two."""
    for i, name in enumerate(("all", "two")):
        runs = [1000 * seconds for run in result.series(f"seconds, {name}") for seconds in run]
        axes.barh(i, float(np.median(runs)), color=COLOURS[i], height=0.55)
        axes.plot(runs, np.full(len(runs), i), "|", color="black", ms=12)
    axes.set_yticks([0, 1], ["all ten digits", "zeros and ones"])
    label_axes(axes, "CPU time per epoch (ms); ticks: single measurements", "")


LOW_RUN = (
    "The book shows one run. Its accuracy on a hundred images jumps up and down over the four epochs. In 200 runs of "
    "ours (--seeds 200) the mean over these epochs was 25 ± 4 %, and 3 % of the runs were as low as the published one."
)

BROAD_STRATEGY = ex.Experiment(
    id="ch3/broad-strategy",
    title="Quick experiments lead from chance to learning",
    section=SECTION,
    shows="With the first guess of η and λ, accuracy stays at chance. A network without hidden neurons, 1,000 training "
    "images and 100 validation images show this within seconds. After a few more guesses the network learns.",
    measure=measure_steps,
    plot=plot_steps,
    settings={"hidden": [], "batch_size": 10, "n_train": 1000, "n_validation": 100, "epochs": 8},
    variants={
        name: {**settings, "first": len(accuracies) or 3, **({"epochs": 3} if settings.get("hidden") else {})}
        for name, (settings, accuracies) in ATTEMPTS.items()
    },
    published=tuple(
        ex.Published("mean validation accuracy over the first epochs", "mean", sum(accuracies) / len(accuracies),
                     SOURCE, name, "%", explanation=LOW_RUN if name == "784-10, η 10, λ 20" else "")
        if accuracies
        else ex.Published("validation accuracy at chance", "mean", 10.0, SOURCE, name, "%", "about")
        for name, (_, accuracies) in ATTEMPTS.items()
    ),
    quick=ex.Quick(
        {"data": "any", "n_train": 1000, "n_validation": 200, "epochs": 4},
        (
            ex.Published("η 1, λ 20: better than chance", "mean", 35.0, "", "784-10, η 1, λ 20", "%", "at least"),
            ex.Published("η 10, λ 1000: near chance", "mean", 20.0, "", "784-10, η 10, λ 1000", "%", "at most"),
        ),
        variants=tuple(ATTEMPTS)[1:],
    ),
    seeds=10,
    minutes=1.0,
    remark="With a thousand images, η = 10 and λ = 1000, weight decay multiplies each weight by 1 − ηλ/n = −9 at every "
    "step. After four epochs the weights overflow, and the network gives the same digit for all images.",
)  # fmt: skip

TWO_DIGITS = ex.Experiment(
    id="ch3/two-digits",
    title="Only zeros and ones: five times as many experiments",
    section=SECTION,
    shows="With only two digits, there are a fifth as many images, and an epoch takes about a fifth of the time. "
    "The problem is also much easier, so it soon shows whether the network learns at all.",
    measure=measure_two_digits,
    plot=plot_two_digits,
    settings={"hidden": [30], "eta": 0.5, "batch_size": 10, "epochs": 6, "digits": [0, 1], "turns": 3,
              "engine": "numpy"},
    published=(
        ex.Published("factor by which there are fewer images", "times fewer images", 5.0, SOURCE, relation="about", exact=True),
        ex.Published("factor by which an epoch is faster", "times faster", 5.0, SOURCE, relation="about"),
    ),
    quick=ex.Quick(
        {"data": "any", "n_train": 1000, "n_validation": 500, "epochs": 4, "turns": 1},
        (
            ex.Published("factor by which there are fewer images", "times fewer images", 5.0, relation="about"),
            ex.Published("accuracy on zeros and ones", "accuracy, two digits", 95.0, unit="%", relation="at least"),
        ),
    ),
    minutes=0.8,
    remark="The two trainings take turns, both on the NumPy engine. The time is CPU time on one core.",
)  # fmt: skip
