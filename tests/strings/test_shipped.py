"""The networks that come with deltarule read rows of digits at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from deltarule.strings import pictures, read, reader
from deltarule.strings.scores import NO_DIGIT


def test_it_knows_the_ten_digits_and_what_is_none():
    assert reader().classes == (*map(str, range(10)), NO_DIGIT)


def test_it_reads_rows_of_digits_it_never_saw(mnist):
    model, rows = reader(), pictures(mnist[2], 40, seed=11, lengths=(2, 6))
    right = [read(row.image, model).text == "".join(map(str, row.labels)) for row in rows]
    assert np.mean(right) >= 0.7  # half of these touch: 94 and 68 % of 500 such rows are read rightly


def test_it_reads_what_a_pen_wrote(tmp_path: Path):
    """Strokes of no data set: 1, 7, 4."""
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
    assert read(tmp_path / "row.png", reader()).text == "174"
