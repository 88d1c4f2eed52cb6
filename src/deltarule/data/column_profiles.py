"""Profiles of columns: the values of a sample, and what they could be: row numbers, identifiers, dates, labels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from deltarule.data.cells import MISSING
from deltarule.data.number_text import find_marks, has_codes, parse_numbers
from deltarule.data.target_kind import MOST_CODES, are_codes

FEWEST = 10
"""The fewest rows from which texts that are different in all rows are taken as identifiers."""

FEWEST_IN_PART = 50
"""The fewest rows from which texts that are different in most rows are taken as free text, such as remarks."""

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

    Attributes:
        name: The name of the column.
        cells: The values, as written.
        is_unnamed: True if the table has a heading, and no name for this column.

    >>> Profile("soil", ("sand", "clay", "sand", "")).words, Profile("height", ("2", "NA", "2")).words
    (('sand', 'clay'), ('2',))
    """

    name: str
    cells: tuple[str, ...]
    is_unnamed: bool = False

    @cached_property
    def counts(self) -> Counter[str]:
        """The number of rows of each value, without missing ones: "", and among numbers others such as "NA"."""
        counts = Counter(self.cells)
        if any(value != value.strip() for value in counts):
            counts = Counter(cell.strip() for cell in self.cells)
        del counts[""]
        if not MISSING.isdisjoint(map(str.lower, counts)):
            known = {value: n for value, n in counts.items() if value.lower() not in MISSING}
            return Counter(known) if parse_numbers(list(known)) is not None else counts
        return counts

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The different values, in the order of their first rows."""
        return tuple(self.counts)

    @cached_property
    def numbers(self) -> np.ndarray | None:
        """The different values as numbers; None if one is not a number."""
        return parse_numbers(self.words) if self.words else None

    @cached_property
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
        return self.n > 1 and all(map(_DATE.fullmatch, self.words))

    @cached_property
    def is_counter(self) -> bool:
        """True if the values are the row numbers, from 0 or 1."""
        first = self.cells[0].strip() if self.cells else ""
        if first not in ("0", "1") or len(self.cells) < 5:
            return False
        return all(cell.strip() == str(i) for i, cell in enumerate(self.cells, int(first)))

    @property
    def is_different(self) -> bool:
        """True if no value is repeated."""
        return len(self.words) == self.n > 1

    @property
    def is_whole(self) -> bool:
        """True if all values are whole numbers."""
        return self.numbers is not None and bool(np.array_equal(self.numbers, np.floor(self.numbers)))

    @property
    def has_codes(self) -> bool:
        """True if all values are numbers, some with leading zeros, as codes such as 007 are."""
        return has_codes(self.words) and self.numbers is not None

    @property
    def has_counter_name(self) -> bool:
        """True for names that indexes have, such as "" and "Unnamed: 0"."""
        return self.is_unnamed or bool(_COUNTER_NAME.fullmatch(self.name.strip()))

    @property
    def has_identifier_name(self) -> bool:
        """True for names that identifiers have, such as "id" and "PassengerId"."""
        return bool(_IDENTIFIER_NAME.fullmatch(self.name.strip()))

    @property
    def is_free_text(self) -> bool:
        """True for words that are different in all rows, or in most of many, such as names and remarks."""
        k = len(self.words)
        differ = (self.is_different and k >= FEWEST) or 2 * k > self.n >= FEWEST_IN_PART
        return differ and self.numbers is None

    @cached_property
    def likeness(self) -> int:
        """Return 2 if the values could well be labels of classes, 1 if they could be a target, 0 if not."""
        if self.is_constant or self.is_free_text or self.is_date:
            return 0
        counts = np.array(list(self.counts.values()))
        if self.numbers is None or self.has_codes:
            return 2 if len(self.words) <= max(MOST_CODES, self.n**0.5) else 1
        values, inverse = np.unique(self.numbers, return_inverse=True)
        return 2 if are_codes(values, np.bincount(inverse, counts)) else 1


def profile_columns(
    names: Sequence[str], sample: Sequence[Sequence[str]], has_names: bool = True
) -> tuple[Profile, ...]:
    """Return the profile of each column of a sample.

    >>> [profile.likeness for profile in profile_columns(["a", "b"], [["x", "0.5"], ["y", "1.5"], ["x", "2.5"]])]
    [2, 1]
    """
    columns = list(zip(*sample, strict=True)) if sample else [()] * len(names)
    return tuple(
        Profile(name, column, has_names and name in ("", f"column {i}"))
        for i, (name, column) in enumerate(zip(names, columns, strict=True), 1)
    )


def find_irrelevance(profile: Profile, is_first: bool) -> str:
    """Return the reason why a column is left out unless it is stated as an input; "" for a usual column.

    >>> find_irrelevance(Profile("id", ("7", "3", "9")), False), find_irrelevance(Profile("width", ("7", "3")), True)
    ('identifier', '')
    """
    if not profile.words:
        return "empty, without a name" if profile.is_unnamed else ""
    if profile.is_counter and (is_first or profile.has_counter_name or profile.has_identifier_name):
        return "row numbers"
    if profile.has_counter_name and profile.is_different and profile.is_whole and (is_first or not profile.is_unnamed):
        return "row numbers"
    if profile.has_identifier_name and (profile.is_different or profile.name.strip().lower() in ("id", "ids")):
        return "identifier"
    if profile.is_date:
        return "dates"
    if not profile.is_free_text:
        return ""
    marked = [marks for word in profile.words if (marks := find_marks(word))]
    if 2 * len(marked) > len(profile.words):
        return f"amounts with {marked[0]!r}, not written as plain numbers"
    return "text that differs in most rows"
