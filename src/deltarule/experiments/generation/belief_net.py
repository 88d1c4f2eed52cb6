"""A deep belief net of MNIST: greedy, then by the up-down algorithm, without backpropagation."""

from __future__ import annotations

from functools import partial

import numpy as np

from deltarule.core.network import Network
from deltarule.core.optimizers import Adam, Momentum
from deltarule.data.dataset import Dataset
from deltarule.experiments import api as ex
from deltarule.models.model import Model
from deltarule.training.fit import fit
from deltarule.training.pretraining import pretrain

SOURCE = "our criterion; others quote Hinton, Osindero and Teh (2006) with this figure"
OWN = "our criterion"


def find_error(model: Model, test: Dataset) -> float:
    """Find the test error, in percent."""
    return round(100 * (1 - model.accuracy(test)), 4)


def write_digits(model: Model, count: int, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Write ``count`` digits of each label, clamped to it: images (10 · count, height, width), and the labels."""
    labels = np.repeat(np.arange(10), count)
    written = [model.sample(count, seed=label, steps=steps, label=label) for label in range(10)]
    return np.concatenate(written), labels


def measure(config: ex.Config) -> ex.Measured:
    """Train greedily, then by the up-down algorithm; let an ordinary network read what the net writes."""
    train, _, test = ex.load_images(config)
    sizes = [train.x[0].size, *config["hidden"]]
    start = partial(pretrain, sizes, batch_size=config["batch_size"], optimizer=Momentum(0.5), threads=1)
    greedy = start(train=train, epochs=config["greedy_epochs"], eta=config["eta"], seed=config.seed)
    up_down = config.for_part("up-down", eta=config["up_down_eta"], epochs=config["up_down_epochs"])
    model = ex.train(up_down, greedy, train)
    reader = fit(Network.dense([sizes[0], 100, 10]), train, epochs=5, batch_size=10, eta=0.001, optimizer=Adam(),
                 threads=1, seed=1)  # fmt: skip
    written, labels = write_digits(model, config["written"], config["steps"])
    shown = written.reshape(10, config["written"], -1)[:, :3]
    before, after = find_error(greedy, test), find_error(model, test)
    return ex.Measured(
        {
            "greedy error": before,
            "error": after,
            "lowers the error": after < before,
            "read as their label": round(float(100 * np.mean(reader.predict(written) == labels)), 4),
            "reader": round(100 * reader.accuracy(test), 4),
        },
        {"written": np.rint(shown / train.white * 9).astype(int).tolist()},
    )


@ex.with_panels(3, 10, (7.4, 2.6))
def plot(result: ex.Result, *panels: ex.Axes) -> None:
    """Draw three digits of each label that the net of the first run wrote."""
    written = np.asarray(result.successful_runs[0].series["written"])
    side = round(written.shape[2] ** 0.5)
    for i, axes in enumerate(panels):
        axes.imshow(written[i % 10, i // 10].reshape(side, side), cmap="gray_r", vmin=0, vmax=9)
        axes.set_axis_off()
        if i < 10:
            axes.set_title(str(i), fontsize=9)


BELIEF_NET = ex.Experiment(
    id="generation/belief-net",
    title="A deep belief net reads and writes digits",
    section="Deep belief nets",
    shows="Three Boltzmann machines are trained one after the other, the last with ten label units, and stacked. "
    "The up-down algorithm then trains them together, without backpropagation. The net classifies, and writes "
    "digits of a label.",
    measure=measure,
    plot=plot,
    settings={
        "hidden": [500, 500, 2000], "greedy_epochs": 10, "eta": 0.05, "batch_size": 20, "up_down_epochs": 20,
        "up_down_eta": 0.01, "written": 20, "steps": 1000,
    },
    published=(
        ex.Published("test error after the up-down algorithm", "error", 1.25, SOURCE, unit="%", relation="at most",
                     criterion=True),
        ex.Published("the up-down algorithm lowers the test error", "lowers the error", True, OWN, criterion=True,
                     beats=("greedy error", "error")),
        ex.Published("digits written for a label that an ordinary network reads as this label", "read as their label",
                     90.0, OWN, unit="%", relation="at least", criterion=True),
    ),
    quick=ex.Quick(
        {
            "data": "digits", "n_train": 1000, "n_test": 300, "hidden": [60, 100], "greedy_epochs": 15, "eta": 0.1,
            "batch_size": 10, "up_down_epochs": 3, "written": 3, "steps": 50,
        },
        (ex.Published("test error", "error", 20.0, unit="%", relation="at most"),),
    ),
    seeds=3,
    minutes=40.0,
    remark="Hidden layers of 500, 500 and 2,000 units, the sizes of the paper. Each machine is trained for 10 epochs "
    "with CD-1 and momentum 0.5, and the whole net for 20 more; these numbers are ours, and not tuned. The digits are "
    "read by a network with 100 hidden neurons, which was trained for 5 epochs.",
)  # fmt: skip
