"""Figures of a data set: images of each part, with their classes."""

from __future__ import annotations

from math import isqrt
from typing import TYPE_CHECKING

import numpy as np

from deltarule.data.dataset import Dataset
from deltarule.data.encodings import MultiLabel, OneHot
from deltarule.data.split import Splits
from deltarule.models.figures import has_images
from deltarule.plotting.images import plot_sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = 10
"""The images in a row."""

MOST_PIXELS = 256
"""The most pixels of the side of an image; of larger images every second pixel or fewer are drawn."""

MOST_TRAINING = 4 * COLUMNS
"""The most training images in a figure."""


def draw_examples(splits: Splits, name: str) -> Figure | None:
    """Draw examples of each part with their classes, as they are stored, black for the lowest value.

    Return None for data that are no images. Rows of USPS are drawn as images of 16×16.
    """
    parts = [("training", splits[0]), *[(n, s) for n, s in zip(_OTHERS, splits[1:], strict=True) if s is not splits[0]]]
    images, captions = [], []
    for part, dataset in parts:
        x = _find_images(dataset, name)
        if x is None:
            return None
        k = dataset.encoding.n_out if isinstance(dataset.encoding, OneHot) else COLUMNS
        most = min(MOST_TRAINING, COLUMNS * max(2, -(-k // COLUMNS))) if part == "training" else COLUMNS
        step = max(1, max(x.shape[1:3]) // MOST_PIXELS)
        for i in choose_examples(dataset, most):
            image = x[i][::step, ::step]
            images.append(image[..., 0] if x.ndim == 4 and x.shape[3] == 1 else image)
            captions.append(f"{name_label(dataset, i)}\n{part}")
    white = splits[0].white
    grey = {"cmap": "gray", "vmin": min(0.0, float(np.min(images[0]))), "vmax": white}
    looks = [grey if image.ndim == 2 else {} for image in images]
    shown = np.stack([image if image.ndim == 2 else np.clip(image / white, 0, 1) for image in images])
    counts = ", ".join(f"{len(dataset):,} {part}" for part, dataset in parts)
    return plot_sheet(shown, captions, looks, f"{name}: {counts}", min(COLUMNS, max(4, len(images))), 1.15, 8)


_OTHERS = ("validation", "test")


def choose_examples(dataset: Dataset, most: int) -> list[int]:
    """Choose the positions of up to so many examples, as many of each class as possible, in the order of classes.

    >>> choose_examples(Dataset(np.zeros((6, 2)), np.array([1, 0, 1, 1, 0, 1])), 4)
    [1, 4, 0, 2]
    """
    if not isinstance(dataset.encoding, OneHot):
        return list(range(min(most, len(dataset))))
    members = [np.flatnonzero(dataset.y == label) for label in np.unique(dataset.y)]
    if len(members) > most:
        members = [members[i] for i in np.linspace(0, len(members) - 1, most).astype(int)]
    ranks = np.concatenate([np.arange(len(positions)) for positions in members])
    order = np.concatenate(members)[np.argsort(ranks, kind="stable")][:most]  # the first of each class, then the second
    return [int(i) for i in order[np.argsort(dataset.y[order], kind="stable")]]


def name_label(dataset: Dataset, i: int) -> str:
    """Name the label of an example: its class, its several labels, or its numbers.

    >>> name_label(Dataset(np.zeros((1, 2)), np.array([1]), classes=("no", "yes")), 0)
    'yes'
    """
    y = dataset.y[i]
    if isinstance(dataset.encoding, MultiLabel):
        return ", ".join(name for name, value in zip(dataset.classes, y.tolist(), strict=True) if value) or "none"
    if dataset.classes and isinstance(dataset.encoding, OneHot):
        return dataset.classes[int(y)]
    return ", ".join(f"{value:g}" for value in np.atleast_1d(y).tolist())


def _find_images(dataset: Dataset, name: str) -> np.ndarray | None:
    if has_images(dataset):
        return dataset.x
    if dataset.x.ndim == 2 and "usps" in name.lower() and dataset.x.shape[1] == 256:
        side = isqrt(dataset.x.shape[1])
        return dataset.x.reshape(len(dataset), side, side)
    return None
