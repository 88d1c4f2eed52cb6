"""How a label becomes the desired output y of the network, and an output becomes a label again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np

from deltarule.errors import DataError


@runtime_checkable
class Encoding(Protocol):
    """``n_out`` outputs; labels (n,) to desired outputs (n, n_out) float32, and back."""

    @property
    def n_out(self) -> int: ...

    def encode(self, labels: np.ndarray) -> np.ndarray: ...

    def decode(self, outputs: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True)
class OneHot:
    """One output a class; the largest output names the class, the first of equals (chapter 1).

    >>> OneHot(3).encode(np.array([2, 0])).tolist(), OneHot(3).decode(np.array([[0.2, 0.7, 0.7]])).tolist()
    ([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]], [1])
    """

    n_out: int

    def encode(self, labels: np.ndarray) -> np.ndarray:
        _check_whole(labels)
        wrong = (labels < 0) | (labels >= self.n_out)
        if wrong.any():
            at = int(np.argmax(wrong))
            raise DataError(f"labels go from 0 to {self.n_out - 1}; found {labels[at]} at position {at}")
        try:
            encoded = np.zeros((len(labels), self.n_out), np.float32)
        except (MemoryError, ValueError):
            raise DataError(
                f"{self.n_out:,} outputs for each of {len(labels):,} labels are too much to hold; "
                "number the classes 0, 1, 2, … without a gap"
            ) from None
        encoded[np.arange(len(labels)), labels] = 1
        return encoded

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        return outputs.argmax(axis=1)


@dataclass(frozen=True)
class Bits:
    """The label as a binary number, one output a bit, the lowest first; above ½ is 1 (chapter 1).

    >>> Bits(4).encode(np.array([6])).tolist(), Bits(4).decode(np.array([[0.1, 0.9, 0.8, 0.2]])).tolist()
    ([[0.0, 1.0, 1.0, 0.0]], [6])
    """

    n_out: int

    def encode(self, labels: np.ndarray) -> np.ndarray:
        _check_whole(labels)
        if labels.size and not 0 <= labels.min() <= labels.max() < 2**self.n_out:
            raise DataError(
                f"{self.n_out} bits encode labels from 0 to {2**self.n_out - 1}, not {labels.min()} to {labels.max()}"
            )
        return (labels.astype(np.int64)[:, None] >> np.arange(self.n_out) & 1).astype(np.float32)

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        return (outputs > 0.5) @ (1 << np.arange(self.n_out))


@dataclass(frozen=True)
class OneVsRest:
    """One output, whether the label is ``label``; decoded as 1 or 0, above ½ or not (chapter 1).

    >>> OneVsRest(9).encode(np.array([9, 4])).tolist(), OneVsRest(9).decode(np.array([[0.7]])).tolist()
    ([[1.0], [0.0]], [1])
    """

    label: int
    n_out: ClassVar[int] = 1

    def encode(self, labels: np.ndarray) -> np.ndarray:
        return (labels == self.label).astype(np.float32)[:, None]

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        return (outputs[:, 0] > 0.5).astype(np.int64)


@dataclass(frozen=True)
class Real:
    """One output, a real number that is its own encoding."""

    n_out: ClassVar[int] = 1

    def encode(self, labels: np.ndarray) -> np.ndarray:
        return labels.astype(np.float32)[:, None]

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        return outputs[:, 0]


def _check_whole(labels: np.ndarray) -> None:
    if labels.dtype.kind not in "iu":
        whole = labels.dtype.kind == "b" or np.array_equal(labels, np.floor(labels))
        remedy = "give y.astype(int)" if whole else "for real numbers use Real()"
        raise DataError(f"labels of classes are whole numbers, not {labels.dtype}; {remedy}")
