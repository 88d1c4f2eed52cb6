"""Edits that convert names, imports, lists and divisions of Python 2 in a source that Python 3 can parse."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deltarule.book.edits import Edit, Positions
from deltarule.book.python2 import METHODS, Rewrite

NAMES = {
    "xrange": "range",
    "raw_input": "input",
    "unicode": "str",
    "basestring": "str",
    "long": "int",
    "unichr": "chr",
}
"""Names of Python 2 and those of Python 3."""

MODULES = {
    "cPickle": "pickle",
    "Queue": "queue",
    "ConfigParser": "configparser",
    "StringIO": "io",
    "cStringIO": "io",
    "urllib2": "urllib.request",
}
"""Modules of Python 2 and those of Python 3."""

LISTS = ("zip", "map", "filter", "range")
"""Functions that returned lists."""

_VIEWS = ("keys", "values", "items")
_CONSUMERS = (
    *("list", "tuple", "set", "dict", "sorted", "sum", "min", "max", "any", "all", "len", "enumerate", "iter"),
    *("join", "extend", "Counter", "OrderedDict", "zip", "map", "filter", "reduce", "izip", "next"),
)
_DIVISION = "/ gives a float in Python 3: write // if both are whole numbers"


def find_name_edits(source: str, tree: ast.Module) -> tuple[list[Edit], list[Rewrite]]:
    """Find the edits for a source, and the lines with divisions that may be of whole numbers."""
    finder = _Finder(source, tree)
    return list(finder.find_edits()), sorted(finder.notes, key=lambda note: note.line)


class _Finder:
    def __init__(self, source: str, tree: ast.Module) -> None:
        self.source, self.tree, self.positions = source, tree, Positions(source)
        self.parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
        self.stored = {node.id for node in names if isinstance(node.ctx, ast.Store)} | set(_list_bound_names(tree))
        self.used = {node.id for node in names}
        self.divides = any(
            isinstance(node, ast.ImportFrom) and node.module == "__future__" and node.names[0].name == "division"
            for node in ast.walk(tree)
        )
        self.notes: list[Rewrite] = []

    def find_edits(self) -> Iterator[Edit]:
        for node in ast.walk(self.tree):
            match node:
                case ast.Name(id=name) if name in NAMES and name not in self.stored:
                    yield Edit(*self.positions.span(node), NAMES[name])
                case ast.Import(names=aliases):
                    yield from map(self._convert_import, (alias for alias in aliases if alias.name in MODULES))
                case ast.ImportFrom(module=str(module)) if module in MODULES:
                    start = self.source.index(module, self.positions.span(node)[0])
                    yield Edit(start, start + len(module), MODULES[module])
                case ast.Call(func=ast.Name(id=name)) if name in LISTS and name not in self.stored:
                    yield from self._wrap(node)
                case ast.Call(func=ast.Attribute() as function):
                    yield from self._convert_method(node, function)
                case ast.Attribute(value=ast.Name(id="sys"), attr="maxint"):
                    yield self._rename(node, "maxsize")
                case ast.BinOp(op=ast.Div(), left=left, right=right):
                    yield from self._convert_division(node.lineno, left, right)
                case ast.AugAssign(op=ast.Div(), target=target, value=value):
                    yield from self._convert_division(node.lineno, target, value)
        if "reduce" in self.used - self.stored:
            start = self._find_first_import()
            yield Edit(start, start, "from functools import reduce\n")

    def _convert_import(self, alias: ast.alias) -> Edit:
        name, own = MODULES[alias.name], alias.asname or alias.name
        return Edit(*self.positions.span(alias), name if own == name else f"{name} as {own}")

    def _convert_method(self, call: ast.Call, function: ast.Attribute) -> Iterator[Edit]:
        start, end = self.positions.span(call)
        owner = self.source[slice(*self.positions.span(function.value))]
        match function.attr, call.args, call.keywords:
            case name, [], [] if name in METHODS:
                yield self._rename(function, METHODS[name].removeprefix("write ").removesuffix("()"))
            case "has_key", [key], []:
                yield Edit(start, end, f"({self.source[slice(*self.positions.span(key))]} in {owner})")
            case "next", [], []:
                yield Edit(start, end, f"next({owner})")
            case "load" | "loads", [_], [] if owner in ("pickle", "cPickle"):
                yield Edit(end - 1, end - 1, ', encoding="latin1"')
            case name, [], [] if name in _VIEWS:
                yield from self._wrap(call)

    def _rename(self, node: ast.Attribute, name: str) -> Edit:
        end = self.positions.span(node)[1]
        return Edit(end - len(node.attr), end, name)

    def _wrap(self, call: ast.Call) -> Iterator[Edit]:
        """Wrap a call in ``list``, unless its items are only read one by one."""
        parent = self.parents.get(call)
        match parent:
            case ast.For(iter=used) | ast.comprehension(iter=used) if used is call:
                return
            case ast.Starred() | ast.Compare() | ast.Expr():
                return
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in _CONSUMERS:
                return
        start, end = self.positions.span(call)
        yield Edit(start, start, "list(")
        yield Edit(end, end, ")")

    def _convert_division(self, line: int, left: ast.expr, right: ast.expr) -> Iterator[Edit]:
        if self.divides or _is_float(left) or _is_float(right):
            return
        if _is_whole(left) and _is_whole(right):
            start = self.source.index("/", self.positions.span(left)[1])
            yield Edit(start, start, "/")
        else:
            self.notes.append(Rewrite(line, _DIVISION))

    def _find_first_import(self) -> int:
        """Find the position of the first import that is not of the future, or else of the first statement."""
        statements = [s for s in self.tree.body if isinstance(s, ast.Import | ast.ImportFrom)] or self.tree.body
        past = [s for s in statements if not (isinstance(s, ast.ImportFrom) and s.module == "__future__")]
        return self.positions.span((past or statements)[0])[0]


def _list_bound_names(tree: ast.Module) -> Iterator[str]:
    """Yield the names of imports, functions and arguments."""
    for node in ast.walk(tree):
        match node:
            case ast.alias(name=name, asname=own):
                yield own or name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                yield name


def _is_whole(node: ast.expr) -> bool:
    """Return whether an expression is surely a whole number."""
    match node:
        case ast.Constant(value=int()):
            return True
        case ast.Call(func=ast.Name(id="len" | "int")):
            return True
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.FloorDiv() | ast.Mod(), left=left, right=right):
            return _is_whole(left) and _is_whole(right)
    return False


def _is_float(node: ast.expr) -> bool:
    """Return whether an expression is surely no whole number: it holds a float, or a function of NumPy or math."""
    for part in ast.walk(node):
        match part:
            case ast.Constant(value=float()) | ast.Call(func=ast.Name(id="float")):
                return True
            case ast.Attribute(value=ast.Name(id="np" | "numpy" | "math")):
                return True
    return False
