"""MNIST row by row: a layer reads 28 rows of 28 pixels, and answers after the last."""

from __future__ import annotations

from deltarule.callbacks import Monitor
from deltarule.core.costs import LogLikelihood
from deltarule.core.layer import Shape
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.core.optimizers import Adam, ClipNorm
from deltarule.core.steps import LastStep
from deltarule.core.trees import leaves
from deltarule.experiments import api as ex
from deltarule.experiments.memory.cells import CELLS, build_cell
from deltarule.plotting import COLOURS, LINES, label_axes, plot_band

SOURCE = "our criterion; nothing is published for these settings"


def build_network(cell: str, units: int, input_shape: Shape) -> Network:
    """Build a recurrent layer and a softmax layer of ten outputs, which is computed from the last state."""
    return Network([build_cell(cell, units), LastStep(), Dense(10)], LogLikelihood(), input_shape)


def count_parameters(network: Network) -> int:
    """Count the weights and biases of a network.

    >>> count_parameters(build_network("tanh", 3, (28, 28)))
    136
    """
    return sum(leaf.size for leaf in leaves(network.init(0)))


def measure(config: ex.Config) -> ex.Measured:
    """Train on the training images, and measure the test accuracy after every epoch."""
    train, _, test = ex.load_images(config)
    network = build_network(config["cell"], config["units"], train.x.shape[1:])
    model = ex.train(config, network, train, optimizer=ClipNorm(Adam(), 1.0), callbacks=[Monitor(test=test)])
    accuracy = ex.to_percent(model.history["test_accuracy"])
    return ex.Measured(
        {"last": accuracy[-1], "best": max(accuracy), "parameters": count_parameters(network)},
        {"test accuracy": accuracy},
    )


@ex.with_panels(size=(6.4, 3.9))
def plot(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the test accuracy by epoch, with a curve and a band over seeds for each cell."""
    for i, variant in enumerate(result.variants):
        plot_band(axes, result.series("test accuracy", variant), label=variant, colour=COLOURS[i], linestyle=LINES[i])
    label_axes(axes, "epoch", "test accuracy (%)", legend={"loc": "lower right"})


ROWS = ex.Experiment(
    id="memory/rows",
    title="MNIST row by row",
    section="Memory over many steps",
    shows="A network reads an image as 28 rows of 28 pixels, from top to bottom, and answers after the last row. "
    "The four kinds of cells have about the same number of parameters, 20,000. So an LSTM has half as many units "
    "as a tanh layer.",
    measure=measure,
    plot=plot,
    settings={"epochs": 10, "batch_size": 100},
    variants={
        "tanh": {"cell": "tanh", "units": 123, "eta": 0.001},
        "IRNN": {"cell": "IRNN", "units": 123, "eta": 0.001},
        "LSTM": {"cell": "LSTM", "units": 56, "eta": 0.003},
        "GRU": {"cell": "GRU", "units": 66, "eta": 0.003},
    },
    published=tuple(
        ex.Published("test accuracy after 10 epochs", "last", least, SOURCE, cell, "%", "at least", criterion=True)
        for cell, least in zip(CELLS, (95.0, 95.0, 98.0, 98.0), strict=True)
    ),
    quick=ex.Quick(
        {"data": "any", "n_train": 1000, "n_test": 300, "epochs": 4, "batch_size": 20, "units": 24, "eta": 0.01,
         "engine": "numpy"},
        (ex.Published("test accuracy", "last", 60.0, "", "GRU", "%", "at least"),),
        variants=("GRU",),
    ),
    seeds=3,
    minutes=4.0,
    remark="The 50,000 training images and the 10,000 test images of the book; Adam, and gradients of at most "
    "length 1. η is 0.001 for tanh and the IRNN, and 0.003 for the others; it was not tuned. Le, Jaitly and Hinton "
    "(2015) read MNIST pixel by pixel, not row by row.",
)  # fmt: skip
