"""Labels and samples as numbers: 007 and nan may be names, so that text is recognized strictly."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import isfinite
from unicodedata import category

import numpy as np

from deltarule.data.cells import is_plain_number, parse_number, swap_marks

_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+([eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"[+-]?[0-9]+")
_MARKS = "%‰,'’()−"
"""Beside currency signs and spaces, what is written around or between the digits of an amount."""

_CODE = re.compile(r"[+-]?0[0-9]+")


def parse_numbers(texts: Sequence[str]) -> np.ndarray | None:
    """Parse texts as finite numbers, (n,) float64; return None if one is not a number.

    A comma is the decimal mark if at least one text has one, all others are whole, and none has a point. Words such
    as "nan" and "inf" are not numbers.

    >>> parse_numbers(["1", "+2.5", ".5e1"]).tolist(), parse_numbers(["1,5", "2"]).tolist(), parse_numbers(["nan"])
    ([1.0, 2.5, 5.0], [1.5, 2.0], None)
    """
    mark = "," if has_decimal_commas(texts) else "."
    plain = list(map(swap_marks, texts)) if mark == "," else texts
    if all(map(is_plain_number, plain)):  # the quick way for many
        found = np.array(list(map(float, plain)), np.float64)
        return found if np.isfinite(found).all() else None
    numbers = [parse_number(text, mark) for text in texts]
    if not all(number is not None and isfinite(number) for number in numbers):
        return None
    return np.array(numbers, np.float64)


def is_number(text: str) -> bool:
    """Return True for a finite number with a decimal point.

    >>> is_number("1e3"), is_number("1_000"), is_number("1e999")
    (True, False, False)
    """
    number = parse_number(text)
    return number is not None and isfinite(number)


def find_marks(text: str) -> str:
    """Find the marks that keep a text from being a number, such as a currency sign; "" if it is none without them.

    >>> find_marks("$50,250"), find_marks("1.7%"), find_marks("(12.5)"), find_marks("12.5"), find_marks("$")
    ('$,', '%', '()', '', '')
    """
    marks = [mark for mark in text if mark in _MARKS or category(mark) in ("Sc", "Zs")]
    rest = "".join(mark for mark in text if mark not in marks)
    return "".join(dict.fromkeys(marks)) if marks and is_number(rest) else ""


def has_decimal_commas(texts: Sequence[str]) -> bool:
    """Return True if the decimal mark of all texts is a comma.

    >>> has_decimal_commas(["1,5", "2"]), has_decimal_commas(["1,5", "2.5"]), has_decimal_commas(["1", "2"])
    (True, False, False)
    """
    if not any("," in text for text in texts):
        return False
    return all(_DECIMAL_COMMA.fullmatch(text) or _WHOLE.fullmatch(text) for text in texts)


def has_codes(texts: Sequence[str]) -> bool:
    """Return True if a text is a whole number with leading zeros, as codes such as 007 are.

    >>> has_codes(["7", "007"]), has_codes(["0", "0.5"])
    (True, False)
    """
    return any(text[0] in "0+-" and bool(_CODE.fullmatch(text)) for text in texts if len(text) > 1)
