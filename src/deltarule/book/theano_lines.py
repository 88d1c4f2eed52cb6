"""Theano in readers' scripts: the lines that need it, with a remedy for each, and modules that are built on it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deltarule.book import python2
from deltarule.book.python2_syntax import Rewrite, convert_syntax
from deltarule.book.theano_names import find_remedy
from deltarule.book.theano_stand_in import ROOTS, has_meaning, is_setting, normalize_name


def imports_module(source: str, module: str) -> bool:
    """Return whether a source imports a module of this name.

    >>> imports_module("import numpy as np, network3", "network3"), imports_module("x = (", "network3")
    (True, False)
    """
    return module in source and any(name == module for _, name in _list_imports(_parse(source)))


def needs_theano(source: str) -> bool:
    """Return whether a module cannot be imported without Theano: it imports it outside functions and ``try``.

    >>> needs_theano("import theano.tensor as T"), needs_theano("try:\\n    import theano\\nexcept ImportError: pass")
    (True, False)
    """
    if not any(root in source for root in ROOTS):
        return False
    now = [statement for statement in _parse(source).body if not isinstance(statement, ast.FunctionDef | ast.ClassDef)]
    return any(root in ROOTS for _, root in _list_imports(ast.Module(now, [])))


def list_definitions(source: str) -> set[str]:
    """List the classes and functions that a module defines.

    >>> sorted(list_definitions("class A: pass\\ndef f(x): return x"))
    ['A', 'f']
    """
    kinds = (ast.ClassDef, ast.FunctionDef)
    return {statement.name for statement in _parse(source).body if isinstance(statement, kinds)}


def find_theano_lines(source: str) -> list[Rewrite]:
    """List the lines that use a name of Theano without a meaning in network3, each with the remedy.

    >>> find_theano_lines("import theano.tensor as T\\ni = T.lscalar()")
    [Rewrite(line=2, text='theano.tensor.lscalar: leave it out: the functions of network3 take arrays')]
    """
    tree = _parse(source)
    names = dict(_list_names(tree))
    found = [(node, name) for node, name in _list_uses(tree, names)]
    settings = {name for node, name in found if isinstance(node.ctx, ast.Store) and is_setting(name)}
    uses = {(node.lineno, name) for node, name in found if not has_meaning(name) and name not in settings}
    return [Rewrite(line, f"{normalize_name(name)}: {find_remedy(name)}") for line, name in sorted(uses)]


def list_imported_names(source: str, module: str) -> set[str]:
    """List the names that a source imports from a module.

    >>> sorted(list_imported_names("from network3 import a, b as c", "network3"))
    ['a', 'b']
    """
    imports = [node for node in ast.walk(_parse(source)) if isinstance(node, ast.ImportFrom) and node.module == module]
    return {alias.name for node in imports for alias in node.names}


def _parse(source: str) -> ast.Module:
    """Parse Python 3 or Python 2; return an empty module for anything else."""
    try:
        return python2.parse(convert_syntax(source).text)
    except (SyntaxError, *python2.UNPARSABLE):
        return ast.Module([], [])


def _list_imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the line and the top name of each import that is not within a ``try``."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.lineno, (node.module or "").partition(".")[0]
        elif not isinstance(node, ast.Try):
            waiting += ast.iter_child_nodes(node)


def _list_names(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the names that imports of Theano make, each with the full name in Theano."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases):
                for alias in aliases:
                    if alias.name.partition(".")[0] in ROOTS:
                        root = alias.name.partition(".")[0]
                        yield (alias.asname, alias.name) if alias.asname else (root, root)
            case ast.ImportFrom(module=str(module), names=aliases) if module.partition(".")[0] in ROOTS:
                yield from ((alias.asname or alias.name, f"{module}.{alias.name}") for alias in aliases)
            case ast.ImportFrom(module="network3", names=aliases):
                own = {"T": "theano.tensor", "theano": "theano"}
                yield from ((alias.asname or alias.name, own[alias.name]) for alias in aliases if alias.name in own)


def _list_uses(tree: ast.AST, names: dict[str, str]) -> Iterator[tuple[ast.Name | ast.Attribute, str]]:
    """Yield each use of these names, with all its attributes, and its full name."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name | ast.Attribute) and (full := _resolve(node, names)):
            yield node, full
        else:
            waiting += ast.iter_child_nodes(node)


def _resolve(node: ast.AST, names: dict[str, str]) -> str | None:
    """Return the full name in Theano of an expression like ``T.nnet.sigmoid``; None if it is none."""
    match node:
        case ast.Name(id=name):
            return names.get(name)
        case ast.Attribute(value=value, attr=attribute):
            of = _resolve(value, names)
            return f"{of}.{attribute}" if of else None
    return None
