"""Numbers as text: recognized strictly, so that 007, nan and 1_000 stay words where they are names."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+([eE][+-]?[0-9]{1,4})?")
_WHOLE = re.compile(r"[+-]?[0-9]+")
_CODE = re.compile(r"[+-]?0[0-9]+")


def parse_numbers(texts: Sequence[str]) -> np.ndarray | None:
    """Parse texts as finite numbers, (n,) float64; return None if one is not a number.

    A comma is the decimal mark if at least one text has one, all others are whole, and none has a point. Words such
    as "nan" and "inf" are not numbers.

    >>> parse_numbers(["1", "+2.5", ".5e1"]).tolist(), parse_numbers(["1,5", "2"]).tolist(), parse_numbers(["nan"])
    ([1.0, 2.5, 5.0], [1.5, 2.0], None)
    """
    if has_decimal_commas(texts):
        texts = [text.replace(",", ".") for text in texts]
    if not all(map(_NUMBER.fullmatch, texts)):
        return None
    numbers = np.array(list(map(float, texts)), np.float64)
    return numbers if np.isfinite(numbers).all() else None


def is_number(text: str) -> bool:
    """Return True for a finite number with a decimal point.

    >>> is_number("1e3"), is_number("1_000"), is_number("1e999")
    (True, False, False)
    """
    return bool(_NUMBER.fullmatch(text)) and abs(float(text)) < np.inf


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
    return any(map(_CODE.fullmatch, texts))
