"""The preprocessing of a model: everything that was learned about raw inputs and labels from the training set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import ClassVar

import numpy as np

from deltarule.core.constraints import Constraints, instance, optional, validate
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import Encoding, Inputs
from deltarule.data.photo import Style
from deltarule.data.schema import Schema
from deltarule.data.step_labels import StepLabels
from deltarule.errors import DataError, ShapeError
from deltarule.preprocessing.scaling import Scaling
from deltarule.preprocessing.standardization import Standardization

BLOCK = 2**16
"""The numbers that are transformed at a time, so that those in float64 stay in the cache."""


@dataclass(frozen=True, eq=False)
class Stored:
    """Inputs in the form that an engine stores: the network gets x / scale − mean.

    Bytes stay bytes; the columns of a table are standardized already, with scale 1 and mean 0.
    """

    x: np.ndarray
    scale: float = 1.0
    mean: float = 0.0


@dataclass(frozen=True)
class Preprocessing:
    """The transforms of raw inputs and labels, fitted on the training set and stored with the model.

    Args:
        encoding: The encoding of labels as desired outputs.
        inputs: The transform of inputs: a :class:`Scaling` of all alike, or a :class:`Standardization` of columns.
        classes: The names of the labels 0, 1, 2, …
        example_shape: The shape of a raw example, such as (28, 28) for MNIST.
        schema: The columns of the table that the model was trained on, or None.
        style: The scaling and centring of digits in the training images; None means that new pictures are not cropped
            or centred.
        greys: The numbers that became 0 and 255 in the training pictures; None if they were no pictures.

    Raises:
        InvalidArgument: For invalid values.

    >>> train = Dataset(np.array([[[0, 255]], [[255, 255]]], np.uint8), np.array([0, 1]), classes=("dark", "light"))
    >>> fitted = Preprocessing.fit(train)
    >>> fitted.inputs, fitted.classes, fitted.input_shape
    (Scaling(scale=255.0, mean=0.75), ('dark', 'light'), (1, 2))
    >>> fitted.transform(train).tolist()
    [[[-0.75, 0.25]], [[0.25, 0.25]]]
    """

    encoding: Encoding
    inputs: Scaling | Standardization = Scaling()
    classes: tuple[str, ...] = ()
    example_shape: tuple[int, ...] = ()
    schema: Schema | None = None
    style: Style | None = None
    greys: tuple[float, float] | None = None
    constraints: ClassVar[Constraints] = {
        "encoding": instance(Encoding, "an Encoding such as OneHot(10)"),
        "inputs": instance((Scaling, Standardization), "a Scaling or a Standardization"),
        "schema": optional(instance(Schema, "a Schema")),
        "style": optional(instance(Style, "a Style such as Style()")),
        "greys": optional(instance(tuple, "(lowest, highest), two numbers")),
    }

    def __post_init__(self) -> None:
        validate(self)
        object.__setattr__(self, "classes", tuple(map(str, self.classes)))
        object.__setattr__(self, "example_shape", tuple(map(int, self.example_shape)))

    @classmethod
    def fit(cls, train: Dataset) -> Preprocessing:
        """Fit to the training set.

        A table is standardized column by column; images and bytes are scaled to 0 … 1 and centred by their mean. Other
        arrays stay as they are. A scale that the data set states is kept, as the book's 255. With the encoding
        :class:`~deltarule.data.Inputs` nothing is centred.
        """
        assert train.encoding is not None
        encoding = train.encoding.fit(train.y) if hasattr(train.encoding, "fit") else train.encoding
        is_table = train.schema is not None and train.x.ndim == 2 and train.scale is None
        try:
            inputs = Standardization.fit(train.x, train.schema) if is_table and train.schema else Scaling.fit(train)
        except DataError as error:
            error.with_fields(position=f"{train.name}, {error.position}")
            raise
        if isinstance(encoding, Inputs) and isinstance(inputs, Scaling):
            inputs = replace(inputs, mean=0.0)  # so that pictures are desired outputs from 0 to 1
        return cls(encoding, inputs, train.classes, train.x.shape[1:], train.schema, train.style, train.greys)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of a prepared example."""
        return (self.inputs.width,) if isinstance(self.inputs, Standardization) else self.example_shape

    @property
    def scale(self) -> float:
        """The number that inputs are divided by; 1 for a table."""
        return self.inputs.scale if isinstance(self.inputs, Scaling) else 1.0

    @property
    def mean(self) -> float:
        """The number that is subtracted from the scaled inputs; 0 for a table."""
        return self.inputs.mean if isinstance(self.inputs, Scaling) else 0.0

    @property
    def is_dark_on_light(self) -> bool:
        """True if the training images have dark ink on light paper, so that their mean is above one half."""
        return self.mean > 0.5

    def paint_ink(self, ink: np.ndarray) -> np.ndarray:
        """Convert ink, 0 for paper to 255, to pixels as in the training images: their units, and dark or light ink.

        >>> from deltarule.data.encodings import OneHot
        >>> Preprocessing(OneHot(2), Scaling(255.0, mean=0.9)).paint_ink(np.array([0, 255])).tolist()
        [255.0, 0.0]
        """
        return np.asarray((255 - ink if self.is_dark_on_light else ink) * np.float32(self.scale / 255))

    def measure_ink(self, pixels: np.ndarray) -> np.ndarray:
        """Return the ink of pixels as in the training images, 0 for paper to ``scale``."""
        return np.asarray(np.float32(self.scale) - pixels if self.is_dark_on_light else pixels)

    def transform(self, x: Dataset | np.ndarray, dtype: np.typing.DTypeLike = np.float64) -> np.ndarray:
        """Transform raw examples to inputs of the network, of shape (n, \\*input_shape), computed in float64.

        The columns of a data set with a schema are matched by name. An array has the raw columns in the order of the
        training set. Raises :class:`DataError` for missing or surplus columns, missing values and unknown words, and
        :class:`ShapeError` for an array of another shape.
        """
        stored = self.store(x)
        found = np.empty(stored.x.shape, dtype)
        rows = max(1, BLOCK // max(1, prod(stored.x.shape[1:])))
        for first in range(0, len(found), rows):
            part = stored.x[first : first + rows].astype(np.float64)
            part /= stored.scale
            part -= stored.mean
            found[first : first + rows] = part
        return found

    def store(self, x: Dataset | np.ndarray) -> Stored:
        """Bring raw examples to the form that an engine stores; raises the same errors as :meth:`transform`."""
        values, columns = (x.x, x.schema) if isinstance(x, Dataset) else (x, None)
        if isinstance(x, Dataset):
            self._check_scale(x)
        if self.schema is not None and columns is not None:
            from deltarule.preprocessing.matching import find_positions

            order = find_positions(self.schema, columns)
            values, given = _select_columns(values, order), [columns.columns[i] for i in order]
        else:
            given = list(self.schema.columns) if self.schema else []
        if isinstance(self.inputs, Scaling):
            return Stored(values, self.inputs.scale, self.inputs.mean)
        return Stored(self.inputs.transform(self._as_rows(values), given))

    def encode(self, dataset: Dataset) -> np.ndarray:
        """Encode the labels of a data set as desired outputs, (n, n_out); classes are matched by name.

        Raises :class:`DataError` for a class that the training set lacks, and for labels out of range.
        """
        from deltarule.preprocessing.matching import match_classes

        if isinstance(self.encoding, Inputs):
            return self.encoding.encode(self.transform(dataset, np.float32))
        y = match_classes(dataset, self.classes)
        try:
            return self.encoding.encode(y)
        except DataError as error:
            error.with_fields(argument="y", owner=dataset.name)
            raise

    def find_labels(self, dataset: Dataset) -> np.ndarray:
        """Return the labels of a data set as the model predicts them, such as 1 for nines with ``OneVsRest(9)``.

        A label at each step is −1 for a step after the end of a sequence, and for one that does not count.
        """
        labels = self.encoding.decode(self.encode(dataset))
        if isinstance(self.encoding, StepLabels) and dataset.lengths is not None:
            return np.where(np.arange(labels.shape[1]) < dataset.lengths[:, None], labels, -1)
        return labels

    def _as_rows(self, values: np.ndarray) -> np.ndarray:
        n = prod(self.example_shape)
        rows = values[None] if values.ndim == 1 and n != 1 else values
        if rows.ndim < 2 or prod(rows.shape[1:]) != n:
            expected = f"an array of shape (n, {n}), with the {n} columns of the training set"
            raise ShapeError(f"expected {expected}, got {values.shape}", argument="x", value=values, expected=expected)
        return rows.reshape(len(rows), n)

    def _check_scale(self, dataset: Dataset) -> None:
        """Raise :class:`DataError` for a data set that states another scale than the training set had."""
        if dataset.scale is not None and isinstance(self.inputs, Scaling) and dataset.scale != self.inputs.scale:
            raise DataError(
                argument="scale",
                owner=dataset.name,
                expected=f"{self.inputs.scale:g}, in whose units the model was trained",
                value=dataset.scale,
                remedy=f"multiply x by {self.inputs.scale / float(dataset.scale):g}, and state the scale of the model",
            )


def _select_columns(values: np.ndarray, order: Sequence[int]) -> np.ndarray:
    if list(order) == list(range(prod(values.shape[1:]))):
        return values
    return np.ascontiguousarray(values.reshape(len(values), -1)[:, order]).reshape(len(values), *values.shape[1:])
