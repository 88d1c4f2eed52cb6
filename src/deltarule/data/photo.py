"""Preprocessing of pictures of handwritten digits: inputs made as the images of MNIST were made.

The ink is found whatever its colour and the light, cropped, scaled to fit a box with its proportions kept, and placed
with its centre of mass in the middle of the field (LeCun et al., 1998, section III.A).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from deltarule.core.constraints import Constraint, Constraints, Validated, check_all, instance, number, optional
from deltarule.data.error_context import reading
from deltarule.data.grayscale import height_and_width, read_grayscale, resize
from deltarule.data.ink import find_ink, thicken

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True)
class Style(Validated):
    """The scaling and centring of the digits of a data set in their field, the image.

    Args:
        fill: The side of the box that a digit fits into, as a fraction of the field's side.
        offset: The place of the centre of mass, in pixels to the right of and below the middle of the field.
        widest: The largest ratio of width to height of a digit; wider digits are squeezed to it.
        thinnest: The least width of a stroke, as a fraction of the digit's longer side; thinner strokes are thickened
            to it.
    """

    fill: float = 20 / 28
    offset: float = 0.5
    widest: float = inf
    thinnest: float = 0.1

    constraints: ClassVar[Constraints] = {
        "fill": number(above=0, most=1),
        "offset": number(),
        "widest": Constraint(
            "a number above 0, or infinity", lambda value: value == inf or number(above=0).accepts(value)
        ),
        "thinnest": number(0, below=1),
    }


AS_MNIST = Style()
"""MNIST: a box of 20 in a field of 28, and pixel 14 (from 0) as centre of mass.

A quarter of MNIST's strokes are thinner than ``thinnest``.
"""

AS_DIGITS = Style(fill=1.0, offset=0.0, widest=0.75)
"""The small digits: from the upper edge to the lower, and about 6 of 8 pixels wide."""

_SMALL_FIELD = 16

_CONSTRAINTS: Constraints = {
    "shape": height_and_width(4),
    "top": number(1, 255),
    "style": optional(instance(Style, "a Style such as Style()")),
}


def prepare(
    picture: str | os.PathLike[str] | Image | np.ndarray,
    shape: tuple[int, int] = (28, 28),
    top: int = 255,
    style: Style | None = None,
) -> np.ndarray:
    """Convert a picture of a digit to the input of a network, ``shape`` uint8, 0 for paper and ``top`` for ink.

    Args:
        picture: A file, a Pillow image or an array (:func:`deltarule.data.grayscale.read_grayscale`). The ink is found
            by :func:`deltarule.data.ink.find_ink`.
        shape: The (height, width) of the field.
        top: The scale of the training data, 255 for MNIST, 16 for the small digits.
        style: The scaling and centring of the digit. By default the style of the small digits for fields smaller than
            16, and that of MNIST for others.

    Raises:
        DataError: If ``picture`` is not a picture, is too small, or has no ink.
        InvalidArgument: If ``shape``, ``top`` or ``style`` is invalid.

    >>> page = np.full((90, 120), 200, np.uint8)
    >>> page[20:60, 30:34] = 40  # a stroke of a dark pen
    >>> one = prepare(page)
    >>> one.shape, int(one.max()), np.flatnonzero(one.any(axis=1)).tolist() == list(range(4, 24))
    ((28, 28), 255, True)
    """
    check_all(_CONSTRAINTS, shape=shape, top=top, style=style)
    shape = int(shape[0]), int(shape[1])
    style = style or choose_style(shape)
    with reading(picture if isinstance(picture, str | os.PathLike) else None):
        return fit_to_field(find_ink(read_grayscale(picture)), shape, top, style)


def choose_style(shape: tuple[int, int]) -> Style:
    """Choose the usual style for a field of this size: that of the small digits for small fields, else MNIST's.

    >>> choose_style((28, 28)) == AS_MNIST, choose_style((8, 8)) == AS_DIGITS
    (True, True)
    """
    return AS_MNIST if min(shape) >= _SMALL_FIELD else AS_DIGITS


def fit_to_field(ink: np.ndarray, shape: tuple[int, int], top: int, style: Style) -> np.ndarray:
    """Place ink (h, w), from 0 to 1 and cropped, in the field: ``shape`` uint8, from 0 for paper to ``top``."""
    digit = _scale_to_box(thicken(ink, style.thinnest * max(ink.shape)), shape, style)
    return np.asarray(np.rint(_center(digit, shape, style.offset) * top), np.uint8)


def _scale_to_box(ink: np.ndarray, shape: tuple[int, int], style: Style) -> np.ndarray:
    """Resize the ink to fit the box, and scale it so that the strongest is 1."""
    height, width = ink.shape[0], min(ink.shape[1], style.widest * ink.shape[0])
    scale = min(round(shape[0] * style.fill) / height, round(shape[1] * style.fill) / width)
    digit = np.clip(resize(ink, (max(1, round(height * scale)), max(1, round(width * scale)))), 0, None)
    return np.asarray(digit / digit.max())


def _center(digit: np.ndarray, shape: tuple[int, int], offset: float) -> np.ndarray:
    """Place a digit in an empty field, its centre of mass in the middle as far as the digit stays inside."""
    corner = []
    for axis in (0, 1):
        mass = digit.sum(axis=1 - axis)
        centre = (mass * np.arange(len(mass))).sum() / mass.sum()
        goal = (shape[axis] - 1) / 2 + offset
        corner.append(min(max(round(goal - centre), 0), shape[axis] - len(mass)))
    field = np.zeros(shape, np.float32)
    field[corner[0] : corner[0] + digit.shape[0], corner[1] : corner[1] + digit.shape[1]] = digit
    return field
