"""MATLAB's files: the arrays of a ``.mat`` file of version 5 to 7.

Read here and not by SciPy, because ``scipy.io.loadmat`` crashes the process on damaged files. A file is a header of 128
bytes and then elements: a tag with the type and the number of bytes, and the values. An array is an element that
contains elements: flags, sizes, name and values. It may be compressed. Functions and objects of MATLAB are refused, so
no code runs. Version 7.3 is another format (HDF5).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import prod
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np

from deltarule import limits
from deltarule.data.library_errors import translating
from deltarule.errors import DataError

_TYPES = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_MATRIX, _COMPRESSED = 14, 15
_ENCODINGS = {1: "latin-1", 2: "latin-1", 3: "utf-16", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}
_CLASSES = (
    "", "cell", "struct", "object", "char", "sparse", "double", "single", "int8", "uint8", "int16", "uint16", "int32",
    "uint32", "int64", "uint64", "function", "object",
)  # fmt: skip
_WITHOUT_VALUES = frozenset({"struct", "object", "function"})
_OPAQUE = 17  # the class number of a MATLAB object without sizes
_COMPLEX, _LOGICAL = 0x800, 0x200

_AGAIN = "save the file again in MATLAB: save('data.mat', 'X', 'y', '-v7')"
_HEADER = 128  # bytes before the first array
_TAG = 8  # bytes of a type and a length
_BEGINNING = 2**12  # bytes that hold the flags, the sizes and the name of an array
_PIECE = 2**20
_LETTER, _LETTER_OBJECT = 4, 64  # bytes of a letter in an array, and as an object
_MOST_LISTED = 20
_DEEPEST = 4  # structures in structures


class _Element(NamedTuple):
    kind: int
    content: memoryview


@dataclass(frozen=True)
class _Entry:
    """An array in the file: its header, and its place."""

    name: str
    kind: str
    shape: tuple[int, ...]
    start: int
    length: int
    is_compressed: bool


class MatFile:
    """The arrays of a ``.mat`` file.

    Whole numbers have the type in which MATLAB stores them, often ``uint8``. Logical arrays are numbers, 0 or 1. Sparse
    matrices become dense. Cells of text and rows of letters become text.

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
        with translating(path, "a .mat file", _AGAIN), open(path, "rb") as file:
            header = file.read(_HEADER)
            _check_version(header)
            self._order = ">" if header[-2:] == b"MI" else "<"
            self._entries = {entry.name: entry for entry in self._find_arrays(path.stat().st_size) if entry.name}

    @property
    def names(self) -> Sequence[str]:
        """The names of the arrays."""
        return tuple(self._entries)

    def describe(self) -> list[str]:
        """List the arrays by name, shape and type."""
        return [f"{entry.name} {entry.shape} {entry.kind}" for entry in islice(self._entries.values(), _MOST_LISTED)]

    def read(self, name: str) -> np.ndarray:
        """Read an array of numbers or of text. Raises :class:`DataError` for others and for damaged ones."""
        entry = self._entries[name]
        try:
            with translating(self.path, "a readable array", _AGAIN):
                return self._parse_matrix(self._load(entry, limits.ARRAY_BYTES + _BEGINNING))
        except DataError as error:
            error.with_fields(argument=name)
            raise

    def read_struct(self, name: str) -> Mapping[str, np.ndarray]:
        """Read the arrays of a structure; those of structures in it are named like ``train.images``.

        Fields that are no arrays of numbers or text, and structures of several elements, are left out. Raises
        :class:`DataError` for a damaged one.
        """
        with translating(self.path, "a readable structure", _AGAIN):
            return dict(self._parse_struct(self._load(self._entries[name], limits.ARRAY_BYTES + _BEGINNING), _DEEPEST))

    def is_struct(self, name: str) -> bool:
        """Return True if there is a structure of this name."""
        return name in self._entries and self._entries[name].kind == "struct"

    def _parse_struct(self, content: memoryview, depth: int) -> Iterator[tuple[str, np.ndarray]]:
        elements = _split(content, self._order)
        _, _, shape, _ = self._parse_header(elements)
        width = int(self._parse_numbers(next(elements))[0])
        letters = bytes(next(elements).content)
        if prod(shape) != 1 or width < 1 or not depth:
            return
        names = [letters[at : at + width].split(b"\0")[0].decode() for at in range(0, len(letters), width)]
        for name, element in zip(names, elements, strict=False):
            if element.kind != _MATRIX or not element.content:
                continue
            kind = self._parse_header(_split(element.content, self._order))[1]
            if kind == "struct":
                for field, array in self._parse_struct(element.content, depth - 1):
                    yield f"{name}.{field}", array
            elif kind not in _WITHOUT_VALUES:
                yield name, self._parse_matrix(element.content)

    def _find_arrays(self, size: int) -> Iterator[_Entry]:
        """Find the arrays in a file of so many bytes."""
        at = _HEADER
        with open(self.path, "rb") as file:
            while at + _TAG <= size:
                file.seek(at)
                kind, length = self._parse_tag(file.read(_TAG))
                at += _TAG + length
                if kind not in (_MATRIX, _COMPRESSED) or at > size:
                    raise DataError(f"expected whole arrays, got a damaged one before byte {at:,}", remedy=_AGAIN)
                entry = _Entry("", "", (), at - length, length, kind == _COMPRESSED)
                name, kind_name, shape, *_ = self._parse_header(_split(self._load(entry, _BEGINNING), self._order))
                yield replace(entry, name=name, kind=kind_name, shape=shape)

    def _load(self, entry: _Entry, most: int) -> memoryview:
        """Load the elements of an array, at most so many bytes of them."""
        with open(self.path, "rb") as file:
            file.seek(entry.start)
            if not entry.is_compressed:
                return memoryview(file.read(_check_size(min(entry.length, most))))
            _, size = self._parse_tag(_unpack(file, entry.length, _TAG))
            end = _TAG + _check_size(min(size, most))
            file.seek(entry.start)
            # one byte more has the checksum verified
            content = _unpack(file, entry.length, end + (size <= most))
            if len(content) != end:
                raise DataError(f"expected {end:,} bytes after decompression, got {len(content):,}", remedy=_AGAIN)
            return memoryview(content)[_TAG:]

    def _parse_tag(self, tag: bytes | bytearray) -> tuple[int, int]:
        kind, length = np.frombuffer(tag, self._order + "u4").tolist()
        return kind, length

    def _parse_header(self, elements: Iterator[_Element]) -> tuple[str, str, tuple[int, ...], int]:
        """Parse the name, the class, the shape and the flags of an array."""
        flags = int(np.frombuffer(next(elements).content, self._order + "u4")[0])
        kind = _CLASSES[flags & 0xFF]
        # an object of a class has no sizes
        shape = () if flags & 0xFF == _OPAQUE else tuple(self._parse_numbers(next(elements)).tolist())
        if min(shape, default=0) < 0:
            raise DataError(expected="sizes of at least 0", value=shape, remedy=_AGAIN)
        name = bytes(next(elements).content).decode("utf-8")
        return name, "logical" if flags & _LOGICAL and kind != "sparse" else kind, shape, flags

    def _parse_numbers(self, element: _Element) -> np.ndarray:
        numbers = np.frombuffer(element.content, self._order + _TYPES[element.kind])
        return numbers.astype(numbers.dtype.newbyteorder("="), copy=False)

    def _parse_matrix(self, content: memoryview) -> np.ndarray:
        """Parse an array of numbers or of text."""
        elements = _split(content, self._order)
        _, kind, shape, flags = self._parse_header(elements)
        if kind in _WITHOUT_VALUES or flags & _COMPLEX:
            raise DataError(
                expected="an array of numbers or text",
                value="complex numbers" if flags & _COMPLEX else kind,
                remedy="in MATLAB, convert it: text with cellstr(…), numbers with double(…)",
            )
        if kind == "cell":
            words = [self._parse_cell(element) for element in elements]
            _check_size(_LETTER * len(words) * max(map(len, words), default=0))
            return np.array(words, np.str_).reshape(shape, order="F")
        if kind == "char":
            return self._parse_letters(next(elements, None), shape)
        if kind == "sparse":
            return _fill(shape, *(self._parse_numbers(next(elements)) for _ in range(3)))
        return self._parse_numbers(next(elements)).reshape(shape, order="F")

    def _parse_letters(self, element: _Element | None, shape: tuple[int, ...]) -> np.ndarray:
        """Parse rows of letters as text, (rows,), without the spaces that fill them."""
        if element is None or not element.content:
            return np.zeros(0, np.str_)
        encoding = _ENCODINGS[element.kind]
        if encoding in ("utf-16", "utf-32"):
            encoding += "-be" if self._order == ">" else "-le"
        text = bytes(element.content).decode(encoding)
        if shape[0] == 1:
            return np.array([text])
        _check_size(_LETTER_OBJECT * len(text))
        letters = np.array(list(text)).reshape(shape, order="F")
        return np.array(["".join(row).rstrip() for row in letters.tolist()])

    def _parse_cell(self, element: _Element) -> str:
        """Parse a cell of text; an empty cell is ""."""
        if element.kind != _MATRIX or not element.content:
            return ""
        elements = _split(element.content, self._order)
        _, kind, shape, _ = self._parse_header(elements)
        if 0 in shape:
            return ""
        if kind != "char" or shape[0] != 1:
            raise DataError(
                expected="cells of text",
                value=f"a cell of {kind}, {shape}",
                remedy="in MATLAB, convert cells of numbers with cell2mat(…)",
            )
        return str(self._parse_letters(next(elements), shape)[0])


