"""Mutations of seeds without coverage: of bytes, of numbers and words in text, and of values in JSON."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from typing import Any

NUMBERS = (
    b"0",
    b"-1",
    b"1e999",
    b"nan",
    b"0.99999999",
    b"1" * 400,
    b"9007199254740993",
    b"-0.0",
    b"1e-320",
    b"4294967296",
)
"""Numbers at the borders of what readers accept."""

MARKS = (
    b"\0",
    b"\xff",
    b'"',
    b"'",
    b"[" * 2000,
    b"{",
    b"}",
    b"\n",
    b"\r\n",
    b",",
    b";",
    b"\t",
    b"\\",
    b"\xef\xbb\xbf",
    b"(" * 90,
)
"""Bytes that mean something to a parser."""

VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**63, 10**400, 1.5, -0.0, 1e308, float("nan"), float("inf"), "", "0", "x" * 300,
    "\0", "\ud800", [], [[]], {}, {"type": "Dense", "n_out": 3}, [1, 2], [-1], [0], {"type": "Network"}, {"type": 3},
)  # fmt: skip
"""Values of JSON in place of others."""


def mutate(seeds: Sequence[bytes], rng: random.Random) -> bytes:
    """Change a seed in one to four places.

    >>> mutate([b"0,1"], random.Random(1)) != b"0,1"
    True
    """
    content = rng.choice(seeds)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        content = _mutate_once(content, seeds, rng)
    return content


def _mutate_once(content: bytes, seeds: Sequence[bytes], rng: random.Random) -> bytes:
    if content[:1] in (b"{", b"[") and rng.random() < 0.6:
        try:
            return _mutate_json(json.loads(content), rng)
        except (ValueError, RecursionError):
            pass
    place = rng.randrange(len(content) + 1)
    kind = rng.randrange(9)
    if kind == 0:
        other = rng.choice(seeds)
        return content[:place] + other[rng.randrange(len(other) + 1) :]
    if kind == 1:
        return content[:place] + content[place + rng.choice((1, 1, 4, 40)) :]
    if kind == 2:
        return content[:place] + rng.choice(MARKS) + content[place:]
    if kind == 3 and (found := list(re.finditer(rb"-?\d+(?:\.\d+)?", content))):
        number = rng.choice(found)
        return content[: number.start()] + rng.choice(NUMBERS) + content[number.end() :]
    if kind == 4 and (found := list(re.finditer(rb"[A-Za-z_]{2,}", content))):
        word, other = rng.choice(found), rng.choice(found)
        return content[: word.start()] + other[0] + content[word.end() :]
    if kind == 5 and place + 4 <= len(content):
        return content[:place] + rng.choice((b"\xff\xff\xff\xff", b"\0\0\0\x80", b"\0\0\1\0")) + content[place + 4 :]
    if kind == 6:
        start = rng.randrange(len(content) + 1)
        return content[:place] + content[start : start + rng.choice((4, 30, 300))] + content[place:]
    changed = bytearray(content or b"\0")
    changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _mutate_json(value: Any, rng: random.Random) -> bytes:
    """Replace, remove, double or move one part of a value."""
    places = list(_list_places(value))
    if not places:
        return json.dumps(rng.choice(VALUES)).encode()
    parent, key = rng.choice(places)
    kind = rng.randrange(6)
    if kind < 3:
        parent[key] = rng.choice(VALUES)
    elif kind == 3:
        del parent[key]
    elif kind == 4:
        other, from_key = rng.choice(places)
        if from_key in other if isinstance(other, dict) else from_key < len(other):
            parent[key] = json.loads(json.dumps(other[from_key]))
    elif isinstance(parent, list):
        parent.insert(key, parent[key])
    else:
        parent[rng.choice(("type", "", "x", "n_out", "shape", "sha256", "format"))] = parent[key]
    return json.dumps(value, ensure_ascii=rng.random() < 0.9).encode("utf-8", "surrogatepass")


def _list_places(value: Any) -> list[tuple[Any, Any]]:
    """List all places in a value: the list or object, and the position or name."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting and len(found) < 10_000:
        parent = waiting.pop()
        if isinstance(parent, (dict, list)):
            keys = list(parent) if isinstance(parent, dict) else range(len(parent))
            found += [(parent, key) for key in keys]
            waiting += [parent[key] for key in keys]
    return found
