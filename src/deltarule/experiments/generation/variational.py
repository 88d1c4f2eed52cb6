"""Variational autoencoders of MNIST: the bound on the likelihood by the size of the code."""

from __future__ import annotations

from functools import partial

import numpy as np

from deltarule.callbacks import Monitor
from deltarule.core import random
from deltarule.core.activations import Tanh
from deltarule.core.costs import CrossEntropy
from deltarule.core.latent import Latent
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.core.optimizers import Adam
from deltarule.core.trees import map_leaves
from deltarule.data.dataset import Dataset
from deltarule.experiments import api as ex
from deltarule.models.model import Model
from deltarule.plotting import COLOURS, LINES, label_axes, plot_band

SOURCE = "our criterion; Kingma and Welling (2014) print the bound as a figure, without numbers"


def build_network(n: int, hidden: int, code: int) -> Network:
    """Build an encoder and a decoder of one tanh layer each, around a code of so many numbers."""
    layers = [Dense(hidden), Tanh(), Dense(2 * code), Latent(), Dense(hidden), Tanh(), Dense(n)]
    return Network(layers, CrossEntropy(), (n,))


def find_bound(model: Model, data: Dataset, seed: int = 0) -> float:
    """Estimate the lower bound of ln P, E[ln P(x | z)] − KL, in nats: the mean over images, with one code of each."""
    stored = model.preprocessing.store(data)
    x = stored.x.reshape(len(data), -1) / stored.scale - stored.mean
    params = map_leaves(lambda leaf: np.asarray(leaf, np.float64), model.params)
    return -float(model.network.value(params, x, data.targets.astype(np.float64), rng=random.key(seed)))


def measure(config: ex.Config) -> ex.Measured:
    """Train an autoencoder for each size of the code, and measure the bound on the test images."""
    splits = ex.load_images(config)
    train, _, test = (data.with_inputs_as_targets() for data in splits)
    figures: dict[str, float | bool] = {}
    series = {}
    for name, code in config["codes"].items():
        network = build_network(train.x[0].size, config["hidden"], code)
        monitor = Monitor(bound=partial(find_bound, data=test))
        model = ex.train(config.for_part(name), network, train, optimizer=Adam(), callbacks=[monitor])
        series[f"{code} numbers"] = ex.round_all(model.history["bound"])
        figures[name] = series[f"{code} numbers"][-1]
    figures["gain"] = round(figures["large"] - figures["middle"], 4)
    figures["more is better"] = figures["middle"] > figures["small"]
    return ex.Measured(figures, series)


@ex.with_panels(size=(6.4, 3.9))
def plot(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the bound on the test images by epoch, with a curve and a band over seeds for each size of the code."""
    for i, name in enumerate(result.successful_runs[0].series):
        plot_band(axes, result.series(name), label=f"code of {name}", colour=COLOURS[i], linestyle=LINES[i])
    label_axes(axes, "epoch", "bound on ln P(test image), in nats", legend={"loc": "lower right"})


VARIATIONAL = ex.Experiment(
    id="generation/variational",
    title="Variational autoencoders and the size of the code",
    section="Autoencoders",
    shows="A variational autoencoder raises a lower bound on the likelihood of the images. With a code of 20 numbers "
    "instead of 2 the bound is higher, and 20 more hardly change it, because the cost of a code keeps those that are "
    "not needed at N(0, 1).",
    measure=measure,
    plot=plot,
    settings={
        "codes": {"small": 2, "middle": 20, "large": 40}, "hidden": 500, "epochs": 10, "batch_size": 100, "eta": 0.001,
    },
    published=(
        ex.Published("bound on ln P of a test image, 20 numbers, in nats", "middle", -115.0, SOURCE,
                     relation="at least", criterion=True),
        ex.Published("the bound is higher with 20 numbers than with 2", "more is better", True, SOURCE, criterion=True,
                     beats=("middle", "small")),
        ex.Published("bound with 40 numbers minus that with 20, in nats", "gain", -2.0, SOURCE,
                     relation="at least", criterion=True),
    ),
    quick=ex.Quick(
        {
            "data": "digits", "n_train": 600, "n_test": 200, "codes": {"small": 1, "middle": 8, "large": 16},
            "hidden": 40, "epochs": 8, "batch_size": 10, "eta": 0.003, "engine": "numpy",
        },
        (ex.Published("bound on ln P of a test image, in nats", "middle", -26.0, relation="at least"),),
        defect={"epochs": 1, "eta": 1e-6},
    ),
    seeds=3,
    minutes=12.0,
    remark="An encoder and a decoder with 500 tanh neurons each; Adam. The pixels are grey, from 0 to 1, and the bound "
    "takes them as probabilities.",
)  # fmt: skip
