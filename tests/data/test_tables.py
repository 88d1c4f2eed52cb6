from __future__ import annotations

import io
import pickle
import struct
import tracemalloc
import zipfile
from contextlib import suppress

import numpy as np
import pytest

from deltarule.data import own
from deltarule.errors import DataError

RNG = np.random.default_rng(0)
X = RNG.integers(0, 256, (42, 6, 5), np.uint8)
Y = np.arange(42) % 3


def together(splits):
    x = np.concatenate([part.x for part in splits])
    y = np.concatenate([part.y for part in splits])
    return x, y


def same_pairs(splits, x, y):
    got = sorted((int(label), image.tobytes()) for image, label in zip(*together(splits), strict=True))
    return got == sorted((int(label), image.tobytes()) for image, label in zip(x, y, strict=True))


def save(path, **arrays):
    np.savez(path, **arrays)
    return path


@pytest.fixture
def npz(tmp_path):
    return tmp_path / "mine.npz"


def refusal(path, **options) -> str:
    with pytest.raises(DataError) as raised:
        own.load(path, **options)
    assert str(path) in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize("saver", [np.savez, np.savez_compressed])
def test_an_npz_is_split_by_class(npz, saver):
    saver(npz, x=X, y=Y, anything_else=np.arange(3))
    splits = own.load(npz)
    assert same_pairs(splits, X, Y)
    assert [np.bincount(part.y).tolist() for part in splits] == [[10] * 3, [2] * 3, [2] * 3]
    assert [part.name for part in splits] == ["mine training", "mine validation", "mine test"]
    assert (splits[0].x.dtype, splits[0].scale, splits[0].classes) == (np.uint8, 255.0, ("0", "1", "2"))
    again = own.load(npz)
    assert all(np.array_equal(one.x, other.x) for one, other in zip(splits, again, strict=True))


def test_test_data_that_are_brought_are_kept(npz):
    save(npz, x_train=X[:36], y_train=Y[:36], x_test=X[36:], y_test=Y[36:, None].astype(np.float64))
    training, validation, test = own.load(npz)
    np.testing.assert_array_equal(test.x, X[36:])
    np.testing.assert_array_equal(test.y, Y[36:])
    assert np.bincount(validation.y).tolist() == [2, 2, 2]
    assert same_pairs((training, validation), X[:36], Y[:36])
    assert test.name == "mine test"


@pytest.mark.parametrize(
    ("x", "dtype", "scale"),
    [
        (X, np.uint8, 255.0),
        (X % 17, np.uint8, 16.0),
        (X.astype(np.int64), np.float32, 255.0),
        (X / 255, np.float32, 1.0),
        (X - 300.0, np.float32, 300.0),
        (X > 127, np.float32, 1.0),
    ],
    ids=["bytes", "0 to 16", "integers", "fractions", "negative", "bool"],
)
def test_the_scale_follows_the_numbers(npz, x, dtype, scale):
    x = x.copy()
    x.flat[0] = x.min()
    training, *_ = own.load(save(npz, x=x, y=Y))
    assert training.x.dtype == dtype
    assert training.scale == pytest.approx(np.abs(x.astype(float)).max() if scale == 300 else scale)


def test_the_order_of_fortran_is_understood(npz):
    assert same_pairs(own.load(save(npz, x=np.asfortranarray(X), y=Y)), X, Y)


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (np.where(Y == 2, -1, Y), "y holds -1 for example 2"),
        (np.where(Y == 2, 0.5, Y), "y holds 0.5 for example 2"),
        (np.where(Y == 2, np.nan, Y), "y holds nan for example 2"),
        (np.where(Y == 2, 10**9, Y), "y holds 1000000000 for example 2"),
        (np.where(Y == 2, 4, Y), "labels go from 0 to 4, but class 2 has no example"),
        (np.zeros(42, int), "class 1 has no example; number the classes 0, 1, 2, … without a gap, two at least"),
        (Y[:-1], "42 examples but 41 labels in y"),
        (np.eye(3)[Y], "y has shape (42, 3); expected is one label for each example, (42,)"),
        (np.array(list("abc" * 14)), "mine.npz: y: holds <U1; it must hold numbers"),
    ],
)
def test_wrong_labels_are_named(npz, y, words):
    assert words in refusal(save(npz, x=X, y=y))


