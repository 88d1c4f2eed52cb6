"""The first steps with a new problem: anything better than chance, and experiments quick enough to find it."""

from __future__ import annotations

from dataclasses import replace
from time import process_time

import numpy as np

import deltarule as dr
from deltarule.experiments import api as ex
from deltarule.experiments.chapter3.networks import network_of
from deltarule.plotting import COLOURS, label_axes

SECTION = "How to choose a neural network's hyper-parameters?"
SOURCE = f"chapter 3, '{SECTION}'"


def measure_steps(config: ex.Config) -> ex.Measured:
    """One attempt: accuracy on the validation images after each of the first epochs."""
    train, validation, _ = ex.load_images(config)
    model = ex.train(
        config,
        network_of(config),
        train,
        validation=validation,
        dtype="float64",  # as the book's; in float32 weights that grow ninefold each step end sooner
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
"""The book's attempts one after the other, and the validation accuracies it prints, in per cent; at first chance."""


@ex.with_panels(1, None, (7.6, 3.0), sharey=True)
def plot_steps(result: ex.Result, *panels: ex.Axes) -> None:
    """A panel for each attempt: every run, and the published epochs."""
    for axes, variant in zip(panels, result.variants, strict=True):
        for accuracy in result.series("accuracy", variant):
            axes.plot(accuracy, color=COLOURS[0], linewidth=0.8, alpha=0.6)
        axes.plot(ATTEMPTS[variant][1] or [10, 10, 10], "s", color=COLOURS[1], mfc="none", label="published")
        axes.set(ylim=(0, 100), xticks=range(0, max(map(len, result.series("accuracy", variant))), 2))
        axes.set_title(variant.replace(", ", "\n"), fontsize=9)
        label_axes(axes, "epoch", "", legend=False)
    panels[0].set_ylabel("accuracy on validation images in %")
    panels[0].legend(fontsize=9)


def only(dataset: dr.Dataset, digits: tuple[int, ...]) -> dr.Dataset:
    """The images of these digits alone, with one output for each of them; digits from 0 on."""
    chosen = dataset.take(np.isin(dataset.y, digits))
    return replace(chosen, classes=dataset.classes[: len(digits)], encoding=dr.encodings.OneHot(len(digits)))


def measure_two_digits(config: ex.Config) -> ex.Measured:
    """Trains on all digits and on zeros and ones alone, by turns, and takes the ratio of the processor's time."""
    train, validation, _ = ex.load_images(config)
    few = only(train, tuple(config["digits"]))
    accuracy = {}
    seconds: dict[str, list[float]] = {"all": [], "two": []}
    for turn in range(config["turns"] + 1):
        for name, examples in (("all", train), ("two", few)):
            network = dr.Network.dense([784, *config["hidden"], 10 if name == "all" else len(config["digits"])])
            watch = dr.callbacks.Monitor(time=lambda model: process_time())
            model = ex.train(config.alone(), network, examples, callbacks=[watch])
            read = validation if name == "all" else only(validation, tuple(config["digits"]))
            accuracy[name] = 100 * model.accuracy(read)
            if turn:  # the first turn compiles
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
    """Processor's time for an epoch, with all digits and with two."""
    for i, name in enumerate(("all", "two")):
        runs = [1000 * seconds for run in result.series(f"seconds, {name}") for seconds in run]
        axes.barh(i, float(np.median(runs)), color=COLOURS[i], height=0.55)
        axes.plot(runs, np.full(len(runs), i), "|", color="black", ms=12)
    axes.set_yticks([0, 1], ["all ten digits", "zeros and ones"])
    label_axes(axes, "processor's time for an epoch in ms (ticks: each measurement)", "")


RARE = (
    "A single run of four epochs that jump up and down, on a hundred images. Of 200 runs of ours "
    "(--seeds 200) the mean of these epochs was 25 ± 4 %, and in 3 % of them as low as the published one."
)

BROAD_STRATEGY = ex.Experiment(
    id="ch3/broad-strategy",
    title="From chance to learning, by quick experiments",
    section=SECTION,
    shows="The first guess of η and λ stays at chance. A network without hidden neurons, a thousand images and a "
    "hundred to check on show that within seconds, and after a few more guesses something is learned.",
    measure=measure_steps,
    plot=plot_steps,
    settings={"hidden": [], "batch_size": 10, "n_train": 1000, "n_validation": 100, "epochs": 8},
    variants={
        name: {**settings, "first": len(printed) or 3, **({"epochs": 3} if settings.get("hidden") else {})}
        for name, (settings, printed) in ATTEMPTS.items()
    },
    published=tuple(
        ex.Published("mean of the first epochs", "mean", sum(printed) / len(printed), SOURCE, name, "%",
                  explanation=RARE if name == "784-10, η 10, λ 20" else "")
        if printed
        else ex.Published("chance", "mean", 10.0, SOURCE, name, "%", "about")
        for name, (_, printed) in ATTEMPTS.items()
    ),
    quick=ex.Quick(
        {"data": "any", "n_train": 1000, "n_validation": 200, "epochs": 4},
        (
            ex.Published("η 1, λ 20: better than chance", "mean", 35.0, "", "784-10, η 1, λ 20", "%", "at least"),
            ex.Published("η 10, λ 1000: chance", "mean", 20.0, "", "784-10, η 10, λ 1000", "%", "at most"),
        ),
        variants=tuple(ATTEMPTS)[1:],
    ),
    seeds=10,
    minutes=1.0,
    remark="With a thousand images, η = 10 and λ = 1000, weight decay multiplies each weight by 1 − ηλ/n = −9 at every "
    "step: after four epochs they are too large for any number, and the answer is the same digit for all images.",
)  # fmt: skip

TWO_DIGITS = ex.Experiment(
    id="ch3/two-digits",
    title="Only zeros and ones: five times as many experiments",
    section=SECTION,
    shows="A problem cut down to two digits has a fifth of the images, and an epoch takes about a fifth of the time. "
    "It is also much easier, so that one soon sees whether anything is learned at all.",
    measure=measure_two_digits,
    plot=plot_two_digits,
    settings={"hidden": [30], "eta": 0.5, "batch_size": 10, "epochs": 6, "digits": [0, 1], "turns": 3,
              "engine": "numpy"},
    published=(
        ex.Published("times fewer images", "times fewer images", 5.0, SOURCE, relation="about"),
        ex.Published("times faster", "times faster", 5.0, SOURCE, relation="about"),
    ),
    quick=ex.Quick(
        {"data": "any", "n_train": 1000, "n_validation": 500, "epochs": 4, "turns": 1},
        (
            ex.Published("times fewer images", "times fewer images", 5.0, relation="about"),
            ex.Published("accuracy on zeros and ones", "accuracy, two digits", 95.0, unit="%", relation="at least"),
        ),
    ),
    minutes=0.8,
    remark="Both are trained by the same engine, NumPy, and by turns; the time is the processor's on one core.",
)  # fmt: skip
