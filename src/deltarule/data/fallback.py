"""MNIST or, if it is missing, the small digits in its form: for programs that must run on every machine."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from deltarule.data.dataset import Dataset
from deltarule.data.grayscale import resize
from deltarule.data.sources import find, load
from deltarule.data.split import Splits

ROOM, BOX = 28, 20
"""The sides of MNIST's images, and of the box that their digits fit into, in pixels."""


@cache
def load_images(source: str) -> Splits:
    """Load the training, validation and test images of a source.

    The source is "mnist"; "digits", the small digits of 8 × 8 pixels; or "any": MNIST if it can be loaded, else the
    small digits enlarged to 28 × 28.
    """
    if source == "digits":
        return load("digits")
    if source == "mnist" or find("auto").name == "mnist":
        return load("mnist")
    train, validation, test = load("digits")
    return _enlarge(train), _enlarge(validation), _enlarge(test)


def _enlarge(small: Dataset) -> Dataset:
    """Convert 8 × 8 images to MNIST's form: 20 × 20 pixels in the middle of 28 × 28, 255 for ink."""
    edge = (ROOM - BOX) // 2
    bytes_ = np.rint(small.x * (255 / small.white)).astype(np.uint8).reshape(len(small), 8, 8)
    large = np.stack([resize(image, (BOX, BOX)) for image in bytes_])
    return replace(small, x=np.pad(large, ((0, 0), (edge, edge), (edge, edge))), scale=255.0)
