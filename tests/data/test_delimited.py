"""Tables in delimited text: dialects, headings, cells, and the errors about them."""

from __future__ import annotations

import gzip
import math

import numpy as np
import pytest
from tests.fields import has

from deltarule import limits
from deltarule.data.delimited import open_delimited
from deltarule.data.options import DataOptions
from deltarule.errors import DataError


@pytest.fixture
def table(tmp_path):
    """Return a function that opens a table of the given content."""

    def open_table(content, name="table.csv", **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return open_delimited(path, DataOptions(**options))

    return open_table


def same(x, y):
    return np.array_equal(x, np.array(y, float), equal_nan=True)


NAN = math.nan
TREES = "species,height,width\noak,1.5,2\nelm,2.25,-3\noak,1.75,4\n"
X = [[1.5, 2], [2.25, -3], [1.75, 4]]


@pytest.mark.parametrize(
    "content",
    [
        TREES,
        TREES.replace("\n", "\r\n"),
        TREES.replace("\n", "\r"),
        TREES.removesuffix("\n"),
        "\ufeff" + TREES,
        TREES.replace(",", ";"),
        TREES.replace(",", ";").replace(".", ","),
        TREES.replace(",", "\t"),
        TREES.replace(",", "\t").replace(".", ","),
        TREES.replace(",", " "),
        TREES.replace(",", "   ").replace("\n", "  \n  "),
        TREES.replace(",", " \t"),
        TREES.replace(",", " , "),
        TREES.replace("\n", ",\n"),
        TREES.replace(",2\n", ",2,\n").replace("3\n", "3,\n").replace("4\n", "4,\n"),
        TREES.replace("oak", '"oak"').replace("1.5", '"1.5"'),
        TREES.replace("oak,", '"oak", '),
        "# " + TREES,
        "# " + TREES.replace(",", " "),
        "sep=;\n" + TREES.replace(",", ";"),
        gzip.compress(TREES.encode(), mtime=0),
        "\n\n" + TREES + "\n\n",
    ],
)
def test_a_table_is_the_same_in_every_dialect(table, content):
    reader = table(content)
    read = reader.read(text=["species"])
    assert reader.names == ("species", "height", "width")
    assert reader.has_names
    assert same(read.x, X)
    assert read.text["species"].tolist() == ["oak", "elm", "oak"]
    assert [column.words for column in read.columns] == [(), ()]
    assert [len(row) for row in reader.sample] == [3, 3, 3]


def test_the_dialect_is_reported(table):
    reader = table("a;b\n1,5;2\n2,25;3\n")
    assert reader.notes[:2] == ("columns are separated by semicolons", "the decimal mark is a comma")
    assert "heading" in reader.notes[2]


@pytest.mark.parametrize("content", ['a,b\n"1,5",2\n"2,25",3\n', "a;b\n1,5;2\n2,25;3\n"])
def test_the_decimal_mark_can_be_stated(table, content):
    assert same(table(content, decimal=",").read().x, [[1.5, 2], [2.25, 3]])


def test_a_point_is_no_decimal_mark_beside_a_comma(table):
    reader = table("a;b\n" + "1,5;2\n" * 200 + "1.500;4\n")
    with pytest.raises(DataError, check=has(value="1.500", position='line 202, column "a"')):
        reader.read(words={})


@pytest.mark.parametrize("content", ["a;b\n1,234;2\n5,678;3\n", "a\tb\n1\t1,000\n2\t2,500\n"])
def test_a_comma_that_may_separate_thousands_is_no_guess(table, content):
    with pytest.raises(DataError, match="decimal"):
        table(content)


def test_a_stated_delimiter_is_not_questioned(table):
    reader = table("a b;c\n1 2;3\n", delimiter=";")
    assert reader.names == ("a b", "c")


def test_comments_are_only_known_if_stated(table):
    content = "# made by hand\na,b\n1,2 # twice\n# none\n # 3,4\n5,6\n"
    with pytest.raises(DataError, check=has(position="line 1")):
        table(content)
    assert table("a,b\n#1,x\n#2,y\n").read(text=["a"]).text["a"].tolist() == ["#1", "#2"]
    read = table(content, comment="#").read(text=["a"])
    assert read.lines.tolist() == [3, 6]
    assert same(read.x, [[2], [6]])


HEADINGS = [
    "species,0,1,2,3\noak,0.5,1.5,-2,3\noak,0.25,1,2,3\nelm,1,2,3,4\n",
    "species,2019,2020,2021\noak,0.5,1.5,-2\noak,0.25,1,2\nelm,1,2,3\n",
    "species,2015,2018,2020\noak,0.5,1.5,-2\noak,0.25,1,2\nelm,1,2,3\n",
    "species,400.5,401,401.5\noak,0.5,1.5,-2\noak,0.25,1,2\nelm,1,2,3\n",
    "label,0,1,2\n1,0.5,0.25,0.5\n0,0.5,0.25,0.5\n",
    ",0,1,2\n0,0.5,0.25,0.5\n1,0.5,0.25,0.5\n",
    ",species,height\n0,oak,0.5\n1,elm,0.25\n",
    "0,1,2,3\n0.5,0.25,0.5,1.5\n3.5,0.25,0.5,1.5\n",
    "a,b\n1,2\n",
    '"a","b"\n1,2\n',
    "color,size\nred,big\nblue,big\nred,small\n",
    "color,size,price\nred,big,1\nblue,big,2\n",
    "RI,Na,Mg\n1.5,2.5,3.5\n1.5,2.5,3.5\n",
    "x\n1\n2\n",
    "name,born\nAda,1815\nAlan,1912\nGrace,1906\n",
]


@pytest.mark.parametrize("content", HEADINGS)
def test_a_heading_is_seen(table, content):
    reader = table(content)
    assert reader.has_names
    assert reader.names == tuple(
        name.strip('"') or f"column {i}" for i, name in enumerate(content.split("\n")[0].split(","), 1)
    )
    assert reader.read().lines[0] == 2
    assert any("line 1 is the heading" in note for note in reader.notes)


@pytest.mark.parametrize(
    "content",
    [
        "7,0.64,-1.09\n7,0.75,0.99\nA,0.1,0.2\nb,0.1,0.2\n",
        "A,0.64,-1.09\n7,0.75,0.99\n7,0.1,0.2\n",
        "A,1,2\n7,3,4\n7,1,5\nA,2,2\n",
        "oak,0.5,1.5\noak,0.25,1\nelm,1,2\n",
        "red,big\nblue,big\nred,small\n",
        "1,2\n3,4\n",
        "0,0,0\n0,1,1\n1,0,1\n1,1,0\n",
        "0,1,2\n1,2,3\n2,3,4\n",
        "1O,2.5\n10,3.5\n11,2.5\n",
        "NA,3,4\n1,2,3\n",
        "1\n2\n3\n",
        "5,1\n",
    ],
)
def test_rows_of_data_are_no_heading(table, content):
    reader = table(content)
    assert not reader.has_names
    assert reader.names[0] == "column 1"
    assert reader.notes


def test_a_heading_can_be_stated(table):
    assert table("1,2\n3,4\n", heading=True).names == ("1", "2")
    reader = table("a,b\nc,d\n", heading=False)
    assert (reader.names, len(reader.sample), reader.notes) == (("column 1", "column 2"), 2, ())


def test_names_are_those_of_the_heading(table):
    assert table('" a ",,"b\nc"\n1,2,3\n').names == ("a", "column 2", "b c")
    with pytest.raises(DataError, match="columns 1 and 3", check=has(position="line 1")):
        table("a,b,a\n1,2,3\n")


def test_the_sample_has_at_most_1000_rows(table):
    reader = table("a,b\n" + "1,x\n" * 3000)
    assert len(reader.sample) == 1000
    assert reader.sample[0] == ["1", "x"]


def test_text_is_kept_as_it_is_written(table):
    cells = {cell: cell for cell in ("007", "07", "7", "7.0", "NA", "None", "?", "-", "nan", "１", "true", "#1", "1,5")}
    cells |= {" x ": "x", '"a, ""b"""': 'a, "b"', '"two\nlines"': "two\nlines", '""': "", "5' 3\"": "5' 3\""}
    read = table("label;a\n" + "".join(f"{cell};1\n" for cell in cells)).read(text=["label"])
    assert read.text["label"].tolist() == list(cells.values())
    assert all(type(cell) is str for cell in read.text["label"])
    assert read.lines.tolist() == [*range(2, 18), 19, 20]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("+1", 1.0),
        ("1e3", 1000.0),
        (" 1 ", 1.0),
        ("007", 7.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("-0", 0.0),
        ("1E-5", 0.00001),
        ("1e-400", 0.0),
        ("9007199254740992", 2.0**53),
        ("9007199254740993.", 2.0**53),
        ("18446744073709551617e0", 2.0**64),
        ("-000000000000000000007", -7.0),
        ("2.2250738585072011e-308", 2.225073858507201e-308),
    ],
)
def test_numbers_are_those_of_float(table, cell, value):
    x = table(f"a,b\n{cell},1\n2,3\n").read().x
    assert x[0, 0] == value == float(cell)


