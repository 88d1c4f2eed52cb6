"""The first networks that classify digits: quadratic cost, stochastic gradient descent, several learning rates."""

from __future__ import annotations

from typing import Any

import numpy as np

import deltarule as dr
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, label_axes, plot_band, plot_published

SECTION = "Implementing our network to classify digits"
TRANSCRIPT = f"chapter 1, '{SECTION}', transcript"
ENDS = {0: "epoch 0", 1: "epoch 1", 2: "epoch 2", -3: "last but two", -2: "last but one", -1: "last"}
DEAD = 10
"""An output neuron is dead if its digit's recall in per cent is below this; guessing reaches as much."""

SMALL = {"data": "any", "epochs": 10, "n_train": 2000, "n_test": 1000}


def measure(config: ex.Config) -> ex.Measured:
    """Train [784, hidden …, 10], and measure test accuracy after every epoch."""
    train, _, test = ex.load_images(config)
    network = dr.Network.dense([784, *config["hidden"], 10], "quadratic", init=config.get("init", "large"))
    model = ex.train(config, network, train, callbacks=[dr.callbacks.Monitor(test=test)])
    accuracy = ex.to_percent(model.history["test_accuracy"])
    counts = model.confusion(test)
    recall = 100 * np.diag(counts) / np.maximum(1, counts.sum(axis=1))
    answers = counts.sum(axis=0)
    return ex.Measured(
        {
            **{name: accuracy[epoch] for epoch, name in ENDS.items()},
            "best": max(accuracy),
            "best epoch": accuracy.index(max(accuracy)),
            "gained": accuracy[-1] - accuracy[0],
            "dead outputs": int((recall < DEAD).sum()),
            "stuck": bool((recall < DEAD).any()),
            "commonest answer": float(100 * answers.max() / len(test)),
        },
        {"test accuracy": accuracy, "found of each digit": [round(float(percent), 2) for percent in recall]},
    )


def list_transcript(
    first: tuple[float, ...], last: tuple[float, ...], best_of: int = 1, start: str = ""
) -> tuple[ex.Published, ...]:
    """List the figures of a run's transcript; ``start`` is the explanation of the first two."""
    epochs = (*range(len(first)), *range(30 - len(last), 30))
    return tuple(
        ex.Published(f"test accuracy after epoch {epoch + 1} (“Epoch {epoch}” in the book)", ENDS[epoch if epoch < 15 else epoch - 30], value,
                  TRANSCRIPT, unit="%", best_of=best_of, explanation=start if epoch < 2 else "")
        for epoch, value in zip(epochs, (*first, *last), strict=True)
    )  # fmt: skip


LUCK = (
    "The published run was the best of three, and its first two epochs were better than those of our twenty runs, but for "
    "one run after the first. Some of ours start near 82 % because one output neuron is still inactive; all but one of them "
    "catch up later. A simple loop in double precision, written without the library, behaves in the same way."
)


@ex.with_panels()
def plot(result: ex.Result, axes: ex.Axes) -> None:
    """Plot test accuracy against the epoch: our range over the seeds, and the points and the best of the transcript."""
    runs = result.series("test accuracy")
    plot_band(axes, runs, label="our runs: mean and range")
    n = min(map(len, runs))
    axes.plot([1, 2, 3, n - 2, n - 1, n], [91.29, 92.95, 93.48, 95.28, 95.42, 95.34], "D", color=COLOURS[1],
              ms=4.5, label="published, the best of three runs")  # fmt: skip
    plot_published(axes, 95.42, "published best: 95.42 %")
    label_axes(axes, "epoch", "accuracy in %", legend={"loc": "lower right"})


