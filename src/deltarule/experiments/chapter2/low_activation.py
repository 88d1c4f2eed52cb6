"""Which weights learn slowly: BP4, ∂C/∂w = a_in δ_out, on a network that has learned to read digits."""

from __future__ import annotations

import numpy as np

from deltarule.core.network import Network
from deltarule.engines.base import Examples
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, label_axes, plot_band

BINS = 10


def mean_by(what: np.ndarray, by: np.ndarray, most: float) -> list[float]:
    """The mean of ``what`` where ``by`` lies in each tenth of the way from 0 to ``most``."""
    tenth = np.clip((by / most * BINS).astype(int), 0, BINS - 1)
    return ex.round_all([what[tenth == i].mean() if (tenth == i).any() else 0.0 for i in range(BINS)])


def slow_weights(config: ex.Config) -> ex.Measured:
    """Gradients of single examples by neuron, and how far the weights from each pixel have moved."""
    train, _, test = ex.load_images(config)
    network = Network.dense([784, *config["hidden"], 10], "quadratic", init="large")
    params = ex.train(config, network, train).params
    first, last = (layer for layer in params if layer)

    some = Examples.of(test.take(slice(config["examples"])), network, "float64")
    x, y = some.x / some.scale, some.y
    z, caches = network.forward(params, x)
    activation, slope = caches[1][1], caches[1][1] * (1 - caches[1][1])
    output = network.cost.delta(z, y)  # δ of the output neurons
    hidden = (output @ last["w"]) * slope  # δ of the hidden neurons
    # for each example and hidden neuron, |∂C_x/∂w| of its weights out, and of those in (BP4)
    leaving = np.abs(output).mean(axis=1)[:, None] * activation
    entering = np.abs(hidden) * np.abs(x).mean(axis=1)[:, None]
    quiet, loud = activation < 0.1, activation > 0.9
    saturated, steep = slope < 0.01, slope > 0.1

    moved = np.abs(first["w"] - network.init(config.seed)[0]["w"].astype(np.float32)).mean(axis=0)
    ink = train.reshape_x((784,)).mean(axis=0) / train.scale
    blank = ink == 0
    return ex.Measured(
        {
            "from blank pixels, unmoved": bool((moved[blank] == 0).all() and (moved[~blank] > 0).any()),
            "blank pixels": int(blank.sum()),
            "out of quiet, of out of loud": float(leaving[quiet].mean() / leaving[loud].mean()),
            "into saturated, of into steep": float(entering[saturated].mean() / entering[steep].mean()),
        },
        {
            "leaving": mean_by(leaving, activation, 1.0),
            "entering": mean_by(entering, slope, 0.25),
            "ink": [round(float(value), 3) for value in ink],
            "moved": [round(float(value), 3) for value in moved],
        },
    )


@ex.with_panels(2, 2, (6.8, 6.0))
def plot_slow_weights(result: ex.Result, left: ex.Axes, right: ex.Axes, ink: ex.Axes, moved: ex.Axes) -> None:
    """The mean gradient by activation and by slope; below, ink and movement, pixel by pixel."""
    middles = (np.arange(BINS) + 0.5) / BINS
    for axes, name, most, colour in ((left, "leaving", 1.0, COLOURS[0]), (right, "entering", 0.25, COLOURS[1])):
        runs = [list(1000 * np.asarray(run)) for run in result.series(name)]
        plot_band(axes, runs, list(most * middles), colour=colour, marker="o", ms=4)
        axes.set(xlim=(0, most), ylim=(0, None))
    label_axes(left, "activation a of a hidden neuron", "mean |∂C/∂w| in 10⁻³", "weights out of it")
    label_axes(right, "its slope σ′(z): near 0 if saturated", "mean |∂C/∂w| in 10⁻³", "weights into it")
    run = result.first()
    for axes, name, words in (
        (ink, "ink", "mean ink of each pixel"),
        (moved, "moved", "how far its weights have moved"),
    ):
        shown = axes.imshow(np.asarray(run.series[name]).reshape(28, 28), cmap="viridis")
        axes.axis("off")
        axes.set_title(words, fontsize=10)
        ink.figure.colorbar(shown, ax=axes, shrink=0.8)


EQUATIONS = "chapter 2, 'The four fundamental equations behind backpropagation'"
LOW = (
    ex.Published("weights out of neurons with low activation learn slowly: their share of the gradient of others",
              "out of quiet, of out of loud", 0.25, EQUATIONS, relation="at most"),
    ex.Published("weights into saturated neurons learn slowly: their share of the gradient of others",
              "into saturated, of into steep", 0.25, EQUATIONS, relation="at most"),
    ex.Published("weights from pixels without ink do not learn at all", "from blank pixels, unmoved", True, EQUATIONS),
)  # fmt: skip

LOW_ACTIVATION = (
    ex.Experiment(
        id="ch2/low-activation",
        title="Which weights learn slowly",
        section="The four fundamental equations behind backpropagation",
        shows="A weight's gradient is the activation it starts from times the error it leads to, so weights out of "
        "quiet neurons hardly learn, "
        "and neither do weights into saturated ones. The extreme case is seen at the rim: pixels without ink keep "
        "their first weights for ever.",
        measure=slow_weights,
        plot=plot_slow_weights,
        settings={"hidden": [30], "eta": 3.0, "epochs": 5, "batch_size": 10, "examples": 2000},
        published=LOW,
        quick=ex.Quick(
            {"data": "any", "n_train": 2000, "n_test": 1000, "epochs": 3, "examples": 300},
            LOW,
            defect={"eta": 0.0},
        ),
        seeds=5,
        minutes=0.5,
        remark="The book claims it in words; our criterion is that such weights have on average at most a quarter of "
        "the "
        "gradient of the others. Low is an activation below 0.1, against above 0.9; saturated is σ′ below 0.01, "
        "against above 0.1.",
    ),
)
