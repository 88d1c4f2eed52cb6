"""What an experiment is: what it shows, its settings, what was published, how it is run and drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from deltarule.errors import InvalidArgument
from deltarule.experiments.records import Config, Measured, Published, Quick, Settings
from deltarule.experiments.result import Result

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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
                expected = f"one of the variants {', '.join(map(repr, self.variants))} of {self.id}"
                raise InvalidArgument(argument="variant", owner=figure.what, expected=expected, value=figure.variant)

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
