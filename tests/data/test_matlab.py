from __future__ import annotations

import io
import tracemalloc
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import scipy.io
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.io import savemat
from tests.fields import has

from deltarule import limits
from deltarule.data.array_file import read_arrays
from deltarule.data.matlab import MatFile
from deltarule.data.options import DataOptions
from deltarule.errors import DataError

X = np.random.default_rng(0).integers(0, 256, (12, 6, 5), np.uint8)
Y = np.arange(12) % 3 + 1


@pytest.fixture
def mat(tmp_path):
    def save(compressed=True, version="5", **arrays):
        savemat(tmp_path / "mine.mat", arrays, do_compression=compressed, format=version)
        return tmp_path / "mine.mat"

    return save


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_the_axis_of_the_examples_is_the_one_as_long_as_the_labels(mat, compressed, axis):
    file = read_arrays(mat(compressed, X=np.moveaxis(X, 0, axis), y=Y[:, None].astype(float)))
    x, y = file.parts["all"]
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(y, Y)
    assert len(file.notes) == 1 + (axis > 0)


def test_columns_of_examples_are_turned_with_their_labels(mat):
    targets = np.arange(24.0).reshape(12, 2)
    x, y = read_arrays(mat(x=X[:, 0].T, y=targets.T)).parts["all"]
    np.testing.assert_array_equal(x, X[:, 0])
    np.testing.assert_array_equal(y, targets)


def test_an_axis_that_is_not_clear_must_be_stated(mat):
    path = mat(x=X[:6], y=Y[:6])
    with pytest.raises(DataError, check=has(argument="x", path="mine.mat")) as raised:
        read_arrays(path)
    assert "axis=0" in raised.value.remedy
    np.testing.assert_array_equal(read_arrays(path, DataOptions(axis=0)).parts["all"][0], X[:6])
    np.testing.assert_array_equal(read_arrays(path, DataOptions(axis=1)).parts["all"][0], np.moveaxis(X[:6], 1, 0))
    with pytest.raises(DataError, match="axis"):
        read_arrays(mat(x=X))
    assert read_arrays(mat(x=X[:, 0])).parts["all"][0].shape == (12, 5)
    with pytest.raises(DataError, match="12 examples, got 7 labels"):
        read_arrays(mat(x=X, y=Y[:7]))


def test_logical_arrays_are_labels_of_0_and_1(mat):
    x, y = read_arrays(mat(x=X > 127, y=Y > 1)).parts["all"]
    np.testing.assert_array_equal(x, X > 127)
    np.testing.assert_array_equal(y, Y > 1)
    assert MatFile(mat(x=X > 127)).describe() == ["x (12, 6, 5) logical"]


def test_text_is_read_from_cells_and_rows_of_letters(mat):
    words = np.array([["setosa"], [""], ["été"]], object)
    assert read_arrays(mat(x=np.zeros((3, 2)), y=words)).parts["all"][1].tolist() == ["setosa", "", "été"]
    letters = np.array(["setosa", "b", "été"])
    assert read_arrays(mat(x=np.zeros((3, 2)), y=letters)).parts["all"][1].tolist() == ["setosa", "b", "été"]


def test_sparse_matrices_become_dense(mat):
    x = scipy.sparse.csc_array(np.eye(4)[:3])
    np.testing.assert_array_equal(read_arrays(mat(x=x, y=Y[:3])).parts["all"][0], np.eye(4)[:3])


@pytest.mark.parametrize(
    "y",
    [
        {"a": 1},
        np.array([[1.0], ["b"]], object),
        np.array([[np.eye(2)]], object),
        np.array([1j, 2j]),
        np.zeros(0),
    ],
    ids=["struct", "mixed cells", "cells of numbers", "complex", "empty"],
)
def test_other_arrays_are_refused(mat, y):
    with pytest.raises(DataError, check=has(argument="y", path="mine.mat")):
        read_arrays(mat(x=np.zeros((2, 2)), y=y))


