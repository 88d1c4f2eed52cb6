"""Scaling: one divisor and one mean for all inputs alike, as for pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from deltarule.core.constraints import Constraints, Validated, number
from deltarule.data.dataset import Dataset


@dataclass(frozen=True)
class Scaling(Validated):
    """Inputs x / scale − mean, with the same two numbers for all inputs.

    The book's preprocessing is ``Scaling(255.0)``: bytes become numbers from 0 to 1. With the mean of the training set
    subtracted as well, dark ink on light paper trains as well as light ink on dark paper. An engine keeps bytes as they
    are, and divides and subtracts in each mini-batch.

    Args:
        scale: The divisor.
        mean: The mean of x / scale over the training set; 0 to subtract nothing.

    >>> Scaling(255.0, mean=0.2).transform(np.array([[0, 255]], np.uint8)).tolist()
    [[-0.2, 0.8]]
    """

    scale: float = 1.0
    mean: float = 0.0
    constraints: ClassVar[Constraints] = {"scale": number(above=0), "mean": number()}

    @classmethod
    def fit(cls, train: Dataset) -> Scaling:
        """Fit to images or bytes: their scale (255 for bytes, otherwise the largest value), and their mean.

        A scale that the data set states is kept, with the mean 0. Other arrays of numbers stay as they are.

        >>> Scaling.fit(Dataset(np.array([[[0, 255]], [[255, 255]]], np.uint8), np.array([0, 1])))
        Scaling(scale=255.0, mean=0.75)
        """
        x = train.x
        if train.scale is not None:
            return cls(float(train.scale))
        if not x.size or (x.ndim < 3 and x.dtype != np.uint8):
            return cls()
        return cls(train.white, float(train.observed.mean(dtype=np.float64)) / train.white)

    def transform(self, x: np.ndarray) -> np.ndarray:
        """Transform raw inputs of any shape; the result is float64."""
        return np.asarray(x.astype(np.float64) / self.scale - self.mean)
