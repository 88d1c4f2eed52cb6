"""The live view of a training run: a line for each epoch, and a progress bar within long epochs."""

from __future__ import annotations

import sys
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from deltarule.cli.console import err, escape, format_command, format_percent, is_terminal
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import OneHot
from deltarule.errors import Interrupted
from deltarule.models.metrics import find_commonest
from deltarule.training import callbacks
from deltarule.training.callbacks import Callback, name_examples
from deltarule.training.plan import Moment

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

LONG = 1.0
"""The seconds that an epoch takes at least if a progress bar is shown."""


class Live(Callback):
    """A callback that prints ``Epoch 1: 9129 / 10000`` with accuracy, time and speed after each epoch.

    As a context manager it leaves the terminal clean after any error. It turns Ctrl-C into a line with the command
    that resumes the run in ``folder``, and exit code 130. With ``several`` networks at once each line begins with the
    network's seed, and there are no bars.
    """

    first_process_only = True

    def __init__(self, console: Console, folder: Path, several: bool = False) -> None:
        self.console, self.folder, self.several = console, folder, several
        self._has_heading = False
        self._lines = callbacks.Progress(console.print)
        self._bar: Progress | None = None

    def __enter__(self) -> Live:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._close()
        if isinstance(error, Interrupted):
            command = format_command("deltarule", "train", "--resume", self.folder)
            err.print(f"\n{escape(error)}; the run is saved. Resume it:  {command}")
            sys.exit(130)

    def on_start(self, moment: Moment) -> None:
        plan = moment.plan
        if plan.validation is not None and moment.at.epoch < plan.training.epochs and not self._has_heading:
            self._has_heading = True
            n, kind = len(plan.validation), name_examples(plan.validation)
            part = "training" if plan.validation.name == plan.train.name else "validation"
            interval = callbacks.choose_interval(plan.training.epochs)
            when = "after each epoch" if interval == 1 else f"after every {interval} epochs"
            measured = "Right answers" if plan.validation.labels.dtype.kind != "f" else "Cost"
            always = _describe_commonest(plan.validation)
            self.console.print(f"[dim]{measured} on the {n:,} {part} {kind}, {when}{escape(always)}:[/]")

    def on_steps(self, moment: Moment) -> None:
        at, steps = moment.at, moment.plan.clock.steps_per_epoch
        # the first steps take longer than the others, so an estimate from them alone would be wrong
        if self.several or not is_terminal() or at.seconds < LONG / 4 or at.seconds / at.step * steps < LONG:
            return
        if self._bar is None:
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            columns = (
                TextColumn("Epoch {task.description}"),
                BarColumn(),
                TextColumn("{task.completed:,} / {task.total:,} steps"),
            )
            self._bar = Progress(*columns, TimeRemainingColumn(), console=err, transient=True)
            self._bar.add_task(str(at.epoch + 1), total=steps)
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


def _describe_commonest(validation: Dataset) -> str:
    """Describe how often the commonest class would be right; empty without classes."""
    if not isinstance(validation.encoding, OneHot) or not len(validation):
        return ""
    label, share = find_commonest(validation.y)
    name = validation.classes[label] if label < len(validation.classes) else label
    return f" (always {name}: {format_percent(share)})"