def test_other_versions_are_refused(mat):
    with pytest.raises(DataError, match="-v7"):
        read_arrays(mat(False, "4", x=X[:, 0], y=Y))
    path = mat(x=X)
    for content in (
        b"MATLAB 7.4 MAT-file".ljust(124) + b"\x00\x02IM",
        b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(512) + b"\x89HDF\r\n\x1a\n",
        b"\x89HDF\r\n\x1a\n",
    ):
        path.write_bytes(content)
        with pytest.raises(DataError, match="-v7"):
            read_arrays(path)


def test_damaged_files_raise_only_data_errors(mat):
    for compressed in (True, False):
        path = mat(compressed, x=X[:, 0, :2].astype(float), y=Y, w=np.array([["a"], ["b"]], object))
        whole = path.read_bytes()
        for length in range(0, len(whole), 23):
            path.write_bytes(whole[:length])
            with suppress(DataError):
                read_arrays(path)
        for position in range(100, len(whole), 7):
            path.write_bytes(whole[:position] + bytes([whole[position] ^ 0x24]) + whole[position + 1 :])
            with suppress(DataError):
                read_arrays(path, DataOptions(x="x", y="w"))


def test_a_bomb_is_refused_with_little_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "ARRAY_BYTES", 20_000_000)
    savemat(path := tmp_path / "bomb.mat", {"x": np.zeros(30_000_000, np.uint8)}, do_compression=True)
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="20,000,000 bytes at most"):
            read_arrays(path)
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


def test_files_of_matlab_are_read_as_scipy_reads_them():
    """Compare the readers on the files that SciPy carries, which MATLAB wrote on several machines."""
    folder = Path(scipy.io.__file__).parent / "matlab" / "tests" / "data"
    compared = 0
    assert folder.is_dir()
    for path in sorted(set(folder.glob("test*_[67]*.mat")) - set(folder.glob("testhdf5*"))):
        file, expected = MatFile(path), scipy.io.loadmat(path, chars_as_strings=True)
        for name in file.names:
            with suppress(DataError):
                got, other = file.read(name), expected[name]
                if scipy.sparse.issparse(other):
                    other = other.toarray()
                if other.dtype != object:
                    np.testing.assert_array_equal(got, np.strings.rstrip(other) if got.dtype.kind == "U" else other)
                    compared += 1
    assert compared > 20


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ((3, 3), (3, 2**31 - 1)),
        ((3, 3), (0, 2**31 - 1)),
        ((3, 4), (2**31 - 1, 0)),
        ((0, 1, 2, 3), (0, 1, 2**31 - 1, 3)),
    ],
    ids=["sizes", "sizes without rows", "rows of letters", "columns of a sparse matrix"],
)
def test_false_sizes_allocate_no_memory(tmp_path, old, new):
    def pack(numbers):
        return np.array(numbers, "<i4").tobytes()

    stream = io.BytesIO()
    savemat(stream, {"s": scipy.sparse.csc_array(np.eye(3)), "w": np.array(["abcd", "abcd", "abcd"])})
    assert pack(old) in stream.getvalue()
    (path := tmp_path / "mine.mat").write_bytes(stream.getvalue().replace(pack(old), pack(new)))
    tracemalloc.start()
    try:
        for name in "sw":
            with suppress(DataError):
                MatFile(path).read(name)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@given(st.data())
@settings(max_examples=60)
def test_any_change_of_a_file_raises_only_data_errors(data):
    content = data.draw(st.sampled_from(WHOLE_FILES))
    at = data.draw(st.integers(0, len(content) - 1))
    piece = data.draw(st.binary(min_size=1, max_size=12))
    changed = content[:at] + piece + content[at + data.draw(st.integers(0, 12)) :]
    with TemporaryDirectory() as folder:
        (path := Path(folder) / "mine.mat").write_bytes(changed)
        for name in "xcws":
            with suppress(DataError):
                repr(read_arrays(path, DataOptions(x="x", y=name)))


def save_bytes(compressed):
    stream = io.BytesIO()
    arrays = {
        "x": X[:3, 0].astype(float), "c": np.array([["a"], ["bc"], [""]], object), "w": np.array(["ab", "c", "d"]),
        "s": scipy.sparse.csc_array(np.eye(3)),
    }  # fmt: skip
    savemat(stream, arrays, do_compression=compressed)
    return stream.getvalue()


WHOLE_FILES = [save_bytes(False), save_bytes(True)]