@ex.with_panels(1, 2, (7.4, 3.7), width_ratios=(3, 2))
def plot_each(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """Plot the test accuracy of each run, and its recall of each digit; dashed: runs that never learn some digit."""
    for run in sorted(result.runs_of(), key=lambda run: min(run.series["found of each digit"]) < DEAD):
        stuck = min(run.series["found of each digit"]) < DEAD
        look: Any = {"color": COLOURS[1] if stuck else COLOURS[0], "linestyle": "--" if stuck else "-"}
        left.plot(range(1, len(run.series["test accuracy"]) + 1), run.series["test accuracy"], lw=1, **look)
        right.plot(range(10), run.series["found of each digit"], marker="s" if stuck else "o", ms=3, lw=0.8, **look)
    plot_published(left, 96.59, "published, best of three: 96.59 %")
    left.plot([], [], color=COLOURS[0], label="run that learns all digits")
    left.plot([], [], color=COLOURS[1], linestyle="--", label="run with one or two dead output neurons")
    label_axes(left, "epoch", "accuracy in %")
    label_axes(right, "digit", "recall after the last epoch in %")
    right.set_xticks(range(10))


@ex.with_panels()
def plot_small(result: ex.Result, axes: ex.Axes) -> None:
    """Plot test accuracy against the epoch, with the published points."""
    runs = result.series("test accuracy")
    for i, run in enumerate(runs):
        axes.plot(
            range(1, len(run) + 1), run, color=COLOURS[0], alpha=0.35, lw=0.9, label="each run" if i == 0 else None
        )
    plot_band(axes, runs, label="mean and range of our runs")
    length = min(map(len, runs))
    axes.plot([1, 2, 3], [11.39, 11.36, 11.35], "D", color=COLOURS[1], ms=5, label="published")
    axes.plot([length - 2, length - 1, length], [21.01, 21.23, 21.42], "D", color=COLOURS[1], ms=5)
    axes.axhline(10, color="#555555", linestyle=":", lw=1, label="chance")
    axes.set_ylim(0, None)
    label_axes(axes, "epoch", "accuracy in %")


@ex.with_panels()
def plot_large(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the test accuracy of each run; it jumps when the constant answer changes to another digit."""
    runs = result.runs_of()
    for i, run in enumerate(runs):
        accuracy = run.series["test accuracy"]
        axes.step(range(1, len(accuracy) + 1), accuracy, where="mid", color=COLOURS[0], lw=0.8, alpha=0.4,
                  label=f"each of {len(runs)} runs" if i == 0 else None)  # fmt: skip
    axes.axhspan(8.92, 11.35, color="#999999", alpha=0.2, linewidth=0, label="constant answer")
    n = len(runs[0].series["test accuracy"]) if runs else 0
    axes.plot([1, 2, 3, n - 2, n - 1, n], [10.09] * 3 + [9.82] * 3, "*", color=COLOURS[6], ms=9, label="published")
    axes.set_ylim(0, None)
    label_axes(axes, "epoch", "accuracy in %", legend={"ncols": 2})


FIRST_NETWORKS = (
    ex.Experiment(
        id="ch1/first-network",
        title="The first network",
        section=SECTION,
        shows="A network with 30 hidden neurons, trained by stochastic gradient descent, classifies about 95 of 100 "
        "digits correctly. It learns most of this in the first epoch.",
        measure=measure,
        plot=plot,
        settings={"hidden": [30], "eta": 3.0, "epochs": 30, "batch_size": 10},
        published=(
            *list_transcript((91.29, 92.95, 93.48), (95.28, 95.42, 95.34), best_of=3, start=LUCK),
            ex.Published("best test accuracy", "best", 95.42, TRANSCRIPT, unit="%", best_of=3),
        ),
        quick=ex.Quick(SMALL, (ex.Published("best test accuracy", "best", 70.0, unit="%", relation="at least"),)),
        seeds=10,
        minutes=1,
    ),
    ex.Experiment(
        id="ch1/hidden-100",
        title="100 hidden neurons",
        section=SECTION,
        shows="With 100 hidden neurons the network gains about one percentage point, if all output neurons learn. But "
        "they start saturated, and a neuron that answers no to all images hardly learns. If it becomes active after "
        "some epochs, the accuracy jumps by about nine percentage points. Some of these neurons stay inactive for all "
        "thirty epochs.",
        measure=measure,
        plot=plot_each,
        settings={"hidden": [100], "eta": 3.0, "epochs": 30, "batch_size": 10},
        published=(ex.Published("best test accuracy", "best", 96.59, f"chapter 1, '{SECTION}'", unit="%", best_of=3),),
        quick=ex.Quick(
            SMALL,
            (ex.Published("best test accuracy", "best", 28.0, unit="%", relation="at least"),),
        ),
        seeds=10,
        minutes=2,
        remark="A run counts as stuck if, at its end, it recognizes fewer than 10 % of the test images of some digit. "
        "5 of our 10 runs are stuck. The book mentions that some readers had much worse runs.",
    ),
    ex.Experiment(
        id="ch1/eta-too-small",
        title="A learning rate that is too small",
        section=SECTION,
        shows="With a learning rate of 0.001 the network starts near chance and is hardly better after 30 epochs. But "
        "most runs improve in nearly every epoch, so a larger rate is worth trying.",
        measure=measure,
        plot=plot_small,
        settings={"hidden": [100], "eta": 0.001, "epochs": 30, "batch_size": 10},
        published=(
            *list_transcript((11.39, 11.36, 11.35), (21.01, 21.23, 21.42)),
            ex.Published(
                "percentage points gained from the first epoch to the last",
                "gained",
                3.0,
                TRANSCRIPT,
                relation="at least",
                criterion=True,
            ),
        ),
        quick=ex.Quick(
            {**SMALL, "epochs": 3},
            (ex.Published("best test accuracy", "best", 25.0, unit="%", relation="at most"),),
            defect={"eta": 3.0, "epochs": 10},
        ),
        seeds=5,
        minutes=1,
        remark="After the first epochs the weights are still nearly random, so the accuracy lies by chance between 5 "
        "and 20 %.",
    ),
    ex.Experiment(
        id="ch1/eta-too-large",
        title="A learning rate that is too large",
        section=SECTION,
        shows="With a learning rate of 100 the first steps saturate the neurons, and then the network learns nothing. "
        "It gives nearly the same answer for every image, so its accuracy is that of chance.",
        measure=measure,
        plot=plot_large,
        settings={"hidden": [30], "eta": 100.0, "epochs": 30, "batch_size": 10},
        published=list_transcript((10.09, 10.09, 10.09), (9.82, 9.82, 9.82)),
        quick=ex.Quick(
            {**SMALL, "epochs": 3},
            (ex.Published("best test accuracy", "best", 25.0, unit="%", relation="at most"),),
            defect={"eta": 3.0, "epochs": 10},
        ),
        seeds=5,
        minutes=0.5,
        remark="10.09 % of the test images are nines and 9.82 % are fours: the published run gave the same answer for "
        "all images.",
    ),
)
