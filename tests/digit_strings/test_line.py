"""The row of digits is found in pictures of every size; other pictures are errors that name the file."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from PIL import Image
from tests.data.pages import KINDS
from tests.fields import has

from deltarule.data.grayscale import resize
from deltarule.digit_strings.line import HEIGHT, find_line
from deltarule.digit_strings.synthesis import synthesize_strings
from deltarule.errors import DataError


@pytest.fixture(scope="module")
def picture(digits):
    """Return a picture of six separate digits."""
    return synthesize_strings(digits[1], 1, seed=5, lengths=[6])[0].image


def stroke(page, top, left, height, width):
    page[top : top + height, left : left + width] = 20
    return page


def test_pictures_of_any_size_give_digits_of_one_height(picture):
    lines = {}
    for width in (100, 400, 1600, 4000):
        size = (round(picture.shape[0] * width / picture.shape[1]), width)
        lines[width] = find_line(resize(picture, size))
    assert all(abs(line.ink.shape[0] - lines[400].ink.shape[0]) <= 5 for line in lines.values())
    assert all(HEIGHT * 0.8 <= line.ink.shape[0] <= HEIGHT * 1.7 for line in lines.values())
    bottom, right = lines[4000].to_picture(*lines[4000].ink.shape)
    rows, columns = np.nonzero(picture < picture.max() - 60)
    zoom = 4000 / picture.shape[1]
    assert bottom == pytest.approx(zoom * (rows.max() + 1), abs=2 * zoom)
    assert right == pytest.approx(zoom * (columns.max() + 1), abs=2 * zoom)


def test_light_on_dark_gives_the_same_line(picture):
    assert np.abs(find_line(picture).ink - find_line(255 - picture).ink).max() < 0.05


def test_a_picture_cropped_to_its_ink_keeps_all_digits(picture):
    rows, columns = np.nonzero(picture < picture.max() - 60)
    tight = picture[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert find_line(tight).ink.shape[1] == pytest.approx(find_line(picture).ink.shape[1], rel=0.05)


def test_rules_and_specks_are_left_out(picture):
    page = np.pad(picture, ((60, 60), (0, 0)), mode="edge")
    page[20:24] = 30  # a ruled line above, from edge to edge
    page[-20:-18] = 30
    page[50, 60] = 20
    assert np.abs(np.array(find_line(page).ink.shape) - find_line(picture).ink.shape).max() <= 1


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"shadow"}))
def test_the_line_is_found_in_photographs_in_many_lights(picture, kind):
    light, paper, pen, noise = KINDS[kind]
    ink = (float(picture.max()) - picture) / (int(picture.max()) - int(picture.min()))
    ink = np.pad(ink, ((80, 50), (40, 60)))
    rng = np.random.default_rng(1)
    y, x = np.linspace(0, 1, ink.shape[0])[:, None], np.linspace(0, 1, ink.shape[1])[None]
    sent_back = (paper + (pen - paper) * ink) * light(y, x, rng) + rng.normal(0, noise, ink.shape)
    found = find_line(np.clip(np.rint(255 * sent_back), 0, 255).astype(np.uint8))
    assert found.ink.shape == pytest.approx(find_line(picture).ink.shape, abs=4)


def test_two_rows_are_refused(picture):
    with pytest.raises(DataError, match="2 rows"):
        find_line(np.vstack([picture, picture]))


def test_digits_one_below_the_other_are_refused(picture):
    with pytest.raises(DataError, match="rows"):
        find_line(np.rot90(picture))


def test_a_single_upright_stroke_is_a_row():
    line = find_line(stroke(np.full((200, 80), 230, np.uint8), 20, 30, 150, 12))
    assert line.ink.shape[0] == HEIGHT


def test_a_picture_without_a_row_is_refused_with_its_path(tmp_path):
    Image.new("L", (300, 80), 255).save(tmp_path / "empty.png")
    with pytest.raises(DataError, check=has(path="empty.png")):
        find_line(tmp_path / "empty.png")
    with pytest.raises(DataError, check=has(path="missing.png")):
        find_line(tmp_path / "missing.png")
    with pytest.raises(DataError, match="143 times"):
        find_line(stroke(np.full((60, 900), 230, np.uint8), 30, 20, 6, 860))


def draw_stairs(steps: int) -> np.ndarray:
    """Draw separate dots of 6 × 6 pixels, each to the right of the one before and below it."""
    page = np.full((6 * steps + 20, 12 * steps + 20), 255, np.uint8)
    for i in range(steps):
        stroke(page, 10 + 6 * i, 10 + 12 * i, 6, 6)
    return page


def test_a_row_that_is_much_higher_than_its_digits_is_refused():
    """Dots are enlarged as digits are, to 32 rows; without a limit a small picture becomes one of any size."""
    assert find_line(draw_stairs(7)).ink.shape[0] < 9 * HEIGHT
    with pytest.raises(DataError, match="20 times as high as most digits"):
        find_line(draw_stairs(20))


def test_a_dot_of_one_pixel_is_read_without_a_warning():
    page = np.full((12, 40), 255, np.uint8)
    page[6, 5:40:10] = 0
    with suppress(DataError):
        find_line(page)
