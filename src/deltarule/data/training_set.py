"""The training set: the training examples, optionally with shifted copies and the validation examples."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from deltarule.data.augmentation import with_shifts
from deltarule.data.dataset import Dataset


def build_training_set(
    training: Dataset, validation: Dataset, shifts: int = 0, with_validation: bool = False
) -> tuple[Dataset, Dataset | None]:
    """Build the training set, optionally with shifted copies and the validation set.

    Args:
        training: The training examples.
        validation: The validation examples.
        shifts: The number of pixels by which :func:`with_shifts` shifts copies; 0 for no copies.
        with_validation: True to train on the validation set as well, once tuning is finished.

    Returns:
        The training set, and the validation set, or None if that is part of the training set.

    Raises:
        DataError: If the images cannot be shifted.

    >>> digits = Dataset(np.eye(3), np.arange(3), "three")
    >>> build_training_set(digits[:2], digits[2:])
    (Dataset(three: 2 × 3, 3 classes), Dataset(three: 1 × 3, 3 classes))
    >>> build_training_set(digits[:2], digits[2:], with_validation=True)[0].y.tolist()
    [0, 1, 2]
    """
    remaining = None if with_validation else validation
    if with_validation:
        parts = (training, validation)
        x, y = (np.concatenate([getattr(part, name) for part in parts]) for name in ("x", "y"))
        weights = None
        if any(part.weights is not None for part in parts):
            weights = np.concatenate([np.ones(len(p)) if p.weights is None else p.weights for p in parts])
        lengths = None
        if any(part.lengths is not None for part in parts):
            lengths = np.concatenate([np.full(len(p), p.x.shape[1]) if p.lengths is None else p.lengths for p in parts])
        training = replace(
            training, x=x, y=y, weights=weights, lengths=lengths, name=f"{training.name}, with the validation examples"
        )
    return (with_shifts(training, shifts) if shifts else training), remaining
