"""The effect of a shift by one pixel: feature maps shift with the image, but pooled maps change."""

from __future__ import annotations

from typing import Any

import numpy as np

import deltarule as dr
from deltarule.core.random import key
from deltarule.experiments import api as ex
from deltarule.experiments.chapter6.networks import KERNEL, POOL


def shift_right(x: np.ndarray, pixels: int) -> np.ndarray:
    """Shift images (n, height, width, 1) to the right, and fill the left edge with zeros."""
    return np.pad(x, ((0, 0), (0, 0), (pixels, 0), (0, 0)))[:, :, : x.shape[2]]


def measure(config: ex.Config) -> ex.Measured:
    """Compare feature maps of images and of the same images shifted right by ``pixels``, before and after pooling."""
    pixels = config["pixels"]
    _, _, test = ex.load_images(config)
    x = test.take(slice(config["examples"])).reshape_x((28, 28, 1)) / test.white
    convolution, pool = dr.Conv(config["maps"], KERNEL), dr.MaxPool(POOL)
    params = convolution.init(key(config.seed), (28, 28, 1))
    before, after = (convolution.forward(params, image)[0] for image in (x, shift_right(x, pixels)))
    pooled_before, pooled_after = (pool.forward({}, z)[0] for z in (before, after))
    difference = np.abs(after[:, :, pixels:] - before[:, :, :-pixels]).max()
    columns = np.arange(
        POOL * (pixels // POOL + 1)
    )  # columns of the original image, and those in a pool after the shift
    new = np.setdiff1d(columns[-POOL:], columns[-POOL:] - pixels)
    as_before = equal_fraction(pooled_after, pooled_before)
    moved_by_one = equal_fraction(pooled_after[:, :, 1:], pooled_before[:, :, :-1])
    return ex.Measured(
        {
            "convolution moves along": bool(difference < 1e-9),
            "new in each pool": POOL * len(new),
            "pooled as before": as_before,
            "pooled moved by one": moved_by_one,
            "pooled is new": as_before < 0.5 and moved_by_one < 0.5,
        },
        _select_images(x, pooled_before, pooled_after, pixels),
    )


def equal_fraction(one: np.ndarray, other: np.ndarray) -> float:
    """Compute the fraction of equal activations, without those where the image is empty.

    Where the image is empty, a feature map contains only its bias, shifted or not.
    """
    background = np.median(one, axis=(1, 2), keepdims=True)
    counted = (np.abs(one - background) > 1e-9) | (np.abs(other - background) > 1e-9)
    return float(np.mean(np.abs(one - other)[counted] < 1e-9)) if counted.any() else 1.0


def _select_images(x: np.ndarray, before: np.ndarray, after: np.ndarray, pixels: int) -> dict[str, Any]:
    """Return the first image and its shifted copy, and their pooled feature maps with the largest variation."""
    k = int(np.argmax(before[0].std(axis=(0, 1))))
    images = {
        "image": x[0, :, :, 0],
        "moved": shift_right(x, pixels)[0, :, :, 0],
        "pooled": before[0, :, :, k],
        "pooled then": after[0, :, :, k],
    }
    return {name: [ex.round_all(row) for row in image] for name, image in images.items()}


@ex.with_panels(1, 5, (6.4, 1.75))
def plot(result: ex.Result, *axes: ex.Axes) -> None:
    """Plot an image and the shifted image, a pooled feature map of each, and the difference of the two maps."""
    series = result.first().series
    grids = {name: np.asarray(series[name]) for name in ("image", "moved", "pooled", "pooled then")}
    difference = grids["pooled then"] - grids["pooled"]
    most = float(np.abs(np.concatenate([grids["pooled"], grids["pooled then"]])).max())
    grey: Any = {"cmap": "gray_r", "vmin": 0, "vmax": 1}
    signed: Any = {"cmap": "PuOr_r", "vmin": -most, "vmax": most}
    panels = (
        ("image", grids["image"], grey),
        ("shifted by 1 pixel", grids["moved"], grey),
        ("pooled map", grids["pooled"], signed),
        ("after the shift", grids["pooled then"], signed),
        ("difference", difference, signed),
    )
    for ax, (title, image, look) in zip(axes, panels, strict=True):
        ax.imshow(image, interpolation="nearest", **look)
        ax.set_title(title, fontsize=8.5)
        ax.axis("off")


CLAIM = "problem on the idea of convolutional layers, and its published solution"

SHIFTS = (
    ex.Experiment(
        id="ch6/pooling-shifts",
        title="Shifts by one pixel produce new data",
        section="Convolutional neural networks in practice",
        shows="When an image shifts by one pixel, its feature maps shift by one position and are otherwise unchanged. "
        "But each pooling region of 2 × 2 then contains two new activations, and most pooled activations change. For "
        "the layers after the pooling, the shifted image is a different image.",
        measure=measure,
        plot=plot,
        settings={"pixels": 1, "maps": 20, "examples": 100},
        published=(
            ex.Published(
                "feature maps shift with the image", "convolution moves along", True, f"chapter 6, {CLAIM}", exact=True
            ),
            ex.Published(
                "new activations in a pooling region of four", "new in each pool", 2, f"chapter 6, {CLAIM}", exact=True
            ),
            ex.Published("most pooled activations change", "pooled is new", True, f"chapter 6, {CLAIM}"),
        ),
        quick=ex.Quick(
            {"data": "any", "examples": 20},
            (
                ex.Published("feature maps shift with the image", "convolution moves along", True),
                ex.Published("most pooled activations change", "pooled is new", True),
            ),
            {"pixels": 2},
        ),
        remark="The kernels are untrained, since the claim is about every kernel. Activations where the image is empty, "
        "which contain only the bias, are not counted.",
        minutes=0.02,
    ),
)
