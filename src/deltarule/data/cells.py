"""Cells of a table: numbers, missing values, and words as positions in a vocabulary."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import inf, nan

import numpy as np

from deltarule import limits
from deltarule.errors import DataError

MISSING = frozenset({"", "na", "n/a", "#n/a", "<na>", "nan", "+nan", "-nan", "null", "none", "?", "-"})
"""The cells, in lower case, that are missing values in a column of numbers. In a column of words only "" is."""

MOST_EXACT = 2**53
"""The largest whole number up to which all are exact in float64."""

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_PLAIN = re.compile(r"[0-9.eE+-]*+")
_INFINITE = re.compile(r"[+-]?inf(?:inity)?", re.ASCII | re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?", re.ASCII)
_OTHER_MARK = {".": ",", ",": "."}
_SWAP = str.maketrans(",.", ".,")
_COMMON_NUMBERS = 20  # so many different numbers are no names of kinds


def swap_marks(text: str) -> str:
    """Exchange commas and points, so that numbers with a decimal comma can be read.

    >>> swap_marks("1.234,5")
    '1,234.5'
    """
    return text.translate(_SWAP)


def is_plain_number(cell: str) -> bool:
    """Return True for a number with a decimal point and without spaces, which ``float`` reads.

    >>> is_plain_number("-1.5e3"), is_plain_number(" 1"), is_plain_number("1_000")
    (True, False, False)
    """
    return bool(_NUMBER.fullmatch(cell))


def parse_number(cell: str, decimal: str = ".") -> float | None:
    """Parse a cell as a number: NaN if it is missing, infinite if it is too large, None if it is a word.

    Numbers are written as in ``1``, ``-1.5``, ``+1``, ``.5`` or ``1e3``, in ASCII digits, with spaces around at most.
    So ``1_000``, ``0x1F``, ``1,000`` and ``true`` are words.

    >>> parse_number(" +1.5e3"), parse_number("N/A"), parse_number("0x1F"), parse_number("1,5", ",")
    (1500.0, nan, None, 1.5)
    """
    cell = cell.strip()
    if decimal == ",":
        cell = swap_marks(cell)
    if _NUMBER.fullmatch(cell):
        return float(cell)
    if cell.lower() in MISSING:
        return nan
    return (-inf if cell[0] == "-" else inf) if _INFINITE.fullmatch(cell) else None


_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)


def is_inexact(cell: str) -> bool:
    """Return True for a whole number that float64 cannot be trusted to hold, as its digits may be an identifier.

    >>> is_inexact("9007199254740993"), is_inexact("9007199254740992"), is_inexact("1e300")
    (True, False, False)
    """
    if len(cell) < 16 or not _WHOLE.fullmatch(cell := cell.strip()):
        return False
    digits = cell.lstrip("+-0")
    return len(digits) > 16 or int(digits or "0") > MOST_EXACT


def refuse_inexact(position: str, value: object) -> DataError:
    """Create the error about a whole number that is not exact.

    >>> refuse_inexact('line 2, column "s"', 2**60).expected
    'whole numbers up to 2^53 = 9,007,199,254,740,992, larger ones are not exact'
    """
    return DataError(
        position=position,
        expected=f"whole numbers up to 2^53 = {MOST_EXACT:,}, larger ones are not exact",
        value=value,
        remedy="leave the column out, or write its values as rounded numbers such as 1.5e17",
    )


def parse_plainly(cells: Sequence[str]) -> list[float] | None:
    """Parse cells that are all empty or numbers without spaces, ten times as fast; return None for others.

    >>> parse_plainly(["1.5", ""]), parse_plainly(["1.5", "?"])
    ([1.5, nan], None)
    """
    if not _PLAIN.fullmatch("".join(cells)):
        return None
    try:
        return [float(cell or "nan") for cell in cells]
    except ValueError:  # such as 1-2
        return None


def parse_exactly(cells: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Parse numbers; return which are missing, and all: as Python objects if a whole number is not exact in float64.

    >>> parse_exactly(["1.5", "?"])[1].tolist(), parse_exactly(["9007199254740993", "1"])[1].tolist()
    ([1.5, nan], [9007199254740993, 1.0])
    """
    plain = parse_plainly(cells)
    numbers = np.array([parse_number(cell) for cell in cells] if plain is None else plain, np.float64)
    missing = np.isnan(numbers)
    large = np.flatnonzero((np.abs(numbers) >= MOST_EXACT) & np.isfinite(numbers))
    if inexact := [i for i in large.tolist() if is_inexact(cells[i])]:
        numbers = np.where(missing, 0, numbers).astype(object)
        numbers[inexact] = [int(cells[i]) for i in inexact]
    return missing, numbers


def name_place(line: int, name: str) -> str:
    """Name the place of a cell for an error.

    >>> name_place(12, "width"), name_place(12, "column 3")
    ('line 12, column "width"', 'line 12, column 3')
    """
    return f"line {line}, {name if re.fullmatch('column [0-9]+', name) else name_column(name)}"


