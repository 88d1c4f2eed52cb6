"""What a convolutional layer learns: its kernels, and what they make of an image."""

from __future__ import annotations

import numpy as np

import deltarule as dr
from deltarule.experiments import api as ex
from deltarule.experiments.chapter6.convolutional import RECTIFIED_UNITS, SMALL_RECTIFIED
from deltarule.experiments.chapter6.networks import KERNEL, RECTIFIED
from deltarule.experiments.chapter6.training import trained
from deltarule.plotting import new_figure

SHUFFLES = 1000


def measure(config: ex.Config) -> ex.Measured:
    """Trains, and asks whether neighbours within a kernel are more alike than if its weights were shuffled."""
    _, _, test = ex.load_images(config)
    model = trained(config)
    conv, params = model.network.layers[0], model.params[0]
    kernels = np.asarray(params["w"])[..., 0]
    chance = by_chance(kernels, config.seed)
    image = test.take(slice(1)).reshape_x((28, 28, 1)) / test.scale
    assert isinstance(conv, dr.Conv)
    maps = dr.ReLU().function(conv.forward(params, image)[0])[0]
    return ex.Measured(
        {
            "alike": alike(kernels),
            "alike before": alike(np.asarray(model.network.init(config.seed)[0]["w"])[..., 0]),
            "by chance at most": float(np.quantile(chance, 0.95)),
            "structure": bool(alike(kernels) > np.quantile(chance, 0.95)),
            "test": 100 * model.history.last["test_accuracy"],
        },
        {
            "kernels": [[ex.round_all(row) for row in kernel] for kernel in kernels],
            "image": [ex.round_all(row) for row in image[0, :, :, 0]],
            "maps": [[[round(float(a), 2) for a in row] for row in maps[:, :, i]] for i in range(maps.shape[2])],
        },
    )


def alike(kernels: np.ndarray) -> float:
    """The correlation of weights with their neighbours to the right and below, over all kernels (n, 5, 5)."""
    centred = kernels - kernels.mean(axis=(1, 2), keepdims=True)
    beside, below = centred[:, :, 1:] * centred[:, :, :-1], centred[:, 1:] * centred[:, :-1]
    return float((beside.mean() + below.mean()) / 2 / (centred**2).mean())


def by_chance(kernels: np.ndarray, seed: int) -> np.ndarray:
    """The same of kernels whose weights have been shuffled, many times."""
    rng, flat = np.random.default_rng(seed), kernels.reshape(len(kernels), -1)
    return np.array([alike(rng.permuted(flat, axis=1).reshape(kernels.shape)) for _ in range(SHUFFLES)])


def plot(result: ex.Result) -> ex.Figure:
    """The image, and under each learned kernel the feature map that it makes of the image."""
    series = result.first().series
    kernels, maps = np.asarray(series["kernels"]), np.asarray(series["maps"])
    columns = min(10, len(kernels))
    pairs = -(-len(kernels) // columns)
    drawn, axes = new_figure(2 * pairs, columns + 1, (6.4, 1.3 * pairs + 0.2), squeeze=False)
    most = float(np.abs(kernels).max())
    for i in range(pairs * columns):
        upper, lower = axes[2 * (i // columns), 1 + i % columns], axes[2 * (i // columns) + 1, 1 + i % columns]
        if i < len(kernels):
            upper.imshow(kernels[i], cmap="PuOr_r", vmin=-most, vmax=most, interpolation="nearest")
            lower.imshow(maps[i], cmap="gray_r", vmin=0, vmax=float(maps.max()), interpolation="nearest")
    axes[1, 0].imshow(np.asarray(series["image"]), cmap="gray_r", interpolation="nearest")
    axes[1, 0].set_title("image", fontsize=8)
    drawn.suptitle("learned kernels, and under each the map it makes of the image", fontsize=9)
    for ax in axes.flat:
        ax.axis("off")
    return drawn


FILTERS = (
    ex.Experiment(
        id="ch6/filters",
        title="What convolutions have learned to see",
        section="Introducing convolutional networks",
        shows="The 5 × 5 weights of each feature map after training (orange positive, purple negative), and the map it "
        "makes of an image. Neighbouring weights are alike: kernels have light and dark parts, edges and strokes, not "
        "the noise that they started from.",
        measure=measure,
        plot=plot,
        settings={**RECTIFIED_UNITS, "conv": [20], **RECTIFIED["corrected"], "epochs": 10},
        published=(
            ex.Published("learned kernels have spatial structure beyond chance", "structure", True,
                      "chapter 6, the figure of learned feature maps"),
        ),
        quick=ex.Quick(
            {**SMALL_RECTIFIED, "conv": [8], "epochs": 6, "n_train": 400},
            (ex.Published("learned kernels have spatial structure beyond chance", "structure", True),),
            {"eta": 1e-6},
        ),
        remark=f"Alike means: the correlation of neighbouring weights within the {KERNEL} × {KERNEL} kernels is above "
        "that of 95 of 100 shuffles of the same weights.",
        minutes=3,
    ),
)  # fmt: skip
