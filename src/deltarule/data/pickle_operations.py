"""The operations of a pickle that build arrays, tuples, lists and dictionaries, on a stack of values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any, TypeAlias

import numpy as np

from deltarule import limits
from deltarule.errors import DataError

REMEDY = "no part of it was run; save the arrays with numpy.savez, and give the .npz file"

_TYPES = {
    f"{kind}{size}" for kind, sizes in {"f": (4, 8), "i": (1, 2, 4, 8), "u": (1, 2, 4, 8)}.items() for size in sizes
}
_MOST_DIMENSIONS = 4


@dataclass(frozen=True)
class Name:
    """A name that a pickle may call."""

    name: str


@dataclass
class Type:
    """The type of an array's numbers, such as f4, and their byte order."""

    code: str
    order: str = "<"


@dataclass
class Array:
    """An array, without a value until the state of the array is read."""

    value: np.ndarray | None = None


_RECONSTRUCT, _NDARRAY, _DTYPE = Name("_reconstruct"), Name("ndarray"), Name("dtype")
_FROM_BUFFER, _SCALAR, _ENCODE = Name("_frombuffer"), Name("scalar"), Name("encode")
_NAMES = {
    **{f"numpy.{core}.multiarray _reconstruct": _RECONSTRUCT for core in ("core", "_core")},
    **{f"numpy.{core}.multiarray scalar": _SCALAR for core in ("core", "_core")},
    **{f"numpy.{core}.numeric _frombuffer": _FROM_BUFFER for core in ("core", "_core")},
    "numpy ndarray": _NDARRAY,
    "numpy dtype": _DTYPE,
    "_codecs encode": _ENCODE,  # bytes of Python 3 in the protocols of Python 2
}


def require(condition: bool, fault: str, limit: str = "") -> None:
    """Raise :class:`DataError` unless the condition holds.

    ``fault`` describes the file, and ``limit`` is the name of the limit that it exceeds.
    """
    if not condition:
        remedy = limits.describe_remedy(limit, REMEDY) if limit else REMEDY
        raise DataError(f"expected a pickle of arrays, got one that {fault}", remedy=remedy)


@dataclass
class Machine:
    """The state of the operations: a stack, the stacks below its marks, and values stored under numbers.

    ``limit`` is the largest number of bytes of all arrays and texts, and ``arrays`` the number of arrays and of
    NumPy's numbers.
    """

    stack: list[Any] = field(default_factory=list)
    below: list[list[Any]] = field(default_factory=list)
    memo: dict[int, Any] = field(default_factory=dict)
    limit: int = 3 * 2**30
    spent: int = 0
    arrays: int = 0

    def count_bytes(self, size: int) -> None:
        """Count the bytes of arrays and texts, since one text in the file could become many arrays."""
        self.spent += size
        require(self.spent <= self.limit, f"contains arrays and texts of more than {self.limit:,} bytes")

    def pop(self, kind: type | tuple[type, ...] = object) -> Any:
        require(bool(self.stack) and isinstance(self.stack[-1], kind), "has an operation without its operands")
        return self.stack.pop()

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def mark(self) -> None:
        self.below.append(self.stack)
        self.stack = []

    def pop_to_mark(self) -> list[Any]:
        require(bool(self.below), "ends a tuple that never began")
        taken, self.stack = self.stack, self.below.pop()
        return taken

    def pop_tuple(self, count: int) -> tuple[Any, ...]:
        return tuple(reversed([self.pop() for _ in range(count)]))


def _push_text(machine: Machine, content: str | bytes | bytearray) -> None:
    machine.count_bytes(len(content))
    machine.push(content)


def _push_name(machine: Machine, name: str) -> None:
    require(name in _NAMES, f"uses {name.replace(' ', '.')[:80]}")
    machine.push(_NAMES[name])


def _push_stacked_name(machine: Machine, _: Any) -> None:
    name, module = machine.pop(str), machine.pop(str)
    _push_name(machine, f"{module} {name}")


def _put(machine: Machine, number: int) -> None:
    machine.memo[number] = machine.stack[-1] if machine.stack else machine.pop()


def _memoize(machine: Machine, _: Any) -> None:
    _put(machine, len(machine.memo))


def _get(machine: Machine, number: int) -> None:
    require(number in machine.memo, "refers to a missing value")
    machine.push(machine.memo[number])


def _append(machine: Machine, items: list[Any]) -> None:
    target = machine.pop(list)
    target += items
    machine.push(target)


def _set_items(machine: Machine, items: list[Any]) -> None:
    keys, target = items[::2], machine.pop(dict)
    require(len(items) % 2 == 0 and all(isinstance(key, (str, int)) for key in keys), "has a damaged dictionary")
    target.update(zip(keys, items[1::2], strict=True))
    machine.push(target)


def _start_dictionary(machine: Machine) -> list[Any]:
    items = machine.pop_to_mark()
    machine.push({})
    return items


