"""The live view of experiments: a line for each run that is done, and a bar with the time that is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column

from deltarule.cli.console import escape, is_terminal
from deltarule.cli.experiment_tables import format_key_figures
from deltarule.experiments.experiment import Experiment
from deltarule.experiments.formatting import format_duration
from deltarule.experiments.result import Run
from deltarule.experiments.run import Task, estimate_seconds


class RunProgress:
    """The progress of runs; of the remaining tasks the first ``jobs`` are under way.

    The time of a run is estimated from the runs of the experiment that are done, or else from the experiment.
    """

    def __init__(
        self, console: Console, tasks: Sequence[Task], experiments: Mapping[str, Experiment], jobs: int, quick: bool
    ) -> None:
        self.console, self.experiments, self.quick = console, experiments, quick
        self.remaining, self.jobs = list(tasks), jobs
        self.seconds: dict[str, list[float]] = {}
        description = TextColumn("{task.description}", table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis"))
        columns = (TextColumn("{task.completed} of {task.total} runs"), BarColumn(12), TimeElapsedColumn(), description)
        self._bar = Progress(*columns, console=console, transient=True, expand=True, disable=not is_terminal())
        self._task = self._bar.add_task(self._describe(), total=len(tasks))

    def __enter__(self) -> RunProgress:
        self._bar.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._bar.stop()

    def report(self, task: Task, run: Run) -> None:
        """Print the line of a run that is done."""
        self.remaining.remove(task)
        if not run.error:
            self.seconds.setdefault(task.id, []).append(run.seconds)
        name = format_task(task)
        if run.error:
            self.console.print(f"[bold red]failed[/] {escape(name)}: {escape(run.error_line)}")
        else:
            figures = format_key_figures(self.experiments[task.id], run, self.quick)
            self.console.print(f"{escape(name)}: {escape(figures)}  [dim]{format_duration(run.seconds)}[/]")
        self._bar.update(self._task, advance=1, description=self._describe())

    def estimate_time(self) -> float:
        """Estimate the seconds for all remaining runs."""
        each = (
            sum(times) / len(times)
            if (times := self.seconds.get(task.id))
            else estimate_seconds(self.experiments[task.id], self.quick)
            for task in self.remaining
        )
        return sum(each) / max(1, self.jobs)

    def _describe(self) -> str:
        if not self.remaining:
            return ""
        others = min(self.jobs, len(self.remaining)) - 1
        more = f" and {others} more" if others else ""
        name = format_task(self.remaining[0])
        return escape(f"about {format_duration(self.estimate_time())} left; now {name}{more}")


def format_task(task: Task) -> str:
    """Format a task: the experiment, its variant and the seed."""
    return " ".join(filter(None, (task.id, task.variant, f"seed {task.seed}")))
