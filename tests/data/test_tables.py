from __future__ import annotations

import io
import pickle
import struct
import tracemalloc
import zipfile
from contextlib import suppress

import numpy as np
import pytest

from deltarule.data import user_data
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


def refusal(path, **options) -> DataError:
    with pytest.raises(DataError) as raised:
        user_data.load(path, **options)
    assert raised.value.path == path
    return raised.value


@pytest.mark.parametrize("saver", [np.savez, np.savez_compressed])
def test_an_npz_file_is_split_by_class(npz, saver):
    saver(npz, x=X, y=Y, anything_else=np.arange(3))
    splits = user_data.load(npz)
    assert same_pairs(splits, X, Y)
    assert [np.bincount(part.y).tolist() for part in splits] == [[10] * 3, [2] * 3, [2] * 3]
    assert [part.name for part in splits] == ["mine training", "mine validation", "mine test"]
    assert (splits[0].x.dtype, splits[0].scale, splits[0].classes) == (np.uint8, 255.0, ("0", "1", "2"))
    again = user_data.load(npz)
    assert all(np.array_equal(one.x, other.x) for one, other in zip(splits, again, strict=True))


def test_the_test_set_of_an_npz_file_is_kept(npz):
    save(npz, x_train=X[:36], y_train=Y[:36], x_test=X[36:], y_test=Y[36:, None].astype(np.float64))
    training, validation, test = user_data.load(npz)
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
def test_the_scale_depends_on_the_numbers(npz, x, dtype, scale):
    x = x.copy()
    x.flat[0] = x.min()
    training, *_ = user_data.load(save(npz, x=x, y=Y))
    assert training.x.dtype == dtype
    assert training.scale == pytest.approx(np.abs(x.astype(float)).max() if scale == 300 else scale)


def test_fortran_order_is_read(npz):
    assert same_pairs(user_data.load(save(npz, x=np.asfortranarray(X), y=Y)), X, Y)


@pytest.mark.parametrize("wrong", [-1, 0.5, 10**9, np.nan])
def test_the_error_names_the_first_invalid_label(npz, wrong):
    error = refusal(save(npz, x=X, y=np.where(Y == 2, wrong, Y)))
    assert (error.argument, error.position) == ("y", "example 2 (the first is 0)")
    assert error.value == pytest.approx(wrong, nan_ok=True)


@pytest.mark.parametrize(
    ("y", "argument", "words"),
    [
        (np.where(Y == 2, 4, Y), "", "got none of class 2 and labels from 0 to 4"),
        (np.zeros(42, int), "", "none of class 1"),
        (Y[:-1], "y", "42 examples, shape (42,), got 41 labels"),
        (np.eye(3)[Y], "y", "got shape (42, 3)"),
        (np.array(list("abc" * 14)), "y", "got dtype('<U1')"),
    ],
)
def test_labels_that_do_not_number_the_classes_are_refused(npz, y, argument, words):
    error = refusal(save(npz, x=X, y=y))
    assert error.argument == argument
    assert words in str(error)


def test_the_error_names_the_first_invalid_example(npz):
    x = X.astype(np.float32)
    x[7, 2, 2] = np.nan
    error = refusal(save(npz, x=x, y=Y))
    assert (error.argument, error.position, str(error.value)) == ("x", "example 7 (the first is 0)", "nan")
    x[7, 2, 2], large = 0, X.astype(np.float64)
    large[3, 1, 1] = -1e300
    error = refusal(save(npz, x=large, y=Y))
    assert (error.argument, error.position, error.value) == ("x", "example 3 (the first is 0)", -1e300)
    error = refusal(save(npz, x=Y, y=Y))
    assert (error.argument, error.value) == ("x", (42,))
    error = refusal(save(npz, x=X * 1j, y=Y))
    assert (error.argument, error.value) == ("x", np.complex128)
    error = refusal(save(npz, x_train=X, y_train=Y, x_test=X[:, 1:], y_test=Y))
    assert (error.argument, error.value) == ("x_test", (5, 5))
    assert "got 2" in refusal(save(npz, x=X[:2], y=Y[:2])).problem


