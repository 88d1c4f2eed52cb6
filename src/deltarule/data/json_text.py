"""JSON in place of a table, which is not read: its signs, and the way on."""

from __future__ import annotations

import json
from collections.abc import Sequence

from deltarule.errors import DataError

JSON_REMEDY = (
    "JSON is not read; save it as CSV or Parquet, for example with "
    'pandas.read_json("table.json").to_csv("table.csv", index=False)'
)
"""The way on from a file of one JSON value."""

LINES_REMEDY = JSON_REMEDY.replace('"table.json"', '"table.jsonl", lines=True')
"""The way on from a file with a JSON value in each line."""


def refuse_json(lines: Sequence[str]) -> None:
    """Raise :class:`DataError` if the first lines of a text are JSON, not only a heading that begins like it.

    >>> refuse_json(["[mm],{kg}", "1,2"])
    >>> refuse_json(['{"height": 1.5}', '{"height": 2}'])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    deltarule.errors.DataError: expected a table of text, got JSON; JSON is not read; save it as CSV ...
    """
    texts = [line.strip() for line in lines if line.strip()]
    if not texts or texts[0][0] not in "[{":
        return
    if _is_json(texts[0]):
        several = len(texts) > 1 and _is_json(texts[1])
        raise DataError("expected a table of text, got JSON", remedy=LINES_REMEDY if several else JSON_REMEDY)
    if _begins_value(texts):
        raise DataError("expected a table of text, got JSON", remedy=JSON_REMEDY)


def _is_json(text: str) -> bool:
    """Return True for a text that is an object or an array, or begins with an array's first object."""
    inner = text[1:].lstrip() if text[0] == "[" else text
    try:
        if inner.startswith("{"):
            json.JSONDecoder().raw_decode(inner)
            return True
        return isinstance(json.loads(text), list)
    except (ValueError, RecursionError):
        return False


def _begins_value(texts: Sequence[str]) -> bool:
    """Return True for the first lines of a value that is written over several lines, such as ``[`` and ``{``."""
    if texts[0] not in ("[", "{", "[{") or len(texts) < 2:
        return False
    return texts[1][0] in '{["' and (texts[0] == "[" or ":" in texts[1])
