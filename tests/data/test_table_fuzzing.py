"""Arbitrary and mutated tables give a DataError, or the values that the csv module and float() give."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from deltarule.data.delimited import open_delimited
from deltarule.data.options import DataOptions
from deltarule.errors import DataError, format_error

QUICK = settings(max_examples=100, suppress_health_check=list(HealthCheck))
HOLES = {"", "na", "n/a", "#n/a", "<na>", "nan", "+nan", "-nan", "null", "none", "?", "-"}
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


@pytest.fixture(scope="module")
def folder():
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def read(folder, content, text=(), **options):
    """Return a table and its reader, or None for a DataError."""
    path = folder / "table.csv"
    path.write_bytes(content)
    fault = None
    try:
        reader = open_delimited(path, DataOptions(**options))
        wanted = [name for i, name in enumerate(reader.names) if i in text]
        table = reader.read(text=wanted)
        check_blocks(reader, table, wanted)
    except DataError as error:
        fault = error
    if fault is not None:
        assert Path(fault.path) == path
        assert format_error(fault)
        return None
    assert len(table.x) == len(table.lines) > 0
    assert len(table.columns) + len(wanted) == len(reader.names) == len(set(reader.names))
    assert not np.isinf(table.x).any()
    return reader, table


def check_blocks(reader, table, wanted):
    """Reading in blocks gives the same table."""
    words = {column.name: column.words for column in table.columns if column.words}
    blocks = list(reader.blocks(2, text=wanted, words=words))
    assert np.array_equal(np.concatenate([block.x for block in blocks]), table.x, equal_nan=True)
    assert np.concatenate([block.lines for block in blocks]).tolist() == table.lines.tolist()
    for name in wanted:
        assert np.concatenate([block.text[name] for block in blocks]).tolist() == table.text[name].tolist()


def values(table):
    """Return the cells of a table as a reader without types would: numbers, words, or None."""
    columns = []
    for i, column in enumerate(table.columns):
        codes = table.x[:, i].tolist()
        cells = [None if code != code else column.words[int(code)] if column.words else float(code) for code in codes]
        columns.append(cells)
    return columns


def expect(rows, i):
    """Return the expected cells of a column, by csv and float alone."""
    cells = [row[i].strip() for row in rows]
    numbers = all(NUMBER.fullmatch(cell) or cell.lower() in HOLES for cell in cells)
    if numbers:
        return [None if cell.lower() in HOLES else float(cell) for cell in cells]
    return [cell or None for cell in cells]


@QUICK
@given(st.binary(max_size=200))
@example(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03")
@example(b'"\n","\n","')
@example(b"\xef\xbb\xbf")
@example(b'e\n"\n"')
@example(b"\r\r\n\n\r1,2\r")
def test_arbitrary_bytes_give_a_table_or_a_data_error(folder, content):
    read(folder, content)


@QUICK
@given(st.text(alphabet="01.5,;\t -+eE\"'\n\r#NaxyÿÀ１_\x0b\x1c\u2028\xa0", max_size=120))
def test_text_like_tables_gives_a_table_or_a_data_error(folder, content):
    read(folder, content.encode(), text=(0,))


CELLS = st.one_of(
    st.integers(-3, 300).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["", "NA", "?", "+1", "007", "1_0", "0x1F", "１", "true", "oak", "a b", 'q"', "x,y", "-0", " 7 "]),
    st.text(alphabet="ab,;\"' \n", max_size=5),
)


@st.composite
def tables(draw):
    width = draw(st.integers(2, 4))
    kinds = [draw(st.sampled_from(["bytes", "floats", "mixed"])) for _ in range(width)]
    each = {"bytes": st.integers(0, 255).map(str), "floats": st.floats(-1e9, 1e9).map(repr), "mixed": CELLS}
    n = draw(st.integers(1, 6))
    return [[draw(each[kind]) for kind in kinds] for _ in range(n)]


@QUICK
@given(tables(), st.sampled_from(",;\t"), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans(), st.booleans())
def test_values_are_those_of_csv_and_float(folder, rows, delimiter, end, heading, quote):
    file = io.StringIO()
    quoting = csv.QUOTE_ALL if quote else csv.QUOTE_MINIMAL
    writer = csv.writer(file, delimiter=delimiter, lineterminator="\n", quoting=quoting)
    names = [f"c{i}" for i in range(len(rows[0]))]
    writer.writerows([names] * heading + rows)
    content = file.getvalue().replace("\n", end).encode()
    found = read(folder, content, text=(0,), delimiter=delimiter, decimal=".", heading=heading)
    if found is None:
        return
    reader, table = found
    again = list(csv.reader(io.StringIO(file.getvalue()), delimiter=delimiter, skipinitialspace=True))
    rows = again[heading:]
    assert table.text[reader.names[0]].tolist() == [row[0].strip() for row in rows]
    for i, cells in enumerate(values(table), 1):
        assert cells == expect(rows, i)


@QUICK
@given(st.data())
def test_a_mutated_table_gives_a_table_or_a_data_error(folder, data):
    content = bytearray(b'label,a,"b c",d\noak,1,2.5,"x, y"\nelm,3,,z\n"a ""q""",255,1e3,z\n' * 3)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        change = data.draw(st.sampled_from(["set", "insert", "delete"]))
        byte = data.draw(st.one_of(st.sampled_from(b'\n\r,;\t" \0'), st.integers(0, 255)))
        if change == "set":
            content[place] = byte
        elif change == "insert":
            content.insert(place, byte)
        else:
            del content[place : place + data.draw(st.integers(1, 5))]
    read(folder, bytes(content), text=(0,))
