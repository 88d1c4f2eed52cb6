"""Dropout on the dense layers, on the convolutions as well, and the vote of several such networks."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

import deltarule as dr
from deltarule.experiments import api as ex
from deltarule.experiments.chapter6 import training
from deltarule.experiments.chapter6.convolutional import RECTIFIED_UNITS, SECTION, SMALL_RECTIFIED
from deltarule.experiments.chapter6.networks import RECTIFIED, REMARK
from deltarule.plotting import COLOURS, label_axes

DROPPED = {
    **RECTIFIED_UNITS,
    "dense": [1000, 1000],
    "dropout": 0.5,
    "expanded": True,
    "epochs": 40,
    "lmbda": 0.0,
}

MASKS = {
    "as published": {**RECTIFIED["as published"], "masks": "shared"},
    "corrected": {**RECTIFIED["corrected"], "masks": "own"},
}

SMALL_DROPPED = {**SMALL_RECTIFIED, "n_train": 60, "conv": [], "dense": [60, 60], "dropout": 0.2, "epochs": 8}
"""Without the convolutions, which ch6/dropout-conv has: dropout takes many steps."""

OF_DROPOUT = (
    " The third program's dropout layers all draw the same masks, do not divide by 1 − p while training, and multiply "
    "by it in use. “Corrected” has masks of its own for each layer, and divides while training; a step at the same η "
    "then changes the weights in use four times as much."
)


def vote(config: ex.Config) -> ex.Measured:
    """Trains ``members`` networks with seeds of their own; each test image is what most of them read."""
    _, _, test = ex.load_images(config)
    models = [training.trained(_member(config, i)) for i in range(config["members"])]
    alone = [training.chosen(model.history) for model in models]
    wrong = int(np.sum(dr.Ensemble(models).predict(test) != test.labels))
    last = ex.to_percent(model.history.last["test_accuracy"] for model in models)
    votes = ex.to_percent(dr.Ensemble(models[: n + 1]).accuracy(test) for n in range(len(models)))
    return ex.Measured(
        {
            "vote": 100 - 100 * wrong / len(test),
            "errors": wrong,
            "mean of members": float(np.mean(last)),
            "gain": 100 - 100 * wrong / len(test) - float(np.mean(last)),
            "voters": len(models),
        },
        {"members": last, "votes": votes, "test": [one.series["test"] for one in alone]},
    )


def _member(config: ex.Config, i: int) -> ex.Config:
    folder = config.scratch and config.scratch / f"member-{i}"
    return replace(config, seed=config["members"] * (config.seed - 1) + i + 1, scratch=folder)


@ex.with_panels()
def draw_vote(result: ex.Result, axes: ex.Axes) -> None:
    """Members' accuracies as points, and the vote's as a line, over how many vote."""
    for i, variant in enumerate(result.variants):
        for run in result.of(variant):
            count = np.arange(1, 1 + len(run.series["votes"]))
            first = run.seed == 1
            axes.plot(count, run.series["votes"], "o-", color=COLOURS[i], label=f"vote, {variant}" if first else None)
            axes.plot(count, run.series["members"], "x", color=COLOURS[i], label="each alone" if first else None)
    axes.axhline(99.67, color="#555555", linestyle=(0, (5, 3)), linewidth=1, label="the book: 99.67 %")
    axes.locator_params(axis="x", integer=True)
    label_axes(axes, "networks that vote", "accuracy on the test images in %")


@ex.with_panels(1, 2, (6.4, 3.6), sharey=True)
def draw_places(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """Training and test accuracy by epoch, for dropout in more and more places."""
    training.curves(right, result, "test")
    for i, variant in enumerate(result.variants):
        for run in result.of(variant):
            label = f"{variant}: {run.figures['training']:.2f} %" if run.seed == 1 else None
            left.plot(
                run.series["training epochs"],
                run.series["training"],
                color=COLOURS[i],
                ls=training.LINES[i % len(training.LINES)],
                label=label,
            )
    training.closer(left, [*training.every(result, "training"), *training.every(result, "test")])
    for axes, title in ((left, "training images"), (right, "test images")):
        label_axes(axes, "epoch", "accuracy in %" if axes is left else "")
        axes.set_title(title)


GAP = "training accuracy above test accuracy, in percentage points: at most"


def places(config: ex.Config) -> ex.Measured:
    """As every network of the chapter is measured, with how far test accuracy stays behind training accuracy."""
    return training.with_gap(training.measure(config))


DROPOUT = (
    ex.Experiment(
        id="ch6/dropout",
        title="Dropout on two layers of 1,000",
        section=SECTION,
        shows="Two dense layers of 1,000 neurons, half of which are silent in each step, on the expanded training "
        "data. The network that had too many neurons now has the best accuracy of the chapter's single networks.",
        measure=training.measure,
        plot=partial(training.draw, value=99.60),
        settings=DROPPED,
        variants=MASKS,
        published=training.published(99.60, "chapter 6, dropout"),
        quick=ex.Quick(SMALL_DROPPED, (training.at_least(35.0, "corrected"),), variants=("corrected",)),
        remark=REMARK.format(inputs=2) + OF_DROPOUT,
        minutes=460,
    ),
    ex.Experiment(
        id="ch6/ensemble",
        title="Five networks vote",
        section=SECTION,
        shows="Five of the networks with dropout, each with weights of its own, and every image is what most of them "
        "read. They err on different images, so the vote is better than any of them.",
        measure=vote,
        plot=draw_vote,
        settings={**DROPPED, "members": 5},
        variants=MASKS,
        published=(
            ex.Published("test accuracy of the vote", "vote", 99.67, "chapter 6, an ensemble", "as published", "%"),
            ex.Published("test images that the vote misreads", "errors", 33, "chapter 6, an ensemble", "as published",
                      "images", "about"),
            ex.Published("the vote is better than its members, in points", "gain", 0.0, "chapter 6, an ensemble",
                      "as published", "", "at least"),
        ),
        quick=ex.Quick(
            {**SMALL_DROPPED, "members": 3},
            (ex.Published("test accuracy of the vote", "vote", 35.0, variant="corrected", unit="%", relation="at least"),
             ex.Published("networks that vote", "voters", 3, variant="corrected")),
            {"members": 1},
            variants=("corrected",),
        ),
        remark=REMARK.format(inputs=2) + OF_DROPOUT,
        minutes=2300,
    ),
    ex.Experiment(
        id="ch6/dropout-conv",
        title="Dropout on the convolutions, too",
        section=SECTION,
        shows="Two convolutions and a dense layer, without dropout, with dropout on the dense layers, and on the "
        "pooled feature maps as well. Convolutions share their weights among all places and overfit little: there it "
        "gains less.",
        measure=places,
        plot=draw_places,
        settings={**RECTIFIED_UNITS, "lmbda": 0.0, "epochs": 30, **RECTIFIED["corrected"], "masks": "own"},
        variants={
            "none": {},
            "dense layers": {"dropout": 0.5},
            "all layers": {"dropout": 0.5, "conv_dropout": 0.25},
        },
        published=(
            ex.Published(f"{GAP} 1, once the dense layers have dropout", "gap", 1.0,
                      "chapter 6, why dropout is applied to the dense layers alone", "dense layers", "", "at most",
                      criterion=True),
        ),
        quick=ex.Quick(
            {**SMALL_RECTIFIED, "dropout": 0.2, "conv_dropout": 0.1, "epochs": 5},
            (training.at_least(35.0, "all layers"),),
            variants=("all layers",),
        ),
        remark="Weights start from N(0, 2/n_in), and every epoch is shuffled. A quarter of the pooled feature maps' "
        "activations are dropped, half of those of the dense layers.",
        minutes=60,
    ),
)  # fmt: skip
