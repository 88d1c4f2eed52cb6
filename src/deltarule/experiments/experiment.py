"""What an experiment is: what it shows, its settings, what was published, how it is run and drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from deltarule.errors import InvalidArgument

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from deltarule.experiments.result import Result

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


@dataclass(frozen=True)
class Experiment:
    """One of the book's experiments: ``measure`` makes a run of one seed, ``plot`` draws them all.

    ``id`` is "ch1/first-network"; ``section`` the title of the book's section; ``shows`` two sentences.
    ``variants`` are the settings that are compared, by name, each over the common ``settings``.
    ``seeds`` is how many a full run takes (one where nothing is random), and ``minutes`` how long it
    takes about, on two cores. ``remark`` is what a reader must know to read the figures.
    """

    id: str
    title: str
    section: str
    shows: str
    measure: Callable[[Config], Measured]
    plot: Callable[[Result], Figure]
    quick: Quick
    settings: Settings = field(default_factory=dict)
    variants: Mapping[str, Settings] = field(default_factory=lambda: {"": {}})
    published: tuple[Published, ...] = ()
    seeds: int = 3
    minutes: float = 0.1
    remark: str = ""

    def __post_init__(self) -> None:
        for figure in (*self.published, *self.quick.expected):
            if figure.variant not in self.variants:
                raise InvalidArgument(f"{self.id}: no variant {figure.variant!r} for the figure {figure.what!r}")

    @property
    def chapter(self) -> int:
        """The chapter of the book."""
        return int(self.id[2 : self.id.index("/")])

    def settings_of(self, variant: str, quick: bool = False, changed: Settings | None = None) -> dict[str, Any]:
        """All settings of a variant, in full or in miniature, and with what else the user ``changed``."""
        return {**self.settings, **self.variants[variant], **(self.quick.settings if quick else {}), **(changed or {})}

    def variants_of(self, quick: bool = False) -> tuple[str, ...]:
        """The variants of a full run, or of the miniature."""
        return self.quick.variants if quick and self.quick.variants else tuple(self.variants)
