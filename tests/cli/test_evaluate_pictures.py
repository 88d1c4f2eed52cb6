"""deltarule evaluate on pictures and arrays of images that are not prepared as the training set is."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.fields import has
from tests.slow import with_slow

import deltarule as dr
from deltarule.cli.dominant_class import explain_misfit
from deltarule.data import load
from deltarule.errors import DataError, ShapeError
from deltarule.models.dominance import guess_cause
from deltarule.preprocessing import Preprocessing
from deltarule.preprocessing.image_arrays import fit_images
from deltarule.preprocessing.pictures import prepare_picture, read_pictures_for

DIGITS = (3, 5, 8)


@pytest.fixture
def own() -> list[tuple[Path, int]]:
    """Draw test digits dark on light, in several sizes, in a folder for each of three digits."""
    test = load("digits")[2]
    made = []
    for digit in DIGITS:
        Path(f"own/{digit}").mkdir(parents=True)
        for i, ink in enumerate(test.x[test.y == digit][:8]):
            page = np.pad(250 - 14 * np.kron(ink, np.ones((9 + i, 9 + i))), 15 + 2 * i, constant_values=250)
            path = Path(f"own/{digit}/{i}.png")
            Image.fromarray(page.astype(np.uint8)).save(path)
            made.append((path, digit))
    return made


def count_right(confusion: list[list[int]]) -> int:
    return int(np.trace(np.array(confusion)))


def test_evaluate_reads_pictures_as_predict_does(deltarule, kept, own):
    ran = deltarule("evaluate", kept, "--data", "own", "--json")
    assert ran.code == 0, ran.err
    files, labels = zip(*own, strict=True)
    readings = deltarule("predict", kept, *files, "--json").json["readings"]
    expected = np.zeros((10, 10), int)
    for label, reading in zip(labels, readings, strict=True):
        expected[label, int(reading["label"])] += 1
    assert ran.json["confusion"] == expected.tolist()
    assert ran.json["accuracy"] >= 0.7
    assert (ran.json["part"], ran.json["examples"], ran.json["dominant"]) == ("all", 24, None)
    assert "in each picture the ink is found, centred in 8×8" in ran.err


def test_the_inputs_are_those_of_predict_to_the_bit(kept, own):
    fitted = dr.load(kept).preprocessing
    found = read_pictures_for(fitted, "own")
    assert [str(path) for path in found.found.files] == [str(path) for path, _ in own]
    assert found.data.y.tolist() == [digit for _, digit in own]
    for x, path in zip(found.data.x, found.found.files, strict=True):
        assert np.array_equal(x, prepare_picture(path, fitted))


def test_options_prepare_pictures_as_those_of_predict(deltarule, kept, own):
    files, _ = zip(*own, strict=True)
    found = [
        count_right(deltarule("evaluate", kept, "--data", "own", "--json", *option).json["confusion"])
        for option in (["--as-it-is"], ["--find-ink"])
    ]
    for option, n in zip((["--as-it-is"], ["--find-ink"]), found, strict=True):
        readings = deltarule("predict", kept, *files, "--json", *option).json["readings"]
        assert n == sum(reading["label"] == path.parent.name for reading, path in zip(readings, files, strict=True))
    assert found[0] < found[1]


def test_an_unknown_class_is_named(deltarule, kept, own):
    Path("own/8").rename("own/eight")
    ran = deltarule("evaluate", kept, "--data", "own")
    assert (ran.code, ran.out) == (1, "")
    assert "expected folders with the names of the model's classes (0, 1, " in ran.err
    assert "got eight; rename these folders, take them out, or train a model" in ran.err


def test_one_class_is_enough(deltarule, kept, own):
    shutil.rmtree("own/8")
    shutil.rmtree("own/5")
    assert deltarule("evaluate", kept, "--data", "own", "--json").json["examples"] == 8


@pytest.mark.parametrize("name", with_slow(["testing", "Test_set"], "testing"))
def test_a_folder_made_for_testing_is_used_whole(deltarule, kept, own, name):
    Path("set").mkdir()
    Path("own").rename(Path("set", name))
    for folder in ("set", f"set/{name}"):
        found = deltarule("evaluate", kept, "--data", folder, "--json").json
        assert (found["part"], found["examples"]) == ("all", 24)


def test_the_parts_of_a_folder_are_kept(deltarule, kept, own):
    for digit in DIGITS:
        for i in range(8):
            place = Path("set", "testing" if i < 2 else "training", str(digit))
            place.mkdir(parents=True, exist_ok=True)
            Path(f"own/{digit}/{i}.png").rename(place / f"{i}.png")
    for part, n in {"all": 24, "test": 6}.items():
        found = deltarule("evaluate", kept, "--data", "set", "--part", part, "--json").json
        assert (found["part"], found["examples"]) == (part, n)
    assert deltarule("evaluate", kept, "--data", "set", "--json").json["part"] == "all"


def test_a_picture_without_ink_is_named_or_left_out(deltarule, kept, own):
    Image.new("L", (40, 40), 255).save("own/5/blank.png")
    ran = deltarule("evaluate", kept, "--data", "own")
    assert (ran.code, ran.out) == (1, "")
    assert "own/5/blank.png" in ran.err
    assert "--skip-damaged" in ran.err
    ran = deltarule("evaluate", kept, "--data", "own", "--skip-damaged", "--json")
    assert (ran.code, ran.json["examples"], "blank.png" in ran.err) == (0, 24, True)


TEST = load("digits")[2]
ARRAYS = {
    "inverted": (16 - TEST.x, "dark on light, the training images light on dark: they are inverted"),
    "from 0 to 1": ((TEST.x / 16).astype(np.float32), "the pixels are multiplied by 16"),
    "from 0 to 255, inverted": ((255 - TEST.x * 15.9375).astype(np.uint8), "they are inverted"),
    "flat": (TEST.x.reshape(-1, 64), ""),
    "with a channel": (TEST.x[..., None], ""),
    "larger": (np.kron(TEST.x * 15, np.ones((1, 4, 4))).astype(np.uint8), "the images of 32×32: in each picture"),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_are_brought_to_the_form_of_the_training_images(deltarule, kept, name):
    """Before, images that were inverted or from 0 to 1 were evaluated silently near chance."""
    x, note = ARRAYS[name]
    np.savez("own.npz", x=x, y=TEST.y)
    ran = deltarule("evaluate", kept, "--data", "own.npz", "--json")
    assert ran.code == 0, ran.err
    assert note in ran.err
    least = 0.75 if note.startswith("the images of") else deltarule("evaluate", kept, "--json").json["accuracy"]
    assert ran.json["accuracy"] >= least - 0.001


def test_images_of_the_same_form_are_not_changed(kept):
    fitted = dr.load(kept).preprocessing
    same, notes = fit_images(TEST, fitted)
    assert (same.x is TEST.x, notes) == (True, ())


def test_images_with_an_axis_of_channels_are_those_without(kept):
    fitted = dr.load(kept).preprocessing
    for channels in (1, 3):
        own = dr.Dataset(np.repeat(TEST.x[..., None], channels, axis=3), TEST.y, scale=TEST.scale)
        same, notes = fit_images(own, fitted)
        assert np.array_equal(same.x, TEST.x)
        assert notes == ()
    red = dr.Dataset(np.stack([TEST.x, 0 * TEST.x, 0 * TEST.x], axis=-1), TEST.y, scale=TEST.scale)
    grey, notes = fit_images(red, fitted)
    assert np.allclose(grey.x, 0.299 * TEST.x, atol=0.5)
    assert notes == ("the colours become grey, as the model takes them",)
    deep = Preprocessing.fit(dr.Dataset(TEST.x[..., None], TEST.y))
    assert np.array_equal(fit_images(TEST, deep)[0].x[..., 0], TEST.x)


def test_rows_of_labels_are_no_classes_of_a_model(deltarule, kept):
    np.savez("onehot.npz", x=TEST.x, y=np.eye(10, dtype=int)[TEST.y])
    ran = deltarule("evaluate", kept, "--data", "onehot.npz")
    assert ran.code == 1
    assert "y of onehot: expected one label for each example, as in the training set, got" in ran.err
    assert "y.argmax(axis=1)" in ran.err


def test_a_model_of_own_pictures_takes_arrays_as_they_are():
    dark = dr.Dataset(255 - TEST.x * 15, TEST.y, classes=TEST.classes)
    fitted = Preprocessing.fit(dark)
    assert fitted.is_dark_on_light
    light = dr.Dataset(TEST.x * 15, TEST.y)
    assert np.array_equal(fit_images(light, fitted)[0].x, light.x)


def test_most_answers_in_one_class_are_a_warning(deltarule, kept, own):
    ran = deltarule("evaluate", kept, "--data", "own", "--as-it-is", "--json")
    found = ran.json["dominant"]
    assert found["share_of_answers"] > 0.5 > found["share_of_labels"]
    assert f" % of the answers are {found['class']}, but " in ran.err
    assert "likely cause: the images are dark on light, those of the training set light on dark" in ran.err
    assert ran.err.endswith(f"{found['cause']}\n")


def test_chance_has_a_cause_if_no_class_dominates(deltarule, kept):
    model, dark = dr.load(kept), dr.Dataset(16 - TEST.x, TEST.y, scale=TEST.scale)
    spread = np.ones((10, 10), int)
    assert "the images are dark on light" in explain_misfit(model, dark, spread)
    assert explain_misfit(model, dark, np.diag(spread.sum(axis=0))) == ""
    assert explain_misfit(model, dark, None) == ""
    noise = np.random.default_rng(0).permutation(TEST.y)
    np.savez("mixed.npz", x=TEST.x, y=noise)
    ran = deltarule("evaluate", kept, "--data", "mixed.npz")
    assert ran.code == 0
    assert "The likeliest cause: the examples probably differ" in ran.err


def test_the_cause_is_looked_for():
    fitted = dr.fit(dr.Network.dense([64, 10]), dr.Dataset(255 - TEST.x * 15, TEST.y), epochs=1, engine="numpy")
    for x, cause in ((TEST.x * 15, "images may be darker"), (np.full_like(TEST.x, 9), "the same inputs")):
        assert cause in guess_cause(fitted, dr.Dataset(x, TEST.y))
    same = dr.Dataset(255 - TEST.x * 15, TEST.y)
    assert "differ from those of the training set" in guess_cause(fitted, same)
    poor = dr.fit(dr.Network.dense([64, 10]), same, epochs=1, eta=0.0, validation=same, engine="numpy")
    assert "the network has learned little" in guess_cause(poor, same)
    known = fitted.accuracy(same)
    validated = replace(fitted, history=dr.History(({"epoch": 0, "validation_accuracy": known},)))
    assert f"its validation accuracy is {100 * known:.0f} %" in guess_cause(validated, same)  # they are no harder
    assert "differ from those" in guess_cause(validated, dr.Dataset(same.x, np.roll(same.y, 1)))


def test_a_data_set_of_another_size_names_the_way_on(kept):
    large = dr.Dataset(np.zeros((2, 28, 28), np.uint8), np.array([0, 1]))
    with pytest.raises(ShapeError, check=has(argument="x")) as raised:
        dr.load(kept).evaluate(large)
    assert "read_pictures_for(model.preprocessing, folder)" in raised.value.remedy


def test_a_model_of_a_table_takes_no_pictures(own):
    fitted = Preprocessing(dr.data.OneHot(2), example_shape=(4,))
    with pytest.raises(ShapeError):
        read_pictures_for(fitted, "own")
    with pytest.raises(DataError, check=has(path="nowhere")):
        read_pictures_for(Preprocessing.fit(TEST), "nowhere")


def test_a_single_picture_belongs_to_predict(deltarule, kept, own):
    ran = deltarule("evaluate", kept, "--data", own[0][0])
    assert (ran.code, ran.out) == (1, "")
    assert f"got a picture; to read one picture: deltarule predict RUN {own[0][0]}" in ran.err
