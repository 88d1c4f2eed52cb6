"""Dropout on the dense layers and on the convolutional layers, and an ensemble of networks with dropout."""

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

WITH_DROPOUT = {
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

SMALL_DROPOUT = {**SMALL_RECTIFIED, "n_train": 60, "conv": [], "dense": [60, 60], "dropout": 0.2, "epochs": 8}
"""A miniature without convolutions, because dropout needs many steps; that of ch6/dropout-conv has convolutions."""

SURE = 0.999
"""The probability of its class from which an image is not doubtful."""

ABOUT_DROPOUT = (
    " In the book's third program all dropout layers use the same masks. Activations are not divided by 1 − p during "
    "training; the weights are multiplied by 1 − p for evaluation. “Corrected” draws separate masks for each layer and "
    "divides the activations by 1 − p during training. Take p = ½ and the same η. In “corrected” the "
    "gradient is twice as large, because activations are divided by ½. In “as published” the evaluation uses only half "
    "of each change of a weight. So a step of “corrected” changes the weights used for evaluation four times as much."
)


def measure_vote(config: ex.Config) -> ex.Measured:
    """Train ``members`` networks with different seeds, and classify each test image by their majority vote."""
    _, _, test = ex.load_images(config)
    models = [training.train_network(_configure_member(config, i)) for i in range(config["members"])]
    summaries = [training.summarize_history(model.history) for model in models]
    errors = int(np.sum(dr.Ensemble(models).predict(test) != test.labels))
    last = ex.to_percent(model.history.last["test_accuracy"] for model in models)
    votes = ex.to_percent(dr.Ensemble(models[: n + 1]).accuracy(test) for n in range(len(models)))
    return ex.Measured(
        {
            "vote": 100 - 100 * errors / len(test),
            "errors": errors,
            "mean of members": float(np.mean(last)),
            "gain": 100 - 100 * errors / len(test) - float(np.mean(last)),
            "voters": len(models),
        },
        {"members": last, "votes": votes, "test": [summary.series["test"] for summary in summaries]},
    )


def _configure_member(config: ex.Config, i: int) -> ex.Config:
    """Return the configuration of member i, with a seed and a folder of its own."""
    folder = config.scratch and config.scratch / f"member-{i}"
    return replace(config, seed=config["members"] * (config.seed - 1) + i + 1, scratch=folder)


def measure_dropout(config: ex.Config) -> ex.Measured:
    """Measure a network like every other of the chapter, and keep its probabilities of the images that it doubts.

    An image is doubtful if it is misclassified or its class has a probability below :data:`SURE`. With these, the vote of
    several runs can be counted later, and the images found that all of them misclassify.
    """
    _, _, test = ex.load_images(config)
    model = training.train_network(config)
    measured, probabilities = training.summarize_history(model.history), model.predict_proba(test)
    doubtful = np.flatnonzero((probabilities.argmax(axis=1) != test.labels) | (probabilities.max(axis=1) < SURE))
    rounded = [np.round(row, 4).tolist() for row in probabilities[doubtful]]
    return ex.Measured(
        measured.figures, {**measured.series, "doubtful images": doubtful.tolist(), "probabilities": rounded}
    )


@ex.with_panels()
def plot_vote(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the accuracy of the vote against the number of networks, and the accuracy of each network."""
    for i, variant in enumerate(result.variants):
        for run in result.runs_of(variant):
            count = np.arange(1, 1 + len(run.series["votes"]))
            first = run.seed == 1
            axes.plot(count, run.series["votes"], "o-", color=COLOURS[i], label=f"vote, {variant}" if first else None)
            axes.plot(count, run.series["members"], "x", color=COLOURS[i], label="single network" if first else None)
    axes.axhline(99.67, color="#555555", linestyle=(0, (5, 3)), linewidth=1, label="published: 99.67 %")
    axes.locator_params(axis="x", integer=True)
    label_axes(axes, "networks that vote", "test accuracy (%)")


@ex.with_panels(1, 2, (6.4, 3.6), sharey=True)
def plot_places(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """Plot the training and test accuracy by epoch, for dropout on none, some and all of the layers."""
    training.draw_curves(right, result, "test")
    for i, variant in enumerate(result.variants):
        for run in result.runs_of(variant):
            label = f"{variant}: {run.figures['training']:.2f} %" if run.seed == 1 else None
            left.plot(
                [epoch + 1 for epoch in run.series["training epochs"]],
                run.series["training"],
                color=COLOURS[i],
                ls=training.LINES[i % len(training.LINES)],
                label=label,
            )
    training.zoom_in(left, [*training.collect_series(result, "training"), *training.collect_series(result, "test")])
    for axes, title in ((left, "training images"), (right, "test images")):
        label_axes(axes, "epoch", "accuracy (%)" if axes is left else "")
        axes.set_title(title)


def measure_places(config: ex.Config) -> ex.Measured:
    """Measure a network like every other of the chapter, and add the gap between training and test accuracy."""
    return training.add_gap(training.measure(config))


DROPOUT = (
    ex.Experiment(
        id="ch6/dropout",
        title="Dropout on two dense layers of 1,000 neurons",
        section=SECTION,
        shows="Two dense layers of 1,000 neurons are trained on the expanded training data. Dropout leaves out half of "
        "their neurons in each step. In the book, this is the best single network of the chapter.",
        measure=measure_dropout,
        plot=partial(training.plot, value=99.60),
        settings=WITH_DROPOUT,
        variants=MASKS,
        published=training.build_rows(99.60, "chapter 6, dropout"),
        quick=ex.Quick(SMALL_DROPOUT, (training.require_accuracy(35.0, "corrected"),), variants=("corrected",)),
        remark=REMARK.format(inputs=2) + ABOUT_DROPOUT,
        minutes=270,
    ),
    ex.Experiment(
        id="ch6/ensemble",
        title="The majority vote of five networks",
        section=SECTION,
        shows="Five networks with dropout start from different weights, and each image gets the class that most of "
        "them predict. In the book the vote is better than a single network, because the networks misclassify "
        "different images.",
        measure=measure_vote,
        plot=plot_vote,
        settings={**WITH_DROPOUT, "members": 5},
        variants=MASKS,
        published=(
            ex.Published("test accuracy of the vote", "vote", 99.67, "chapter 6, an ensemble", "as published", "%"),
            ex.Published("test images that the vote misclassifies", "errors", 33, "chapter 6, an ensemble",
                         "as published", "images", "about"),
            ex.Published("gain of the vote over the mean of its members, in percentage points", "gain", 0.0,
                         "chapter 6, an ensemble", "as published", "", "at least"),
        ),
        quick=ex.Quick(
            {**SMALL_DROPOUT, "members": 3},
            (ex.Published("test accuracy of the vote", "vote", 35.0, variant="corrected", unit="%", relation="at least"),
             ex.Published("networks that vote", "voters", 3, variant="corrected")),
            {"members": 1},
            variants=("corrected",),
        ),
        remark=REMARK.format(inputs=2) + ABOUT_DROPOUT,
        minutes=1350,
    ),
    ex.Experiment(
        id="ch6/dropout-conv",
        title="Dropout on the convolutional layers, too",
        section=SECTION,
        shows="A network with two convolutional layers and a dense layer is trained in three ways: without dropout, "
        "with dropout on the dense layers, and with dropout on the pooled feature maps as well. Convolutions share "
        "their weights among all positions and overfit little, so we expect less gain from dropout there.",
        measure=measure_places,
        plot=plot_places,
        settings={**RECTIFIED_UNITS, "lmbda": 0.0, "epochs": 30, **RECTIFIED["corrected"], "masks": "own"},
        variants={
            "none": {},
            "dense layers": {"dropout": 0.5},
            "all layers": {"dropout": 0.5, "conv_dropout": 0.25},
        },
        published=(
            ex.Published("training accuracy minus test accuracy, with dropout on the dense layers, in percentage points",
                         "gap", 1.0, "chapter 6, why dropout is applied to the dense layers alone", "dense layers", "",
                         "at most", criterion=True),
        ),
        quick=ex.Quick(
            {**SMALL_RECTIFIED, "dropout": 0.2, "conv_dropout": 0.1, "epochs": 5},
            (training.require_accuracy(35.0, "all layers"),),
            variants=("all layers",),
        ),
        remark="Initial weights are from N(0, 2/n_in), and every epoch is shuffled. Dropout leaves out a quarter of the "
        "activations of the pooled feature maps, and half of those of the dense layers.",
        minutes=60,
    ),
)  # fmt: skip
