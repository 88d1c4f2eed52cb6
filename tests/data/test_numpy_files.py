from __future__ import annotations

import io
import pickle
import struct
import tracemalloc
import warnings
import zipfile
from contextlib import suppress

import numpy as np
import pytest
from tests.fields import has

from deltarule.data.array_file import read_arrays
from deltarule.data.numpy_files import NpzFile, is_structured, read_npy
from deltarule.errors import DataError

X = np.random.default_rng(0).integers(0, 256, (12, 6, 5), np.uint8)
Y = np.arange(12) % 3


@pytest.fixture
def npz(tmp_path):
    return tmp_path / "mine.npz"


def refusal(path) -> DataError:
    with pytest.raises(DataError) as raised:
        read_arrays(path)
    assert raised.value.path == path
    return raised.value


class Boom:
    def __reduce__(self):
        return exit, ("a pickle was opened",)


def test_pickles_are_never_opened(npz):
    bomb = np.empty(12, object)
    bomb[:] = [Boom()] * 12
    np.savez(npz, x=X, y=bomb)
    error = refusal(npz)
    assert error.argument == "y"
    assert "y.astype(str)" in error.remedy
    npz.write_bytes(pickle.dumps(Boom()))
    assert "expected an .npz file" in refusal(npz).problem
    with zipfile.ZipFile(npz, "w") as archive:
        archive.writestr("x.npy", pickle.dumps(Boom()))
        archive.writestr("y.npy", b"")
    assert refusal(npz).argument in "xy"
    np.save(path := npz.with_suffix(".npy"), bomb)
    assert "y.astype(str)" in refusal(path).remedy


@pytest.mark.parametrize("saver", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_are_read_in_both_orders(npz, saver, order):
    saver(npz, x=np.asarray(X, order=order), big=np.asarray(X, ">f8"), words=np.array(["ä", "bc"], ">U2"))
    file = NpzFile(npz)
    np.testing.assert_array_equal(file.read("x"), X)
    np.testing.assert_array_equal(file.read("big"), X)
    assert file.read("words").tolist() == ["ä", "bc"]


def test_a_damaged_npz_file_is_refused_or_read_correctly(npz):
    np.savez(npz, x=X[:, :2, :2], y=Y)
    whole = npz.read_bytes()
    for length in range(0, len(whole), 7):
        npz.write_bytes(whole[:length])
        refusal(npz)
    for position in range(0, len(whole), 5):
        npz.write_bytes(whole[:position] + bytes([whole[position] ^ 4]) + whole[position + 1 :])
        with suppress(DataError):
            x, y = read_arrays(npz).parts["all"]
            np.testing.assert_array_equal(x, X[:, :2, :2])
            assert y is None or (y == Y).all()


def test_a_damaged_npy_file_raises_only_data_errors(tmp_path):
    np.save(path := tmp_path / "mine.npy", np.array(["abc", "de"]))
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        refusal(path)
    for position in range(len(whole)):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 0x84]) + whole[position + 1 :])
        with suppress(DataError):
            repr(read_npy(path))


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
    path = npz.with_suffix(".npy")
    path.write_bytes(npy(shape, bytes(100)))
    within_a_megabyte(path)


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


def test_an_array_that_occurs_twice_is_refused(tmp_path):
    """NumPy would silently take the last."""
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number in (1.0, 2.0):
            file = io.BytesIO()
            np.save(file, np.full((2, 2), number))
            archive.writestr("x.npy", file.getvalue())
    with pytest.raises(DataError, match=r"a\.npz: expected each array once, got x\.npy twice"):
        NpzFile(tmp_path / "a.npz")


def test_an_npy_file_holds_examples(tmp_path):
    np.save(path := tmp_path / "mine.npy", X)
    x, y = read_arrays(path).parts["all"]
    np.testing.assert_array_equal(x, X)
    assert y is None
    assert not is_structured(path)


def test_a_structured_npy_file_is_a_table(tmp_path):
    rows = np.array([(1.5, "a", 7)], [("größe", float), ("ort", "U3"), ("数", int)])
    with pytest.warns(UserWarning, match="format 3.0"):
        np.save(path := tmp_path / "mine.npy", rows)
    assert is_structured(path)
    assert read_npy(path).dtype.names == ("größe", "ort", "数")
    assert "table" in refusal(path).remedy


def test_a_missing_file_is_a_data_error(tmp_path):
    for suffix in (".npz", ".npy"):
        with pytest.raises(DataError, check=has(path=f"none{suffix}")):
            read_arrays(tmp_path / f"none{suffix}")


@pytest.mark.parametrize("name", ["x.npy", "x.npz"])
def test_a_file_of_python_2_is_read_without_a_warning(name, tmp_path):
    np.save(content := io.BytesIO(), np.arange(40.0).reshape(20, 2))
    head = content.getvalue().replace(b"(20, 2)", b"(20L,2)")
    np.save(labels := io.BytesIO(), np.arange(20) % 2)
    path = tmp_path / name
    if name == "x.npy":
        path.write_bytes(head)
        assert read_npy(path).shape == (20, 2)
        return
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", head)
        archive.writestr("y.npy", labels.getvalue())
    assert read_arrays(path).parts["all"][0].shape == (20, 2)
