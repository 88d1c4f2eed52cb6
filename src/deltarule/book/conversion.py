"""Conversion of a whole script from Python 2 to Python 3, by rules for the statements that such scripts use.

The rules keep comments and the layout. Each line that they do not convert is reported, and so is each line that Python
3 may run differently. (lib2to3 is no longer in Python 3.13, and its successors outside are not kept up.)
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field

from deltarule.book import python2
from deltarule.book.conversion_facts import Facts
from deltarule.book.conversion_imports import ImportConverter
from deltarule.book.conversion_keys import exchange, find_has_key
from deltarule.book.conversion_names import NameConverter
from deltarule.book.conversion_recovery import Recovery
from deltarule.book.conversion_reports import find_notes, find_reports
from deltarule.book.edits import apply_edits
from deltarule.book.python2_syntax import Rewrite, convert_syntax

TOO_DEEP = "expected expressions that Python can parse, got too many levels; divide the longest into several statements"


@dataclass(frozen=True)
class Conversion:
    """A script in Python 3.

    Attributes:
        text: the converted script, or the script itself if it is Python 3.
        notes: the lines that a person should look at.
        complete: whether all lines are converted.
        rewrites: the conversions, by their lines.
    """

    text: str
    notes: list[Rewrite] = field(default_factory=list)
    complete: bool = True
    rewrites: list[Rewrite] = field(default_factory=list)


def convert(source: str) -> Conversion:
    r"""Convert a script from Python 2 to Python 3; Python 3 stays as it is.

    >>> convert("for i in xrange(3):\n    print 'i is', i  # so\n").text
    "for i in range(3):\n    print('i is', i)  # so\n"
    >>> convert("n = m / 2\nprint n").notes
    [Rewrite(line=1, text='/ gives a float in Python 3: write // if both are whole numbers')]
    """
    try:
        return _convert(source)
    except python2.UNPARSABLE as error:
        return Conversion(source, [Rewrite(1, f"not converted: {describe_failure(error)}")], False)


def describe_failure(error: BaseException) -> str:
    """Describe an error of the parser other than a SyntaxError."""
    return f"expected a text, got {error}" if isinstance(error, ValueError) else TOO_DEEP


def _convert(source: str) -> Conversion:
    lines = source.replace("\r\n", "\n").replace("\r", "\n")
    syntax = convert_syntax(lines)
    recovery = Recovery(syntax.text)
    tree = recovery.parse()
    facts = Facts(tree)
    is_python2 = syntax.is_python2 or facts.is_python2() or (syntax.text != lines and not _is_valid(lines))
    if not is_python2 and recovery.reports:
        reports = [Rewrite(line, f"not converted: {text}") for line, text in recovery.reports.items()]
        return Conversion(source, reports, False)
    text, rewrites = syntax.text, list(syntax.rewrites)
    while "has_key" in text and (calls := find_has_key(tree)):
        text, found = exchange(text, calls)
        rewrites += found
        recovery = Recovery(text)
        tree = recovery.parse()
        facts = Facts(tree)
    names, imports = NameConverter(text, facts), ImportConverter(text, facts)
    text = apply_edits(text, [*names.find_edits(), *imports.find_edits()])
    rewrites += names.rewrites + imports.rewrites
    known = {report.line for report in syntax.reports}
    reports = [*syntax.reports, *find_reports(facts)]
    reports += [Rewrite(line, said) for line, said in recovery.reports.items() if line not in known]
    notes = [*syntax.notes, *names.notes, *find_notes(facts)]
    if not is_python2:
        return Conversion(source, _describe_ambiguous_lines(tree, [*rewrites, *notes]))
    if not reports:
        reports += _compile(text)
    notes += [Rewrite(report.line, f"not converted: {report.text}") for report in reports]
    return Conversion(text, _sort(notes), not reports, _sort(rewrites))


def _is_valid(source: str) -> bool:
    """Return whether Python 3 can parse a source."""
    try:
        python2.parse(source)
    except SyntaxError:
        return False
    return True


def _compile(text: str) -> list[Rewrite]:
    """Compile the converted script, which finds mistakes that its tree does not show."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "script", "exec", dont_inherit=True)
    except SyntaxError as error:
        return [Rewrite(error.lineno or 1, f"{error.msg}")]
    return []


def _describe_ambiguous_lines(tree: ast.Module, lines: Iterable[Rewrite]) -> list[Rewrite]:
    """Describe the lines of a script that may be Python 2 or 3, if these would run it differently."""
    numbers = sorted({line.line for line in lines})
    if not numbers or _is_only_python3(tree):
        return []
    shown = ", ".join(map(str, numbers[:_MOST])) + (", ..." if len(numbers) > _MOST else "")
    text = f"unchanged, since the script may be Python 3; Python 2 runs these lines differently: {shown}"
    return [Rewrite(numbers[0], text)]


_MOST = 10


def _is_only_python3(tree: ast.Module) -> bool:
    """Return whether a script uses what only Python 3 has."""
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr() | ast.AnnAssign() | ast.Nonlocal() | ast.YieldFrom() | ast.NamedExpr():
                return True
            case ast.AsyncFunctionDef() | ast.Raise(cause=ast.expr()) | ast.BinOp(op=ast.MatMult()):
                return True
            case ast.arg(annotation=ast.expr()) | ast.FunctionDef(returns=ast.expr()):
                return True
            case ast.Call(func=ast.Name(id="print"), keywords=[_, *_]) | ast.ClassDef(keywords=[_, *_]):
                return True
            case ast.Call(func=ast.Name(id="super"), args=[]):
                return True
    return False


def _sort(lines: Iterable[Rewrite]) -> list[Rewrite]:
    return sorted(dict.fromkeys(lines), key=lambda each: each.line)
