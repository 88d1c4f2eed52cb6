"""Weight decay on biases and on a larger network, and L1 compared with L2 (equations (95) to (97))."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np

import deltarule as dr
from deltarule.core.layer import Key, Params, Shape
from deltarule.experiments import api as ex
from deltarule.experiments.chapter3.networks import build_network, measure_accuracy, plot_accuracy
from deltarule.plotting import COLOURS, LINES, label_axes, plot_band

FEW = {"data": "any", "n_train": 1000, "n_test": 300, "n_validation": 300, "epochs": 8, "lmbda": 0.1}

CLOSE_RUNS = (
    "Our three runs lie within 0.03 points of each other. Runs of such networks usually differ by 0.1 to 0.2 points, so "
    "the interval is narrow by chance. One number in twenty is expected to miss its interval."
)


@dataclass(frozen=True)
class DenseAllRegularized(dr.Dense):
    """A dense layer whose biases are regularized like its weights."""

    weights: ClassVar[tuple[str, ...]] = ("w", "b")


@dataclass(frozen=True)
class ZeroBiases(dr.initializers.Default):
    """The default initialization of the weights, with all biases 0."""

    def __call__(self, rng: Key, shape: Shape, n_in: int) -> Params:
        start = super().__call__(rng, shape, n_in)
        return {"w": start["w"], "b": 0.0 * start["b"]}


LAYERS: dict[str, partial[Any]] = {
    "regularized": partial(DenseAllRegularized),
    "start at 0": partial(dr.Dense, initializer=ZeroBiases()),
    "as ever": partial(dr.Dense),
}
"""Dense layers by their treatment of biases: regularized, starting at 0, or the default."""


def measure_biases(config: ex.Config) -> ex.Measured:
    """Train the same network twice from the same weights: with default biases, and with the other treatment."""
    train, _, test = ex.load_images(config)
    accuracy, size = {}, {}
    for how in ("as ever", config["biases"]):
        dense = LAYERS[how]
        network = dr.Network([dense(config["hidden"][0]), dr.Sigmoid(), dense(10)], dr.CrossEntropy(), (784,))
        model = ex.train(config.with_settings(), network, train, callbacks=[dr.callbacks.Monitor(test=test)])
        accuracy[how] = ex.to_percent(model.history["test_accuracy"])
        size[how] = float(np.sqrt(np.mean(np.concatenate([p["b"] for p in model.params if p]) ** 2)))
    usual, other = accuracy["as ever"], accuracy[config["biases"]]
    return ex.Measured(
        {
            "difference": other[-1] - usual[-1],
            "last": other[-1],
            "last, as ever": usual[-1],
            "biases": size[config["biases"]],
            "biases, as ever": size["as ever"],
        },
        {"accuracy": other, "accuracy, as ever": usual},
    )


@ex.with_panels()
def plot_biases(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the test accuracy by epoch with default biases and with both other treatments."""
    plot_band(axes, result.series("accuracy, as ever", result.variants[0]), label="default biases", colour=COLOURS[0])
    for i, variant in enumerate(result.variants, start=1):
        plot_band(axes, result.series("accuracy", variant), label=variant, colour=COLOURS[i], linestyle=LINES[i])
    label_axes(axes, "epoch", "test accuracy (%)")


REGULARIZERS = {"none": lambda lmbda: None, "L2": dr.L2, "L1": dr.L1}
BINS = np.linspace(-3, 3, 151)


