"""Conversion of ``d.has_key(k)`` into ``(k in d)``, which exchanges the two."""

from __future__ import annotations

import ast

from deltarule.book.edits import Edit, Positions, apply_edits
from deltarule.book.python2_syntax import Rewrite
from deltarule.book.python2_tokens import find_closing, mask, tokenize

_LOOSE = ast.BoolOp | ast.Compare | ast.IfExp | ast.Lambda | ast.UnaryOp | ast.GeneratorExp | ast.NamedExpr


def find_has_key(tree: ast.Module) -> list[ast.Call]:
    """Find the innermost calls of ``has_key``; none if the script defines a method of this name."""
    found: dict[ast.Call, None] = {}
    for part in ast.walk(tree):
        match part:
            case ast.FunctionDef(name="has_key"):
                return []
            case ast.Call(func=ast.Attribute(attr="has_key"), args=[key], keywords=[]):
                if not isinstance(key, ast.Starred):
                    found[part] = None
    parents = {child: each for each in ast.walk(tree) for child in ast.iter_child_nodes(each)} if found else {}
    outer: set[ast.AST] = set()
    for call in found:
        node: ast.AST | None = parents.get(call)
        while node is not None and node not in found:
            node = parents.get(node)
        outer |= {node} if node else set()
    return [call for call in found if call not in outer]


def exchange(source: str, calls: list[ast.Call]) -> tuple[str, list[Rewrite]]:
    """Convert calls that do not contain each other.

    >>> source = "not d.has_key(a or b)"
    >>> exchange(source, find_has_key(ast.parse(source)))[0]
    'not ((a or b) in d)'
    """
    positions, code = Positions(source), mask(source)
    edits, rewrites = [], []
    for call in calls:
        start, end = positions.span(call)
        name = positions.span(call.func)[1]
        owner = source[start : code.rindex(".", 0, name)].rstrip()
        begin = code.index("(", name) + 1
        key = source[begin : begin + len(code[begin : end - 1].rstrip().removesuffix(","))].strip()
        if isinstance(call.args[0], _LOOSE) and not _is_in_parentheses(key):
            key = f"({key})"
        edits.append(Edit(start, end, f"({key} in {owner})"))
        rewrites.append(Rewrite(call.end_lineno or call.lineno, "(k in d) instead of d.has_key(k)"))
    return apply_edits(source, edits), rewrites


def _is_in_parentheses(text: str) -> bool:
    tokens = list(tokenize(text))
    return tokens[0].text == "(" and find_closing(tokens) == len(tokens) - 1
