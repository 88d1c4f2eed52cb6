"""The kernels that a convolutional layer learns, and the feature maps that they compute."""

from __future__ import annotations

import numpy as np

import deltarule as dr
from deltarule.experiments import api as ex
from deltarule.experiments.chapter6.convolutional import RECTIFIED_UNITS, SMALL_RECTIFIED
from deltarule.experiments.chapter6.networks import KERNEL, RECTIFIED
from deltarule.experiments.chapter6.training import train_network
from deltarule.plotting import new_figure

SHUFFLES = 1000


def measure(config: ex.Config) -> ex.Measured:
    """Train, and compare the correlation of neighbouring weights in the kernels with that of shuffled weights."""
    _, _, test = ex.load_images(config)
    model = train_network(config)
    conv, params = model.network.layers[0], model.params[0]
    kernels = np.asarray(params["w"])[..., 0]
    chance = correlate_shuffled(kernels, config.seed)
    image = test.take(slice(1)).reshape_x((28, 28, 1)) / test.white
    assert isinstance(conv, dr.Conv)
    maps = dr.ReLU().function(conv.forward(params, image)[0])[0]
    return ex.Measured(
        {
            "alike": correlate_neighbours(kernels),
            "alike before": correlate_neighbours(np.asarray(model.network.init(config.seed)[0]["w"])[..., 0]),
            "by chance at most": float(np.quantile(chance, 0.95)),
            "structure": bool(correlate_neighbours(kernels) > np.quantile(chance, 0.95)),
            "test": 100 * model.history.last["test_accuracy"],
        },
        {
            "kernels": [[ex.round_all(row) for row in kernel] for kernel in kernels],
            "image": [ex.round_all(row) for row in image[0, :, :, 0]],
            "maps": [[[round(float(a), 2) for a in row] for row in maps[:, :, i]] for i in range(maps.shape[2])],
        },
    )


def correlate_neighbours(kernels: np.ndarray) -> float:
    """Compute the correlation of weights with their neighbours to the right and below, over all kernels (n, 5, 5)."""
    centred = kernels - kernels.mean(axis=(1, 2), keepdims=True)
    beside, below = centred[:, :, 1:] * centred[:, :, :-1], centred[:, 1:] * centred[:, :-1]
    return float((beside.mean() + below.mean()) / 2 / (centred**2).mean())


def correlate_shuffled(kernels: np.ndarray, seed: int) -> np.ndarray:
    """Compute the same correlation for many random shuffles of the weights within each kernel."""
    rng, flat = np.random.default_rng(seed), kernels.reshape(len(kernels), -1)
    return np.array([correlate_neighbours(rng.permuted(flat, axis=1).reshape(kernels.shape)) for _ in range(SHUFFLES)])


def plot(result: ex.Result) -> ex.Figure:
    """Plot the image, the learned kernels, and under each kernel its feature map of the image."""
    series = result.first().series
    kernels, maps = np.asarray(series["kernels"]), np.asarray(series["maps"])
    columns = min(10, len(kernels))
    pairs = -(-len(kernels) // columns)
    figure, axes = new_figure(2 * pairs, columns + 1, (6.4, 1.3 * pairs + 0.2), squeeze=False)
    most = float(np.abs(kernels).max())
    for i in range(pairs * columns):
        upper, lower = axes[2 * (i // columns), 1 + i % columns], axes[2 * (i // columns) + 1, 1 + i % columns]
        if i < len(kernels):
            upper.imshow(kernels[i], cmap="PuOr_r", vmin=-most, vmax=most, interpolation="nearest")
            lower.imshow(maps[i], cmap="gray_r", vmin=0, vmax=float(maps.max()), interpolation="nearest")
    axes[1, 0].imshow(np.asarray(series["image"]), cmap="gray_r", interpolation="nearest")
    axes[1, 0].set_title("image", fontsize=8)
    figure.suptitle("learned kernels, and below each its feature map of the image", fontsize=9)
    for ax in axes.flat:
        ax.axis("off")
    return figure


FILTERS = (
    ex.Experiment(
        id="ch6/filters",
        title="The features that convolutional layers learn",
        section="Introducing convolutional networks",
        shows="The plot shows the 5 × 5 weights of each feature map after training (orange: positive, purple: "
        "negative), and the map that they compute from an image. Neighbouring weights are similar: the kernels show "
        "light and dark areas, edges and strokes in place of the random initial weights.",
        measure=measure,
        plot=plot,
        settings={**RECTIFIED_UNITS, "conv": [20], **RECTIFIED["corrected"], "epochs": 10},
        published=(
            ex.Published("learned kernels have more spatial structure than chance", "structure", True,
                         "chapter 6, figure of learned feature maps", beats=("alike", "by chance at most")),
        ),
        quick=ex.Quick(
            {**SMALL_RECTIFIED, "conv": [8], "epochs": 6, "n_train": 400},
            (ex.Published("learned kernels have more spatial structure than chance", "structure", True),),
            {"eta": 1e-6},
        ),
        remark=f"“Structure” means: the correlation of neighbouring weights within the {KERNEL} × {KERNEL} kernels is "
        "higher than in 95 % of random shuffles of the same weights.",
        minutes=3,
    ),
)  # fmt: skip
