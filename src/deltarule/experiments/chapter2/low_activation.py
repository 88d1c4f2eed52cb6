"""Which weights learn slowly: BP4, ∂C/∂w = a_in δ_out, on a network that has learned to read digits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from deltarule.core.network import Network
from deltarule.engines.base import Examples
from deltarule.experiments.drawing import figure, named
from deltarule.experiments.experiment import Config, Experiment, Measured, Published, Quick
from deltarule.experiments.images import images
from deltarule.experiments.learning import learned, rounded
from deltarule.figures import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from deltarule.experiments.result import Result


def ranks(values: np.ndarray) -> np.ndarray:
    """The place of each value among all, from the smallest."""
    return values.argsort().argsort()


def together(one: np.ndarray, other: np.ndarray) -> float:
    """The rank correlation of two rows of numbers: 1 where they rise together, 0 where they have nothing to do."""
    return float(np.corrcoef(ranks(one), ranks(other))[0, 1])


def slow_weights(config: Config) -> Measured:
    """Gradients of single examples by neuron, and how far the weights from each pixel have moved."""
    train, _, test = images(config)
    network = Network.dense([784, *config["hidden"], 10], "quadratic", init="large")
    model = learned(config, network, train)
    params = model.params
    first, last = (layer for layer in params if layer)

    some = Examples.of(test.take(slice(config["examples"])), network)
    x, y = np.asarray(some.x, dtype=float) / some.scale, np.asarray(some.y, dtype=float)
    z, caches = network.forward(params, x)
    activation, slope = caches[1][1], caches[1][1] * (1 - caches[1][1])
    output = network.cost.delta(z, y)  # δ of the output neurons
    hidden = (output @ last["w"]) * slope  # δ of the hidden neurons
    leaving = np.abs(output).sum(axis=1) @ activation / len(x)  # Σ_j |∂C_x/∂w_jk|, the mean over examples x
    entering = (np.abs(hidden) * np.abs(x).sum(axis=1)[:, None]).mean(axis=0)

    start = network.init(config.seed)[0]["w"].astype(np.float32)
    moved = np.abs(first["w"] - start).mean(axis=0)
    ink = train.shaped((784,)).mean(axis=0) / train.scale
    blank = ink == 0
    return Measured(
        {
            "from blank pixels, unmoved": bool((moved[blank] == 0).all() and (moved[~blank] > 0).any()),
            "blank pixels": int(blank.sum()),
            "activation and gradient of weights out": together(activation.mean(axis=0), leaving),
            "slope and gradient of weights in": together(slope.mean(axis=0), entering),
            "ink and movement": together(ink[~blank], moved[~blank]),
        },
        {
            "activation": rounded(activation.mean(axis=0)),
            "leaving": rounded(leaving),
            "slope": rounded(slope.mean(axis=0)),
            "entering": rounded(entering),
            "ink": [round(float(value), 3) for value in ink],
            "moved": [round(float(value), 3) for value in moved],
        },
    )


def plot_slow_weights(result: Result) -> Figure:
    """Gradients over activation and over slope, one point a hidden neuron; ink and movement, pixel by pixel."""
    drawn, panels = figure(2, 2, (6.6, 6.0))
    (left, right), (ink, moved) = panels
    for i, run in enumerate(result.of()):
        look: dict[str, Any] = {
            "marker": "os^Dv"[i % 5],
            "color": COLOURS[i % 7],
            "linestyle": "",
            "ms": 4,
            "mfc": "none",
        }
        left.plot(run.series["activation"], run.series["leaving"], **look)
        right.plot(run.series["slope"], run.series["entering"], **look)
    left.set_xlim(0, 1)
    left.set_ylim(0, None)
    right.set_xlim(0, None)
    right.set_ylim(0, None)
    named(left, "mean activation of a hidden neuron", "mean |∂C/∂w| out of it, summed")
    named(right, "its mean σ′(z): low if saturated", "mean |∂C/∂w| into it, summed")
    run = result.first()
    for axes, name, words in (
        (ink, "ink", "mean ink of each pixel"),
        (moved, "moved", "how far its weights have moved"),
    ):
        shown = axes.imshow(np.asarray(run.series[name]).reshape(28, 28), cmap="viridis")
        axes.axis("off")
        axes.set_title(words, fontsize=10)
        drawn.colorbar(shown, ax=axes, shrink=0.8)
    return drawn


EQUATIONS = "chapter 2, 'The four fundamental equations behind backpropagation'"
LOW = (
    Published("weights out of neurons with low activation learn slowly: rank correlation at least",
              "activation and gradient of weights out", 0.7, EQUATIONS, relation="at least"),
    Published("weights into saturated neurons learn slowly: rank correlation at least",
              "slope and gradient of weights in", 0.5, EQUATIONS, relation="at least"),
    Published("weights from pixels without ink do not learn at all", "from blank pixels, unmoved", True, EQUATIONS),
)  # fmt: skip

LOW_ACTIVATION = (
    Experiment(
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
        quick=Quick(
            {"data": "any", "n_train": 2000, "n_test": 1000, "epochs": 3, "examples": 300},
            (*LOW[:1], *LOW[2:]),
            defect={"eta": 0.0},
        ),
        seeds=5,
        minutes=0.5,
        remark="The book claims it in words; a rank correlation of 0.7 for activations and 0.5 for slopes is our "
        "criterion.",
    ),
)