@pytest.mark.parametrize("cell", ["9007199254740993", "18446744073709551617", "-9223372036854775808", "1" * 300])
@pytest.mark.parametrize("other", ["3", "0.5"])
def test_whole_numbers_that_are_not_exact_are_refused(table, cell, other):
    with pytest.raises(DataError, check=has(value=cell, position='line 3, column "a"')):
        table(f"a,b\n{other},1\n{cell},3\n").read()


@pytest.mark.parametrize("cell", ["", " ", "NA", "N/A", "n/a", "NaN", "nan", "-nan", "NULL", "none", "?", "-", '""'])
def test_missing_numbers_are_nan(table, cell):
    read = table(f"a,b\n1,2\n3,{cell}\n").read()
    assert same(read.x, [[1, 2], [3, NAN]])
    assert [column.words for column in read.columns] == [(), ()]


@pytest.mark.parametrize("cell", ["0x1F", "1_000", "１２", "True", "1,0", "2020-01-01", "1e", "1 2", "one"])
def test_words_stay_words(table, cell):
    read = table(f'a;b;c\n"{cell}";1.5;2\nx;2.5;3\n;3.5;1\nNA;3.5;1\n').read()
    assert read.columns[0].words == (cell, "x", "NA")
    assert same(read.x[:, 0], [0, 1, NAN, 2])