def _call(machine: Machine, _: Any) -> None:
    arguments, name = machine.pop(tuple), machine.pop(Name)
    first = arguments[0] if arguments else None
    kinds = tuple(map(type, arguments))
    if name is _RECONSTRUCT and len(arguments) == 3 and first is _NDARRAY:
        machine.push(Array())
    elif name is _DTYPE and isinstance(first, str) and first in _TYPES:
        machine.push(Type(first))
    elif name is _ENCODE and kinds == (str, str) and arguments[1] in ("latin1", "latin-1"):
        require(_is_latin(first), "has text in place of bytes")
        machine.count_bytes(len(arguments[0]))
        machine.push(arguments[0].encode("latin-1"))
    elif name is _FROM_BUFFER and kinds[1:] == (Type, tuple, str) and kinds[0] in (bytes, bytearray):
        content, kind, shape, order = arguments
        machine.push(Array(_build_array(machine, shape, kind, order == "F", content)))
    elif name is _SCALAR and kinds in ((Type, bytes), (Type, str)):
        machine.push(_build_array(machine, (1,), arguments[0], False, arguments[1]).tolist()[0])
    else:
        require(False, f"calls {name.name} with arguments that make no array of numbers")


def _build(machine: Machine, _: Any) -> None:
    state, target = machine.pop(tuple), machine.pop((Array, Type))
    machine.push(target)
    if isinstance(target, Type):
        require(len(state) > 1 and state[1] in ("<", ">", "|", "="), "has a number type without a byte order")
        target.order = state[1]
        return
    kinds: tuple[Any, ...] = (int, tuple, Type, int, (str, bytes))
    complete = len(state) == len(kinds) and all(map(isinstance, state, kinds))
    require(complete, "has an array without a shape, a type and bytes")
    _, shape, kind, fortran, content = state
    target.value = _build_array(machine, shape, kind, bool(fortran), content)


def _build_array(
    machine: Machine, shape: tuple[Any, ...], kind: Type, fortran: bool, content: str | bytes | bytearray
) -> np.ndarray:
    machine.count_bytes(len(content))
    machine.arrays += 1
    dtype = np.dtype(kind.order + kind.code)
    valid = 1 <= len(shape) <= _MOST_DIMENSIONS and all(type(n) is int and 0 < n < 2**31 for n in shape)
    require(valid, "has an array with a shape that is not of images or digits")
    size = prod(shape) * dtype.itemsize
    require(size == len(content), f"has an array of shape {shape} with {len(content):,} bytes instead of {size:,}")
    is_text = isinstance(content, str)
    require(not is_text or _is_latin(content), "has text in place of the bytes of an array")
    own = bytearray(content, "latin-1") if isinstance(content, str) else bytearray(content)
    array = np.frombuffer(own, dtype).reshape(shape, order="F" if fortran else "C")
    return array.astype(dtype.newbyteorder("="), copy=False)


def _is_latin(text: Any) -> bool:
    return isinstance(text, str) and (text.isascii() or max(text) <= "\xff")


_Operation: TypeAlias = Callable[[Machine, Any], object]
_NUMBERS = ("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "FLOAT", "BINFLOAT")
_TEXTS = (
    "STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8",
    "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8",
)  # fmt: skip
OPERATIONS: Mapping[str, _Operation] = {
    **dict.fromkeys(_NUMBERS, Machine.push),
    **dict.fromkeys(_TEXTS, _push_text),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT"), _put),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _get),
    **dict.fromkeys(("PROTO", "FRAME"), lambda machine, _: None),
    "MEMOIZE": _memoize,
    "NONE": lambda machine, _: machine.push(None),
    "NEWTRUE": lambda machine, _: machine.push(True),
    "NEWFALSE": lambda machine, _: machine.push(False),
    "MARK": lambda machine, _: machine.mark(),
    "EMPTY_TUPLE": lambda machine, _: machine.push(()),
    "TUPLE": lambda machine, _: machine.push(tuple(machine.pop_to_mark())),
    "TUPLE1": lambda machine, _: machine.push(machine.pop_tuple(1)),
    "TUPLE2": lambda machine, _: machine.push(machine.pop_tuple(2)),
    "TUPLE3": lambda machine, _: machine.push(machine.pop_tuple(3)),
    "EMPTY_LIST": lambda machine, _: machine.push([]),
    "LIST": lambda machine, _: machine.push(machine.pop_to_mark()),
    "APPEND": lambda machine, _: _append(machine, [machine.pop()]),
    "APPENDS": lambda machine, _: _append(machine, machine.pop_to_mark()),
    "EMPTY_DICT": lambda machine, _: machine.push({}),
    "DICT": lambda machine, _: _set_items(machine, _start_dictionary(machine)),
    "SETITEM": lambda machine, _: _set_items(machine, list(machine.pop_tuple(2))),
    "SETITEMS": lambda machine, _: _set_items(machine, machine.pop_to_mark()),
    "GLOBAL": _push_name,
    "STACK_GLOBAL": _push_stacked_name,
    "REDUCE": _call,
    "BUILD": _build,
}
"""The operations that arrays need, by name."""
