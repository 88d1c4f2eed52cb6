"""The usual names of arrays in files: which holds the examples, which the labels, and of which set."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from deltarule.errors import DataError

X_NAMES = frozenset({"x", "data", "image", "images", "feature", "features", "input", "inputs", "example", "examples"})
"""The usual names of examples, without case."""

Y_NAMES = frozenset({"y", "t", "target", "targets", "label", "labels", "class", "classes", "output", "outputs"})
"""The usual names of labels, without case."""

WHOLE = "all"
"""The name of the part of a file that is not divided."""

_PARTS = {
    "training": "train",
    "train": "train",
    "testing": "test",
    "test": "test",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
}
_UNNAMED = {"arr_0": "x", "arr_1": "y"}  # numpy.savez(path, x, y)


def recognize(name: str) -> tuple[str, str] | None:
    """Return the part and the role, "x" or "y", of an array with a usual name; None for other names.

    >>> recognize("X_train"), recognize("test-labels"), recognize("target"), recognize("weights")
    (('train', 'x'), ('test', 'y'), ('all', 'y'), None)
    """
    plain = re.sub(r"[\W_]", "", name.casefold())
    for word, part in [("", WHOLE), *_PARTS.items()]:
        for role in {plain.removeprefix(word), plain.removesuffix(word)} if word in plain else ():
            if len(role) == len(plain) - len(word) and role in X_NAMES | Y_NAMES:
                return part, "x" if role in X_NAMES else "y"
    return None


def pair_arrays(
    names: Sequence[str], described: Sequence[str], x: str = "", y: str = ""
) -> Mapping[str, tuple[str, str | None]]:
    """Pair the names of examples and labels, by part: "all", or "train", "test" and "validation".

    Args:
        names: The names of all arrays.
        described: The arrays with shapes and types, for errors.
        x: The name of the array with the examples; "" for a usual name.
        y: The name of the array with the labels; "" for a usual name.

    Raises:
        DataError: If an array that is stated is missing, or if the names do not settle which is which.

    >>> pair_arrays(["train_images", "train_labels", "test_images", "extra"], [])
    {'train': ('train_images', 'train_labels'), 'test': ('test_images', None)}
    """
    for argument, name in (("x", x), ("y", y)):
        if name and name not in names:
            raise DataError(argument=argument, expected=f"one of the arrays {', '.join(described)}", value=name)
    if x and y:
        return {WHOLE: (x, y)}
    known = {name: (WHOLE, _UNNAMED[name]) for name in names} if set(names) <= set(_UNNAMED) else {}
    roles = {name: role for name in names if (role := known.get(name) or recognize(name)) is not None}
    if x or y:
        return {WHOLE: _find_partner(names, roles, described, x, y)}
    pairs = {}
    for part in sorted({part for part, _ in roles.values()}, key=_ORDER.index):
        of_part = {role: [name for name in roles if roles[name] == (part, role)] for role in "xy"}
        if len(of_part["x"]) != 1 or len(of_part["y"]) > 1:
            raise _refuse(described)
        pairs[part] = (of_part["x"][0], next(iter(of_part["y"]), None))
    if WHOLE in pairs and len(pairs) > 1:  # x, y, x_test, y_test
        if "train" in pairs:
            raise _refuse(described)
        pairs = {"train": pairs.pop(WHOLE), **pairs}
    if not pairs:
        if len(names) != 1:
            raise _refuse(described)
        return {WHOLE: (names[0], None)}
    return pairs


_ORDER = (WHOLE, "train", "validation", "test")


def _find_partner(
    names: Sequence[str], roles: Mapping[str, tuple[str, str]], described: Sequence[str], x: str, y: str
) -> tuple[str, str | None]:
    """Find the labels of the examples ``x``, or the examples of the labels ``y``."""
    stated, wanted = (x, "y") if x else (y, "x")
    part = roles.get(stated, (WHOLE, ""))[0]
    found = [name for name in roles if roles[name] == (part, wanted) and name != stated]
    if not found and wanted == "x":
        found = [name for name in names if name != stated]
    if len(found) > 1 or (not found and wanted == "x"):
        raise _refuse(described)
    return (x, next(iter(found), None)) if x else (found[0], y)


def _refuse(described: Sequence[str]) -> DataError:
    return DataError(
        f"expected arrays named x and y, or x_train, y_train, x_test and y_test, got {', '.join(described) or 'none'}",
        remedy='state the names of the arrays with the examples and the labels, such as x="images" and y="digits"'
        if described
        else "save the arrays again",
    )
