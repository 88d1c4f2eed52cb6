"""Teaching a network what is one whole digit and what is not, with rows of digits that were cut on trial.

Pieces that hold a digit and next to nothing else are shown with its label, pieces that lack a part of one or
hold parts of another as "no digit", so that a wrong segmentation has a piece at least that is unlikely
(recognition-based segmentation with rejection: Keeler and Rumelhart, 1992; LeCun et al., 1998, section V).
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np

from deltarule.core.activations import ReLU
from deltarule.core.constraints import check, whole
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
from deltarule.digit_strings.scores import NO_DIGIT, ONE_EACH
from deltarule.digit_strings.synthesis import IMAGES, Row, compose_rows
from deltarule.models.ensemble import Ensemble
from deltarule.recipes import Output, Recipe, recipe
from deltarule.training.ensembles import fit_ensemble

ROWS = 3500
"""Rows of digits that the pieces for learning are cut from."""

PLAN = replace(
    recipe("fast-99").for_epochs(3),
    layers=[
        *(Conv(12, 5, initializer=He()), ReLU(), MaxPool(2)),
        *(Conv(32, 3, initializer=He()), ReLU(), MaxPool(2)),
        *(Flatten(), Dense(128, He()), ReLU(), Output(He())),
    ],
    cost=LabelSmoothing(LogLikelihood(), 0.05),
    about="A small convolutional network with an output for what is no digit, taught as fast-99 is",
)
"""The networks that read rows, and how they are trained unless others are asked for."""

MEMBERS = 3
"""Networks that answer together."""

_WHOLE, _CLEAN = 0.95, 0.06  # a whole digit: at least this part of its ink, and at most this part of others'
_HALF, _MIXED = 0.85, 0.15  # no digit: less than this part of any, or more than this of others'; between, not shown
_SIZES = 0.85, 1.05
_WRONG, _NEARLY = 2, 3  # wrong pieces for each digit of a row: any of them, and rather those that are nearly right


def train_reader(
    training: Dataset, seed: int = 0, n_rows: int = ROWS, plan: Recipe = PLAN, members: int = MEMBERS
) -> Ensemble:
    """A model that reads rows of digits, taught with pieces of ``n_rows`` rows made of a data set of images.

    ``plan`` is the network, which has an output more than there are digits, and how it is trained; so many
    ``members`` learn at once, with the seeds from ``seed`` on. Raises
    :class:`InvalidArgument` for examples that are no grey images, labels not encoded one by one, and invalid numbers,
    and :class:`ShapeError` where the network does not fit them.
    """
    check("members", members, whole(1))
    shown = build_training_set(training, n_rows, seed)
    network = plan.network(shown.x.shape[1:], len(shown.classes))
    return fit_ensemble(network, shown, replace(plan.training, seed=seed), members=members)


def build_training_set(training: Dataset, n_rows: int, seed: int = 0) -> Dataset:
    """The images of a data set, and pieces of rows made of them, with :data:`NO_DIGIT` as a class of its own.

    Of each digit two pieces are taken that hold it, and for each five wrong ones.
    """
    check("x", training.x.shape, IMAGES, training.name)
    encoding = cast(OneHot, training.encoding)  # which the next line makes sure of
    check("encoding", encoding, ONE_EACH, training.name)
    check("n_rows", n_rows, whole(1))
    check("seed", seed, whole(0))
    rng = np.random.default_rng(seed)
    names = training.classes or tuple(map(str, range(encoding.n_out)))
    shape = training.x.shape[1:]
    style = training.style or choose_style(shape)
    found = [label_pieces(row, len(names), rng) for row in compose_rows(training, n_rows, rng)]
    pieces = np.concatenate([prepare_pieces(own, shape, 255, style) for own, _ in found]) * (training.scale / 255)
    x = (np.rint(pieces) if training.x.dtype.kind in "iu" else pieces).astype(training.x.dtype)
    y = np.concatenate([labels for _, labels in found])
    return Dataset(np.concatenate([training.x, x]), np.concatenate([training.y, y]), f"pieces of {training.name}",
                   training.scale, (*names, NO_DIGIT), style=style)  # fmt: skip


def label_pieces(row: Row, none: int, rng: np.random.Generator) -> tuple[Pieces, np.ndarray]:
    """Pieces of one row, some of those that hold a digit and some that do not, and their labels; ``none``: no digit."""
    ink, owners = _at_height(row, rng)
    cuts = find_cuts(ink)
    edges = find_pairs(cuts)
    held, pure, whose = _contents(cuts, edges, owners, len(row.labels))
    whole = (held > _WHOLE) & (pure > 1 - _CLEAN)
    taken: list[int] = []
    for digit in range(len(row.labels)):
        good = np.flatnonzero(whole & (whose == digit))
        if len(good):
            taken += [int(good[(held + pure)[good].argmax()]), int(rng.choice(good))]
    wrong = np.flatnonzero((held < _HALF) | (pure < 1 - _MIXED))
    for likely, many in ((np.ones(len(wrong)), _WRONG), ((held * pure)[wrong] ** 2, _NEARLY)):
        likely = likely + 1e-9
        n = min(len(wrong), many * len(row.labels))
        taken += rng.choice(wrong, n, replace=False, p=likely / likely.sum()).tolist()
    label = np.where(whole, np.array(row.labels)[whose], none)
    chosen = cut_pieces(cuts, edges[taken])
    names = {tuple(edges[piece].tolist()): label[piece] for piece in taken}
    return chosen, np.array([names[tuple(edge)] for edge in chosen.edges.tolist()], np.int64)


def _at_height(row: Row, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The ink of a row as a line has it, and whose it is; somewhat smaller, as digits that touch are taken for high."""
    high = [np.flatnonzero((row.owners == digit).any(axis=1)) for digit in range(len(row.labels))]
    height = float(np.median([rows[-1] - rows[0] + 1 for rows in high])) / rng.uniform(*_SIZES)
    ink, frame = scale_to_line(row.ink, height)
    inside = [(np.arange(n - 2 * frame) + 0.5) / (n - 2 * frame) for n in ink.shape]
    nearest = np.ix_(*((place * n).astype(int) for place, n in zip(inside, row.owners.shape, strict=True)))
    return ink, np.pad(row.owners[nearest], frame, constant_values=-1)


def _contents(cuts: Cuts, edges: np.ndarray, owners: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each piece: which part of a digit's ink it holds, which part of its own ink that is, and the digit's number.

    The digit is the one of which it holds most.
    """
    owners = np.pad(owners, ((0, 0), (MARGIN, MARGIN)), constant_values=-1)
    own = cuts.ink * (owners == np.arange(n)[:, None, None])
    before = np.pad(own.cumsum(axis=2), ((0, 0), (0, 0), (1, 0)))
    left = before[:, np.arange(len(cuts.ink)), cuts.paths].sum(axis=2).T  # (cuts, digits)
    part = left[edges[:, 1]] - left[edges[:, 0]]
    share = part / own.sum(axis=(1, 2))
    whose = share.argmax(axis=1)
    each = np.arange(len(edges))
    return share[each, whose], part[each, whose] / np.maximum(part.sum(axis=1), 1e-6), whose
