from __future__ import annotations

import datetime as dt
import zipfile
from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook
from tests.fields import has

from deltarule import limits
from deltarule.data.excel import open_excel
from deltarule.data.options import DataOptions
from deltarule.errors import DataError

ROWS = [
    ("word", "n", "flag", "day", "code"),
    ("b", 1.5, True, dt.date(2020, 1, 1), "007"),
    (" a ", None, False, dt.datetime(2020, 1, 2), "08"),
    (None, 300, True, dt.date(2020, 1, 1), "007"),
]


@pytest.fixture
def xlsx(tmp_path):
    def write(*sheets, change=lambda workbook: None):
        workbook = Workbook()
        for i, rows in enumerate(sheets):
            sheet = workbook.active if i == 0 else workbook.create_sheet()
            for row in rows:
                sheet.append(row)
        change(workbook)
        workbook.save(tmp_path / "mine.xlsx")
        return tmp_path / "mine.xlsx"

    return write


def test_a_sheet_is_read(xlsx):
    reader = open_excel(xlsx(ROWS, []))
    assert (reader.names, reader.has_names) == (ROWS[0], True)
    assert reader.sample[1] == ["a", "", "False", "2020-01-02", "08"]
    table = reader.read(text=["code"])
    np.testing.assert_array_equal(table.x, [[0, 1.5, 0, 0], [1, np.nan, 1, 1], [np.nan, 300, 0, 0]])
    assert table.columns[2].words == ("True", "False")
    assert table.columns[3].words == ("2020-01-01", "2020-01-02")
    assert table.text["code"].tolist() == ["007", "08", "007"]
    assert table.lines.tolist() == [2, 3, 4]
    assert table.notes == ("row 1 is the heading",)
    assert [len(block.x) for block in reader.blocks(2)] == [2, 1]


def test_a_file_of_pandas_is_read(tmp_path):
    pd.DataFrame({"x": [1, 2], "y": ["a", "b"]}).to_excel(path := tmp_path / "mine.xlsx")
    reader = open_excel(path)
    assert reader.names == ("column 1", "x", "y")
    assert reader.read(text=["y"]).x.tolist() == [[0, 1], [1, 2]]


def test_a_table_without_heading_is_read(xlsx):
    path = xlsx([(1, 2.5, "a"), (2, 3.5, "b"), (3, None, "a")])
    reader = open_excel(path)
    assert (reader.names, reader.has_names) == (("column 1", "column 2", "column 3"), False)
    assert reader.read().lines.tolist() == [1, 2, 3]
    assert open_excel(path, DataOptions(heading=True)).names == ("1", "2.5", "a")


def test_empty_rows_and_columns_are_left_out(xlsx):
    rows = [(), (None, "a", None, "b"), (None, 1, None, 2), (), (None, 3, None, 4), (None, "")]
    table = open_excel(xlsx(rows)).read()
    assert (table.x.tolist(), table.lines.tolist()) == ([[1, 2], [3, 4]], [3, 5])


def test_numbers_stored_as_text_are_numbers_with_a_note(xlsx):
    reader = open_excel(xlsx([("a", "b"), (1, 2), ("2.5", 3), ("NA", "x")]))
    table = reader.read()
    np.testing.assert_array_equal(table.x, [[1, 0], [2.5, 1], [np.nan, 2]])
    assert [note for note in table.notes if "stored as text" in note] == [
        'the 1 number in column "a" that is stored as text is a number'
    ]


def test_errors_and_formulas_without_values_are_missing_with_a_note(xlsx):
    def change(workbook):
        workbook.active["A2"].data_type = "e"

    table = open_excel(xlsx([("a", "b"), ("#N/A", 2), (5, "=A3+1")], change=change)).read()
    np.testing.assert_array_equal(table.x, [[np.nan, 2], [5, np.nan]])
    assert ["error" in note or "formula" in note for note in table.notes] == [False, True, True]
    assert table.notes[1].startswith("1 cell ")


@pytest.mark.parametrize(
    "rows",
    [
        [("A title",), ("a", "b"), (1, 2)],
        [("size", None, "kind"), ("w", "h", None), (1, 2, "x")],
        [(None, "size", None), (None, "w", "h"), ("r", 1, 2)],
    ],
)
def test_titles_and_merged_headings_are_refused(xlsx, rows):
    with pytest.raises(DataError, check=has(position="row 1", path="mine.xlsx")) as raised:
        open_excel(xlsx(rows))
    assert "merged cells" in raised.value.remedy


def test_several_sheets_are_listed(xlsx):
    with pytest.raises(DataError, match="got 2: Sheet, Sheet2"):
        open_excel(xlsx(ROWS, [], ROWS))

    def hide(workbook):
        workbook.worksheets[1].sheet_state = "hidden"

    assert "1 hidden sheet left out" in open_excel(xlsx(ROWS, ROWS, change=hide)).notes


def test_tables_without_values_and_with_two_names_are_refused(xlsx):
    with pytest.raises(DataError, check=has(path="mine.xlsx")):
        open_excel(xlsx([]))
    with pytest.raises(DataError, match="got none"):
        open_excel(xlsx([("a", "b")])).read()
    with pytest.raises(DataError, match='"a" for columns 1 and 2'):
        open_excel(xlsx([("a", "a"), (1, 2)]))


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "mine.xlsx"
    for content in (b"", b"a,b\n1,2\n", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)):
        path.write_bytes(content)
        with pytest.raises(DataError, check=has(path="mine.xlsx")):
            open_excel(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.txt", "text")
    with pytest.raises(DataError, check=has(path="mine.xlsx")):
        open_excel(path)


def test_a_damaged_file_raises_only_data_errors(xlsx):
    path = xlsx(ROWS)
    whole = path.read_bytes()
    for position in range(0, len(whole), 97):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 0x24]) + whole[position + 1 :])
        with suppress(DataError):
            open_excel(path).read()
    for length in range(0, len(whole), 301):
        path.write_bytes(whole[:length])
        with pytest.raises(DataError):
            open_excel(path)


def test_a_bomb_is_refused(xlsx, monkeypatch):
    def spread(workbook):
        workbook.active["ALL9"] = 1  # column 1,000

    monkeypatch.setattr(limits, "EXCEL_CELLS", 1500)
    with pytest.raises(DataError, match="1,500 cells"):
        open_excel(xlsx([(1, 2)], change=spread))
    monkeypatch.setattr(limits, "EXCEL_BYTES", 1000)
    with pytest.raises(DataError, match="1,000 bytes at most"):
        open_excel(xlsx(ROWS))


@pytest.mark.parametrize("row", ["1048577", "1" * 400])
def test_a_row_beyond_those_of_excel_is_refused(row, xlsx):
    """openpyxl would yield an empty row for each number before it."""
    path = xlsx(ROWS)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b'<row r="3"', b'<row r="%s"' % row.encode())
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    with pytest.raises(DataError, match="expected rows up to 1,048,576"):
        open_excel(path)


def test_the_file_of_a_damaged_workbook_is_closed(xlsx, tmp_path, monkeypatch):
    """openpyxl leaves a file open if a part of it is no XML."""
    opened = []
    plain = type(tmp_path).open

    def note(self, *args, **kwargs):
        opened.append(plain(self, *args, **kwargs))
        return opened[-1]

    path = xlsx(ROWS)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part[:20] if name == "xl/workbook.xml" else part)
    monkeypatch.setattr(type(tmp_path), "open", note)
    with pytest.raises(DataError):
        open_excel(path)
    assert [file.closed for file in opened] == [True]
