"""The training set: the training examples, optionally with shifted copies and the validation examples."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from deltarule.data.augmentation import with_shifts
from deltarule.data.dataset import Dataset


def build_training_set(
    training: Dataset, validation: Dataset, shifts: int = 0, with_validation: bool = False
) -> tuple[Dataset, Dataset | None]:
    """Build the training set, and return the validation examples beside it, or None where they are part of it.

    ``with_validation`` is for settings that are chosen already. ``shifts`` adds the copies that
    :func:`with_shifts` makes, and raises what it does.

    >>> digits = Dataset(np.eye(3), np.arange(3), "three")
    >>> build_training_set(digits[:2], digits[2:])
    (Dataset(three: 2 × 3, 3 classes), Dataset(three: 1 × 3, 3 classes))
    >>> build_training_set(digits[:2], digits[2:], with_validation=True)[0].y.tolist()
    [0, 1, 2]
    """
    left = None if with_validation else validation
    if with_validation:
        x, y = (np.concatenate(both) for both in ((training.x, validation.x), (training.y, validation.y)))
        training = replace(training, x=x, y=y, name=f"{training.name}, with the validation examples")
    return (with_shifts(training, shifts) if shifts else training), left
