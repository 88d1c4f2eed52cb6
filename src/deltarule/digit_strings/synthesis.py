"""Synthetic pictures of digits in a row, composed of a data set's images and reproducible by their seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from deltarule.core.constraints import Constraint, check, list_of, whole
from deltarule.data.dataset import Dataset
from deltarule.data.grayscale import resize
from deltarule.errors import DataError

LENGTHS = range(2, 11)
"""The numbers of digits in a row, 2 to 10."""

LONGEST = 127
"""The most digits in a row, as ``owners`` has eight bits."""

IMAGES = Constraint(
    "the shape of grey images, (n, height, width)", lambda shape: len(shape) == 3 and all(n > 0 for n in shape)
)

_COUNTS = list_of(
    whole(1, LONGEST),
    f"a list of whole numbers from 1 to {LONGEST}, such as (2, 3), each the number of digits in one row of digits",
    least=1,
)
_INK = 0.3  # part of full ink; a stroke has more
_SIZES = (1.2, 4.0)  # least and greatest enlargement of the data set's images
_VARIETY = 0.12  # relative variation of sizes within a row
_JITTER = 0.06  # standard deviation of vertical positions, in heights of a digit
_GAPS = (0.08, 0.6)  # gaps between separate digits, in heights of a digit
_OVERLAP = 0.1  # greatest overlap of touching digits, in heights of a digit


@dataclass(frozen=True, eq=False)
class StringPicture:
    """A picture of a row of digits, and the truth about it.

    Attributes:
        image: The picture, dark on light, (h, w) uint8.
        labels: The digits from left to right.
        touching: For each two neighbours, whether their strokes are connected.
        owners: The position in the row of the digit with the most ink at each pixel, −1 for paper, (h, w) int8.

    >>> from deltarule.data import load
    >>> picture = synthesize_strings(load("digits")[2], 1, lengths=(2,))[0]
    >>> len(picture.labels), picture.touching, picture.owners.shape == picture.image.shape
    (2, (False,), True)
    """

    image: np.ndarray
    labels: tuple[int, ...]
    touching: tuple[bool, ...]
    owners: np.ndarray


def synthesize_strings(
    dataset: Dataset, n: int = 500, seed: int = 0, lengths: Sequence[int] = LENGTHS
) -> list[StringPicture]:
    """Make pictures of rows of digits from a data set of grey images; the same arguments give the same pictures.

    The lengths take turns. For each length, pictures of separate digits (no ink connected) alternate with pictures in
    which at least one pair touches. No image is used twice before all have been used.

    Args:
        dataset: Grey images of digits, (n, height, width).
        n: The number of pictures.
        seed: The seed of all random choices.
        lengths: The numbers of digits in a row, each from 1 to 127.

    Raises:
        InvalidArgument: For examples that are not grey images, no examples, or an invalid n, seed or lengths.
        DataError: For an image without ink, or for two neighbouring digits that have no ink in the same row of pixels
            or in adjacent rows.

    >>> from deltarule.data import load
    >>> [len(picture.labels) for picture in synthesize_strings(load("digits")[2], 4, lengths=(2, 5))]
    [2, 5, 2, 5]
    """
    check("n", n, whole(0))
    check("seed", seed, whole(0))
    rng = np.random.default_rng(seed)
    return [_put_on_paper(row, rng) for row in compose_rows(dataset, n, rng, lengths)]


@dataclass(frozen=True, eq=False)
class Row:
    """A row of digits: its cropped ``ink`` from 0 to 1, (h, w), and the attributes of :class:`StringPicture`."""

    ink: np.ndarray
    labels: tuple[int, ...]
    touching: tuple[bool, ...]
    owners: np.ndarray


def compose_rows(dataset: Dataset, n: int, rng: np.random.Generator, lengths: Sequence[int] = LENGTHS) -> Iterator[Row]:
    """Compose ``n`` rows of digits; :func:`synthesize_strings` describes the arguments and the errors."""
    check("x", dataset.x.shape, IMAGES, dataset.name)
    check("lengths", list(lengths) if isinstance(lengths, np.ndarray) else lengths, _COUNTS)
    indices = _cycle_shuffled(len(dataset), rng)
    for i in range(n):
        length = lengths[i % len(lengths)]
        touching = rng.random(length - 1) < 0.5 if i // len(lengths) % 2 else np.zeros(length - 1, bool)
        if i // len(lengths) % 2 and length > 1 and not touching.any():
            touching[rng.integers(length - 1)] = True
        at = [next(indices) for _ in range(length)]
        images = dataset.x[at] / dataset.white
        if (blank := np.all(images <= _INK, axis=(1, 2))).any():
            place = f"{dataset.name}, image {at[int(blank.argmax())]}"
            raise DataError("expected ink, got none or too faint", position=place, remedy="leave this image out")
        try:
            composed = compose_row(images, tuple(dataset.y[at].tolist()), tuple(touching.tolist()), rng)
        except DataError as error:
            raise error.with_fields(position=f"{dataset.name}, images {', '.join(map(str, at))}") from None
        yield composed


def compose_row(
    images: np.ndarray, labels: tuple[int, ...], touching: tuple[bool, ...], rng: np.random.Generator
) -> Row:
    """Put images (n, h, w), from 0 for paper to 1 for ink, side by side with random sizes and places.

    Raises :class:`DataError` if two neighbouring digits have no ink in the same row of pixels or in adjacent rows.
    """
    scale = rng.uniform(*_SIZES) * 28 / images.shape[1]
    inks = [_enlarge(image, scale * rng.uniform(1 - _VARIETY, 1 + _VARIETY)) for image in images]
    unit = float(np.median([ink.shape[0] for ink in inks]))  # the height of a digit, in pixels
    places = np.array(_place_digits(inks, touching, unit, rng))
    places -= places.min(axis=0)
    height, width = (places + [own.shape for own in inks]).max(axis=0)
    ink, owners = np.zeros((height, width)), np.full((height, width), -1, np.int8)
    for i, ((y, x), own) in enumerate(zip(places, inks, strict=True)):
        window = slice(y, y + own.shape[0]), slice(x, x + own.shape[1])
        owners[window] = np.where(own > ink[window], i, owners[window])
        ink[window] = np.maximum(own, ink[window])
    return Row(ink, labels, touching, owners)


def _put_on_paper(row: Row, rng: np.random.Generator) -> StringPicture:
    top, left, bottom, right = np.rint(row.ink.shape[0] * rng.uniform(0.2, 0.7, 4)).astype(int).tolist()
    frame = (top, bottom), (left, right)
    paper, pen = (float(grey) for grey in (rng.integers(200, 256), rng.integers(0, 70)))
    image = np.rint(paper + (pen - paper) * np.pad(row.ink, frame)).astype(np.uint8)
    return StringPicture(image, row.labels, row.touching, np.pad(row.owners, frame, constant_values=-1))


def _cycle_shuffled(n: int, rng: np.random.Generator) -> Iterator[int]:
    while True:
        yield from rng.permutation(n).tolist()


def _enlarge(image: np.ndarray, scale: float) -> np.ndarray:
    """Crop an image to its ink and enlarge it."""
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    ink = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.asarray(
        np.clip(resize(ink, (max(1, round(ink.shape[0] * scale)), max(1, round(ink.shape[1] * scale)))), 0, 1)
    )


def _place_digits(
    inks: Sequence[np.ndarray], touching: Sequence[bool], unit: float, rng: np.random.Generator
) -> list[tuple[int, int]]:
    """Choose the row and column of each digit's upper left corner; the first digit begins in column 0."""
    places = [(_choose_row(inks[0], unit, rng), 0)]
    for ink, touches in zip(inks[1:], touching, strict=True):
        before, (y, x) = inks[len(places) - 1], places[-1]
        row = _choose_row(ink, unit, rng)
        contact = x + _find_contact(before, ink, row - y)
        if not touches:
            column = contact + max(2, round(unit * rng.uniform(*_GAPS)))
        else:
            nearer = range(contact - round(unit * rng.uniform(0, _OVERLAP)), x - ink.shape[1], -1)
            # strokes that never connect on the way stay at the point of contact
            column = next((near for near in nearer if _is_connected(before, ink, (row - y, near - x))), contact)
        places.append((row, column))
    return places


