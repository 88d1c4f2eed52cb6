"""The mini-batch size: accuracy against time, with η proportional to the size."""

from __future__ import annotations

from time import process_time
from typing import Any

import numpy as np

import deltarule as dr
from deltarule.experiments import api as ex
from deltarule.experiments.chapter3.networks import build_network
from deltarule.plotting import COLOURS, LINES, MARKERS, label_axes

SECTION = "How to choose a neural network's hyper-parameters?"


def measure(config: ex.Config) -> ex.Measured:
    """Train with each size and measure the CPU time per epoch; η is proportional to the size, up to a bound."""
    train, validation, _ = ex.load_images(config)
    figures: dict[str, float | bool] = {}
    series: dict[str, Any] = {}
    for m in config["sizes"]:
        eta = min(config["eta_per_example"] * m, config["largest_eta"])

        def read_clock(model: dr.Model) -> list[float]:
            before = process_time()  # the two readings exclude the evaluation from the training time
            return [before, model.accuracy(validation), process_time()]

        try:
            model = ex.train(config.with_settings(eta=eta, batch_size=m), build_network(config), train,
                             callbacks=[dr.callbacks.Monitor(clock=read_clock)])  # fmt: skip
        except dr.errors.DivergedError:
            figures[f"best, m = {m}"] = 0.0
            continue
        started, accuracy, ended = np.array(model.history["clock"]).T
        epoch = float(np.median(started[1:] - ended[:-1]))
        series[str(m)] = {"epoch": float(f"{epoch:.4g}"), "accuracy": ex.to_percent(accuracy)}
        figures[f"best, m = {m}"] = 100 * float(accuracy.max())
    figures |= _compare_sizes(series, config["sizes"])
    etas = ex.round_all(min(config["eta_per_example"] * m, config["largest_eta"]) for m in config["sizes"])
    return ex.Measured(figures, {**series, "eta": etas})


def _compare_sizes(series: dict[str, Any], sizes: list[int]) -> dict[str, float | bool]:
    """Find the size whose accuracy is the first to come within one point of the best accuracy of all sizes."""
    goal = max(max(run["accuracy"]) for run in series.values()) - 1.0
    reached = {
        int(m): run["epoch"] * (1 + next(i for i, a in enumerate(run["accuracy"]) if a >= goal))
        for m, run in series.items()
        if max(run["accuracy"]) >= goal
    }
    quickest = min(reached, key=lambda m: reached[m])
    return {
        "first within a point of the best": quickest,
        "a compromise": min(sizes) < quickest < max(sizes),
        "an epoch, smallest against largest": series[str(min(map(int, series)))]["epoch"]
        / series[str(max(map(int, series)))]["epoch"],
    }


@ex.with_panels(size=(6.4, 4.2))
def plot(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the validation accuracy against the training time for each size, for the run with the first seed."""
    run = result.first()
    sizes = [m for m in run.settings["sizes"] if str(m) in run.series]
    for i, m in enumerate(sizes):
        one = run.series[str(m)]
        time = one["epoch"] * (1 + np.arange(len(one["accuracy"])))
        axes.plot(time, one["accuracy"], color=COLOURS[i % 7], linestyle=LINES[i % 4], marker=MARKERS[i % 7], ms=3.5,
                  label=f"m = {m}, η = {run.series['eta'][run.settings['sizes'].index(m)]:g}")  # fmt: skip
    axes.set_xscale("log")
    best = max(max(run.series[str(m)]["accuracy"]) for m in sizes)
    axes.set_ylim(best - 12, best + 0.5)
    label_axes(axes, "CPU time of training (s)", "validation accuracy (%)")


MINI_BATCH = ex.Experiment(
    id="ch3/mini-batch-size",
    title="The mini-batch size is a compromise",
    section=SECTION,
    shows="Small mini-batches take many cheap steps; large ones take few steps, which the machine computes "
    "efficiently. In real time a size in between is fastest. In the plot each point is an epoch, and a faster curve "
    "rises further to the left.",
    measure=measure,
    plot=plot,
    settings={"hidden": [30], "sizes": [1, 3, 10, 30, 100, 300, 1000], "eta_per_example": 0.025, "largest_eta": 2.0,
              "lmbda": 5.0, "epochs": 15},
    published=(ex.Published("the best size is neither the smallest nor the largest", "a compromise", True, f"chapter 3, '{SECTION}'"),),
    quick=ex.Quick(
        {"data": "any", "n_train": 300, "n_validation": 300, "sizes": [1, 10, 100], "lmbda": 0.03, "epochs": 6,
         "eta_per_example": 0.05},
        (
            ex.Published("best validation accuracy, m = 1", "best, m = 1", 50.0, unit="%", relation="at least"),
            ex.Published("best validation accuracy, m = 10", "best, m = 10", 50.0, unit="%", relation="at least"),
        ),
    ),
    minutes=1.5,
    remark="As the book advises, η is proportional to m; here it is limited to 2.0, since the rule cannot hold for every "
    "m. The time is CPU time on one core, without the evaluation on the validation images. The “best size” is the size "
    "that needs the least time to come within one percentage point of the best accuracy of all sizes.",
)  # fmt: skip
