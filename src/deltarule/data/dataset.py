"""A data set: examples as the file has them, their labels, and the scale that turns them into inputs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Any

import numpy as np

from deltarule.core.checks import check_numbers, check_object
from deltarule.data.arrays import aligned_copy, first_not_finite, native
from deltarule.data.encodings import Encoding, OneHot
from deltarule.data.photo import Style
from deltarule.errors import DataError, InvalidArgument, ShapeError


@dataclass(frozen=True, eq=False)
class Dataset:
    """``x`` (n, ...) and labels ``y`` (n,), paired by position.

    ``x`` stays as it came, uint8 for images (a quarter of float32's memory); an engine divides it by
    ``scale`` (255 for MNIST, 16 for the small digits) mini-batch by mini-batch. Images are (height,
    width) or (height, width, channels). ``classes`` are the names of the labels 0, 1, 2, …, kept as text.
    ``encoding`` says what the network should answer; one output a class unless another is given.
    ``style`` says how digits were laid in their field, where one was; None: examples are as they came.
    The arrays are not copied (``fit`` takes a :meth:`copy`), but brought into this machine's byte order and
    C order; masked values are refused, as a network cannot leave them out. Raises :class:`DataError` if x or
    y does not hold numbers, they differ in length, y has more than one axis, either holds NaN or infinity,
    or the scale is not above 0; and :class:`InvalidArgument` for a scale, an encoding or a style that is none.

    >>> data = Dataset(np.zeros((3, 8, 8), np.uint8), np.array([0, 1, 1]), "zeros and ones", 16.0, ("0", "1"))
    >>> len(data), data.targets.tolist()
    (3, [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    >>> data, data[1:].y.tolist()
    (Dataset(zeros and ones: 3 × 8×8, 2 classes), [1, 1])
    """

    x: np.ndarray
    y: np.ndarray
    name: str = "data"
    scale: float = 1.0
    classes: tuple[str, ...] = ()
    encoding: Encoding | None = None
    style: Style | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "x", _numbers(f"{self.name}: x", self.x, "all examples of one shape"))
        object.__setattr__(self, "y", _numbers(f"{self.name}: y", self.y, _NUMBERED))
        object.__setattr__(self, "classes", _names(self.name, self.classes))
        check_numbers(self.name, scale=self.scale)
        if self.x.ndim == 0:
            raise DataError(f"{self.name}: x is a single number; give one example or more, (n, numbers of one, ...)")
        if self.y.ndim != 1:
            raise DataError(
                f"{self.name}: expected one label for each example, y of shape (n,), got {self.y.shape}; "
                f"{_one_label_each(self.y)}"
            )
        if (wrong := first_not_finite(self.y)) is not None:
            raise DataError(f"{self.name}: label {wrong[0]} is NaN or infinite")
        if len(self.x) != len(self.y):
            raise DataError(f"{self.name}: {len(self.x)} examples but {len(self.y)} labels")
        if not 0 < self.scale < inf:
            raise DataError(f"{self.name}: scale {self.scale} must be above 0, and finite")
        if (wrong := first_not_finite(self.x)) is not None:
            raise DataError(
                f"{self.name}: example {wrong[0]} holds NaN or infinity, first at {list(wrong[1:])}; remove or repair it"
            )
        if self.style is not None:
            check_object(f"{self.name}: style", self.style, Style, "Style()")
        if self.encoding is not None:
            check_object(f"{self.name}: encoding", self.encoding, Encoding, "OneHot(10)")
        else:
            if len(self.y) and self.y.min() < 0:
                at = int(np.argmin(self.y))
                raise DataError(
                    f"{self.name}: labels of classes go from 0 on; found {self.y[at]} at position {at}; "
                    "for real numbers give encoding=Real()"
                )
            n = len(self.classes) or (int(self.y.max()) + 1 if len(self.y) else 1)
            object.__setattr__(self, "encoding", OneHot(n))

    def __repr__(self) -> str:
        labels = f"{self.encoding.n_out} classes" if isinstance(self.encoding, OneHot) else f"labels as {self.encoding}"
        return f"Dataset({self.name}: {len(self):,} × {'×'.join(map(str, self.x.shape[1:])) or 1}, {labels})"

    def __len__(self) -> int:
        return len(self.y)

    def __getitem__(self, chosen: slice | np.ndarray | Sequence[int]) -> Dataset:
        """The same as :meth:`take`; raises :class:`InvalidArgument` for a single position."""
        if isinstance(chosen, (int, np.integer)):
            raise InvalidArgument(
                f"{self.name}: [{chosen}] is a single example, x[{chosen}] and y[{chosen}]; give a slice"
            )
        return self.take(chosen)

    @property
    def targets(self) -> np.ndarray:
        """The desired outputs, (n, n_out) float32; raises :class:`DataError` for a label out of range."""
        assert self.encoding is not None
        try:
            return self.encoding.encode(self.y)
        except DataError as error:
            raise DataError(f"{self.name}: {error}") from None

    @property
    def labels(self) -> np.ndarray:
        """The labels as the encoding can tell them: with ``OneVsRest(9)``, 1 for nines and 0 for others."""
        assert self.encoding is not None
        return self.encoding.decode(self.targets)

    def take(self, chosen: slice | np.ndarray | Sequence[int]) -> Dataset:
        """The examples at these positions, as a data set with the same name, scale and encoding."""
        return replace(self, x=self.x[chosen], y=self.y[chosen])

    def copy(self) -> Dataset:
        """Copy the arrays, so that what happens to the originals changes nothing here."""
        return replace(self, x=aligned_copy(self.x), y=self.y.copy())

    def shaped(self, input_shape: tuple[int, ...]) -> np.ndarray:
        """``x`` reshaped to what a network takes; raises :class:`ShapeError` if the sizes differ."""
        if int(np.prod(self.x.shape[1:])) != int(np.prod(input_shape)):
            raise ShapeError(
                f"{self.name}: an example has {int(np.prod(self.x.shape[1:]))} numbers, shape {self.x.shape[1:]}, "
                f"but the network takes {int(np.prod(input_shape))}, shape {tuple(input_shape)}"
            )
        return self.x.reshape(len(self.x), *input_shape)


_NUMBERED = "number the classes: classes, y = np.unique(y, return_inverse=True)"


def _numbers(what: str, given: Any, remedy: str) -> np.ndarray:
    try:
        array = np.asarray(given)
    except (TypeError, ValueError) as error:
        raise DataError(f"{what} is no array of numbers ({error}); give {remedy}") from None
    if array.dtype.kind not in "biuf":
        raise DataError(f"{what} holds {array.dtype}, not numbers; give numbers, {remedy}")
    if np.ma.is_masked(given):
        raise DataError(
            f"{what}: expected a number everywhere, got an array with {np.ma.count_masked(given):,} masked values; "
            "leave those examples out, or fill them, such as by x.filled(0)"
        )
    return native(array)


def _one_label_each(y: np.ndarray) -> str:
    """Say how to make one label an example of y, without losing what it says."""
    if y.ndim == 2 and y.shape[1] == 1:
        return "give y[:, 0]"
    if y.ndim == 2 and np.isin(y, (0, 1)).all() and (y.sum(axis=1) == 1).all():
        return "of one-hot rows: y.argmax(axis=1)"
    return "a data set holds one label for each example: give one column of y at a time, such as y[:, 0]"


def _names(where: str, classes: Any) -> tuple[str, ...]:
    if not isinstance(classes, Iterable):
        raise InvalidArgument(f"{where}: classes {classes!r}: give the names of the labels 0, 1, 2, …")
    return tuple(map(str, classes))


def fingerprint(dataset: Dataset) -> str:
    """A SHA-256 over every example, label and the scale, by which data are known again."""
    digest = hashlib.sha256()
    parts: tuple[Any, ...] = (dataset.x, dataset.y)
    for part in parts:
        digest.update(f"{part.dtype.str} {part.shape} {dataset.scale}".encode())
        digest.update(np.ascontiguousarray(part).data)
    return digest.hexdigest()
