"""Training of a reader: a network that recognizes whole digits and rejects wrongly cut pieces.

The training set has pieces of rows. A piece with one whole digit and next to nothing else has its label; a piece that
lacks a part of a digit or has parts of another is "no digit". So a wrong segmentation has at least one improbable piece
(recognition-based segmentation with rejection: Keeler and Rumelhart, 1992; LeCun et al., 1998, section V).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np

from deltarule.core.activations import ReLU
from deltarule.core.constraints import check, one_of, whole
from deltarule.core.convolution import Conv
from deltarule.core.costs import LabelSmoothing, LogLikelihood
from deltarule.core.initializers import He
from deltarule.core.layers import Dense, Flatten
from deltarule.core.pooling import MaxPool
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import OneHot
from deltarule.data.photo import choose_style
from deltarule.digit_strings.cuts import MARGIN, Cuts, Pieces, cut_pieces, find_cuts, find_pairs
from deltarule.digit_strings.inputs import prepare_pieces
from deltarule.digit_strings.line import scale_to_line
from deltarule.digit_strings.scores import ONE_EACH
from deltarule.digit_strings.synthesis import IMAGES, Row, compose_rows
from deltarule.handwriting.dataset import build_font_set, coarsen
from deltarule.handwriting.no_answers import NO_DIGIT
from deltarule.models.ensemble import Ensemble
from deltarule.recipes import Output, Recipe, recipe
from deltarule.training.ensembles import fit_ensemble

ROWS = 3500
"""The number of rows of digits from which the training set's pieces are cut."""

PLAN = replace(
    recipe("fast-99").for_epochs(3),
    layers=[
        *(Conv(12, 5, initializer=He()), ReLU(), MaxPool(2)),
        *(Conv(32, 3, initializer=He()), ReLU(), MaxPool(2)),
        *(Flatten(), Dense(128, He()), ReLU(), Output(He())),
    ],
    cost=LabelSmoothing(LogLikelihood(), 0.05),
    about="A small convolutional network with an output for no digit, trained as fast-99",
)
"""The default network and its training."""

MEMBERS = 3
"""The default number of networks in the ensemble."""

_WHOLE, _CLEAN = 0.95, 0.06  # a whole digit has more than this part of its ink, and less than this part of other ink
_HALF, _MIXED = 0.85, 0.15  # no digit has less than this part of any, or more than this of others'; the rest is unused
_SIZES = 0.85, 1.05
_COARSE = 0.15  # the share of images of which there are coarse copies
_TALL = 0.5  # the share of rows of pixels with ink in an image that is used in a row of digits
_WRONG, _NEARLY = 2, 3  # wrong pieces for each digit of a row: any, and with preference for nearly right ones


def train_reader(
    training: Dataset,
    seed: int = 0,
    n_rows: int = ROWS,
    plan: Recipe = PLAN,
    members: int = MEMBERS,
    fonts: Sequence[Path] = (),
) -> Ensemble:
    """Train an ensemble that reads rows of digits, and with fonts also recognizes marks that are no digit.

    Its training set has the images of a data set, characters of the fonts, and pieces of rows that are composed from
    all these.

    Args:
        training: Grey images of digits, (n, height, width).
        seed: The seed of the rows and the first member; the others have the seeds that follow.
        n_rows: The number of rows from which pieces are cut.
        plan: The network, with an :class:`~deltarule.recipes.Output` in place of the last layer, and its training.
        members: The number of networks, trained at once.
        fonts: The files of handwriting fonts (:func:`~deltarule.handwriting.build_font_set`); the images of the data
            set must then be as MNIST's.

    Raises:
        InvalidArgument: For examples that are not grey images, labels that are not classes with one output each, or
            invalid numbers.
        ShapeError: If the network does not fit the images.

    >>> from deltarule.core.costs import LogLikelihood
    >>> from deltarule.data import load
    >>> from deltarule.training.training import Training
    >>> tiny = Recipe([Output()], LogLikelihood(), Training(epochs=1))
    >>> train_reader(load("digits")[0].take(slice(50)), n_rows=2, plan=tiny, members=1).classes[-2:]
    ('9', 'no digit')
    """
    check("members", members, whole(1))
    pieces = build_training_set(_add_fonts(training, fonts, seed) if fonts else training, n_rows, seed)
    network = plan.network(pieces.x.shape[1:], len(pieces.classes))
    return fit_ensemble(network, pieces, replace(plan.training, seed=seed), members=members)


