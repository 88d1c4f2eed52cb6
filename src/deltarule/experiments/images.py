"""The data of an experiment, loaded as its settings say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from deltarule.data import Splits, fallback
from deltarule.experiments.records import Config


def load_images(config: Config) -> Splits:
    """Load the training, validation and test images that the settings name.

    ``data`` is ``"mnist"`` (the default); ``"any"``, which is MNIST or, where it is not installed, the small digits
    enlarged to 28 × 28; or ``"digits"``, the small digits at 8 × 8. ``n_train``, ``n_validation`` and ``n_test``
    keep the first images of each set. ``labels: "shuffled"`` assigns the training labels to random images, so that
    a test can check that the experiment then fails.

    >>> train, validation, test = load_images(Config({"data": "digits", "n_train": 500}))
    >>> train.x.shape[0]
    500
    """
    splits = fallback.load_images(config.get("data", "mnist"))
    train, validation, test = (
        splits[i].take(slice(config.get(name))) for i, name in enumerate(("n_train", "n_validation", "n_test"))
    )
    if config.get("labels") == "shuffled":
        train = replace(train, y=np.random.default_rng(config.seed).permutation(train.y))
    return train, validation, test
