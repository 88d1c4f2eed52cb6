"""Profiles of columns: the values of a sample, and what they could be: row numbers, identifiers, dates, labels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from deltarule.data.number_text import has_codes, parse_numbers
from deltarule.data.target_kind import MOST_CODES, are_codes

MISSING_WORDS = frozenset({"", "na", "n/a", "nan", "null", "none", "?"})
"""The texts, in lower case, that a profile takes as missing values."""

FEWEST = 10
"""The fewest rows from which different texts in all rows are taken as identifiers."""

_MONTH = "(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_TIME = r"([T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?( ?[AP]M)?(Z| ?UTC|[+-][0-9]{2}:?[0-9]{2})?)?"
_DATE = re.compile(
    "|".join(
        f"({day}{_TIME})"
        for day in (
            r"[0-9]{4}-[0-9]{1,2}(-[0-9]{1,2})?",
            r"[0-9]{4}/[0-9]{1,2}(/[0-9]{1,2})?",
            r"[0-9]{1,2}[/.-][0-9]{1,2}[/.-]([0-9]{4}|[0-9]{2})",
            rf"[0-9]{{1,2}}[ -]{_MONTH}[ -][0-9]{{2,4}}",
            rf"{_MONTH} [0-9]{{1,2}},? [0-9]{{4}}",
        )
    )
    + "|[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?",
    re.IGNORECASE,
)
_COUNTER_NAME = re.compile(r"(unnamed: ?\d+|index|idx|row|rows|rownames?|row[ _]?(id|number|no|nr)|nr|no|#|)\.?", re.I)
_IDENTIFIER_NAME = re.compile(r"(?i:id|ids|uuid|guid|.*[ _.-](id|uuid|guid))|.*[a-z](Id|ID|Uuid|UUID)")


@dataclass(frozen=True)
class Profile:
    """The values of a column in the sample.

    >>> Profile("soil", ("sand", "clay", "sand", "")).words
    ('sand', 'clay')
    """

    name: str
    cells: tuple[str, ...]

    @cached_property
    def counts(self) -> Counter[str]:
        """The number of rows of each value, without missing ones."""
        counts = Counter(self.cells)
        return Counter({value: n for value, n in counts.items() if value.strip().lower() not in MISSING_WORDS})

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The different values, in the order of their first rows."""
        return tuple(self.counts)

    @cached_property
    def numbers(self) -> np.ndarray | None:
        """The different values as numbers; None if one is not a number."""
        return parse_numbers(self.words) if self.words else None

    @property
    def n(self) -> int:
        """The number of rows with a value."""
        return sum(self.counts.values())

    @property
    def is_constant(self) -> bool:
        """True if all values are equal, or missing."""
        return len(self.words) < 2

    @property
    def is_date(self) -> bool:
        """True if all values are dates or times of day."""
        return bool(self.words) and all(map(_DATE.fullmatch, self.words))

    @cached_property
    def is_counter(self) -> bool:
        """True if the values are the row numbers, from 0 or 1."""
        first = self.cells[0] if self.cells else ""
        if first not in ("0", "1") or len(self.cells) < 5:
            return False
        return all(cell == str(i) for i, cell in enumerate(self.cells, int(first)))

    @property
    def is_different(self) -> bool:
        """True if no value is repeated."""
        return len(self.words) == self.n > 1

    @property
    def has_counter_name(self) -> bool:
        """True for names that indexes have, such as "" and "Unnamed: 0"."""
        return bool(_COUNTER_NAME.fullmatch(self.name.strip()))

    @property
    def has_identifier_name(self) -> bool:
        """True for names that identifiers have, such as "id" and "PassengerId"."""
        return bool(_IDENTIFIER_NAME.fullmatch(self.name.strip()))

    @property
    def is_free_text(self) -> bool:
        """True for words that are different in most rows, such as names and remarks."""
        return self.numbers is None and self.n >= FEWEST and 2 * len(self.words) > self.n

    @cached_property
    def likeness(self) -> int:
        """Return 2 if the values could well be labels of classes, 1 if they could be a target, 0 if not."""
        if self.is_constant or self.is_free_text or self.is_date:
            return 0
        counts = np.array(list(self.counts.values()))
        if self.numbers is None or has_codes(self.words):
            return 2 if len(self.words) <= max(MOST_CODES, self.n**0.5) else 1
        values, inverse = np.unique(self.numbers, return_inverse=True)
        return 2 if are_codes(values, np.bincount(inverse, counts)) else 1


def profile_columns(names: Sequence[str], sample: Sequence[Sequence[str]]) -> tuple[Profile, ...]:
    """Return the profile of each column of a sample.

    >>> [profile.likeness for profile in profile_columns(["a", "b"], [["x", "0.5"], ["y", "1.5"], ["x", "2.5"]])]
    [2, 1]
    """
    columns = list(zip(*sample, strict=True)) if sample else [()] * len(names)
    return tuple(
        Profile(name, tuple(cell.strip() for cell in column)) for name, column in zip(names, columns, strict=True)
    )


def find_irrelevance(profile: Profile, is_first: bool) -> str:
    """Return the reason why a column is left out unless it is stated as an input; "" for a usual column.

    >>> find_irrelevance(Profile("id", ("7", "3", "9")), False), find_irrelevance(Profile("width", ("7", "3")), True)
    ('identifier', '')
    """
    is_whole = profile.numbers is not None and np.array_equal(profile.numbers, np.floor(profile.numbers))
    if profile.is_counter and (is_first or profile.has_counter_name or profile.has_identifier_name):
        return "row numbers"
    if not profile.words and not profile.name.strip():
        return "empty, without a name"
    if is_whole and profile.is_different and profile.has_counter_name and (is_first or profile.name):
        return "row numbers"
    if profile.has_identifier_name and (profile.is_different or re.fullmatch("(?i)ids?", profile.name.strip())):
        return "identifier"
    if profile.is_date:
        return "dates"
    if profile.is_free_text:
        return "text that differs in most rows"
    return ""
