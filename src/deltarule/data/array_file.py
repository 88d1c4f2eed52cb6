"""Files of arrays: examples and labels by name, from ``.npz``, ``.npy``, ``.mat`` and ``.h5`` files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from deltarule.data import hdf5
from deltarule.data.array_names import pair_arrays
from deltarule.data.error_context import reading
from deltarule.data.matlab import MatFile
from deltarule.data.numpy_files import NpzFile, read_npy
from deltarule.data.options import DataOptions
from deltarule.errors import DataError

SUFFIXES = (".npz", ".npy", ".mat", *hdf5.SUFFIXES)
"""The endings of the files that :func:`read_arrays` reads."""


@dataclass(frozen=True, eq=False)
class ArrayFile:
    """The arrays of a file, by part.

    Attributes:
        parts: The examples and the labels, or None without labels, of each part: "all", or "train" and, if the file
            has them, "validation" and "test". Examples are (n, ...) numbers; labels are (n,) or (n, k) numbers or text.
        notes: Sentences about what was chosen and left out.
    """

    parts: Mapping[str, tuple[np.ndarray, np.ndarray | None]]
    notes: tuple[str, ...] = ()


class ArrayArchive(Protocol):
    """The arrays of an open file."""

    @property
    def names(self) -> Sequence[str]:
        """The names of the arrays."""
        ...

    def describe(self) -> list[str]:
        """List the arrays by name, shape and type."""
        ...

    def read(self, name: str) -> np.ndarray:
        """Read an array of numbers or of text."""
        ...


def read_arrays(path: Path, options: DataOptions | None = None) -> ArrayFile:
    """Read examples and labels from an ``.npz``, ``.npy``, ``.mat`` or HDF5 file.

    Usual names are recognized (:mod:`deltarule.data.array_names`); ``options.x`` and ``options.y`` state others. An
    ``.npy`` file has examples only. In a ``.mat`` file the axis of the examples is the one that is as long as the
    labels, or ``options.axis``; it becomes the first.

    Raises:
        DataError: For damaged files, arrays of Python objects, names or axes that are not clear, and lengths that
            differ.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "iris.npz"
    ...     np.savez(path, X=np.zeros((2, 4)), target=np.array(["setosa", "virginica"]))
    ...     file = read_arrays(path)
    >>> file.parts["all"][1].tolist(), file.notes
    (['setosa', 'virginica'], ('the examples are the array X, the labels are target',))
    """
    options = options or DataOptions()
    suffix = path.suffix.lower()
    with reading(path):
        if suffix == ".npy":
            x = read_npy(path)
            if x.dtype.names is not None:
                raise DataError(expected="an array of numbers", value=x.dtype, remedy="read it as a table")
            return ArrayFile({"all": (_arrange(path.stem, x, None, options.axis, False)[0], None)})
        archive: ArrayArchive = _OPENERS.get(suffix, hdf5.Hdf5File)(path)
        pairs = pair_arrays(archive.names, archive.describe(), options.x, options.y)
        parts: dict[str, tuple[np.ndarray, np.ndarray | None]] = {}
        notes: list[str] = []
        for part, (x_name, y_name) in pairs.items():
            y = None if y_name is None else _check_labels(y_name, archive.read(y_name))
            x, y, note = _arrange(x_name, archive.read(x_name), y, options.axis, suffix == ".mat")
            parts[part] = x, y
            notes += [_describe_pair(part, x_name, y_name), *note]
        used = {name for pair in pairs.values() for name in pair}
        if others := [name for name in archive.names if name not in used]:
            notes.append(f"other arrays are left out: {', '.join(others[:10])}{' …' * (len(others) > 10)}")
        return ArrayFile(parts, tuple(notes))


_OPENERS: Mapping[str, Callable[[Path], ArrayArchive]] = {".mat": MatFile, ".npz": NpzFile}


def _describe_pair(part: str, x: str, y: str | None) -> str:
    where = "" if part == "all" else f" of the {part} set" if part != "train" else " of the training set"
    return f"the examples{where} are the array {x}, " + (f"the labels are {y}" if y else "without labels")


def _check_labels(name: str, y: np.ndarray) -> np.ndarray:
    """Check labels, and make (n, 1) and (1, n) of them (n,)."""
    if y.ndim == 2 and 1 in y.shape:
        y = y.reshape(-1)
    if y.ndim not in (1, 2) or not y.size:
        raise DataError(argument=name, expected="a label for each example", value=y.shape)
    return y


def _arrange(
    name: str, x: np.ndarray, y: np.ndarray | None, axis: int | None, any_axis: bool
) -> tuple[np.ndarray, np.ndarray | None, list[str]]:
    """Move the axis of the examples to the front, and check that there is a label for each example."""
    if x.dtype.kind not in "biuf":
        raise DataError(argument=name, expected="an array of numbers", value=x.dtype)
    if x.ndim == 1:
        x = x[:, None]
    if not x.ndim or not x.size:
        raise DataError(argument=name, expected="an array of examples, (n, ...)", value=x.shape)
    found = _find_axis(name, x.shape, y, axis, any_axis)
    if y is not None and y.ndim == 2 and len(y) != x.shape[found] == y.shape[1] and any_axis:
        y = y.T
    if y is not None and len(y) != x.shape[found]:
        matching = [i for i, n in enumerate(x.shape) if n == len(y)]
        raise DataError(
            f"expected a label for each of {x.shape[found]:,} examples, got {len(y):,} labels",
            argument=name,
            remedy=f"state the axis of the examples: axis={matching[0]}" if matching else "",
        )
    note = [f"the examples lie along axis {found} of {name}, {x.shape}"] if found else []
    return np.moveaxis(x, found, 0), y, note


def _find_axis(name: str, shape: tuple[int, ...], y: np.ndarray | None, axis: int | None, any_axis: bool) -> int:
    """Find the axis of the examples: the stated one, else the one as long as the labels, else the first."""
    if axis is not None:
        if axis >= len(shape):
            raise DataError(argument="axis", expected=f"an axis of {name}, {shape}, from 0", value=axis)
        return axis
    if not any_axis or (y is None and len(shape) == 2):
        return 0
    lengths = set() if y is None else set(y.shape) if y.ndim == 2 else {len(y)}
    matching = [i for i, n in enumerate(shape) if n in lengths] if y is not None else list(range(len(shape)))
    if len(matching) > 1:
        raise DataError(
            f"expected one axis that can be that of the examples, got {len(matching)} in shape {shape}",
            argument=name,
            remedy=f"state it: axis={matching[-1]} if the examples lie along the last axis, axis=0 if along the first",
        )
    return matching[0] if matching else 0
