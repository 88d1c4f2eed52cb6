"""The entries of the report: each experiment with its result, comparisons and plot, as far as they exist."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deltarule.errors import DeltaruleError, FileError
from deltarule.experiments.comparison import compare_result
from deltarule.experiments.experiment import Experiment
from deltarule.experiments.folders import FULL, find_folder
from deltarule.experiments.registry import EXPERIMENTS
from deltarule.experiments.result import Result, format_run_command, read_or_create_result
from deltarule.experiments.state import describe_state
from deltarule.experiments.verdict import Comparison

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Plot:
    """The file of a plot and its size in pixels."""

    name: str
    width: int
    height: int


@dataclass(frozen=True)
class Entry:
    """An experiment and its result; ``trouble`` is the reason why the plot or the result is missing."""

    experiment: Experiment
    result: Result
    compared: tuple[Comparison, ...]
    state: tuple[str, ...]
    folder: Path = FULL
    plot: Plot | None = None
    trouble: str = ""

    @property
    def missed_figures(self) -> list[Comparison]:
        """The figures that our runs contradict."""
        return [one for one in self.compared if one.is_missed]

    @property
    def open_figures(self) -> list[Comparison]:
        """The figures that our runs leave undecided."""
        return [one for one in self.compared if one.is_open]

    @property
    def reasons(self) -> list[str]:
        """The reasons for missed figures and remarks on undecided ones, each once."""
        reasons = (one.published.explanation for one in (*self.missed_figures, *self.open_figures))
        return list(dict.fromkeys(filter(None, reasons)))

    @property
    def sources(self) -> list[str]:
        """The sources of its figures, each once."""
        return list(dict.fromkeys(one.published.source for one in self.compared if one.published.source))

    @property
    def name(self) -> str:
        """Its id as the name of a file or an anchor."""
        return self.experiment.id.replace("/", "-")


def build_entries(folder: Path | None = None, experiments: Iterable[Experiment] | None = None) -> list[Entry]:
    """Build an entry for each experiment from its result, without its plot; it names what is missing or damaged.

    Args:
        folder: The folder of the results; None: ``results``, and for experiments without one there the results that
            come with deltarule.
        experiments: The experiments; None: all.

    Raises:
        InvalidArgument: If the folder holds miniatures.
    """
    return [_build_entry(one, folder) for one in (EXPERIMENTS.values() if experiments is None else experiments)]


def draw_figure(experiment: Experiment, result: Result) -> Figure:
    """Draw the experiment's figure; raise :class:`FileError` if the result lacks runs or series that it needs."""
    if not result.successful_runs:
        raise FileError(
            f"{experiment.id} has no runs to draw",
            remedy=f"run it: {format_run_command(experiment.id)} (its miniature: --quick)",
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return experiment.plot(result)
    except Exception as error:
        reason = str(error) if isinstance(error, DeltaruleError) else f"{type(error).__name__}: {error}"
        missing = [line for line in describe_state(experiment, result) if line.startswith(("Missing", "Failed"))]
        raise FileError(
            "; ".join([f"the plot of {experiment.id} could not be drawn from the saved runs ({reason})", *missing]),
            remedy=f"complete them: {format_run_command(experiment.id)} --resume",
        ) from error


def _build_entry(experiment: Experiment, results: Path | None) -> Entry:
    folder = find_folder(experiment.id, results)
    try:
        result = read_or_create_result(folder, experiment.id)
    except FileError as error:
        empty = Result(experiment.id)
        return Entry(experiment, empty, tuple(compare_result(empty, experiment)), (), folder, trouble=str(error))
    state = tuple(describe_state(experiment, result))
    return Entry(experiment, result, tuple(compare_result(result, experiment)), state, folder)
