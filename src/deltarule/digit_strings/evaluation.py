"""Evaluation of models on rows of digits: rows with every digit right, by length and by touching digits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deltarule.digit_strings.recognition import segment_all
from deltarule.digit_strings.synthesis import StringPicture
from deltarule.models.intervals import wilson_interval
from deltarule.models.predictor import Predictor

_BATCH = 40  # pictures whose pieces the network classifies at once

KINDS = ("separate", "touching")
"""Pictures in which no two digits touch, and pictures in which some do."""


def evaluate_reader(model: Predictor, pictures: Sequence[StringPicture]) -> dict[str, Any]:
    """Evaluate a model on pictures of rows whose digits are known.

    Args:
        model: The model, as for :func:`deltarule.digit_strings.read_string`.
        pictures: The pictures, such as :func:`deltarule.digit_strings.synthesize_strings` makes.

    Returns:
        ``read``: the text read in each picture, empty where none could be read.

        ``separate`` and ``touching``: a dictionary for each of these two kinds of pictures. Its ``lengths`` has an
        entry for each number of digits: ``n``, the number of pictures; ``right``, how many of them were read without a
        mistake; ``rate``, their share; and ``low`` and ``high``, the ends of its 95 % confidence interval (Wilson,
        1927). Its ``all`` has the same for all lengths together. Its ``digit_error`` is the edit distance between the
        true and the read text, summed over the pictures and divided by the number of true digits.

    >>> from deltarule.data import load
    >>> from deltarule.digit_strings import load_reader, synthesize_strings
    >>> pictures = synthesize_strings(load("digits")[2], 2, seed=1, lengths=(3,))
    >>> found = evaluate_reader(load_reader(), pictures)
    >>> found["read"], found["separate"]["all"]["n"], found["touching"]["all"]["n"]
    (['788', '210'], 1, 1)
    """
    texts = []
    for start in range(0, len(pictures), _BATCH):
        segmentations = segment_all([picture.image for picture in pictures[start : start + _BATCH]], model)
        texts += [one.to_reading().text if one else "" for one in segmentations]
    found: dict[str, Any] = {"read": texts}
    for kind in KINDS:
        own = [
            ("".join(map(str, p.labels)), text)
            for p, text in zip(pictures, texts, strict=True)
            if any(p.touching) == (kind == "touching")
        ]
        lengths = sorted({len(true) for true, _ in own})
        digits = sum(len(true) for true, _ in own)
        found[kind] = {
            "lengths": {str(n): _rate([pair for pair in own if len(pair[0]) == n]) for n in lengths},
            "all": _rate(own),
            "digit_error": sum(edit_distance(*pair) for pair in own) / digits if digits else None,
        }
    return found


def edit_distance(true: str, read: str) -> int:
    """Return the fewest insertions, deletions and substitutions that turn one text into another (Levenshtein, 1966).

    >>> edit_distance("504192", "50492"), edit_distance("7", "1"), edit_distance("", "11")
    (1, 1, 2)
    """
    before = list(range(len(read) + 1))
    for i, one in enumerate(true, 1):
        now = [i]
        for j, other in enumerate(read, 1):
            now.append(min(before[j] + 1, now[-1] + 1, before[j - 1] + (one != other)))
        before = now
    return before[-1]


def _rate(pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    right = sum(true == text for true, text in pairs)
    low, high = wilson_interval(right, len(pairs))
    return {"n": len(pairs), "right": right, "rate": right / len(pairs) if pairs else None, "low": low, "high": high}
