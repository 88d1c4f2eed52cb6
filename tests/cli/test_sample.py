"""deltarule sample: pictures that a machine writes, texts that a model continues, errors that name the option."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import deltarule as dr


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    train = dr.data.load("digits")[0].take(slice(200))
    path = tmp_path_factory.mktemp("machine") / "machine.safetensors"
    dr.fit(dr.RBM(64, 20, n_labels=10), train, epochs=2, eta=0.1, engine="numpy").save(path)
    return path


def test_it_writes_a_picture_of_digits(deltarule, machine, tmp_path):
    path = tmp_path / "sevens.png"
    ran = deltarule("sample", machine, "--label", "7", "--count", 20, "--steps", 5, "--out", path, "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json == {"file": str(path), "examples": 20, "label": "7", "seed": 0, "steps": 5}
    with Image.open(path) as picture:
        pixels = np.asarray(picture)
    assert pixels.shape == (2 * (2 * 8 + 2), 10 * (2 * 8 + 2), 3)  # two rows of ten, each pixel four, and lines
    expected = dr.load(machine).sample(20, label=7, steps=5)[0, 0, 0]
    assert abs(int(pixels[0, 0, 0]) - (255 - expected / 16 * 255)) <= 1
    again = deltarule("sample", machine, "--label", "7", "--count", 20, "--steps", 5, "--out", tmp_path / "b.png")
    assert (again.code, again.out) == (0, f"{tmp_path / 'b.png'}: 20 pictures\n")
    assert (tmp_path / "b.png").read_bytes() == path.read_bytes()


def test_a_machine_that_the_command_trained_writes(deltarule, tmp_path):
    ran = deltarule("train", "--data", "digits", "--net", "boltzmann", "--epochs", 1, "--out", tmp_path / "run")
    assert (ran.code, ran.err) == (0, "")
    assert "RBM(n_visible=64, n_hidden=500, n_labels=10, k=1, chains=50)" in ran.out
    ran = deltarule("sample", tmp_path / "run", "--count", 4, "--steps", 2, "--out", tmp_path / "a.png")
    assert (ran.code, ran.err) == (0, "")
    assert (tmp_path / "a.png").exists()


def test_errors_name_the_option(deltarule, machine, tmp_path):
    for wrong, named in (
        (["--label", "ten"], "--label"),
        (["--label", "12"], "--label"),
        (["--out", "a.gif"], "--out"),
        (["--steps", "99999999999"], "--steps: expected a whole number from 1 to"),
        (["--count", "99999999999"], "--count: expected a whole number from 1 to"),
    ):
        ran = deltarule("sample", machine, *([] if "--steps" in wrong else ["--steps", 1]), *wrong)
        assert ran.code == 2
        assert named in ran.err


def test_a_classifier_does_not_write(deltarule, tmp_path):
    train = dr.data.load("digits")[0].take(slice(50))
    dr.fit(dr.Network.dense([64, 10]), train, epochs=1, engine="numpy").save(tmp_path / "m.safetensors")
    ran = deltarule("sample", tmp_path / "m.safetensors", "--out", tmp_path / "a.png")
    assert ran.code == 2
    assert "a Boltzmann machine" in ran.err
    assert not (tmp_path / "a.png").exists()


def test_a_machine_without_labels_names_the_command_that_trains_one_with_them(deltarule, tmp_path):
    train = dr.data.load("digits")[0].take(slice(50))
    dr.fit(dr.RBM(64, 5), train, epochs=1, engine="numpy").save(tmp_path / "m.safetensors")
    ran = deltarule("sample", tmp_path / "m.safetensors", "--label", "3", "--steps", 1, "--out", tmp_path / "a.png")
    assert (ran.code, ran.out) == (2, "")
    assert "--label: expected" in ran.err
    assert "train one with labels: deltarule train --net boltzmann" in ran.err


@pytest.fixture(scope="module")
def writer(tmp_path_factory):
    """A model of the characters a and b that has learned nothing."""
    train = dr.data.cut_text("abba" * 10, steps=5)
    network = dr.Network(
        [dr.GRU(3), dr.EachStep(dr.Dense(2)), dr.Flatten()], dr.SumOverSteps(dr.LogLikelihood(), 2), (5, 2)
    )
    path = tmp_path_factory.mktemp("writer") / "writer.safetensors"
    dr.fit(network, train, epochs=1, engine="numpy").save(path)
    return path


def test_it_continues_a_text(deltarule, writer):
    ran = deltarule("sample", writer, "--text", "ab", "--length", 40, "--seed", 3)
    expected = dr.load(writer).write("ab", length=40, seed=3)
    assert (ran.code, ran.err, ran.out) == (0, "", f"ab{expected}\n")
    cold = deltarule("sample", writer, "--text", "ab", "--temperature", 0.1, "--json")
    written = dr.load(writer).write("ab", length=300, temperature=0.1)
    assert cold.json == {"text": "ab", "written": written, "temperature": 0.1, "seed": 0}


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (["--text", "abc"], "character 2: --text: expected a character of the alphabet, got 'c'"),
        (["--text", ""], "--text: expected one character or more"),
        (["--text", "a", "--temperature", "0"], "--temperature: expected a number above 0, got 0"),
        (["--text", "a", "--length", "9999999"], "--length: expected a whole number"),
        (["--text", "a", "--count", "3"], "--count: expected no --text together with it"),
        (["--temperature", "0.5"], "--temperature: expected --text START together with it"),
        (["--out", "a.png"], "--text: expected a text to continue"),
    ],
)
def test_errors_about_texts_name_the_option(deltarule, writer, wrong, named):
    ran = deltarule("sample", writer, *wrong)
    assert ran.code in (1, 2)
    assert named in ran.err


def test_a_machine_does_not_continue_texts(deltarule, machine):
    ran = deltarule("sample", machine, "--text", "a")
    assert ran.code == 2
    assert "RUN: expected a model of characters" in ran.err
    assert str(machine) in ran.err
