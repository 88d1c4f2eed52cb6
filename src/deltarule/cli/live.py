"""The live view of a training run: a line an epoch in the book's manner, and a bar within long ones."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from deltarule.cli.console import as_is, err, is_terminal, typed
from deltarule.errors import Interrupted
from deltarule.training import callbacks
from deltarule.training.callbacks import Callback, name_examples
from deltarule.training.plan import Moment

LONG = 1.0
"""Seconds of an epoch from which on a bar is worth showing."""


class Live(Callback):
    """Prints ``Epoch 0: 9129 / 10000`` with rate and time, as the book's programs do.

    As a context it leaves the terminal clean whatever happens, and turns Ctrl-C into a line that
    says how to go on with the run in ``folder``, and exit code 130. With ``several`` networks at once
    each line says whose it is, by its seed, and there are no bars.
    """

    first_process_only = True

    def __init__(self, console: Console, folder: Path, several: bool = False) -> None:
        self.console, self.folder, self.several = console, folder, several
        self._headed = False
        self._lines = callbacks.Progress(console.print)
        self._bar: Progress | None = None

    def __enter__(self) -> Live:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._close()
        if isinstance(error, Interrupted):
            go_on = typed("deltarule", "train", "--resume", self.folder)
            err.print(f"\n{as_is(error)}; saved. Go on with:  {go_on}")
            raise typer.Exit(130) from None

    def on_start(self, moment: Moment) -> None:
        plan = moment.plan
        if plan.validation is not None and moment.at.epoch < plan.training.epochs and not self._headed:
            self._headed = True
            n, kind = len(plan.validation), name_examples(plan.validation)
            self.console.print(f"[dim]Right answers on the {n:,} validation {kind}, after each epoch:[/]")

    def on_steps(self, moment: Moment) -> None:
        at, steps = moment.at, moment.plan.clock.steps_per_epoch
        # the first steps take longer than the others, so a guess from them alone would be wrong
        if self.several or not is_terminal() or at.seconds < LONG / 4 or at.seconds / at.step * steps < LONG:
            return
        if self._bar is None:
            columns = (
                TextColumn("Epoch {task.description}"),
                BarColumn(),
                TextColumn("{task.completed:,} / {task.total:,} steps"),
            )
            self._bar = Progress(*columns, TimeRemainingColumn(), console=err, transient=True)
            self._bar.add_task(str(at.epoch), total=steps)
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], completed=at.step)

    def on_epoch(self, moment: Moment) -> bool:
        self._close()
        if self.several:
            seed = moment.plan.training.seed
            return callbacks.Progress(lambda line: self.console.print(f"Seed {seed}  {line}")).on_epoch(moment)
        return self._lines.on_epoch(moment)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
