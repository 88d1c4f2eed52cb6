"""Weights that learn slowly by BP4, ∂C/∂w = a_in δ_out, in a network trained on digits."""

from __future__ import annotations

import numpy as np

from deltarule.core.network import Network
from deltarule.engines.examples import Examples
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, label_axes, plot_band

BINS = 10


def average_in_bins(values: np.ndarray, by: np.ndarray, most: float) -> list[float]:
    """Average ``values`` where ``by`` lies in each of the ten equal parts of 0 to ``most``."""
    tenth = np.clip((by / most * BINS).astype(int), 0, BINS - 1)
    return ex.round_all([values[tenth == i].mean() if (tenth == i).any() else 0.0 for i in range(BINS)])


def measure(config: ex.Config) -> ex.Measured:
    """Measure the gradients of single examples by neuron, and the change of the weights from each pixel."""
    train, _, test = ex.load_images(config)
    network = Network.dense([784, *config["hidden"], 10], "quadratic", init="large")
    params = ex.train(config, network, train).params
    first, last = (layer for layer in params if layer)

    some = Examples.from_dataset(test.take(slice(config["examples"])), network, "float64")
    x, y = some.x / some.scale, some.y
    z, caches = network.forward(params, x)
    activation, slope = caches[1][1], caches[1][1] * (1 - caches[1][1])
    output = network.cost.delta(z, y)  # δ of the output neurons
    hidden = (output @ last["w"]) * slope  # δ of the hidden neurons
    # for each example and hidden neuron, the mean |∂C_x/∂w| of its outgoing and its incoming weights (BP4)
    leaving = np.abs(output).mean(axis=1)[:, None] * activation
    entering = np.abs(hidden) * np.abs(x).mean(axis=1)[:, None]
    quiet, loud = activation < 0.1, activation > 0.9
    saturated, steep = slope < 0.01, slope > 0.1

    moved = np.abs(first["w"] - network.init(config.seed)[0]["w"].astype(np.float32)).mean(axis=0)
    ink = train.reshape_x((784,)).mean(axis=0) / train.white
    blank = ink == 0
    return ex.Measured(
        {
            "from blank pixels, unmoved": bool((moved[blank] == 0).all() and (moved[~blank] > 0).any()),
            "blank pixels": int(blank.sum()),
            "outgoing weights, low to high activation": float(leaving[quiet].mean() / leaving[loud].mean()),
            "incoming weights, saturated to steep": float(entering[saturated].mean() / entering[steep].mean()),
        },
        {
            "leaving": average_in_bins(leaving, activation, 1.0),
            "entering": average_in_bins(entering, slope, 0.25),
            "ink": [round(float(value), 3) for value in ink],
            "moved": [round(float(value), 3) for value in moved],
        },
    )


@ex.with_panels(2, 2, (6.8, 6.0))
def plot(result: ex.Result, left: ex.Axes, right: ex.Axes, ink: ex.Axes, moved: ex.Axes) -> None:
    """Plot the mean gradient against activation and slope; below, the ink and the change of weights of each pixel."""
    middles = (np.arange(BINS) + 0.5) / BINS
    for axes, name, most, colour in ((left, "leaving", 1.0, COLOURS[0]), (right, "entering", 0.25, COLOURS[1])):
        runs = [list(1000 * np.asarray(run)) for run in result.series(name)]
        plot_band(axes, runs, list(most * middles), colour=colour, marker="o", ms=4)
        axes.set(xlim=(0, most), ylim=(0, None))
    label_axes(left, "activation a of a hidden neuron", "mean |∂C/∂w| in 10⁻³", "outgoing weights")
    label_axes(right, "slope σ′(z) of a hidden neuron", "mean |∂C/∂w| in 10⁻³", "incoming weights")
    run = result.first()
    for axes, name, title in (
        (ink, "ink", "mean ink of each pixel"),
        (moved, "moved", "mean change of its weights"),
    ):
        image = axes.imshow(np.asarray(run.series[name]).reshape(28, 28), cmap="viridis")
        axes.axis("off")
        axes.set_title(title, fontsize=10)
        ink.figure.colorbar(image, ax=axes, shrink=0.8)


EQUATIONS = "chapter 2, 'The four fundamental equations behind backpropagation'"
LOW = (
    ex.Published("outgoing weights of neurons with low activation learn slowly: ratio of mean gradients",
              "outgoing weights, low to high activation", 0.25, EQUATIONS, relation="at most"),
    ex.Published("incoming weights of saturated neurons learn slowly: ratio of mean gradients",
              "incoming weights, saturated to steep", 0.25, EQUATIONS, relation="at most"),
    ex.Published("weights from pixels that are always blank do not learn at all", "from blank pixels, unmoved", True, EQUATIONS, exact=True),
)  # fmt: skip

LOW_ACTIVATION = (
    ex.Experiment(
        id="ch2/low-activation",
        title="Weights that learn slowly",
        section="The four fundamental equations behind backpropagation",
        shows="The gradient of a weight is its input activation times its output error. So the outgoing weights of "
        "neurons with low activation hardly learn, and the incoming weights of saturated neurons hardly learn either. "
        "The extreme case is at the edge of the images: weights from pixels that are always blank keep their initial "
        "values.",
        measure=measure,
        plot=plot,
        settings={"hidden": [30], "eta": 3.0, "epochs": 5, "batch_size": 10, "examples": 2000},
        published=LOW,
        quick=ex.Quick(
            {"data": "any", "n_train": 2000, "n_test": 1000, "epochs": 3, "examples": 300},
            LOW,
            defect={"eta": 0.0},
        ),
        seeds=5,
        minutes=0.5,
        remark="The book describes this in words. Our criterion: the mean gradient of such weights is at most a quarter "
        "of that of the others. Activations below 0.1 are compared with those above 0.9, and saturated neurons (σ′ "
        "below 0.01) with those whose σ′ is above 0.1.",
    ),
)
