"""Lists of Python 2 that are iterators or views in Python 3, and the places where that makes no difference."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

LISTS = ("zip", "map", "filter", "range")
"""Functions that returned lists."""
VIEWS = ("keys", "values", "items")
"""Methods that returned lists."""

_READERS = ("list", "tuple", "set", "frozenset", "dict", "sorted", "sum", "min", "max", "any", "all")
_COLLECTIONS = ("Counter", "OrderedDict", "deque")
_METHODS = ("join", "extend", "update", "fromkeys", "writelines")
_CHANGES = (
    *("append", "extend", "insert", "remove", "pop", "sort", "reverse", "add", "discard"),
    *("update", "clear", "setdefault", "popitem"),
)
_PURE = ("int", "float", "str", "unicode", "bool", "len", "abs", "ord", "chr", "repr", "tuple", "list", "set", "long")
"""Functions that neither change anything nor depend on anything but their argument."""

Parents = Mapping[ast.AST, ast.AST]


class Uses:
    """The places of calls: whether all items are read at once there, before anything can change them.

    Args:
        parents: the node that each node is a part of.
        own_names: names that are not the builtin ones.
    """

    def __init__(self, parents: Parents, own_names: set[str]) -> None:
        self.parents, self.own_names = parents, own_names

    def needs_list(self, call: ast.Call) -> bool:
        """Return whether a call must be wrapped in ``list``."""
        return not self._is_read(call, call, _list_sources(call))

    def _is_read(self, node: ast.AST, call: ast.Call, sources: set[str]) -> bool:
        match self.parents.get(node):
            case ast.For(iter=used, body=body) if used is node:
                return _is_pure(call) and not _changes(body, sources)
            case ast.comprehension() as loop if loop.iter is node:
                return self._is_read_by_loop(loop, call, sources)
            case ast.Starred():
                return True
            case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[used]) if used is node:
                return _is_pure(call)
            case ast.Assign(targets=[ast.Tuple() | ast.List()]):
                return True
            case ast.Call(args=arguments) as outer if node in arguments:
                return self._is_read_by_call(outer, arguments.index(node), call, sources)
        return False

    def _is_read_by_loop(self, loop: ast.comprehension, call: ast.Call, sources: set[str]) -> bool:
        whole = self.parents[loop]
        parts = list(ast.iter_child_nodes(whole))
        if not _is_pure(call) or _changes(parts, sources):
            return False
        if isinstance(whole, ast.GeneratorExp) and whole.generators[0] is loop:
            return self._is_read(whole, call, sources)
        return True

    def _is_read_by_call(self, outer: ast.Call, i: int, call: ast.Call, sources: set[str]) -> bool:
        match outer.func:
            case ast.Name(id=name) if name in self.own_names and name not in _COLLECTIONS:
                return False
            case ast.Name(id="enumerate" | "izip" | "imap" | "ifilter"):
                return self._is_read(outer, call, sources)
            case ast.Name(id="zip") | ast.Name(id="map" | "filter" | "reduce") if (
                i > 0 or getattr(outer.func, "id", "") == "zip"
            ):
                in_loop = isinstance(self.parents.get(outer), ast.For | ast.comprehension)
                return _is_pure(call) and (not in_loop or self._is_read(outer, call, sources))
            case ast.Name(id="any" | "all"):
                return _is_pure(call)
            case ast.Name(id="min" | "max"):
                return len(outer.args) == 1
            case ast.Name(id="len"):
                return _is_sized(call)
            case ast.Name(id="iter"):
                return isinstance(call.func, ast.Attribute)  # a change of the dictionary is an error then
            case ast.Name(id=name) if name in _READERS:
                return i == 0
            case ast.Name(id=name) if name in _COLLECTIONS:
                return i == 0
            case ast.Attribute(value=owner, attr=name) if name in _METHODS and i == 0:
                text = ast.unparse(owner) if isinstance(owner, ast.Name | ast.Attribute) else ""
                return text not in sources and text.rpartition(".")[2] not in ("path", "np", "numpy")
            case ast.Attribute(value=ast.Name(id="collections"), attr=name) if name in _COLLECTIONS:
                return i == 0
        return False


def _is_sized(call: ast.Call) -> bool:
    """Return whether a call gives an object with a length: a range or a view."""
    return isinstance(call.func, ast.Attribute) or getattr(call.func, "id", "") == "range"


def _is_pure(call: ast.Call) -> bool:
    """Return whether it makes no difference when the items are computed."""
    match call:
        case ast.Call(func=ast.Name(id="map" | "filter"), args=[function, *_]):
            match function:
                case ast.Name(id=name):
                    return name in _PURE
                case ast.Attribute(value=ast.Name(id="str" | "unicode")) | ast.Constant():
                    return True
            return False
    return True


def _list_sources(call: ast.Call) -> set[str]:
    """List the variables whose items a call reads."""
    match call:
        case ast.Call(func=ast.Attribute(value=owner)):
            read: list[ast.expr] = [owner]
        case ast.Call(func=ast.Name(id="map" | "filter")):
            read = call.args[1:]
        case ast.Call(func=ast.Name(id="zip")):
            read = [each.value if isinstance(each, ast.Starred) else each for each in call.args]
        case _:
            read = []
    return set(_write_variables(read))


def _write_variables(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            yield ast.unparse(node)


def _changes(body: Iterable[ast.AST], sources: set[str]) -> bool:
    """Return whether statements or expressions may change one of these variables in place."""
    if not sources:
        return False
    for part in body:
        for node in ast.walk(part):
            match node:
                case ast.Subscript(value=owner, ctx=ast.Store() | ast.Del()):
                    found = owner
                case ast.AugAssign(target=target):
                    found = target
                case ast.Call(func=ast.Attribute(value=owner, attr=name)) if name in _CHANGES:
                    found = owner
                case _:
                    continue
            if sources & set(_write_variables([found])):
                return True
    return False
