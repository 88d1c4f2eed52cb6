"""A reader of the book's ``mnist.pkl.gz`` without unpickling: it can build arrays, and nothing else.

A pickle is a program, which may do anything when it runs. This module only reads it, operation by operation as
:data:`pickletools.opcodes` describes them: numbers, texts, tuples, and the three names that build NumPy's arrays.
Anything else in the file is an error.
"""

from __future__ import annotations

import codecs
import gzip
import pickletools
import warnings
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from deltarule.data.error_context import reading
from deltarule.errors import DataError

LIMIT = 2**30
"""The most bytes of a decompressed file: MNIST's has 220 million, and as text up to four times as many."""

OPERATIONS = 10_000
"""The most operations in a file: MNIST's has about a hundred."""

Part: TypeAlias = tuple[np.ndarray, np.ndarray]

_TYPES = {
    f"{kind}{size}" for kind, sizes in {"f": (4, 8), "i": (1, 2, 4, 8), "u": (1, 2, 4, 8)}.items() for size in sizes
}
_PARTS = ("training", "validation", "test")
_CODES = {operation.code.encode("latin-1"): operation for operation in pickletools.opcodes}
_MARK = object()


@dataclass(frozen=True)
class _Name:
    name: str


@dataclass
class _Type:
    code: str
    order: str = "<"


@dataclass
class _Array:
    value: np.ndarray | None = None


_RECONSTRUCT, _NDARRAY, _DTYPE = _Name("_reconstruct"), _Name("ndarray"), _Name("dtype")
_NAMES = {
    "numpy.core.multiarray _reconstruct": _RECONSTRUCT,
    "numpy._core.multiarray _reconstruct": _RECONSTRUCT,
    "numpy ndarray": _NDARRAY,
    "numpy dtype": _DTYPE,
}


def _require(condition: bool, fault: str) -> None:
    """Raise :class:`DataError` unless the condition holds; ``fault`` describes the file."""
    if not condition:
        raise DataError(
            f"expected the book's file of arrays, got one that {fault}",
            remedy="no part of it was run; download the book's own file, which Python 2 wrote, or use a folder with "
            "MNIST's four files",
        )


def read(path: Path) -> tuple[Part, Part, Part]:
    """Read the training, validation and test data of the book's file, each ``(images, digits)``, (n, 784) and (n,).

    The file may be compressed, and is of Python 2 (protocols 0 to 2). Raise :class:`DataError` with the path if it is
    damaged, incomplete, too large, or contains anything but these six arrays.
    """
    with reading(path), open(path, "rb") as file:
        compressed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        bounded = _BoundedStream(gzip.GzipFile(fileobj=file) if compressed else file)
        try:
            result = _run(bounded)
            _require(not bounded.read(1), "continues after its end")  # reading to the end makes gzip check its checksum
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            problem = f"expected a complete gzip file, got {str(error)!r}"
            raise DataError(problem, remedy="download it again") from None
        _require(isinstance(result, tuple) and len(result) == 3, "is not a tuple of training, validation and test data")
        return tuple(_check_part(name, part) for name, part in zip(_PARTS, result, strict=True))  # type: ignore[return-value] # three, as just checked


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
        _require(size <= self.left, f"is larger than {LIMIT:,} bytes")
        return size

    def _count(self, piece: bytes) -> bytes:
        self._check_size(len(piece))
        self.left -= len(piece)
        return piece


@dataclass
class _Machine:
    """The state of the operations: a stack, and values stored under numbers."""

    stack: list[Any] = field(default_factory=list)
    memo: dict[int, Any] = field(default_factory=dict)
    spent: int = 0

    def count_bytes(self, size: int) -> None:
        """Count the bytes of arrays, since one string in the file could become many arrays."""
        self.spent += size
        _require(self.spent <= LIMIT, f"contains arrays of more than {LIMIT:,} bytes")

    def pop(self, kind: type | tuple[type, ...] = object) -> Any:
        _require(bool(self.stack) and isinstance(self.stack[-1], kind), "has an operation without its operands")
        return self.stack.pop()

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def pop_to_mark(self) -> tuple[Any, ...]:
        marks = [at for at, value in enumerate(self.stack) if value is _MARK]
        _require(bool(marks), "ends a tuple that never began")
        taken = tuple(self.stack[marks[-1] + 1 :])
        del self.stack[marks[-1] :]
        return taken

    def pop_tuple(self, count: int) -> tuple[Any, ...]:
        return tuple(reversed([self.pop() for _ in range(count)]))


def _run(content: _BoundedStream) -> Any:
    machine = _Machine()
    for _ in range(OPERATIONS):
        code = content.read(1)
        _require(code in _CODES, f"contains {code!r}, an unknown operation" if code else "is incomplete")
        operation = _CODES[code]
        if operation.name == "STOP":
            break
        _require(operation.name in _DO, f"contains the operation {operation.name}, which arrays do not need")
        _DO[operation.name](machine, _read_argument(operation, content))
    _require(operation.name == "STOP", f"has more than {OPERATIONS:,} operations")
    return machine.pop()


