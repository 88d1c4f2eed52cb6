"""A reader of pickled arrays without unpickling: it can build arrays, and nothing else.

A pickle is a program, which may do anything when it runs. This module only reads it, operation by operation as
:data:`pickletools.opcodes` describes them: numbers, texts, tuples, lists, dictionaries, and the names with which NumPy
builds arrays. Anything else in the file is an error. Files of Python 2 and 3 are read, in every protocol.
"""

from __future__ import annotations

import codecs
import gzip
import pickletools
import warnings
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from deltarule.data.error_context import reading
from deltarule.data.pickle_operations import OPERATIONS, Array, Machine, Name, Type, require
from deltarule.errors import DataError

LIMIT = 2**30
"""The most bytes of a decompressed file: MNIST's has 220 million, and as text up to four times as many."""

MOST_OPERATIONS = 1_000_000
"""The most operations in a file: MNIST's has about a hundred, a list of its labels 70,000."""

_DEEPEST = 4  # levels of tuples
_LONG_TEXT = 2**16  # bytes; longer text is the content of an array, a character for each byte
_CODES = {operation.code.encode("latin-1"): operation for operation in pickletools.opcodes}


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
        bounded = _BoundedStream(gzip.GzipFile(fileobj=file) if compressed else file)
        try:
            result = _run(bounded)
            require(not bounded.read(1), "continues after its end")  # reading to the end makes gzip check its checksum
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            problem = f"expected a complete gzip file, got {str(error)!r}"
            raise DataError(problem, remedy="download it again") from None
        return _unwrap(result, _DEEPEST)


def _unwrap(value: Any, depth: int) -> Any:
    """Replace the parser's arrays by NumPy's, and lists of numbers by arrays."""
    require(depth > 0, "holds lists in lists, deeper than arrays need")
    if isinstance(value, Array):
        require(value.value is not None, "has an array without content")
        return value.value
    if isinstance(value, dict):
        return {str(key): _unwrap(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list) and value and all(type(item) in (int, float) for item in value):
        with suppress(OverflowError):
            return np.array(value)
    if isinstance(value, (tuple, list)):
        return tuple(_unwrap(item, depth - 1) for item in value)
    require(not isinstance(value, (Name, Type)), "holds a name in place of data")
    return value


class _BoundedStream:
    """A stream that reads at most :data:`LIMIT` bytes."""

    def __init__(self, content: Any) -> None:
        self.content = content
        self.left = LIMIT

    def read(self, size: int) -> bytes:
        return self._count(self.content.read(self._check_size(size)))

    def readline(self) -> bytes:
        return self._count(self.content.readline(self.left + 1))

    def _check_size(self, size: int) -> int:
        require(size <= self.left, f"is larger than {LIMIT:,} bytes")
        return size

    def _count(self, piece: bytes) -> bytes:
        self._check_size(len(piece))
        self.left -= len(piece)
        return piece


def _run(content: _BoundedStream) -> Any:
    machine = Machine(limit=LIMIT)
    for _ in range(MOST_OPERATIONS):
        code = content.read(1)
        require(code in _CODES, f"contains {code!r}, an unknown operation" if code else "is incomplete")
        operation = _CODES[code]
        if operation.name == "STOP":
            break
        require(operation.name in OPERATIONS, f"contains the operation {operation.name}, which arrays do not need")
        OPERATIONS[operation.name](machine, _read_argument(operation, content))
    require(operation.name == "STOP", f"has more than {MOST_OPERATIONS:,} operations")
    return machine.pop()


def _read_argument(operation: pickletools.OpcodeInfo, content: _BoundedStream) -> Any:
    if operation.arg is None:
        return None
    with suppress(ValueError):
        if operation.name == "STRING":  # pickletools' reader accepts only ASCII here
            return _parse_string(content.readline())
        if operation.name in _TEXTS:
            return _read_text(content, _TEXTS[operation.name])
        return operation.arg.reader(content)  # type: ignore[arg-type] # any binary stream works
    return require(False, f"has a damaged or incomplete {operation.name}")


_TEXTS = {"SHORT_BINUNICODE": 1, "BINUNICODE": 4, "BINUNICODE8": 8}
"""The number of bytes of the length of a text."""


def _read_text(content: _BoundedStream, width: int) -> str:
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