def test_wrong_examples_are_named(npz):
    x = X.astype(np.float32)
    x[7, 2, 2] = np.nan
    assert "x holds NaN or infinity in example 7 (the first is 0)" in refusal(save(npz, x=x, y=Y))
    x[7, 2, 2], large = 0, X.astype(np.float64)
    large[3, 1, 1] = -1e300
    assert "x holds 1e+300 in example 3 (the first is 0), and float32 ends at 3.4e+38" in refusal(
        save(npz, x=large, y=Y)
    )
    assert "x has shape (42,)" in refusal(save(npz, x=Y, y=Y))
    assert "x: holds complex128; it must hold numbers" in refusal(save(npz, x=X * 1j, y=Y))
    wrong = {"x_train": X, "y_train": Y, "x_test": X[:, 1:], "y_test": Y}
    assert "an example has shape (6, 5) in x_train, but (5, 5) in x_test" in refusal(save(npz, **wrong))
    assert "too few to train, validate" in refusal(save(npz, x=X[:2], y=Y[:2]))


def test_other_names_are_listed(npz):
    assert "holds images, labels; the arrays must be called x and y" in refusal(save(npz, images=X, labels=Y))


class Boom:
    def __reduce__(self):
        return exit, ("a pickle was opened",)


def test_pickles_stay_shut(npz):
    bomb = np.empty(42, object)
    bomb[:] = [Boom()] * 42
    assert "y: holds pickled Python objects, which could run code" in refusal(save(npz, x=X, y=bomb))
    npz.write_bytes(pickle.dumps(Boom()))
    assert "not an .npz file, or damaged" in refusal(npz)
    with zipfile.ZipFile(npz, "w") as archive:
        archive.writestr("x.npy", pickle.dumps(Boom()))
        archive.writestr("y.npy", b"")
    assert "x: cannot be read" in refusal(npz)


def test_every_truncation_and_any_flipped_bit_is_an_error_or_does_no_harm(npz):
    whole = save(npz, x=X[:12, :2, :2], y=Y[:12]).read_bytes()
    for length in range(0, len(whole), 7):
        npz.write_bytes(whole[:length])
        refusal(npz)
    for position in range(0, len(whole), 5):
        npz.write_bytes(whole[:position] + bytes([whole[position] ^ 4]) + whole[position + 1 :])
        with suppress(DataError):
            assert same_pairs(own.load(npz), X[:12, :2, :2], Y[:12])


def npy(shape: str, body: bytes = b"", dtype: str = "|u1") -> bytes:
    header = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + body


