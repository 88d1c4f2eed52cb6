"""Columns of typed tables, such as data frames and Parquet files: numbers, text and missing values."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

import numpy as np

from deltarule import limits
from deltarule.data.cells import MOST_EXACT, is_inexact, parse_number, refuse_inexact
from deltarule.data.schema import Column
from deltarule.data.table import Table
from deltarule.errors import DataError

_UNUSABLE = (list, tuple, dict, set, bytes, bytearray, np.ndarray, complex)
_MIDNIGHT = " 00:00:00"


@dataclass(frozen=True, eq=False)
class Values:
    """The values of a column, of numbers or of text.

    Attributes:
        missing: True for each missing value, (n,).
        numbers: The numbers, (n,), any number where one is missing; None for a column of text.
        text: The text, (n,) ``str`` objects, "" where it is missing; None for a column of numbers.
        problem: The kind of values that can be used neither as numbers nor as text, such as "lists".
    """

    missing: np.ndarray
    numbers: np.ndarray | None = None
    text: np.ndarray | None = None
    problem: str = ""

    def __len__(self) -> int:
        return len(self.missing)

    def __getitem__(self, rows: slice) -> Values:
        numbers, text = (None if part is None else part[rows] for part in (self.numbers, self.text))
        return Values(self.missing[rows], numbers, text, self.problem)

    def format(self) -> np.ndarray:
        """Return all values as text, "" where one is missing; numbers as :func:`format_numbers` writes them."""
        if self.text is not None:
            return self.text
        if self.numbers is None:
            return np.array([f"({self.problem})"] * len(self), object)
        text = format_numbers(self.numbers)
        text[self.missing] = ""
        return text


def format_numbers(numbers: np.ndarray) -> np.ndarray:
    """Write numbers as text, (n,) ``str`` objects: as short as is exact for their type, whole numbers without a point.

    >>> format_numbers(np.array([1.0, 0.1, -0.0], np.float32)).tolist(), format_numbers(np.array([True])).tolist()
    (['1', '0.1', '0'], ['True'])
    """
    text = np.array(numbers.astype(str).tolist(), object)
    if numbers.dtype.kind == "f":
        wide = numbers.astype(np.float64)
        whole = (np.abs(wide) <= MOST_EXACT) & (np.trunc(wide) == wide)
        text[whole] = list(map(str, numbers[whole].astype(np.int64).tolist()))
    return text


def convert_objects(values: Sequence[Any], missing: np.ndarray) -> Values:
    """Convert Python objects to numbers if all are numbers, else to text.

    >>> convert_objects([3, None, 7], np.array([False, True, False])).format().tolist()
    ['3', '', '7']
    >>> convert_objects(["a", 1.0], np.array([False, False])).text.tolist()
    ['a', '1']
    """
    present = [value for value, is_missing in zip(values, missing.tolist(), strict=True) if not is_missing]
    kinds = set(map(type, present))
    if (unusable := next(filter(_is_unusable, kinds), None)) is not None:
        return Values(missing, problem=f"{unusable.__name__} values")
    if present and all(issubclass(kind, Real | Decimal | np.bool_) for kind in kinds):
        numbers = _convert_numbers(present, kinds)
        if numbers is not None:
            filled = np.zeros(len(missing), numbers.dtype)
            filled[~missing] = numbers
            return Values(missing | _find_nan(filled), numbers=filled)
    text = np.full(len(missing), "", object)
    written = list(map(_format_object, present))
    if kinds and all(issubclass(kind, date) for kind in kinds) and all(word.endswith(_MIDNIGHT) for word in written):
        written = [word.removesuffix(_MIDNIGHT) for word in written]
    text[~missing] = written
    return Values(text == "", text=text)


def _is_unusable(kind: type) -> bool:
    return issubclass(kind, _UNUSABLE) or (kind.__str__ is object.__str__ and kind.__repr__ is object.__repr__)


def _convert_numbers(present: Sequence[Any], kinds: Collection[type]) -> np.ndarray | None:
    """Convert Python numbers to an array; None if they are of kinds that do not mix."""
    truths = [issubclass(kind, bool | np.bool_) for kind in kinds]
    if all(truths):
        return np.array(present, np.bool_)
    if any(truths):
        return None
    if all(issubclass(kind, Integral) for kind in kinds):
        largest = max(map(abs, present))
        return np.array(present, np.int64 if largest < 2**63 else object)
    if all(issubclass(kind, Decimal) for kind in kinds) and all(map(_is_whole, present)):
        return _convert_numbers([int(value) for value in present], [int])  # databases have such whole numbers
    return np.array(list(map(float, present)), np.float64)


def _is_whole(value: Decimal) -> bool:
    return value.is_finite() and -20 < value.adjusted() < 40 and value == value.to_integral_value()


def _find_nan(numbers: np.ndarray) -> np.ndarray:
    return np.isnan(numbers) if numbers.dtype.kind == "f" else np.zeros(len(numbers), np.bool_)


def _format_object(value: Any) -> str:
    if isinstance(value, Real | np.bool_) and not isinstance(value, bool):
        return str(format_numbers(np.array([value]))[0])
    return str(value).strip()


def convert_numbers(numbers: np.ndarray, missing: np.ndarray) -> Values:
    """Take numbers as they are, but those wider than float64; NaN is missing too."""
    if numbers.dtype.kind == "f" and numbers.dtype.itemsize > 8:
        with np.errstate(over="ignore"):  # they become infinite
            numbers = numbers.astype(np.float64)
    return Values(missing | _find_nan(numbers), numbers=numbers)


class TableBuilder:
    """Build tables from columns; the words of a column keep their positions from one table to the next.

    Args:
        source: The path of the file, or the kind of the object, for errors.
        text: The columns to keep as text.
        words: The words of the columns of words, where they are known beforehand.
        lines: The number of each row in its file; by default they are counted from 1.
    """

    def __init__(
        self,
        source: str,
        text: Collection[str] = (),
        words: Mapping[str, Sequence[str]] | None = None,
        lines: np.ndarray | None = None,
    ) -> None:
        self._source, self._text, self._lines = source, frozenset(text), lines
        self._knows_words = words is not None
        self._words = {name: {word: i for i, word in enumerate(known)} for name, known in (words or {}).items()}
        self._done = 0

    def build(self, columns: Mapping[str, Values], notes: tuple[str, ...] = ()) -> Table:
        """Build a table from the next rows."""
        n = len(next(iter(columns.values()), ()))
        for name, values in columns.items():
            if values.problem:
                raise DataError(
                    path=self._source,
                    position=f'column "{name}"',
                    expected="numbers or text",
                    value=values.problem,
                    remedy=_offer_to_ignore(name),
                )
        inputs = {name: values for name, values in columns.items() if name not in self._text}
        parts = [self._convert_input(name, values) for name, values in inputs.items()]
        is_bytes = all(map(_are_bytes, parts))
        check_size(n * len(parts) * (1 if is_bytes else 8))
        x = np.empty((n, len(parts)), np.uint8 if is_bytes else np.float64, order="C")
        for i, part in enumerate(parts):
            x[:, i] = part
        lines = np.arange(self._done + 1, self._done + n + 1)
        if self._lines is not None:
            lines = self._lines[self._done : self._done + n]
        self._done += n
        return Table(
            tuple(Column(name, tuple(self._words.get(name, ()))) for name in inputs),
            x,
            {name: columns[name].format() for name in columns if name in self._text},
            lines,
            notes,
        )

    def _convert_input(self, name: str, values: Values) -> np.ndarray:
        """Convert a column to numbers, or to the positions of its words, NaN for missing values.

        Truth values are the words True and False, as in a table of text, unless the column is known to have numbers.
        """
        if self._knows_words and name not in self._words:
            return self._parse(name, values) if values.numbers is None else self._take_numbers(name, values)
        is_truth = values.numbers is not None and values.numbers.dtype.kind == "b"
        if values.numbers is not None and not is_truth and name not in self._words:
            return self._take_numbers(name, values)
        known = self._words.setdefault(name, {})
        text = values.format().tolist()
        for word in dict.fromkeys(text):
            if word and word not in known:
                if len(known) == limits.COLUMN_WORDS:
                    self._refuse(
                        name,
                        text.index(word),
                        f"at most {limits.COLUMN_WORDS:,} different words",
                        word,
                        _offer_to_ignore(name),
                    )
                known[word] = len(known)
        return np.array([known.get(word, np.nan) for word in text], np.float64)

    def _take_numbers(self, name: str, values: Values) -> np.ndarray:
        numbers = values.numbers
        assert numbers is not None
        if numbers.dtype.kind in "iuO" and numbers.dtype.itemsize == 8 and len(numbers):
            large = (numbers > MOST_EXACT) | (numbers < -MOST_EXACT)
            if large.any():
                at = int(np.argmax(large))
                raise refuse_inexact(self._find_place(name, at), numbers.tolist()[at]).with_fields(path=self._source)
        if numbers.dtype.kind == "f":
            self._check_finite(name, np.where(values.missing, 0, numbers))
        return np.where(values.missing, np.nan, numbers.astype(np.float64)) if values.missing.any() else numbers

    def _check_finite(self, name: str, numbers: np.ndarray) -> None:
        infinite = np.isinf(numbers.astype(np.float64))
        if infinite.any():
            at = int(np.argmax(infinite))
            self._refuse(name, at, "a finite number", float(numbers[at]), "correct the value")

    def _parse(self, name: str, values: Values) -> np.ndarray:
        """Parse text as numbers, as in a table of text."""
        text = values.format().tolist()
        numbers = [parse_number(word) for word in text]
        if None in numbers:
            at = numbers.index(None)
            self._refuse(name, at, "a number, as in training", text[at], "correct the value")
        if inexact := [i for i, word in enumerate(text) if is_inexact(word)]:
            raise refuse_inexact(self._find_place(name, inexact[0]), text[inexact[0]]).with_fields(path=self._source)
        self._check_finite(name, np.array(numbers, np.float64))
        return np.array(numbers, np.float64)

    def _find_place(self, name: str, at: int) -> str:
        """Return the row and the column of a value, as an error names them."""
        at += self._done
        return f'row {at + 1 if self._lines is None else self._lines[at]}, column "{name}"'

    def _refuse(self, name: str, at: int, expected: str, value: object, remedy: str) -> None:
        position = self._find_place(name, at)
        raise DataError(path=self._source, position=position, expected=expected, value=value, remedy=remedy)


def _offer_to_ignore(name: str) -> str:
    return f'leave the column out: ignore="{name}"'


def _are_bytes(values: np.ndarray) -> bool:
    """Return True if all values are whole numbers from 0 to 255."""
    if values.dtype.kind == "b" or values.dtype == np.uint8 or not len(values):
        return True
    return bool(values.min() >= 0 and values.max() <= 255 and (values.dtype.kind in "iu" or (values % 1 == 0).all()))


def concatenate(tables: Sequence[Table], notes: tuple[str, ...] = ()) -> Table:
    """Concatenate tables of one builder: the last has all words.

    >>> builder = TableBuilder("two parts")
    >>> parts = [Values(np.array([False]), text=np.array([word], object)) for word in ("clay", "sand")]
    >>> table = concatenate([builder.build({"soil": part}) for part in parts])
    >>> table.columns[0].words, table.x.tolist(), table.lines.tolist()
    (('clay', 'sand'), [[0], [1]], [1, 2])
    """
    check_size(sum(table.x.size for table in tables) * max(table.x.itemsize for table in tables))
    return Table(
        tables[-1].columns,
        np.concatenate([table.x for table in tables]),
        {name: np.concatenate([table.text[name] for table in tables]) for name in tables[0].text},
        np.concatenate([table.lines for table in tables]),
        notes,
    )


def check_size(size: int) -> None:
    """Raise :class:`DataError` for a table of more bytes than the limit of 2 GiB."""
    if size > limits.ARRAY_BYTES:
        remedy = limits.describe_remedy("ARRAY_BYTES", "leave columns or rows out")
        raise DataError(f"expected a table of {limits.ARRAY_BYTES:,} bytes at most, got {size:,}", remedy=remedy)


def slice_columns(columns: Mapping[str, Values], n: int, rows: int) -> Iterator[Mapping[str, Values]]:
    """Cut columns of n values into blocks of at most so many rows."""
    for start in range(0, n, rows):
        yield {name: values[start : start + rows] for name, values in columns.items()}
