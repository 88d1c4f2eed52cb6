"""How a label becomes the desired output y of the network, and an output becomes a label again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np

from deltarule.core.constraints import Constraints, Validated, number, whole
from deltarule.errors import DataError


@runtime_checkable
class Encoding(Protocol):
    """``n_out`` outputs; labels (n,) to desired outputs (n, n_out) float32, and back."""

    @property
    def n_out(self) -> int: ...

    def encode(self, labels: np.ndarray) -> np.ndarray: ...

    def decode(self, outputs: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True)
class OneHot(Validated):
    """One output a class; the largest output names the class, the first of equals (chapter 1).

    >>> OneHot(3).encode(np.array([2, 0])).tolist(), OneHot(3).decode(np.array([[0.2, 0.7, 0.7]])).tolist()
    ([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]], [1])
    """

    n_out: int
    constraints: ClassVar[Constraints] = {"n_out": whole(1)}

    def encode(self, labels: np.ndarray) -> np.ndarray:
        _check(labels, self.n_out, "")
        try:
            encoded = np.zeros((len(labels), self.n_out), np.float32)
        except (MemoryError, ValueError):
            raise DataError(
                f"expected outputs that fit in memory, got {self.n_out:,} for each of {len(labels):,} labels",
                remedy="number the classes 0, 1, 2, … without a gap",
            ) from None
        encoded[np.arange(len(labels)), labels] = 1
        return encoded

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        return np.asarray(outputs.argmax(axis=1))


@dataclass(frozen=True)
class Bits(Validated):
    """The label as a binary number, one output a bit, the lowest first; above ½ is 1 (chapter 1).

    >>> Bits(4).encode(np.array([6])).tolist(), Bits(4).decode(np.array([[0.1, 0.9, 0.8, 0.2]])).tolist()
    ([[0.0, 1.0, 1.0, 0.0]], [6])
    """

    n_out: int
    constraints: ClassVar[Constraints] = {"n_out": whole(1)}

    def encode(self, labels: np.ndarray) -> np.ndarray:
        _check(labels, 2**self.n_out, f", which {self.n_out} bits encode")
        return (labels.astype(np.int64)[:, None] >> np.arange(self.n_out) & 1).astype(np.float32)

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        return (outputs > 0.5) @ (1 << np.arange(self.n_out))


@dataclass(frozen=True)
class OneVsRest(Validated):
    """One output, whether the label is ``label``; decoded as 1 or 0, above ½ or not (chapter 1).

    >>> OneVsRest(9).encode(np.array([9, 4])).tolist(), OneVsRest(9).decode(np.array([[0.7]])).tolist()
    ([[1.0], [0.0]], [1])
    """

    label: int
    n_out: ClassVar[int] = 1
    constraints: ClassVar[Constraints] = {"label": number()}

    def encode(self, labels: np.ndarray) -> np.ndarray:
        return np.asarray(labels == self.label, np.float32)[:, None]

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


def _check(labels: np.ndarray, n: int, why: str) -> None:
    """Raise :class:`DataError` for labels that are not whole numbers from 0, below n."""
    if labels.dtype.kind not in "iu":
        integral = labels.dtype.kind == "b" or np.array_equal(labels, np.floor(labels))
        position, value = "", labels.dtype
        remedy = "give y.astype(int)" if integral else "for real numbers use Real()"
    elif (wrong := (labels < 0) | (labels >= n)).any():
        at = int(np.argmax(wrong))
        position, value, remedy = f"label {at}", labels[at].item(), ""
    else:
        return
    raise DataError(expected=f"whole numbers from 0 to {n - 1}{why}", value=value, position=position, remedy=remedy)
