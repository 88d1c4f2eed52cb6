"""Other activation functions, and how much regularization: the convolutional networks varied one thing at a time."""

from __future__ import annotations

import numpy as np

from deltarule.experiments import api as ex
from deltarule.experiments.chapter6.convolutional import LAMBDA, SECTION, SIGMOID, SMALL_SIGMOID, SMALL_TANH
from deltarule.experiments.chapter6.networks import AS_PUBLISHED
from deltarule.experiments.chapter6.training import at_least, closer, curves, every, measure
from deltarule.plotting import COLOURS, label_axes, plot_published

SOLUTIONS = "published solutions to chapter 6, one run"


FIRST, LAST = "validation accuracy after epoch 0", "best validation accuracy"


@ex.with_panels(1, 2, (6.4, 3.6))
def draw(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """Validation accuracy by epoch, all of it and from where it rises slowly."""
    for axes in (left, right):
        curves(axes, result, "validation", figure="validation")
    closer(right, every(result, "validation"), skipped=6)
    label_axes(left, "epoch", "accuracy on the validation images in %")
    label_axes(right, "epoch", "the same, enlarged", legend=False)


def _activation(
    id: str, title: str, shows: str, name: str, sign: str, published: tuple[ex.Published, ...]
) -> ex.Experiment:
    """The network with one convolution, with another activation function, beside sigmoids."""
    return ex.Experiment(
        id=id,
        title=title,
        section=SECTION,
        shows=shows,
        measure=measure,
        plot=draw,
        settings={**SIGMOID, "conv": [20], **AS_PUBLISHED},
        variants={"σ": {}, sign: {"activation": name}},
        published=published,
        quick=ex.Quick({**SMALL_SIGMOID, "eta": 0.3}, (at_least(40.0, sign),), variants=(sign,)),
        remark="Both run as the book's third program does it: weights N(0, 1/n_out), nothing shuffled.",
        minutes=30,
    )


def _figures(sign: str, first: float, last: float) -> tuple[ex.Published, ...]:
    return (
        ex.Published(FIRST, "first validation", first, SOLUTIONS, sign, "%"),
        ex.Published(LAST, "validation", last, SOLUTIONS, sign, "%"),
    )


OF_SIGMOIDS = _figures("σ", 94.16, 98.72)

ACTIVATIONS = (
    _activation(
        "ch6/tanh",
        "tanh in place of sigmoids",
        "The network with one convolutional layer, with tanh in place of sigmoids. It learns sooner, and ends alike.",
        "tanh",
        "tanh",
        (*OF_SIGMOIDS, *_figures("tanh", 96.54, 98.68)),
    ),
    _activation(
        "ch6/shifted-sigmoid",
        "Sigmoids moved down by one half",
        "σ(z) − ½ is a sigmoid whose activations lie about 0, as those of tanh do, and no steeper. "
        "If it learns sooner, it is not for the slope.",
        "shifted-sigmoid",
        "σ − ½",
        (*OF_SIGMOIDS, *_figures("σ − ½", 94.89, 98.76)),
    ),
    _activation(
        "ch6/two-sigma",
        "Twice the sigmoid, less one",
        "2σ(z) − 1 = tanh(z/2) lies about 0 and is twice as steep as σ. The first epochs gain most by it.",
        "two-sigma",
        "2σ − 1",
        (
            *OF_SIGMOIDS,
            ex.Published(
                "validation accuracy after epoch 0, above that of σ − ½", "first validation", 94.89, SOLUTIONS,
                "2σ − 1", "%", "at least",
            ),
        ),
    ),
)  # fmt: skip

STRENGTHS = (0.0, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0, 100.0)
"""λ as the book's third program takes it, which divides it by the number of mini-batches."""


def strength(lmbda: float) -> str:
    """The name of a variant."""
    return f"λ = {lmbda:g}"


@ex.with_panels()
def draw_strengths(result: ex.Result, axes: ex.Axes) -> None:
    """Errors on test and training images against λ, both on scales of powers of ten."""
    given = [lmbda for lmbda in STRENGTHS if strength(lmbda) in result.variants]
    places = np.arange(len(given))
    for i, (name, label) in enumerate((("test", "test images"), ("training", "training images"))):
        found = [[max(100 - value, NONE) for value in result.figures(name, strength(lmbda))] for lmbda in given]
        means = [float(np.mean(values)) for values in found]
        axes.plot(places, means, ("o-", "s--")[i], color=COLOURS[i], label=label, markersize=5)
        axes.fill_between(places, [min(v) for v in found], [max(v) for v in found], color=COLOURS[i], alpha=0.2, lw=0)
    plot_published(axes, 100 - 99.06, "the book, λ = 0: 0.94 % of the test images")
    axes.set(xticks=places, xticklabels=[f"{lmbda:g}" for lmbda in given], yscale="log")
    axes.yaxis.set_major_formatter("{x:g}")
    label_axes(axes, "λ, as the book's third program takes it", f"errors in % (none: at {NONE})")


NONE = 0.01
"""Where no errors are drawn on a scale that has no 0: one of 10,000."""

STRENGTH = (
    ex.Experiment(
        id="ch6/l2-sweep",
        title="Regularization of two convolutional layers",
        section=SECTION,
        shows="The network with two convolutional layers of sigmoids, with L2 regularization from none to far too "
        "much. Small λ change nothing, and large ones do harm: few weights are shared by many places, and "
        "overfit little.",
        measure=measure,
        plot=draw_strengths,
        settings={**SIGMOID, "conv": [20, 40], **AS_PUBLISHED},
        variants={strength(lmbda): {"lmbda": 10 * lmbda} for lmbda in STRENGTHS},
        published=tuple(
            ex.Published("test accuracy", "test", 99.06, "chapter 6, two convolutional layers", strength(lmbda), "%",
                      "at most" if lmbda else "is", best_of=3, criterion=lmbda > 0)
            for lmbda in STRENGTHS
        ),
        quick=ex.Quick(
            {**SMALL_TANH, "epochs": 3},
            (
                at_least(40.0, strength(0.0)),
                ex.Published("test accuracy", "test", 30.0, variant=strength(100.0), unit="%", relation="at most"),
            ),
            variants=(strength(0.0), strength(100.0)),
        ),
        remark="The labels are the λ of the book's third program." + LAMBDA.replace("0.1", "1").replace("1.0", "10"),
        seeds=3,
        minutes=240,
    ),
)  # fmt: skip
