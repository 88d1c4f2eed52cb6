"""HDF5 files: arrays in groups, read by h5py, from the extra ``hdf5``.

Only arrays of numbers and of text are read, no objects, references or other files that an HDF5 file can name.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from deltarule import limits
from deltarule.data.library_errors import translating
from deltarule.errors import DataError, require_extra

SUFFIXES = (".h5", ".hdf5")
"""The endings of HDF5 files."""

_AGAIN = "save the arrays again, for example with numpy.savez"
_MOST_COMPRESSED = 1_100  # the most that gzip shrinks


class Hdf5File:
    """The arrays of an HDF5 file, named by their path, such as ``train/data``.

    Raises:
        DataError: For a damaged file, and for one with more than 1,000 arrays.
        MissingExtra: If h5py is not installed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._described: dict[str, str] = {}
        with translating(path, "an HDF5 file", _AGAIN), _open(path) as file:
            pending, visited = [("", file)], 0
            while pending:
                prefix, group = pending.pop()
                for name in group:
                    pending += self._list(f"{prefix}{name}", group, name)
                    visited += 1
                    if visited > limits.HDF5_ARRAYS:  # groups may contain themselves
                        raise DataError(
                            f"expected {limits.HDF5_ARRAYS:,} arrays and groups at most, got more",
                            remedy=limits.describe_remedy("HDF5_ARRAYS"),
                        )

    @property
    def names(self) -> Sequence[str]:
        """The names of the arrays."""
        return tuple(self._described)

    def describe(self) -> list[str]:
        """List the arrays by name, shape and type."""
        return [f"{name} {text}" for name, text in list(self._described.items())[:20]]

    def read(self, name: str) -> np.ndarray:
        """Read an array of numbers or of text. Raises :class:`DataError` for others and for damaged ones."""
        try:
            with translating(self.path, "a readable array", _AGAIN), _open(self.path) as file:
                array = file[name]
                _check(array)
                if array.dtype.kind in "biuf":
                    return np.asarray(array[()])
                return np.array(array.asstr()[()].tolist(), np.str_)
        except DataError as error:
            error.with_fields(argument=name)
            raise

    def _list(self, path: str, group: Any, name: str) -> list[tuple[str, Any]]:
        """List an array, or return a group with its path; links to elsewhere are left out."""
        import h5py

        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            return []
        item = group[name]
        if isinstance(item, h5py.Group):
            return [(f"{path}/", item)]
        if isinstance(item, h5py.Dataset) and item.shape:
            self._described[path] = f"{item.shape} {item.dtype}"
        return []


def _check(array: Any) -> None:
    """Raise :class:`DataError` for an array in other files, and for one much larger than its bytes in the file."""
    if array.external or array.is_virtual:
        raise DataError(expected="an array in the file itself", value="one in other files", remedy=_AGAIN)
    size, held = prod(array.shape) * array.dtype.itemsize, array.id.get_storage_size()
    if size > limits.ARRAY_BYTES:
        expected, remedy = f"{limits.ARRAY_BYTES:,} bytes at most", limits.describe_remedy("ARRAY_BYTES")
        raise DataError(f"expected {expected}, got an array of {size:,}", remedy=remedy)
    if size > _MOST_COMPRESSED * held:
        expected = f"{_MOST_COMPRESSED:,} times its {held:,} bytes in the file at most"
        raise DataError(f"expected {expected}, got an array of {size:,}", remedy=_AGAIN)


def _open(path: Path) -> Any:
    with require_extra("hdf5", "HDF5 files"):
        import h5py
    return h5py.File(path, "r")
