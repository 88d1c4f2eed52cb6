"""A call that runs in a thread while the main thread does something else, such as imports."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Generic, TypeVar

T = TypeVar("T")


class Meanwhile(Generic[T]):
    """A call in a thread. Ctrl-C ends the process although the call has not returned.

    >>> Meanwhile(lambda: 7).join()
    7
    """

    def __init__(self, call: Callable[[], T]) -> None:
        self._call, self._results, self._errors = call, list[T](), list[BaseException]()
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._results.append(self._call())
        except BaseException as error:  # for the main thread
            self._errors.append(error)

    def join(self) -> T:
        """Wait for the call, and return what it returns, or raise what it raises."""
        self._thread.join()
        for error in self._errors:
            raise error
        return self._results[0]
