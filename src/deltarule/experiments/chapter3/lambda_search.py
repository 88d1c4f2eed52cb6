"""The search for λ after η: in factors of ten, then of two, then η again, all by validation accuracy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import deltarule as dr
from deltarule.experiments import api as ex
from deltarule.experiments.chapter3.networks import build_network
from deltarule.plotting import COLOURS, MARKERS, add_legend_below, label_axes

SECTION = "How to choose a neural network's hyper-parameters?"


def climb(score: Callable[[float], float], start: float, factor: float) -> float:
    """Multiply, or else divide, by a factor while that raises the score, and return the best value."""
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
    """Search in the order of the book: η with λ = 0, then λ from 1.0, then η again."""
    train, validation, _ = ex.load_images(config)
    network = build_network(config)
    trials: list[list[float]] = []
    stages: dict[str, float] = {}

    def try_settings(eta: float, lmbda: float) -> float:
        model = ex.train(config.with_settings(eta=eta), network, train, regularizer=dr.L2(lmbda))
        trials.append([len(stages), eta, lmbda, round(100 * model.accuracy(validation), 4)])
        return trials[-1][-1]

    eta = (
        config["eta"]
        or dr.find_eta(network, train, batch_size=config["batch_size"], seed=config.seed, threads=1).recommended_eta
    )
    stages["η alone"] = without = try_settings(eta, 0.0)
    lmbda = climb(lambda value: try_settings(eta, value), config["lmbda"], 10)
    stages["λ by tens"] = max(trial[3] for trial in trials if trial[2])
    lmbda = climb(lambda value: try_settings(eta, value), lmbda, 2)
    stages["λ by twos"] = max(trial[3] for trial in trials if trial[2])
    eta = climb(lambda value: try_settings(value, lmbda), eta, 2)
    stages["η again"] = max(trial[3] for trial in trials)
    return ex.Measured(
        {
            **stages,
            "η found": eta,
            "λ found": lmbda,
            "trials": len(trials),
            "gain": stages["η again"] - without,
            "improves": stages["η again"] > without,
        },
        {"trials": trials},
    )  # fmt: skip


@ex.with_panels(1, 2, (6.4, 3.6), sharey=True)
def plot(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """Plot the validation accuracy of every trial: against λ at the first η, and against η at the best λ."""
    for trials in result.series("trials"):
        for stage, eta, lmbda, accuracy in trials:
            look: Any = {"color": COLOURS[stage], "marker": MARKERS[stage], "ms": 5, "linestyle": "", "mfc": "none"}
            if stage < 3:
                left.plot(lmbda, accuracy, **look)
            else:
                right.plot(eta, accuracy, **look)
    left.set_xscale("symlog", linthresh=0.01)
    right.set_xscale("log", base=2)
    for i, stage in enumerate(("η with λ = 0", "λ in factors of ten", "λ in factors of two", "η again")):
        left.plot([], [], MARKERS[i], color=COLOURS[i], mfc="none", label=stage)
    lowest = sorted(trial[3] for trials in result.series("trials") for trial in trials)
    left.set_ylim(bottom=lowest[len(lowest) // 8] - 0.5)
    label_axes(left, "regularization λ, at the first η", "validation accuracy (%)", legend=False)
    label_axes(right, "learning rate η, at the best λ", "validation accuracy (%)")
    add_legend_below(left, 4)


LAMBDA_SEARCH = ex.Experiment(
    id="ch3/lambda-search",
    title="Choosing λ: in factors of ten, then of two, then η again",
    section=SECTION,
    shows="First η is chosen without regularization, as half of its threshold. Then λ is changed from 1.0 up or down "
    "in factors of ten while validation accuracy improves, then in factors of two. Then η is chosen again. This takes "
    "about a dozen short trainings.",
    measure=measure,
    plot=plot,
    settings={"hidden": [30], "eta": None, "lmbda": 1.0, "batch_size": 10, "epochs": 10, "engine": "auto"},
    published=(
        ex.Published(
            "the procedure improves validation accuracy",
            "improves",
            True,
            f"chapter 3, '{SECTION}'",
            beats=("η again", "η alone"),
        ),
    ),
    quick=ex.Quick(
        {"data": "any", "n_train": 200, "n_validation": 300, "epochs": 8, "eta": 0.25, "engine": "numpy"},
        (ex.Published("best validation accuracy", "η again", 50.0, unit="%", relation="at least"),),
    ),
    minutes=3.0,
    remark="The best of many trials on the same validation images looks a little better than it is; only the test "
    "images, not used here, would show by how much. The worst trials are below the range of the plot.",
)
