"""The records of an experiment: the settings of a run, its figures, the published figures, the miniature.

>>> settings: Settings = {"eta": 3.0, "hidden": [30]}
>>> Config(settings, seed=2)["hidden"]
[30]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

Settings: TypeAlias = Mapping[str, Any]
"""Settings by name, such as ``{"eta": 3.0, "hidden": [30]}``; JSON can hold each value."""


@dataclass(frozen=True)
class Config:
    """The settings and the seed of one run, and the folder of its checkpoints (None: no checkpoints).

    >>> config = Config({"eta": 3.0}, seed=1)
    >>> config["eta"], config.get("epochs", 30), config.with_settings(eta=0.5)["eta"]
    (3.0, 30, 0.5)
    """

    settings: Settings
    seed: int = 1
    scratch: Path | None = None

    def __getitem__(self, name: str) -> Any:
        return self.settings[name]

    def get(self, name: str, default: Any = None) -> Any:
        """Return a setting, or ``default`` if there is none."""
        return self.settings.get(name, default)

    def for_part(self, name: str, **changed: Any) -> Config:
        """Change settings for one of several networks of a run; its checkpoints go to the subfolder ``name``."""
        return replace(self.with_settings(**changed), scratch=self.scratch and self.scratch / name)

    def with_settings(self, **changed: Any) -> Config:
        """Return the config with changed settings and without a checkpoint folder.

        It is for a training that is short or one of many.
        """
        return replace(self, settings={**self.settings, **changed}, scratch=None)


@dataclass(frozen=True)
class Measured:
    """The outcome of one run: ``figures`` are numbers or truth values, ``series`` the data of the plots.

    Figures have the unit of the published ones; accuracies are percentages.

    >>> Measured({"best": 95.4, "better than guessing": True}, {"test accuracy": [90.1, 95.4]}).figures["best"]
    95.4
    """

    figures: Mapping[str, float | bool]
    series: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Published:
    """A published figure or claim.

    Args:
        what: Its description.
        figure: The name of the number in :attr:`Measured.figures` that is compared with the published one.
        value: The published number; for a claim, ``True`` if it should hold.
        source: The place in the book.
        variant: The variant that it belongs to.
        unit: ``"%"``, or the name of another unit.
        relation: ``"is"`` for the number itself, ``"about"``, or a bound: ``"at least"`` or ``"at most"``.
        best_of: The number of runs of which the published one was the best.
        explanation: Why our figure differs, where it does and the reason is known.
        criterion: True if the book only describes the outcome and the number is our criterion for it.
        exact: True if it follows by calculation and holds for every seed, so one run decides; a number must then agree
            in all printed digits. None: True for experiments with one seed, in which nothing is random.
        images: The number of training images; None: the setting ``n_train``, or all of them.
        beats: For a claim that A beats B, the names of both figures of a run; their difference decides.

    >>> Published("best test accuracy", "best", 95.42, "chapter 1", unit="%", best_of=3).kind
    'figure'
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
    exact: bool | None = None
    images: int | None = None
    beats: tuple[str, str] | None = None

    @property
    def kind(self) -> str:
        """Its kind, a "figure" or a "claim" of the book, or a "criterion" of ours."""
        return "criterion" if self.criterion else "claim" if isinstance(self.value, bool) else "figure"


@dataclass(frozen=True)
class Quick:
    """A miniature of an experiment that takes seconds.

    Args:
        settings: The settings that make it small.
        expected: The figures that it must reproduce.
        defect: Settings that break the experiment; with them, the miniature must fail to reproduce at least one
            expected number.
        variants: The variants that it runs; empty for all.

    >>> Quick({"data": "any", "n_train": 1000}, (Published("it learns", "best", 60.0, relation="at least"),)).defect
    {'labels': 'shuffled'}
    """

    settings: Settings = field(default_factory=dict)
    expected: tuple[Published, ...] = ()
    defect: Settings = field(default_factory=lambda: {"labels": "shuffled"})
    variants: tuple[str, ...] = ()
