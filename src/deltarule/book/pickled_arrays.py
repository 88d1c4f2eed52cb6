"""The book's ``mnist.pkl.gz``, read without unpickling: a machine that knows arrays and nothing else.

A pickle is a program, and may do anything when it is run. This one is only read, operation by
operation as :data:`pickletools.opcodes` describes them: numbers, texts and tuples, and the three
names by which NumPy's arrays are put together. Whatever else stands in the file is an error.
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
"""The most bytes that a file may decompress to: MNIST's are 220 million, written out as text up to four times that."""

OPERATIONS = 10_000
"""The most operations of a file: MNIST's takes about a hundred."""

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


def _require(holds: bool, fault: str) -> None:
    """Raise :class:`DataError` unless it holds; ``fault`` says what does not belong into the file."""
    if not holds:
        raise DataError(
            f"not the book's file of arrays: {fault}",
            remedy="nothing of it was run: fetch the book's own file, which Python 2 wrote, or name a folder with "
            "MNIST's four files",
        )


def read(path: Path) -> tuple[Part, Part, Part]:
    """Training, validation and test data of the book's file, each ``(images, digits)``, (n, 784) and (n,).

    Compressed or not; written by Python 2 (protocols 0 to 2). Raises :class:`DataError`, naming the file
    and what is wrong, if it is damaged, cut short, too large, or holds anything but these six arrays.
    """
    with reading(path), open(path, "rb") as file:
        compressed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        bounded = _Bounded(gzip.GzipFile(fileobj=file) if compressed else file)
        try:
            result = _run(bounded)
            _require(not bounded.read(1), "more follows after its end")  # reading on makes gzip check its sum
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            problem = f"the compressed file was cut short or is damaged ({error})"
            raise DataError(problem, remedy="fetch it again") from None
        _require(
            isinstance(result, tuple) and len(result) == 3, "it is not a tuple of training, validation and test data"
        )
        return tuple(_part(name, part) for name, part in zip(_PARTS, result, strict=True))  # type: ignore[return-value] # three, as just asked


class _Bounded:
    """A stream of which no more than :data:`LIMIT` bytes are ever read."""

    def __init__(self, content: Any) -> None:
        self.content = content
        self.left = LIMIT

    def read(self, size: int) -> bytes:
        return self._counted(self.content.read(self._granted(size)))

    def readline(self) -> bytes:
        return self._counted(self.content.readline(self.left + 1))

    def _granted(self, size: int) -> int:
        _require(size <= self.left, f"it claims to be larger than {LIMIT:,} bytes")
        return size

    def _counted(self, piece: bytes) -> bytes:
        self._granted(len(piece))
        self.left -= len(piece)
        return piece


@dataclass
class _Machine:
    """What the operations work on: a stack, and values that were put away under numbers."""

    stack: list[Any] = field(default_factory=list)
    memo: dict[int, Any] = field(default_factory=dict)
    spent: int = 0

    def spend(self, size: int) -> None:
        """Counts the bytes of arrays: of one string in the file, many might be made."""
        self.spent += size
        _require(self.spent <= LIMIT, f"its arrays take more than {LIMIT:,} bytes")

    def pop(self, kind: type | tuple[type, ...] = object) -> Any:
        _require(bool(self.stack) and isinstance(self.stack[-1], kind), "an operation does not find what it needs")
        return self.stack.pop()

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def since_mark(self) -> tuple[Any, ...]:
        marks = [at for at, value in enumerate(self.stack) if value is _MARK]
        _require(bool(marks), "a tuple ends that never began")
        taken = tuple(self.stack[marks[-1] + 1 :])
        del self.stack[marks[-1] :]
        return taken

    def tuple_of(self, count: int) -> tuple[Any, ...]:
        return tuple(reversed([self.pop() for _ in range(count)]))


def _run(content: _Bounded) -> Any:
    machine = _Machine()
    for _ in range(OPERATIONS):
        code = content.read(1)
        _require(code in _CODES, f"it holds {code!r}, which is no operation" if code else "it was cut short")
        operation = _CODES[code]
        if operation.name == "STOP":
            break
        _require(operation.name in _DO, f"it holds {operation.name}, which arrays do not need")
        _DO[operation.name](machine, _argument(operation, content))
    _require(operation.name == "STOP", f"it has more than {OPERATIONS:,} operations")
    return machine.pop()


