"""Regularization's λ after η: by factors of ten, then finer, then η once more, all by validation accuracy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import deltarule as dr
from deltarule.experiments import api as ex
from deltarule.experiments.chapter3.networks import network_of
from deltarule.plotting import COLOURS, MARKERS, add_legend_below, label_axes

SECTION = "How to choose a neural network's hyper-parameters?"


def climb(score: Callable[[float], float], start: float, factor: float) -> float:
    """Multiplies, or else divides, by a factor for as long as that raises the score; the best value met."""
    scores = {start: score(start)}
    for step in (factor, 1 / factor):
        best = start
        while True:
            following = float(f"{best * step:.3g}")
            scores[following] = score(following)
            if scores[following] <= scores[best]:
                break
            best = following
        if best != start:
            return best
    return start


def measure(config: ex.Config) -> ex.Measured:
    """The book's order: η with λ = 0, then λ from 1.0, then η again."""
    train, validation, _ = ex.load_images(config)
    network = network_of(config)
    trials: list[list[float]] = []
    found: dict[str, float] = {}

    def accuracy(eta: float, lmbda: float) -> float:
        model = ex.train(config.alone(eta=eta), network, train, regularizer=dr.L2(lmbda))
        trials.append([len(found), eta, lmbda, round(100 * model.accuracy(validation), 4)])
        return trials[-1][-1]

    eta = (
        config["eta"]
        or dr.find_eta(network, train, batch_size=config["batch_size"], seed=config.seed, threads=1).recommended
    )
    found["η alone"] = without = accuracy(eta, 0.0)
    lmbda = climb(lambda value: accuracy(eta, value), config["lmbda"], 10)
    found["λ by tens"] = max(trial[3] for trial in trials if trial[2])
    lmbda = climb(lambda value: accuracy(eta, value), lmbda, 2)
    found["λ by twos"] = max(trial[3] for trial in trials if trial[2])
    eta = climb(lambda value: accuracy(value, lmbda), eta, 2)
    found["η again"] = max(trial[3] for trial in trials)
    return ex.Measured(
        {
            **found,
            "η found": eta,
            "λ found": lmbda,
            "trials": len(trials),
            "gain": found["η again"] - without,
            "improves": found["η again"] > without,
        },
        {"trials": trials},
    )  # fmt: skip


@ex.with_panels(1, 2, (6.4, 3.6), sharey=True)
def plot(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """Every trial's validation accuracy: over λ at the first η, and over η at the λ found."""
    for trials in result.series("trials"):
        for stage, eta, lmbda, accuracy in trials:
            look: Any = {"color": COLOURS[stage], "marker": MARKERS[stage], "ms": 5, "linestyle": "", "mfc": "none"}
            if stage < 3:
                left.plot(lmbda, accuracy, **look)
            else:
                right.plot(eta, accuracy, **look)
    left.set_xscale("symlog", linthresh=0.01)
    right.set_xscale("log", base=2)
    for i, stage in enumerate(("η alone", "λ by tens", "λ by twos", "η again")):
        left.plot([], [], MARKERS[i], color=COLOURS[i], mfc="none", label=stage)
    lowest = sorted(trial[3] for trials in result.series("trials") for trial in trials)
    left.set_ylim(bottom=lowest[len(lowest) // 8] - 0.5)
    label_axes(left, "regularization λ, at the first η", "accuracy on validation images in %", legend=False)
    label_axes(right, "learning rate η, at the λ found", "accuracy on validation images in %")
    add_legend_below(left, 4)


LAMBDA_SEARCH = ex.Experiment(
    id="ch3/lambda-search",
    title="Choosing λ: by tens, then finer, then η again",
    section=SECTION,
    shows="First η without regularization, half of its threshold. Then λ from 1.0, up or down by tens for as long as "
    "that helps on the validation images, then by twos, and η once more: a dozen short trainings or so.",
    measure=measure,
    plot=plot,
    settings={"hidden": [30], "eta": None, "lmbda": 1.0, "batch_size": 10, "epochs": 10, "engine": "auto"},
    published=(
        ex.Published("the procedure improves validation accuracy", "improves", True, f"chapter 3, '{SECTION}'"),
    ),
    quick=ex.Quick(
        {"data": "any", "n_train": 200, "n_validation": 300, "epochs": 8, "eta": 0.25, "engine": "numpy"},
        (ex.Published("accuracy at the end", "η again", 50.0, unit="%", relation="at least"),),
    ),
    minutes=3.0,
    remark="The best of many trials on the same validation images looks a little better than it is; test images, "
    "not used here, would tell. The lowest trials lie below the figure.",
)
