"""The pictures are the same for the same seed, and their labels are right."""

from __future__ import annotations

import re

import numpy as np
import pytest
from tests.fields import has

from deltarule.data import Dataset
from deltarule.digit_strings.synthesis import _place_digits, synthesize_strings
from deltarule.errors import DataError, InvalidArgument


def groups(mask: np.ndarray) -> list[set[tuple[int, int]]]:
    """Find groups of connected pixels by flooding; corners connect."""
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


def test_the_same_seed_makes_the_same_pictures(digits):
    one, two, other = (synthesize_strings(digits[1], 9, seed) for seed in (4, 4, 5))
    assert all(np.array_equal(a.image, b.image) and a.labels == b.labels for a, b in zip(one, two, strict=True))
    assert any(a.labels != b.labels for a, b in zip(one, other, strict=True))
    assert [len(a.labels) for a in one] == list(range(2, 11))


def test_separate_digits_are_apart_and_touching_ones_connected(digits):
    for picture in synthesize_strings(digits[1], 12, seed=6, lengths=(2, 4, 5)):
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


def test_each_digit_is_to_the_right_of_the_one_before(digits):
    for picture in synthesize_strings(digits[1], 18, seed=7):
        middles = [np.nonzero(picture.owners == i)[1].mean() for i in range(len(picture.labels))]
        assert middles == sorted(middles)
        assert set(np.unique(picture.owners)) == {-1, *range(len(picture.labels))}


def test_examples_that_are_not_images_are_refused():
    with pytest.raises(InvalidArgument, check=has(argument="x", owner="numbers", value=(5, 4))):
        synthesize_strings(Dataset(np.zeros((5, 4)), np.zeros(5, int), "numbers"), 1)


BARS = np.zeros((4, 6, 6), np.uint8)
BARS[:, :, 2] = 255
BLANK = BARS * np.array([1, 0, 0, 0], np.uint8)[:, None, None]
HIGH_OR_LOW = BARS.copy()
HIGH_OR_LOW[:2, 3:] = HIGH_OR_LOW[2:, :3] = 40  # ink, but no strokes


def images(x: np.ndarray) -> Dataset:
    return Dataset(x, np.arange(len(x)), "mine", 255.0)


@pytest.mark.parametrize(
    ("x", "arguments"),
    [
        (BARS[:0], {}),
        (BARS[:, :0], {}),
        (BARS, {"n": -1}),
        (BARS, {"seed": -1}),
        (BARS, {"lengths": []}),
        (BARS, {"lengths": 3}),
        (BARS, {"lengths": [2, 0]}),
        (BARS, {"lengths": [2.0]}),
        (BARS, {"lengths": [128]}),
    ],
    ids=["no images", "no pixels", "n", "seed", "no lengths", "a number", "length 0", "a float", "length 128"],
)
def test_invalid_arguments_are_refused(x, arguments):
    ((name, value),) = arguments.items() or [("x", x.shape)]
    with pytest.raises(InvalidArgument, check=has(argument=name, value=value)):
        synthesize_strings(images(x), **{"n": 1, **arguments})


@pytest.mark.parametrize(
    ("x", "place"),
    [
        (BLANK, "mine, image [123]$"),
        (BLANK + np.uint8(60), "mine, image [123]$"),
        (HIGH_OR_LOW, "mine, images [0-3, ]+$"),
    ],
    ids=["blank", "faint", "no strokes at one height"],
)
def test_images_that_make_no_row_are_named(x, place):
    with pytest.raises(DataError) as error:
        synthesize_strings(images(x), 8)
    assert re.match(place, error.value.position)


@pytest.mark.parametrize("seed", range(4))
def test_strokes_thin_for_their_height_touch_where_they_meet(seed):
    line = np.zeros((60, 20))
    line[:, 10] = 1
    (_, left), (_, right) = _place_digits([line, line], [True], 60.0, np.random.default_rng(seed))
    assert abs(right - left) <= 1
