"""A reader of pickled arrays without unpickling: it can build arrays, and nothing else.

A pickle is a program, which may do anything when it runs. This module only reads it, operation by operation as
:data:`pickletools.opcodes` describes them: numbers, texts, tuples, lists, dictionaries, and the names with which NumPy
builds arrays. Anything else in the file is an error. Files of Python 2 and 3 are read, in every protocol.
"""

from __future__ import annotations

import codecs
import gzip
import io
import pickletools
import warnings
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from deltarule import limits
from deltarule.data.error_context import reading
from deltarule.data.pickle_operations import OPERATIONS, Array, Machine, Name, Type, require
from deltarule.errors import DataError

LONGEST = 4
"""The most bytes of a decompressed file, in units of PICKLE_BYTES: a file as text has four characters for a byte."""

MEMORY = 3
"""The most bytes of all values, in units of PICKLE_BYTES: a file may hold a text, its bytes and the array of them."""

OPERATIONS_PER_ARRAY = 50
"""The additional operations for each array or number of NumPy's: an array needs up to 30."""

_DEEPEST = 4  # levels of tuples
_MOST_VALUES = 4  # of a pair, or of parts; a longer list is one array
_LONG_TEXT = 2**16  # bytes; longer text is the content of an array, a character for each byte
_CODES = {operation.code.encode("latin-1"): operation for operation in pickletools.opcodes}
_WITHOUT_ARGUMENT = {
    code: OPERATIONS[operation.name]
    for code, operation in _CODES.items()
    if operation.arg is None and operation.name in OPERATIONS
}


def read_pickled_arrays(path: Path) -> Any:
    r"""Read the arrays of a pickle, compressed by gzip or not, in the tuples, lists and dictionaries that hold them.

    Raises:
        DataError: With the path, if the file is damaged, incomplete, too large, or contains anything but arrays of
            numbers, numbers and text.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "numbers.pkl"
    ...     _ = path.write_bytes(b"(Vx\n(F1.5\nI2\nld.")  # a dictionary with a list
    ...     read_pickled_arrays(path)
    {'x': array([1.5, 2. ])}
    """
    with reading(path), open(path, "rb") as file:
        compressed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        bounded = _BoundedReader(_BoundedStream(gzip.GzipFile(fileobj=file) if compressed else file), _BLOCK)
        try:
            result = _run(bounded)
            require(not bounded.read(1), "continues after its end")  # reading to the end makes gzip check its checksum
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            problem = f"expected a complete gzip file, got {str(error)!r}"
            raise DataError(problem, remedy="download it again") from None
        return _unwrap(result, _DEEPEST)


def _unwrap(value: Any, depth: int) -> Any:
    """Replace the parser's arrays by NumPy's, and lists of numbers or of many arrays by one array."""
    require(depth > 0, "holds lists in lists, deeper than arrays need")
    if isinstance(value, Array):
        require(value.value is not None, "has an array without content")
        return value.value
    if isinstance(value, dict):
        return {str(key): _unwrap(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list) and value and all(type(item) in (int, float) for item in value):
        with suppress(OverflowError):
            return np.array(value)
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], np.ndarray):
        return value[0]
    if isinstance(value, list) and len(value) > _MOST_VALUES and (stacked := _stack(value)) is not None:
        return stacked
    if isinstance(value, (tuple, list)):
        return tuple(_unwrap(item, depth - 1) for item in value)
    require(not isinstance(value, (Name, Type)), "holds a name in place of data")
    return value


def _stack(values: list[Any]) -> np.ndarray | None:
    """Stack arrays of one shape and type, releasing each, so that they take no memory twice; None for others."""
    first = values[0].value if isinstance(values[0], Array) else None
    if first is None or not all(isinstance(one, Array) and _is_alike(one.value, first) for one in values):
        return None
    stacked = np.empty((len(values), *first.shape), first.dtype)
    for i, one in enumerate(values):
        stacked[i], values[i] = one.value, None
    values[:] = [stacked]  # for the next reference to this list
    return stacked


def _is_alike(array: np.ndarray | None, first: np.ndarray) -> bool:
    return array is not None and (array.shape, array.dtype) == (first.shape, first.dtype)


