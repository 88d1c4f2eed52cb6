"""Divisions of Python 2, which give whole numbers if both numbers are whole."""

from __future__ import annotations

import ast

FLOAT_FUNCTIONS = frozenset(
    (
        *("sqrt", "exp", "log", "log2", "log10", "log1p", "expm1", "sin", "cos", "tan", "arcsin", "arccos", "arctan"),
        *(
            "sinh",
            "cosh",
            "tanh",
            "asin",
            "acos",
            "atan",
            "atan2",
            "hypot",
            "fabs",
            "floor",
            "ceil",
            "mean",
            "std",
            "var",
        ),
        *("linspace", "logspace", "random", "rand", "randn", "random_sample", "uniform", "normal", "standard_normal"),
        *("gauss", "norm", "pi", "e", "inf", "nan", "float32", "float64"),
    )
)
"""Functions and constants of NumPy, ``math``, ``random`` and ``time`` that are floats."""
_MODULES = frozenset(("np", "numpy", "math", "random", "linalg"))
_ARITHMETIC = ast.Add | ast.Sub | ast.Mult | ast.Div | ast.Pow | ast.Mod | ast.FloorDiv


class Numbers:
    """The kinds of expressions, computed from their parts, which must come first: "whole", "float" or "" (unknown).

    >>> kinds = Numbers(own_names=set())
    >>> half = ast.parse("len(x) / 2.0", mode="eval").body
    >>> for part in (half.left, half.right, half):
    ...     kinds.add(part)
    >>> kinds[half]
    'float'
    """

    def __init__(self, own_names: set[str]) -> None:
        self.own_names = own_names
        self.kinds: dict[ast.AST, str] = {}

    def __getitem__(self, node: ast.AST) -> str:
        return self.kinds.get(node, "")

    def add(self, node: ast.AST) -> None:
        """Compute the kind of a node from those of its parts."""
        if kind := self._compute(node):
            self.kinds[node] = kind

    def _compute(self, node: ast.AST) -> str:
        match node:
            case ast.Constant(value=int()):
                return "whole"
            case ast.Constant(value=float() | complex()):
                return "float"
            case ast.Call(func=ast.Name(id="float" as name)) if name not in self.own_names:
                return "float"
            case ast.Call(func=ast.Name(id="len" | "int" | "ord" as name)) if name not in self.own_names:
                return "whole"
            case ast.Call(func=ast.Attribute(attr="time", value=ast.Name(id="time"))):
                return "float"
            case ast.Call(func=ast.Attribute() as function) if not node.keywords:
                return "float" if _is_float_name(function) else ""
            case ast.Attribute(attr="pi" | "e" | "inf" | "nan"):
                return "float" if _is_float_name(node) else ""
            case ast.UnaryOp(op=ast.UAdd() | ast.USub(), operand=operand):
                return self[operand]
            case ast.BinOp(op=operator, left=left, right=right) if isinstance(operator, _ARITHMETIC):
                return self._combine(operator, self[left], self[right])
        return ""

    def _combine(self, operator: ast.operator, left: str, right: str) -> str:
        if isinstance(operator, ast.Mod) and not left:
            return ""  # of a text
        if "float" in (left, right):
            return "float"
        return "whole" if left and right and not isinstance(operator, ast.Pow) else ""


def _is_float_name(node: ast.Attribute) -> bool:
    """Return whether a name like ``np.random.randn`` or ``math.pi`` is a function that gives floats, or a float."""
    owner = node.value
    module = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
    return module in _MODULES and node.attr in FLOAT_FUNCTIONS