def _split(content: memoryview, order: str) -> Iterator[_Element]:
    """Split an array into its elements. A short element has its length in the upper half of the type."""
    at = 0
    while at + _TAG <= len(content):
        kind, length = np.frombuffer(content[at : at + _TAG], order + "u4").tolist()
        start = at + _TAG
        if kind >> 16:
            kind, length, start = kind & 0xFFFF, kind >> 16, at + _TAG // 2
        yield _Element(kind, content[start : start + length])
        at = start + length + -(start + length) % _TAG


def _unpack(file: IO[bytes], length: int, most: int) -> bytearray:
    """Decompress the next ``length`` bytes of a file, at most to so many bytes."""
    unpacker, content = zlib.decompressobj(), bytearray()
    while len(content) < most and not unpacker.eof:
        packed = unpacker.unconsumed_tail
        if not packed:
            packed = file.read(min(length, _PIECE))
            length -= len(packed)
        piece = unpacker.decompress(packed, min(most - len(content), _PIECE))
        if not (packed or piece):
            break
        content += piece
    return content


def _fill(shape: tuple[int, ...], rows: np.ndarray, starts: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Fill a dense matrix from the row of each value and the start of each column among the values."""
    _check_size(prod(shape) * values.itemsize)
    counts, n = np.diff(starts), int(starts[-1])
    if len(counts) != shape[1] or starts[0] != 0 or (counts < 0).any() or n > len(rows):
        raise DataError("expected a sparse matrix, got one whose columns begin at wrong places", remedy=_AGAIN)
    columns = np.repeat(np.arange(shape[1]), counts)
    dense = np.zeros(shape, values.dtype)
    dense.reshape(-1)[np.ravel_multi_index((rows[:n], columns), shape)] = values[:n]  # refuses rows out of range
    return dense


def _check_size(size: int) -> int:
    """Return a number of bytes. Raises :class:`DataError` above :data:`deltarule.limits.ARRAY_BYTES`."""
    if size > limits.ARRAY_BYTES:
        expected, remedy = f"{limits.ARRAY_BYTES:,} bytes at most", limits.describe_remedy("ARRAY_BYTES")
        raise DataError(f"expected {expected} in an array, got {size:,}", remedy=remedy)
    return size


def _check_version(header: bytes) -> None:
    if header.startswith((b"MATLAB 7.3", b"\x89HDF")) or 2 in header[124:126]:
        raise DataError(expected="a .mat file of version 7 or older", value="version 7.3 (HDF5)", remedy=_AGAIN)
    if header[-2:] not in (b"IM", b"MI") or 0 in header[:4]:
        raise DataError(expected="a .mat file of version 5 to 7", value="another format", remedy=_AGAIN)
