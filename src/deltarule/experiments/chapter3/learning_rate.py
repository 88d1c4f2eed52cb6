"""The learning rate: the training cost with three values of η, and the threshold above which it oscillates."""

from __future__ import annotations

import numpy as np

import deltarule as dr
from deltarule.experiments import api as ex
from deltarule.experiments.chapter3.networks import build_network
from deltarule.plotting import COLOURS, LINES, label_axes, plot_band, plot_published

SECTION = "How to choose a neural network's hyper-parameters?"
SOURCE = f"chapter 3, '{SECTION}'"
FINAL = {"0.025": 0.339, "0.25": 0.339, "2.5": 0.861}


def measure(config: ex.Config) -> ex.Measured:
    """Measure the training cost, including the regularization term, after each epoch."""
    train, _, _ = ex.load_images(config)
    cost = ex.train(config, build_network(config), train, callbacks=[dr.callbacks.Monitor()]).history["training_cost"]
    rises = np.diff(cost)
    return ex.Measured(
        {"final": cost[-1], "least": min(cost), "rises": int((rises > 0).sum())}, {"training cost": ex.round_all(cost)}
    )


@ex.with_panels()
def plot(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the training cost by epoch for each η, and the published final values."""
    for i, eta in enumerate(result.variants):
        plot_band(axes, result.series("training cost", eta), label=f"η = {eta}", colour=COLOURS[i], linestyle=LINES[i])
    for value in dict.fromkeys(FINAL.values()):
        plot_published(axes, value, f"published final cost: {value}")
    label_axes(axes, "epoch", "training cost")


def measure_threshold(config: ex.Config) -> ex.Measured:
    """Search for the threshold with :func:`deltarule.find_eta`.

    It tries each η from three starting points for some hundred steps, and checks whether the cost falls.
    """
    train, _, _ = ex.load_images(config)
    search = dr.find_eta(
        dr.Network.dense([int(np.prod(train.x.shape[1:])), *config["hidden"], 10]),
        train,
        batch_size=config["batch_size"],
        regularizer=dr.L2(config["lmbda"]) if config["lmbda"] else None,
        seed=3 * config.seed,
        engine=config["engine"],
        threads=1,
    )
    trials = [trial for trial in search.trials if not trial.has_diverged]
    return ex.Measured(
        {"threshold": search.threshold, "recommended": search.recommended_eta},
        {
            "steps": list(trials[0].steps),
            "etas": [trial.eta for trial in trials],
            "costs": [ex.round_all(np.mean(trial.costs, axis=0)) for trial in trials],
            "last": [ex.round_all(trial.last) for trial in trials],
            "falls": [bool(trial.decreases) for trial in trials],
        },
    )


@ex.with_panels(1, 2, (6.4, 3.4))
def plot_threshold(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """Plot the cost over the first steps for some η, and the final cost for each η, with the threshold."""
    run = result.first()
    etas, falls = run.series["etas"], run.series["falls"]
    threshold = run.figures["threshold"]
    plotted = sorted({0, etas.index(threshold), len(etas) - 1} | ({etas.index(0.1)} if 0.1 in etas else set()))
    for i, k in enumerate(plotted):
        left.plot(run.series["steps"], run.series["costs"][k], color=COLOURS[i], linestyle=LINES[i % 4],
                  label=f"η = {etas[k]:g}")  # fmt: skip
    for other in result.runs_of():
        for eta, last, down in zip(*(other.series[name] for name in ("etas", "last", "falls")), strict=True):
            right.plot(eta, last[0], "o", color=COLOURS[0], mfc=COLOURS[0] if down else "white", ms=5)
        right.axvline(other.figures["threshold"], color=COLOURS[1], linewidth=1)
    for down, label in ((True, "falls"), (False, "oscillates")):
        right.plot([], [], "o", color=COLOURS[0], mfc=COLOURS[0] if down else "white", label=label)
    right.plot([], [], color=COLOURS[1], label="threshold of each run")
    right.axvline(0.5, color="#555555", linestyle=(0, (5, 3)), linewidth=1, label="published: 0.5")
    right.set_xscale("log")
    assert any(falls)
    label_axes(left, "mini-batches", "training cost")
    label_axes(right, "learning rate η", "final training cost")


LEARNING_RATE = (
    ex.Experiment(
        id="ch3/learning-rates",
        title="Training cost with three learning rates",
        section=SECTION,
        shows="With η = 0.025 the cost falls slowly until the end. With η = 0.25 it falls quickly and then stays about "
        "constant. With η = 2.5 the steps cross the valley and come back, and the cost oscillates at a higher level.",
        measure=measure,
        plot=plot,
        settings={"hidden": [30], "lmbda": 5.0, "epochs": 30, "batch_size": 10},
        variants={eta: {"eta": float(eta)} for eta in FINAL},
        published=tuple(
            ex.Published(f"final training cost, η = {eta}", "final", value, SOURCE, eta) for eta, value in FINAL.items()
        ),
        quick=ex.Quick(
            {"data": "any", "n_train": 500, "epochs": 8, "lmbda": 0.05},
            (ex.Published("final training cost, η = 0.25", "final", 2.0, variant="0.25", relation="at most"),),
        ),
        seeds=10,
        minutes=3.0,
    ),
    ex.Experiment(
        id="ch3/eta-threshold",
        title="The threshold of η",
        section=SECTION,
        shows="Up to the threshold of η the training cost falls from the start; above it the cost oscillates. The search "
        "tries orders of magnitude first, then finer steps. For this network the book estimates a threshold of 0.5 and "
        "uses half of it.",
        measure=measure_threshold,
        plot=plot_threshold,
        settings={"hidden": [30], "lmbda": 5.0, "batch_size": 10, "engine": "auto"},
        published=(
            ex.Published("threshold of η", "threshold", 0.5, SOURCE, relation="about"),
            ex.Published("recommended η, half of the threshold", "recommended", 0.25, SOURCE, relation="about"),
        ),
        quick=ex.Quick(
            {"data": "digits", "lmbda": 0.1, "hidden": [], "engine": "numpy"},
            (
                ex.Published("threshold of η, lower bound", "threshold", 0.3, relation="at least"),
                ex.Published("threshold of η, upper bound", "threshold", 3.0, relation="at most"),
            ),
        ),
        minutes=0.5,
    ),
)