def within_a_megabyte(path) -> str:
    tracemalloc.start()
    try:
        words = refusal(path)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
        return words
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("shape", ["(4000000000, 28, 28)", "(500000000, 2)", "(-1, 5)", "(3,", "(1.5, 2)", "'text'"])
def test_a_header_that_boasts_allocates_nothing(npz, shape):
    with zipfile.ZipFile(npz, "w") as archive:
        archive.writestr("x.npy", npy(shape, bytes(100)))
        archive.writestr("y.npy", npy("(3,)", bytes(3)))
    assert "x: " in within_a_megabyte(npz)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (npy("(10, 2)", bytes(50_000_000)), "shape (10, 2) takes 20 bytes; the file holds 50,000,000"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\x02" + bytes(50_000_000), "x: cannot be read"),
    ],
    ids=["body", "header"],
)
def test_a_zip_bomb_goes_off_in_a_box(npz, content, words):
    with zipfile.ZipFile(npz, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("x.npy", content)
        archive.writestr("y.npy", npy("(10,)", bytes(10)))
    assert words in within_a_megabyte(npz)


def table(x, y, header: str = "", quote: str = "") -> str:
    rows = (
        ",".join(f"{quote}{v}{quote}" for v in (label, *row))
        for label, row in zip(y, x.reshape(len(x), -1), strict=True)
    )
    return header + "".join(f"{row}\n" for row in rows)


@pytest.fixture
def csv(tmp_path):
    path = tmp_path / "mine.csv"

    def write(text: str | bytes):
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.mark.parametrize(
    "header", ["", "label," + ",".join(f"pixel{i}" for i in range(25)) + "\n", "y," + ",".join("0" * 25) + "\n"]
)
@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_table_of_squares_is_images(csv, header, quote, mark):
    splits = own.load(csv(mark + table(X[:, :5], Y, header, quote).encode()))
    assert same_pairs(splits, X[:, :5], Y)
    assert splits[0].x.shape == (30, 5, 5)
    assert (splits[0].scale, splits[0].name) == (255.0, "mine training")


@pytest.mark.parametrize("header", ["", "letter,height,width\n", "\n,height,\n"])
def test_labels_may_be_names(csv, header):
    names = ["b", "a", '"c, or d"']
    splits = own.load(csv(header + "".join(f"{names[k]} ,{i},{k}\n" for i, k in enumerate(Y))))
    assert splits[0].classes == ("a", "b", "c, or d")
    x, y = together(splits)
    assert np.bincount(y).tolist() == [14, 14, 14]
    assert [("b", "a", "c, or d")[int(k)] for _, k in x] == [splits[0].classes[k] for k in y]


def test_other_tables_stay_rows(csv):
    training, *_ = own.load(csv(table(X[:, :2, :2] / 100, Y)))
    assert (training.x.shape, training.x.dtype) == ((30, 4), np.float32)
    training, *_ = own.load(csv("\r\n".join(f"{i % 2}.0,{i},{-i}e-2" for i in range(20)) + "\r\n\r\n"))
    assert (training.x.shape, training.scale) == ((16, 2), 19.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the table has no rows"),
        ("label,a,b\n", "the table has no rows"),
        ("\n\n", "the table has no rows"),
        ("0,1,2\n1,2\n", ", line 2: 2 columns, where the first row has 3"),
        ("y,a,b\n0,1,2\n1,2,x\n", ", line 3: 'x' in column 3 is not a number"),
        ("0,1,2\n1,,3\n", ", line 2: '' in column 2 is not a number"),
        ("0;1;2\n1;2;3\n", "a row holds '0;1;2' alone; the label comes first"),
        ("1\n0\n", "a row holds '1' alone; the label comes first, "),
        ("5.1,3.5,setosa\n4.9,3.0,setosa\n", ", line 1: 'setosa' in column 3 is not a number; the label comes first, "),
        ("1,2,3\none,2,3\n", ", line 2: 'one' in column 1 is not a number; the label comes first, a whole number"),
        ("one,2,3\n ,2,3\n", ", line 2: the label is missing"),
        ("a,1.5,?\n" + "b,2.5,1\n" * 15, ", line 1: '?' in column 3 is not a number"),
        ("0,1.5,\n1,2.5,\n", ", line 1: '' in column 3 is not a number"),
        ("y,a,b\n" + "0,1,2\n1,2,nan\n" * 9, ", line 3: 'nan' in column 3 is no finite number"),
        ("0,1,2\n1,2,1e300\n" * 9, ", line 2: '1e300' in column 3 is no finite number, or above 3.4e+38"),
        ("0,1,2\n0.5,2,3\n" * 9, ", line 2: the label '0.5' is no whole number from 0"),
        ("0,1,2\n\n-1,2,3\n" * 9, ", line 3: the label '-1' is no whole number from 0"),
        ("0,1,2\n1000000,2,3\n" * 9, ", line 2: the label '1000000' is no whole number from 0"),
        ('y,"a,b\n0,1,2\n', "the table has no rows; a quotation mark may not be closed"),
        ('"0,1,2\n0,1,2\n', "with commas between; a quotation mark may not be closed"),
        (b"\x89PNG\r\n\x1a\n\xff\xfe\x00", "not a table of text"),
        (b"0,1\n1,\x002\n", ""),
        ("0," + "1" * 200_000, "field larger than field limit"),
        ("0,1\n0,1\n1," + "x" * 200_000, "mine.csv"),
    ],
    ids=lambda given: repr(given)[:80],
)
def test_wrong_tables_are_named(csv, text, words):
    assert words in refusal(csv(text))


def test_a_table_that_cannot_be_read(tmp_path, monkeypatch):
    def refuse(*arguments, **options):
        raise OSError(5, "Input/output error")

    (tmp_path / "mine.csv").write_text("0,1\n1,2\n")
    monkeypatch.setattr(np, "loadtxt", refuse)
    assert "mine.csv: cannot be read: Input/output error" in refusal(tmp_path / "mine.csv")


def test_small_classes_are_learned_from_alone(csv):
    splits = own.load(csv("".join(f"{label},{i}\n" for i, label in enumerate([0] * 10 + [1] + [2] * 2))))
    assert [np.bincount(part.y, minlength=3).tolist() for part in splits] == [[8, 1, 2], [1, 0, 0], [1, 0, 0]]


def test_other_files_are_refused(tmp_path, csv):
    (tmp_path / "mine.mat").write_bytes(b"MATLAB")
    assert "a folder of pictures, an .npz file or a .csv table" in refusal(tmp_path / "mine.mat")
    assert "size is for folders of pictures only" in refusal(csv("0,1\n"), size=(8, 8))


def test_an_archive_of_another_kind(npz):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "nothing here")
    npz.write_bytes(buffer.getvalue())
    assert "holds readme.txt; the arrays must be called" in refusal(npz)
