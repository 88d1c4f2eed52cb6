"""The images that an experiment trains on, as its settings ask for them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from deltarule.data import Splits, fallback
from deltarule.experiments.records import Config


def load_images(config: Config) -> Splits:
    """Load training, validation and test images as the settings ask for them.

    ``data`` is "mnist", or "any": MNIST if it is there and else the small digits, enlarged to 28 × 28;
    or "digits", these as they are, 8 × 8.
    ``n_train``, ``n_validation`` and ``n_test`` take the first so many; ``labels: "shuffled"`` breaks
    the bond between the training images and their labels, for those who doubt that a test can fail.
    """
    splits = fallback.load_images(config.get("data", "mnist"))
    train, validation, test = (
        splits[i].take(slice(config.get(name))) for i, name in enumerate(("n_train", "n_validation", "n_test"))
    )
    if config.get("labels") == "shuffled":
        train = replace(train, y=np.random.default_rng(config.seed).permutation(train.y))
    return train, validation, test
