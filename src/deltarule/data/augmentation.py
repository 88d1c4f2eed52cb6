"""Augmentation before the training: shifted copies of every image (chapter 3)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from deltarule.core.constraints import check, whole
from deltarule.data.dataset import Dataset
from deltarule.errors import DataError


def with_shifts(dataset: Dataset, pixels: int = 1) -> Dataset:
    """Add copies of all images, shifted by ``pixels`` up, down, left and right: five times the examples.

    Empty pixels become 0. The numbers keep their type: 250,000 images from MNIST's 50,000 take 196 MB. They are
    read-only, so that training needs no copy of them. The copies follow in blocks: of n examples, example i is at i,
    n + i, 2n + i, 3n + i and 4n + i. Raises :class:`DataError` unless the examples are images with more than
    ``pixels`` on each side, and :class:`InvalidArgument` unless ``pixels`` is a whole number of at least 1.

    >>> one = Dataset(np.array([[[0, 0, 0], [0, 7, 8], [0, 0, 0]]], np.uint8), np.array([3]), "one")
    >>> five = with_shifts(one)
    >>> five.name, five.x[1].tolist()
    ('one, 5 times by shifts of 1 pixel', [[0, 7, 8], [0, 0, 0], [0, 0, 0]])
    """
    check("pixels", pixels, whole(1))
    x = dataset.x
    if x.ndim not in (3, 4) or min(x.shape[1:3]) <= pixels:
        raise DataError(
            argument="x",
            owner=dataset.name,
            expected=f"images (height, width) or (height, width, channels) with more than {pixels} pixels on each side",
            value=x.shape[1:],
        )
    if dataset.lengths is not None:
        raise DataError(
            argument="lengths",
            owner=dataset.name,
            expected="images, without lengths, to shift",
            value="sequences of unequal lengths",
            remedy="leave out the shifts",
        )
    moved = np.zeros((5, *x.shape), x.dtype)
    moved[0] = x
    moved[1, :, :-pixels] = x[:, pixels:]  # up
    moved[2, :, pixels:] = x[:, :-pixels]  # down
    moved[3, :, :, :-pixels] = x[:, :, pixels:]  # left
    moved[4, :, :, pixels:] = x[:, :, :-pixels]  # right
    name = f"{dataset.name}, 5 times by shifts of {pixels} pixel{'s' if pixels > 1 else ''}"
    moved.flags.writeable = False
    weights = None if dataset.weights is None else np.tile(dataset.weights, 5)
    return replace(
        dataset, x=moved.reshape(-1, *x.shape[1:]), y=np.concatenate([dataset.y] * 5), name=name, weights=weights
    )