def _read_argument(operation: pickletools.OpcodeInfo, content: _BoundedStream) -> Any:
    if operation.arg is None:
        return None
    with suppress(ValueError):
        if operation.name == "STRING":  # pickletools' reader accepts only ASCII here
            return _parse_string(content.readline())
        return operation.arg.reader(content)  # type: ignore[arg-type] # any binary stream works
    return _require(False, f"has a damaged or incomplete {operation.name}")


def _parse_string(line: bytes) -> str:
    """Parse a string of Python 2's text protocol: in quotes, with escapes; each byte becomes a Latin-1 character."""
    quoted = line.rstrip(b"\r\n")
    if not line.endswith(b"\n") or len(quoted) < 2 or quoted[:1] not in (b"'", b'"') or quoted[:1] != quoted[-1:]:
        raise ValueError
    with warnings.catch_warnings(action="ignore"):  # about unknown escapes
        content, _ = codecs.escape_decode(quoted[1:-1])
    return content.decode("latin-1")


def _push_name(machine: _Machine, name: str) -> None:
    _require(name in _NAMES, f"uses {name.replace(' ', '.')[:80]}")
    machine.push(_NAMES[name])


def _put(machine: _Machine, number: int) -> None:
    machine.memo[number] = machine.stack[-1] if machine.stack else machine.pop()


def _get(machine: _Machine, number: int) -> None:
    _require(number in machine.memo, "refers to a missing value")
    machine.push(machine.memo[number])


def _protocol(machine: _Machine, number: int) -> None:
    _require(number <= 2, f"has protocol {number}, where Python 2 has 0 to 2")


def _call(machine: _Machine, _: Any) -> None:
    arguments, name = machine.pop(tuple), machine.pop(_Name)
    if name is _RECONSTRUCT and len(arguments) == 3 and arguments[0] is _NDARRAY:
        machine.push(_Array())
    else:
        known = name is _DTYPE and arguments and isinstance(arguments[0], str) and arguments[0] in _TYPES
        _require(bool(known), f"calls {name.name} with arguments that make no array of numbers")
        machine.push(_Type(arguments[0]))


def _build(machine: _Machine, _: Any) -> None:
    state, target = machine.pop(tuple), machine.pop((_Array, _Type))
    machine.push(target)
    if isinstance(target, _Type):
        _require(len(state) > 1 and state[1] in ("<", ">", "|", "="), "has a number type without a byte order")
        target.order = state[1]
        return
    kinds = (int, tuple, _Type, int, str)
    complete = len(state) == len(kinds) and all(map(isinstance, state, kinds))
    _require(complete, "has an array without a shape, a type and bytes")
    _, shape, kind, fortran, text = state
    machine.count_bytes(len(text))
    target.value = _build_array(shape, np.dtype(kind.order + kind.code), bool(fortran), text)


def _build_array(shape: tuple[Any, ...], dtype: np.dtype, fortran: bool, text: str) -> np.ndarray:
    valid = 1 <= len(shape) <= 2 and all(type(n) is int and 0 < n < 2**31 for n in shape)
    _require(valid, "has an array with a shape that is not of images or digits")
    size = prod(shape) * dtype.itemsize
    _require(size == len(text), f"has an array of shape {shape} with {len(text):,} bytes instead of {size:,}")
    array = np.frombuffer(bytearray(text, "latin-1"), dtype).reshape(shape, order="F" if fortran else "C")
    return array.astype(dtype.newbyteorder("="), copy=False)


def _check_part(name: str, part: Any) -> Part:
    values: list[Any] = [getattr(side, "value", None) for side in part] if isinstance(part, tuple) else []
    pair = len(values) == 2 and all(isinstance(array, np.ndarray) for array in values)
    _require(pair, f"has {name} data that are not a pair of arrays")
    images, digits = values
    _require(
        (images.ndim, images.dtype.kind, digits.shape) == (2, "f", (len(images),)) and digits.dtype.kind in "iu",
        f"has {name} data of shapes {images.shape} and {digits.shape}, types {images.dtype} and {digits.dtype}, "
        "instead of images (n, 784) of floats and n whole numbers",
    )
    finite = np.isfinite(images).all() and digits.min() >= 0 and digits.max() <= 9
    _require(bool(finite), f"has {name} data with NaN, infinity, or a label that is not a digit")
    return images, digits.astype(np.int64, copy=False)


_Operation: TypeAlias = Callable[[_Machine, Any], object]
_PUSHED = ("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "STRING", "BINSTRING", "SHORT_BINSTRING")
_DO: Mapping[str, _Operation] = {
    **dict.fromkeys(_PUSHED, _Machine.push),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT"), _put),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _get),
    "PROTO": _protocol,
    "NONE": lambda machine, _: machine.push(None),
    "NEWTRUE": lambda machine, _: machine.push(True),
    "NEWFALSE": lambda machine, _: machine.push(False),
    "MARK": lambda machine, _: machine.push(_MARK),
    "EMPTY_TUPLE": lambda machine, _: machine.push(()),
    "TUPLE": lambda machine, _: machine.push(machine.pop_to_mark()),
    "TUPLE1": lambda machine, _: machine.push(machine.pop_tuple(1)),
    "TUPLE2": lambda machine, _: machine.push(machine.pop_tuple(2)),
    "TUPLE3": lambda machine, _: machine.push(machine.pop_tuple(3)),
    "GLOBAL": _push_name,
    "REDUCE": _call,
    "BUILD": _build,
}
