"""Recognition of the book's own programs in Python 2 by digests of their code."""

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
"""Digests of all versions of each program under ``src`` in the book's repository, the newest first.

For ``network3`` only the versions with dropout, which the book describes. ``network_matrix`` is an exercise.
"""


def is_published(name: str, source: str) -> bool:
    """Return whether ``source`` is the book's own ``name``.py, which only Python 2 runs.

    Comments, docstrings, spaces and formatting may differ; after any other change it is the reader's.

    >>> is_published("network", "import numpy as np")
    False
    """
    return compute_digest(source) in DIGESTS.get(name, ())


def compute_digest(source: str) -> str | None:
    """Compute a digest of the code, the same in every version of Python; return None if it cannot be parsed.

    >>> compute_digest('def f(x):\\n    "Print."\\n    print x  # so') == compute_digest("def f( x ): print x")
    True
    >>> compute_digest("print x") == compute_digest("print(x)")  # Python 3 is never mistaken for Python 2
    False
    """
    python3, statements = python2.convert_prints(source)
    try:
        tree = _remove_idle_statements(python2.parse(python3))
        parts = [f"{statements} print statements", *_describe_tree(tree)]
    except (SyntaxError, *python2.UNPARSABLE):
        return None
    return sha256("\n".join(parts).encode()).hexdigest()[:_LENGTH]


_LENGTH = 16
_WITHOUT_EFFECT = ("ctx", "kind", "type_comment", "type_ignores", "type_params")


def _describe_tree(tree: ast.AST) -> Iterator[str]:
    """Describe a tree, node by node, breadth first."""
    for node in ast.walk(tree):
        yield type(node).__name__
        for field, value in ast.iter_fields(node):
            if field not in _WITHOUT_EFFECT:
                words = [_describe_leaf(child) for child in value] if isinstance(value, list) else _describe_leaf(value)
                yield f"{field} {words}"


def _remove_idle_statements(tree: ast.AST) -> ast.AST:
    """Remove the statements without effect: docstrings and ``pass``."""
    for node in ast.walk(tree):
        for _, value in ast.iter_fields(node):
            if isinstance(value, list):
                value[:] = [child for child in value if not _is_idle(child)]
    return tree


def _is_idle(node: object) -> bool:
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _describe_leaf(value: object) -> str:
    return "" if isinstance(value, ast.AST) else ascii(value)
