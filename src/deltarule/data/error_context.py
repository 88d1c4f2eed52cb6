"""A context that adds the path of a file to errors."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from deltarule.errors import DataError


@contextmanager
def reading(path: str | os.PathLike[str] | None) -> Iterator[None]:
    """Add the path to a :class:`DataError` that has none, and turn errors of the system into :class:`DataError`.

    >>> with reading("labels.csv"):
    ...     raise DataError("expected 5 columns, got 4", position="line 12")
    Traceback (most recent call last):
        ...
    deltarule.errors.DataError: labels.csv, line 12: expected 5 columns, got 4
    """
    try:
        yield
    except DataError as error:
        error.with_fields(path=error.path or path)
        raise
    except OSError as error:
        reason = error.strerror or error
        raise DataError(
            f"the file could not be read: {reason}", path=path, remedy="check that it exists and that you may read it"
        ) from None
