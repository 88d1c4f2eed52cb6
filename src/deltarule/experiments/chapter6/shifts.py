"""What a shift by one pixel does: convolutions only shift with the image, but pools see other neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np

import deltarule as dr
from deltarule.core.random import key
from deltarule.experiments import api as ex
from deltarule.experiments.chapter6.networks import KERNEL, POOL


def shifted(x: np.ndarray, pixels: int) -> np.ndarray:
    """Images (n, height, width, 1) moved to the right; zeros move in."""
    return np.pad(x, ((0, 0), (0, 0), (pixels, 0), (0, 0)))[:, :, : x.shape[2]]


def measure(config: ex.Config) -> ex.Measured:
    """Feature maps of images and of the same images moved to the right by ``pixels``, before and after pooling."""
    pixels = config["pixels"]
    _, _, test = ex.load_images(config)
    x = test.take(slice(config["examples"])).reshape_x((28, 28, 1)) / test.scale
    convolution, pool = dr.Conv(config["maps"], KERNEL), dr.MaxPool(POOL)
    params = convolution.init(key(config.seed), (28, 28, 1))
    convolved, convolved_then = (convolution.forward(params, image)[0] for image in (x, shifted(x, pixels)))
    pooled, pooled_then = (pool.forward({}, z)[0] for z in (convolved, convolved_then))
    moved = np.abs(convolved_then[:, :, pixels:] - convolved[:, :, :-pixels]).max()
    where = np.arange(POOL * (pixels // POOL + 1))  # columns of one image, and those a pool sees of the other
    others = np.setdiff1d(where[-POOL:], where[-POOL:] - pixels)
    return ex.Measured(
        {
            "convolution moves along": bool(moved < 1e-9),
            "new in each pool": POOL * len(others),
            "pooled as before": share_equal(pooled_then, pooled),
            "pooled moved by one": share_equal(pooled_then[:, :, 1:], pooled[:, :, :-1]),
            "pooled is new": share_equal(pooled_then, pooled) < 0.5
            and share_equal(pooled_then[:, :, 1:], pooled[:, :, :-1]) < 0.5,
        },
        _pictures(x, pooled, pooled_then, pixels),
    )


def share_equal(one: np.ndarray, other: np.ndarray) -> float:
    """The share of activations that are the same, among those that are not on empty ground.

    Where the image is empty, all of a map is its bias, moved or not.
    """
    ground = np.median(one, axis=(1, 2), keepdims=True)
    drawn = (np.abs(one - ground) > 1e-9) | (np.abs(other - ground) > 1e-9)
    return float(np.mean(np.abs(one - other)[drawn] < 1e-9)) if drawn.any() else 1.0


def _pictures(x: np.ndarray, pooled: np.ndarray, then: np.ndarray, pixels: int) -> dict[str, Any]:
    """The first image, moved as well, and one of its pooled maps before and after, and their difference."""
    liveliest = int(np.argmax(pooled[0].std(axis=(0, 1))))
    named = {
        "image": x[0, :, :, 0],
        "moved": shifted(x, pixels)[0, :, :, 0],
        "pooled": pooled[0, :, :, liveliest],
        "pooled then": then[0, :, :, liveliest],
    }
    return {name: [ex.round_all(row) for row in picture] for name, picture in named.items()}


@ex.with_panels(1, 5, (6.4, 1.75))
def plot(result: ex.Result, *axes: ex.Axes) -> None:
    """An image and the moved one; a pooled feature map of each, and how far the second is from a copy of the first."""
    series = result.first().series
    grids = {name: np.asarray(series[name]) for name in ("image", "moved", "pooled", "pooled then")}
    difference = grids["pooled then"] - grids["pooled"]
    most = float(np.abs(np.concatenate([grids["pooled"], grids["pooled then"]])).max())
    grey: Any = {"cmap": "gray_r", "vmin": 0, "vmax": 1}
    signed: Any = {"cmap": "PuOr_r", "vmin": -most, "vmax": most}
    shown = (
        ("image", grids["image"], grey),
        ("moved by a pixel", grids["moved"], grey),
        ("a pooled map", grids["pooled"], signed),
        ("of the moved image", grids["pooled then"], signed),
        ("their difference", difference, signed),
    )
    for ax, (title, picture, look) in zip(axes, shown, strict=True):
        ax.imshow(picture, interpolation="nearest", **look)
        ax.set_title(title, fontsize=8.5)
        ax.axis("off")


CLAIM = "problem on the idea of convolutional layers, and its published solution"

SHIFTS = (
    ex.Experiment(
        id="ch6/pooling-shifts",
        title="Why shifts by one pixel are new data",
        section="Convolutional neural networks in practice",
        shows="When an image moves by one pixel, its feature maps move by one place, and nothing else happens. But "
        "each pool of 2 × 2 then sees two numbers that it had not seen, and most pooled activations are new ones: to "
        "the layers behind the pools, the moved image is another image.",
        measure=measure,
        plot=plot,
        settings={"pixels": 1, "maps": 20, "examples": 100},
        published=(
            ex.Published("feature maps only move along", "convolution moves along", True, f"chapter 6, {CLAIM}"),
            ex.Published("activations new in a pool of four", "new in each pool", 2, f"chapter 6, {CLAIM}"),
            ex.Published("most pooled activations are new", "pooled is new", True, f"chapter 6, {CLAIM}"),
        ),
        quick=ex.Quick(
            {"data": "any", "examples": 20},
            (
                ex.Published("feature maps only move along", "convolution moves along", True),
                ex.Published("most pooled activations are new", "pooled is new", True),
            ),
            {"pixels": 2},
        ),
        remark="Kernels as they start, before any learning: the claim is about every kernel. Activations on empty "
        "ground, which are those of the bias alone, are left out of the count.",
        minutes=0.02,
    ),
)
