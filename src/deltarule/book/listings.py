"""The book's own programs in Python 2, known by digests of their code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from hashlib import sha256

from deltarule.book import python2

DIGESTS: dict[str, tuple[str, ...]] = {
    "network": ("6a0bf854c25dcbb4", "56cc0760ef770bb1", "39659442d72ebc99", "633106ccbb784848", "df9a617cb0f07cf1"),
    "network2": (
        *("ef8df5267677b37f", "561ceb93e290ef14", "a401ea6ee087c348"),
        *("dcc62dbd3381eb44", "447b0f5dd855af33", "2bddba7d3590ab38"),
    ),
    "network3": ("ece8b1501e69396e", "b52eef6856a2ec99"),
    "mnist_loader": ("1a04f3d55c1e9c2d",),
    "expand_mnist": ("02b01315fb957cec",),
    "mnist_average_darkness": ("caaa0b6ec07796dc",),
    "mnist_svm": ("f953c102c78fc3e1",),
}
"""Digests of each program, of its newest version first and of all that the book's repository had under ``src``.

Of ``network3`` only those with dropout, which the book describes. ``network_matrix`` the book leaves to its readers.
"""


def is_published(name: str, source: str) -> bool:
    """Tell whether ``source`` is the book's own ``name``.py, which only Python 2 runs.

    Comments, docstrings, blank space and formatting may differ; any other change makes it the reader's.

    >>> is_published("network", "import numpy as np")
    False
    """
    return digest(source) in DIGESTS.get(name, ())


def digest(source: str) -> str | None:
    """Compute a digest of what ``source`` does, the same in every version of Python; None if it cannot be parsed.

    >>> digest('def f(x):\\n    "Print."\\n    print x  # so') == digest("def f( x ): print x")
    True
    >>> digest("print x") == digest("print(x)")  # Python 3 is never taken for Python 2
    False
    """
    python3, statements = python2.converted(source)
    try:
        tree = _without_docstrings(python2.parsed(python3))
        parts = [f"{len(statements)} print statements", *_structure(tree)]
    except (SyntaxError, *python2.UNPARSABLE):
        return None
    return sha256("\n".join(parts).encode()).hexdigest()[:_LENGTH]


_LENGTH = 16
_WITHOUT_EFFECT = ("ctx", "kind", "type_comment", "type_ignores", "type_params")


def _structure(tree: ast.AST) -> Iterator[str]:
    """Describe a tree node by node, breadth first."""
    for node in ast.walk(tree):
        yield type(node).__name__
        for field, value in ast.iter_fields(node):
            if field not in _WITHOUT_EFFECT:
                yield f"{field} {[_leaf(child) for child in value] if isinstance(value, list) else _leaf(value)}"


def _without_docstrings(tree: ast.AST) -> ast.AST:
    """Take out the statements that do nothing: docstrings and ``pass``."""
    for node in ast.walk(tree):
        for _, value in ast.iter_fields(node):
            if isinstance(value, list):
                value[:] = [child for child in value if not _is_idle(child)]
    return tree


def _is_idle(node: object) -> bool:
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _leaf(value: object) -> str:
    return "" if isinstance(value, ast.AST) else ascii(value)
