"""Trial cuts pass between strokes; the pieces between them are preprocessed as single digits are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deltarule.data.photo import AS_MNIST, choose_style, fit_to_field
from deltarule.digit_strings.cuts import MARGIN, cut_pieces, find_cuts, find_pieces
from deltarule.digit_strings.inputs import prepare_pieces
from deltarule.digit_strings.lattice import is_passable
from deltarule.digit_strings.line import find_line
from deltarule.digit_strings.synthesis import synthesize_strings


def bars(*columns: int) -> np.ndarray:
    ink = np.zeros((32, max(columns) + 4), np.float32)
    for column in columns:
        ink[:, column : column + 4] = 1
    return ink


def test_a_cut_passes_through_the_paper_between_two_strokes():
    cuts = find_cuts(bars(0, 12))
    free = cuts.paths[cuts.crossed_ink == 0]
    assert any(((path > 5) & (path <= 14)).all() for path in free)


def test_a_cut_bends_around_slanted_strokes():
    ink = np.zeros((32, 40), np.float32)
    for row in range(32):
        for start in (24, 32):
            left = start - 3 * row // 4
            ink[row, left : left + 4] = 1
    cuts = find_cuts(ink)
    middle = cuts.paths[(cuts.crossed_ink == 0) & (abs(cuts.paths[:, 16] - 20) < 5)]
    assert len(middle) >= 1
    first, last = 0, len(cuts.paths) - 1
    whole = cuts.ink.sum()
    halves = [np.where(np.arange(44) < path[:, None], cuts.ink, 0).sum() / whole for path in middle]
    assert min(abs(half - 0.5) for half in halves) < 0.01
    assert cut_pieces(cuts, np.array([[first, last]])).crop().sum() == pytest.approx(whole)


@pytest.mark.parametrize("apart", [12, 60, 400])
def test_each_stroke_is_a_piece_at_any_distance(apart):
    places = apart * np.arange(4)
    found = find_pieces(find_cuts(bars(*places.tolist())))
    lefts = found.starts + found.boxes[:, 2] - MARGIN
    alone = found.boxes[:, 3] - found.boxes[:, 2] == 4
    assert set(lefts[alone].tolist()) == set(places.tolist())
    assert is_passable(len(found.cuts.paths), found.edges[alone])


def test_touching_strokes_are_cut_at_the_point_of_contact():
    ink = bars(0, 16)
    ink[15:18, 4:16] = 1
    cuts = find_cuts(ink)
    assert any(4 < path.mean() - 2 < 16 and crossed == pytest.approx(3) for path, crossed in
               zip(cuts.paths, cuts.crossed_ink, strict=True))  # fmt: skip


def test_neighbouring_pieces_divide_all_ink():
    cuts = find_cuts(bars(0, 12, 24, 33))
    n = len(cuts.paths)
    chain = np.array([[i, i + 1] for i in range(n - 1)])
    total = 0.0
    for first, last in chain:
        columns = np.arange(cuts.ink.shape[1])
        inside = (columns >= cuts.paths[first][:, None]) & (columns < cuts.paths[last][:, None])
        total += cuts.ink[inside].sum()
    assert total >= cuts.ink.sum() * 0.999


def test_pieces_are_preprocessed_as_single_digits(digits):
    """Compare all at once, by products of matrices, with one by one, by the image library."""
    for picture in synthesize_strings(digits[1], 4, seed=3):
        found = find_pieces(find_cuts(find_line(picture.image).ink))
        shape = digits[1].x.shape[1:]
        images = prepare_pieces(found, shape, 255, choose_style(shape))
        inks = found.crop()
        assert images.shape == (len(found.edges), *shape)
        for i in range(0, len(images), 7):
            top, bottom, left, right = found.boxes[i]
            one = fit_to_field(inks[i, top:bottom, left:right], shape, 255, replace(choose_style(shape), thinnest=0.0))
            assert np.abs(one.astype(int) - images[i]).max() <= 1


def test_no_pieces_give_no_images():
    found = find_pieces(find_cuts(bars(0, 12))).take(np.empty(0, int))
    assert prepare_pieces(found, (28, 28), 255, AS_MNIST).shape == (0, 28, 28)
