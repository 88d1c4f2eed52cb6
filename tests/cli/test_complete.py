"""deltarule complete: the known half stays, the other is drawn, and errors name the option."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import deltarule as dr

HALVES = {
    "upper": (slice(0, 4), slice(None)),
    "lower": (slice(4, 8), slice(None)),
    "left": (slice(None), slice(0, 4)),
    "right": (slice(None), slice(4, 8)),
}
CELL = 2 * 8 + 2


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    train = dr.data.load("digits")[0].take(slice(200))
    path = tmp_path_factory.mktemp("machine") / "machine.safetensors"
    dr.fit(dr.RBM(64, 20, n_labels=10), train, epochs=2, eta=0.1, engine="numpy").save(path)
    return path


@pytest.fixture(params=["dark on light", "light on dark"])
def picture(request, tmp_path):
    """A picture of a digit, with dark or light ink, as large as the digit."""
    digit = dr.data.load("digits")[2].x[0].astype(float) / 16 * 255
    ink = 255 - digit if request.param == "dark on light" else digit
    Image.fromarray(ink.round().astype(np.uint8)).save(tmp_path / "digit.png")
    return tmp_path / "digit.png"


@pytest.mark.parametrize("known", HALVES)
def test_the_known_half_is_kept_and_the_other_is_drawn(deltarule, machine, picture, tmp_path, known):
    path = tmp_path / "completed.png"
    arguments = ("--known", known, "--count", 3, "--steps", 5, "--label", "7", "--seed", 2, "--out", path, "--json")
    ran = deltarule("complete", machine, picture, *arguments)
    assert (ran.code, ran.err) == (0, "")
    assert (ran.json["known"], ran.json["completions"]) == (known, 3)
    model, digit = dr.load(machine), dr.data.load("digits")[2].x[:1].astype(float)
    mask = np.zeros((8, 8), bool)
    mask[HALVES[known]] = True
    expected = model.complete(np.repeat(digit, 3, axis=0), mask, seed=2, steps=5, label=7)
    np.testing.assert_allclose(expected[:, mask], np.repeat(digit, 3, axis=0)[:, mask])
    with Image.open(path) as whole:
        pixels = np.asarray(whole)[:, :, 0].astype(float)
    for i, example in enumerate([np.where(mask, digit[0], 0), *expected]):
        shown = pixels[:16:2, i * CELL : i * CELL + 16 : 2]
        np.testing.assert_allclose(255 - shown, example / 16 * 255, atol=9)  # bytes of the picture, then of the model


def test_the_text_says_what_is_in_the_file(deltarule, machine, picture, tmp_path):
    ran = deltarule("complete", machine, picture, "--steps", 2, "--out", tmp_path / "c.png")
    assert ran.code == 0
    assert ran.out.endswith(f"{tmp_path / 'c.png'}: the upper half, and 9 completions\n")


def test_errors_name_what_is_wrong(deltarule, machine, tmp_path):
    Image.new("L", (8, 8), 255).save(tmp_path / "a.png")
    for wrong, named in (
        ([tmp_path / "a.png", "--known", "middle"], "--known"),
        ([tmp_path / "a.png", "--out", "c.gif"], "--out"),
        ([tmp_path / "a.png", "--label", "ten", "--steps", 1], "label"),
        ([tmp_path / "missing.png"], "missing.png"),
    ):
        ran = deltarule("complete", machine, *wrong)
        assert ran.code in (1, 2)
        assert named in ran.err


def test_the_completions_never_replace_the_picture(deltarule, machine, picture):
    before = picture.read_bytes()
    ran = deltarule("complete", machine, picture, "--steps", 2, "--out", picture)
    assert (ran.code, picture.read_bytes()) == (2, before)
    assert "--out: expected another file than an input of this command" in ran.err


def test_a_classifier_does_not_complete(deltarule, tmp_path):
    train = dr.data.load("digits")[0].take(slice(50))
    dr.fit(dr.Network.dense([64, 10]), train, epochs=1, engine="numpy").save(tmp_path / "m.safetensors")
    Image.new("L", (8, 8), 255).save(tmp_path / "a.png")
    ran = deltarule("complete", tmp_path / "m.safetensors", tmp_path / "a.png", "--out", tmp_path / "c.png")
    assert ran.code == 2
    assert "a Boltzmann machine" in ran.err
    assert not (tmp_path / "c.png").exists()
