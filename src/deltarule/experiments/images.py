"""The images that experiments learn from: MNIST, and where it is not there the small digits in its form."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from deltarule.data import find, load
from deltarule.data.dataset import Dataset
from deltarule.data.pictures import resized
from deltarule.data.sources import Splits
from deltarule.experiments.experiment import Config

ROOM, BOX = 28, 20
"""MNIST's images are 28 pixels wide, and their digits fit into 20."""


def images(config: Config) -> Splits:
    """Training, validation and test images as the settings ask for them.

    ``data`` is "mnist", or "any": MNIST if it is there and else the small digits, enlarged to 28 × 28;
    or "digits", these as they are, 8 × 8.
    ``n_train``, ``n_validation`` and ``n_test`` take the first so many; ``labels: "shuffled"`` breaks
    the bond between the training images and their labels, for those who doubt that a test can fail.
    """
    splits = whole(config.get("data", "mnist"))
    train, validation, test = (
        splits[i].take(slice(config.get(name))) for i, name in enumerate(("n_train", "n_validation", "n_test"))
    )
    if config.get("labels") == "shuffled":
        train = replace(train, y=np.random.default_rng(config.seed).permutation(train.y))
    return train, validation, test


@cache
def whole(name: str) -> Splits:
    """All images of one source."""
    if name == "digits":
        return load("digits")
    if name == "mnist" or find("auto").name == "mnist":
        return load("mnist")
    train, validation, test = load("digits")
    return _enlarged(train), _enlarged(validation), _enlarged(test)


def _enlarged(small: Dataset) -> Dataset:
    """8 × 8 images as MNIST has them: 20 × 20 in the middle of 28 × 28, 255 for ink."""
    edge = (ROOM - BOX) // 2
    bytes_ = np.rint(small.x * (255 / small.scale)).astype(np.uint8).reshape(len(small), 8, 8)
    large = np.stack([resized(image, (BOX, BOX)) for image in bytes_])
    return replace(small, x=np.pad(large, ((0, 0), (edge, edge), (edge, edge))), scale=255.0)