def _argument(operation: pickletools.OpcodeInfo, content: _Bounded) -> Any:
    if operation.arg is None:
        return None
    with suppress(ValueError):
        if operation.name == "STRING":  # for which pickletools' own reader takes ASCII alone
            return _text(content.readline())
        return operation.arg.reader(content)  # type: ignore[arg-type] # any binary file will do
    return _require(False, f"its {operation.name} is damaged or was cut short")


def _text(line: bytes) -> str:
    """A string as Python 2 wrote it into text: in quotes, with escapes; its bytes are the letters of Latin-1."""
    quoted = line.rstrip(b"\r\n")
    if not line.endswith(b"\n") or len(quoted) < 2 or quoted[:1] not in (b"'", b'"') or quoted[:1] != quoted[-1:]:
        raise ValueError
    with warnings.catch_warnings(action="ignore"):  # of escapes that Python does not know
        content, _ = codecs.escape_decode(quoted[1:-1])
    return content.decode("latin-1")


def _named(machine: _Machine, name: str) -> None:
    _require(name in _NAMES, f"it calls for {name.replace(' ', '.')[:80]}")
    machine.push(_NAMES[name])


def _put(machine: _Machine, number: int) -> None:
    machine.memo[number] = machine.stack[-1] if machine.stack else machine.pop()


def _get(machine: _Machine, number: int) -> None:
    _require(number in machine.memo, "it refers to what is not there")
    machine.push(machine.memo[number])


def _protocol(machine: _Machine, number: int) -> None:
    _require(number <= 2, f"protocol {number} is not Python 2's, which go up to 2")


def _call(machine: _Machine, _: Any) -> None:
    arguments, name = machine.pop(tuple), machine.pop(_Name)
    if name is _RECONSTRUCT and len(arguments) == 3 and arguments[0] is _NDARRAY:
        machine.push(_Array())
    else:
        known = name is _DTYPE and arguments and isinstance(arguments[0], str) and arguments[0] in _TYPES
        _require(bool(known), f"{name.name} is called with what makes no array of numbers")
        machine.push(_Type(arguments[0]))


def _build(machine: _Machine, _: Any) -> None:
    state, target = machine.pop(tuple), machine.pop((_Array, _Type))
    machine.push(target)
    if isinstance(target, _Type):
        _require(len(state) > 1 and state[1] in ("<", ">", "|", "="), "a type of numbers has no order of bytes")
        target.order = state[1]
        return
    kinds = (int, tuple, _Type, int, str)
    made = len(state) == len(kinds) and all(map(isinstance, state, kinds))
    _require(made, "an array is not made of a shape, a type and bytes")
    _, shape, kind, fortran, text = state
    machine.spend(len(text))
    target.value = _array(shape, np.dtype(kind.order + kind.code), bool(fortran), text)


def _array(shape: tuple[Any, ...], dtype: np.dtype, fortran: bool, text: str) -> np.ndarray:
    known = 1 <= len(shape) <= 2 and all(type(n) is int and 0 < n < 2**31 for n in shape)
    _require(known, "an array has a shape that images and digits have not")
    size = prod(shape) * dtype.itemsize
    _require(size == len(text), f"an array of shape {shape} takes {size:,} bytes, not {len(text):,}")
    array = np.frombuffer(bytearray(text, "latin-1"), dtype).reshape(shape, order="F" if fortran else "C")
    return array.astype(dtype.newbyteorder("="), copy=False)


def _part(name: str, part: Any) -> Part:
    filled: list[Any] = [getattr(side, "value", None) for side in part] if isinstance(part, tuple) else []
    pair = len(filled) == 2 and all(isinstance(array, np.ndarray) for array in filled)
    _require(pair, f"its {name} data are not a pair of arrays")
    images, digits = filled
    _require(
        (images.ndim, images.dtype.kind, digits.shape) == (2, "f", (len(images),)) and digits.dtype.kind in "iu",
        f"its {name} data have shapes {images.shape} and {digits.shape}, in {images.dtype} and {digits.dtype}; "
        "expected are images (n, 784) of fractions and n whole numbers",
    )
    finite = np.isfinite(images).all() and digits.min() >= 0 and digits.max() <= 9
    _require(bool(finite), f"its {name} data hold NaN, infinity, or a label that is no digit")
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
    "TUPLE": lambda machine, _: machine.push(machine.since_mark()),
    "TUPLE1": lambda machine, _: machine.push(machine.tuple_of(1)),
    "TUPLE2": lambda machine, _: machine.push(machine.tuple_of(2)),
    "TUPLE3": lambda machine, _: machine.push(machine.tuple_of(3)),
    "GLOBAL": _named,
    "REDUCE": _call,
    "BUILD": _build,
}
