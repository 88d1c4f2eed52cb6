"""What the report says of each experiment, whatever there is of its result: the page and the Markdown show it."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deltarule.errors import DeltaruleError, FileError
from deltarule.experiments.comparison import compare_result
from deltarule.experiments.experiment import Experiment
from deltarule.experiments.registry import EXPERIMENTS
from deltarule.experiments.result import Result, read_or_new, repeat
from deltarule.experiments.state import good, state_words
from deltarule.experiments.verdict import Comparison

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Entry:
    """An experiment and what there is of it; ``trouble`` says why there is no figure, or no result."""

    experiment: Experiment
    result: Result
    compared: tuple[Comparison, ...]
    state: tuple[str, ...]
    figure: Figure | None = None
    trouble: str = ""

    @property
    def missed(self) -> list[Comparison]:
        """The figures that were measured and not found again."""
        return [one for one in self.compared if one.missed]

    @property
    def reasons(self) -> list[str]:
        """Why ours differ, each reason once."""
        return list(dict.fromkeys(one.published.explanation for one in self.missed if one.published.explanation))

    @property
    def sources(self) -> list[str]:
        """Where its figures were published, each place once."""
        return list(dict.fromkeys(one.published.source for one in self.compared if one.published.source))

    @property
    def name(self) -> str:
        """Its id as the name of a file or of a place on a page."""
        return self.experiment.id.replace("/", "-")


def entries(folder: Path, experiments: Iterable[Experiment] | None = None) -> list[Entry]:
    """An entry for each experiment, from the results in ``folder``; what is missing or damaged is said in it."""
    return [_entry(one, folder) for one in (EXPERIMENTS.values() if experiments is None else experiments)]


def drawn(experiment: Experiment, result: Result) -> Figure:
    """The experiment's figure; raises :class:`FileError` where the result has not what it needs."""
    if not good(result):
        raise FileError(
            f"{experiment.id} has no runs to draw yet; run it: {repeat(experiment.id)} (its miniature: --quick)"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return experiment.plot(result)
    except Exception as error:
        because = str(error) if isinstance(error, DeltaruleError) else f"{type(error).__name__}: {error}"
        missing = [line for line in state_words(experiment, result) if line.startswith(("Missing", "Failed"))]
        raise FileError(
            f"the figure of {experiment.id} could not be drawn from the runs there are ({because}). "
            + "; ".join([*missing, f"complete them: {repeat(experiment.id)} --resume"])
        ) from error


def _entry(experiment: Experiment, folder: Path) -> Entry:
    try:
        result = read_or_new(folder, experiment.id)
    except DeltaruleError as error:
        nothing = Result(experiment.id)
        return Entry(experiment, nothing, tuple(compare_result(nothing, experiment)), (), trouble=str(error))
    figure, trouble = None, ""
    if good(result):
        try:
            figure = drawn(experiment, result)
        except FileError as error:
            trouble = str(error)
    state = tuple(state_words(experiment, result))
    return Entry(experiment, result, tuple(compare_result(result, experiment)), state, figure, trouble)
