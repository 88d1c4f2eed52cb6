"""The IDX format of MNIST's files: four bytes of magic, the sizes of the dimensions, then the values.

The third byte of the magic is the type of the values, which are big-endian. No dimension may be 0. A wrong header then
always disagrees with the number of bytes that follow (but for a type of the same size): a changed size gives another
product of the sizes, with fewer dimensions there are too many bytes, and with more dimensions too few.
"""

from __future__ import annotations

import hashlib
import io
import os
import zlib
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import IO, TypeAlias

import numpy as np

from deltarule import limits
from deltarule.data.error_context import reading
from deltarule.errors import DataError

TYPES: Mapping[int, np.dtype] = {
    0x08: np.dtype(np.uint8),
    0x09: np.dtype(np.int8),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}
"""The types of the values by the third byte of a file."""

_UNSIGNED_BYTE = 0x08
_MOST_DIMENSIONS = 4  # images, rows, columns, channels
_GZIP = b"\x1f\x8b"
_PIECE = 2**16  # bytes that are decompressed at a time; each larger piece would be new memory of the system
_PACKED = 2**16  # bytes of a compressed file that are read at a time; 2**13, as in Python's gzip, take twice as long
_MOST_RATIO = 1032  # bytes that one byte of a compressed file can stand for
_WITH_HEADER = 31  # the number by which zlib expects gzip's header and checksum
_AGAIN = "download the file again"


def read_idx(path: str | os.PathLike[str], limit: int | None = None) -> np.ndarray:
    """Read an array of any of :data:`TYPES` from an IDX file, compressed with gzip or not.

    Values get this machine's byte order. At most one byte more than the header declares is read or decompressed.

    Raises:
        DataError: With the path, if the file cannot be read, is not an IDX file, is damaged or truncated, is longer
            than its header declares, or declares more than ``limit`` bytes, by default ``limits.IDX_BYTES``.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "labels-idx1-ubyte"
    ...     _ = path.write_bytes(write_idx(np.array([7, 9], np.uint8)))
    ...     read_idx(path).tolist()
    [7, 9]
    """
    with reading(path):
        if not Path(path).is_file():
            raise DataError(f"expected an IDX file, got {'a folder' if Path(path).is_dir() else 'nothing there'}")
        with open(path, "rb") as file:
            return _parse(file, limit)


def peek_header(path: str | os.PathLike[str]) -> tuple[np.dtype, tuple[int, ...]] | None:
    """Read the type and the shape of an IDX file; None if the file does not begin as one.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "any name"
    ...     _ = path.write_bytes(write_idx(np.array([[7, 9]], np.uint8)))
    ...     peek_header(path)
    (dtype('uint8'), (1, 2))
    """
    try:
        with open(path, "rb") as file:
            return _read_header(_decompress(file))
    except (DataError, OSError, EOFError, zlib.error):
        return None


def read_published(path: str | os.PathLike[str], sha256: str, limit: int | None = None, remedy: str = "") -> np.ndarray:
    """Read an IDX file. Raises :class:`DataError`, with the remedy, unless its content has this SHA-256."""
    array = read_idx(path, limit)
    if (found := digest(array)) != sha256:
        raise DataError(
            f"expected the published content, SHA-256 {sha256[:12]}…, got SHA-256 {found[:12]}…",
            path=path,
            remedy=remedy,
        )
    return array


def parse_idx(content: bytes, name: str = "IDX data", limit: int | None = None) -> np.ndarray:
    """Parse the content of an IDX file, as :func:`read_idx` does; errors call it ``name``.

    >>> parse_idx(write_idx(np.array([[1, 2], [3, 4]], np.uint8))).tolist()
    [[1, 2], [3, 4]]
    """
    with reading(name):
        return _parse(io.BytesIO(content), limit)


def write_idx(array: np.ndarray) -> bytes:
    """Write an array as the content of an IDX file. Raises :class:`DataError` unless it is uint8 and not empty.

    >>> write_idx(np.array([7, 9], np.uint8)).hex(" ")
    '00 00 08 01 00 00 00 02 07 09'
    """
    return _build_header(array) + array.tobytes()


def digest(array: np.ndarray) -> str:
    """Compute the SHA-256 of an array's IDX file, without compression."""
    sha = hashlib.sha256(_build_header(array))
    sha.update(np.ascontiguousarray(array).data)
    return sha.hexdigest()


def _build_header(array: np.ndarray) -> bytes:
    sizes = 1 <= array.ndim <= _MOST_DIMENSIONS and all(0 < n < 2**32 for n in array.shape)
    if array.dtype != np.uint8 or not sizes:
        raise DataError(
            f"expected an array of uint8 with 1 to {_MOST_DIMENSIONS} dimensions, none of them 0, "
            f"got {array.dtype} of shape {array.shape}",
            argument="array",
            remedy="convert the array",
        )
    return bytes([0, 0, _UNSIGNED_BYTE, array.ndim]) + np.array(array.shape, ">u4").tobytes()