def test_truth_values_are_words(table):
    read = table("a,b\ntrue,1\nFalse,2\ntrue,3\n").read()
    assert read.columns[0].words == ("true", "False")


@pytest.mark.parametrize("cell", ["inf", "-inf", "Infinity", "1e999", "-1e400"])
def test_infinite_numbers_are_refused(table, cell):
    with pytest.raises(DataError, check=has(value=cell, position='line 3, column "b"')):
        table(f"a,b\n1,2\n3,{cell}\n").read()


def test_whole_numbers_up_to_255_are_bytes(table):
    assert table("a,b\n0,255\n7,+8\n").read().x.dtype == np.uint8
    for cell in ("256", "-1", "1.0", "1e0", "", "x"):
        assert table(f"a,b\n0,255\n7,{cell}\n").read().x.dtype == np.float64


def test_the_type_of_numbers_may_change_after_many_rows(table):
    content = "a,b\n" + "1,2\n" * 40_000
    assert table(content).read().x.dtype == np.uint8
    for cell, value in {"-5": -5.0, "0.5": 0.5, "": NAN}.items():
        read = table(content + f"3,{cell}\n" + "4,5\n" * 40_000).read()
        assert same(read.x[39_999:40_002], [[1, 2], [3, value], [4, 5]])
        assert (read.x.shape, read.lines[-1]) == ((80_001, 2), 80_002)


def test_words_may_begin_after_many_rows(table):
    content = "a,b\n" + "1,2\n2,3\n" * 20_000 + "x,4\n" + "1,y\n" * 10
    reader = table(content)
    read = reader.read()
    assert [column.words for column in read.columns] == [("1", "2", "x"), ("2", "3", "4", "y")]
    assert same(read.x[-11], [2, 2])
    assert all(block.columns == read.columns for block in reader.blocks(30_000))


