"""A bar on the terminal while many pictures are read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from deltarule.cli.console import err, is_terminal

PATIENCE = 0.5
"""The seconds after which the bar appears: quick loads show none."""


@contextmanager
def show_progress() -> Iterator[None]:
    """Show a bar on stderr while pictures are read within the block, if it is a terminal and takes long."""
    if not is_terminal():
        yield
        return
    from deltarule.data.progress import watch_pictures

    bar = _Bar()
    try:
        with watch_pictures(bar.update):
            yield
    finally:
        bar.close()


class _Bar:
    """A bar that appears after a while."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._progress: _Progress | None = None

    def update(self, done: int, total: int) -> None:
        if self._progress is None and done < total and time.monotonic() - self._start > PATIENCE:
            self._progress = _Progress(total)
        if self._progress is not None:
            self._progress.update(done, total)

    def close(self) -> None:
        if self._progress is not None:
            self._progress.close()


class _Progress:
    """The bar of rich, imported only where it is shown."""

    def __init__(self, total: int) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.completed:,} of {task.total:,} pictures"), BarColumn(24), TimeRemainingColumn())
        self._bar = Progress(*columns, console=err, transient=True)
        self._task = self._bar.add_task("", total=total)
        self._bar.start()

    def update(self, done: int, total: int) -> None:
        self._bar.update(self._task, completed=done, total=total)

    def close(self) -> None:
        self._bar.stop()
