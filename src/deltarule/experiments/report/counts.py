"""The numbers of published figures with each verdict: by chapter, of the whole book, and after the book."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from deltarule.experiments.parts import PARTS, Part
from deltarule.experiments.prediction import COVERAGE
from deltarule.experiments.report.entries import Entry
from deltarule.experiments.verdict import ONE_RUN, UNDECIDED, Comparison


@dataclass(frozen=True)
class Counts:
    """The experiments and published figures of a part (None: of several), of all kinds or of one ``kind``."""

    part: Part | None
    entries: tuple[Entry, ...]
    kind: str = ""

    def of_kind(self, kind: str) -> Counts:
        """Return the counts of one kind: "figure", "claim" or "criterion"."""
        return replace(self, kind=kind)

    @property
    def _compared(self) -> list[Comparison]:
        return [one for entry in self.entries for one in entry.compared if self.kind in ("", one.published.kind)]

    @property
    def noun(self) -> str:
        """The name of the figures: those of the book are published, those after it are mostly criteria of ours."""
        return "published results and claims" if self.part is None or self.part.is_in_book else "results after the book"

    @property
    def experiments(self) -> int:
        """The number of experiments."""
        return len(self.entries)

    @property
    def published(self) -> int:
        """The number of published figures."""
        return len(self._compared)

    @property
    def reproduced(self) -> int:
        """The number of reproduced figures."""
        return sum(one.is_reproduced for one in self._compared)

    @property
    def missed(self) -> int:
        """The number of figures that our runs contradict."""
        return sum(one.is_missed for one in self._compared)

    @property
    def undecided(self) -> int:
        """The number of figures for which our runs differ too much, or are too few."""
        return sum(one.verdict == UNDECIDED for one in self._compared)

    @property
    def one_run(self) -> int:
        """The number of figures with one or two runs."""
        return sum(one.verdict == ONE_RUN for one in self._compared)

    @property
    def not_measured(self) -> int:
        """The number of figures without a measurement."""
        return self.published - self.reproduced - self.missed - self.undecided - self.one_run

    @property
    def by_interval(self) -> int:
        """The number of figures that a prediction interval decides."""
        return sum(one.is_by_interval for one in self._compared)

    @property
    def interval_misses(self) -> int:
        """The number of figures that lie outside of their interval."""
        return sum(one.is_by_interval and one.is_missed for one in self._compared)

    @property
    def expected_misses(self) -> float:
        """The number of misses to expect by chance: one in twenty of those that an interval decides."""
        return round((1 - COVERAGE) * self.by_interval, 1)


def count_by_part(entries: Iterable[Entry]) -> list[Counts]:
    """Count the figures of each part that has experiments."""
    listed = list(entries)
    of_parts = [Counts(part, tuple(one for one in listed if one.experiment.part is part)) for part in PARTS.values()]
    return [counts for counts in of_parts if counts.entries]


def count_book(entries: Iterable[Entry]) -> Counts:
    """Count the figures of all chapters of the book."""
    return Counts(None, tuple(entry for entry in entries if entry.experiment.part.is_in_book))


def count_after_book(entries: Iterable[Entry]) -> Counts:
    """Count the figures that come after the book: those of other papers, and criteria of ours."""
    return Counts(None, tuple(entry for entry in entries if not entry.experiment.part.is_in_book))


@dataclass(frozen=True)
class MissedFigures:
    """Figures of one experiment that were missed for the same reason ("" if it is unknown)."""

    entry: Entry
    reason: str
    figures: tuple[Comparison, ...]


def group_missed(entries: Iterable[Entry]) -> list[MissedFigures]:
    """Group the missed figures by experiment and reason."""
    grouped: dict[tuple[str, str], MissedFigures] = {}
    for entry in entries:
        for one in entry.missed_figures:
            reason = one.published.explanation
            before = grouped.get((entry.name, reason), MissedFigures(entry, reason, ()))
            grouped[entry.name, reason] = replace(before, figures=(*before.figures, one))
    return list(grouped.values())
