"""A deep autoencoder of MNIST, pretrained by Boltzmann machines, beside principal components of the same size."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import numpy as np

from deltarule.callbacks import Monitor
from deltarule.core.activations import Sigmoid
from deltarule.core.costs import CrossEntropy
from deltarule.core.layer import Params
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.core.optimizers import Adam, Momentum
from deltarule.core.rbm import RBM
from deltarule.core.trees import Tree
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import Inputs
from deltarule.experiments import api as ex
from deltarule.models.model import Model
from deltarule.plotting import COLOURS, LINES, label_axes, plot_band
from deltarule.training.fit import fit
from deltarule.training.initialization import fit_preprocessing

OWN = "our criterion"
SOURCE = "our criterion; Hinton and Salakhutdinov (2006) compare such an autoencoder with principal components"


def build_network(sizes: list[int]) -> Network:
    """Build an autoencoder of sigmoid layers, from the inputs to a linear code and back.

    >>> build_network([784, 100, 30]).shapes
    [(784,), (100,), (100,), (30,), (100,), (100,), (784,)]
    """
    *inner, code = sizes[1:]
    down = [layer for n in inner for layer in (Dense(n), Sigmoid())]
    up = [layer for n in reversed(inner) for layer in (Dense(n), Sigmoid())]
    return Network([*down, Dense(code), *up, Dense(sizes[0])], CrossEntropy(), (sizes[0],))


def pretrain_layers(config: ex.Config, sizes: list[int], train: Dataset) -> list[Params]:
    """Train a Boltzmann machine on the inputs, the next on its hidden units, and so on; return their parameters."""
    data, found = train, []
    for below, above in pairwise(sizes):
        machine = fit(
            RBM(below, above), data, epochs=config["greedy_epochs"], eta=config["greedy_eta"],
            batch_size=config["greedy_batch_size"], optimizer=Momentum(0.5), threads=1, seed=config.seed,
        )  # fmt: skip
        found.append(machine.params[0])
        data = Dataset(machine.hidden(data), encoding=Inputs(above), name=train.name, scale=1.0)
    return found


def unroll(machines: list[Params]) -> Tree:
    """Turn the parameters of machines into those of the autoencoder.

    The code's units were binary, with the probability σ(z). The autoencoder has z/4 + ½ instead, which equals σ(z) near
    z = 0 in value and slope.
    """
    *inner, last = [{"w": p["w"], "b": p["c"]} for p in machines]
    code = {"w": last["w"] / 4, "b": last["b"] / 4 + 0.5}
    down = [each for p in inner for each in (p, {})]
    first, *others = [{"w": p["w"].T, "b": p["b"]} for p in reversed(machines)]
    return [*down, code, first, *(each for p in others for each in ({}, p))]


def find_component_error(train: Dataset, test: Dataset, count: int) -> float:
    """Find the mean squared error of an image, summed over pixels, from ``count`` principal components."""
    x, other = (data.x.reshape(len(data), -1) / data.white for data in (train, test))
    mean = x.mean(axis=0)
    _, directions = np.linalg.eigh((x - mean).T @ (x - mean))
    kept = directions[:, -count:]
    rest = (other - mean) - (other - mean) @ kept @ kept.T
    return float(np.mean(np.sum(rest * rest, axis=1)))


def find_error(model: Model, test: Dataset) -> float:
    """Find the mean squared error of a reconstructed image, summed over pixels from 0 to 1."""
    difference = (model.reconstruct(test) - test.x.reshape(len(test), *model.example_shape)) / test.white
    return float(np.mean(np.sum(difference.reshape(len(test), -1) ** 2, axis=1)))


def measure(config: ex.Config) -> ex.Measured:
    """Train the autoencoder from the machines, and from random weights; measure how well it reconstructs."""
    train, _, test = ex.load_images(config)
    sizes = [train.x[0].size, *config["sizes"]]
    network = build_network(sizes)
    preprocessing = fit_preprocessing(RBM(sizes[0], 1), train)
    pretrained = unroll(pretrain_layers(config, sizes, train))
    data = train.with_inputs_as_targets()
    figures: dict[str, float | bool] = {"components": find_component_error(train, test, sizes[-1])}
    series = {}
    for name, params in (("pretrained", pretrained), ("random", network.init(config.seed))):
        start = Model(network, params, preprocessing)
        monitor = Monitor(error=partial(find_error, test=test))
        model = ex.train(config.for_part(name), start, data, optimizer=Adam(), callbacks=[monitor])
        series[name] = ex.round_all([find_error(start, test), *model.history["error"]])
        figures[name] = series[name][-1]
    figures["before backpropagation"] = series["pretrained"][0]
    figures["ratio"] = figures["pretrained"] / figures["components"]
    rounded: dict[str, float | bool] = {name: float(f"{value:.5g}") for name, value in figures.items()}
    beaten = {f"less than {name}": rounded["pretrained"] < rounded[name] for name in ("components", "random")}
    return ex.Measured({**rounded, **beaten}, series)


@ex.with_panels(size=(6.4, 3.9))
def plot(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the error by epoch, with a curve and a band over seeds for each start, and that of the components."""
    for i, (name, label) in enumerate((("pretrained", "from Boltzmann machines"), ("random", "from random weights"))):
        runs = result.series(name)
        plot_band(axes, runs, range(len(runs[0])), label=label, colour=COLOURS[i], linestyle=LINES[i])
    components = float(np.mean([run.figures["components"] for run in result.successful_runs]))
    axes.axhline(components, color="#555555", linestyle=":", label="principal components")
    axes.set(ylim=(0, None))
    label_axes(axes, "epoch of backpropagation", "squared error of an image", legend={"loc": "upper right"})


DEEP_AUTOENCODER = ex.Experiment(
    id="generation/deep-autoencoder",
    title="A deep autoencoder and principal components",
    section="Pretraining, then backpropagation",
    shows="Four Boltzmann machines are trained one after the other and unrolled to an autoencoder with a code of 30 "
    "numbers, which backpropagation then trains. It reconstructs test images with a smaller error than 30 principal "
    "components do. From random weights it learns more slowly.",
    measure=measure,
    plot=plot,
    settings={
        "sizes": [1000, 500, 250, 30], "greedy_epochs": 5, "greedy_eta": 0.05, "greedy_batch_size": 20, "epochs": 10,
        "eta": 0.001, "batch_size": 100,
    },
    published=(
        ex.Published("the autoencoder’s error is less than that of 30 principal components", "less than components",
                     True, SOURCE, criterion=True, beats=("components", "pretrained")),
        ex.Published("squared error of a test image, the autoencoder over 30 components", "ratio", 0.5, SOURCE,
                     relation="at most", criterion=True),
        ex.Published("the error after 10 epochs is less than from random weights", "less than random", True, OWN,
                     criterion=True, beats=("random", "pretrained")),
    ),
    quick=ex.Quick(
        {
            "data": "digits", "n_train": 600, "n_test": 200, "sizes": [80, 10], "greedy_epochs": 10, "greedy_eta": 0.1,
            "greedy_batch_size": 10, "epochs": 40, "batch_size": 10, "eta": 0.003,
        },
        (ex.Published("error over that of 10 principal components", "ratio", 1.25, relation="at most"),),
        defect={"epochs": 1, "eta": 1e-6},
    ),
    seeds=3,
    minutes=25.0,
    remark="Layers of 1,000, 500 and 250 sigmoid neurons and a linear code of 30, the sizes of the paper. All machines "
    "have binary units, and backpropagation uses Adam; epochs and η are ours, and not tuned. The error is a sum over "
    "the pixels of an image, with values from 0 to 1.",
)  # fmt: skip
