"""A context that turns the errors of other libraries, which raise many kinds, into :class:`DataError`."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from deltarule.data.error_context import reading
from deltarule.errors import DataError, DeltaruleError


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
