"""Dropout on a dense network: half of the hidden neurons are left out in each training step."""

from __future__ import annotations

import deltarule as dr
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, label_axes, new_figure, plot_band, plot_published

SOURCE = "chapter 3, 'Other techniques for regularization'"
HINTON = f"{SOURCE}, citing Hinton and others (2012)"
CITED = {"without": 98.4, "with": 98.7}
ALL, FEW = "50,000 images", "5,000 images"


def build_network(config: ex.Config, p: float) -> dr.Network:
    """Build the ReLU network [784, hidden …, 10] with dropout of the fraction p after each hidden layer, if p > 0."""
    drop = (dr.Dropout(p),) if p else ()
    hidden: list[dr.Layer] = [layer for n in config["hidden"] for layer in (dr.Dense(n), dr.ReLU(), *drop)]
    return dr.Network([*hidden, dr.Dense(10)], dr.LogLikelihood(), (784,))


def measure(config: ex.Config) -> ex.Measured:
    """Train the same network without and with dropout, from the same weights."""
    train, _, test = ex.load_images(config)
    accuracy, cost, training = {}, {}, {}
    for name, p in (("without", 0.0), ("with", config["dropout"])):
        eta = dr.schedules.Exponential(config["eta"], config["rate"])
        model = ex.train(
            config.for_part(name), build_network(config, p), train, eta=eta, callbacks=[dr.callbacks.Monitor(test=test)]
        )
        accuracy[name] = ex.to_percent(model.history["test_accuracy"])
        cost[name] = ex.round_all(model.history["test_cost"])
        training[name] = model.evaluate(train)
    gain = accuracy["with"][-1] - accuracy["without"][-1]
    return ex.Measured(
        {
            "without": accuracy["without"][-1],
            "with": accuracy["with"][-1],
            "gain": gain,
            "dropout gains": gain > 0,
            "training, without": 100 * training["without"]["accuracy"],
            "training, with": 100 * training["with"]["accuracy"],
            "training is harder": training["with"]["cost"] > 1.2 * training["without"]["cost"],
            "cost falls, by a factor": cost["without"][-1] / cost["with"][-1],
            "dropout lowers the cost": cost["with"][-1] < cost["without"][-1],
        },
        {
            "accuracy, without": accuracy["without"],
            "accuracy, with": accuracy["with"],
            "cost, without": cost["without"],
            "cost, with": cost["with"],
        },
    )


def plot(result: ex.Result) -> ex.Figure:
    """Plot test accuracy and test cost by epoch, with and without dropout; a row for each training-set size."""
    figure, rows = new_figure(len(result.variants), 2, (6.4, 1 + 2.4 * len(result.variants)), squeeze=False)
    for (left, right), variant in zip(rows, result.variants, strict=True):
        for i, name in enumerate(("without", "with")):
            colour, line = COLOURS[i], ("-", "--")[i]
            plot_band(
                left,
                result.series(f"accuracy, {name}", variant),
                label=f"{name} dropout",
                colour=colour,
                linestyle=line,
            )
            plot_band(right, result.series(f"cost, {name}", variant), colour=colour, linestyle=line)
            if variant == ALL:
                plot_published(left, CITED[name], f"cited, {name} dropout: {CITED[name]} %", colour)
        ends = [run[-1] for name in ("without", "with") for run in result.series(f"accuracy, {name}", variant)]
        left.set_ylim(bottom=min(ends) - 1.5)
        label_axes(left, "epoch", "test accuracy (%)", f"{variant[:-7]} training images", legend=False)
        label_axes(right, "epoch", "test cost")
    handles = {
        label: line for axes in rows[:, 0] for line, label in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    figure.legend(list(handles.values()), list(handles), loc="outside lower center", ncols=2, fontsize=9)
    return figure


TOO_SMALL = (
    "The cited networks are larger and were trained longer. Our network has 400 and 400 hidden neurons, and with "
    "dropout only half of them are active in each step. This is too few to learn all 50,000 images in 30 epochs: "
    "without dropout the network classifies all training images correctly, with dropout it does not."
)

DROPOUT = ex.Experiment(
    id="ch3/dropout",
    title="Dropout on a dense network",
    section="Other techniques for regularization",
    shows="In each step, a different random half of the hidden neurons is left out. With few training images, where "
    "overfitting is strong, dropout raises the test accuracy. With all training images, it keeps the test cost low; "
    "without dropout the test cost rises, because the network becomes overconfident.",
    measure=measure,
    plot=plot,
    settings={"hidden": [400, 400], "dropout": 0.5, "eta": 0.2, "batch_size": 50},
    variants={
        ALL: {"n_train": None, "epochs": 30, "rate": 0.93},
        FEW: {"n_train": 5000, "epochs": 100, "rate": 0.97},
    },
    published=(
        ex.Published("test accuracy without dropout", "without", CITED["without"], HINTON, ALL, "%"),
        ex.Published("test accuracy with dropout", "with", CITED["with"], HINTON, ALL, "%", explanation=TOO_SMALL),
        ex.Published(
            "dropout raises the test accuracy",
            "dropout gains",
            True,
            HINTON,
            ALL,
            explanation=TOO_SMALL,
            beats=("with", "without"),
        ),
        ex.Published(
            "dropout raises the test accuracy where overfitting is strong",
            "dropout gains",
            True,
            SOURCE,
            FEW,
            beats=("with", "without"),
        ),
    ),
    quick=ex.Quick(
        {"data": "any", "n_train": 300, "n_test": 300, "epochs": 12, "hidden": [60], "batch_size": 10},
        (
            ex.Published("with dropout the training cost stays higher", "training is harder", True, "", FEW),
            ex.Published("test accuracy with dropout", "with", 55.0, "", FEW, "%", "at least"),
        ),
        defect={"dropout": 0.0},
        variants=(FEW,),
    ),
    minutes=6.0,
    remark="The cited accuracies are from other authors, who used larger networks and, with dropout, a limit on the "
    "size of the weights. Our network is 784-400-400-10 (ReLU, softmax). η starts at 0.2 and falls by 7 % per epoch "
    "(50,000 images) or 3 % (5,000 images).",
)
