"""Files of LIBSVM and svmlight: on each line a label and the features that are not zero, as ``index:value``.

The columns are "label" and then "feature 1", "feature 2", … up to the largest index in the file. If an index is 0, they
begin with "feature 0". Features that a line leaves out are 0, not missing.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from deltarule import limits
from deltarule.data.cells import MOST_EXACT, is_inexact
from deltarule.data.column_reader import SAMPLE, ColumnReader
from deltarule.data.columns import Values, check_size
from deltarule.data.error_context import reading
from deltarule.data.text_lines import read_lines
from deltarule.errors import DataError

LABEL = "label"
"""The name of the first column."""

_NUMBER = r"[+-]?(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][+-]?\d{1,4})?+"
_PAIR = re.compile(rf"(\d{{1,9}}):({_NUMBER})", re.ASCII)
_LINE = re.compile(rf"\s*+([^\s:#]++)(?:\s++qid:(\d++))?+((?:\s++\d{{1,9}}:{_NUMBER})*+)\s*+(?:#.*+)?+", re.ASCII)
_SEVERAL = re.compile(r"[+-]?\d++(?:\.\d*+)?+(?:,[+-]?\d++(?:\.\d*+)?+)++", re.ASCII)
_AS_TABLE = "save a table with a column of 0 and 1 for each label, such as a .csv file"
_MOST_CELLS = 2**24  # numbers in a batch
_MOST_SAMPLED = 10**6  # cells in a sample
_BATCH = 2**12  # rows in which queries are looked for


class _Line(NamedTuple):
    number: int
    label: str
    features: str


class _Rows(NamedTuple):
    """Some lines: the labels, and the row, the index and the value of each number."""

    labels: list[str]
    rows: np.ndarray
    indices: np.ndarray
    values: np.ndarray
    inexact: list[tuple[int, int, int]]  # row, index and value of whole numbers that are not exact in float64


def open_libsvm(path: Path, columns: Sequence[str] = ()) -> ColumnReader:
    r"""Open a file of LIBSVM, plain or compressed by gzip.

    Args:
        path: The file.
        columns: The input columns that a model knows. Those which the file lacks are added, as they are 0 in all rows.

    Raises:
        DataError: For a line that has another form, with its position.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "tiny.libsvm"
    ...     _ = path.write_text("+1 1:0.5 3:2\n-1 2:1\n")
    ...     reader = open_libsvm(path)
    ...     table = reader.read(text=["label"])
    >>> reader.names, table.x.tolist(), table.text["label"].tolist()
    (('label', 'feature 1', 'feature 2', 'feature 3'), [[0.5, 0.0, 2.0], [0.0, 1.0, 0.0]], ['+1', '-1'])
    """
    with reading(path):
        lowest, highest, n, has_queries = _find_range(path)
        first = min(1, lowest)
        names = [LABEL, *(f"feature {i}" for i in range(first, highest + 1))]
        known = {*names}
        more = [name for name in columns if name not in known and re.fullmatch(r"feature \d{1,9}", name)]
        names = [LABEL, *sorted((*names[1:], *more), key=_take_index)]
        notes = [f"the features are numbered from {first} to {highest}; those that a line leaves out are 0"]
        if has_queries:
            notes.append("the queries (qid) are left out")

    def load(names: Sequence[str], rows: int) -> Iterator[Mapping[str, Values]]:
        for part in _read(path, min(rows, max(1, _MOST_CELLS // (highest + 1)))):
            yield _convert(part, names, highest)

    def take_head() -> Mapping[str, Values]:
        rows = min(SAMPLE, max(1, _MOST_SAMPLED // len(names)))
        with closing(_read(path, rows)) as parts:
            return _convert(next(parts), names, highest)

    return ColumnReader(str(path), names, load, notes, head=take_head, rows=n)


def is_libsvm(path: Path) -> bool:
    r"""Return True if the first line of a file is a label and at least two features.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "usps"
    ...     _ = path.write_text("7 1:-1 2:-0.5\n")
    ...     is_libsvm(path)
    True
    """
    with suppress(DataError), closing(read_lines(path)) as lines:
        match = _LINE.fullmatch(next(lines, ""))
        return match is not None and match[3].count(":") > 1
    return False


def find_test_file(path: Path) -> Path | None:
    """Find the test set beside a file, as LIBSVM's data sets have it: ``usps.t`` beside ``usps``."""
    beside = path.with_name(f"{path.name}.t")
    return beside if beside.is_file() and is_libsvm(path) else None