class Inflated:
    """The content of a file compressed with gzip, of one or several members, each with its checksum."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self._packed, self._member = file, b"", zlib.decompressobj(_WITH_HEADER)

    def read(self, size: int) -> bytes:
        """Read up to ``size`` bytes; none at the end. Raises zlib.error or EOFError for a damaged or truncated file."""
        while True:
            if self._member.eof:
                if not self._find_member():
                    return b""
                self._member = zlib.decompressobj(_WITH_HEADER)
            packed = self._packed or self.file.read(_PACKED)
            found = self._member.decompress(packed, size)
            self._packed = self._member.unconsumed_tail or self._member.unused_data
            if found:
                return found
            if not packed and not self._member.eof:
                raise EOFError("Compressed file ended before the end-of-stream marker was reached")

    def _find_member(self) -> bool:
        """Find the start of the next member, after zeros that fill up a block; return False at the end of the file."""
        self._packed = self._packed.lstrip(b"\0")
        while not self._packed and (packed := self.file.read(_PACKED)):
            self._packed = packed.lstrip(b"\0")
        return bool(self._packed)


Content: TypeAlias = IO[bytes] | Inflated


def _parse(file: IO[bytes], limit: int | None) -> np.ndarray:
    try:
        return _read_array(_decompress(file), limit)
    except (EOFError, zlib.error) as error:
        raise DataError(f"expected a whole gzip file, got a damaged one ({error})", remedy=_AGAIN) from None


def _decompress(file: IO[bytes]) -> Content:
    """Open the content of a file that may be compressed."""
    compressed = file.read(2) == _GZIP
    file.seek(0)
    return Inflated(file) if compressed else file


def _read_array(content: Content, limit: int | None) -> np.ndarray:
    dtype, shape = _read_header(content)
    size = prod(shape) * dtype.itemsize
    declared = _format_size(shape, dtype.itemsize)
    most = limits.IDX_BYTES if limit is None else limit
    if size > most:
        remedy = limits.describe_remedy("IDX_BYTES") if limit is None else ""
        raise DataError(f"expected {most:,} bytes at most, got a header that declares {declared}", remedy=remedy)
    body = _read_body(content, size + 1)  # one byte more detects a longer file, and makes gzip check its checksum
    if len(body) != size:
        found = "more" if len(body) > size else f"{len(body):,}"
        raise DataError(
            f"expected {declared} bytes after the header, as the header says, got {found}",
            remedy=_AGAIN,
        )
    array = body.view(dtype).reshape(shape)
    return array if dtype.isnative else array.byteswap(inplace=True).view(dtype.newbyteorder("="))


def _read_header(content: Content) -> tuple[np.dtype, tuple[int, ...]]:
    magic = bytes(_take(content, 4))
    if not (len(magic) == 4 and magic[:2] == b"\0\0" and magic[2] in TYPES and 1 <= magic[3] <= _MOST_DIMENSIONS):
        raise DataError(
            position="first four bytes",
            expected=f"two zeros, a type of {', '.join(f'{code:02x}' for code in TYPES)}, and a byte from 1 to "
            f"{_MOST_DIMENSIONS}, as in an IDX file",
            value=magic,
            remedy=_AGAIN,
        )
    sizes = _take(content, 4 * magic[3])
    shape = tuple(np.frombuffer(sizes[: len(sizes) // 4 * 4], ">u4").tolist())
    if len(shape) < magic[3] or 0 in shape:
        raise DataError(
            position="header",
            expected=f"the sizes of {magic[3]} dimensions, each at least 1",
            value=shape,
            remedy=_AGAIN,
        )
    return TYPES[magic[2]], shape


def _take(content: Content, size: int) -> bytearray:
    """Read up to ``size`` bytes of the header."""
    taken = bytearray()
    while len(taken) < size and (piece := content.read(size - len(taken))):
        taken += piece
    return taken


def _read_body(content: Content, size: int) -> np.ndarray:
    """Read up to ``size`` bytes. A false size takes no more memory than the file can fill."""
    taken, n = np.empty(min(size, _count_most(content)), np.uint8), 0
    while n < len(taken) and (piece := content.read(min(len(taken) - n, _PIECE))):
        taken[n : n + len(piece)] = np.frombuffer(piece, np.uint8)
        n += len(piece)
    return taken[:n]


def _count_most(content: Content) -> int:
    """Count the bytes that a file can have at most, decompressed if it is compressed."""
    file, ratio = (content.file, _MOST_RATIO) if isinstance(content, Inflated) else (content, 1)
    place = file.tell()
    size = file.seek(0, os.SEEK_END)
    file.seek(place)
    return size * ratio


def _format_size(shape: tuple[int, ...], itemsize: int) -> str:
    product = " × ".join(f"{n:,}" for n in (*shape, *([itemsize] if itemsize > 1 else [])))
    size = prod(shape) * itemsize
    return f"{product} = {size:,}" if "×" in product else product