class _BoundedStream(io.RawIOBase):
    """A stream of at most :data:`LONGEST` times ``limits.PICKLE_BYTES`` bytes."""

    def __init__(self, content: Any) -> None:
        self.content = content
        self.left = LONGEST * limits.PICKLE_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size: int = self.content.readinto(buffer)
        self.left -= size
        require(self.left >= 0, f"is larger than {LONGEST * limits.PICKLE_BYTES:,} bytes", "PICKLE_BYTES")
        return size


class _BoundedReader(io.BufferedReader):
    """A reader of values of at most ``limits.PICKLE_BYTES`` bytes."""

    def read(self, size: int | None = -1) -> bytes:
        require(
            size is not None and 0 <= size <= limits.PICKLE_BYTES,
            f"has a value that is larger than {limits.PICKLE_BYTES:,} bytes",
            "PICKLE_BYTES",
        )
        return super().read(size)

    def readline(self, size: int | None = -1) -> bytes:
        line = super().readline(limits.PICKLE_BYTES + 1)
        require(
            len(line) <= limits.PICKLE_BYTES,
            f"has a value that is larger than {limits.PICKLE_BYTES:,} bytes",
            "PICKLE_BYTES",
        )
        return line


_BLOCK = 2**20  # bytes read at once


def _run(content: _BoundedReader) -> Any:
    machine, count, read = Machine(limit=MEMORY * limits.PICKLE_BYTES), 0, super(_BoundedReader, content).read
    while (code := read(1)) != b".":
        if operate := _WITHOUT_ARGUMENT.get(code):
            operate(machine, None)
        else:
            require(code in _CODES, f"contains {code!r}, an unknown operation" if code else "is incomplete")
            operation = _CODES[code]
            require(operation.name in OPERATIONS, f"contains the operation {operation.name}, which arrays do not need")
            OPERATIONS[operation.name](machine, _read_argument(operation, content))
        count += 1
        if count > limits.PICKLE_OPERATIONS:
            most = limits.PICKLE_OPERATIONS + OPERATIONS_PER_ARRAY * machine.arrays
            require(count <= most, f"has more than {most:,} operations", "PICKLE_OPERATIONS")
    return machine.pop()


def _read_argument(operation: pickletools.OpcodeInfo, content: _BoundedReader) -> Any:
    try:
        if operation.name == "STRING":  # pickletools' reader accepts only ASCII here
            return _parse_string(content.readline())
        if operation.name in _TEXTS:
            return _read_text(content, _TEXTS[operation.name])
        if operation.name in _NAMES:
            with warnings.catch_warnings(action="ignore"):  # about unknown escapes, which no name has
                return operation.arg.reader(content) if operation.arg else None
        return operation.arg.reader(content) if operation.arg else None
    except ValueError:
        return require(False, f"has a damaged or incomplete {operation.name}")


_NAMES = ("GLOBAL", "INST")

_TEXTS = {"SHORT_BINUNICODE": 1, "BINUNICODE": 4, "BINUNICODE8": 8}
"""The number of bytes of the length of a text."""


def _read_text(content: _BoundedReader, width: int) -> str:
    """Read text in UTF-8; one of many bytes has only characters of Latin-1, so that it takes no more memory."""
    head = content.read(width)
    size = int.from_bytes(head, "little")
    text = content.read(size)
    if len(head) < width or len(text) < size or (size > _LONG_TEXT and max(text) > 0xC3):
        raise ValueError
    return text.decode()


def _parse_string(line: bytes) -> str:
    """Parse a string of Python 2's text protocol: in quotes, with escapes; each byte becomes a Latin-1 character."""
    quoted = line.rstrip(b"\r\n")
    if not line.endswith(b"\n") or len(quoted) < 2 or quoted[:1] not in (b"'", b'"') or quoted[:1] != quoted[-1:]:
        raise ValueError
    with warnings.catch_warnings(action="ignore"):  # about unknown escapes
        content, _ = codecs.escape_decode(quoted[1:-1])
    return content.decode("latin-1")
