"""Reports of how many pictures are read, for a command that shows a bar."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeAlias

Watcher: TypeAlias = Callable[[int, int], None]
"""A function that gets the number of pictures that are done, and the number of all."""

_WATCHER: ContextVar[Watcher | None] = ContextVar("watcher", default=None)


@contextmanager
def watch_pictures(watcher: Watcher) -> Iterator[None]:
    """Report to ``watcher`` how many pictures are read within the block.

    >>> with watch_pictures(lambda done, total: print(f"{done} of {total}")):
    ...     report_pictures(1, 2)
    1 of 2
    """
    token = _WATCHER.set(watcher)
    try:
        yield
    finally:
        _WATCHER.reset(token)


def report_pictures(done: int, total: int) -> None:
    """Report the number of pictures that are done."""
    if (watcher := _WATCHER.get()) is not None:
        watcher(done, total)
