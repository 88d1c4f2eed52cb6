"""Experiments: description, settings, published figures, measurement and figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from deltarule.errors import InvalidArgument
from deltarule.experiments.parts import PARTS, Part
from deltarule.experiments.records import Config, Measured, Published, Quick, Settings
from deltarule.experiments.result import Result

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Experiment:
    """An experiment: ``measure`` makes one run with one seed, ``plot`` draws all runs.

    Args:
        id: Such as ``"ch1/first-network"``, or ``"memory/adding"`` for one that comes after the book.
        title: A title for people.
        section: The title of the book's section; after the book, the topic.
        shows: What it shows, in two sentences.
        measure: A function that makes one run with its settings and returns its numbers and its data for the plots.
        plot: A function that draws the figure from a saved result.
        quick: The miniature.
        settings: The settings of all variants.
        variants: The settings to compare, by name; each is added to ``settings``.
        published: The published figures.
        seeds: The number of seeds of a full run; 1 where nothing is random.
        minutes: The approximate time of a full run on two cores.
        remark: What a reader must know to understand the figures.

    >>> coin = Experiment(
    ...     id="ch1/coin", title="A coin", section="Coins", shows="Heads come up half of the time.",
    ...     measure=lambda config: Measured({"heads": 100 * config["bias"]}), plot=lambda result: None,
    ...     quick=Quick(), settings={"bias": 0.5}, variants={"fair": {}, "loaded": {"bias": 0.8}},
    ... )
    >>> coin.part.heading, coin.settings_of("loaded"), coin.variants_of()
    ('Chapter 1: Using neural nets to recognize handwritten digits', {'bias': 0.8}, ('fair', 'loaded'))
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
    def part(self) -> Part:
        """The chapter of the book, or the topic after it."""
        return PARTS[self.id.partition("/")[0]]

    def settings_of(self, variant: str, quick: bool = False, changed: Settings | None = None) -> dict[str, Any]:
        """Return all settings of a variant, in full or in miniature; ``changed`` overrides them."""
        return {**self.settings, **self.variants[variant], **(self.quick.settings if quick else {}), **(changed or {})}

    def variants_of(self, quick: bool = False) -> tuple[str, ...]:
        """Return the variants of a full run or of the miniature."""
        return self.quick.variants if quick and self.quick.variants else tuple(self.variants)
