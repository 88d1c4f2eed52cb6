"""Weight initialization: standard deviation 1 or 1/√n_in, and the weighted input that follows from it."""

from __future__ import annotations

from functools import partial

import numpy as np

from deltarule.core import random
from deltarule.core.activations import sigmoid
from deltarule.core.initializers import INITIALIZERS
from deltarule.experiments import api as ex
from deltarule.experiments.chapter3.networks import measure_accuracy, plot_accuracy
from deltarule.plotting import COLOURS, LINES, add_legend_below, label_axes

SECTION = "Weight initialization"
SOURCE = f"chapter 3, '{SECTION}'"
DEVIATIONS = {"large": 501**0.5, "default": 1.5**0.5}
"""The standard deviations of z according to the book: √(500 + 1) and √(500/1000 + 1)."""
BINS = np.linspace(-60, 60, 121)
FINE = np.linspace(-6, 6, 121)


def measure_inputs(config: ex.Config) -> ex.Measured:
    """Compute z for many neurons with a thousand inputs, half of them 1 and half of them 0."""
    n, on = config["inputs"], config["on"]
    x = np.where(np.arange(n) < on, 1.0, 0.0)
    params = INITIALIZERS[config["init"]](random.key(config.seed), (config["neurons"], n), n)
    z = params["w"] @ x + params["b"]
    a = sigmoid(z)
    return ex.Measured(
        {
            "deviation": float(z.std()),
            "mean": float(z.mean()),
            "saturated": 100 * float(np.mean((a < 0.01) | (a > 0.99))),
        },
        {"wide": np.histogram(z, BINS)[0].tolist(), "fine": np.histogram(z, FINE)[0].tolist()},
    )


@ex.with_panels(1, 2, (6.4, 3.3))
def plot_inputs(result: ex.Result, *both: ex.Axes) -> None:
    """Plot histograms of z for both initializations, in full and near 0, with the theoretical Gaussians."""
    for axes, bins, name in zip(both, (BINS, FINE), ("wide", "fine"), strict=True):
        z = np.linspace(bins[0], bins[-1], 601)
        for i, (variant, sd) in enumerate(DEVIATIONS.items()):
            counts = np.sum(result.series(name, variant), axis=0)
            total = sum(run.settings["neurons"] for run in result.runs_of(variant))
            axes.stairs(counts / total / (bins[1] - bins[0]), bins, color=COLOURS[i], alpha=0.35, fill=True)
            theory = np.exp(-((z / sd) ** 2) / 2) / sd / np.sqrt(2 * np.pi)
            mean = float(np.mean(result.figures("deviation", variant)))
            axes.plot(z, theory, color=COLOURS[i], linestyle=LINES[i], linewidth=1.2, label=f"{variant}: {mean:.2f}")
    label_axes(both[0], "weighted input z", "density", "all z", legend=False)
    label_axes(both[1], "weighted input z", "density", "z near 0", legend=False)
    add_legend_below(both[0], 2, title="measured standard deviation (curves: theory)", title_fontsize=9)


def _build(hidden: int, first: dict[str, float], last: dict[str, float], minutes: float) -> ex.Experiment:
    """Build the experiment with this many hidden neurons and the published accuracies by initialization."""
    return ex.Experiment(
        id=f"ch3/weight-init-{hidden}",
        title=f"Better initial weights, {hidden} hidden neurons",
        section=SECTION,
        shows="With weights of standard deviation 1/√n_in, hidden neurons are not saturated at the start, and the "
        "accuracy after the first epoch is much higher. "
        + {
            30: "At the end both initializations give nearly the same accuracy.",
            100: "At the end this initialization is still better by a few tenths of a percentage point.",
        }[hidden],
        measure=measure_accuracy,
        plot=partial(plot_accuracy, on="validation", published=last, bottom=85.0),
        settings={"hidden": [hidden], "on": "validation", "eta": 0.1, "lmbda": 5.0, "epochs": 30, "batch_size": 10},
        variants={"large": {"init": "large"}, "default": {"init": "default"}},
        published=(
            *(ex.Published(f"validation accuracy after the first epoch, {init}", "first", value, SOURCE, init, "%")
              for init, value in first.items()),
            *(ex.Published(f"validation accuracy at the end, {init}", "last", value, SOURCE, init, "%")
              for init, value in last.items()),
        ),
        quick=ex.Quick(
            {"data": "any", "n_train": 1000, "n_validation": 300, "epochs": 4, "lmbda": 0.1},
            (
                ex.Published("validation accuracy, default", "last", 55.0, "", "default", "%", "at least"),
            ),
        ),
        seeds=10 if hidden == 30 else 3,
        minutes=minutes,
    )  # fmt: skip


INITIALIZATION = (
    ex.Experiment(
        id="ch3/gaussians",
        title="The weighted input of a neuron with a thousand inputs",
        section=SECTION,
        shows="Half of the 1,000 inputs are 1 and half are 0, so z is a sum of 500 weights and the bias. With weights "
        "of standard deviation 1 (“large”), z has a standard deviation of √501, and nearly every sigmoid neuron is "
        "saturated. With 1/√n_in (“default”) it is √(3/2), and hardly any neuron is saturated.",
        measure=measure_inputs,
        plot=plot_inputs,
        settings={"inputs": 1000, "on": 500, "neurons": 10_000},
        variants={"large": {"init": "large"}, "default": {"init": "default"}},
        published=tuple(
            ex.Published(f"standard deviation of z, {init}", "deviation", value, SOURCE, init)
            for init, value in DEVIATIONS.items()
        ),
        quick=ex.Quick(
            {"neurons": 2000},
            tuple(
                ex.Published(f"standard deviation of z, {init}", "deviation", value, variant=init)
                for init, value in DEVIATIONS.items()
            ),
            defect={"on": 1000},
        ),
        seeds=5,
    ),
    _build(30, {"large": 86.43, "default": 92.70}, {"large": 96.37, "default": 96.50}, 2.0),
    _build(100, {"large": 89.94, "default": 92.95}, {"large": 97.42, "default": 97.81}, 2.5),
)
