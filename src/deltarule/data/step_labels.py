"""The encoding of a class at each step of a sequence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from deltarule.core.constraints import Constraints, Validated, whole
from deltarule.errors import DataError


@dataclass(frozen=True)
class StepLabels(Validated):
    """A class at each step, labels of shape (n, steps), with one output per class and step; −1 does not count.

    The outputs of an example are those of the first step, then those of the second, and so on. A step with the label
    −1, such as one after the end of a sequence, has the desired outputs NaN: the cost of the network,
    :class:`deltarule.SumOverSteps`, leaves them out, and so does the accuracy.

    Args:
        classes: The number of classes.
        steps: The number of steps.

    >>> bits = StepLabels(2, steps=3)
    >>> bits.encode(np.array([[1, 0, -1]])).tolist()
    [[0.0, 1.0, 1.0, 0.0, nan, nan]]
    >>> bits.decode(np.array([[0.1, 0.9, 0.8, 0.2, 0.5, 0.5]])).tolist()
    [[1, 0, 0]]
    >>> bits.decode(bits.encode(np.array([[1, 0, -1]]))).tolist()
    [[1, 0, -1]]
    """

    classes: int
    steps: int
    constraints: ClassVar[Constraints] = {"classes": whole(1), "steps": whole(1)}

    @property
    def n_out(self) -> int:
        """The number of outputs."""
        return self.classes * self.steps

    @property
    def n_labels(self) -> int:
        """The number of labels of each example."""
        return self.steps

    def encode(self, labels: np.ndarray) -> np.ndarray:
        """Encode labels (n, steps) as desired outputs (n, n_out) float32.

        Raises :class:`DataError` for labels of another shape, and others than whole numbers from −1 to classes − 1.
        """
        if labels.ndim != 2 or labels.shape[1] != self.steps:
            expected = f"a class at each of {self.steps} steps, an array of shape (n, {self.steps})"
            raise DataError(expected=expected, value=labels.shape)
        if labels.dtype.kind not in "iu":
            raise DataError(expected="whole numbers", value=labels.dtype, remedy="give y.astype(int)")
        if (wrong := (labels < -1) | (labels >= self.classes)).any():
            example, step = map(int, np.argwhere(wrong)[0])
            expected = f"whole numbers from 0 to {self.classes - 1}, or −1 for a step that does not count"
            raise DataError(
                position=f"example {example}, step {step}", expected=expected, value=labels[example, step].item()
            )
        encoded = np.eye(self.classes, dtype=np.float32)[labels]
        encoded[labels < 0] = np.nan
        return np.asarray(encoded.reshape(len(labels), self.n_out))

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        """Decode outputs (n, n_out) as labels (n, steps), −1 where one is NaN."""
        steps = outputs.reshape(len(outputs), self.steps, self.classes)
        return np.where(np.isnan(steps).any(axis=2), -1, steps.argmax(axis=2))
