"""MATLAB's files: the arrays of a ``.mat`` file of version 5 or older.

Needs SciPy, from the extra ``tables``. Reading runs no code: the format has no pickles, and functions and objects of
MATLAB are refused. Version 7.3 is another format (HDF5).
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from deltarule.data.library_errors import translating
from deltarule.data.numpy_files import LIMIT, decode_text
from deltarule.errors import DataError, require_extra

_NUMBERS = frozenset(
    {"double", "single", "logical", "sparse", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"}
)
_TEXT = frozenset({"cell", "char"})
_AGAIN = "save the file again in MATLAB: save('data.mat', 'X', 'y', '-v7')"
_HEADER = 128  # bytes before the first array
_TAG = 8  # bytes of the type and the length of an array
_COMPRESSED = 15
_PIECE = 2**20
_MOST_LISTED = 20


class MatFile:
    """The arrays of a ``.mat`` file.

    Logical arrays are numbers, 0 or 1. Sparse matrices become dense. Cells of text and rows of letters become text.

    >>> from tempfile import TemporaryDirectory
    >>> from scipy.io import savemat
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "iris.mat"
    ...     savemat(path, {"X": np.zeros((4, 3)), "names": np.array([["setosa"], ["versicolor"]], object)})
    ...     file = MatFile(path)
    ...     file.describe(), file.read("names").tolist()
    (['X (4, 3) double', 'names (2, 1) cell'], [['setosa'], ['versicolor']])
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with require_extra("tables", "files of MATLAB"):
            from scipy.io import whosmat
        with translating(path, "a .mat file", _AGAIN):
            _check_version(path)
            _check_compressed(path)
            self._held = {name: (tuple(map(int, shape)), kind) for name, shape, kind in whosmat(path)}

    @property
    def names(self) -> Sequence[str]:
        """The names of the arrays."""
        return tuple(self._held)

    def describe(self) -> list[str]:
        """List the arrays by name, shape and type."""
        return [f"{name} {shape} {kind}" for name, (shape, kind) in list(self._held.items())[:_MOST_LISTED]]

    def read(self, name: str) -> np.ndarray:
        """Read an array of numbers or of text. Raises :class:`DataError` for others and for damaged ones."""
        from scipy.io import loadmat

        shape, kind = self._held[name]
        if kind not in _NUMBERS | _TEXT:
            raise DataError(
                argument=name,
                path=self.path,
                expected="an array of numbers or text",
                value=kind,
                remedy="in MATLAB, convert it: text with cellstr(…), numbers with double(…)",
            )
        if (size := prod(shape) * 8) > LIMIT and kind in ("sparse", "cell"):
            raise DataError(f"expected {LIMIT:,} bytes at most, got {size:,}", argument=name, path=self.path)
        with translating(self.path, f"a readable array {name}", _AGAIN):
            array = loadmat(self.path, variable_names=[name], chars_as_strings=True)[name]
            return self._convert(name, array, kind)

    def _convert(self, name: str, array: Any, kind: str) -> np.ndarray:
        if kind == "sparse":
            array = array.toarray()
        if kind == "cell":
            array = np.array([_take_text(cell) for cell in array.ravel()], np.str_).reshape(array.shape)
        if kind == "char":  # rows of letters are filled with spaces
            array = np.strings.rstrip(decode_text(np.asarray(array)))
        if array.dtype.kind not in "biufU":
            raise DataError(argument=name, expected="an array of numbers or text", value=array.dtype)
        return np.asarray(array)


def _take_text(cell: np.ndarray) -> str:
    """Take the text of a cell. Raises :class:`DataError` if it contains something else."""
    if cell.dtype.kind != "U" or cell.size > 1:
        raise DataError(
            expected="cells of text",
            value=f"{cell.dtype} of shape {cell.shape}",
            remedy="in MATLAB, convert cells of numbers with cell2mat(…)",
        )
    return str(cell.item()) if cell.size else ""


def _check_version(path: Path) -> None:
    with open(path, "rb") as file:
        head = file.read(1024)
    if head.startswith((b"MATLAB 7.3", b"\x89HDF")) or head[512:516] == b"\x89HDF":
        raise DataError(expected="a .mat file of version 7 or older", value="version 7.3 (HDF5)", remedy=_AGAIN)


def _check_compressed(path: Path) -> None:
    """Raise :class:`DataError` if an array is damaged, or takes more than :data:`LIMIT` bytes when decompressed."""
    size = path.stat().st_size
    with open(path, "rb") as file:
        order = "big" if file.read(_HEADER)[-2:] == b"MI" else "little"
        if file.tell() < _HEADER:
            return
        while len(tag := file.read(_TAG)) == _TAG:
            kind, length = (int.from_bytes(tag[i : i + 4], order) for i in (0, 4))
            if file.tell() + length > size:
                return  # the library says more about it
            if kind != _COMPRESSED:
                file.seek(length, 1)
                continue
            unpacker, total, left = zlib.decompressobj(), 0, length
            while left:
                piece = file.read(min(left, _PIECE))
                left -= len(piece)
                while piece:
                    total += len(unpacker.decompress(piece, _PIECE))
                    piece = unpacker.unconsumed_tail
                    if total > LIMIT:
                        raise DataError(f"expected {LIMIT:,} bytes at most in an array, got more")
