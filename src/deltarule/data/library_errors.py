"""A context that turns the errors of other libraries, which raise many kinds, into :class:`DataError`."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from deltarule.data.error_context import reading
from deltarule.errors import DataError, DeltaruleError

_T = TypeVar("_T")


@contextmanager
def translating(path: str | os.PathLike[str] | None, expected: str, remedy: str = "") -> Iterator[None]:
    """Turn any error in the block into :class:`DataError`, and silence the warnings of the library.

    >>> with translating("iris.parquet", "a table"):
    ...     raise KeyError("magic")
    Traceback (most recent call last):
        ...
    deltarule.errors.DataError: iris.parquet: expected a table, got one that raises KeyError: 'magic'
    """
    with reading(path), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except (DeltaruleError, FileNotFoundError, PermissionError, IsADirectoryError):
            raise
        # a damaged file makes a parser fail anywhere: KeyError, struct.error, zlib.error, MemoryError, …
        except Exception as error:
            reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
            raise DataError(f"expected {expected}, got one that raises {reason}", path=path, remedy=remedy) from None


def translate_each(
    items: Iterator[_T], path: str | os.PathLike[str] | None, expected: str, remedy: str = ""
) -> Iterator[_T]:
    """Yield the items of an iterator, with the errors of each step translated.

    >>> list(translate_each(iter([1, 2]), "iris.parquet", "a table"))
    [1, 2]
    """
    end = object()
    while True:
        with translating(path, expected, remedy):
            item = next(items, end)
        if item is end:
            return
        yield item  # type: ignore[misc] # it is an item
