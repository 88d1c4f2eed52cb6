"""Mutations of seeds without coverage: of bytes, of numbers and words in text, of values in JSON, inside containers."""

from __future__ import annotations

import json
import marshal
import random
import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Any

from fuzz.containers import mutate_inside

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

USUAL = 200
"""The bytes that take a reader no time worth counting."""


class Mutator:
    """Seeds, of which a long one is chosen as much more rarely as it is longer, and the changes of them."""

    def __init__(self, seeds: Sequence[bytes]) -> None:
        self.seeds = seeds
        self.weights = list(accumulate(1 / (len(seed) + USUAL) for seed in seeds))

    def choose(self, rng: random.Random) -> bytes:
        """Choose a seed."""
        return rng.choices(self.seeds, cum_weights=self.weights)[0]

    def mutate(self, rng: random.Random) -> bytes:
        """Change a seed in one to four places.

        >>> Mutator([b"0,1"]).mutate(random.Random(1)) != b"0,1"
        True
        """
        content = self.choose(rng)
        for _ in range(rng.choice((1, 1, 1, 2, 4))):
            content = self.change(content, rng)
        return content

    def change(self, content: bytes, rng: random.Random) -> bytes:
        """Change one place; of files with checksums mostly one inside."""
        if rng.random() < 0.8 and (changed := mutate_inside(content, self.change, rng)) is not None:
            return changed
        return _change(content, self, rng)


def _change(content: bytes, mutator: Mutator, rng: random.Random) -> bytes:
    if content[:1] in (b"{", b"[") and rng.random() < 0.6 and (found := _parse(content)) is not None:
        return _mutate_json(marshal.loads(found[0]), found[1], rng)
    place = rng.randrange(len(content) + 1)
    kind = rng.randrange(9)
    if kind == 0:
        other = mutator.choose(rng)
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


@lru_cache(64)
def _parse(content: bytes) -> tuple[bytes, list[tuple[Any, ...]]] | None:
    """Parse JSON: return a copy of the value, which is quick to read, and the paths of all places; None for others."""
    try:
        value = json.loads(content)
        return marshal.dumps(value), _list_paths(value)
    except (ValueError, RecursionError):
        return None


def _mutate_json(value: Any, paths: Sequence[tuple[Any, ...]], rng: random.Random) -> bytes:
    """Replace, remove, double or move one part of a value."""
    if not paths:
        return json.dumps(rng.choice(VALUES)).encode()
    path = rng.choice(paths)
    parent, key = _follow(value, path[:-1]), path[-1]
    kind = rng.randrange(6)
    if kind < 3:
        parent[key] = rng.choice(VALUES)
    elif kind == 3:
        del parent[key]
    elif kind == 4:
        parent[key] = marshal.loads(marshal.dumps(_follow(value, rng.choice(paths))))
    elif isinstance(parent, list):
        parent.insert(key, parent[key])
    else:
        parent[rng.choice(("type", "", "x", "n_out", "shape", "sha256", "format"))] = parent[key]
    return json.dumps(value, ensure_ascii=rng.random() < 0.9).encode("utf-8", "surrogatepass")


def _follow(value: Any, path: Sequence[Any]) -> Any:
    for key in path:
        value = value[key]
    return value


def _list_paths(value: Any) -> list[tuple[Any, ...]]:
    """List the paths of all places in a value: the positions and names that lead to it."""
    found: list[tuple[Any, ...]] = []
    waiting: list[tuple[tuple[Any, ...], Any]] = [((), value)]
    while waiting and len(found) < 10_000:
        path, parent = waiting.pop()
        if isinstance(parent, (dict, list)):
            keys = list(parent) if isinstance(parent, dict) else range(len(parent))
            found += [(*path, key) for key in keys]
            waiting += [((*path, key), parent[key]) for key in keys]
    return found
