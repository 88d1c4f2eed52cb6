"""Characters in fonts: drawn at random, the same for the same seed, with ink that fits the field."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
import pytest
from tests.fields import has

from deltarule.data.ink import label_parts
from deltarule.digit_strings import load_digit_reader
from deltarule.errors import DataError
from deltarule.handwriting import build_font_set, draw_glyphs, find_fonts, is_held_out
from deltarule.handwriting.dataset import CLASSES, coarsen
from deltarule.handwriting.fonts import FONTS, HANDS
from deltarule.handwriting.glyphs import SIZE, list_characters
from deltarule.handwriting.marks import LETTERS, TWINS, cross_seven, draw_characters, draw_scribbles
from deltarule.models import judge

FONT = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")


def test_the_same_seed_draws_the_same_characters():
    one, again, other = (draw_glyphs(FONT, "4k", np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert all(map(np.array_equal, one, again))
    assert not all(map(np.array_equal, one, other))


@pytest.mark.parametrize("character", "0123456789AWmg?")
def test_a_character_fits_the_field_with_its_ink(character):
    for ink in draw_glyphs(FONT, character * 8, np.random.default_rng(3)):
        assert max(ink.shape) < SIZE - 2
        assert ink.min() >= 0
        assert 0.8 < ink.max() <= 1
        assert (ink > 0.3).any(axis=1).all() or character == "?"  # cropped; a question mark has a gap


def test_an_eight_has_two_holes_whatever_its_slant():
    for ink in draw_glyphs(FONT, "8" * 10, np.random.default_rng(5)):
        assert label_parts(np.pad(ink < 0.3, 1, constant_values=True)).max() == 3  # the paper around it, and two holes


def test_characters_that_a_font_lacks_are_left_out():
    assert list_characters(FONT, "4\U0010ffff ") == ["4"]
    inks, names = draw_characters([FONT], "4\U0010ffff", 3, np.random.default_rng(1))
    assert (len(inks), names) == (3, ["4", "4", "4"])


def test_a_file_that_is_no_font_is_an_error(tmp_path):
    Path(tmp_path, "caveat.woff").write_text("no font")
    with pytest.raises(DataError, check=has(path=tmp_path / "caveat.woff")):
        draw_glyphs(tmp_path / "caveat.woff", "4", np.random.default_rng(1))


def test_a_folder_without_the_fonts_is_an_error_with_a_way_on(tmp_path):
    with pytest.raises(DataError, match=r"90 handwriting fonts.*python -m tools.handwriting_fonts"):
        find_fonts(tmp_path)


def test_fonts_by_one_hand_are_all_trained_on_or_all_held_out():
    for beginnings in HANDS.values():
        assert len({is_held_out(name) for name in FONTS if name.startswith(beginnings)}) == 1
    assert sum(map(is_held_out, FONTS)) >= 10


def test_a_crossed_seven_has_a_bar():
    seven = draw_glyphs(FONT, "7", np.random.default_rng(1))[0]
    crossed = cross_seven(seven, np.random.default_rng(1))
    rows = slice(round(0.4 * len(crossed)), round(0.7 * len(crossed)))
    assert (crossed[rows] > 0.3).sum(axis=1).max() > 1.5 * (seven[rows] > 0.3).sum(axis=1).max()


def test_a_font_set_has_digits_and_marks():
    built = build_font_set([FONT], seed=1, times=(2, 1, 1, 5))
    assert built.classes == CLASSES
    assert built.x.shape == (len(built), 28, 28)
    counts = np.bincount(built.y, minlength=12)
    assert counts[:10].tolist() == [2] * 10
    assert counts[10] == 0  # wrongly cut pieces come from rows
    assert counts[11] > len(LETTERS) + 5
    assert not set(LETTERS) & set(TWINS)


def test_scribbles_are_no_digits_for_the_reader():
    from deltarule.data.photo import AS_MNIST, fit_to_field

    marks = draw_scribbles(40, np.random.default_rng(77))
    found = judge(load_digit_reader(), np.stack([fit_to_field(ink, (28, 28), 255, AS_MNIST) for ink in marks]))
    assert sum(one.kind != "answer" for one in found) >= 32  # some look like an 8 by chance


def test_a_coarse_image_has_the_mass_of_the_fine_one():
    image = np.zeros((2, 28, 28), np.uint8)
    image[:, 4:24, 12:16] = 255
    coarse = coarsen(image, np.random.default_rng(1)).astype(float)
    rows = (coarse * np.arange(28)[:, None]).sum(axis=(1, 2)) / coarse.sum(axis=(1, 2))
    np.testing.assert_allclose(rows, 14, atol=1)
