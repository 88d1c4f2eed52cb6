"""Small tables as users have them, made from fixed seeds."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

TREES = ("oak", "ash", "elm")


def write(path: str | Path, rows: Iterable[Sequence[Any]], heading: str = "", delimiter: str = ",") -> Path:
    """Write rows as text, with the names of ``heading``, separated by spaces; compressed if the name ends in .gz."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    if heading:
        writer.writerow(heading.split(" "))
    writer.writerows(rows)
    content = text.getvalue().encode()
    path = Path(path)
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
    return path.resolve()


def read(path: str | Path) -> list[list[str]]:
    """Read the rows of a file of answers, without the heading."""
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def make_trees(names: Sequence[Any] = TREES, columns: int = 2, n: int = 40, seed: int = 1) -> list[list[Any]]:
    """Make rows of a name and numbers that tell the name, ``n`` of each name."""
    rng = np.random.default_rng(seed)
    return [[name, *np.round(rng.normal(4 * i, 1, columns), 2)] for _ in range(n) for i, name in enumerate(names)]


def make_patients(answers: Sequence[Any], n: int = 500) -> list[list[Any]]:
    """Make rows of an age group, which tells nothing, six measurements, and an answer that two of them tell."""
    rng = np.random.default_rng(2)
    x = rng.normal(size=(n, 6))
    return [[rng.integers(10), *np.round(v, 3), answers[int(v[0] + v[1] > 0)]] for v in x]


def make_range(top: float, n: int, seed: int) -> list[list[Any]]:
    """Make rows of four numbers up to ``top``, after a label that says if the first is above 60."""
    x = np.random.default_rng(seed).uniform(0, top, (n, 4))
    return [[int(v[0] > 60), *np.round(v, 2)] for v in x]


def make_mixed_sizes(n: int = 600) -> list[list[Any]]:
    """Make rows in which a large column tells nothing of the class, and three small columns do."""
    rng = np.random.default_rng(3)
    y = np.arange(n) % 3
    small = rng.normal(size=(n, 3)) * 0.4 + np.eye(3)[y]
    return [[k, round(rng.normal(1500, 300), 1), *np.round(v, 3)] for k, v in zip(y, small, strict=True)]


def make_rare(n: int = 1200) -> list[list[Any]]:
    """Make rows of which one in twenty has the label 1, with much noise."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=(n, 3))
    return [[int(v[0] + v[1] + rng.normal(0, 1.5) > 3.4), *np.round(v, 3)] for v in x]


def make_prices(n: int = 800) -> list[list[Any]]:
    """Make rows of a price and the four numbers that it follows from."""
    x = np.random.default_rng(5).normal(size=(n, 4))
    return [[round(25 + 8 * v[0] - 5 * v[1] + v[2] * v[3], 2), *np.round(v, 3)] for v in x]


def make_colours(n: int = 600) -> list[list[Any]]:
    """Make rows of three labels and the three numbers that they follow from."""
    x = np.random.default_rng(6).normal(size=(n, 3))
    return [[*(v > 0).astype(int), *np.round(v, 3)] for v in x]
