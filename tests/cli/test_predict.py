"""deltarule predict: pictures of every kind, and the errors of invalid pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import deltarule as dr
from deltarule.cli.picture_readings import choose_exit_code
from deltarule.data import Bits, OneVsRest, Real, load
from deltarule.models import load as load_model
from deltarule.preprocessing import Scaling


@pytest.fixture
def pictures() -> list[tuple[str, int]]:
    """The first image of each digit, enlarged, dark on light and in other colours, with its label."""
    test = load("digits")[2]
    made = []
    for digit in range(10):
        ink = np.kron(test.x[np.flatnonzero(test.y == digit)[0]].astype(float) / 16, np.ones((12, 12)))
        ink = np.pad(ink, 20)
        colours = {
            "dark on light": 255 - 235 * ink,
            "light on dark": 20 + 235 * ink,
            "blue": np.stack([250 - 200 * ink, 245 - 180 * ink, 240 - 20 * ink], axis=-1),
        }
        for name, values in colours.items():
            file = f"{digit} {name}.png"
            Image.fromarray(values.astype(np.uint8)).save(file)
            made.append((file, digit))
    return made


def test_predict_reads_dark_and_light_digits(deltarule, kept, pictures):
    ran = deltarule("predict", kept, *(file for file, _ in pictures), "--json")
    readings = ran.json["readings"]
    assert (ran.code, ran.err) == (choose_exit_code(readings), "")
    assert [reading["image"] for reading in readings] == [file for file, _ in pictures]
    assert sum(reading["label"] == str(digit) for reading, (_, digit) in zip(readings, pictures, strict=True)) >= 24
    for i in range(0, 30, 3):  # its polarity makes no difference
        dark, light = readings[i], readings[i + 1]
        assert dark["label"] == light["label"]
    for reading in readings:
        assert sum(reading["probabilities"].values()) == pytest.approx(1, abs=1e-5)
        assert reading["label"] == max(reading["probabilities"], key=reading["probabilities"].get)


def test_predict_prints_a_line_for_each_picture(deltarule, kept, pictures):
    name = "è [bold] (1) :x:.png"
    Path(pictures[0][0]).rename(name)
    ran = deltarule("predict", kept, name, pictures[3][0])
    lines = ran.out.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(f"{name}: ")
    label, share, sign, then, *_ = lines[0].removeprefix(f"{name}: ").split()
    assert label in "0123456789"
    assert 10 <= float(share) <= 100
    assert (sign, then) == ("%", "then")


def test_an_invalid_picture_is_an_error_and_the_others_are_read(deltarule, kept, pictures):
    Path("text [red].png").write_text("no picture")
    Image.new("L", (40, 40), 255).save("empty.png")
    words = ["predict", kept, "text [red].png", pictures[0][0], "missing.png", "empty.png"]
    ran = deltarule(*words)
    assert ran.code == 1
    assert len(ran.out.splitlines()) == 1
    assert ran.out.startswith(pictures[0][0])
    assert [name in ran.err for name in ("text [red].png", "missing.png", "empty.png")] == [True] * 3
    readings = deltarule(*words, "--json").json["readings"]
    assert ["error" in reading for reading in readings] == [True, False, True, True]


def test_seen_saves_a_figure_of_the_inputs(deltarule, kept, pictures):
    assert deltarule("predict", kept, *(file for file, _ in pictures[:3]), "--seen", "new/seen.png").code == 0
    with Image.open("new/seen.png") as seen:
        assert seen.width > seen.height > 200
    ran = deltarule("predict", kept, pictures[0][0], "--seen", "new/seen.png/below.png", "--json")
    assert (ran.code, len(ran.json["readings"])) == (1, 1)  # the readings are printed
    assert "new/seen.png is not a folder" in ran.err
    for more in [], ["--string"]:
        ran = deltarule("predict", kept, "missing.png", "--seen", "seen.foo", *more)
        assert (ran.code, ran.out) == (2, "")  # before anything is read
        assert ran.err == "error: seen.foo: expected a name that ends in .png, .svg or .pdf\n"


def test_as_it_is_only_resizes_a_picture(deltarule, kept):
    test = load("digits")[2]
    ink = (test.x[0] * 15.9375).astype(np.uint8)
    Image.fromarray(ink).save("small.png")
    ran = deltarule("predict", kept, "small.png", "--as-it-is", "--json").json["readings"][0]
    assert ran["label"] == str(test.y[0])


@pytest.fixture
def scans() -> list[tuple[str, str]]:
    """The small digits as dark ink on white paper, a folder for each digit, with the label of each file."""
    training = load("digits")[0]
    made = []
    for digit in range(10):
        Path(f"scans/{digit}").mkdir(parents=True)
        for i, ink in enumerate(training.x[training.y == digit][:60]):
            made.append((f"scans/{digit}/{i}.png", str(digit)))
            Image.fromarray((255 - ink * 15.9375).astype(np.uint8)).save(made[-1][0])
    return made


def test_a_model_of_your_own_pictures_takes_them_as_they_are(deltarule, scans):
    words = "train --data scans --net 64-30-10 --epochs 20 --eta 0.1 --engine numpy --out runs/scans"
    assert deltarule(*words.split()).code == 0
    files, labels = zip(*scans[::10], strict=True)
    read, as_it_is, ink = (
        [reading["label"] for reading in deltarule("predict", "runs/scans", *files, "--json", *option).json["readings"]]
        for option in ([], ["--as-it-is"], ["--find-ink"])
    )
    assert sum(a == b for a, b in zip(read, labels, strict=True)) > 50
    assert read == as_it_is
    assert sum(a == b for a, b in zip(ink, labels, strict=True)) > 45  # the ink that was found is made dark again


@pytest.mark.parametrize("scale", [1.0, 0.5, 65535.0])
def test_the_scale_of_the_training_data_does_not_matter(deltarule, kept, pictures, scale):
    """The input of the network is the same for each scale of the training data."""
    model = load_model(kept)
    fitted = replace(model.preprocessing, inputs=Scaling(scale))
    replace(model, preprocessing=fitted).save("other.safetensors")
    files = [file for file, _ in pictures[:6]]
    for options in ([], ["--as-it-is"], ["--string"]):
        one, other = (
            deltarule("predict", run, *files, *options, "--json").json["readings"]
            for run in (kept, "other.safetensors")
        )
        key = "string" if options == ["--string"] else "label"
        assert [reading[key] for reading in one] == [reading[key] for reading in other]
        if key == "label":
            for a, b in zip(one, other, strict=True):
                assert a["probabilities"] == pytest.approx(b["probabilities"], abs=1e-4)


def test_predict_needs_a_run_and_a_picture(deltarule, kept):
    assert deltarule("predict", kept, "--json").code == 2
    ran = deltarule("predict", "nowhere", "x.png", "--json")
    assert (ran.code, ran.out) == (1, "")


@pytest.mark.parametrize(
    ("encoding", "classes", "said"),
    [
        (OneVsRest(9), tuple("0123456789"), {"9", "not 9"}),
        (OneVsRest(1), ("ape", "bee"), {"bee", "ape"}),
        (Bits(4), (), set(map(str, range(16)))),
        (Real(), (), None),
    ],
    ids=["is it nine", "is it a bee", "bits", "real"],
)
def test_models_without_an_output_for_each_class_have_no_probabilities(deltarule, pictures, encoding, classes, said):
    training = load("digits")[0].take(slice(100))
    y = training.y / 9 if isinstance(encoding, Real) else training.y  # from 0 to 1, as the outputs are
    encoded = replace(training, y=y, classes=classes, encoding=encoding)
    network = dr.Network.dense([64, encoding.n_out])
    dr.fit(network, encoded, epochs=1, engine="numpy").save("own.safetensors")
    ran = deltarule("predict", "own.safetensors", pictures[0][0], pictures[3][0], "--json")
    assert (ran.code, ran.err) == (0, "")
    labels = [reading["label"] for reading in ran.json["readings"]]
    assert set(labels) <= said if said else [0 <= float(label) <= 1 for label in labels] == [True, True]
    assert [reading["probabilities"] for reading in ran.json["readings"]] == [{}, {}]
    lines = deltarule("predict", "own.safetensors", pictures[0][0], pictures[3][0]).out.splitlines()
    assert lines == [f"{pictures[i][0]}: {label}" for i, label in zip((0, 3), labels, strict=True)]
