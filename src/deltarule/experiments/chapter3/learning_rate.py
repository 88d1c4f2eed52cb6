"""The learning rate: what the training cost does with three of them, and where it stops falling."""

from __future__ import annotations

import numpy as np

import deltarule as dr
from deltarule.experiments import api as ex
from deltarule.experiments.chapter3.networks import network_of
from deltarule.plotting import COLOURS, LINES, label_axes, plot_band, plot_published

SECTION = "How to choose a neural network's hyper-parameters?"
SOURCE = f"chapter 3, '{SECTION}'"
FINAL = {"0.025": 0.339, "0.25": 0.339, "2.5": 0.861}


def measure(config: ex.Config) -> ex.Measured:
    """The training cost, with the price of the weights, after each epoch."""
    train, _, _ = ex.load_images(config)
    cost = ex.train(config, network_of(config), train, callbacks=[dr.callbacks.Monitor()]).history["training_cost"]
    rises = np.diff(cost)
    return ex.Measured(
        {"final": cost[-1], "least": min(cost), "rises": int((rises > 0).sum())}, {"training cost": ex.round_all(cost)}
    )


@ex.with_panels()
def plot(result: ex.Result, axes: ex.Axes) -> None:
    """The training cost by epoch for each η, and the published ends."""
    for i, eta in enumerate(result.variants):
        plot_band(axes, result.series("training cost", eta), label=f"η = {eta}", colour=COLOURS[i], linestyle=LINES[i])
    for value in dict.fromkeys(FINAL.values()):
        plot_published(axes, value, f"published end: {value}")
    label_axes(axes, "epoch", "training cost")


def measure_threshold(config: ex.Config) -> ex.Measured:
    """The library's search: each η from three starts for some hundred steps; does the cost fall, or oscillate?"""
    train, _, _ = ex.load_images(config)
    found = dr.find_eta(
        dr.Network.dense([int(np.prod(train.x.shape[1:])), *config["hidden"], 10]),
        train,
        batch_size=config["batch_size"],
        regularizer=dr.L2(config["lmbda"]) if config["lmbda"] else None,
        seed=3 * config.seed,
        engine=config["engine"],
        threads=1,
    )
    shown = [trial for trial in found.trials if not trial.diverged]
    return ex.Measured(
        {"threshold": found.threshold, "recommended": found.recommended},
        {
            "steps": list(shown[0].steps),
            "etas": [trial.eta for trial in shown],
            "costs": [ex.round_all(np.mean(trial.costs, axis=0)) for trial in shown],
            "last": [ex.round_all(trial.last) for trial in shown],
            "falls": [bool(trial.decreases) for trial in shown],
        },
    )


@ex.with_panels(1, 2, (6.4, 3.4))
def plot_threshold(result: ex.Result, left: ex.Axes, right: ex.Axes) -> None:
    """The cost over the first steps at some η, and where it ends for each, with the threshold."""
    run = result.first()
    etas, falls = run.series["etas"], run.series["falls"]
    threshold = run.figures["threshold"]
    shown = sorted({0, etas.index(threshold), len(etas) - 1} | ({etas.index(0.1)} if 0.1 in etas else set()))
    for i, k in enumerate(shown):
        left.plot(run.series["steps"], run.series["costs"][k], color=COLOURS[i], linestyle=LINES[i % 4],
                  label=f"η = {etas[k]:g}")  # fmt: skip
    for other in result.of():
        for eta, last, down in zip(*(other.series[name] for name in ("etas", "last", "falls")), strict=True):
            right.plot(eta, last[0], "o", color=COLOURS[0], mfc=COLOURS[0] if down else "white", ms=5)
        right.axvline(other.figures["threshold"], color=COLOURS[1], linewidth=1)
    for down, label in ((True, "falls"), (False, "oscillates")):
        right.plot([], [], "o", color=COLOURS[0], mfc=COLOURS[0] if down else "white", label=label)
    right.plot([], [], color=COLOURS[1], label="threshold, each run")
    right.axvline(0.5, color="#555555", linestyle=(0, (5, 3)), linewidth=1, label="published: 0.5")
    right.set_xscale("log")
    assert any(falls)
    label_axes(left, "mini-batches", "training cost")
    label_axes(right, "learning rate η", "training cost at the end")


LEARNING_RATE = (
    ex.Experiment(
        id="ch3/learning-rates",
        title="The training cost with three learning rates",
        section=SECTION,
        shows="With η = 0.025 the cost falls slowly to the end, with 0.25 quickly, and then it stays. With 2.5 the "
        "steps lead across the valley and back, and the cost goes up and down at a height.",
        measure=measure,
        plot=plot,
        settings={"hidden": [30], "lmbda": 5.0, "epochs": 30, "batch_size": 10},
        variants={eta: {"eta": float(eta)} for eta in FINAL},
        published=tuple(
            ex.Published(f"training cost at the end, η = {eta}", "final", value, SOURCE, eta)
            for eta, value in FINAL.items()
        ),
        quick=ex.Quick(
            {"data": "any", "n_train": 500, "epochs": 8, "lmbda": 0.05},
            (ex.Published("training cost at the end, η = 0.25", "final", 2.0, variant="0.25", relation="at most"),),
        ),
        seeds=10,
        minutes=3.0,
    ),
    ex.Experiment(
        id="ch3/eta-threshold",
        title="The threshold of η, and half of it",
        section=SECTION,
        shows="An order of magnitude at a time, then finer: up to the threshold the training cost falls, above it "
        "it oscillates. The book reads 0.5 off its curves for this network, and takes half of that.",
        measure=measure_threshold,
        plot=plot_threshold,
        settings={"hidden": [30], "lmbda": 5.0, "batch_size": 10, "engine": "auto"},
        published=(
            ex.Published("threshold", "threshold", 0.5, SOURCE, relation="about"),
            ex.Published("η to use, half of it", "recommended", 0.25, SOURCE, relation="about"),
        ),
        quick=ex.Quick(
            {"data": "digits", "lmbda": 0.1, "hidden": [], "engine": "numpy"},
            (
                ex.Published("threshold", "threshold", 0.3, relation="at least"),
                ex.Published("threshold, from above", "threshold", 3.0, relation="at most"),
            ),
        ),
        minutes=0.5,
    ),
)