def name_column(name: str) -> str:
    """Name a column for an error.

    >>> name_column("width")
    'column "width"'
    """
    return f'column "{name}"'


class Vocabulary:
    """The different words of a column, in order of appearance; :meth:`encode` turns words into their positions.

    >>> vocabulary = Vocabulary("soil", ["clay"])
    >>> vocabulary.encode(["sand", "", "clay"], [2, 3, 4]), vocabulary.words
    (array([ 1., nan,  0.]), ('clay', 'sand'))
    """

    def __init__(self, name: str, words: Sequence[str] = ()) -> None:
        self.name = name
        self._positions = {"": nan} | {word: float(i) for i, word in enumerate(words)}
        self._lines = [0] * len(words)
        self._counts = np.zeros(len(words), np.int64)

    @property
    def words(self) -> tuple[str, ...]:
        """All words so far."""
        return tuple(self._positions)[1:]

    def encode(self, cells: Sequence[str], lines: Sequence[int]) -> np.ndarray:
        """Return the positions of words, (n,) float64, NaN for ""; append the words that are new.

        ``lines`` are the lines of the cells. Raises :class:`DataError` if there are more than the limit.
        """
        new = [word for word in dict.fromkeys(cells) if word not in self._positions]
        first = dict(zip(reversed(cells), reversed(lines), strict=True)) if new else {}
        for word in new:
            if len(self._lines) == limits.COLUMN_WORDS:
                raise DataError(
                    f"expected at most {limits.COLUMN_WORDS:,} different words in a column, got more",
                    position=name_place(int(first[word]), self.name),
                    remedy=limits.describe_remedy(
                        "COLUMN_WORDS", "leave the column out if it contains identifiers, dates or sentences"
                    ),
                )
            self._positions[word] = float(len(self._lines))
            self._lines.append(int(first[word]))
        codes = np.array([self._positions[cell] for cell in cells], np.float64)
        counts = np.bincount(codes[~np.isnan(codes)].astype(np.int64), minlength=len(self._lines))
        counts[: len(self._counts)] += self._counts
        self._counts = counts
        return codes

    def check(self, decimal: str = ".", delimiter: str = "") -> None:
        """Raise :class:`DataError` if the column seems to have numbers, and the words to be mistakes.

        That is so if three of four cells are numbers that measure something: some have a fraction, or there are more
        than 20 different ones. It is also so if all words are numbers written in another way, such as "1,5", or
        the column's own name.
        """
        values = [parse_number(word, decimal) for word in self.words]
        odd = [i for i, value in enumerate(values) if value is None]
        if not odd:
            return
        numbers = {i: value for i, value in enumerate(values) if value is not None and value == value}
        numeric = sum(int(self._counts[i]) for i in numbers)
        fractions = any(value % 1 > 0 for value in numbers.values())
        mistakes = 3 * sum(int(self._counts[i]) for i in odd) <= numeric and (
            fractions or len(numbers) > _COMMON_NUMBERS
        )
        words = self.words
        repeated = all(words[i] == self.name for i in odd)  # a heading within the table
        if mistakes or repeated or all(_is_other_number(words[i], decimal) for i in odd):
            raise refuse_word(self._lines[odd[0]], self.name, words[odd[0]], decimal, delimiter)


def refuse_word(line: int, name: str, cell: str, decimal: str = ".", delimiter: str = "") -> DataError:
    """Create the error about a word in a column of numbers.

    Marks between thousands cannot be told from the decimal mark, but are more probable where columns are separated by
    commas.

    >>> refuse_word(12, "width", "1,5").remedy
    'correct the value, or state that the comma is the decimal mark: decimal=","'
    """
    remedy = "correct the value, leave the cell empty if it is missing, or remove the line"
    has_thousands = _has_thousands(cell, decimal)
    if has_thousands:
        remedy = "remove the marks between thousands"
    if parse_number(cell, _OTHER_MARK[decimal]) is not None and not (delimiter == "," and has_thousands):
        mark, noun = (",", "comma") if decimal == "." else (".", "point")
        first = remedy if has_thousands else "correct the value"
        remedy = f'{first}, or state that the {noun} is the decimal mark: decimal="{mark}"'
    return DataError(
        expected=f"a number{' with a decimal comma' * (decimal == ',')}, as other rows have in this column",
        value=cell,
        position=name_place(line, name),
        remedy=remedy,
    )


def _is_other_number(cell: str, decimal: str) -> bool:
    """Return True for a number with the other decimal mark, or with marks between thousands."""
    return parse_number(cell, _OTHER_MARK[decimal]) is not None or _has_thousands(cell, decimal)


def _has_thousands(cell: str, decimal: str) -> bool:
    """Return True for a number with marks between thousands."""
    return _THOUSANDS.fullmatch(swap_marks(cell) if decimal == "," else cell) is not None