def test_a_slip_in_a_column_of_numbers_is_an_error(table):
    rows = "".join(f"{i / 8},{i}\n" for i in range(300))
    with pytest.raises(DataError, check=has(value="1.5x", position='line 302, column "a"')):
        table("a,b\n" + rows + "1.5x,1\n").read()
    with pytest.raises(DataError, check=has(value="a", position='line 302, column "a"')):
        table("a,b\n" + rows + "a,b\n" + rows).read()
    with pytest.raises(DataError, check=has(value="1,000", position='line 2, column "b"')):
        table('a,b\n1,"1,000"\n2,"2,000"\n').read()
    with pytest.raises(DataError, check=has(remedy="remove the marks between thousands")):
        table('a,b\n1,"1,000"\n2,"2,000"\n').read()
    remedy = 'remove the marks between thousands, or state that the comma is the decimal mark: decimal=","'
    with pytest.raises(DataError, check=has(remedy=remedy)):
        table("a\tb\n1\t1,000\n2\t2,000\n", decimal=".").read()
    with pytest.raises(DataError, check=has(remedy="remove the marks between thousands")):
        table("a;b\n1;1,000.5\n2;2,000.5\n").read()
    kinds = "a,b\n" + "1,1\n2,2\n3,3\n" * 100 + "none of these,1\n"
    assert table(kinds).read().columns[0].words == ("1", "2", "3", "none of these")


def test_stated_words_leave_no_choice(table):
    reader = table("soil,width,kind\nclay,1,x\npeat,2,y\n")
    read = reader.read(skip=["kind"], words={"soil": ["sand", "clay"]})
    assert read.columns[0].words == ("sand", "clay", "peat")
    assert same(read.x, [[1, 1], [2, 2]])
    with pytest.raises(DataError, check=has(value="x", position='line 2, column "kind"')):
        reader.read(words={"soil": ["sand", "clay"]})


def test_too_many_words_are_refused(table):
    with pytest.raises(DataError, match="10,000", check=has(position='line 10002, column "name"')):
        table("name,a\n" + "".join(f"name{i},1\n" for i in range(10_001))).read()


def test_columns_are_skipped(table):
    read = table(TREES).read(skip=["species", "width"])
    assert same(read.x, [[1.5], [2.25], [1.75]])
    assert [column.name for column in read.columns] == ["height"]


def test_blank_lines_are_reported_with_their_numbers(table):
    read = table("a,b\n\n1,2\n \n3,4\n\n\n").read()
    assert read.lines.tolist() == [3, 5]
    assert read.notes == ("2 blank lines are skipped: lines 2, 4",)
    assert "lines 2, 4" in table("a,b\n" + "\n1,2\n" * 99).read().notes[0]
    notes = [block.notes for block in table("a,b\n\n1,2\n\n3,4\n").blocks(1, words={})]
    assert sum(notes, ())


def test_a_row_of_delimiters_is_a_row_of_missing_values(table):
    for delimiter in (",", ";", "\t"):
        content = "a,b\n1,2\n,\n3,4\n".replace(",", delimiter)
        assert same(table(content).read().x, [[1, 2], [NAN, NAN], [3, 4]])


@pytest.mark.parametrize("rows", [1, 2, 7, 10_000])
def test_blocks_are_the_parts_of_the_table(table, rows):
    lines = [f'"row, {i}",{i / 4},{"clay" if i % 3 else "sand"},{"NA" if i == 13 else i}\n' for i in range(50)]
    reader = table("name,a,soil,b\n" + "".join(lines))
    read = reader.read(text=["name"])
    for words in (None, {"soil": ["sand", "clay"]}):
        blocks = list(reader.blocks(rows, text=["name"], words=words))
        assert all(0 < len(block.x) <= rows for block in blocks)
        assert same(np.concatenate([block.x for block in blocks]), read.x)
        assert np.concatenate([block.lines for block in blocks]).tolist() == [*range(2, 52)]
        assert np.concatenate([block.text["name"] for block in blocks]).tolist() == read.text["name"].tolist()


