"""Reading a row of handwritten digits: trial segmentations, scored by the classifier (chapter 1)."""

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
from deltarule.digit_strings.scores import NO_DIGIT, ONE_EACH, digit_names, score_images
from deltarule.errors import DataError, ShapeError
from deltarule.models.predictor import Predictor

if TYPE_CHECKING:
    from PIL.Image import Image


INK_COSTS = 0.3
"""What a cut costs for each pixel of ink that it crosses, in ln of probability, where the model cannot reject.

A stroke is about 4 pixels wide. Chosen on rows of MNIST's validation images; a model that knows what is no digit
reads them best where cuts cost nothing.
"""


@dataclass(frozen=True)
class Digit:
    """One digit of a row: its name, how sure the network is of it, and where it is.

    ``probability`` is the share of this digit among the network's answers to this piece alone. ``box`` are
    its first row and column and those after its last, in pixels of the picture.
    """

    label: str
    probability: float
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Reading:
    """What stands in a picture: ``text``, with its share of all that could stand there, and the ``digits`` of it.

    ``others`` are the next best strings with their shares.
    """

    text: str
    probability: float
    digits: tuple[Digit, ...]
    others: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, eq=False)
class Segmentation:
    """All that a reading is chosen from.

    ``line`` is the ink, ``pieces`` all that it was cut into, ``images`` (pieces, h, w) what the network was shown
    of them, ``answers`` (pieces, labels) ln of its probabilities that a piece is one digit and this one,
    ``lattice`` these less what the cuts cost, and ``ways`` the best strings, whose labels are named by ``names``.
    """

    line: Line
    pieces: Pieces
    images: np.ndarray
    answers: np.ndarray
    lattice: Lattice
    ways: tuple[Way, ...]
    names: tuple[str, ...]

    def to_reading(self, others: int = 2) -> Reading:
        """The likeliest string, and so many that come next."""
        best = self.ways[0]
        digits = tuple(
            Digit(self.names[label], float(np.exp(self.answers[edge, label])), self._box(edge))
            for label, edge in zip(best.labels, best.edges, strict=True)
        )
        texts = [("".join(self.names[label] for label in way.labels), way.probability) for way in self.ways]
        return Reading(*texts[0], digits, tuple(texts[1 : 1 + others]))

    def _box(self, edge: int) -> tuple[float, float, float, float]:
        top, bottom, left, right = self.pieces.boxes[edge]
        start = self.pieces.starts[edge] - MARGIN
        return (*self.line.place(top, start + left), *self.line.place(bottom, start + right))


def read_string(picture: str | os.PathLike[str] | Image | np.ndarray, model: Predictor, others: int = 2) -> Reading:
    """The row of digits in a picture, as ``model`` reads it, and so many of the ``others`` that come next.

    ``picture`` is a file, a Pillow image or an array; how many digits are in it is not asked. A model that
    was taught with pieces cut wrongly (:func:`deltarule.digit_strings.train_reader`) reads best; one with an output for
    each digit and no more can serve. Raises :class:`DataError` for what is no picture of one row of ink, and
    :class:`ShapeError` or :class:`InvalidArgument` for a model that reads no grey pictures.
    """
    return segment(picture, model).to_reading(others)


def segment(picture: str | os.PathLike[str] | Image | np.ndarray, model: Predictor) -> Segmentation:
    """Cuts the row in a picture in all ways, and shows every piece to the network, all at once."""
    return _segment([_prepare(picture, model)], model)[0]


def segment_all(
    pictures: Sequence[str | os.PathLike[str] | Image | np.ndarray], model: Predictor
) -> list[Segmentation | None]:
    """An attempt at each picture, the pieces of all shown to the network at once; None for what cannot be read."""
    found: list[Segmentation | None] = [None] * len(pictures)
    tried = {}
    for i, picture in enumerate(pictures):
        with suppress(DataError):
            tried[i] = _prepare(picture, model)
    for i, made in zip(tried, _segment(list(tried.values()), model), strict=True):
        found[i] = made
    return found


@dataclass(frozen=True, eq=False)
class _Prepared:
    line: Line
    pieces: Pieces
    images: np.ndarray


def _prepare(picture: str | os.PathLike[str] | Image | np.ndarray, model: Predictor) -> _Prepared:
    if len(model.example_shape) != 2:
        raise ShapeError(
            argument="example_shape", owner="the model", expected="that of grey pictures", value=model.example_shape
        )
    check("encoding", model.encoding, ONE_EACH, "the model")
    line = find_line(picture)
    found = find_pieces(find_cuts(line.ink))
    if not is_passable(len(found.cuts.paths), found.edges):
        raise DataError(
            "the ink cannot be cut into digits",
            path=get_path(picture),
            remedy="crop the picture to one row of them, side by side",
        )
    images = prepare_pieces(found, model.example_shape, 255, model.picture_style)
    return _Prepared(line, found, images * np.float32(model.scale / 255))


def _segment(tried: Sequence[_Prepared], model: Predictor) -> list[Segmentation]:
    if not tried:
        return []
    answers = score_images(model, np.concatenate([one.images for one in tried]))
    costs = 0.0 if NO_DIGIT in model.classes else INK_COSTS
    parts = np.split(answers, np.cumsum([len(one.images) for one in tried])[:-1])
    made = []
    for one, own in zip(tried, parts, strict=True):
        cuts, edges = one.pieces.cuts, one.pieces.edges
        # each cut within the row is the last of one piece
        dear = costs * cuts.crossed[edges[:, 1]]
        lattice = Lattice(len(cuts.paths), edges, own - dear[:, None])
        made.append(
            Segmentation(
                one.line, one.pieces, one.images, own, lattice, tuple(find_best_ways(lattice)), digit_names(model)
            )
        )
    return made
