"""The likelihood of Boltzmann machines on MNIST, with the partition function counted or estimated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from deltarule.core import random
from deltarule.core.boltzmann import draw, free_energy
from deltarule.core.optimizers import Momentum
from deltarule.core.partition import COUNTED, count_log_partition, estimate_log_partition
from deltarule.core.rbm import RBM
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import Inputs
from deltarule.experiments import api as ex
from deltarule.plotting import COLOURS, label_axes

CLAIMS = {
    "CD-3 against CD-1, 20 units": ("ln P, small, CD-3", "ln P, small, CD-1"),
    "500 units against 20, CD-1": ("ln P, large, CD-1", "ln P, small, CD-1"),
    "persistent chains against CD-1, 500 units": ("ln P, large, persistent", "ln P, large, CD-1"),
}
"""The claims that one machine gives the test images a higher probability than another, and the figures of both."""

SOURCE = "our criterion; Salakhutdinov and Murray (2008) compare such machines"


def binarize(data: Dataset) -> Dataset:
    """Draw each pixel as 0 or 1 with its grey value as the probability, since a machine has states of 0 and 1.

    >>> binarize(Dataset(np.array([[0, 255]], np.uint8), np.array([0]), scale=255.0)).x.tolist()
    [[0, 1]]
    """
    grey = data.x.reshape(len(data), -1) / data.white
    x = draw(random.key(0), grey).astype(np.uint8)
    return replace(data, x=x, scale=1.0, encoding=Inputs(x.shape[1]), style=None, greys=None)


def build_machines(config: ex.Config, n: int) -> dict[str, RBM]:
    """Build the machines of n visible units; those named "small" have few enough hidden units to count their states."""
    small, large = config["small"], config["large"]
    return {
        "small, CD-1": RBM(n, small),
        "small, CD-3": RBM(n, small, k=3),
        "large, CD-1": RBM(n, large),
        "large, persistent": RBM(n, large, chains=config["chains"]),
    }


def measure(config: ex.Config) -> ex.Measured:
    """Train each machine, find ln Z, and with it the mean of ln P over the test images."""
    train, _, test = (binarize(data) for data in ex.load_images(config))
    share = np.clip(train.x.mean(axis=0), 1e-3, 1 - 1e-3)
    figures: dict[str, float | bool] = {}
    for name, machine in build_machines(config, train.x.shape[1]).items():
        model = ex.train(config.for_part(name), machine, train, optimizer=Momentum(0.5))
        p = {key: leaf.astype(np.float64) for key, leaf in model.params[0].items() if key != "chains"}
        found = estimate_log_partition(
            p, random.key(config.seed), config["runs"], config["steps"], base=np.log(share / (1 - share))
        )
        log_z = found.log_z
        figures[f"standard error, {name}"] = found.standard_error
        if machine.n_hidden <= COUNTED:
            log_z = count_log_partition(p)
            figures[f"error of the estimate, {name}"] = abs(found.log_z - log_z)
        figures[f"ln P, {name}"] = float(np.mean(-free_energy(p, test.x.astype(np.float64)))) - log_z
    rounded = {name: float(f"{value:.6g}") for name, value in figures.items()}
    return ex.Measured(
        {**rounded, **{name: rounded[better] > rounded[worse] for name, (better, worse) in CLAIMS.items()}}
    )


@ex.with_panels(size=(6.4, 3.2))
def plot(result: ex.Result, axes: ex.Axes) -> None:
    """Plot the mean of ln P of the test images for each machine, with a dot for each seed."""
    names = [name.removeprefix("ln P, ") for name in result.runs[0].figures if name.startswith("ln P, ")]
    units = result.runs[0].settings
    shown = [f"{units[size]} units, {rest}" for size, rest in (name.split(", ") for name in names)]
    for run in result.successful_runs:
        axes.plot([run.figures[f"ln P, {name}"] for name in names], shown, "o", color=COLOURS[0], alpha=0.6)
    axes.invert_yaxis()
    label_axes(axes, "mean of ln P(test image), in nats", "machine", legend=False)


PARTITION = ex.Experiment(
    id="generation/partition",
    title="The likelihood of Boltzmann machines",
    section="Boltzmann machines",
    shows="ln P(v) = −F(v) − ln Z needs the partition function Z. For 20 hidden units it is counted over all 2²⁰ "
    "states, and annealed importance sampling finds the same. With more hidden units, with more steps of Gibbs "
    "sampling, and with persistent chains the test images become more probable.",
    measure=measure,
    plot=plot,
    settings={
        "small": 20, "large": 500, "chains": 100, "epochs": 10, "batch_size": 10, "eta": 0.02, "runs": 100,
        "steps": 1000,
    },
    published=(
        *(
            ex.Published(f"difference of the estimate of ln Z from its value, in nats (20 units, {name})",
                         f"error of the estimate, small, {name}", 1.0, SOURCE, relation="at most", criterion=True)
            for name in ("CD-1", "CD-3")
        ),
        *(
            ex.Published(f"test images are more probable: {name}", name, True, SOURCE, criterion=True, beats=figures)
            for name, figures in CLAIMS.items()
        ),
    ),
    quick=ex.Quick(
        {
            "data": "digits", "n_train": 400, "n_test": 100, "small": 10, "large": 30, "chains": 20, "epochs": 10,
            "eta": 0.05, "runs": 30, "steps": 100, "engine": "numpy",
        },
        (
            ex.Published("difference of the estimate of ln Z from its value, in nats",
                         "error of the estimate, small, CD-1", 1.0, relation="at most"),
            ex.Published("mean of ln P of test images, in nats", "ln P, small, CD-1", -26.4, relation="at least"),
        ),
        defect={"epochs": 1, "eta": 1e-6},
    ),
    seeds=3,
    minutes=10.0,
    remark="The pixels of all images are drawn as 0 or 1 once, with their grey values as probabilities. η = 0.02 and "
    "momentum 0.5 were not tuned.",
)  # fmt: skip
