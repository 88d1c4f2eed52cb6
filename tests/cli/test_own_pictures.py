"""Pictures of users' own by the command: what is understood, learned and answered, for each kind of folder."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.slow import with_slow

from deltarule.data.grayscale import read_grayscale
from deltarule.models import load as load_model
from deltarule.preprocessing import prepare_picture

from .conftest import here, show, train
from .picture_cases import draw, make_hues, make_sevens, make_shapes


def refuse(*words: object) -> str:
    """Run the command, which must refuse, and return its error."""
    ran = here(*words)
    assert (ran.code in (1, 2), ran.out, ran.err.count("error: "), "Traceback" in ran.err) == (True, "", 1, False)
    return ran.err


@pytest.mark.parametrize(
    ("ink", "paper"), with_slow([(255, 0), (0, 255)], (255, 0)), ids=["light on dark", "dark on light"]
)
def test_dark_and_light_pictures_are_learned_alike(ink, paper):
    """Before, light pictures reached 91 % once identical ones stayed in one set, and dark ones 50 % before that."""
    ran = here("train", "--data", make_shapes("shapes", 120, ink, paper), "--out", "run", "--json")
    assert ran.json["test_accuracy"] >= 0.94
    assert "Shift for each mini-batch (by 1 pixel, for few pictures; " in " ".join(ran.err.split())


@pytest.mark.parametrize(
    ("side", "words"),
    [(28, ("--expand", "none")), (28, ("--net", "book-relu")), (19, ()), (65, ())],
    ids=["by an option", "by a recipe", "small", "large"],
)
def test_pictures_are_not_shifted(side, words):
    assert "augmentation none Right" in re.sub(r" +", " ", show(make_shapes("shapes", 12, side=side), *words))


def test_a_seven_is_read_whatever_holds_its_ink(kept):
    files = make_sevens(".")
    ran = here("predict", kept, *files, "--json")
    assert ran.code == 0
    assert [reading["label"] for reading in ran.json["readings"]] == ["7"] * 5
    pictures = [read_grayscale(file) for file in files]
    assert all(np.abs(picture.astype(int) - pictures[0]).max() <= 1 for picture in pictures)


def test_white_ink_on_a_transparent_page_is_learned():
    for picture in make_shapes("clear", 24).glob("*/*.png"):
        stroke = Image.open(picture).convert("L")
        Image.merge("LA", (Image.new("L", stroke.size, 255), stroke)).save(picture)
    shown = show("clear")
    assert "48 of 48 pictures are drawn in the transparency alone, which is read as black ink on white" in shown
    assert "blank" not in shown


def test_pictures_of_few_bits_are_scaled_alike():
    for i, picture in enumerate(sorted(make_shapes("deep", 12).glob("*/*.png"))):
        grey = np.asarray(Image.open(picture)).astype(np.uint16) // 255 * (900 if i else 4000)
        Image.fromarray(grey).save(picture)
    shown = show("deep")
    assert "24 of 24 pictures have numbers of 16 bits: from 0 to 4095 becomes 0 to 255" in shown


def test_predict_scales_as_the_training_pictures_were():
    """A dim picture is as dim for the model, in a folder of bytes and in one of 12 bits."""
    make_shapes("dim", 30, 90, 10)
    make_shapes("deep", 30)
    for i, path in enumerate(sorted(Path("deep").glob("*/*.png"))):
        grey = np.asarray(Image.open(path)).astype(np.uint16) // 255 * (900 + 3000 * (i % 2))
        Image.fromarray(grey).save(path)
    for name, factor in (("dim", 1.0), ("deep", 1 / 16)):
        train(name, "--epochs", 1, out=f"run {name}")
        model = load_model(f"run {name}")
        seen = model.preprocessing.transform(prepare_picture(f"{name}/circle/0.png", model.preprocessing)[None])
        raw = np.asarray(Image.open(f"{name}/circle/0.png")) * factor / 255
        np.testing.assert_allclose(seen[0] + model.preprocessing.mean, raw, atol=3e-3)


def test_leftovers_are_passed_over_in_one_line():
    folder = make_shapes("debris", 12)
    for place in ("__MACOSX/a", "@eaDir", "circle/.ipynb_checkpoints", ".git", "empty"):
        (folder / place).mkdir(parents=True)
    for place in ("__MACOSX/a/1.png", "circle/._1.png", "square/Thumbs.db", "labels.txt", "LICENSE", "circle/x.csv"):
        (folder / place).write_text("a\nb\n")
    draw("circle", np.random.default_rng(1)).save(folder / "cover.png")
    shown = show(folder)
    assert "24 rows: images of 28×28; 2 classes: circle (12), square (12)" in shown
    (line,) = re.findall(r"passed over: .*?(?= layers)", shown)
    for kind in (
        "6 leftovers of archives and file managers (.git, @eaDir, …, square/Thumbs.db)",
        "2 texts (circle/x.csv, labels.txt)",
        "1 other file (LICENSE)",
        "1 picture without a class (cover.png)",
        "1 folder without pictures (empty)",
    ):
        assert kind in line


def test_the_parts_of_a_folder_are_kept():
    make_shapes("parts/Training_set", 30)
    make_shapes("parts/testing", 15)
    shutil.rmtree("parts/testing/square")
    make_shapes("other", 9)
    shown = show("parts")
    assert "75 rows: images of 28×28; 2 classes: circle (45), square (30)" in shown
    assert "training 50, validation 10, test 15" in shown
    shown = show("parts/Training_set", "--test", "other", out="second")
    assert "training 50, validation 10, test 18" in shown
    shutil.move("parts/testing", "parts/val")
    shown = show("parts", out="third")
    assert "the folder has no test part: the validation set is the test set" in shown


def test_sizes_are_stated_or_suggested():
    folder = make_shapes("sizes", 12)
    draw("circle", np.random.default_rng(1), side=40).save(folder / "circle" / "7.png")
    error = refuse("train", "--data", folder)
    assert "7.png: expected 28×28 pixels as in sizes/circle/0.png, got 40×40; " in error
    assert error.endswith("resize all pictures, for example with --size 28\n")
    shown = show(folder, "--size", "14x10")
    assert "images of 14×10" in shown
    assert "pictures of 28×28, 40×40 are resized to 14×10" in shown
    for text in ("0", "28x", "x28", "28.5", "-3", "28x28x3", "large"):
        assert "--size: expected a " in refuse("train", "--data", folder, f"--size={text}")


def test_a_run_remembers_its_size_and_colour(kept):
    result = train(make_hues("hues"), "--colour", "--size", 12, "--epochs", 30)
    assert result.json["test_accuracy"] == 1
    assert here("evaluate", "run", "--json").json["accuracy"] == 1
    ran = here("predict", "run", "hues/red/1.png", "hues/blue/1.png", "--json").json
    assert [reading["label"] for reading in ran["readings"]] == ["red", "blue"]


@pytest.mark.parametrize("net", ["432-10-2", "net.toml"])
def test_colours_are_learned_by_dense_and_convolutional_layers(net):
    text = here("nets", "--toml", "book-conv").out
    Path("net.toml").write_text(text.replace("kernel_size=5", "kernel_size=3"))
    shown = show(make_hues("hues"), "--colour", "--size", 12, "--net", net)
    assert "images of 12×12×3" in shown


def test_colours_that_are_read_as_grey_are_counted():
    assert "40 of 40 pictures are in colour and read as grey; --colour keeps the colours" in show(make_hues("hues"))


def test_damaged_pictures_are_counted_and_left_out():
    folder = make_shapes("damaged", 12)
    for name in ("circle/3.png", "square/1.png", "square/2.png"):
        (folder / name).write_bytes((folder / name).read_bytes()[:50])
    error = refuse("train", "--data", folder)
    assert "damaged/circle/3.png: expected a picture, got a damaged one" in error
    assert "2 other pictures of 24 are damaged too: leave damaged pictures out with --skip-damaged" in error
    shown = show(folder, "--skip-damaged")
    assert "3 of 24 pictures left out as damaged: circle/3.png, square/1.png, square/2.png" in shown
    assert "2 classes: circle (11), square (10)" in shown


def test_drawings_are_passed_over_and_not_called_damaged():
    folder = make_shapes("drawn", 12)
    (folder / "circle/plan.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    shown = show(folder, "--skip-damaged")
    assert "1 drawing passed over, as it has no pixels: circle/plan.svg" in shown
    assert "damaged:" not in shown


@pytest.mark.parametrize("size", ["100000", "28x100000", "0"])
def test_the_limit_of_a_size_is_named(size):
    error = refuse("train", "--data", make_shapes("shapes", 12), "--size", size)
    assert f"--size: expected a height and a width from 1 to 99,999 pixels, got '{size}'" in error


def test_a_class_without_a_whole_picture_is_named():
    folder = make_shapes("lost", 12)
    for path in (folder / "square").glob("*.png"):
        path.write_bytes(b"no picture")
    assert "lost: expected at least two classes with pictures that are not damaged, got 1" in refuse(
        "train", "--data", folder, "--skip-damaged"
    )
    make_shapes("lost/a", 5)
    shutil.move("lost/a/square", "lost/third")
    shutil.rmtree("lost/a")
    assert "1 class left out, without a whole picture: square" in show(folder, "--skip-damaged")


def test_a_class_of_the_test_part_alone_is_named():
    make_shapes("parts/train", 12)
    make_shapes("parts/test", 12)
    shutil.move("parts/test/circle", "parts/test/Circle")
    shown = show("parts")
    assert "the training set lacks 1 class: Circle" in shown
    assert re.search(r"\d+ of 24 pictures of the test set are in the training set too", shown)
    assert "identical pictures are in different classes: train/circle/0.png = test/Circle/0.png" in shown
    shown = here("train", "--data", "parts", "--epochs", 2, "--engine", "numpy").out
    assert "12 of 24 test examples are of classes that the training set lacks: Circle" in shown


def test_a_test_set_of_one_class_tells_little():
    make_shapes("parts/train", 12)
    make_shapes("parts/test", 12)
    shutil.rmtree("parts/test/square")
    for words in (("train", "--data", "parts", "--epochs", 2, "--out", "run"), ("evaluate", "run")):
        ran = here(*words)
        assert "All these examples are of one class, circle: the result says nothing of the others" in ran.out + ran.err


def test_blank_and_identical_pictures_are_named():
    folder = make_shapes("odd", 12)
    for i, path in enumerate(sorted(folder.glob("*/*.png"))):  # no two are the same by chance
        (picture := Image.open(path)).putpixel((0, 0), 9 * i)
        picture.save(path)
    for name in ("circle/3.png", "square/1.png"):
        Image.new("L", (28, 28), 200).save(folder / name)
    shutil.copy(folder / "circle" / "5.png", folder / "square" / "same.png")
    shown = show(folder)
    assert "2 of 25 pictures are blank: circle/3.png, square/1.png" in shown
    assert "2 images repeat others: circle/5.png = square/same.png; repeats stay in one set" in shown
    assert "identical pictures are in different classes: circle/5.png = square/same.png" in shown


def test_statements_about_other_data_are_refused():
    folder = make_shapes("shapes", 3)
    Path("table.csv").write_text("y,a\n" + "a,1\nb,2\n" * 10)
    assert "--label: expected a table with columns, not a folder" in refuse("train", "--data", folder, "--label", "a")
    for words in (["--size", "28"], ["--colour"], ["--skip-damaged"]):
        assert f"{words[0]}: expected pictures" in refuse("train", "--data", "table.csv", *words)
        assert f"{words[0]}: expected data of your own, not digits" in refuse("train", "--data", "digits", *words)
    assert "--test: expected a folder of pictures" in refuse("train", "--data", folder, "--test", "table.csv")


def test_a_folder_of_data_in_one_file_names_the_file():
    Path("set").mkdir()
    for name in ("README.md", "answers.csv", "mnist_train.csv"):
        Path("set", name).write_text("a,b\n")
    assert "got 0; give a file of data, such as set/mnist_train.csv" in refuse("train", "--data", "set")
    Image.new("L", (4, 4)).save("set/1.png")
    assert "got 0; put the pictures of each class into a sub-folder" in refuse("train", "--data", "set")


def test_a_model_of_a_table_of_pixels_takes_pictures():
    folder = make_shapes("shapes", 20)
    files = sorted(folder.glob("*/*.png"))
    heading = ",".join(["label", *(f"pixel{i}" for i in range(784))])
    rows = [",".join([file.parent.name, *map(str, read_grayscale(file).ravel())]) for file in files]
    Path("pixels.csv").write_text("\n".join([heading, *rows]))
    assert here("train", "--data", "pixels.csv", "--epochs", 5, "--engine", "numpy", "--out", "run").code == 0
    found = here("evaluate", "run", "--data", "shapes", "--json").json
    assert found["confusion"] == here("evaluate", "run", "--part", "all", "--json").json["confusion"]
    assert here("predict", "run", files[0], "--json").json["readings"][0]["label"] in ("circle", "square")


def test_a_single_picture_is_no_data_set():
    make_shapes("shapes", 1)
    assert "got a picture" in refuse("train", "--data", "shapes/circle/0.png")