def _take_index(name: str) -> int:
    return int(name.removeprefix("feature "))


def _find_range(path: Path) -> tuple[int, int, int, bool]:
    """Find the lowest and the highest index, the number of rows, and if there are queries."""
    lowest, highest, n, has_queries = 1, 0, 0, False
    with closing(_parse_lines(path)) as lines:
        for n, line in enumerate(lines, 1):  # noqa: B007 # the last n is the number of rows
            if line.features:
                lowest = min(lowest, int(line.features.split(maxsplit=1)[0].partition(":")[0]))
                highest = max(highest, int(line.features.rsplit(maxsplit=1)[-1].partition(":")[0]))
    with closing(read_lines(path)) as texts:
        has_queries = any(" qid:" in text for text in islice(texts, _BATCH))
    if highest > limits.LIBSVM_FEATURES:
        remedy = limits.describe_remedy("LIBSVM_FEATURES")
        raise DataError(expected=f"features up to {limits.LIBSVM_FEATURES:,}", value=highest, remedy=remedy)
    if not highest:
        raise DataError("expected lines of a label and features, such as 1 3:0.5, got none")
    return lowest, highest, n, has_queries


def _parse_lines(path: Path) -> Generator[_Line]:
    """Parse the lines that are not empty. Raises :class:`DataError` for a line that has another form, or two labels."""
    with closing(read_lines(path)) as lines:
        for number, line in enumerate(lines, 1):
            if match := _LINE.fullmatch(line):
                if _SEVERAL.fullmatch(match[1]):
                    raise DataError(
                        f"expected one label on each line, got several: {match[1]}",
                        path=path,
                        position=f"line {number}",
                        value=match[1],
                        remedy=f"for several labels {_AS_TABLE}",
                    )
                yield _Line(number, match[1], match[3])
            elif line.partition("#")[0].strip():
                raise _refuse_line(path, number, line)


def _refuse_line(path: Path, number: int, line: str) -> DataError:
    label, *features = line.partition("#")[0].split()
    wrong = next((one for one in features if not _PAIR.fullmatch(one)), label)
    return DataError(
        path=path,
        position=f"line {number}",
        expected="a label and then index:value for each feature that is not zero, such as 1 3:0.5 7:2",
        value=label if ":" in label else wrong,
        remedy=f"put a label, such as 0, before the features; if lines have several labels or none, {_AS_TABLE}"
        if ":" in label
        else "correct the line",
    )


def _read(path: Path, rows: int) -> Generator[_Rows]:
    """Read so many rows at a time. Raises :class:`DataError` for a line on which the indices do not rise."""
    with closing(_parse_lines(path)) as lines:
        while block := list(islice(lines, rows)):
            counts = [line.features.count(":") for line in block]
            text = " ".join(line.features for line in block).replace(":", " ")
            numbers = np.fromstring(text, sep=" ")  # the form of the text is checked
            where, indices = np.repeat(np.arange(len(block)), counts), numbers[::2].astype(np.int64)
            wrong = (np.diff(indices) <= 0) & (np.diff(where) == 0)
            if wrong.any():
                at = int(np.argmax(wrong))
                raise DataError(
                    f"expected indices that rise, got {indices[at + 1]} after {indices[at]}",
                    path=path,
                    position=f"line {block[where[at]].number}",
                    remedy="sort the features of each line, and give each once",
                )
            values, inexact = numbers[1::2], []
            if large := np.flatnonzero((np.abs(values) >= MOST_EXACT) & np.isfinite(values)).tolist():
                cells = text.split()[1::2]
                inexact = [(int(where[i]), int(indices[i]), int(cells[i])) for i in large if is_inexact(cells[i])]
            yield _Rows([line.label for line in block], where, indices, values, inexact)


def _convert(part: _Rows, names: Sequence[str], highest: int) -> Mapping[str, Values]:
    """Convert rows to dense columns."""
    n = len(part.labels)
    check_size(n * (highest + 1) * 8)
    dense = np.zeros((highest + 1, n))
    dense[part.indices, part.rows] = part.values
    none, zeros = np.zeros(n, np.bool_), np.zeros(n)
    columns = {}
    for name in names:
        if name == LABEL:
            columns[name] = Values(none, text=np.array(part.labels, object))
        else:
            index = _take_index(name)
            numbers = dense[index] if index <= highest else zeros
            for row, _, value in (one for one in part.inexact if one[1] == index):
                numbers = numbers.astype(object)
                numbers[row] = value
            columns[name] = Values(none, numbers=numbers)
    return columns
