"""Encodings of labels as desired outputs y of the network, and decodings of outputs as labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np

from deltarule.core.constraints import Constraints, Validated, number, whole
from deltarule.data.moments import compute_moments
from deltarule.errors import DataError


@runtime_checkable
class Encoding(Protocol):
    """The protocol of encodings. Your own encoding is a class with these members.

    >>> class Signs:
    ...     n_out = 1
    ...     def encode(self, labels):
    ...         return np.where(labels == 1, 1, -1).astype(np.float32)[:, None]
    ...     def decode(self, outputs):
    ...         return (outputs[:, 0] > 0).astype(int)
    >>> isinstance(Signs(), Encoding), Signs().decode(Signs().encode(np.array([1, 0]))).tolist()
    (True, [1, 0])
    """

    @property
    def n_out(self) -> int:
        """The number of outputs."""
        ...

    def encode(self, labels: np.ndarray) -> np.ndarray:
        """Encode labels (n,) as desired outputs (n, n_out) float32."""
        ...

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        """Decode outputs (n, n_out) as labels (n,)."""
        ...


@dataclass(frozen=True)
class OneHot(Validated):
    """One output per class. The class with the largest output is predicted; in a tie, the first (chapter 1).

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
    """The label as a binary number, with one output per bit, lowest bit first. An output above ½ means 1 (chapter 1).

    >>> Bits(4).encode(np.array([6])).tolist(), Bits(4).decode(np.array([[0.1, 0.9, 0.8, 0.2]])).tolist()
    ([[0.0, 1.0, 1.0, 0.0]], [6])
    """

    n_out: int
    constraints: ClassVar[Constraints] = {"n_out": whole(1)}

    def encode(self, labels: np.ndarray) -> np.ndarray:
        _check(labels, 2**self.n_out, f", as {self.n_out} bits encode")
        return (labels.astype(np.int64)[:, None] >> np.arange(self.n_out) & 1).astype(np.float32)

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        return (outputs > 0.5) @ (1 << np.arange(self.n_out))


@dataclass(frozen=True)
class OneVsRest(Validated):
    """One output, 1 for the class ``label`` and 0 for the rest; an output above ½ is decoded as 1 (chapter 1).

    >>> OneVsRest(9).encode(np.array([9, 4])).tolist(), OneVsRest(9).decode(np.array([[0.7]])).tolist()
    ([[1.0], [0.0]], [1])
    """

    label: int
    n_out: ClassVar[int] = 1
    constraints: ClassVar[Constraints] = {"label": number()}

    def encode(self, labels: np.ndarray) -> np.ndarray:
        _check_single(labels)
        return np.asarray(labels == self.label, np.float32)[:, None]

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        return (outputs[:, 0] > 0.5).astype(np.int64)


@dataclass(frozen=True)
class Real:
    """One output that is the label itself, a real number.

    >>> Real().encode(np.array([0.5, -2])).tolist(), Real().decode(np.array([[0.5], [-2]])).tolist()
    ([[0.5], [-2.0]], [0.5, -2.0])
    """

    n_out: ClassVar[int] = 1

    def encode(self, labels: np.ndarray) -> np.ndarray:
        _check_single(labels)
        return labels.astype(np.float32)[:, None]

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        return outputs[:, 0]


@dataclass(frozen=True)
class Standardized(Validated):
    """Real targets, standardized by the training set: t = (y − mean) / deviation, decoded as y = t · deviation + mean.

    Labels have shape (n,) for one output and (n, n_out) for several. :meth:`fit` computes mean and standard deviation;
    before that they are 0 and 1. A target that never changes keeps the deviation 1.

    Args:
        n_out: The number of targets.
        mean: The mean of each target.
        deviation: The standard deviation of each target.

    >>> prices = Standardized(1).fit(np.array([10.0, 30.0]))
    >>> prices
    Standardized(n_out=1, mean=(20.0,), deviation=(10.0,))
    >>> prices.encode(np.array([30.0])).tolist(), prices.decode(np.array([[-1.0]])).tolist()
    ([[1.0]], [10.0])
    """

    n_out: int
    mean: tuple[float, ...] = ()
    deviation: tuple[float, ...] = ()
    constraints: ClassVar[Constraints] = {"n_out": whole(1)}

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean", tuple(self.mean) or (0.0,) * self.n_out)
        object.__setattr__(self, "deviation", tuple(self.deviation) or (1.0,) * self.n_out)
        super().__post_init__()

    def fit(self, labels: np.ndarray) -> Standardized:
        """Return the encoding with the mean and the standard deviation of these labels."""
        columns = np.asarray(labels, np.float64).reshape(len(labels), self.n_out)
        moments = [compute_moments(column) for column in columns.T]
        return replace(self, mean=tuple(m for m, _ in moments), deviation=tuple(d or 1.0 for _, d in moments))

    def encode(self, labels: np.ndarray) -> np.ndarray:
        _check_shape(labels, self.n_out, "the targets of the training set")
        columns = np.asarray(labels, np.float64).reshape(len(labels), self.n_out)
        return np.asarray((columns - np.array(self.mean)) / np.array(self.deviation))

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        labels = outputs.astype(np.float64) * np.array(self.deviation) + np.array(self.mean)
        return np.asarray(labels[:, 0] if self.n_out == 1 else labels)


