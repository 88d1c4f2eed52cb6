"""Synthetic pictures of handwritten digits in a row, composed of a data set's images; reproducible by their seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from deltarule.core.constraints import Constraint, check, list_of, whole
from deltarule.data.dataset import Dataset
from deltarule.data.grayscale import resize
from deltarule.errors import DataError

LENGTHS = range(2, 11)
"""Digits in a row, from 2 to 10."""

LONGEST = 127
"""Digits in a row at most: ``owners`` counts them in eight bits."""

IMAGES = Constraint(
    "the shape of grey images, (n, height, width)", lambda shape: len(shape) == 3 and all(n > 0 for n in shape)
)

_COUNTS = list_of(whole(1, LONGEST), f"a list of numbers of digits in a row, 1 to {LONGEST}, such as (2, 3)", least=1)
_INK = 0.3  # of full ink: where a stroke ends
_SIZES = (1.2, 4.0)  # how much larger than in their images the digits of a picture are
_VARIETY = 0.12  # by which part one digit of a row may be larger or smaller than another
_JITTER = 0.06  # standard deviation of their heights on the line, in heights of a digit
_GAPS = (0.08, 0.6)  # between digits that stand apart, in heights of a digit
_OVERLAP = 0.1  # of those that touch, at most


@dataclass(frozen=True, eq=False)
class StringPicture:
    """``image`` (h, w) uint8, dark on light, and what is true of it.

    ``labels`` are the digits from left to right; ``touching`` tells for each neighbouring two
    whether their strokes are connected. ``owners`` (h, w) int8 is the number of the digit whose ink
    covers a pixel most, -1 for paper.
    """

    image: np.ndarray
    labels: tuple[int, ...]
    touching: tuple[bool, ...]
    owners: np.ndarray


def synthesize_strings(
    dataset: Dataset, n: int = 500, seed: int = 0, lengths: Sequence[int] = LENGTHS
) -> list[StringPicture]:
    """``n`` pictures of digits drawn from a data set of images (h, w); the same for the same arguments.

    The lengths take turns, and of each length the pictures of separate digits (ink of one nowhere
    connected with another's) and those in which at least one pair touches. No image is used twice
    before all have been. Raises :class:`InvalidArgument` for examples that are no grey images, for none, and for
    an invalid n, seed or lengths; :class:`DataError` for images whose strokes make no row.
    """
    check("n", n, whole(0))
    check("seed", seed, whole(0))
    rng = np.random.default_rng(seed)
    return [_on_paper(row, rng) for row in compose_rows(dataset, n, rng, lengths)]


@dataclass(frozen=True, eq=False)
class Row:
    """Digits beside each other: ``ink`` (h, w) from 0 to 1, cropped, and what :class:`StringPicture` says."""

    ink: np.ndarray
    labels: tuple[int, ...]
    touching: tuple[bool, ...]
    owners: np.ndarray


def compose_rows(dataset: Dataset, n: int, rng: np.random.Generator, lengths: Sequence[int] = LENGTHS) -> Iterator[Row]:
    """``n`` rows of digits, as :func:`synthesize_strings` puts them on paper; raises what that raises."""
    check("x", dataset.x.shape, IMAGES, dataset.name)
    check("lengths", list(lengths) if isinstance(lengths, np.ndarray) else lengths, _COUNTS)
    chosen = _shuffled_for_ever(len(dataset), rng)
    for i in range(n):
        length = lengths[i % len(lengths)]
        touching = rng.random(length - 1) < 0.5 if i // len(lengths) % 2 else np.zeros(length - 1, bool)
        if i // len(lengths) % 2 and length > 1 and not touching.any():
            touching[rng.integers(length - 1)] = True
        at = [next(chosen) for _ in range(length)]
        images = dataset.x[at] / dataset.scale
        if (blank := np.all(images <= _INK, axis=(1, 2))).any():
            place = f"{dataset.name}, image {at[int(blank.argmax())]}"
            raise DataError("there is no ink, or it is too faint", position=place, remedy="leave it out")
        try:
            made = compose_row(images, tuple(dataset.y[at].tolist()), tuple(touching.tolist()), rng)
        except DataError as error:
            raise error.with_fields(position=f"{dataset.name}, images {', '.join(map(str, at))}") from None
        yield made


def compose_row(
    images: np.ndarray, labels: tuple[int, ...], touching: tuple[bool, ...], rng: np.random.Generator
) -> Row:
    """``images`` (n, h, w), from 0 for paper to 1 for ink, beside each other; sizes and places are drawn by lot.

    Raises :class:`DataError` where two that are to be neighbours have no strokes at one height.
    """
    scale = rng.uniform(*_SIZES) * 28 / images.shape[1]
    inks = [_sized(image, scale * rng.uniform(1 - _VARIETY, 1 + _VARIETY)) for image in images]
    unit = float(np.median([ink.shape[0] for ink in inks]))  # the height of a digit, in pixels
    places = np.array(_places(inks, touching, unit, rng))
    places -= places.min(axis=0)
    height, width = (places + [own.shape for own in inks]).max(axis=0)
    ink, owners = np.zeros((height, width)), np.full((height, width), -1, np.int8)
    for i, ((y, x), own) in enumerate(zip(places, inks, strict=True)):
        window = slice(y, y + own.shape[0]), slice(x, x + own.shape[1])
        owners[window] = np.where(own > ink[window], i, owners[window])
        ink[window] = np.maximum(own, ink[window])
    return Row(ink, labels, touching, owners)


def _on_paper(row: Row, rng: np.random.Generator) -> StringPicture:
    top, left, bottom, right = np.rint(row.ink.shape[0] * rng.uniform(0.2, 0.7, 4)).astype(int).tolist()
    frame = (top, bottom), (left, right)
    paper, pen = (float(grey) for grey in (rng.integers(200, 256), rng.integers(0, 70)))
    image = np.rint(paper + (pen - paper) * np.pad(row.ink, frame)).astype(np.uint8)
    return StringPicture(image, row.labels, row.touching, np.pad(row.owners, frame, constant_values=-1))


def _shuffled_for_ever(n: int, rng: np.random.Generator) -> Iterator[int]:
    while True:
        yield from rng.permutation(n).tolist()


def _sized(image: np.ndarray, scale: float) -> np.ndarray:
    """The ink of an image, cropped and enlarged."""
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    ink = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.asarray(
        np.clip(resize(ink, (max(1, round(ink.shape[0] * scale)), max(1, round(ink.shape[1] * scale)))), 0, 1)
    )


def _places(
    inks: Sequence[np.ndarray], touching: Sequence[bool], unit: float, rng: np.random.Generator
) -> list[tuple[int, int]]:
    """Row and column of each digit's upper left corner; the first digit begins in column 0."""
    places = [(_row(inks[0], unit, rng), 0)]
    for ink, touches in zip(inks[1:], touching, strict=True):
        before, (y, x) = inks[len(places) - 1], places[-1]
        row = _row(ink, unit, rng)
        contact = x + _contact(before, ink, row - y)
        if not touches:
            column = contact + max(2, round(unit * rng.uniform(*_GAPS)))
        else:
            nearer = range(contact - round(unit * rng.uniform(0, _OVERLAP)), x - ink.shape[1], -1)
            # strokes that pass through each other on the way are left where they meet
            column = next((near for near in nearer if _connected(before, ink, (row - y, near - x))), contact)
        places.append((row, column))
    return places


def _row(ink: np.ndarray, unit: float, rng: np.random.Generator) -> int:
    return round(-int(ink.shape[0]) / 2 + unit * float(np.clip(rng.normal(0, _JITTER), -0.15, 0.15)))


def _contact(left: np.ndarray, right: np.ndarray, down: int) -> int:
    """How far to the right of ``left`` another ink, so many pixels further down, just does not overlap it.

    Raises :class:`DataError` where they have no strokes at one height.
    """
    reach = np.full(left.shape[0] + right.shape[0] + 2 * abs(down), -(10**6))
    start, none = max(0, -down), 10**6
    strokes = left > _INK
    edge = np.where(strokes.any(axis=1), left.shape[1] - strokes[:, ::-1].argmax(axis=1), -none)
    reach[start : start + len(edge)] = edge
    # of a row and the two beside it, for strokes connect across corners too
    around = np.pad(reach, 1, constant_values=-none)
    reach = np.maximum.reduce([around[:-2], around[1:-1], around[2:]])
    strokes = right > _INK
    begins = np.where(strokes.any(axis=1), strokes.argmax(axis=1), none)
    contact = int((reach[start + down : start + down + len(begins)] - begins).max())
    if contact < -none // 2:
        raise DataError("two of them have no strokes at one height, and cannot stand beside each other")
    return contact


def _connected(left: np.ndarray, right: np.ndarray, place: tuple[int, int]) -> bool:
    """Whether a stroke of one ink lies on or beside a stroke of another, which is at this place relative to it."""
    y, x = place
    around = np.pad(left > _INK, 1)
    around = np.logical_or.reduce([around[i : i + left.shape[0], j : j + left.shape[1]] for i, j in np.ndindex(3, 3)])
    top, beside = max(0, y), max(0, x)
    here = around[top : max(top, y + right.shape[0]), beside : max(beside, x + right.shape[1])]
    there = right[top - y :, beside - x :][: here.shape[0], : here.shape[1]] > _INK
    return bool((here & there).any())
