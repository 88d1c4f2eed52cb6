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

from deltarule.errors import DataError

LIMIT = 2**30
"""The most bytes that a file may declare, unless the caller says otherwise: 1 GiB, twenty times MNIST."""

_UNSIGNED_BYTE = 0x08
_OTHER_TYPES = {0x09: "int8", 0x0B: "int16", 0x0C: "int32", 0x0D: "float32", 0x0E: "float64"}
_MOST_DIMENSIONS = 4  # images, rows, columns, channels
_GZIP = b"\x1f\x8b"
_PIECE = 2**20


def read_idx(path: str | os.PathLike[str], limit: int = LIMIT) -> np.ndarray:
    """The array in an IDX file, uint8, compressed with gzip or not, whatever the file is called.

    At most what the header declares and one byte more is read or decompressed. Raises
    :class:`DataError`, with the file's name, if it cannot be read, is damaged, cut short, longer than
    its header says, not IDX, or declares more than ``limit`` bytes.
    """
    if not Path(path).is_file():
        raise DataError(f"{path}: there is no such file")
    try:
        with open(path, "rb") as file:
            return _parse(file, str(path), limit)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error


def parse_idx(content: bytes, name: str = "IDX data", limit: int = LIMIT) -> np.ndarray:
    """The array in the bytes of an IDX file, as :func:`read_idx`; errors call the content ``name``.

    >>> parse_idx(write_idx(np.array([[1, 2], [3, 4]], np.uint8))).tolist()
    [[1, 2], [3, 4]]
    """
    return _parse(io.BytesIO(content), name, limit)


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
    if array.dtype != np.uint8:
        raise DataError(f"an IDX file holds unsigned bytes, not {array.dtype}; convert the array to uint8")
    if not (1 <= array.ndim <= _MOST_DIMENSIONS and all(0 < n < 2**32 for n in array.shape)):
        raise DataError(f"an IDX file has 1 to {_MOST_DIMENSIONS} dimensions, none of them 0; got shape {array.shape}")
    return bytes([0, 0, _UNSIGNED_BYTE, array.ndim]) + np.array(array.shape, ">u4").tobytes()


def _parse(file: IO[bytes], name: str, limit: int) -> np.ndarray:
    compressed = file.read(2) == _GZIP
    file.seek(0)
    try:
        if compressed:
            with gzip.GzipFile(fileobj=file) as content:
                return _array(content, name, limit)
        return _array(file, name, limit)
    except EOFError:
        raise DataError(f"{name}: the compressed file was cut short; fetch it again") from None
    except (zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{name}: the compressed file is damaged ({error}); fetch it again") from None


def _array(content: IO[bytes] | gzip.GzipFile, name: str, limit: int) -> np.ndarray:
    shape = _shape(content, name)
    size = prod(shape)
    if size > limit:
        raise DataError(f"{name}: its header declares {_times(shape)} = {size:,} bytes, above the limit of {limit:,}")
    body = _take(content, size + 1)  # the byte too many tells a longer file, and makes gzip check its own sum
    if len(body) != size:
        found = "more" if len(body) > size else f"{len(body):,}"
        raise DataError(
            f"{name}: its header declares {_times(shape)} = {size:,} bytes, but {found} follow; "
            "the file is damaged or was cut short: fetch it again"
        )
    return np.frombuffer(body, np.uint8).reshape(shape)


def _shape(content: IO[bytes] | gzip.GzipFile, name: str) -> tuple[int, ...]:
    magic = bytes(_take(content, 4))
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in {_UNSIGNED_BYTE, *_OTHER_TYPES}:
        begins = f"it begins with {magic!r}" if magic else "it is empty"
        raise DataError(f"{name}: not an IDX file, as MNIST's are: {begins}")
    if magic[2] != _UNSIGNED_BYTE:
        raise DataError(f"{name}: holds {_OTHER_TYPES[magic[2]]}; only IDX files of unsigned bytes are read")
    if not 1 <= magic[3] <= _MOST_DIMENSIONS:
        raise DataError(f"{name}: its header declares {magic[3]} dimensions; there may be 1 to {_MOST_DIMENSIONS}")
    sizes = _take(content, 4 * magic[3])
    if len(sizes) < 4 * magic[3]:
        raise DataError(f"{name}: ends within its header; fetch it again")
    shape = tuple(np.frombuffer(sizes, ">u4").tolist())
    if 0 in shape:
        raise DataError(f"{name}: its header declares {_times(shape)} bytes, that is none; fetch it again")
    return shape


def _take(content: IO[bytes] | gzip.GzipFile, size: int) -> bytearray:
    """Up to ``size`` bytes, piece by piece, so that memory follows what is there and not what is claimed."""
    taken = bytearray()
    while len(taken) < size and (piece := content.read(min(size - len(taken), _PIECE))):
        taken += piece
    return taken


def _times(shape: tuple[int, ...]) -> str:
    return " × ".join(f"{n:,}" for n in shape)