@dataclass(frozen=True)
class MultiLabel(Validated):
    """Several labels of each example, (n, n_out), each 0 or 1, with one output per label; above ½ it is decoded as 1.

    >>> colours = MultiLabel(3)
    >>> colours.encode(np.array([[1, 0, 1]])).tolist(), colours.decode(np.array([[0.9, 0.2, 0.4]])).tolist()
    ([[1.0, 0.0, 1.0]], [[1, 0, 0]])
    """

    n_out: int
    constraints: ClassVar[Constraints] = {"n_out": whole(1)}

    def encode(self, labels: np.ndarray) -> np.ndarray:
        _check_shape(labels, self.n_out, "the labels of the training set")
        labels = labels.reshape(len(labels), self.n_out)
        if not np.isin(labels, (0, 1)).all():
            at = int(np.argmin(np.isin(labels, (0, 1)).all(axis=1)))
            raise DataError(expected="labels 0 and 1", value=labels[at].tolist(), position=f"example {at}")
        return labels.astype(np.float32)

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        return (outputs > 0.5).astype(np.int64)


@dataclass(frozen=True)
class Inputs(Validated):
    """The inputs of an example are its desired outputs, as an autoencoder and a Boltzmann machine reconstruct them.

    The labels do not count, and may be missing: ``Dataset(x, encoding=Inputs(784))``. The desired outputs are the
    inputs as the network gets them, such as MNIST's bytes divided by 255.

    >>> Inputs(4).encode(np.array([[[0, 1], [1, 0]]])).tolist()
    [[0.0, 1.0, 1.0, 0.0]]
    """

    n_out: int
    constraints: ClassVar[Constraints] = {"n_out": whole(1)}

    def encode(self, labels: np.ndarray) -> np.ndarray:
        if labels.size != len(labels) * self.n_out:
            raise DataError(f"expected examples of {self.n_out} numbers each, got an array of shape {labels.shape}")
        return labels.reshape(len(labels), self.n_out).astype(np.float32, copy=False)

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        return outputs


def _check(labels: np.ndarray, n: int, why: str) -> None:
    """Raise :class:`DataError` unless there is one label for each example, a whole number from 0 to n − 1."""
    _check_single(labels)
    if labels.dtype.kind not in "iu":
        integral = labels.dtype.kind == "b" or np.array_equal(labels, np.floor(labels))
        position, value = "", labels.dtype
        remedy = "give y.astype(int)" if integral else "for real numbers use Real()"
    elif (wrong := (labels < 0) | (labels >= n)).any():
        at = int(np.argmax(wrong))
        position, value, remedy = f"label at position {at}", labels[at].item(), ""
    else:
        return
    raise DataError(expected=f"whole numbers from 0 to {n - 1}{why}", value=value, position=position, remedy=remedy)


def _check_shape(labels: np.ndarray, n_out: int, what: str) -> None:
    """Raise :class:`DataError` unless labels have the shape (n,) for one output, or (n, n_out)."""
    if labels.shape[1:] == (n_out,) or (n_out == 1 and labels.ndim == 1):
        return
    shape = "(n,)" if n_out == 1 else f"(n, {n_out})"
    raise DataError(f"expected {what} for each example, an array of shape {shape}, got {labels.shape}")


def _check_single(labels: np.ndarray) -> None:
    """Raise :class:`DataError` unless there is one label for each example."""
    if labels.ndim != 1:
        raise DataError(
            f"expected one label for each example, as in the training set, got an array of shape {labels.shape}",
            remedy="for one-hot rows give y.argmax(axis=1)" if labels.ndim == 2 and labels.shape[1] > 1 else "",
        )
