"""The records around an experiment: the settings of a run, what it measured, what was published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

Settings: TypeAlias = Mapping[str, Any]
"""What can be set, by name; values are what JSON can hold."""


@dataclass(frozen=True)
class Config:
    """One run: its settings, its seed, and a folder in which a long one keeps how far it has come.

    >>> Config({"eta": 3.0}, seed=1)["eta"]
    3.0
    """

    settings: Settings
    seed: int = 1
    scratch: Path | None = None

    def __getitem__(self, name: str) -> Any:
        return self.settings[name]

    def get(self, name: str, otherwise: Any = None) -> Any:
        """A setting that may be absent."""
        return self.settings.get(name, otherwise)

    def part(self, name: str, **changed: Any) -> Config:
        """The settings of one of several trainings in a run, some changed, with a folder of its own."""
        return replace(self.alone(**changed), scratch=self.scratch and self.scratch / name)

    def alone(self, **changed: Any) -> Config:
        """The settings of a training that is not kept on the way, some changed: it is short, or one of many."""
        return replace(self, settings={**self.settings, **changed}, scratch=None)


@dataclass(frozen=True)
class Measured:
    """What one run found: ``figures`` are numbers (or whether something holds), ``series`` what is drawn.

    Figures are in the unit they were published in: accuracies in per cent.
    """

    figures: Mapping[str, float | bool]
    series: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Published:
    """A figure that was published, ``what`` in words, and the name under which runs give theirs.

    ``relation`` is how it was meant: the figure itself, "about" it, or a bound; a claim that something
    holds has the value ``True``. ``best_of`` counts the runs of which the published one was the best.
    ``variant`` names the settings it belongs to; ``unit`` is "%" or what else is counted.
    A ``criterion`` is ours: the book says it in words, and we what must come out.
    ``explanation`` says why ours differs, where it does and the reason was found.
    """

    what: str
    figure: str
    value: float | bool
    source: str = ""
    variant: str = ""
    unit: str = ""
    relation: Literal["is", "about", "at least", "at most"] = "is"
    best_of: int = 1
    explanation: str = ""
    criterion: bool = False

    @property
    def kind(self) -> str:
        """What it is: a "figure" or a "claim" of the book's, or a "criterion" of ours."""
        return "criterion" if self.criterion else "claim" if isinstance(self.value, bool) else "figure"


@dataclass(frozen=True)
class Quick:
    """A faithful miniature: the settings that make it small, and what it must find.

    ``expected`` are its own figures, so that it means something; with ``defect``, settings that
    break the experiment, one of them at least is missed. ``variants`` are those it keeps (none: all).
    """

    settings: Settings = field(default_factory=dict)
    expected: tuple[Published, ...] = ()
    defect: Settings = field(default_factory=lambda: {"labels": "shuffled"})
    variants: tuple[str, ...] = ()
