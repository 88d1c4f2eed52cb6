"""How many rows of digits are read right, to the last digit, by their length and by whether digits touch."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Any

from deltarule.digit_strings.recognition import segment_all
from deltarule.digit_strings.synthesis import StringPicture
from deltarule.models.predictor import Predictor

_TOGETHER = 40  # pictures whose pieces are shown to the network at once

KINDS = ("separate", "touching")
"""Pictures in which no two digits touch, and those in which two or more do."""


def evaluate_reader(model: Predictor, pictures: Sequence[StringPicture]) -> dict[str, Any]:
    """What ``model`` reads in pictures whose digits are known.

    For each of :data:`KINDS`: ``lengths``, by the number of digits how many pictures there were (``n``), how
    many were read ``right``, as a ``rate`` and between which rates it lies with 95 % confidence (``low``,
    ``high``; Wilson, 1927); ``all``, the same of all lengths; and ``digit_error``, the insertions, deletions
    and substitutions that lead from what was written to what was read, by the digits written. ``read`` is
    the text that was read in each picture, empty where there was none.
    """
    texts = []
    for start in range(0, len(pictures), _TOGETHER):
        made = segment_all([picture.image for picture in pictures[start : start + _TOGETHER]], model)
        texts += [one.to_reading().text if one else "" for one in made]
    found: dict[str, Any] = {"read": texts}
    for kind in KINDS:
        own = [
            ("".join(map(str, p.labels)), text)
            for p, text in zip(pictures, texts, strict=True)
            if any(p.touching) == (kind == "touching")
        ]
        lengths = sorted({len(written) for written, _ in own})
        digits = sum(len(written) for written, _ in own)
        found[kind] = {
            "lengths": {str(n): _rate([pair for pair in own if len(pair[0]) == n]) for n in lengths},
            "all": _rate(own),
            "digit_error": sum(edit_distance(*pair) for pair in own) / digits if digits else None,
        }
    return found


def edit_distance(written: str, read: str) -> int:
    """The fewest insertions, deletions and substitutions that lead from one text to the other (Levenshtein, 1966).

    >>> edit_distance("504192", "50492"), edit_distance("7", "1"), edit_distance("", "11")
    (1, 1, 2)
    """
    before = list(range(len(read) + 1))
    for i, one in enumerate(written, 1):
        now = [i]
        for j, other in enumerate(read, 1):
            now.append(min(before[j] + 1, now[-1] + 1, before[j - 1] + (one != other)))
        before = now
    return before[-1]


def wilson_interval(right: int, n: int) -> tuple[float, float]:
    """Between which rates the true one lies with 95 % confidence, where ``right`` of ``n`` were (Wilson, 1927).

    >>> [round(rate, 3) for rate in wilson_interval(95, 100)]
    [0.888, 0.978]
    """
    if not n:
        return 0.0, 1.0
    z, rate = 1.959964, right / n
    middle = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def _rate(pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    right = sum(written == text for written, text in pairs)
    low, high = wilson_interval(right, len(pairs))
    return {"n": len(pairs), "right": right, "rate": right / len(pairs) if pairs else None, "low": low, "high": high}
