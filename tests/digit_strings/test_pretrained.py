"""The reader that comes with deltarule reads rows of digits without training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from deltarule.data.grayscale import resize
from deltarule.digit_strings import evaluate_reader, load_reader, read_string, synthesize_strings
from deltarule.digit_strings.evaluation import edit_distance
from deltarule.handwriting.no_answers import NO_DIGIT


def test_the_reader_has_ten_digits_and_a_class_for_no_digit():
    assert load_reader().classes == (*map(str, range(10)), NO_DIGIT)


def test_the_reader_reads_rows_of_test_images(mnist):
    found = evaluate_reader(load_reader(), synthesize_strings(mnist[2], 40, seed=11, lengths=(2, 6)))
    assert found["separate"]["digit_error"] < 0.2
    assert found["touching"]["digit_error"] < 0.3


@pytest.mark.parametrize(("gap", "margin"), [(1, 0.5), (2, 0.5), (4, 0.5), (2, 4)])
def test_the_reader_reads_digits_at_any_distance(mnist, gap, margin):
    """Read rows with gaps and margins given in heights of a digit."""
    model, test, height = load_reader(), mnist[2], 60
    wrong = 0
    for row in np.split(np.arange(30), (4, 9, 15, 19, 24)):
        inks = [image[:, np.any(image, axis=0)] / test.scale for image in test.x[row]]
        zoom = height / (0.7 * len(inks[0]))
        inks = [np.clip(resize(ink, (round(zoom * ink.shape[0]), round(zoom * ink.shape[1]))), 0, 1) for ink in inks]
        ink = np.hstack([np.pad(ink, ((0, 0), (0, round(gap * height)))) for ink in inks])
        page = np.rint(255 * (1 - np.pad(ink, round(margin * height)))).astype(np.uint8)
        wrong += edit_distance("".join(map(str, test.y[row])), read_string(page, model).text)
    assert wrong <= 6  # none of MNIST's; the small digits, new to the reader, are harder


def test_the_reader_reads_pen_strokes(tmp_path: Path):
    """Read 1, 7, 4 in strokes of no data set."""
    paper = Image.new("L", (360, 160), 245)
    pen = ImageDraw.Draw(paper)
    for stroke in (
        [(50, 30), (48, 130)],
        [(120, 32), (185, 32), (150, 130)],
        [(250, 30), (232, 90), (300, 90)],
        [(288, 50), (280, 132)],
    ):
        pen.line(stroke, fill=20, width=9, joint="curve")
    paper.save(tmp_path / "row.png")
    assert read_string(tmp_path / "row.png", load_reader()).text == "174"
