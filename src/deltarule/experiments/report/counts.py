"""How many figures were published, found again, not found, and not yet looked for: by chapter, and in all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from deltarule.experiments.registry import TITLES
from deltarule.experiments.report.entries import Entry
from deltarule.experiments.state import good
from deltarule.experiments.verdict import Comparison


@dataclass(frozen=True)
class Counts:
    """Experiments and published figures of a chapter (0: of all), all or of one ``kind``."""

    chapter: int
    entries: tuple[Entry, ...]
    kind: str = ""

    def of(self, kind: str) -> Counts:
        """The counts of one kind alone: "figure", "claim" or "criterion"."""
        return replace(self, kind=kind)

    @property
    def _compared(self) -> list[Comparison]:
        return [one for entry in self.entries for one in entry.compared if self.kind in ("", one.published.kind)]

    @property
    def title(self) -> str:
        """The chapter's title."""
        return TITLES.get(self.chapter, "All chapters")

    @property
    def experiments(self) -> int:
        """How many experiments there are."""
        return len(self.entries)

    @property
    def measured(self) -> int:
        """How many of them were run."""
        return sum(bool(good(entry.result)) for entry in self.entries)

    @property
    def published(self) -> int:
        """How many figures were published."""
        return len(self._compared)

    @property
    def reproduced(self) -> int:
        """How many of these were found again."""
        return sum(one.reproduced for one in self._compared)

    @property
    def missed(self) -> int:
        """How many came out otherwise."""
        return sum(one.missed for one in self._compared)

    @property
    def open(self) -> int:
        """How many were not measured yet."""
        return self.published - self.reproduced - self.missed


def by_chapter(entries: Iterable[Entry]) -> list[Counts]:
    """The counts of each chapter that has experiments."""
    listed = list(entries)
    chapters = sorted({entry.experiment.chapter for entry in listed})
    return [Counts(n, tuple(entry for entry in listed if entry.experiment.chapter == n)) for n in chapters]


def in_all(entries: Iterable[Entry]) -> Counts:
    """The counts of all."""
    return Counts(0, tuple(entries))


@dataclass(frozen=True)
class Missed:
    """Figures of one experiment that came out otherwise, for one reason ("" where none was found yet)."""

    entry: Entry
    reason: str
    figures: tuple[Comparison, ...]


def missed(entries: Iterable[Entry]) -> list[Missed]:
    """What was not found again, by experiment and reason."""
    grouped: dict[tuple[str, str], Missed] = {}
    for entry in entries:
        for one in entry.missed:
            reason = one.published.explanation
            before = grouped.get((entry.name, reason), Missed(entry, reason, ()))
            grouped[entry.name, reason] = replace(before, figures=(*before.figures, one))
    return list(grouped.values())
