"""Experiments while they run: a line as each run is done, and below how many are, which are under way, how long yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column

from deltarule.cli.console import as_is, is_terminal
from deltarule.cli.experiment_tables import key_figures
from deltarule.experiments.experiment import Experiment
from deltarule.experiments.formatting import format_duration
from deltarule.experiments.result import Run
from deltarule.experiments.run import Task, estimate_seconds


class Watch:
    """Shows runs as they are done: ``at_a_time`` of the rest are under way, the first ones.

    The expected time is that of the experiment; once a run of it is done, that of its runs.
    """

    def __init__(
        self, console: Console, todo: Sequence[Task], experiments: Mapping[str, Experiment], at_a_time: int, quick: bool
    ) -> None:
        self.console, self.experiments, self.quick = console, experiments, quick
        self.left, self.at_a_time = list(todo), at_a_time
        self.seconds: dict[str, list[float]] = {}
        words = TextColumn("{task.description}", table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis"))
        columns = (TextColumn("{task.completed} of {task.total} runs"), BarColumn(12), TimeElapsedColumn(), words)
        self._bar = Progress(*columns, console=console, transient=True, expand=True, disable=not is_terminal())
        self._task = self._bar.add_task(self._now(), total=len(todo))

    def __enter__(self) -> Watch:
        self._bar.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._bar.stop()

    def done(self, task: Task, run: Run) -> None:
        """One more."""
        self.left.remove(task)
        if not run.error:
            self.seconds.setdefault(task.id, []).append(run.seconds)
        name = " ".join(filter(None, (task.id, task.variant, f"seed {task.seed}")))
        if run.error:
            self.console.print(f"[bold red]failed[/] {as_is(name)}: {as_is(run.error.splitlines()[0])}")
        else:
            figures = key_figures(self.experiments[task.id], run, self.quick)
            self.console.print(f"{as_is(name)}: {as_is(figures)}  [dim]{format_duration(run.seconds)}[/]")
        self._bar.update(self._task, advance=1, description=self._now())

    def expected(self) -> float:
        """Seconds for all that are left."""
        each = (
            sum(known) / len(known)
            if (known := self.seconds.get(task.id))
            else estimate_seconds(self.experiments[task.id], self.quick)
            for task in self.left
        )
        return sum(each) / max(1, self.at_a_time)

    def _now(self) -> str:
        if not self.left:
            return ""
        first = self.left[0]
        others = min(self.at_a_time, len(self.left)) - 1
        name = " ".join(filter(None, (first.id, first.variant, f"seed {first.seed}")))
        more = f" and {others} more" if others else ""
        return as_is(f"about {format_duration(self.expected())} left; now {name}{more}")
