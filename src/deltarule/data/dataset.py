"""Data sets: raw examples and their labels, with what is known about them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod
from numbers import Real
from typing import Any, ClassVar

import numpy as np

from deltarule.core.constraints import Constraint, Constraints, check, instance, number, optional, validate
from deltarule.data.arrays import copy_aligned, find_non_finite, is_frozen, is_masked, to_native
from deltarule.data.encodings import Encoding, OneHot
from deltarule.data.photo import Style
from deltarule.data.schema import Schema
from deltarule.errors import DataError, ShapeError


@dataclass(frozen=True, eq=False)
class Dataset:
    """Examples and their labels.

    The arrays are copied only if they are not in C order, or not in this machine's byte order; ``fit`` makes a
    :meth:`copy`.

    The values are raw: a model is trained on inputs that its :class:`~deltarule.preprocessing.Preprocessing` makes of
    them.

    Args:
        x: The examples, (n, ...). Images are (n, height, width) or (n, height, width, channels). They keep their type;
            uint8 takes a quarter of float32's memory.
        y: The labels, (n,): positions of classes, real numbers, or the names of classes, which become ``classes`` and
            positions in them. For several targets of each example, (n, n_out), with an encoding of as many outputs.
        name: The name of the data set in printed lines and errors.
        scale: The number that inputs are divided by, if it is fixed beforehand: 255 for MNIST, 16 for the small digits.
            By default the preprocessing is fitted on the training set.
        classes: The names of the labels 0, 1, 2, …, kept as text.
        encoding: The encoding of labels as desired outputs; by default one output for each class.
        style: The scaling and centring of digits in their images; None if the examples are not images of digits.
        schema: The columns of the table that ``x`` was read from; NaN in ``x`` is then a missing value.
        weights: The weight of each example in the cost, (n,); None for 1.
        greys: The numbers that became 0 and 255 where the examples were read from pictures, such as (0, 4095) for 12
            bits; None for other examples.

    Raises:
        DataError: If x or y does not contain numbers, or contains masked values, NaN or infinity; if their lengths
            differ; if y has more axes than the encoding; or if the scale is not above 0.
        InvalidArgument: For an invalid scale, encoding, style or schema.

    >>> data = Dataset(np.zeros((3, 8, 8), np.uint8), np.array([0, 1, 1]), "zeros and ones", 16.0, ("0", "1"))
    >>> len(data), data.targets.tolist()
    (3, [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    >>> data, data[1:].y.tolist()
    (Dataset(zeros and ones: 3 × 8×8, 2 classes), [1, 1])
    """

    x: np.ndarray
    y: np.ndarray
    name: str = "data"
    scale: float | None = None
    classes: tuple[str, ...] = ()
    encoding: Encoding | None = None
    style: Style | None = None
    schema: Schema | None = None
    weights: np.ndarray | None = None
    greys: tuple[float, float] | None = None
    constraints: ClassVar[Constraints] = {
        "scale": Constraint(
            "a number above 0, or None",
            lambda value: value is None or (isinstance(value, Real) and not isinstance(value, bool)),
        ),
        "classes": instance(Iterable, "the names of the labels 0, 1, 2, …"),
        "encoding": optional(instance(Encoding, "an Encoding such as OneHot(10)")),
        "style": optional(instance(Style, "a Style such as Style()")),
        "schema": optional(instance(Schema, "a Schema, as a table has")),
        "greys": optional(instance(tuple, "(lowest, highest), two numbers")),
    }

    def __post_init__(self) -> None:
        validate(self)
        for name in ("x", "y"):  # tensors, series and data frames; their categories become text
            if not isinstance(given := getattr(self, name), (np.ndarray, list, tuple, Iterator, type(None))):
                from deltarule.data.array_conversion import to_numpy

                object.__setattr__(self, name, to_numpy(given, name, self.name))
        object.__setattr__(self, "x", _convert_numbers(self.name, "x", self.x, ""))
        _name_classes(self)
        object.__setattr__(self, "y", _convert_numbers(self.name, "y", self.y, _NUMBERED))
        object.__setattr__(self, "classes", tuple(map(str, self.classes)))
        if self.weights is not None:
            object.__setattr__(self, "weights", _convert_numbers(self.name, "weights", self.weights, ""))
        if (fault := _find_fault(self)) is not None:
            raise DataError(owner=self.name, **fault)
        if self.encoding is None:
            n = len(self.classes) or (int(self.y.max()) + 1 if len(self.y) else 1)
            object.__setattr__(self, "encoding", OneHot(n))

    def __repr__(self) -> str:
        labels = f"{self.encoding.n_out} classes" if isinstance(self.encoding, OneHot) else f"labels as {self.encoding}"
        return f"Dataset({self.name}: {len(self):,} × {'×'.join(map(str, self.x.shape[1:])) or 1}, {labels})"

    def _repr_html_(self) -> str:
        from deltarule.notebook.datasets import write_dataset

        return write_dataset(self)

    def __len__(self) -> int:
        return len(self.y)

    def __getitem__(self, positions: slice | np.ndarray | Sequence[int]) -> Dataset:
        """Return the examples at these positions, as :meth:`take` does.

        Raises :class:`InvalidArgument` for a single position.
        """
        check(f"[{positions}]", positions, _SEVERAL, self.name)
        return self.take(positions)

    @property
    def white(self) -> float:
        """The value of a white pixel, ``scale`` if it is stated, otherwise 255 for bytes or the largest value."""
        if self.scale is not None:
            return float(self.scale)
        if self.greys is not None:
            return 255.0
        top = max(abs(float(self.x.max(initial=0))), abs(float(self.x.min(initial=0))))  # without a copy of x
        return 255.0 if self.x.dtype == np.uint8 and top > BRIGHT else max(top, 1.0)

    @property
    def targets(self) -> np.ndarray:
        """The desired outputs, (n, n_out) float32. Raises :class:`DataError` for a label out of range."""
        assert self.encoding is not None
        try:
            return self.encoding.encode(self.y)
        except DataError as error:
            error.with_fields(argument="y", owner=self.name)
            raise

    @property
    def labels(self) -> np.ndarray:
        """The labels after encoding and decoding. With ``OneVsRest(9)`` they are 1 for nines and 0 for others."""
        assert self.encoding is not None
        return self.encoding.decode(self.targets)

    def take(self, positions: slice | np.ndarray | Sequence[int]) -> Dataset:
        """Return the examples at these positions, as a data set with the same name, scale and encoding."""
        weights = None if self.weights is None else self.weights[positions]
        return replace(self, x=self.x[positions], y=self.y[positions], weights=weights)

    def copy(self) -> Dataset:
        """Copy the data set with its arrays, so that later changes of the originals do not change the copy.

        Inputs to which nobody can write are shared.
        """
        weights = None if self.weights is None else self.weights.copy()
        x = self.x if is_frozen(self.x) else copy_aligned(self.x)
        return replace(self, x=x, y=self.y.copy(), weights=weights)

    def reshape_x(self, input_shape: tuple[int, ...]) -> np.ndarray:
        """Reshape ``x`` to ``(n, *input_shape)``. Raises :class:`ShapeError` if the sizes of an example differ."""
        given, expected = self.x.shape[1:], tuple(input_shape)
        if prod(given) != prod(expected):
            raise ShapeError(
                f"expected examples of {prod(expected)} numbers, shape {expected}, as the network takes, "
                f"got {prod(given)} numbers, shape {given}",
                argument="x",
                owner=self.name,
            )
        return self.x.reshape(len(self.x), *input_shape)


BRIGHT = 127
"""The byte above which the white of a picture is 255; otherwise it is the largest byte, such as 16."""

_NUMBERED = "number the classes: classes, y = np.unique(y, return_inverse=True)"
_FINITE = "a finite number, not NaN or infinity"
_OBJECTS = "Python objects, such as None, words or rows of different lengths"
_SEVERAL = Constraint(
    "a slice or several positions; for a single example use x and y",
    lambda value: not isinstance(value, (int, np.integer)),
)


def _name_classes(data: Dataset) -> None:
    """Replace labels that are names, or truth values, by ``classes`` and positions in them."""
    try:
        y = np.asarray(data.y)
    except ValueError:  # lists of different lengths, which are reported later
        return
    if y.ndim != 1 or data.encoding is not None or y.dtype.kind not in "USTb":
        return
    names = list(map(str, y.tolist()))  # astype refuses NumPy's text of variable width
    known = tuple(map(str, data.classes)) or tuple(sorted(set(names)))
    positions = {name: i for i, name in enumerate(known)}
    if (unknown := next((name for name in names if name not in positions), None)) is not None:
        expected = f"labels among the classes {', '.join(known[:10])}"
        raise DataError(argument="y", owner=data.name, expected=expected, value=unknown)
    object.__setattr__(data, "y", np.array([positions[name] for name in names], np.int64))
    object.__setattr__(data, "classes", known)


def _convert_numbers(owner: str, argument: str, given: Any, remedy: str) -> np.ndarray:
    """Convert to an array of numbers in one layout. Raises :class:`DataError`, with the remedy, for others."""
    try:
        array = np.asarray(given)
        got = (
            "" if array.dtype.kind in "biuf" else _OBJECTS if array.dtype.kind == "O" else f"an array of {array.dtype}"
        )
    except (TypeError, ValueError) as error:
        if "inhomogeneous" in str(error):
            got, remedy = "rows of different lengths", "give the same number of values for each example"
        else:
            got, remedy = f"a {type(given).__name__} ({error})", remedy or "give all examples the same shape"
    if given is None:
        got, remedy = "None", ""
    elif isinstance(given, Iterator):
        got, remedy = f"a {type(given).__name__}", f"give list({argument})"
    elif not got and is_masked(given) and np.ma.is_masked(given):
        got = f"an array with {np.ma.getmaskarray(given).sum():,} masked values"
        remedy = "leave those examples out, or fill the values, for example with x.filled(0)"
    if got:
        raise DataError(f"expected an array of numbers, got {got}", argument=argument, owner=owner, remedy=remedy)
    return to_native(array)


def _find_fault(data: Dataset) -> dict[str, Any] | None:
    """Check a data set whose x and y are numbers; return the fields of an error, or None."""
    x, y = data.x, data.y
    if x.ndim == 0:
        return {"argument": "x", "expected": "an array of examples of shape (n, ...)", "value": x.item()}
    if y.ndim != 1 and not (y.ndim == 2 and y.shape[1] == getattr(data.encoding, "n_out", None)):
        expected = "one label for each example, an array of shape (n,)"
        return {"argument": "y", "expected": expected, "value": y.shape, "remedy": _suggest_labels(y)}
    if (at := find_non_finite(y)) is not None:
        return {"argument": "y", "position": f"label at position {at[0]}", "expected": _FINITE, "value": y[at].item()}
    if len(x) != len(y):
        return {"argument": "y", "problem": f"expected one label for each of {len(x)} examples, got {len(y)} labels"}
    if data.weights is not None and (fault := _find_fault_of_weights(data.weights, len(x))) is not None:
        return fault
    if data.scale is not None and not (scale := number(above=0)).accepts(data.scale):
        return {"argument": "scale", "expected": scale.expected, "value": data.scale}
    if data.schema is not None and prod(x.shape[1:]) != (k := len(data.schema.columns)):
        return {
            "argument": "x",
            "expected": f"{k} numbers in each example, as the schema has columns",
            "value": x.shape,
        }
    if (at := find_non_finite(x if data.schema is None else np.nan_to_num(x, posinf=np.inf))) is not None:
        place, value = f"example {at[0]}, at {list(at[1:])}", x[at].item()
        remedy = "remove or repair it"
        return {"argument": "x", "position": place, "expected": _FINITE, "value": value, "remedy": remedy}
    if data.encoding is None and len(y) and y.min() < 0:
        at = (int(np.argmin(y)),)
        return {
            "argument": "y",
            "position": f"label at position {at[0]}",
            "expected": "a class, a whole number of at least 0",
            "value": y[at].item(),
            "remedy": "for real numbers give encoding=Real()",
        }
    return None


def _find_fault_of_weights(weights: np.ndarray, n: int) -> dict[str, Any] | None:
    """Check the weights of n examples; return the fields of an error, or None."""
    if weights.shape != (n,):
        return {"argument": "weights", "expected": f"one weight for each of {n} examples", "value": weights.shape}
    wrong = ~(np.isfinite(weights) & (weights >= 0))
    if not wrong.any():
        return None
    at = int(np.argmax(wrong))
    expected = "a finite number of at least 0"
    return {"argument": "weights", "position": f"example {at}", "expected": expected, "value": weights[at].item()}


def _suggest_labels(y: np.ndarray) -> str:
    """Return the remedy for labels y that have more than one number for each example."""
    if y.ndim == 2 and y.shape[1] == 1:
        return "give y[:, 0]"
    if y.ndim == 2 and np.isin(y, (0, 1)).all() and (y.sum(axis=1) == 1).all():
        return "for one-hot rows give y.argmax(axis=1)"
    return "give one column of y, such as y[:, 0]"


def fingerprint(dataset: Dataset) -> str:
    """Compute the SHA-256 of all examples, labels and the scale, to recognize a data set."""
    digest = hashlib.sha256()
    parts: tuple[Any, ...] = (dataset.x, dataset.y)
    if dataset.weights is not None:
        parts += (dataset.weights,)
    for part in parts:
        digest.update(f"{part.dtype.str} {part.shape} {dataset.scale}".encode())
        digest.update(np.ascontiguousarray(part).data)
    return digest.hexdigest()
