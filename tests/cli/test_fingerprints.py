"""The fingerprints of the training examples, beside the model: written, left out, damaged, and used by evaluate."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.slow import with_slow

import deltarule as dr
from deltarule.data import load
from deltarule.data.fingerprints import hash_rows
from deltarule.preprocessing import Preprocessing
from deltarule.preprocessing.fingerprints import fingerprint_examples
from deltarule.training import Checkpoint
from deltarule.training.fingerprints import RecordFingerprints, read_fingerprints

from .conftest import here
from .table_cases import make_trees, write

NAMES = "species height width"
ROWS = make_trees(n=20)
TRAIN = ["train", "--engine", "numpy", "--epochs", 1, "--out", "run", "--data"]


@pytest.fixture
def copy() -> Path:
    """Write the trees, and a copy of them with the columns in another order."""
    write("trees.csv", ROWS, NAMES)
    return write("copy.csv", [row[::-1] for row in ROWS], "width height species")


def count(data: Path, *words: str) -> int | None:
    """Evaluate the run on other data, and return the number of examples that it was trained on."""
    ran = here("evaluate", *(words or ["run"]), "--data", data, "--json")
    assert ran.code == 0
    found = ran.json["repeated"]
    assert found is None or isinstance(found, int)
    assert not found or f"{found:,} of {ran.json['examples']:,} " in ran.err
    return found


WEIGHTED = ["--class-weights", "balanced"]


@pytest.mark.parametrize(
    ("words", "n"),
    [([], 42), (["--no-split"], 60), (["--with-validation"], 51), (["--ensemble", 2], 42), (WEIGHTED, 42)],
)
def test_rows_are_known_when_the_data_are_gone(copy, words, n):
    assert here(*TRAIN, "trees.csv", *words).code == 0
    Path("trees.csv").unlink()
    assert count(copy) == count(copy, "run/model.safetensors") == n


def test_a_resumed_run_keeps_its_fingerprints_and_a_fold_has_its_own(copy):
    assert here(*TRAIN, "trees.csv").code == 0
    assert here("train", "--resume", "run", "--epochs", 2).code == 0
    assert (
        here("train", "--engine", "numpy", "--epochs", 1, "--data", "trees.csv", "--folds", 3, "--out", "f").code == 0
    )
    Path("trees.csv").unlink()
    assert count(copy) == 42
    assert count(copy, "f/fold-2") == 40


def test_fingerprints_can_be_left_out(copy):
    ran = here(*TRAIN, "trees.csv", "--no-fingerprints")
    assert ran.code == 0
    assert json.loads(Path("run/run.json").read_text())["fingerprints"] is False
    assert not Path("run/fingerprints-2.npy").exists()
    assert count(copy) == 42  # the data are loaded again
    Path("trees.csv").unlink()
    assert count(copy) is None


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY\x01\x00", "text", np.arange(3.0), np.zeros((2, 2), np.uint64)])
def test_a_damaged_file_of_fingerprints_is_named(copy, content):
    assert here(*TRAIN, "trees.csv").code == 0
    Path("trees.csv").unlink()
    with open("run/fingerprints-2.npy", "wb") as file:
        if isinstance(content, bytes):
            file.write(content)
        else:
            np.save(file, content)
    ran = here("evaluate", "run", "--data", copy, "--json")
    assert (ran.code, ran.json["repeated"]) == (0, None)
    assert "fingerprints-2.npy" in ran.err


def test_shifted_copies_are_no_fingerprints():
    training = load("digits")[0]
    assert here(*TRAIN, "digits", "--expand", "shifts").code == 0
    assert len(np.load("run/fingerprints-2.npy")) == len(training)
    np.savez("same.npz", x=training.x[:70], y=training.y[:70])
    assert count(Path("same.npz")) == 70
    Path("run/fingerprints-2.npy").unlink()  # the small digits are on every machine
    assert count(Path("same.npz")) == 70


@pytest.mark.parametrize("exchanged", with_slow([False, True], False))
def test_exported_training_images_are_known(exchanged):
    """Light and dark may be exchanged in an export."""
    training, _, test = load("digits")
    np.savez("eight.npz", x=training.x * 15, y=training.y)
    assert here(*TRAIN, "eight.npz", "--no-split").code == 0
    for i in range(60):
        data = training if i % 2 else test
        Path("export", str(data.y[i])).mkdir(parents=True, exist_ok=True)
        pixels = (data.x[i] * 15).astype(np.uint8)
        Image.fromarray(255 - pixels if exchanged else pixels).save(f"export/{data.y[i]}/{i}.png")
    assert count(Path("export")) == 30
    assert ("with dark and light exchanged" in here("evaluate", "run", "--data", "export").err) == exchanged


def test_pictures_are_known_as_they_were_before_they_were_centred():
    """A model with a style finds the ink of a picture, which is then no longer the training image to the bit."""
    training = load("digits")[0]
    x = np.kron(training.x[:300] * 15, np.ones((2, 2))).astype(np.uint8)
    style = replace(training[:300], x=x, scale=255.0, name="mnist training")
    dr.fit(
        dr.Network.dense([256, 10]),
        style,
        epochs=1,
        callbacks=[Checkpoint("run"), RecordFingerprints(Path("run"), [style])],
    )
    for i in range(40):
        pixels = x[i] if i % 4 else np.roll(x[i], 1, axis=0)
        Path("export", str(training.y[i])).mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels if i % 2 else 255 - pixels).save(f"export/{training.y[i]}/{i}.png")
    assert style.style is not None
    assert count(Path("export")) == 30


@pytest.mark.parametrize("at_start", [True, False])
def test_fingerprints_are_written_at_the_start_or_after_the_first_epoch(at_start):
    training, found = load("digits")[0][:100], []

    class Look(dr.Callback):
        def on_start(self, moment):
            found.append(read_fingerprints(Path("run")))

        def on_epoch(self, moment):
            found.append(read_fingerprints(Path("run")))
            return False

    recording = RecordFingerprints(Path("run"), [training], at_start=at_start)
    network = dr.Network.dense([64, 10])
    dr.fit(network, training, epochs=1, callbacks=[Checkpoint("run"), recording, Look()], engine="numpy")
    first, second = found
    assert (first is not None) == at_start
    expected = np.unique(fingerprint_examples(Preprocessing.fit(training), training))
    np.testing.assert_array_equal(second, expected)


def test_rows_of_float32_are_known_as_those_of_float64():
    """Before, 78 of 214 rows were known: the numbers were standardized before they became float32."""
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    random = np.random.default_rng(5)
    x = random.normal(1, 1, (300, 10)) * 10.0 ** np.arange(-3, 7) + 7 * 10.0 ** np.arange(-3, 7)
    table = pd.DataFrame(x, columns=[f"c{i}" for i in range(10)]).assign(kind=["a", "b", "c"] * 100)
    table.to_csv("wide.csv", index=False)
    single = table.astype({f"c{i}": np.float32 for i in range(10)})
    single.to_parquet("wide.parquet")
    other = single.copy()
    other["c3"] += np.float32(0.002 * x[:, 3].std())
    other.to_parquet("other.parquet")
    assert here(*TRAIN, "wide.csv", "--no-split").code == 0
    Path("wide.csv").unlink()
    assert count(Path("wide.parquet")) == 300
    assert not count(Path("other.parquet"))


@pytest.mark.parametrize("scale", [1, 255])
def test_images_of_bytes_are_known_exactly_in_any_type(scale):
    pixels = np.random.default_rng(2).integers(0, 256, (40, 6, 6)).astype(np.uint8)
    near = pixels.copy()
    near[:, 0, 0] ^= 1
    forms = [dr.Dataset(p * (kind(scale) / kind(255)), np.arange(40) % 2, scale=scale)
             for p in (pixels, near) for kind in (np.float32, np.float64)]  # fmt: skip
    fitted = Preprocessing.fit(forms[0])
    same, single, other, _ = (fingerprint_examples(fitted, form) for form in forms)
    assert np.array_equal(same, single)
    assert np.array_equal(same, hash_rows(pixels))
    assert np.array_equal(other, hash_rows(near))
    assert not np.isin(other, same).any()


def test_fingerprints_of_an_earlier_form_are_not_compared(copy):
    assert here(*TRAIN, "trees.csv").code == 0
    Path("run/fingerprints-2.npy").rename("run/fingerprints.npy")
    assert count(copy) == 42  # the data are loaded again
    Path("trees.csv").unlink()
    assert count(copy) is None
