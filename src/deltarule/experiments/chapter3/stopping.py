"""Early stopping and learning-rate schedules, both controlled by the validation accuracy."""

from __future__ import annotations

import deltarule as dr
from deltarule.experiments import api as ex
from deltarule.experiments.chapter3.networks import build_network
from deltarule.plotting import COLOURS, LINES, MARKERS, label_axes

SECTION = "How to choose a neural network's hyper-parameters?"
SOURCE = f"chapter 3, '{SECTION}'"


def measure_stopping(config: ex.Config) -> ex.Measured:
    """Train with early stopping for each patience n, and record the number of epochs and the best accuracy."""
    train, validation, _ = ex.load_images(config)
    figures: dict[str, float | bool] = {}
    series = {}
    best = []
    for n in config["patience"]:
        model = ex.train(config.for_part(str(n)), build_network(config), train, validation=validation,
                        callbacks=[dr.callbacks.EarlyStopping(n)])  # fmt: skip
        accuracy = ex.to_percent(model.history["validation_accuracy"])
        best.append(max(accuracy))
        figures |= {f"epochs, n = {n}": len(accuracy), f"best, n = {n}": best[-1]}
        series[str(n)] = accuracy
    figures["stops by itself"] = all(len(run) < config["epochs"] for run in series.values())
    figures["gain from the least to the most patience"] = best[-1] - best[0]
    return ex.Measured(figures, series)


@ex.with_panels()
def plot_stopping(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the longest training of each seed, and mark where each patience stops it."""
    patience = result.first().settings["patience"]
    lowest = 100.0
    for k, run in enumerate(result.runs_of()):
        whole = run.series[str(patience[-1])]
        axes.plot(range(1, len(whole) + 1), whole, color="#999999", linewidth=0.8, zorder=1)
        for i, n in enumerate(patience):
            end = len(run.series[str(n)])
            axes.plot(end, whole[end - 1], MARKERS[i], color=COLOURS[i], ms=7, label=None if k else f"stops, n = {n}")
        lowest = min(lowest, sorted(whole)[len(whole) // 20])
    axes.set_ylim(bottom=lowest - 0.3)
    label_axes(axes, "epoch", "validation accuracy (%)", f"{len(result.runs_of())} runs")


def measure_schedule(config: ex.Config) -> ex.Measured:
    """Train with η halved whenever validation accuracy stops improving, and with η constant for as many epochs."""
    train, validation, _ = ex.load_images(config)
    falling = dr.schedules.ReduceOnPlateau(config["eta"], config["patience"], config["stop_at"])
    halved = ex.train(config.for_part("halved"), build_network(config), train, eta=falling, validation=validation)
    epochs = len(halved.history)
    constant = ex.train(config.for_part("constant", epochs=epochs), build_network(config), train, validation=validation)
    accuracy = {name: ex.to_percent(model.history["validation_accuracy"])
                for name, model in (("halved", halved), ("constant", constant))}  # fmt: skip
    etas = halved.history["eta"]
    return ex.Measured(
        {
            "epochs": epochs,
            "ends by itself": epochs < config["epochs"],
            "halvings": len(set(etas)),
            "last, halved": accuracy["halved"][-1],
            "last, constant": accuracy["constant"][-1],
            "gain": accuracy["halved"][-1] - accuracy["constant"][-1],
            "best, halved": max(accuracy["halved"]),
            "best, constant": max(accuracy["constant"]),
        },
        {**accuracy, "eta": ex.round_all(etas)},
    )


@ex.with_panels(2, 1, (6.4, 4.6), sharex=True, height_ratios=(3, 1))
def plot_schedule(result: ex.Result, top: ex.Axes, bottom: ex.Axes) -> None:
    """Plot validation accuracy with η halved and with η constant, and η itself, for the longer schedule."""
    variant = result.variants[-1]
    for i, name in enumerate(("constant", "halved")):
        for k, accuracy in enumerate(result.series(name, variant)):
            top.plot(range(1, len(accuracy) + 1), accuracy, color=COLOURS[i], linestyle=LINES[i], linewidth=0.9,
                     label=None if k else f"η {name}")  # fmt: skip
    for eta in result.series("eta", variant):
        bottom.plot(range(1, len(eta) + 1), eta, color=COLOURS[1], drawstyle="steps-post", linewidth=0.9)
    bottom.set_yscale("log", base=2)
    every = sorted(value for name in ("constant", "halved") for run in result.series(name, variant) for value in run)
    top.set_ylim(bottom=every[len(every) // 20] - 0.2)
    label_axes(top, "epoch", "validation accuracy (%)", f"{len(result.runs_of(variant))} runs, {variant}")
    label_axes(bottom, "epoch", "η")


STOPPING = (
    ex.Experiment(
        id="ch3/early-stopping",
        title="Early stopping: stop after n epochs without improvement",
        section=SECTION,
        shows="The same training is stopped when validation accuracy has reached no new best for 10, 20 or 50 epochs. "
        "More patience takes more epochs and gains a little accuracy, because accuracy can rise again after a plateau.",
        measure=measure_stopping,
        plot=plot_stopping,
        settings={"hidden": [30], "eta": 0.25, "lmbda": 5.0, "batch_size": 10, "epochs": 400,
                  "patience": [10, 20, 50]},
        published=(
            ex.Published("training stops before the last epoch", "stops by itself", True, SOURCE),
        ),
        quick=ex.Quick(
            {"data": "any", "n_train": 200, "n_validation": 300, "patience": [2, 5], "lmbda": 0.02, "epochs": 80},
            (
                ex.Published("training stops before the last epoch", "stops by itself", True),
                ex.Published("best validation accuracy, n = 5", "best, n = 5", 50.0, unit="%", relation="at least"),
            ),
        ),
        minutes=3.0,
    ),
    ex.Experiment(
        id="ch3/schedule",
        title="Halve η when validation accuracy stops improving",
        section=SECTION,
        shows="Training starts with large steps and halves η whenever validation accuracy has not improved for ten "
        "epochs. The smaller the steps, the less the accuracy jumps, and it ends above the accuracy with a constant η.",
        measure=measure_schedule,
        plot=plot_schedule,
        settings={"hidden": [30], "eta": 0.5, "lmbda": 5.0, "batch_size": 10, "epochs": 1000, "patience": 10},
        variants={"stopped at 1/128": {"stop_at": 1 / 128}, "stopped at 1/1024": {"stop_at": 1 / 1024}},
        published=tuple(
            ex.Published("gain in final validation accuracy over a constant η", "gain", 0.0, SOURCE,
                         f"stopped at {fraction}", "%", "at least")
            for fraction in ("1/128", "1/1024")
        ),
        quick=ex.Quick(
            {"data": "any", "n_train": 200, "n_validation": 300, "patience": 2, "lmbda": 0.02, "stop_at": 1 / 8},
            (
                ex.Published("training stops before the last epoch", "ends by itself", True, variant="stopped at 1/128"),
                ex.Published("final validation accuracy", "last, halved", 50.0, "", "stopped at 1/128", "%", "at least"),
            ),
            variants=("stopped at 1/128",),
        ),
        minutes=5.0,
        remark="The book stops at 1/1024 of the first η in its text and at 1/128 in its exercise, so both are measured.",
    ),
)  # fmt: skip