@pytest.mark.parametrize(
    ("content", "position"),
    [
        ("a,b\n1,2\n3\n", "line 3"),
        ("a,b\n1,2\n3,4,5\n", "line 3"),
        ("a,b\n1,2\n\n\n3\n", "line 5"),
        ('a,b\n"x\ny",2\n3\n', "line 4"),
        ("a,b\n1,2\n" + "1,2\n" * 5000 + "3\n", "line 5003"),
        ("a,b,c\n1,2\n3,4\n", "line 1"),
        ("a,b\n1,2,\n3,4,5\n", "line 1"),
        ('a,b\n1,2\n"3,4\n5,6\n', "line 3"),
        ('a,b\n1,2\n"3"x,4\n5,6\n', "line 3"),
        (b"a,b\n1,2\n3,\xff\n", "line 3"),
        (b"a,b\r1,2\r3,\xe4\r", "line 3"),
        (b"a,b\n1,2\n3,\x00\n", "line 3"),
        (gzip.compress(b"a,b\n1,2\n3,\xff\n", mtime=0), "line 3"),
        ("a,b\n", "line 1"),
        ("\n\na,b\n", "line 3"),
    ],
)
def test_a_fault_is_named_with_its_line(table, content, position):
    with pytest.raises(DataError, check=has(position=position, path="table.csv")):
        table(content).read()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n \n",
        b"\xef\xbb\xbf",
        "a,b\n1,2\n".encode("utf-16"),
        "a,b\n1,2\n".encode("utf-16-be"),
        b"PK\x03\x04" + bytes(99),
        gzip.compress(b"a,b\n" + b"1,2\n" * 99, mtime=0)[:-9],
        gzip.compress(b"a,b\n" + b"1,2\n" * 99, mtime=0)[:20] + bytes(20),
        b"a|b\n1|2\n3|4\n",
        b"a:b\n1:2\n3:4\n",
    ],
)
def test_what_is_no_table_is_refused_with_a_remedy(table, content):
    with pytest.raises(DataError, check=has(path="table.csv")) as raised:
        table(content).read()
    assert raised.value.remedy


def test_a_path_without_a_file_is_refused(tmp_path):
    for path in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(DataError, check=has(path=path.name)):
            open_delimited(path, DataOptions())


def test_a_value_after_the_last_delimiter_is_not_lost(table):
    content = "a,b,\n" + "1,2,\n" * 2000
    assert table(content).read().x.shape == (2000, 2)
    with pytest.raises(DataError, check=has(value="7", position="line 2002")):
        table(content + "3,4,7\n").read()


def test_sizes_are_limited(table, monkeypatch):
    monkeypatch.setattr(limits, "TABLE_BYTES", 100)
    with pytest.raises(DataError, match="100 bytes"):
        table("a,b\n" + "1,2\n" * 51).read()
    monkeypatch.setattr(limits, "LINE_BYTES", 100_000)
    with pytest.raises(DataError, check=has(position="line 2")):
        table("a,b\n" + "1" * 200_000).read()
    with pytest.raises(DataError, check=has(position="line 2")):
        table('a,b\n"' + "1\n" * 200_000).read()


def test_a_number_with_another_decimal_mark_is_no_word(table):
    for content, value in {
        "a;b;c\n1,5;2,5;x\n2,5;3.5;y\n": "3.5",
        "a;b;c\n1,5;2,5;x\n2,5;1.003,5;y\n": "1.003,5",
        'a,b\n1,"2,5"\n2,3.5\n': "2,5",
    }.items():
        with pytest.raises(DataError, check=has(value=value)):
            table(content).read()
    read = table("day;a\n01.02.2020;1,5\n03.02.2020;2,5\n").read()
    assert read.columns[0].words == ("01.02.2020", "03.02.2020")


def test_a_wrong_delimiter_is_not_accepted(table):
    with pytest.raises(DataError, check=has(value="a,b")):
        table("a,b\n1,2\n3,4\n", delimiter=";")
    assert same(table("x\n1,5\n2,5\n", delimiter=";").read().x, [[1.5], [2.5]])


def test_a_single_column_is_a_table(table):
    assert same(table("x\n1.5\n2.5\n").read().x, [[1.5], [2.5]])
    assert same(table("1\n2\n").read().x, [[1], [2]])
    assert table("soil\nclay\nsand\nclay\n").read().columns[0].words == ("clay", "sand")
