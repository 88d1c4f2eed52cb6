"""Facts about a script as a whole that decide what its names mean: bindings, imports, and places for Python 3 alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deltarule.book.conversion_lists import Parents
from deltarule.book.python2_names import (
    FORMER_MODULE_NAMES,
    FORMER_MODULES,
    ITERATORS,
    MODULE_NAMES,
    MODULES,
    NAMES,
    REMEDIES,
    VIEWS,
)

_EXPECTED = ("NameError", "ImportError", "ModuleNotFoundError", "AttributeError", "Exception")


class Facts:
    """The names that a tree binds, its imports, and its nodes for one version of Python.

    Attributes:
        parents: the node that each node is a part of.
        bindings: the names that are bound anywhere: variables, arguments, functions, imports.
        methods: the names of all functions and methods that are defined.
        modules: the modules by the names that their imports bind.
        members: the full names, such as ``pickle.load``, by the names that their imports bind.
        guards: the nodes within ``try`` with a handler for a missing name, or ``if`` with the version of Python.
        next_is_data: whether ``next`` is an attribute that is set, as in a linked list, or a method with arguments.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.nodes = list(ast.walk(tree))
        self.parents: Parents = {child: node for node in self.nodes for child in ast.iter_child_nodes(node)}
        self.bindings = set(_list_bound_names(self.nodes))
        self.methods = {node.name for node in self.nodes if isinstance(node, ast.FunctionDef)}
        self.modules = dict(_list_modules(self.nodes))
        self.members = dict(_list_members(self.nodes))
        self.divides = self.members.get("division") == "__future__.division"
        self.stars = any(name.endswith(".*") for name in self.members.values())
        self.guards = {
            part
            for node in self.nodes
            if _is_guard(node)
            for child in _list_guard_parts(node)
            for part in ast.walk(child)
        }
        self.next_is_data = "next" in self.bindings or any(
            (isinstance(node, ast.Attribute) and node.attr == "next" and isinstance(node.ctx, ast.Store))
            or (isinstance(node, ast.FunctionDef) and node.name == "next" and not _is_iterator_method(node))
            for node in self.nodes
        )

    @property
    def own_names(self) -> set[str]:
        """Return the names that may not be the builtin ones, with those that NumPy and others export by a star."""
        return self.bindings | ({"sum", "any", "all", "min", "max"} if self.stars else set())

    def resolve(self, node: ast.AST) -> str:
        """Return the full name of a module's member, such as ``string.letters``; "" if the node is none."""
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if (
                name in self.modules or name not in self.bindings
            ):
                return f"{self.modules.get(name, name)}.{attribute}"
            case ast.Name(id=name, ctx=ast.Load()) if name in self.members:
                return self.members[name]
        return ""

    def is_builtin(self, node: ast.AST) -> bool:
        """Return whether a node reads a builtin name."""
        return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in self.bindings

    def is_python2(self) -> bool:
        """Return whether a name is used that only Python 2 has, unless it is guarded."""
        old = {*ITERATORS, *VIEWS, "has_key"}
        for node in self.nodes:
            if node in self.guards:
                continue
            match node:
                case ast.Name(id=name) if (name in NAMES or name in REMEDIES) and self.is_builtin(node):
                    return True
                case ast.Attribute(attr=name) if name in old and name not in self.methods:
                    return True
                case ast.Attribute() if self.resolve(node) in MODULE_NAMES or self.resolve(node) in FORMER_MODULE_NAMES:
                    return True
                case ast.Import(names=aliases):
                    if any(alias.name in MODULES or alias.name in FORMER_MODULES for alias in aliases):
                        return True
                case ast.ImportFrom(module=str(module), level=0, names=aliases):
                    names = {f"{module}.{alias.name}" for alias in aliases}
                    if module in MODULES or module in FORMER_MODULES or names & {*MODULE_NAMES, *FORMER_MODULE_NAMES}:
                        return True
        return False


def _list_bound_names(nodes: list[ast.AST]) -> Iterator[str]:
    """Yield the names of variables, imports, functions and arguments."""
    for node in nodes:
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.alias(name=name, asname=own):
                yield (own or name).partition(".")[0]
            case ast.ClassDef(name=name) | ast.arg(arg=name) | ast.ExceptHandler(name=str(name)):
                yield name
    methods = {child for node in nodes if isinstance(node, ast.ClassDef) for child in node.body}
    yield from (node.name for node in nodes if isinstance(node, ast.FunctionDef) and node not in methods)


def _list_modules(nodes: list[ast.AST]) -> Iterator[tuple[str, str]]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((alias.asname or alias.name, alias.name) for alias in node.names)


def _list_members(nodes: list[ast.AST]) -> Iterator[tuple[str, str]]:
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names)


def _is_guard(node: ast.AST) -> bool:
    match node:
        case ast.Try(handlers=handlers):
            types = [part for each in handlers if each.type for part in ast.walk(each.type)]
            names = {part.id for part in types if isinstance(part, ast.Name)}
            return any(each.type is None for each in handlers) or bool(names & set(_EXPECTED))
        case ast.If(test=test):
            parts = [part for part in ast.walk(test) if isinstance(part, ast.Name | ast.Attribute)]
            names = {part.id if isinstance(part, ast.Name) else part.attr for part in parts}
            return bool(names & {"version_info", "PY2", "PY3", "version"})
    return False


def _list_guard_parts(node: ast.AST) -> list[ast.AST]:
    """List what depends on a guard: the block with its handlers, or both branches."""
    if isinstance(node, ast.Try):
        return [*node.body, *node.handlers]
    return [*node.body, *node.orelse] if isinstance(node, ast.If) else []


def _is_iterator_method(node: ast.FunctionDef) -> bool:
    """Return whether a method takes only its object."""
    arguments = node.args
    others = arguments.kwonlyargs or arguments.vararg or arguments.kwarg or arguments.posonlyargs
    return len(arguments.args) == 1 and not others
