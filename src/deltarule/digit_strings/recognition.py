"""Recognition of a row of handwritten digits: trial segmentations, scored by the classifier (chapter 1)."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from deltarule.core.constraints import check
from deltarule.data.error_context import reading
from deltarule.digit_strings.cuts import MARGIN, Pieces, find_cuts, find_pieces
from deltarule.digit_strings.inputs import prepare_pieces
from deltarule.digit_strings.lattice import Lattice, Way, find_best_ways, is_passable
from deltarule.digit_strings.line import Line, find_line, get_path
from deltarule.digit_strings.scores import ONE_EACH, list_digit_names, score_images
from deltarule.errors import DataError, ShapeError
from deltarule.handwriting.no_answers import NO_ANSWERS, NO_DIGIT
from deltarule.models.predictor import Predictor

if TYPE_CHECKING:
    from PIL.Image import Image


INK_COSTS = 0.3
"""The cost of a cut per pixel of ink it crosses, in ln of probability, for models without the class "no digit".

A stroke is about 4 pixels wide. The value was tuned on rows of MNIST's validation images. A model with the
class "no digit" reads these rows best if the cost is 0.
"""


UNKNOWN = "?"
"""The sign for a mark that is no digit."""

_NO_DIGIT = 0.8
"""The share of "no digit" and other marks above which a piece is no digit, for a model that checks the pieces.

The value was tuned on rows of MNIST's validation images, some with letters.
"""


@dataclass(frozen=True)
class Digit:
    """One digit of a row.

    Attributes:
        label: The name of the digit, or "?" for a mark that is no digit.
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
        text: The most probable string; "?" stands for a mark that is no digit.
        probability: Its probability among all strings and segmentations.
        digits: The digits of the string.
        others: The next most probable strings, each with its probability.

    >>> Reading("7", 0.9, (Digit("7", 0.98, (10.0, 5.0, 38.0, 21.0)),), (("1", 0.1),)).is_sure
    True
    """

    text: str
    probability: float
    digits: tuple[Digit, ...]
    others: tuple[tuple[str, float], ...] = ()

    @property
    def is_sure(self) -> bool:
        """True if each digit is more probable than not, and the string twice as probable as the next."""
        second = max((probability for _, probability in self.others), default=0.0)
        return all(digit.probability > 0.5 for digit in self.digits) and self.probability > 2 * second


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
        marks: The pieces that are no digit, by :func:`check_pieces`, with the share of that.

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
    marks: Mapping[int, float] = field(default_factory=dict)

    def to_reading(self, others: int = 2) -> Reading:
        """Return the most probable string and the next most probable ones, at most ``others`` of them."""
        found: dict[str, float] = {}
        for way in self.ways:  # two strings are the same where they differ in a mark only
            text = "".join(digit.label for digit in self._spell(way))
            found[text] = found.get(text, 0.0) + way.probability
        best, *rest = found.items()
        return Reading(*best, self._spell(self.ways[0]), tuple(rest[:others]))

    def name_pieces(self, way: Way) -> list[tuple[int, str, float]]:
        """Return the pieces of a string: each piece, its name and its probability."""
        return [
            (edge, UNKNOWN, self.marks[edge])
            if edge in self.marks
            else (edge, self.names[label], float(np.exp(self.scores[edge, label])))
            for label, edge in zip(way.labels, way.edges, strict=True)
        ]

    def _spell(self, way: Way) -> tuple[Digit, ...]:
        """Return the digits of a way and the marks, from left to right."""
        digits = [Digit(name, probability, self._box(edge)) for edge, name, probability in self.name_pieces(way)]
        marks = [Digit(UNKNOWN, 1.0, self._to_picture(*box)) for box in self.line.marks]
        return tuple(sorted([*digits, *marks], key=lambda digit: digit.box[1] + digit.box[3]))

    def _box(self, edge: int) -> tuple[float, float, float, float]:
        top, bottom, left, right = self.pieces.boxes[edge]
        start = self.pieces.starts[edge] - MARGIN
        return self._to_picture(top, bottom, start + left, start + right)

    def _to_picture(self, top: float, bottom: float, left: float, right: float) -> tuple[float, float, float, float]:
        return (*self.line.to_picture(top, left), *self.line.to_picture(bottom, right))


def read_string(
    picture: str | os.PathLike[str] | Image | np.ndarray,
    model: Predictor,
    others: int = 2,
    checker: Predictor | None = None,
) -> Reading:
    """Read a row of digits in a picture; the number of digits need not be known.

    Args:
        picture: A file, a Pillow image or an array.
        model: A model of grey images with an output per digit. A model that was also trained on wrongly cut pieces,
            as :func:`deltarule.digit_strings.train_reader` does, reads best.
        others: The number of further strings to return.
        checker: A model that knows marks which are no digit, such as
            :func:`~deltarule.digit_strings.load_digit_reader`; they are read as "?".

    Raises:
        DataError: If the picture does not show one row of ink.
        ShapeError, InvalidArgument: If the model does not take grey images, or does not have one output per digit.

    >>> from deltarule.data import load
    >>> from deltarule.digit_strings import load_reader, synthesize_strings
    >>> picture = synthesize_strings(load("digits")[2], 1, seed=1, lengths=(3,))[0]
    >>> read_string(picture.image, load_reader()).text
    '788'
    """
    found = segment(picture, model)
    return (found if checker is None else check_pieces(found, checker)).to_reading(others)


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


def check_pieces(segmentation: Segmentation, checker: Predictor) -> Segmentation:
    """Check the pieces of the best strings by a model that knows marks which are no digit.

    >>> from deltarule.data import load
    >>> from deltarule.digit_strings import load_digit_reader, load_reader, synthesize_strings
    >>> picture = synthesize_strings(load("digits")[2], 1, seed=1, lengths=(3,))[0]
    >>> len(check_pieces(segment(picture.image, load_reader()), load_digit_reader()).marks)
    0
    """
    edges = sorted({edge for way in segmentation.ways for edge in way.edges})
    pieces = segmentation.pieces.take(np.array(edges))
    height, width = checker.example_shape
    images = prepare_pieces(pieces, (height, width), 255, checker.picture_style)
    shares = checker.predict_proba(checker.preprocessing.paint_ink(images))
    none = shares[:, [name in NO_ANSWERS for name in checker.classes]].sum(axis=1)
    marks = {edge: float(share) for edge, share in zip(edges, none, strict=True) if share > _NO_DIGIT}
    return replace(segmentation, marks=marks)


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
    with reading(get_path(picture)):
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
    segmentations, names = [], list_digit_names(model)
    for one, own in zip(rows, parts, strict=True):
        cuts, edges = one.pieces.cuts, one.pieces.edges
        # a piece pays for the cut after it, so each cut within the row is paid once
        cost = costs * cuts.crossed_ink[edges[:, 1]]
        lattice = Lattice(len(cuts.paths), edges, own - cost[:, None])
        segmentations.append(
            Segmentation(one.line, one.pieces, one.images, own, lattice, tuple(find_best_ways(lattice)), names)
        )
    return segmentations
