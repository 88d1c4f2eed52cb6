"""The IDX format of MNIST's files: four bytes of magic, the sizes of the dimensions, then the bytes themselves.

Only unsigned bytes are read, and no dimension may be 0. Then no damage to the header goes unseen: a
changed size changes their product, fewer dimensions leave bytes over, more of them take bytes away.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import zlib
from math import prod
from pathlib import Path
from typing import IO

import numpy as np

from deltarule.data.error_context import reading
from deltarule.errors import DataError

LIMIT = 2**30
"""The most bytes that a file may declare, unless the caller says otherwise: 1 GiB, twenty times MNIST."""

_UNSIGNED_BYTE = 0x08
_MAGIC = bytes([0, 0, _UNSIGNED_BYTE])
_OTHER_TYPES = {0x09: "int8", 0x0B: "int16", 0x0C: "int32", 0x0D: "float32", 0x0E: "float64"}
_MOST_DIMENSIONS = 4  # images, rows, columns, channels
_GZIP = b"\x1f\x8b"
_PIECE = 2**20
_AGAIN = "fetch the file again"


def read_idx(path: str | os.PathLike[str], limit: int = LIMIT) -> np.ndarray:
    """The array in an IDX file, uint8, compressed with gzip or not, whatever the file is called.

    At most what the header declares and one byte more is read or decompressed. Raises
    :class:`DataError`, with the file's name, if it cannot be read, is damaged, cut short, longer than
    its header says, not IDX, or declares more than ``limit`` bytes.
    """
    with reading(path):
        if not Path(path).is_file():
            raise DataError(f"expected an IDX file, got {'a folder' if Path(path).is_dir() else 'nothing there'}")
        with open(path, "rb") as file:
            return _parse(file, limit)


def read_published(path: str | os.PathLike[str], sha256: str, limit: int = LIMIT, remedy: str = "") -> np.ndarray:
    """Read an IDX file whose decompressed content has this SHA-256; else raise :class:`DataError` with the remedy."""
    array = read_idx(path, limit)
    if (found := digest(array)) != sha256:
        raise DataError(
            f"expected the content that was published, SHA-256 {sha256[:12]}…, got SHA-256 {found[:12]}…",
            path=path,
            remedy=remedy,
        )
    return array


def parse_idx(content: bytes, name: str = "IDX data", limit: int = LIMIT) -> np.ndarray:
    """The array in the bytes of an IDX file, as :func:`read_idx`; errors call the content ``name``.

    >>> parse_idx(write_idx(np.array([[1, 2], [3, 4]], np.uint8))).tolist()
    [[1, 2], [3, 4]]
    """
    with reading(name):
        return _parse(io.BytesIO(content), limit)


def write_idx(array: np.ndarray) -> bytes:
    """The bytes of the IDX file that holds ``array``; raises :class:`DataError` unless uint8 and not empty.

    >>> write_idx(np.array([7, 9], np.uint8)).hex(" ")
    '00 00 08 01 00 00 00 02 07 09'
    """
    return _header(array) + array.tobytes()


def digest(array: np.ndarray) -> str:
    """SHA-256 of the IDX file that holds ``array``: of its content, however it was compressed."""
    sha = hashlib.sha256(_header(array))
    sha.update(np.ascontiguousarray(array).data)
    return sha.hexdigest()


def _header(array: np.ndarray) -> bytes:
    sizes = 1 <= array.ndim <= _MOST_DIMENSIONS and all(0 < n < 2**32 for n in array.shape)
    if array.dtype != np.uint8 or not sizes:
        raise DataError(
            f"expected what an IDX file holds, uint8 in 1 to {_MOST_DIMENSIONS} dimensions, none of them 0, "
            f"got {array.dtype} of shape {array.shape}",
            argument="array",
            remedy="convert the array",
        )
    return bytes([0, 0, _UNSIGNED_BYTE, array.ndim]) + np.array(array.shape, ">u4").tobytes()


def _parse(file: IO[bytes], limit: int) -> np.ndarray:
    compressed = file.read(2) == _GZIP
    file.seek(0)
    try:
        if compressed:
            with gzip.GzipFile(fileobj=file) as content:
                return _array(content, limit)
        return _array(file, limit)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"expected a whole gzip file, got a damaged one ({error})", remedy=_AGAIN) from None


def _array(content: IO[bytes] | gzip.GzipFile, limit: int) -> np.ndarray:
    shape = _shape(content)
    size = prod(shape)
    if size > limit:
        raise DataError(f"expected {limit:,} bytes at most, got a header that declares {_times(shape)} = {size:,}")
    body = _take(content, size + 1)  # the byte too many tells a longer file, and makes gzip check its own sum
    if len(body) != size:
        found = "more" if len(body) > size else f"{len(body):,}"
        raise DataError(
            f"expected {_times(shape)} = {size:,} bytes after the header, as it declares, got {found}", remedy=_AGAIN
        )
    return np.frombuffer(body, np.uint8).reshape(shape)


def _shape(content: IO[bytes] | gzip.GzipFile) -> tuple[int, ...]:
    magic = bytes(_take(content, 4))
    if not (len(magic) == 4 and magic[:3] == _MAGIC and 1 <= magic[3] <= _MOST_DIMENSIONS):
        other = _OTHER_TYPES.get(magic[2], "") if magic[:2] == b"\0\0" and len(magic) == 4 else ""
        raise DataError(
            position="first four bytes",
            expected=f"those of an IDX file of unsigned bytes, as MNIST's are: {_MAGIC!r} and 1 to {_MOST_DIMENSIONS}",
            value=magic,
            remedy=f"convert its {other} to uint8" if other else _AGAIN,
        )
    sizes = _take(content, 4 * magic[3])
    shape = tuple(np.frombuffer(sizes[: len(sizes) // 4 * 4], ">u4").tolist())
    if len(shape) < magic[3] or 0 in shape:
        raise DataError(
            position="header", expected=f"{magic[3]} sizes of dimensions, each from 1", value=shape, remedy=_AGAIN
        )
    return shape


def _take(content: IO[bytes] | gzip.GzipFile, size: int) -> bytearray:
    """Up to ``size`` bytes, piece by piece, so that memory follows what is there and not what is claimed."""
    taken = bytearray()
    while len(taken) < size and (piece := content.read(min(size - len(taken), _PIECE))):
        taken += piece
    return taken


def _times(shape: tuple[int, ...]) -> str:
    return " × ".join(f"{n:,}" for n in shape)