def build_training_set(training: Dataset, n_rows: int, seed: int = 0) -> Dataset:
    """Build the training set: the images of a data set and pieces of rows, with :data:`NO_DIGIT` as a further class.

    For each digit of a row it has two pieces with that digit and five wrong ones.
    """
    check("x", training.x.shape, IMAGES, training.name)
    encoding = cast(OneHot, training.encoding)  # as the next line checks
    check("encoding", encoding, ONE_EACH, training.name)
    check("n_rows", n_rows, whole(1))
    check("seed", seed, whole(0))
    rng = np.random.default_rng(seed)
    names = training.classes or tuple(map(str, range(encoding.n_out)))
    names = names if NO_DIGIT in names else (*names, NO_DIGIT)
    none = names.index(NO_DIGIT)
    shape = training.x.shape[1:]
    style = training.style or choose_style(shape)
    found = [label_pieces(row, none, rng) for row in compose_rows(_select_tall(training), n_rows, rng)]
    pieces = np.concatenate([prepare_pieces(own, shape, 255, style) for own, _ in found]) * (training.white / 255)
    x = (np.rint(pieces) if training.x.dtype.kind in "iu" else pieces).astype(training.x.dtype)
    y = np.concatenate([labels for _, labels in found])
    return Dataset(np.concatenate([training.x, x]), np.concatenate([training.y, y]), f"pieces of {training.name}",
                   training.white, names, style=style)  # fmt: skip


def _select_tall(images: Dataset) -> Dataset:
    """Leave out flat marks such as a minus sign, which may have no height in common with their neighbours.

    A set of digits alone stays as it is.
    """
    if NO_DIGIT not in images.classes:
        return images
    inked = (images.x > images.white / 2).any(axis=2).sum(axis=1)
    return images.take(np.flatnonzero(inked >= images.x.shape[1] * _TALL))


def _add_fonts(training: Dataset, fonts: Sequence[Path], seed: int) -> Dataset:
    """Add the characters of fonts to images of digits, and coarse copies of some of all these."""
    drawn = build_font_set(fonts, seed)
    check("classes", training.classes, one_of(tuple(drawn.classes[: len(training.classes)])), training.name)
    x, y = np.concatenate([training.x, drawn.x]), np.concatenate([training.y, drawn.y])
    rng = np.random.default_rng(seed)
    some = rng.permutation(len(x))[: round(_COARSE * len(x))]
    coarse = coarsen(x[some], rng)
    x, y = np.concatenate([x, coarse]), np.concatenate([y, y[some]])
    return replace(drawn, x=x, y=y, name=f"{training.name} and fonts")


def label_pieces(row: Row, none: int, rng: np.random.Generator) -> tuple[Pieces, np.ndarray]:
    """Choose pieces of one row, some with a digit and some without, and their labels, ``none`` for no digit."""
    ink, owners = _scale_row(row, rng)
    cuts = find_cuts(ink)
    edges = find_pairs(cuts)
    part, purity, digits = _measure_pieces(cuts, edges, owners, len(row.labels))
    whole = (part > _WHOLE) & (purity > 1 - _CLEAN)
    taken: list[int] = []
    for digit in range(len(row.labels)):
        good = np.flatnonzero(whole & (digits == digit))
        if len(good):
            taken += [int(good[(part + purity)[good].argmax()]), int(rng.choice(good))]
    wrong = np.flatnonzero((part < _HALF) | (purity < 1 - _MIXED))
    for weight, many in ((np.ones(len(wrong)), _WRONG), ((part * purity)[wrong] ** 2, _NEARLY)):
        weight = weight + 1e-9
        n = min(len(wrong), many * len(row.labels))
        taken += rng.choice(wrong, n, replace=False, p=weight / weight.sum()).tolist()
    labels = np.where(whole, np.array(row.labels)[digits], none)
    found = cut_pieces(cuts, edges[taken])
    label_of = {tuple(edges[piece].tolist()): labels[piece] for piece in taken}
    return found, np.array([label_of[tuple(edge)] for edge in found.edges.tolist()], np.int64)


def _scale_row(row: Row, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Scale a row's ink and owners to a line's height, with some variation, as touching digits seem higher."""
    high = [np.flatnonzero((row.owners == digit).any(axis=1)) for digit in range(len(row.labels))]
    height = float(np.median([rows[-1] - rows[0] + 1 for rows in high])) / rng.uniform(*_SIZES)
    ink, frame = scale_to_line(row.ink, height)
    inside = [(np.arange(n - 2 * frame) + 0.5) / (n - 2 * frame) for n in ink.shape]
    nearest = np.ix_(*((place * n).astype(int) for place, n in zip(inside, row.owners.shape, strict=True)))
    return ink, np.pad(row.owners[nearest], frame, constant_values=-1)


def _measure_pieces(
    cuts: Cuts, edges: np.ndarray, owners: np.ndarray, n: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the digit of which each piece holds the largest part.

    Returns three arrays (pieces,): the part of that digit's ink in the piece, the part of the piece's ink that is that
    digit's, and the digit's position in the row.
    """
    owners = np.pad(owners, ((0, 0), (MARGIN, MARGIN)), constant_values=-1)
    own = cuts.ink * (owners == np.arange(n)[:, None, None])
    before = np.pad(own.cumsum(axis=2), ((0, 0), (0, 0), (1, 0)))
    left = before[:, np.arange(len(cuts.ink)), cuts.paths].sum(axis=2).T  # (cuts, digits)
    held = left[edges[:, 1]] - left[edges[:, 0]]
    part = held / own.sum(axis=(1, 2))
    digits = part.argmax(axis=1)
    each = np.arange(len(edges))
    return part[each, digits], held[each, digits] / np.maximum(held.sum(axis=1), 1e-6), digits
