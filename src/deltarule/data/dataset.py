"""Data sets: raw examples and their labels, with what is known about them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod
from numbers import Real
from typing import Any, ClassVar

import numpy as np

from deltarule.core.constraints import Constraint, Constraints, check, instance, optional, validate
from deltarule.data.arrays import copy_aligned, is_frozen, is_masked, to_native
from deltarule.data.dataset_faults import find_fault
from deltarule.data.encodings import Encoding, Inputs, OneHot
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
            Not needed with the encoding :class:`~deltarule.data.Inputs`.
        name: The name of the data set in printed lines and errors.
        scale: The number that inputs are divided by, if it is fixed beforehand: 255 for MNIST, 16 for the small digits.
            By default the preprocessing is fitted on the training set.
        classes: The names of the labels 0, 1, 2, …, kept as text.
        encoding: The encoding of labels as desired outputs; by default one output for each class.
        style: The scaling and centring of digits in their images; None if the examples are not images of digits.
        schema: The columns of the table that ``x`` was read from; NaN in ``x`` is then a missing value.
        weights: The weight of each example in the cost, (n,); None for 1.
        lengths: The number of real steps of each sequence, (n,), if ``x`` has sequences (n, steps, ...) that are padded
            to the longest; None if all are whole.
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
    y: np.ndarray = None  # type: ignore[assignment] # converted below
    name: str = "data"
    scale: float | None = None
    classes: tuple[str, ...] = ()
    encoding: Encoding | None = None
    style: Style | None = None
    schema: Schema | None = None
    weights: np.ndarray | None = None
    greys: tuple[float, float] | None = None
    lengths: np.ndarray | None = None
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
        if self.y is None and isinstance(self.encoding, Inputs):
            object.__setattr__(self, "y", np.zeros(len(self.x), np.int64))
        _name_classes(self)
        object.__setattr__(self, "y", _convert_numbers(self.name, "y", self.y, _NUMBERED))
        object.__setattr__(self, "classes", tuple(map(str, self.classes)))
        if self.weights is not None:
            object.__setattr__(self, "weights", _convert_numbers(self.name, "weights", self.weights, ""))
        if self.lengths is not None:
            object.__setattr__(self, "lengths", _convert_numbers(self.name, "lengths", self.lengths, ""))
        if (fault := find_fault(self)) is not None:
            raise DataError(owner=self.name, **fault)
        if self.lengths is not None:
            object.__setattr__(self, "lengths", self.lengths.astype(np.int32))
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
    def observed(self) -> np.ndarray:
        """The values of ``x`` without the padding of sequences: ``x`` itself, or the real steps, (steps, ...)."""
        if self.lengths is None:
            return self.x
        return self.x[np.arange(self.x.shape[1]) < self.lengths[:, None]]

    @property
    def white(self) -> float:
        """The value of a white pixel, ``scale`` if it is stated, otherwise 255 for bytes or the largest value."""
        if self.scale is not None:
            return float(self.scale)
        if self.greys is not None:
            return 255.0
        x = self.observed
        top = max(abs(float(x.max(initial=0))), abs(float(x.min(initial=0))))  # without a copy of x
        return 255.0 if self.x.dtype == np.uint8 and top > BRIGHT else max(top, 1.0)

    @property
    def targets(self) -> np.ndarray:
        """The desired outputs, (n, n_out) float32. Raises :class:`DataError` for a label out of range."""
        assert self.encoding is not None
        try:
            if isinstance(self.encoding, Inputs):
                return self.encoding.encode(self.x / np.float32(self.scale or 1))
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
        weights, lengths = (None if each is None else each[positions] for each in (self.weights, self.lengths))
        return replace(self, x=self.x[positions], y=self.y[positions], weights=weights, lengths=lengths)

    def with_inputs_as_targets(self) -> Dataset:
        """Return the data set with the inputs of each example as its desired outputs, for an autoencoder.

        >>> Dataset(np.ones((5, 8, 8)), np.arange(5)).with_inputs_as_targets().encoding
        Inputs(n_out=64)
        """
        return replace(self, encoding=Inputs(prod(self.x.shape[1:])))

    def copy(self) -> Dataset:
        """Copy the data set with its arrays, so that later changes of the originals do not change the copy.

        Inputs to which nobody can write are shared.
        """
        weights, lengths = (None if each is None else each.copy() for each in (self.weights, self.lengths))
        x = self.x if is_frozen(self.x) else copy_aligned(self.x)
        return replace(self, x=x, y=self.y.copy(), weights=weights, lengths=lengths)

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
    if y.dtype.kind == "S":
        y = _decode_names(y, data.name)
    names = list(map(str, y.tolist()))  # astype refuses NumPy's text of variable width
    known = tuple(map(str, data.classes)) or tuple(sorted(set(names)))
    positions = {name: i for i, name in enumerate(known)}
    if (unknown := next((name for name in names if name not in positions), None)) is not None:
        expected = f"labels among the classes {', '.join(known[:10])}"
        raise DataError(argument="y", owner=data.name, expected=expected, value=unknown)
    object.__setattr__(data, "y", np.array([positions[name] for name in names], np.int64))
    object.__setattr__(data, "classes", known)


def _decode_names(y: np.ndarray, owner: str) -> np.ndarray:
    """Decode names that are bytes. Raises :class:`DataError` unless they are text in UTF-8."""
    try:
        return np.strings.decode(y, "utf-8")
    except UnicodeDecodeError as error:
        remedy = "decode them in their encoding, such as np.strings.decode(y, 'latin-1')"
        raise DataError(
            argument="y", owner=owner, expected="names in UTF-8", value=error.object, remedy=remedy
        ) from None


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


def fingerprint(dataset: Dataset) -> str:
    """Compute the SHA-256 of all examples, labels and the scale, to recognize a data set."""
    digest = hashlib.sha256()
    parts: tuple[Any, ...] = (dataset.x, dataset.y)
    parts += tuple(each for each in (dataset.weights, dataset.lengths) if each is not None)
    for part in parts:
        digest.update(f"{part.dtype.str} {part.shape} {dataset.scale}".encode())
        digest.update(np.ascontiguousarray(part).data)
    return digest.hexdigest()
