"""deltarule predict on letters, marks and several digits: no label without ground, and an exit code of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from deltarule.cli.picture_readings import EXIT_CODES
from deltarule.models import Confidence
from deltarule.models import load as load_model

FONT = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")


def draw(text: str, size: int = 90) -> str:
    """Draw text dark on light, and return the name of its file."""
    font = ImageFont.truetype(str(FONT), size)
    left, top, right, bottom = font.getbbox(text)
    page = Image.new("L", (int(right - left) + 80, int(bottom - top) + 80), 245)
    ImageDraw.Draw(page).text((40 - left, 40 - top), text, font=font, fill=30)
    name = f"{'-'.join(str(ord(c)) for c in text)}.png"
    page.save(name)
    return name


@pytest.mark.parametrize("digit", "0123456789")
def test_without_a_run_a_digit_is_read_in_the_first_minute(deltarule, digit):
    ran = deltarule("predict", draw(digit))
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"{draw(digit)}: {digit}  ")


@pytest.mark.parametrize("letter", "AKRWTkhmxw")
def test_a_letter_is_no_digit(deltarule, letter):
    ran = deltarule("predict", draw(letter), "--json")
    reading = ran.json["readings"][0]
    assert reading["kind"] in ("no digit", "unsure", "several digits")
    assert ran.code == EXIT_CODES[reading["kind"]] != 0
    assert ran.json["run"] is None


def test_a_table_needs_a_run(deltarule):
    Path("new.csv").write_text("a,b\n1,2\n")
    ran = deltarule("predict", "new.csv")
    assert (ran.code, ran.err) == (
        2,
        "error: RUN: expected the run that answers this table, got 'new.csv'; deltarule predict RUN new.csv\n",
    )


def test_a_run_of_digits_is_checked_by_the_reader(deltarule, kept):
    """The run's own network of 30 neurons is sure of a digit in a letter."""
    ran = deltarule("predict", kept, draw("K"), "--json")
    reading = ran.json["readings"][0]
    assert (ran.code, reading["kind"]) == (4, "no digit")
    assert reading["no_digit"] > 0.5
    assert deltarule("predict", kept, draw("K")).out.startswith(f"{draw('K')}: no digit   nearest ")


def test_several_digits_are_sent_to_string(deltarule):
    ran = deltarule("predict", draw("483920"))
    assert ran.code == 5
    assert ran.out.startswith(f"{draw('483920')}: several digits: use --string")
    assert deltarule("predict", "--string", draw("483920")).out.startswith(f"{draw('483920')}: 483920")


@pytest.mark.parametrize(("text", "pattern"), [("5.23", "5?23"), ("-5", "?5"), ("3-1", "3?1"), ("3=3", "3??3")])
def test_a_small_mark_in_a_row_is_no_digit(deltarule, text, pattern):
    ran = deltarule("predict", "--string", draw(text), "--json")
    reading = ran.json["readings"][0]
    assert (ran.code, reading["kind"], reading["string"]) == (4, "no digit", pattern)
    assert deltarule("predict", "--string", draw(text)).out.startswith(f"{draw(text)}: {pattern}")


@pytest.mark.parametrize("text", ["2+2", "4x5", "2k4"])
def test_a_high_mark_in_a_row_is_no_digit_or_unsure(deltarule, text):
    ran = deltarule("predict", "--string", draw(text), "--json")
    assert ran.json["readings"][0]["kind"] in ("no digit", "unsure")
    assert ran.code == EXIT_CODES[ran.json["readings"][0]["kind"]] != 0


def test_marks_that_are_drawn_by_pen_are_no_digits(deltarule):
    paper = Image.new("L", (420, 170), 245)
    pen = ImageDraw.Draw(paper)
    for stroke in (
        [(60, 30), (45, 130)],  # 1
        [(150, 85), (210, 85)],  # +
        [(180, 55), (180, 115)],
        [(270, 32), (335, 32), (300, 135)],  # 7
        [(370, 126), (374, 130)],  # a full stop
    ):
        pen.line(stroke, fill=20, width=9, joint="curve")
    paper.save("pen.png")
    ran = deltarule("predict", "--string", "pen.png", "--json")
    assert (ran.code, ran.json["readings"][0]["string"]) == (4, "1?7?")


def test_a_bar_of_a_five_is_no_mark_of_its_own(deltarule):
    """A five whose upper bar stands apart is still one digit."""
    paper = Image.new("L", (330, 170), 245)
    pen = ImageDraw.Draw(paper)
    pen.line([(75, 35), (120, 35)], fill=20, width=9)  # the bar, apart from the bow
    pen.line([(72, 50), (70, 80)], fill=20, width=9)
    pen.arc([(50, 72), (125, 140)], 230, 150, fill=20, width=9)
    pen.line([(220, 30), (214, 138)], fill=20, width=9)  # 1
    paper.save("five.png")
    assert deltarule("predict", "--string", "five.png", "--json").json["readings"][0]["string"] == "51"


def test_an_unsure_model_names_the_candidates(deltarule, kept):
    model = load_model(kept)
    sceptic = replace(model, confidence=Confidence(temperature=5.0, least_share=0.9))
    sceptic.save("sceptic.safetensors")
    ran = deltarule("predict", "sceptic.safetensors", draw("4"), "--json")
    reading = ran.json["readings"][0]
    assert (ran.code, reading["kind"]) == (3, "unsure")
    assert reading["candidates"][0] == reading["label"]
    assert len(reading["candidates"]) > 1
    line = deltarule("predict", "sceptic.safetensors", draw("4")).out
    assert f"unsure: {' or '.join(reading['candidates'])}" in line


def test_of_several_pictures_the_highest_code_counts(deltarule):
    assert deltarule("predict", draw("4"), draw("K"), draw("7")).code == 4
    assert deltarule("predict", draw("4"), draw("K"), "missing.png").code == 1


def test_training_keeps_a_confidence_in_the_run(deltarule):
    assert deltarule("train", "--data", "digits", "--epochs", "2", "--out", "runs/sure").code == 0
    model = load_model("runs/sure")
    assert model.confidence is not None
    assert 0 < model.confidence.least_share < 1
    ran = deltarule("train", "--data", "digits", "--epochs", "1", "--with-validation", "--out", "runs/all")
    assert ran.code == 0
    assert load_model("runs/all").confidence is None  # there is nothing left to fit it to
    assert deltarule("train", "--resume", "runs/sure", "--epochs", "3").code == 0
    assert load_model("runs/sure").confidence != model.confidence


def test_a_model_of_own_pictures_says_that_something_is_unlike_them(deltarule):
    rng = np.random.default_rng(1)
    for name, rows in (("bar", slice(14, 18)), ("pole", slice(2, 30))):
        Path("shapes", name).mkdir(parents=True)
        for i in range(30):
            picture = rng.integers(0, 20, (32, 32))
            picture[rows, slice(2, 30) if name == "bar" else slice(14, 18)] += 200
            Image.fromarray(np.roll(picture, rng.integers(-2, 3, 2), (0, 1)).astype(np.uint8)).save(
                f"shapes/{name}/{i}.png"
            )
    assert deltarule("train", "--data", "shapes", "--epochs", "30", "--out", "runs/shapes").code == 0
    seen = deltarule("predict", "runs/shapes", "shapes/bar/3.png", "shapes/pole/4.png", "--json")
    assert [reading["label"] for reading in seen.json["readings"]] == ["bar", "pole"]
    assert all(reading["no_digit"] is None for reading in seen.json["readings"])
