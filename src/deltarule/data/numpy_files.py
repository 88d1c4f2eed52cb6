"""NumPy's files: an ``.npz`` file of several arrays, or an ``.npy`` file of one.

No pickle is ever opened. An array is read only if its header, its size in the file and ``limits.ARRAY_BYTES`` agree,
so that a small file cannot fill the memory.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy

from deltarule import limits
from deltarule.data.library_errors import translating
from deltarule.errors import DataError

_NUMBERS, _TEXT = "biuf", "US"  # kinds of NumPy's types
_LONGEST_HEADER = 2**16
_FORMS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
_AGAIN = "save the file again with numpy.save or numpy.savez"
_MOST_LISTED = 20
_PIECE = 2**20


class NpzFile:
    """The arrays of an ``.npz`` file.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "iris.npz"
    ...     np.savez(path, x=np.zeros((3, 2)), y=np.array(["a", "b", "a"]))
    ...     file = NpzFile(path)
    ...     file.names, file.describe(), file.read("y").tolist()
    (('x', 'y'), ['x (3, 2) float64', 'y (3,) text'], ['a', 'b', 'a'])
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with translating(path, "an .npz file", _AGAIN), zipfile.ZipFile(path) as archive:
            listed = [entry for entry in archive.infolist() if entry.filename.endswith(".npy")]
        self._entries = {entry.filename.removesuffix(".npy"): entry for entry in listed}
        counts = Counter(entry.filename for entry in listed)
        if twice := [name for name, count in counts.items() if count > 1]:
            raise DataError(f"expected each array once, got {twice[0][:60]} twice", path=path, remedy=_AGAIN)

    @property
    def names(self) -> Sequence[str]:
        """The names of the arrays."""
        return tuple(self._entries)

    def describe(self) -> list[str]:
        """List the arrays by name, shape and type."""
        return [f"{name} {self._describe(name)}" for name in self.names[:_MOST_LISTED]]

    def read(self, name: str) -> np.ndarray:
        """Read an array of numbers or of text. Raises :class:`DataError` for others and for damaged ones."""
        try:
            with translating(self.path, "a readable array", _AGAIN), zipfile.ZipFile(self.path) as archive:
                entry = self._entries[name]
                with archive.open(entry) as file:
                    return _read_array(file, entry.file_size)
        except DataError as error:
            error.with_fields(argument=name)
            raise

    def _describe(self, name: str) -> str:
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(self._entries[name]) as file:
                shape, _, dtype, _ = _read_header(file)
            return f"{shape} {_name_type(dtype)}"
        # NumPy has Python parse a header, which raises many kinds of errors
        except Exception:
            return "(damaged)"


def read_npy(path: Path) -> np.ndarray:
    """Read the array of an ``.npy`` file: numbers, text, or a structured array, which has named columns.

    Raises :class:`DataError` for others and for damaged files.
    """
    with translating(path, "an .npy file", _AGAIN), open(path, "rb") as file:
        shape, _, dtype, head = _read_header(file)
        _check_header(shape, dtype, path.stat().st_size - head.tell())
        # unlike the functions that read a header, this one knows the version for names that are not Latin
        with _reading_python2():
            mapped = np.load(path, mmap_mode="r", allow_pickle=False, max_header_size=_LONGEST_HEADER)
        return decode_text(np.array(mapped))


def is_structured(path: Path) -> bool:
    """Return True if an ``.npy`` file holds a structured array."""
    with translating(path, "an .npy file", _AGAIN), open(path, "rb") as file:
        return _read_header(file)[2].names is not None


def decode_text(array: np.ndarray) -> np.ndarray:
    """Decode an array of bytes as UTF-8, and check the letters of one of text; return others as they are.

    >>> decode_text(np.array([b"cat", b"dog"])).tolist()
    ['cat', 'dog']
    """
    if array.dtype.kind == "S":
        return np.char.decode(array, "utf-8")
    if array.dtype.kind == "U" and array.dtype.itemsize:
        letters = np.ascontiguousarray(array).reshape(-1).view(np.uint32 if array.dtype.isnative else ">u4")
        if (letters > 0x10FFFF).any() or ((letters >= 0xD800) & (letters < 0xE000)).any():
            raise DataError(expected="text", value="invalid letters", remedy=_AGAIN)
    return array


def _read_header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype, io.BytesIO]:
    """Read the shape, the order, the type, and the beginning of the values as a stream."""
    head = io.BytesIO(file.read(_LONGEST_HEADER))
    form = npy.read_magic(head)
    with _reading_python2():
        return (*_FORMS.get(form, npy.read_array_header_2_0)(head), head)


@contextmanager
def _reading_python2() -> Iterator[None]:
    """Silence NumPy's warning about a header that Python 2 wrote, which needs nothing of the reader."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=UserWarning, message="Reading `.npy` or `.npz` file required")
        yield


def _read_array(file: IO[bytes], size: int) -> np.ndarray:
    """Read an array from a stream that should have so many bytes."""
    shape, fortran, dtype, head = _read_header(file)
    if dtype.names is not None:
        raise DataError(expected="numbers or text", value=dtype, remedy="save each column as an array")
    _check_header(shape, dtype, size - head.tell())
    content = bytearray(head.read())
    while piece := file.read(_PIECE):
        content += piece
    return decode_text(np.frombuffer(content, dtype).reshape(shape, order="F" if fortran else "C"))


def _check_header(shape: tuple[int, ...], dtype: np.dtype, held: int) -> None:
    """Check the header of an array with ``held`` bytes in the file. Raises :class:`DataError`."""
    if dtype.hasobject:
        raise DataError(
            "expected an array of numbers or text, got pickled Python objects, which are never opened as they could "
            "run code",
            remedy="convert before saving: text with y.astype(str), numbers with x.astype(float), examples all of the "
            "same shape",
        )
    if dtype.kind not in _NUMBERS + _TEXT and dtype.names is None:
        raise DataError(expected="numbers or text", value=dtype)
    size = prod(shape) * dtype.itemsize
    if size > limits.ARRAY_BYTES:
        expected, remedy = f"{limits.ARRAY_BYTES:,} bytes at most", limits.describe_remedy("ARRAY_BYTES")
        raise DataError(f"expected {expected}, got shape {shape}, which takes {size:,}", remedy=remedy)
    if size != held or any(n < 0 for n in shape):
        expected = f"{held:,} bytes, as the file holds"
        raise DataError(f"expected {expected}, got shape {shape}, which takes {size:,}", remedy=_AGAIN)


def _name_type(dtype: np.dtype) -> str:
    return "objects" if dtype.hasobject else "text" if dtype.kind in _TEXT else str(dtype)
