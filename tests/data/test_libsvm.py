from __future__ import annotations

import gzip
import io
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import dump_svmlight_file, load_svmlight_file
from tests.fields import has

from deltarule import limits
from deltarule.data.libsvm import open_libsvm
from deltarule.errors import DataError


@pytest.fixture
def svm(tmp_path):
    def write(text: str | bytes, name="mine.libsvm"):
        (path := tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.mark.parametrize("from_zero", [True, False])
def test_files_of_scikit_learn_are_read(svm, from_zero):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(50, 7)).round(3) * rng.integers(0, 2, (50, 7))  # the writer rounds to 16 digits
    x[0, [0, 6]] = 1
    y = rng.integers(-1, 2, 50)
    dump_svmlight_file(x, y, stream := io.BytesIO(), zero_based=from_zero, comment="made here", query_id=np.arange(50))
    reader = open_libsvm(svm(stream.getvalue()))
    start = 1 - from_zero
    assert reader.names == ("label", *(f"feature {i}" for i in range(start, start + 7)))
    assert reader.notes[0].startswith(f"the features are numbered from {start} to {start + 6}")
    assert "qid" in reader.notes[1]
    table = reader.read(text=["label"])
    np.testing.assert_array_equal(table.x, x)
    assert table.text["label"].tolist() == list(map(str, y))
    blocks = list(reader.blocks(8, text=["label"]))
    np.testing.assert_array_equal(np.concatenate([block.x for block in blocks]), x)
    expected, _ = load_svmlight_file(str(svm(stream.getvalue())), zero_based=from_zero)
    np.testing.assert_array_equal(table.x, expected.toarray())


def test_labels_stay_as_written(svm):
    reader = open_libsvm(svm("# heading\n+1 1:1 # first\n\n1;3 2:.5e1\n0.50\t3:-2.\ncat\n"))
    table = reader.read(text=["label"])
    assert table.text["label"].tolist() == ["+1", "1;3", "0.50", "cat"]
    assert table.x.tolist() == [[1, 0, 0], [0, 5, 0], [0, 0, -2], [0, 0, 0]]
    assert reader.sample[0] == ["+1", "1", "0", "0"]


@pytest.mark.parametrize("has_empty", [True, False])
def test_several_labels_are_refused_and_never_decimals(svm, has_empty):
    y = np.array([[1, 0, 1], [0, 1, 0], [1, 1, 0], [not has_empty, 0, 0]], int)
    dump_svmlight_file(np.ones((4, 2)), y, stream := io.BytesIO(), multilabel=True)
    with pytest.raises(DataError, check=has(position="line 1", value="0,2")) as raised:
        open_libsvm(svm(stream.getvalue()))
    assert "a column of 0 and 1 for each label" in raised.value.remedy
    first_empty = stream.getvalue().splitlines(keepends=True)[::-1]
    with pytest.raises(DataError) as raised:
        open_libsvm(svm(b"".join(first_empty)))
    assert "a column of 0 and 1 for each label" in raised.value.remedy


def test_bytes_and_gzip_are_read(svm):
    path = svm(gzip.compress(b"3 1:255\n4 2:7\n", mtime=0), "mine.libsvm.gz")
    assert open_libsvm(path).read(text=["label"]).x.dtype == np.uint8


def test_the_width_of_a_test_set_is_that_of_the_model(svm):
    path = svm("1 2:5\n")
    known = [f"feature {i}" for i in range(5)]
    reader = open_libsvm(path, known)
    assert reader.names == ("label", *known)
    assert reader.read(text=["label"]).x.tolist() == [[0, 0, 5, 0, 0]]
    assert open_libsvm(svm("1 9:5\n"), known).names[-1] == "feature 9"
    assert open_libsvm(svm("1 2:5\n"), ["height"]).names == ("label", "feature 1", "feature 2")


def test_columns_can_be_left_out(svm):
    table = open_libsvm(svm("1 1:5 3:7\n")).read(skip=["label", "feature 2"])
    assert ([column.name for column in table.columns], table.x.tolist()) == (["feature 1", "feature 3"], [[5, 7]])


@pytest.mark.parametrize(
    ("text", "position", "value"),
    [
        ("1 1:2\n1:2 2:3\n", "line 2", "1:2"),
        ("1 1:2\n\n1 1:x\n", "line 3", "1:x"),
        ("1 1:2 3\n", "line 1", "3"),
        ("1 1:1_0\n", "line 1", "1:1_0"),
        ("1 1:0x1F\n", "line 1", "1:0x1F"),
        ("1 -1:2\n", "line 1", "-1:2"),
        ("1 1:nan\n", "line 1", "1:nan"),
        ("1 1: 2\n", "line 1", "1:"),
        ("a,b,c\n1,2,3\n", None, None),
        ("", None, None),
        ("# only a comment\n", None, None),
        ("1 2000000:1\n", None, 2000000),
    ],
)
def test_other_lines_are_refused(svm, text, position, value):
    with pytest.raises(DataError, check=has(path="mine.libsvm")) as raised:
        open_libsvm(svm(text))
    if position:
        assert (raised.value.position, raised.value.value) == (position, value)


@pytest.mark.parametrize("features", ["2:1 1:1", "1:1 1:2"])
def test_indices_must_rise(svm, features):
    with pytest.raises(DataError, check=has(position="line 2")):
        open_libsvm(svm(f"1 1:1 5:2\n1 {features}\n")).read()


def test_a_table_above_the_limit_is_refused(svm, monkeypatch):
    path = svm("1 1:2 20000:0.5\n" * 300)
    assert len(open_libsvm(path).sample) == 49
    monkeypatch.setattr(limits, "ARRAY_BYTES", 2_000_000)
    with pytest.raises(DataError, match="2,000,000 bytes at most"):
        open_libsvm(path).read()


def test_a_long_line_takes_little_time(svm):
    for line in ("1 1:" + "1" * 100_000 + "x", "1 " * 50_000, "1" + " 1:1" * 30_000 + "!", " " * 100_000 + ":"):
        with pytest.raises(DataError):
            open_libsvm(svm(line))


@given(
    st.lists(
        st.sampled_from(
            [*"0123456789", ":", " ", ".", "-", "+", "e", "\n", "\t", "#", "qid:", "nan", "é", "\x85", "1:2"]
        )
    )
)
@settings(max_examples=150)
def test_any_text_is_read_or_refused(pieces):
    with TemporaryDirectory() as folder:
        (path := Path(folder) / "mine.svm").write_text("".join(pieces), encoding="utf-8")
        with suppress(DataError):
            reader = open_libsvm(path)
            table = reader.read(text=["label"])
            assert table.x.shape == (len(table.text["label"]), len(reader.names) - 1)
