"""Published sets of images, in files made by their layouts: only MNIST's own files are at hand."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import pickle
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from scipy.io import savemat
from tests.fields import has

from deltarule.data import DataOptions, find, known_sets, user_data
from deltarule.data.photo import AS_MNIST
from deltarule.errors import DataError

from .set_files import build_idx, make_images, put, put_set

SIZES = [100, 20, 60]  # a sixth of 120 is the validation set


def sizes(own):
    return [len(part) for part in own.splits]


def join(own) -> set[bytes]:
    return {image.tobytes() for part in own.splits[:2] for image in part.x}


TRAIN, TRAIN_Y = make_images(120, seed=120)
TEST, TEST_Y = make_images(60, seed=60)


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("below", ["", "raw", "FashionMNIST/raw", "clothes"])
def test_files_with_the_names_of_mnist_are_a_set_of_their_own(tmp_path, below, ending):
    put_set(tmp_path / "mine" / below, ending=ending)
    found = find(tmp_path / "mine")
    name = below.split("/")[0] if below not in ("", "raw") else "mine"
    assert (found.name, [len(part) for part in found.data]) == (name, SIZES)
    assert found.data[2].x.tobytes() == TEST.tobytes()
    assert found.data[0].scale is None
    assert found.data[0].name == f"{name} training"


def test_a_set_that_claims_to_be_mnist_and_is_not_is_named(tmp_path, monkeypatch):
    place = put_set(tmp_path / "mnist")
    found = find(place)
    assert found.name == "own mnist"
    assert [doubt for doubt in found.doubts if "names of MNIST's" in doubt]
    monkeypatch.setenv("DELTARULE_DATA", str(place))
    for name in ("mnist", "auto"):
        with pytest.raises(DataError, match="by the path of its folder", check=has(argument="DELTARULE_DATA")):
            find(name)
    with pytest.raises(DataError, match="by the path of its folder"):
        find("mnist", place)


def test_files_are_paired_by_any_names(tmp_path):
    for x_name, y_name in [
        ("x-idx3-ubyte", "y-idx1-ubyte"),
        ("k49-imgs.idx3", "k49-labels.idx1"),
        ("pictures", "answers"),
        ("a.bin", "b.bin"),
    ]:
        folder = tmp_path / x_name.replace(".", "")
        put(folder / x_name, TRAIN), put(folder / y_name, TRAIN_Y.astype(np.int32))
        for path in (folder, folder / x_name, folder / y_name):
            own = user_data.load(path)
            assert sizes(own) == [86, 17, 17] or sum(sizes(own)) == 120
            assert own.splits[0].classes == tuple("0123456789")


def test_one_of_several_sets_is_chosen_by_a_file(tmp_path):
    put_set(tmp_path, "emnist-digits-", "test", ".gz")
    put_set(tmp_path, "other-", "test", ".gz")
    with pytest.raises(DataError, match="other-train-images-idx3-ubyte") as error:
        user_data.load(tmp_path)
    assert error.value.path == tmp_path
    own = user_data.load(tmp_path / "other-train-images-idx3-ubyte.gz")
    assert (own.name, sizes(own)) == ("other", SIZES)
    assert sum(sizes(user_data.load(tmp_path / "other-test-images-idx3-ubyte.gz"))) == 60  # only this part


def test_several_folders_of_sets_are_named(tmp_path):
    for name in ("MNIST", "KMNIST"):
        put_set(tmp_path / name / "raw")
    with pytest.raises(DataError, match="KMNIST/raw, MNIST/raw"):
        user_data.load(tmp_path)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int16", "int32", "float32", "float64"])
def test_images_and_labels_of_every_type_are_read(tmp_path, dtype):
    x, y = (TRAIN // 2).astype(dtype), TRAIN_Y.astype(dtype)
    put(tmp_path / "train-images-idx3-any", x), put(tmp_path / "train-labels-idx1-any", y)
    own = user_data.load(tmp_path)
    assert sum(sizes(own)) == 120
    assert own.splits[0].classes == tuple("0123456789")
    assert float(max(part.x.max() for part in own.splits)) == float(x.max())


@pytest.mark.parametrize(
    ("kind", "labels", "classes"),
    [
        ("letters", range(1, 27), "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        ("digits", range(10), "0123456789"),
        ("mnist", range(10), "0123456789"),
        ("balanced", range(47), "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt"),
        ("bymerge", range(47), "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt"),
        ("byclass", range(62), "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
    ],
)
def test_emnist_is_upright_with_characters_as_classes(tmp_path, kind, labels, classes):
    y = np.array(list(labels) * 10, np.uint8)
    x = make_images(len(y))[0]
    put(tmp_path / f"emnist-{kind}-train-images-idx3-ubyte.gz", x.transpose(0, 2, 1))
    put(tmp_path / f"emnist-{kind}-train-labels-idx1-ubyte.gz", y)
    own = user_data.load(tmp_path)
    assert "".join(own.splits[0].classes) == classes
    assert join(own) <= {image.tobytes() for image in x}
    names = {image.tobytes(): classes[label - min(labels)] for image, label in zip(x, y, strict=True)}
    assert [own.splits[0].classes[label] for label in own.splits[0].y] == [
        names[image.tobytes()] for image in own.splits[0].x
    ]


def test_a_mapping_of_emnist_names_the_classes(tmp_path):
    put_set(tmp_path, "emnist-letters-", "test", ".gz", classes=3)
    (tmp_path / "emnist-letters-mapping.txt").write_text("0 97 65\n1 98 66\n2 99 67\n")
    assert user_data.load(tmp_path).splits[0].classes == ("a", "b", "c")
    (tmp_path / "emnist-letters-mapping.txt").write_text("0 97 65\nbroken")
    assert user_data.load(tmp_path).splits[0].classes == ("0", "1", "2")


def test_emnist_of_an_unknown_kind_is_turned_with_a_doubt(tmp_path):
    put_set(tmp_path / "EMNIST" / "raw")
    own = user_data.load(tmp_path)
    assert own.splits[2].x.tobytes() == TEST.transpose(0, 2, 1).tobytes()
    assert own.splits[2].classes == tuple("0123456789")
    assert any("which set of EMNIST" in doubt for doubt in own.doubts)


def test_emnist_of_matlab_is_read(tmp_path):
    def part(x, y):
        return {"images": x.transpose(0, 2, 1).reshape(-1, 784), "labels": y[:, None] + 1, "writers": y[:, None]}

    mapping = [[i + 1, 65 + i, 97 + i] for i in range(26)]
    content = {"dataset": {"train": part(TRAIN, TRAIN_Y), "test": part(TEST, TEST_Y), "mapping": np.array(mapping)}}
    savemat(tmp_path / "emnist-letters.mat", content, do_compression=True)
    own = user_data.load(tmp_path / "emnist-letters.mat")
    assert (sizes(own), "".join(own.splits[0].classes)) == (SIZES, "ABCDEFGHIJ")
    assert own.splits[2].x.tobytes() == TEST.tobytes()


def test_qmnist_has_the_class_in_the_first_of_eight_columns(tmp_path):
    for part, x, y in (("train", TRAIN, TRAIN_Y), ("test", TEST, TEST_Y)):
        table = np.zeros((len(y), 8), np.int32)
        table[:, 0], table[:, 2] = y, np.arange(len(y)) + 500
        put(tmp_path / f"qmnist-{part}-images-idx3-ubyte.gz", x)
        put(tmp_path / f"qmnist-{part}-labels-idx2-int.gz", table)
    own = user_data.load(tmp_path)
    assert (sizes(own), own.splits[2].y.tolist()) == (SIZES, TEST_Y.tolist())
    assert any("first is the class" in note for note in own.notes)


def put_arrays(folder: Path, pattern: str, save) -> None:
    folder.mkdir()
    for part, x, y in (("train", TRAIN, TRAIN_Y), ("test", TEST, TEST_Y)):
        save(folder / pattern.format(part, "imgs"), x), save(folder / pattern.format(part, "labels"), y)


def test_kmnist_is_read_from_pairs_of_arrays(tmp_path):
    put_arrays(tmp_path / "kmnist", "kmnist-{}-{}.npz", np.savez_compressed)
    own = user_data.load(tmp_path / "kmnist")
    assert sizes(own) == SIZES
    assert own.splits[0].classes == ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
    put_arrays(tmp_path / "k49", "k49-{}-{}.npy", np.save)
    rows = [f"{i},U+{code:04X},{chr(code)}" for i, code in enumerate(range(0x304B, 0x305F, 2))]
    (tmp_path / "k49" / "k49_classmap.csv").write_text("index,codepoint,char\n" + "\n".join(rows), encoding="utf-8")
    assert user_data.load(tmp_path / "k49").splits[0].classes[:3] == ("ka", "ki", "ku")


def test_fashion_mnist_is_known_by_its_name_or_its_labels(tmp_path, monkeypatch):
    names = ("T-shirt/top", "Ankle boot")
    own = user_data.load(put_set(tmp_path / "Fashion-MNIST", ending=".gz"))
    assert (own.splits[0].classes[0], own.splits[0].classes[9]) == names
    assert any("Fashion-MNIST, by the name" in note for note in own.notes)
    place = put_set(tmp_path / "clothes", ending=".gz")
    assert user_data.load(place).splits[0].classes == tuple("0123456789")
    labels = (place / "t10k-labels-idx1-ubyte.gz").read_bytes()
    fashion = replace(known_sets.KNOWN[0], md5=frozenset({hashlib.md5(labels).hexdigest()}))
    monkeypatch.setattr(known_sets, "KNOWN", (fashion,))
    own = user_data.load(place)
    assert own.splits[0].classes[0] == "T-shirt/top"
    assert any("by the checksum" in note for note in own.notes)


def test_usps_is_read_from_libsvm_with_its_test_set(tmp_path):
    for name, n in (("usps", 120), ("usps.t", 60)):
        x, y = make_images(n, seed=n)
        rows = (x[:, :16, :16] / 127.5 - 1).reshape(n, -1)
        lines = [
            f"{label + 1} " + " ".join(f"{i + 1}:{v:.4g}" for i, v in enumerate(row))
            for row, label in zip(rows, y, strict=True)
        ]
        (tmp_path / name).write_text("\n".join(lines) + "\n")
    own = user_data.load(tmp_path / "usps")
    assert (sizes(own), own.splits[0].x.shape[1:]) == (SIZES, (256,))
    assert own.splits[0].classes == tuple(map(str, range(1, 11)))
    assert any("usps.t" in note for note in own.notes)
    assert any("digits plus 1" in doubt for doubt in own.doubts)


def write_h5(path: Path, change=lambda file: None) -> Path:
    with h5py.File(path, "w") as file:
        for part, x, y in (("train", TRAIN, TRAIN_Y), ("test", TEST, TEST_Y)):
            group = file.create_group(part)
            group["data"] = (x[:, :16, :16] / 300).reshape(len(x), -1).astype(np.float32)
            group["target"] = y.astype(np.int64)
        change(file)
    return path


def test_usps_is_read_from_hdf5(tmp_path):
    own = user_data.load(write_h5(tmp_path / "usps.h5"))
    assert (sizes(own), own.splits[0].x.shape[1:]) == (SIZES, (16, 16))
    assert user_data.load(write_h5(tmp_path / "others.h5")).splits[0].x.shape[1:] == (256,)


def test_hdf5_does_not_lead_to_other_files(tmp_path):
    (tmp_path / "secret").write_bytes(bytes(120))
    for name, change in {
        "external": lambda file: file.create_dataset("y", (120,), "u1", external=[(str(tmp_path / "secret"), 0, 120)]),
        "large": lambda file: file.create_dataset("y", (10**6,), "u1", chunks=(1000,)),
        "cycle": lambda file: file.__setitem__("train/again", file["train"]),
    }.items():
        path = write_h5(tmp_path / f"{name}.h5", change)
        with pytest.raises(DataError, check=has(path=path)):
            user_data.load(path, options=DataOptions(x="train/data", y="y"))
    (tmp_path / "broken.h5").write_bytes(path.read_bytes()[:500])
    with pytest.raises(DataError, check=has(path="broken.h5")):
        user_data.load(tmp_path / "broken.h5")


def put_parquet(path: Path, x: np.ndarray, y: np.ndarray) -> None:
    def encode(image):
        file = io.BytesIO()
        Image.fromarray(image).save(file, "PNG")
        return {"bytes": file.getvalue(), "path": None}

    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    table = pa.table({"image": pa.array(list(map(encode, x)), kind), "label": y.astype(np.int64)})
    features = {"image": {"_type": "Image"}, "label": {"names": list("abcdefghij"), "_type": "ClassLabel"}}
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    pq.write_table(table.replace_schema_metadata(metadata), path)


@pytest.mark.parametrize("below", ["", "data"])
def test_a_folder_of_parquet_files_has_their_parts(tmp_path, below):
    place = tmp_path / "letters"
    put_parquet(place / below / "train-00000-of-00002.parquet", TRAIN[:70], TRAIN_Y[:70])
    put_parquet(place / below / "train-00001-of-00002.parquet", TRAIN[70:], TRAIN_Y[70:])
    put_parquet(place / below / "test-00000-of-00001.parquet", TEST, TEST_Y)
    own = user_data.load(place)
    assert (own.name, sizes(own), "".join(own.splits[0].classes)) == ("letters", SIZES, "abcdefghij")
    assert own.splits[2].x.tobytes() == TEST.tobytes()
    put_parquet(place / below / "more.parquet", TEST, TEST_Y)
    with pytest.raises(DataError, match="begin with train, validation or test"):
        user_data.load(place)


def test_a_parquet_file_with_pictures_takes_a_test_file(tmp_path):
    put_parquet(tmp_path / "a.parquet", TRAIN, TRAIN_Y)
    put_parquet(tmp_path / "b.parquet", TEST, TEST_Y)
    own = user_data.load(tmp_path / "a.parquet", options=DataOptions(test=str(tmp_path / "b.parquet")))
    assert sizes(own) == SIZES


def test_pytorch_files_have_a_way_on(tmp_path):
    (tmp_path / "MNIST" / "processed").mkdir(parents=True)
    (tmp_path / "MNIST" / "processed" / "training.pt").write_bytes(b"PK\3\4")
    for path in (tmp_path, tmp_path / "MNIST", tmp_path / "MNIST" / "processed"):
        with pytest.raises(DataError, match="raw", check=has(path="training.pt")):
            user_data.load(path)
    put_set(tmp_path / "MNIST" / "raw")
    assert sizes(user_data.load(tmp_path)) == SIZES


THREE = [(TRAIN[:90], TRAIN_Y[:90]), (TRAIN[90:], TRAIN_Y[90:]), (TEST, TEST_Y)]


def scale(x, kind=np.float32, top=256):
    return (x.reshape(len(x), -1) / top).astype(kind)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_the_books_file_by_python_3_is_read(tmp_path, protocol):
    path = tmp_path / "mnist.pkl.gz"
    content = pickle.dumps(tuple((scale(x), y.astype(np.int64)) for x, y in THREE), protocol)
    path.write_bytes(gzip.compress(content, mtime=0))
    own = user_data.load(path)
    assert sizes(own) == [90, 30, 60]
    assert own.splits[2].x.dtype == np.uint8
    assert own.splits[2].x.tobytes() == TEST.tobytes()


PICKLES = {
    "lists, Fortran, float64": [[np.asfortranarray(scale(x, np.float64, 255)), y.tolist()] for x, y in THREE],
    "two pairs": ((TRAIN, TRAIN_Y), (TEST, TEST_Y)),
    "four arrays": (TRAIN, TRAIN_Y, TEST, TEST_Y),
    "four arrays by role": [TRAIN, TEST, TRAIN_Y, TEST_Y],
    "names": {"training_images": scale(TRAIN), "training_labels": TRAIN_Y, "test_images": TEST.reshape(60, -1) / 256,
              "test_labels": TEST_Y},
    "pairs by part": {"train": (TRAIN, TRAIN_Y), "test": (TEST, TEST_Y)},
    "names by part": {"train": {"images": TRAIN, "labels": TRAIN_Y}, "test": {"images": TEST, "labels": TEST_Y}},
    "one pair": (np.concatenate([TRAIN, TEST]), np.concatenate([TRAIN_Y, TEST_Y])),
}  # fmt: skip


@pytest.mark.parametrize("form", PICKLES)
def test_pickles_of_other_forms_are_read(tmp_path, form):
    path = tmp_path / "digits.pickle"
    path.write_bytes(pickle.dumps(PICKLES[form]))
    own = user_data.load(path)
    assert sum(sizes(own)) == 180
    assert own.splits[0].x.shape[1:] == (28, 28)
    assert {image.tobytes() for part in own.splits for image in part.x} == {x.tobytes() for x in (*TRAIN, *TEST)}


@pytest.mark.parametrize("value", [TRAIN, "text", {"a": 1}, [TRAIN] * 3, {"x": Path("here")}, [(TRAIN, TEST_Y)] * 3])
def test_pickles_without_images_and_labels_are_refused(tmp_path, value):
    path = tmp_path / "other.pkl"
    path.write_bytes(pickle.dumps(value))
    with pytest.raises(DataError, check=has(path=path)) as error:
        user_data.load(path)
    assert error.value.remedy


def put_bad(folder: Path, name: str, content: bytes) -> Path:
    put_set(folder)
    (folder / name).write_bytes(content)
    return folder


LABELS, IMAGES = "train-labels-idx1-ubyte", "train-images-idx3-ubyte"
NAN = np.where(TRAIN[7, 0, 0] == TRAIN, np.float32(np.nan), TRAIN.astype(np.float32))
BAD = {
    "truncated": (IMAGES, build_idx(TRAIN)[:5000], "got 4,984"),
    "sizes beyond all": (IMAGES, build_idx(TRAIN, (2**32 - 1,) * 3), "bytes at most"),
    "a size of 0": (IMAGES, build_idx(TRAIN, (0, 28, 28)), "each at least 1"),
    "a web page": (IMAGES, b"<html>", "IDX file"),
    "a bomb": (IMAGES, gzip.compress(build_idx(TRAIN) + bytes(50_000_000), 1), "got more"),
    "NaN": (IMAGES, build_idx(NAN), "finite number"),
    "labels in place of images": (IMAGES, build_idx(TRAIN_Y), "exchanged"),
    "images in place of labels": (LABELS, build_idx(TRAIN), "one label for each image"),
    "another number of labels": (LABELS, build_idx(TRAIN_Y[:50]), "got 50"),
    "NaN as a label": (LABELS, build_idx(np.full(120, np.nan, np.float32)), "finite number"),
    "images of another size": (IMAGES, build_idx(TRAIN[:, :14]), "as in the training set"),
}


@pytest.mark.parametrize("fault", BAD)
def test_faults_name_the_file(tmp_path, fault):
    name, content, words = BAD[fault]
    with pytest.raises(DataError, match=words) as error:
        user_data.load(put_bad(tmp_path, name, content))
    part = "t10k-images-idx3-ubyte" if fault == "images of another size" else name
    assert Path(str(error.value.path)).name == part


def test_missing_files_are_named(tmp_path):
    for missing, other in ((LABELS, IMAGES), (IMAGES, LABELS)):
        place = put_set(tmp_path / missing)
        (place / missing).unlink()
        with pytest.raises(DataError, match=missing, check=has(path=other)):
            user_data.load(place)


def test_too_many_classes_are_refused_and_fractions_are_numbers(tmp_path):
    put(tmp_path / "a" / "train-images-idx3-ubyte", np.ones((28_000, 2, 2), np.uint8))
    put(tmp_path / "a" / "train-labels-idx1-int", np.arange(28_000, dtype=np.int32))
    with pytest.raises(DataError, check=has(value=28_000)):
        user_data.load(tmp_path / "a")
    put(tmp_path / "b" / "train-images-idx3-ubyte", TRAIN)
    put(tmp_path / "b" / "train-labels-idx1-float", (TRAIN_Y / 4).astype(np.float32))
    assert user_data.load(tmp_path / "b").splits[0].y.dtype == np.float64


def test_statements_about_tables_do_not_apply(tmp_path):
    place = put_set(tmp_path)
    for name, value in (("label", "x"), ("x", "images"), ("size", (20, 20)), ("images", True)):
        with pytest.raises(DataError, check=has(argument=name)):
            user_data.load(place, options=DataOptions(**{name: value}))


def test_a_test_set_of_its_own_is_taken(tmp_path):
    put(tmp_path / "a" / IMAGES, TRAIN), put(tmp_path / "a" / LABELS, TRAIN_Y)
    put_set(tmp_path / "b")
    for other in (tmp_path / "b", tmp_path / "b" / "t10k-images-idx3-ubyte"):
        own = user_data.load(tmp_path / "a", options=DataOptions(test=str(other)))
        assert (sizes(own), own.splits[2].x.tobytes()) == (SIZES, TEST.tobytes())
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, check=has(argument="test")):
        user_data.load(tmp_path / "a", options=DataOptions(test=str(tmp_path / "empty")))


def test_digits_in_the_style_of_mnist_are_seen(tmp_path, mnist):
    if mnist[0].x.shape[1:] != (28, 28):
        pytest.skip("the small digits, in place of MNIST, have another size")
    x, y = mnist[2].x[:600], mnist[2].y[:600]
    for images in (x, x[..., None]):
        np.savez(tmp_path / "mine.npz", x=images, y=y)
        own = user_data.load(tmp_path / "mine.npz")
        assert own.splits[0].style == AS_MNIST
        assert any("as in MNIST" in note for note in own.notes)
    for i, label in enumerate(y[:60]):
        (tmp_path / "png" / str(label)).mkdir(parents=True, exist_ok=True)
        Image.fromarray(x[i]).save(tmp_path / "png" / str(label) / f"{i}.png")
    assert user_data.load(tmp_path / "png").splits[0].style == AS_MNIST
    np.savez(tmp_path / "turned.npz", x=np.stack([np.roll(one, i % 20, axis=1) for i, one in enumerate(x)]), y=y)
    assert user_data.load(tmp_path / "turned.npz").splits[0].style is None


def test_mnist_in_another_form_is_recognized(tmp_path, mnist):
    if mnist[0].x.shape[1:] != (28, 28):
        pytest.skip("the small digits, in place of MNIST, have another size")
    x, y = mnist[2].x, mnist[2].y
    path = tmp_path / "mnist.npz"
    np.savez(path, x_train=x[:200] // 2, y_train=y[:200], x_test=x, y_test=y)
    assert any("are those of MNIST" in note for note in find(path).notes)
    np.savez(path, x_train=x[:200] // 2, y_train=y[:200], x_test=x[1:], y_test=y[1:])
    found = find(path)
    assert found.name == "own mnist"
    assert any("not those of MNIST" in doubt for doubt in found.doubts)
