"""Statements about data of your own: the target, the inputs, and how to read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from deltarule.core.constraints import Constraints, Validated, one_of, optional, true_or_false, whole
from deltarule.data.grayscale import height_and_width
from deltarule.data.schema import MISSING, UNKNOWN

TARGETS = ("auto", "classes", "numbers")
"""The kinds of targets; "auto" decides by the values."""


@dataclass(frozen=True)
class DataOptions(Validated):
    """Statements about data of your own; all else is decided by the values, and reported.

    Args:
        label: The target columns by name, by position (from 1), or "last". Several columns are several targets.
        inputs: The input columns, by name or position; by default all others.
        ignore: The columns to leave out, by name or position.
        group: The column whose equal values stay together in one set, such as a person; it is no input.
        target: The kind of the target, one of :data:`~deltarule.data.options.TARGETS`.
        missing: The way to treat missing values, one of :data:`~deltarule.data.schema.MISSING`.
        unknown: The way to treat unknown words, one of :data:`~deltarule.data.schema.UNKNOWN`.
        heading: True if the first row is a heading, False if not, None to decide by the values.
        delimiter: The character between the columns; "" to decide by the values.
        decimal: The decimal mark, "." or ","; "" to decide by the values.
        comment: The character that starts a comment; "" for none.
        x: The name of the array with the examples, in a file of several arrays.
        y: The name of the array with the labels.
        axis: The axis of the examples in an array of a file, from 0; None for the first, and in a ``.mat`` file for the
            one as long as the labels.
        size: The (height, width) to resize pictures to; None if all have the same.
        colour: True to read pictures as red, green and blue, False as grey.
        skip_damaged: True to leave out damaged pictures.
        images: True to read square rows of bytes as images, False as columns, None to decide by the values.
        test: The test set: the path of a file or of a folder of pictures, or a data frame; "" for none.
        split: True to divide the rows into training, validation and test sets; False to train on all.

    >>> DataOptions(label=("ill",)).missing
    'refuse'
    """

    label: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    group: str = ""
    target: str = "auto"
    missing: str = "refuse"
    unknown: str = "refuse"
    heading: bool | None = None
    delimiter: str = ""
    decimal: str = ""
    comment: str = ""
    x: str = ""
    y: str = ""
    axis: int | None = None
    size: tuple[int, int] | None = None
    colour: bool = False
    skip_damaged: bool = False
    images: bool | None = None
    test: Any = ""
    split: bool = True
    constraints: ClassVar[Constraints] = {
        "target": one_of(*TARGETS),
        "missing": one_of(*MISSING),
        "unknown": one_of(*UNKNOWN),
        "heading": optional(true_or_false()),
        "delimiter": one_of("", ",", ";", "\t", " "),
        "decimal": one_of("", ".", ","),
        "size": optional(height_and_width(1)),
        "colour": true_or_false(),
        "skip_damaged": true_or_false(),
        "images": optional(true_or_false()),
        "axis": optional(whole(0)),
        "split": true_or_false(),
    }

    def __post_init__(self) -> None:
        for name in ("label", "inputs", "ignore"):  # one name, or several
            given = getattr(self, name)
            names = (given,) if isinstance(given, (str, int)) else given
            object.__setattr__(self, name, tuple(map(str, names)))
        super().__post_init__()
        if self.size is not None:
            object.__setattr__(self, "size", (int(self.size[0]), int(self.size[1])))