def test_the_error_lists_the_names_of_other_arrays(npz):
    assert refusal(save(npz, images=X, labels=Y)).problem.endswith("got images, labels")


class Boom:
    def __reduce__(self):
        return exit, ("a pickle was opened",)


def test_pickles_are_never_opened(npz):
    bomb = np.empty(42, object)
    bomb[:] = [Boom()] * 42
    error = refusal(save(npz, x=X, y=bomb))
    assert error.argument == "y"
    assert "pickled Python objects" in error.problem
    npz.write_bytes(pickle.dumps(Boom()))
    assert "expected an .npz file" in refusal(npz).problem
    with zipfile.ZipFile(npz, "w") as archive:
        archive.writestr("x.npy", pickle.dumps(Boom()))
        archive.writestr("y.npy", b"")
    assert refusal(npz).argument == "x"


def test_a_damaged_npz_file_is_refused_or_read_correctly(npz):
    whole = save(npz, x=X[:12, :2, :2], y=Y[:12]).read_bytes()
    for length in range(0, len(whole), 7):
        npz.write_bytes(whole[:length])
        refusal(npz)
    for position in range(0, len(whole), 5):
        npz.write_bytes(whole[:position] + bytes([whole[position] ^ 4]) + whole[position + 1 :])
        with suppress(DataError):
            assert same_pairs(user_data.load(npz), X[:12, :2, :2], Y[:12])


def npy(shape: str, body: bytes = b"", dtype: str = "|u1") -> bytes:
    header = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + body


