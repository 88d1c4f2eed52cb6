"""Recognition of a row of handwritten digits: trial segmentations, scored by the classifier (chapter 1)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from deltarule.core.constraints import check
from deltarule.digit_strings.cuts import MARGIN, Pieces, find_cuts, find_pieces
from deltarule.digit_strings.inputs import prepare_pieces
from deltarule.digit_strings.lattice import Lattice, Way, find_best_ways, is_passable
from deltarule.digit_strings.line import Line, find_line, get_path
from deltarule.digit_strings.scores import NO_DIGIT, ONE_EACH, list_digit_names, score_images
from deltarule.errors import DataError, ShapeError
from deltarule.models.predictor import Predictor

if TYPE_CHECKING:
    from PIL.Image import Image


INK_COSTS = 0.3
"""The cost of a cut per pixel of ink it crosses, in ln of probability, for models without the class "no digit".

A stroke is about 4 pixels wide. The value was tuned on rows of MNIST's validation images. A model with the
class "no digit" reads these rows best if the cost is 0.
"""


@dataclass(frozen=True)
class Digit:
    """One digit of a row.

    Attributes:
        label: The name of the digit.
        probability: The probability that the network gives this digit for this piece alone.
        box: The first row and column, then the row and column after the last, in pixels of the picture.

    >>> Digit("7", 0.98, (10.0, 5.0, 38.0, 21.0)).label
    '7'
    """

    label: str
    probability: float
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Reading:
    """The string read in a picture.

    Attributes:
        text: The most probable string.
        probability: Its probability among all strings and segmentations.
        digits: The digits of the string.
        others: The next most probable strings, each with its probability.

    >>> Reading("7", 0.9, (Digit("7", 0.98, (10.0, 5.0, 38.0, 21.0)),), (("1", 0.1),)).others
    (('1', 0.1),)
    """

    text: str
    probability: float
    digits: tuple[Digit, ...]
    others: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, eq=False)
class Segmentation:
    """All trial segmentations of a row, scored by a network.

    Attributes:
        line: The ink of the row.
        pieces: All pieces that may be one digit.
        images: The pieces as the network gets them, (pieces, h, w).
        scores: For each piece and label, ln of the probability that the piece is one whole digit and has this label,
            (pieces, labels).
        lattice: The pieces with these scores minus the costs of the cuts.
        ways: The best strings.
        names: The names of the labels.

    >>> from deltarule.data import load
    >>> from deltarule.digit_strings import load_reader, synthesize_strings
    >>> picture = synthesize_strings(load("digits")[2], 1, seed=1, lengths=(3,))[0]
    >>> found = segment(picture.image, load_reader())
    >>> found.scores.shape == (len(found.images), 10), found.to_reading().text
    (True, '788')
    """

    line: Line
    pieces: Pieces
    images: np.ndarray
    scores: np.ndarray
    lattice: Lattice
    ways: tuple[Way, ...]
    names: tuple[str, ...]

    def to_reading(self, others: int = 2) -> Reading:
        """Return the most probable string and the next most probable ones, at most ``others`` of them."""
        best = self.ways[0]
        digits = tuple(
            Digit(self.names[label], float(np.exp(self.scores[edge, label])), self._box(edge))
            for label, edge in zip(best.labels, best.edges, strict=True)
        )
        texts = [("".join(self.names[label] for label in way.labels), way.probability) for way in self.ways]
        return Reading(*texts[0], digits, tuple(texts[1 : 1 + others]))

    def _box(self, edge: int) -> tuple[float, float, float, float]:
        top, bottom, left, right = self.pieces.boxes[edge]
        start = self.pieces.starts[edge] - MARGIN
        return (*self.line.to_picture(top, start + left), *self.line.to_picture(bottom, start + right))


def read_string(picture: str | os.PathLike[str] | Image | np.ndarray, model: Predictor, others: int = 2) -> Reading:
    """Read a row of digits in a picture; the number of digits need not be known.

    Args:
        picture: A file, a Pillow image or an array.
        model: A model of grey images with an output per digit. A model that was also trained on wrongly cut pieces,
            as :func:`deltarule.digit_strings.train_reader` does, reads best.
        others: The number of further strings to return.

    Raises:
        DataError: If the picture does not show one row of ink.
        ShapeError, InvalidArgument: If the model does not take grey images, or does not have one output per digit.

    >>> from deltarule.data import load
    >>> from deltarule.digit_strings import load_reader, synthesize_strings
    >>> picture = synthesize_strings(load("digits")[2], 1, seed=1, lengths=(3,))[0]
    >>> read_string(picture.image, load_reader()).text
    '788'
    """
    return segment(picture, model).to_reading(others)


def segment(picture: str | os.PathLike[str] | Image | np.ndarray, model: Predictor) -> Segmentation:
    """Cut the row in a picture in all ways and score every piece with the network, all at once.

    The arguments ``picture`` and ``model`` and the errors are those of :func:`read_string`.

    >>> from deltarule.data import load
    >>> from deltarule.digit_strings import load_reader, synthesize_strings
    >>> picture = synthesize_strings(load("digits")[2], 1, seed=1, lengths=(3,))[0]
    >>> [way.labels for way in segment(picture.image, load_reader()).ways][0]
    (7, 8, 8)
    """
    return _score([_cut(picture, model)], model)[0]


def segment_all(
    pictures: Sequence[str | os.PathLike[str] | Image | np.ndarray], model: Predictor
) -> list[Segmentation | None]:
    """Segment each picture, scoring all pieces at once; None for a picture that cannot be read."""
    found: list[Segmentation | None] = [None] * len(pictures)
    rows = {}
    for i, picture in enumerate(pictures):
        with suppress(DataError):
            rows[i] = _cut(picture, model)
    for i, segmentation in zip(rows, _score(list(rows.values()), model), strict=True):
        found[i] = segmentation
    return found


@dataclass(frozen=True, eq=False)
class _CutRow:
    line: Line
    pieces: Pieces
    images: np.ndarray


def _cut(picture: str | os.PathLike[str] | Image | np.ndarray, model: Predictor) -> _CutRow:
    if len(model.example_shape) != 2:
        raise ShapeError(
            argument="example_shape",
            owner="the model",
            expected="the shape of grey images, (height, width)",
            value=model.example_shape,
        )
    check("encoding", model.encoding, ONE_EACH, "the model")
    line = find_line(picture)
    found = find_pieces(find_cuts(line.ink))
    if not is_passable(len(found.cuts.paths), found.edges):
        raise DataError(
            "expected a row of digits, got one dark area that cannot be divided into digits",
            path=get_path(picture),
            remedy="crop the picture to one row of digits, side by side",
        )
    images = prepare_pieces(found, model.example_shape, 255, model.picture_style)
    return _CutRow(line, found, model.preprocessing.paint_ink(images))


def _score(rows: Sequence[_CutRow], model: Predictor) -> list[Segmentation]:
    if not rows:
        return []
    scores = score_images(model, np.concatenate([one.images for one in rows]))
    costs = 0.0 if NO_DIGIT in model.classes else INK_COSTS
    parts = np.split(scores, np.cumsum([len(one.images) for one in rows])[:-1])
    segmentations = []
    for one, own in zip(rows, parts, strict=True):
        cuts, edges = one.pieces.cuts, one.pieces.edges
        # a piece pays for the cut after it, so each cut within the row is paid once
        cost = costs * cuts.crossed_ink[edges[:, 1]]
        lattice = Lattice(len(cuts.paths), edges, own - cost[:, None])
        segmentations.append(
            Segmentation(
                one.line, one.pieces, one.images, own, lattice, tuple(find_best_ways(lattice)), list_digit_names(model)
            )
        )
    return segmentations
