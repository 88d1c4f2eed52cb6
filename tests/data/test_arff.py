from __future__ import annotations

import gzip
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import scipy.io.arff
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fields import has

from deltarule import limits
from deltarule.data.arff import open_arff
from deltarule.errors import DataError

HEADER = """\
% made for this test
@RELATION leaves

@attribute width REAL
@ATTRIBUTE 'leaf kind' {oak, "red elm",'it\\'s'}
@attribute n integer  % counted
@attribute note string
@attribute day DATE "yyyy-MM-dd"
@DATA
"""
ROWS = "1.5,oak,3,'a, b',2020-01-01\n% a comment\n\n?,'red elm',400,?,?\n-2e-1 , \"it's\" , ? , x y , \"2020-01-02\"\n"


@pytest.fixture
def arff(tmp_path):
    def write(text: str | bytes, name="mine.arff"):
        (path := tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.mark.parametrize("compressed", [False, True])
def test_attributes_have_their_types(arff, compressed):
    content = (HEADER + ROWS).encode()
    reader = open_arff(arff(gzip.compress(content, mtime=0) if compressed else content))
    assert reader.names == ("width", "leaf kind", "n", "note", "day")
    assert reader.sample[0] == ["1.5", "oak", "3", "a, b", "2020-01-01"]
    table = reader.read()
    np.testing.assert_array_equal(
        table.x, [[1.5, 0, 3, 0, 0], [np.nan, 1, 400, np.nan, np.nan], [-0.2, 2, np.nan, 1, 1]]
    )
    assert [column.words for column in table.columns] == [
        (),
        ("oak", "red elm", "it's"),
        (),
        ("a, b", "x y"),
        ("2020-01-01", "2020-01-02"),
    ]
    assert reader.read(text=["leaf kind", "n"]).text["n"].tolist() == ["3", "400", ""]
    assert [len(block.x) for block in reader.blocks(2)] == [2, 1]


def test_sparse_rows_have_zeros(arff):
    text = "@attribute a real\n@attribute b {u,v}\n@attribute c real\n@data\n{0 1.5, 1 v}\n{ }\n{2 ?,1 'v'}\n"
    np.testing.assert_array_equal(open_arff(arff(text)).read().x, [[1.5, 0, 0], [0, 1, 0], [0, 0, np.nan]])
    with pytest.raises(DataError, check=has(value=2, position="line 3")):
        open_arff(arff("@attribute a real\n@data\n{2 1}\n")).read()


def test_tabs_and_weights_are_read(arff):
    reader = open_arff(arff("@attribute a real\n@attribute b string\n@data\n1\tx\n2,y, {0.5}\n"))
    assert "weights" in reader.notes[0]
    assert reader.read(text=["b"]).text["b"].tolist() == ["x", "y"]


def test_nominal_numbers_are_words(arff):
    table = open_arff(arff("@attribute class {1,0}\n@data\n0\n1\n0\n")).read()
    assert (table.columns[0].words, table.x.ravel().tolist()) == (("0", "1"), [0, 1, 0])


def test_files_are_read_as_scipy_reads_them(arff):
    folder = Path(scipy.io.__file__).parent / "arff" / "tests" / "data"
    compared = 0
    for path in sorted(folder.glob("*.arff")):
        with suppress(DataError, ValueError, NotImplementedError, scipy.io.arff.ArffError):
            expected, meta = scipy.io.arff.loadarff(path)
            reader = open_arff(path)
            assert list(reader.names) == meta.names()
            table = reader.read(text=[name for name in meta.names() if meta[name][0] != "numeric"])
            for column, numbers in zip(table.columns, table.x.T, strict=True):
                np.testing.assert_array_equal(numbers, expected[column.name])
            for name, text in table.text.items():
                if meta[name][0] == "nominal":
                    assert text.tolist() == [value.decode().strip().replace("?", "") for value in expected[name]]
            compared += 1
    assert compared > 5


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (HEADER + "1,oak,2\n", {"position": "line 10"}),
        (HEADER + "1,ash,2,x,y\n", {"position": 'line 10, column "leaf kind"', "value": "ash"}),
        (HEADER + "\nx,oak,2,x,y\n", {"position": 'line 11, column "width"', "value": "x"}),
        (HEADER + "1,oak,2,'x,y\n", {"position": "line 10"}),
        (HEADER, {}),
        ("@relation a\n@attribute a real\n", {}),
        ("@attribute a relational\n@data\n", {"position": "line 1"}),
        ("@attribute a\n@data\n", {"position": "line 1"}),
        ("a,b\n1,2\n", {"position": "line 1", "value": "a,b"}),
        ("@attribute a real\n@attribute a real\n@data\n1,2\n", {"value": "a"}),
        ("@data\n1\n", {}),
        ("", {}),
        (b"\xff\xfe@data", {}),
    ],
)
def test_damaged_files_are_refused(arff, text, fields):
    with pytest.raises(DataError, check=has(path="mine.arff", **fields)):
        open_arff(arff(text)).read()


def test_the_first_damaged_row_is_named(arff):
    """Columns are converted one after another, but rows are read from the top."""
    path = arff("@attribute a real\n@attribute b {u,v}\n@data\n1,u\n2,w\nx,u\n")
    with pytest.raises(DataError, check=has(position='line 5, column "b"', value="w", expected="one of u, v")):
        open_arff(path).read()


def test_a_long_line_takes_little_time(arff):
    for line in ("'" * 100_001, "a" * 100_000 + ",", "{" + "0 1 " * 50_000 + "}", "1,{" + "1" * 100_000):
        with pytest.raises(DataError):
            open_arff(arff(HEADER + line)).read()


def test_a_table_above_the_limit_is_refused_early(arff, monkeypatch):
    header = "".join(f"@attribute a{i} real\n" for i in range(1000))
    path = arff(header + "@data\n" + "{0 0.5}\n" * 300)
    monkeypatch.setattr(limits, "ARRAY_BYTES", 1_000_000)
    monkeypatch.setattr("deltarule.data.arff._MOST_CELLS", 20_000)
    with pytest.raises(DataError, match="1,000,000 bytes at most, got 1,1"):
        open_arff(path).read()


PIECES = [*"{},'\"\\ \t\n?%01.e", "@data\n", "@attribute ", "a real\n", "b {u,v}\n", "u", "é", "\x85", "{0 1}"]


@given(st.lists(st.sampled_from(PIECES)), st.booleans())
@settings(max_examples=150)
def test_any_text_is_read_or_refused(pieces, has_header):
    start = "@attribute a real\n@attribute b {u,v}\n@attribute c string\n@data\n" if has_header else ""
    with TemporaryDirectory() as folder:
        (path := Path(folder) / "mine.arff").write_text(start + "".join(pieces), encoding="utf-8")
        with suppress(DataError):
            reader = open_arff(path)
            table = reader.read()
            assert table.x.shape == (len(table.lines), len(reader.names))
