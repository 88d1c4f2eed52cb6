"""deltarule predict --string: pictures of several digits in a row, and the errors of invalid pictures."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from deltarule.cli.picture_readings import EXIT_CODES, choose_exit_code
from deltarule.data import load
from deltarule.digit_strings import synthesize_strings


@pytest.fixture
def rows() -> list[tuple[str, str]]:
    """Pictures of three and of five small digits, with their strings."""
    made = []
    for row in synthesize_strings(load("digits")[2], 2, seed=3, lengths=(3, 5)):
        text = "".join(map(str, row.labels))
        Image.fromarray(row.image).save(f"row {text}.png")
        made.append((f"row {text}.png", text))
    return made


def test_a_run_reads_rows_of_digits(deltarule, kept, rows):
    names = [name for name, _ in rows]
    ran = deltarule("predict", kept, *names, "--string", "--json")
    assert (ran.code, ran.err) == (choose_exit_code(ran.json["readings"]), "")
    assert ran.json["run"] == str(kept)
    for reading, name in zip(ran.json["readings"], names, strict=True):
        assert reading["image"] == name
        assert reading["string"] == "".join(digit["label"] for digit in reading["digits"])
        assert 0 < reading["share"] <= 1
        assert all(len(digit["box"]) == 4 and 0 < digit["probability"] <= 1 for digit in reading["digits"])
        assert all(other["share"] <= reading["share"] for other in reading["others"])
    lines = deltarule("predict", kept, *names, "--string").out.splitlines()
    assert len(lines) == 4 + sum(reading["kind"] != "answer" for reading in ran.json["readings"])
    assert lines[0].startswith(f"{names[0]}: {ran.json['readings'][0]['string']}  ")


def test_without_a_run_the_networks_of_deltarule_read(deltarule, rows):
    ran = deltarule("predict", "--string", rows[0][0], "--json")
    assert (ran.code, ran.err) == (choose_exit_code(ran.json["readings"]), "")
    assert ran.json["run"] is None
    assert set(ran.json["readings"][0]["string"]) <= set("0123456789?")


def test_seen_saves_a_figure_of_the_cuts(deltarule, kept, rows):
    assert deltarule("predict", kept, rows[0][0], "--string", "--seen", "new/cuts.png").code in EXIT_CODES.values()
    with Image.open("new/cuts.png") as seen:
        assert np.asarray(seen).std() > 10
    ran = deltarule("predict", kept, rows[0][0], "--string", "--seen", "new/cuts.png/below.png", "--json")
    assert (ran.code, len(ran.json["readings"])) == (1, 1)  # the reading is printed
    assert "new/cuts.png is not a folder" in ran.err


def test_an_invalid_picture_is_an_error_and_the_others_are_read(deltarule, kept, rows):
    row = np.asarray(Image.open(rows[0][0]))
    Image.fromarray(np.vstack([row, row])).save("two rows.png")
    Image.new("L", (200, 60), 255).save("empty.png")
    ran = deltarule("predict", kept, "two rows.png", rows[0][0], "empty.png", "missing.png", "--string", "--json")
    assert ran.code == 1
    assert ["error" in reading for reading in ran.json["readings"]] == [True, False, True, True]
    assert [name in ran.err for name in ("two rows.png", "empty.png", "missing.png")] == [True] * 3


def test_a_missing_run_is_an_error_before_a_picture_is_read(deltarule, rows):
    for run in ("runs/typo", "runs/v1.5", "typo.safetensors"):
        ran = deltarule("predict", run, rows[0][0], "--string")
        assert (ran.code, ran.out) == (1, "")
        assert f"{run}: expected a model file" in ran.err
    ran = deltarule("predict", "missing.png", rows[0][0], "--string")
    assert ran.out.startswith(rows[0][0])
    assert "missing.png: expected the file of a picture" in ran.err


def test_invalid_arguments_are_refused(deltarule, kept, rows):
    assert deltarule("predict", kept, "--string").code == 2
    assert deltarule("predict", kept, rows[0][0], "--string", "--as-it-is").code == 2
    ran = deltarule("predict", kept)
    assert ran.code == 2
    assert "a run, then pictures" in ran.err
