"""The pictures are the same for the same seed, and what they say of themselves is true."""

from __future__ import annotations

import numpy as np
import pytest

from deltarule.data import Dataset
from deltarule.digit_strings.synthesis import _places, synthesize_strings
from deltarule.errors import DataError, InvalidArgument


def groups(mask: np.ndarray) -> list[set[tuple[int, int]]]:
    """Connected pixels, corners connecting, by flooding."""
    left = set(zip(*np.nonzero(mask), strict=True))
    found = []
    while left:
        edge, group = [left.pop()], set()
        while edge:
            y, x = edge.pop()
            group.add((y, x))
            around = {(y + i, x + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & left
            left -= around
            edge += around
        found.append(group)
    return found


def test_the_same_seed_makes_the_same_pictures(some):
    one, two, other = (synthesize_strings(some[1], 9, seed) for seed in (4, 4, 5))
    assert all(np.array_equal(a.image, b.image) and a.labels == b.labels for a, b in zip(one, two, strict=True))
    assert any(a.labels != b.labels for a, b in zip(one, other, strict=True))
    assert [len(a.labels) for a in one] == list(range(2, 11))


def test_separate_digits_are_apart_and_touching_ones_hang_together(some):
    for picture in synthesize_strings(some[1], 12, seed=6, lengths=(2, 4, 5)):
        paper, pen = float(picture.image.max()), float(picture.image.min())
        number = {}
        for i, group in enumerate(groups((paper - picture.image) / (paper - pen) > 0.3)):
            number |= dict.fromkeys(group, i)
        of = [{number[place] for place in zip(*np.nonzero(picture.owners == i), strict=True) if place in number}
              for i in range(len(picture.labels))]  # fmt: skip
        if not any(picture.touching):
            assert all(not left & right for i, left in enumerate(of) for right in of[:i])
        for left, right, touch in zip(of, of[1:], picture.touching, strict=False):
            assert bool(left & right) or not touch


def test_a_digit_lies_right_of_the_one_before(some):
    for picture in synthesize_strings(some[1], 18, seed=7):
        middles = [np.nonzero(picture.owners == i)[1].mean() for i in range(len(picture.labels))]
        assert middles == sorted(middles)
        assert set(np.unique(picture.owners)) == {-1, *range(len(picture.labels))}


def test_examples_that_are_no_images():
    with pytest.raises(InvalidArgument, match=r"^x of numbers: .* got \(5, 4\)$"):
        synthesize_strings(Dataset(np.zeros((5, 4)), np.zeros(5, int), "numbers"), 1)


BARS = np.zeros((4, 6, 6), np.uint8)
BARS[:, :, 2] = 255
BLANK = BARS * np.array([1, 0, 0, 0], np.uint8)[:, None, None]
HIGH_OR_LOW = BARS.copy()
HIGH_OR_LOW[:2, 3:] = HIGH_OR_LOW[2:, :3] = 40  # ink, but no strokes


def images(x: np.ndarray) -> Dataset:
    return Dataset(x, np.arange(len(x)), "mine", 255.0)


@pytest.mark.parametrize(
    ("x", "more", "told"),
    [
        (BARS[:0], {}, "x of mine: .*the shape of grey images"),
        (BARS[:, :0], {}, "x of mine: .*the shape of grey images"),
        (BLANK, {}, "mine, image [123]: there is no ink, or it is too faint; leave it out"),
        (BLANK + np.uint8(60), {}, "mine, image [123]: there is no ink, or it is too faint; leave it out"),
        (HIGH_OR_LOW, {"n": 8}, "mine, images .*: two of them have no strokes at one height"),
        (BARS, {"n": -1}, "n: .* got -1"),
        (BARS, {"seed": -1}, "seed: .* got -1"),
        (BARS, {"lengths": []}, r"lengths: .* got \[\]"),
        (BARS, {"lengths": 3}, "lengths: .* got 3"),
        (BARS, {"lengths": [2, 0]}, r"lengths: .* 1 to 127.* got \[2, 0\]"),
        (BARS, {"lengths": [2.0]}, r"lengths: .* got \[2.0\]"),
        (BARS, {"lengths": [128]}, r"lengths: .* got \[128\]"),
    ],
    ids=lambda what: " ".join(map(str, what)) if isinstance(what, dict) else "",
)
def test_what_makes_no_rows_is_refused(x, more, told):
    with pytest.raises((InvalidArgument, DataError), match=told):
        synthesize_strings(images(x), **{"n": 1, **more})


@pytest.mark.parametrize("seed", range(4))
def test_strokes_thin_for_their_height_touch_where_they_meet(seed):
    line = np.zeros((60, 20))
    line[:, 10] = 1
    (_, left), (_, right) = _places([line, line], [True], 60.0, np.random.default_rng(seed))
    assert abs(right - left) <= 1