def measure_histograms(config: ex.Config) -> ex.Measured:
    """Train without regularization, with L2 and with L1, and measure the weights of the first layer."""
    train, _, test = ex.load_images(config)
    inked = train.x.reshape(len(train), -1).any(axis=0)  # weights from other pixels change by the regularizer only
    figures: dict[str, float | bool] = {}
    series = {}
    for name, regularizer in REGULARIZERS.items():
        lmbda = config["lmbda"].get(name, 0.0)
        model: dr.Model = ex.train(
            config.for_part(name, lmbda=0.0), build_network(config), train, regularizer=regularizer(lmbda),
            callbacks=[dr.callbacks.Monitor(test=test)],
        )  # fmt: skip
        w = np.abs(model.params[0]["w"][:, inked]).ravel()
        largest = np.sort(w)[-len(w) // 10 :]
        figures |= {
            f"{name}: test accuracy": ex.to_percent(model.history["test_accuracy"])[-1],
            f"{name}: near 0": 100 * float(np.mean(w < w.max() / 100)),
            f"{name}: in the largest tenth": 100 * float(largest.sum() / w.sum()),
            f"{name}: largest": float(w.max()),
        }
        series[name] = np.histogram(model.params[0]["w"][:, inked], BINS)[0].tolist()
    few = all(figures["L1: in the largest tenth"] > figures[f"{name}: in the largest tenth"] for name in ("none", "L2"))
    near = all(figures["L1: near 0"] > figures[f"{name}: near 0"] for name in ("none", "L2"))
    figures["L1: few large, most near 0"] = few and near and figures["L1: near 0"] > 50
    figures["L2 shrinks the largest"] = figures["L2: largest"] < figures["none: largest"]
    return ex.Measured(figures, series)


@ex.with_panels()
def plot_histograms(result: ex.Result, axes: ex.Axes) -> None:
    """Plot histograms of the weights of the first layer for each regularizer."""
    lmbda = result.first().settings["lmbda"]
    for i, name in enumerate(REGULARIZERS):
        counts = np.mean(result.series(name), axis=0)
        mean = {what: float(np.mean(result.figures(f"{name}: {what}"))) for what in ("near 0", "test accuracy")}
        label = f"{name}, λ = {lmbda[name]:g}" if name in lmbda else "no regularization"
        label = f"{label}: {mean['near 0']:.0f} % of weights near 0, accuracy {mean['test accuracy']:.1f} %"
        axes.stairs(np.maximum(counts, 0.5), BINS, color=COLOURS[i], linestyle=LINES[i], label=label, linewidth=1.5)
    axes.set_yscale("log")
    axes.set_ylim(0.7, 10 * axes.get_ylim()[1])
    label_axes(axes, "weight of the first layer", "number of weights")


BIASES = ex.Experiment(
    id="ch3/regularized-biases",
    title="Regularizing biases or starting them at 0 changes little",
    section="Why does regularization help reduce overfitting?",
    shows="By convention weight decay is not applied to biases, and biases start at random like weights. Regularizing "
    "them too, or starting them at 0, changes the accuracy less than another seed does.",
    measure=measure_biases,
    plot=plot_biases,
    settings={"hidden": [30], "eta": 0.5, "lmbda": 5.0, "epochs": 30, "batch_size": 10},
    variants={"biases regularized, too": {"biases": "regularized"}, "biases start at 0": {"biases": "start at 0"}},
    published=(
        ex.Published("difference in test accuracy when biases are regularized", "difference", 0.0,
                  "chapter 3, 'Why does regularization help reduce overfitting?'", "biases regularized, too", "%"),
        ex.Published("difference in test accuracy when biases start at 0", "difference", 0.0,
                  "chapter 3, 'Weight initialization'", "biases start at 0", "%"),
    ),
    quick=ex.Quick(
        {**FEW, "n_train": 500, "epochs": 6, "lmbda": 0.1},
        (
            ex.Published("final test accuracy", "last", 50.0, "", "biases regularized, too", "%", "at least"),
            ex.Published("final test accuracy", "last", 50.0, "", "biases start at 0", "%", "at least"),
        ),
    ),
    minutes=1.0,
)  # fmt: skip

HIDDEN_100 = ex.Experiment(
    id="ch3/hidden-100-l2",
    title="A hundred hidden neurons with weight decay",
    section="Overfitting and regularization",
    shows="With weight decay a larger network is better: with a hundred hidden neurons the validation accuracy is "
    "about 98 %. A smaller η and twice as many epochs increase it a little.",
    measure=measure_accuracy,
    plot=partial(plot_accuracy, on="validation", published={"η 0.5": 97.92, "η 0.1": 98.04}, bottom=93.0),
    settings={"hidden": [100], "init": "large", "on": "validation", "lmbda": 5.0, "batch_size": 10},
    variants={"η 0.5": {"eta": 0.5, "epochs": 30}, "η 0.1": {"eta": 0.1, "epochs": 60}},
    published=(
        ex.Published("best validation accuracy, η 0.5", "best", 97.92, "chapter 3, 'Overfitting and regularization'",
                  "η 0.5", "%", explanation=CLOSE_RUNS),
        ex.Published("best validation accuracy, η 0.1, 60 epochs", "best", 98.04,
                  "chapter 3, 'Overfitting and regularization'", "η 0.1", "%"),
    ),
    quick=ex.Quick(FEW, (ex.Published("best validation accuracy", "best", 60.0, "", "η 0.5", "%", "at least"),),
                variants=("η 0.5",)),
    minutes=3.0,
)  # fmt: skip

L1_L2 = ex.Experiment(
    id="ch3/l1-l2",
    title="The effect of L1 and L2 on the weights",
    section="Other techniques for regularization",
    shows="L2 shrinks each weight in proportion to its size, so no weight grows large. L1 shrinks every weight by the "
    "same amount, so most weights end near 0 and a few large ones remain.",
    measure=measure_histograms,
    plot=plot_histograms,
    settings={"hidden": [30], "eta": 0.5, "lmbda": {"L2": 5.0, "L1": 5.0}, "epochs": 30, "batch_size": 10},
    published=(
        ex.Published("with L1, most weights are near 0 and few are large", "L1: few large, most near 0", True,
                  "chapter 3, 'Other techniques for regularization'"),
        ex.Published("L2 shrinks the largest weights", "L2 shrinks the largest", True,
                  "chapter 3, 'Other techniques for regularization'", beats=("none: largest", "L2: largest")),
    ),
    quick=ex.Quick(
        {**FEW, "n_train": 400, "lmbda": {"L2": 2.0, "L1": 0.4}, "epochs": 12},
        (
            ex.Published("with L1, most weights are near 0 and few are large", "L1: few large, most near 0", True),
            ex.Published("test accuracy with L1", "L1: test accuracy", 50.0, unit="%", relation="at least"),
        ),
        defect={"lmbda": {"L2": 0.0, "L1": 0.0}},
    ),
    minutes=1.0,
    remark="Only weights from pixels with ink in some training image are counted. “Near 0” means: smaller than a "
    "hundredth of the largest weight. “Most near 0 and few large” means: with L1, more than half of the weights are "
    "near 0; this part is larger than without L1; and the largest tenth of the weights has a larger part of Σ|w| than "
    "without L1. Weights beyond ±3 are not drawn.",
)  # fmt: skip
