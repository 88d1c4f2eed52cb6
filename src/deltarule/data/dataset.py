"""A data set: examples as the file has them, their labels, and the scale that turns them into inputs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import prod
from numbers import Real
from typing import Any, ClassVar

import numpy as np

from deltarule.core.constraints import Constraint, Constraints, check, instance, number, optional, validate
from deltarule.data.arrays import copy_aligned, find_non_finite, to_native
from deltarule.data.encodings import Encoding, OneHot
from deltarule.data.photo import Style
from deltarule.errors import DataError, ShapeError


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
    or the scale is not above 0; and :class:`InvalidArgument` for an invalid scale, encoding or style.

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
    constraints: ClassVar[Constraints] = {
        "scale": Constraint("a number above 0", lambda value: isinstance(value, Real) and not isinstance(value, bool)),
        "classes": instance(Iterable, "the names of the labels 0, 1, 2, …"),
        "encoding": optional(instance(Encoding, "an Encoding such as OneHot(10)")),
        "style": optional(instance(Style, "a Style such as Style()")),
    }

    def __post_init__(self) -> None:
        validate(self)
        object.__setattr__(self, "x", _numbers(self.name, "x", self.x, "give all examples one shape"))
        object.__setattr__(self, "y", _numbers(self.name, "y", self.y, _NUMBERED))
        object.__setattr__(self, "classes", tuple(map(str, self.classes)))
        if (fault := _fault(self)) is not None:
            raise DataError(owner=self.name, **fault)
        if self.encoding is None:
            n = len(self.classes) or (int(self.y.max()) + 1 if len(self.y) else 1)
            object.__setattr__(self, "encoding", OneHot(n))

    def __repr__(self) -> str:
        labels = f"{self.encoding.n_out} classes" if isinstance(self.encoding, OneHot) else f"labels as {self.encoding}"
        return f"Dataset({self.name}: {len(self):,} × {'×'.join(map(str, self.x.shape[1:])) or 1}, {labels})"

    def __len__(self) -> int:
        return len(self.y)

    def __getitem__(self, chosen: slice | np.ndarray | Sequence[int]) -> Dataset:
        """The same as :meth:`take`; raises :class:`InvalidArgument` for a single position."""
        check(f"[{chosen}]", chosen, _SEVERAL, self.name)
        return self.take(chosen)

    @property
    def targets(self) -> np.ndarray:
        """The desired outputs, (n, n_out) float32; raises :class:`DataError` for a label out of range."""
        assert self.encoding is not None
        try:
            return self.encoding.encode(self.y)
        except DataError as error:
            error.with_fields(argument="y", owner=self.name)
            raise

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
        return replace(self, x=copy_aligned(self.x), y=self.y.copy())

    def reshape_x(self, input_shape: tuple[int, ...]) -> np.ndarray:
        """``x`` reshaped to what a network takes; raises :class:`ShapeError` if the sizes differ."""
        given, expected = self.x.shape[1:], tuple(input_shape)
        if prod(given) != prod(expected):
            raise ShapeError(
                f"expected examples of {prod(expected)} numbers, shape {expected}, as the network takes, "
                f"got {prod(given)} numbers, shape {given}",
                argument="x",
                owner=self.name,
            )
        return self.x.reshape(len(self.x), *input_shape)


_NUMBERED = "number the classes: classes, y = np.unique(y, return_inverse=True)"
_FINITE = "a finite number, not NaN or infinity"
_SEVERAL = Constraint(
    "a slice or several positions, as x and y hold the single example",
    lambda value: not isinstance(value, (int, np.integer)),
)


def _numbers(owner: str, argument: str, given: Any, remedy: str) -> np.ndarray:
    """Return an array of numbers as compiled engines take it; else raise :class:`DataError` with the remedy."""
    try:
        array = np.asarray(given)
        got = "" if array.dtype.kind in "biuf" else f"{array.dtype}"
    except (TypeError, ValueError) as error:
        got = f"a {type(given).__name__} ({error})"
    if not got and np.ma.is_masked(given):
        got = f"an array with {np.ma.getmaskarray(given).sum():,} masked values"
        remedy = "leave those examples out, or fill them, such as by x.filled(0)"
    if got:
        raise DataError(f"expected an array of numbers, got {got}", argument=argument, owner=owner, remedy=remedy)
    return to_native(array)


def _fault(data: Dataset) -> dict[str, Any] | None:
    """Find what is wrong with a data set whose x and y are numbers: the fields of an error, or None."""
    x, y = data.x, data.y
    if x.ndim == 0:
        return {"argument": "x", "expected": "examples, (n, numbers of one, ...)", "value": x.item()}
    if y.ndim != 1:
        expected = "one label for each example, an array of shape (n,)"
        return {"argument": "y", "expected": expected, "value": y.shape, "remedy": _one_label_each(y)}
    if (at := find_non_finite(y)) is not None:
        return {"argument": "y", "position": f"label {at[0]}", "expected": _FINITE, "value": y[at].item()}
    if len(x) != len(y):
        return {"argument": "y", "problem": f"expected one label for each of {len(x)} examples, got {len(y)} labels"}
    if not (scale := number(above=0)).accepts(data.scale):
        return {"argument": "scale", "expected": scale.expected, "value": data.scale}
    if (at := find_non_finite(x)) is not None:
        place, value = f"example {at[0]}, at {list(at[1:])}", x[at].item()
        return {
            "argument": "x",
            "position": place,
            "expected": _FINITE,
            "value": value,
            "remedy": "remove or repair it",
        }
    if data.encoding is None and len(y) and y.min() < 0:
        at = (int(np.argmin(y)),)
        return {
            "argument": "y",
            "position": f"label {at[0]}",
            "expected": "a class, a whole number from 0",
            "value": y[at].item(),
            "remedy": "for real numbers give encoding=Real()",
        }
    return None


def _one_label_each(y: np.ndarray) -> str:
    """Say how to make one label an example of y, without losing what it says."""
    if y.ndim == 2 and y.shape[1] == 1:
        return "give y[:, 0]"
    if y.ndim == 2 and np.isin(y, (0, 1)).all() and (y.sum(axis=1) == 1).all():
        return "of one-hot rows: y.argmax(axis=1)"
    return "a data set holds one label for each example: give one column of y at a time, such as y[:, 0]"


def fingerprint(dataset: Dataset) -> str:
    """A SHA-256 over every example, label and the scale, by which data are known again."""
    digest = hashlib.sha256()
    parts: tuple[Any, ...] = (dataset.x, dataset.y)
    for part in parts:
        digest.update(f"{part.dtype.str} {part.shape} {dataset.scale}".encode())
        digest.update(np.ascontiguousarray(part).data)
    return digest.hexdigest()