def within_a_megabyte(path) -> DataError:
    tracemalloc.start()
    try:
        error = refusal(path)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
        return error
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("shape", ["(4000000000, 28, 28)", "(500000000, 2)", "(-1, 5)", "(3,", "(1.5, 2)", "'text'"])
def test_a_header_with_a_false_shape_allocates_no_memory(npz, shape):
    with zipfile.ZipFile(npz, "w") as archive:
        archive.writestr("x.npy", npy(shape, bytes(100)))
        archive.writestr("y.npy", npy("(3,)", bytes(3)))
    assert within_a_megabyte(npz).argument == "x"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (npy("(10, 2)", bytes(50_000_000)), "shape (10, 2), which takes 20"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\x02" + bytes(50_000_000), "expected a readable array"),
    ],
    ids=["body", "header"],
)
def test_a_zip_bomb_is_refused_with_little_memory(npz, content, words):
    with zipfile.ZipFile(npz, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("x.npy", content)
        archive.writestr("y.npy", npy("(10,)", bytes(10)))
    assert words in within_a_megabyte(npz).problem


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
def test_rows_of_square_length_become_images(csv, header, quote, mark):
    splits = user_data.load(csv(mark + table(X[:, :5], Y, header, quote).encode()))
    assert same_pairs(splits, X[:, :5], Y)
    assert splits[0].x.shape == (30, 5, 5)
    assert (splits[0].scale, splits[0].name) == (255.0, "mine training")


@pytest.mark.parametrize("header", ["", "letter,height,width\n", "\n,height,\n"])
def test_labels_may_be_names(csv, header):
    names = ["b", "a", '"c, or d"']
    splits = user_data.load(csv(header + "".join(f"{names[k]} ,{i},{k}\n" for i, k in enumerate(Y))))
    assert splits[0].classes == ("a", "b", "c, or d")
    x, y = together(splits)
    assert np.bincount(y).tolist() == [14, 14, 14]
    assert [("b", "a", "c, or d")[int(k)] for _, k in x] == [splits[0].classes[k] for k in y]


def test_other_rows_stay_rows(csv):
    training, *_ = user_data.load(csv(table(X[:, :2, :2] / 100, Y)))
    assert (training.x.shape, training.x.dtype) == ((30, 4), np.float32)
    training, *_ = user_data.load(csv("\r\n".join(f"{i % 2}.0,{i},{-i}e-2" for i in range(20)) + "\r\n\r\n"))
    assert (training.x.shape, training.scale) == ((16, 2), 19.0)


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("", "", "got no rows"),
        ("label,a,b\n", "", "got no rows"),
        ("\n\n", "", "got no rows"),
        ("0,1,2\n1,2\n", "line 2", "expected 3 columns, as the first row has, got 2"),
        ("y,a,b\n0,1,2\n1,2,x\n", "line 3, column 3", "a number, got 'x'"),
        ("0,1,2\n1,,3\n", "line 2, column 2", "a number, got ''"),
        ("0;1;2\n1;2;3\n", "", "only the text '0;1;2'"),
        ("1\n0\n", "", "only the text '1'"),
        ("5.1,3.5,setosa\n4.9,3.0,setosa\n", "line 1, column 3", "got 'setosa'"),
        ("1,2,3\none,2,3\n", "line 2, column 1", "got 'one'"),
        ("one,2,3\n ,2,3\n", "line 2", "a label"),
        ("a,1.5,?\n" + "b,2.5,1\n" * 15, "line 1, column 3", "got '?'"),
        ("0,1.5,\n1,2.5,\n", "line 1, column 3", "got ''"),
        ("y,a,b\n" + "0,1,2\n1,2,nan\n" * 9, "line 3, column 3", "finite number up to 3.4e+38, got 'nan'"),
        ("0,1,2\n1,2,1e300\n" * 9, "line 2, column 3", "finite number up to 3.4e+38, got '1e300'"),
        ("0,1,2\n0.5,2,3\n" * 9, "line 2, column 1", "a label, a whole number from 0"),
        ("0,1,2\n\n-1,2,3\n" * 9, "line 3, column 1", "got '-1'"),
        ("0,1,2\n1000000,2,3\n" * 9, "line 2, column 1", "got '1000000'"),
        ('y,"a,b\n0,1,2\n', "", "quotation mark"),
        ('"0,1,2\n0,1,2\n', "", "quotation mark"),
        (b"\x89PNG\r\n\x1a\n\xff\xfe\x00", "", "expected a table of text"),
        (b"0,1\n1,\x002\n", "line 2, column 2", ""),
        ("0," + "1" * 200_000, "", "field larger than field limit"),
        ("0,1\n0,1\n1," + "x" * 200_000, "", ""),
    ],
    ids=lambda given: repr(given)[:80],
)
def test_errors_in_a_table_have_a_position(csv, text, position, words):
    error = refusal(csv(text))
    assert error.position == position
    assert words in str(error)


def test_a_table_that_cannot_be_read_is_refused(tmp_path, monkeypatch):
    def refuse(*arguments, **options):
        raise OSError(5, "Input/output error")

    (tmp_path / "mine.csv").write_text("0,1\n1,2\n")
    monkeypatch.setattr(np, "loadtxt", refuse)
    assert "Input/output error" in refusal(tmp_path / "mine.csv").problem


def test_small_classes_are_only_in_the_training_set(csv):
    splits = user_data.load(csv("".join(f"{label},{i}\n" for i, label in enumerate([0] * 10 + [1] + [2] * 2))))
    assert [np.bincount(part.y, minlength=3).tolist() for part in splits] == [[8, 1, 2], [1, 0, 0], [1, 0, 0]]


def test_other_files_are_refused(tmp_path, csv):
    (tmp_path / "mine.mat").write_bytes(b"MATLAB")
    assert refusal(tmp_path / "mine.mat").value == "mine.mat"
    assert refusal(csv("0,1\n"), size=(8, 8)).argument == "size"


def test_an_archive_without_arrays_is_refused(npz):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "nothing here")
    npz.write_bytes(buffer.getvalue())
    assert refusal(npz).problem.endswith("got readme.txt")