def _choose_row(ink: np.ndarray, unit: float, rng: np.random.Generator) -> int:
    return round(-int(ink.shape[0]) / 2 + unit * float(np.clip(rng.normal(0, _JITTER), -0.15, 0.15)))


def _find_contact(left: np.ndarray, right: np.ndarray, down: int) -> int:
    """Find the least column at which the ``right`` ink, ``down`` pixels lower, does not overlap the ``left`` ink.

    Raises :class:`DataError` if they have no ink in the same row of pixels or in adjacent rows.
    """
    reach = np.full(left.shape[0] + right.shape[0] + 2 * abs(down), -(10**6))
    start, none = max(0, -down), 10**6
    strokes = left > _INK
    edge = np.where(strokes.any(axis=1), left.shape[1] - strokes[:, ::-1].argmax(axis=1), -none)
    reach[start : start + len(edge)] = edge
    # take the maximum with the rows above and below, as strokes also connect across corners
    padded = np.pad(reach, 1, constant_values=-none)
    reach = np.maximum.reduce([padded[:-2], padded[1:-1], padded[2:]])
    strokes = right > _INK
    begins = np.where(strokes.any(axis=1), strokes.argmax(axis=1), none)
    contact = int((reach[start + down : start + down + len(begins)] - begins).max())
    if contact < -none // 2:
        raise DataError(
            "expected neighbours with strokes at the same height, got two without", remedy="leave such images out"
        )
    return contact


def _is_connected(left: np.ndarray, right: np.ndarray, place: tuple[int, int]) -> bool:
    """Check whether strokes of two inks overlap or adjoin, the right one at this place relative to the left."""
    y, x = place
    grown = np.pad(left > _INK, 1)
    grown = np.logical_or.reduce([grown[i : i + left.shape[0], j : j + left.shape[1]] for i, j in np.ndindex(3, 3)])
    top, beside = max(0, y), max(0, x)
    here = grown[top : max(top, y + right.shape[0]), beside : max(beside, x + right.shape[1])]
    there = right[top - y :, beside - x :][: here.shape[0], : here.shape[1]] > _INK
    return bool((here & there).any())
