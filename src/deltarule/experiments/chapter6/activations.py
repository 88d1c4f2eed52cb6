"""Other activation functions and other strengths of regularization in the convolutional networks of chapter 6."""

from __future__ import annotations

import numpy as np

from deltarule.experiments import api as ex
from deltarule.experiments.chapter6.convolutional import SECTION, SIGMOID, SMALL_SIGMOID, SMALL_TANH
from deltarule.experiments.chapter6.networks import AS_PUBLISHED, CORRECTED
from deltarule.experiments.chapter6.training import collect_series, draw_curves, measure, require_accuracy, zoom_in
from deltarule.plotting import COLOURS, label_axes, plot_published

SOLUTIONS = "published solutions to chapter 6, one run"


FIRST, BEST = "validation accuracy after the first epoch", "best validation accuracy"


@ex.with_panels(1, 2, (6.4, 3.6))
def plot(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """Plot the validation accuracy by epoch, in full and enlarged where it rises slowly."""
    for axes in (left, right):
        draw_curves(axes, result, "validation", figure="validation")
    zoom_in(right, collect_series(result, "validation"), skipped=6)
    label_axes(left, "epoch", "validation accuracy (%)")
    label_axes(right, "epoch", "validation accuracy (%), enlarged", legend=False)


def _build(id: str, title: str, shows: str, name: str, sign: str, published: tuple[ex.Published, ...]) -> ex.Experiment:
    """Build the experiment that compares an activation function with sigmoids in the network with one convolution."""
    return ex.Experiment(
        id=id,
        title=title,
        section=SECTION,
        shows=shows,
        measure=measure,
        plot=plot,
        settings={**SIGMOID, "conv": [20], **AS_PUBLISHED},
        variants={
            "σ": {},
            sign: {"activation": name},
            name_corrected("σ"): CORRECTED,
            name_corrected(sign): {**CORRECTED, "activation": name},
        },
        published=published,
        quick=ex.Quick({**SMALL_SIGMOID, "eta": 0.3}, (require_accuracy(40.0, sign),), variants=(sign,)),
        remark="Both networks are trained as in the book's third program: weights from N(0, 1/n_out), no shuffling, and "
        "pools that give the error to each of several equal maxima. “Corrected”: weights from N(0, 1/n_in), shuffling, "
        "and the error goes to the first maximum.",
        minutes=36,
    )


def _build_rows(sign: str, first: float, best: float) -> tuple[ex.Published, ...]:
    """Build the published rows from the first and the best validation accuracy.

    The corrected network is compared only with the best: it learns faster in the first epoch.
    """
    return (
        ex.Published(FIRST, "first validation", first, SOLUTIONS, sign, "%"),
        ex.Published(BEST, "validation", best, SOLUTIONS, sign, "%"),
        ex.Published(BEST, "validation", best, SOLUTIONS, name_corrected(sign), "%"),
    )


def name_corrected(name: str) -> str:
    """Return the name of the variant with the settings that chapter 3 recommends."""
    return f"{name}, corrected"


SIGMOID_ROWS = _build_rows("σ", 94.16, 98.72)

ACTIVATIONS = (
    _build(
        "ch6/tanh",
        "tanh in place of sigmoids",
        "In the network with one convolutional layer, tanh replaces the sigmoids. The network learns faster at first "
        "and ends with about the same accuracy.",
        "tanh",
        "tanh",
        (*SIGMOID_ROWS, *_build_rows("tanh", 96.54, 98.68)),
    ),
    _build(
        "ch6/shifted-sigmoid",
        "Sigmoids shifted down by one half",
        "σ(z) − ½ has activations around 0 like tanh, but the slope of the sigmoid. So if it learns faster than σ, the "
        "reason is the shift and not the slope.",
        "shifted-sigmoid",
        "σ − ½",
        (*SIGMOID_ROWS, *_build_rows("σ − ½", 94.89, 98.76)),
    ),
    _build(
        "ch6/two-sigma",
        "Twice the sigmoid, minus one",
        "2σ(z) − 1 = tanh(z/2) has activations around 0 and is twice as steep as σ. It is better than σ in the first "
        "epochs. At the end both have about the same accuracy.",
        "two-sigma",
        "2σ − 1",
        (
            *SIGMOID_ROWS,
            ex.Published(
                "validation accuracy after the first epoch (2σ − 1): higher than with σ − ½",
                "first validation", 94.89, SOLUTIONS, "2σ − 1", "%", "at least",
            ),
        ),
    ),
)  # fmt: skip

STRENGTHS = (0.0, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0, 100.0)
"""Values of λ for the book's third program, which divides λ by the number of mini-batches."""


def name_variant(lmbda: float) -> str:
    """Return the name of the variant with this λ."""
    return f"λ = {lmbda:g}"


@ex.with_panels()
def plot_strengths(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the error rates on test and training images against λ, both axes logarithmic."""
    lmbdas = [lmbda for lmbda in STRENGTHS if name_variant(lmbda) in result.variants]
    places = np.arange(len(lmbdas))
    published = [name_variant(lmbda) for lmbda in lmbdas]
    corrected = [name_corrected(name) for name in published]
    curves = (
        ("test", published, "test images"),
        ("training", published, "training images"),
        ("test", corrected, "test images, corrected"),
        ("training", corrected, "training images, corrected"),
    )
    for i, (name, variants, label) in enumerate(curves):
        if not all(result.runs_of(variant) for variant in variants):
            continue
        errors = [[max(100 - v, LEAST) for v in result.figures(name, variant)] for variant in variants]
        means = [float(np.mean(values)) for values in errors]
        axes.plot(places, means, ("o-", "s--")[i % 2], color=COLOURS[i], label=label, markersize=5)
        axes.fill_between(places, [min(v) for v in errors], [max(v) for v in errors], color=COLOURS[i], alpha=0.2, lw=0)
    plot_published(axes, 100 - 99.06, "published, λ = 0: 0.94 % of the test images")
    axes.set(xticks=places, xticklabels=[f"{lmbda:g}" for lmbda in lmbdas], yscale="log")
    axes.yaxis.set_major_formatter("{x:g}")
    label_axes(axes, "λ in the book's third program", f"error rate (%); 0 is drawn at {LEAST}")


LEAST = 0.01
"""The position of an error rate of 0 on the logarithmic axis: one error in 10,000."""

STRENGTH = (
    ex.Experiment(
        id="ch6/l2-sweep",
        title="L2 regularization of two convolutional layers",
        section=SECTION,
        shows="The network with two convolutional layers of sigmoids is trained with L2 regularization from none to "
        "far too much. A small λ changes nothing, because the many positions share few weights and the network "
        "overfits little. A large λ lowers the accuracy.",
        measure=measure,
        plot=plot_strengths,
        settings={**SIGMOID, "conv": [20, 40], **AS_PUBLISHED},
        variants={
            **{name_variant(lmbda): {"lmbda": 10 * lmbda} for lmbda in STRENGTHS},
            **{name_corrected(name_variant(lmbda)): {"lmbda": 10 * lmbda, **CORRECTED} for lmbda in STRENGTHS},
        },
        published=tuple(
            ex.Published("test accuracy", "test", 99.06, "chapter 6, two convolutional layers", name(name_variant(lmbda)),
                         "%", "at most" if lmbda else "is", best_of=3, criterion=lmbda > 0)
            for name in (str, name_corrected) for lmbda in STRENGTHS
        ),
        quick=ex.Quick(
            {**SMALL_TANH, "epochs": 3},
            (
                require_accuracy(40.0, name_variant(0.0)),
                ex.Published("test accuracy", "test", 30.0, variant=name_variant(100.0), unit="%", relation="at most"),
            ),
            variants=(name_variant(0.0), name_variant(100.0)),
        ),
        remark="The λ in the table and the plot is that of the book's third program, which divides it by the number of "
        "mini-batches. deltarule divides by the number of training images, so we train with ten times this λ (10 for "
        "“λ = 1”).",
        seeds=3,
        minutes=170,
    ),
)  # fmt: skip
