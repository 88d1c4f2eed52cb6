"""A denoising autoencoder beside a plain one: both reconstruct images of which half the pixels are missing."""

from __future__ import annotations

import numpy as np

from deltarule.core.activations import Sigmoid
from deltarule.core.costs import CrossEntropy
from deltarule.core.layer import Layer
from deltarule.core.layers import Dense, Dropout
from deltarule.core.network import Network
from deltarule.core.optimizers import Adam
from deltarule.data.dataset import Dataset
from deltarule.experiments import api as ex
from deltarule.models.model import Model

SOURCE = "our criterion; after Vincent, Larochelle, Bengio and Manzagol (2008), who publish other figures"
SHOWN = 8


def build_network(n: int, hidden: int, p: float) -> Network:
    """Build an autoencoder that loses each input with probability p while it learns; with 0, none.

    >>> [type(layer).__name__ for layer in build_network(784, 500, 0.5).layers]
    ['Dropout', 'Dense', 'Sigmoid', 'Dense']
    """
    lost: list[Layer] = [Dropout(p)] if p else []
    return Network([*lost, Dense(hidden), Sigmoid(), Dense(n)], CrossEntropy(), (n,))


def lose_pixels(x: np.ndarray, p: float, seed: int = 0) -> np.ndarray:
    """Set each number of the images to 0 with probability p.

    >>> int(np.count_nonzero(lose_pixels(np.ones((1, 1000)), 0.5)))
    527
    """
    return np.where(np.random.default_rng(seed).random(x.shape) < p, 0, x)


def reconstruct(model: Model, x: np.ndarray, p: float) -> np.ndarray:
    """Reconstruct images that lost pixels; those left are scaled by 1/(1 − p), as dropout does in training."""
    return np.asarray(model.reconstruct(x / (1 - p))).reshape(len(x), -1)


def measure(config: ex.Config) -> ex.Measured:
    """Train both, and measure their errors on test images with missing pixels, and with all of them."""
    train, _, test = ex.load_images(config)
    n, p = train.x[0].size, config["p"]
    grey = Dataset(train.x.reshape(len(train), n) / train.white, name=train.name, scale=1.0, y=train.y)
    whole = test.x.reshape(len(test), n) / test.white
    noisy = lose_pixels(whole, p)
    figures: dict[str, float | bool] = {}
    pictures = [whole[:SHOWN], noisy[:SHOWN]]
    for name, lost in (("plain", 0.0), ("denoising", p)):
        network = build_network(n, config["hidden"], lost)
        model = ex.train(config.for_part(name), network, grey.with_inputs_as_targets(), optimizer=Adam())
        figures[f"whole, {name}"] = float(np.mean(np.sum((reconstruct(model, whole, 0.0) - whole) ** 2, axis=1)))
        # the plain one gets the pixels that are left as they are, since it never saw brighter ones
        restored = reconstruct(model, noisy, lost)
        figures[f"noisy, {name}"] = float(np.mean(np.sum((restored - whole) ** 2, axis=1)))
        pictures.append(restored[:SHOWN])
    figures["lost"] = float(np.mean(np.sum((noisy - whole) ** 2, axis=1)))
    figures["share"] = figures["noisy, denoising"] / figures["lost"]
    rows = np.clip(np.rint(9 * np.asarray(pictures)), 0, 9).astype(int)
    rounded: dict[str, float | bool] = {name: float(f"{value:.5g}") for name, value in figures.items()}
    better = {"restores better": rounded["noisy, denoising"] < rounded["noisy, plain"]}
    return ex.Measured({**rounded, **better}, {"pictures": rows.tolist()})


@ex.with_panels(4, SHOWN, (7.4, 4.2))
def plot(result: ex.Result, *panels: ex.Axes) -> None:
    """Draw test images, what is left of them, and what both autoencoders of the first run make of it."""
    rows = np.asarray(result.successful_runs[0].series["pictures"])
    side = round(rows.shape[2] ** 0.5)
    for i, axes in enumerate(panels):
        axes.imshow(rows[i // SHOWN, i % SHOWN].reshape(side, side), cmap="gray_r", vmin=0, vmax=9)
        axes.set(xticks=[], yticks=[])
        axes.grid(False)
        axes.spines[:].set(visible=False)
    for i, text in enumerate(("image", "left", "plain", "denoising")):
        panels[i * SHOWN].set_ylabel(text, fontsize=9, rotation=0, ha="right", va="center")


DENOISING = ex.Experiment(
    id="generation/denoising",
    title="An autoencoder that restores lost pixels",
    section="Autoencoders",
    shows="An autoencoder that loses half of its inputs while it learns, and still has to reconstruct all of them, "
    "restores test images with lost pixels better than a plain one.",
    measure=measure,
    plot=plot,
    settings={"hidden": 500, "p": 0.5, "epochs": 10, "batch_size": 100, "eta": 0.001},
    published=(
        ex.Published("the denoising autoencoder restores images with a smaller error than the plain one",
                     "restores better", True, SOURCE, criterion=True, beats=("noisy, plain", "noisy, denoising")),
        ex.Published("squared error of an image over that of the image with lost pixels", "share", 0.25, SOURCE,
                     relation="at most", criterion=True),
    ),
    quick=ex.Quick(
        {"data": "digits", "n_train": 600, "n_test": 200, "hidden": 60, "epochs": 20, "batch_size": 10},
        (ex.Published("squared error over that of the image with lost pixels", "share", 0.6, relation="at most"),),
        defect={"epochs": 1, "eta": 1e-6},
    ),
    seeds=3,
    minutes=5.0,
    remark="500 sigmoid neurons, the cross-entropy and Adam. The plain autoencoder gets the pixels that are left as "
    "they are; the other gets them divided by 1 − p, as dropout does in training.",
)  # fmt: skip
