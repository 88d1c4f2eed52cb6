"""Modules of JavaScript, put together as one script of a page; each keeps a scope of its own."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

HERE = Path(__file__).parent

_IMPORT = re.compile(r"^import [^;]+;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|const|class) )", re.MULTILINE)
_DEFAULT = re.compile(r"^export default ", re.MULTILINE)


def join_scripts(*names: str) -> str:
    """Join modules into one script: their exported names are shared by all, and their other names stay their own.

    Args:
        *names: The modules' paths from ``lab/``, each after those that it uses. The script exports what the last one
            exports by default.
    """
    return "\n".join(_wrap((HERE / name).read_text(encoding="utf-8")) for name in names)


@lru_cache(100)
def _wrap(text: str) -> str:
    """Make a module a function that is called at once and returns the exported names, or the default export."""
    names = [name for line in text.splitlines() for name in find_exports(line)]
    inside = _EXPORT.sub("", _IMPORT.sub("", text))
    if _DEFAULT.search(inside):
        return f"export default (() => {{\n{_DEFAULT.sub('return ', inside)}}})();"
    exported = ", ".join(names)
    return f"const {{ {exported} }} = (() => {{\n{inside}\nreturn {{ {exported} }};\n}})();" if names else inside


def find_exports(line: str) -> list[str]:
    """Return the names that a line of a module exports.

    >>> find_exports("export function step(x) {"), find_exports("export const A = 1, B = f(2, 3);")
    (['step'], ['A', 'B'])
    >>> find_exports("export class Run {"), find_exports("export const square = (x) => { const y = x; return y * y; };")
    (['Run'], ['square'])
    >>> find_exports("export default makeLesson({ compute });"), find_exports("const A = 1;")
    ([], [])
    """
    if not _EXPORT.match(line):
        return []
    kind, rest = re.sub(r"^export (async )?", "", line).split(" ", 1)
    names = re.findall(r"(?:^|, )(\w+) = " if "=>" not in rest else r"^(\w+) = ", rest)
    return names if kind == "const" else re.findall(r"^\w+", rest)
