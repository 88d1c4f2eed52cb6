"""Edits that convert imports of Python 2."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deltarule.book.conversion_facts import Facts
from deltarule.book.edits import Edit, Positions
from deltarule.book.python2_names import MODULE_NAMES, MODULES
from deltarule.book.python2_syntax import Rewrite

_REDUCE = "from functools import reduce"


class ImportConverter:
    """The edits of the imports in a tree, with the rewrites that they are.

    Args:
        source: the text that the tree is parsed from.
        facts: the facts about the tree.
    """

    def __init__(self, source: str, facts: Facts) -> None:
        self.source, self.facts, self.positions = source, facts, Positions(source)
        self.rewrites: list[Rewrite] = []

    def find_edits(self) -> Iterator[Edit]:
        """Find the edits of the imports, and import ``reduce`` where it is used."""
        for node in self.facts.nodes:
            match node:
                case ast.Import(names=aliases):
                    for alias in aliases:
                        if text := self._write_module(alias):
                            yield self._replace(alias, text)
                case ast.ImportFrom(module=str(module), level=0) if text := self._write_members(node, module):
                    yield self._replace(node, text)
                case ast.ImportFrom(module=str(module), level=0) if module in MODULES:
                    start = self.source.index(module, self.positions.span(node)[0] + len("from"))
                    self.rewrites.append(Rewrite(node.lineno, f"{MODULES[module]} instead of {module}"))
                    yield Edit(start, start + len(module), MODULES[module])
        if any(
            isinstance(node, ast.Name) and node.id == "reduce" and self.facts.is_builtin(node)
            for node in self.facts.nodes
        ):
            yield self._import_reduce()

    def _write_module(self, alias: ast.alias) -> str:
        """Write an import of a module with its new name; return "" if it stays."""
        if alias.name == "urllib" and not alias.asname and self._uses_urllib():
            return "urllib.request, urllib.parse"
        if alias.name not in MODULES:
            return ""
        name, own = MODULES[alias.name], alias.asname or alias.name
        return name if own == name else f"{name} as {own}"

    def _uses_urllib(self) -> bool:
        return any(self.facts.resolve(node).startswith("urllib.") for node in self.facts.nodes)

    def _write_members(self, node: ast.ImportFrom, module: str) -> str:
        """Write an import of names, some of which have another name or module; return "" if none has.

        A name that is builtin now becomes an assignment: ``izip = zip``.
        """
        if not any(f"{module}.{alias.name}" in MODULE_NAMES for alias in node.names):
            return ""
        imports: dict[str, list[str]] = {}
        statements = []
        for alias in node.names:
            own = alias.asname or alias.name
            place, _, name = MODULE_NAMES.get(f"{module}.{alias.name}", f"{module}.{alias.name}").rpartition(".")
            if place:
                imports.setdefault(place, []).append(name if name == own else f"{name} as {own}")
            elif name != own:
                statements.append(f"{own} = {name}")
        return (
            "; ".join([*(f"from {of} import {', '.join(names)}" for of, names in imports.items()), *statements])
            or "pass"
        )

    def _replace(self, node: ast.alias | ast.stmt, text: str) -> Edit:
        self.rewrites.append(Rewrite(node.lineno, f"import {text}" if isinstance(node, ast.alias) else text))
        return Edit(*self.positions.span(node), text)

    def _import_reduce(self) -> Edit:
        """Import ``reduce`` in front of the first statement behind the docstring and the imports of the future."""
        body = self.facts.tree.body
        first = next(statement for i, statement in enumerate(body) if not _is_heading(statement, i))
        line, column = first.lineno, first.col_offset
        for decorator in getattr(first, "decorator_list", []):
            line, column = min((line, column), (decorator.lineno, 0))
        start = self.positions.find(line, column)
        self.rewrites.append(Rewrite(first.lineno, _REDUCE))
        return Edit(start, start, f"{_REDUCE}\n" if column == 0 else f"{_REDUCE}; ")


def _is_heading(statement: ast.stmt, i: int) -> bool:
    """Return whether a statement must stay in front of imports: the docstring, or an import of the future."""
    match statement:
        case ast.Expr(value=ast.Constant(value=str())):
            return i == 0
        case ast.ImportFrom(module="__future__"):
            return True
    return False
