"""The clauses of Python 2 with another order of words: ``raise``, ``except``, ``exec``; and tuples as parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from deltarule.book.edits import Edit
from deltarule.book.python2_tokens import Token, find_closing, find_sign, split_operands

_PLAIN_CALLS = ("str", "repr", "unicode")


@dataclass
class Clauses:
    """The edits of a statement, notes about converted parts, and reports of parts that are not converted."""

    edits: list[Edit] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)


def find_clause_edits(source: str, tokens: Sequence[Token]) -> Clauses:
    """Find the edits for a statement.

    >>> find_clause_edits("exec x in g", [Token("name", w, 0, 0) for w in ("exec", "x", "in", "g")]).notes
    []
    """
    clauses = Clauses()
    match tokens[0].text:
        case "raise":
            _convert_raise(source, tokens[1:], clauses)
        case "except":
            _convert_except(source, tokens[1:-1], clauses)
        case "exec":
            _convert_exec(source, tokens, clauses)
    clauses.reports += _find_tuple_parameters(tokens)
    return clauses


def _replace_gap(source: str, before: Token, after: Token, text: str) -> Edit:
    """Replace the text between two tokens, but keep the line breaks behind backslashes."""
    return Edit(before.end, after.start, text + "\\\n" * source.count("\n", before.end, after.start))


def _insert_behind(token: Token, text: str) -> Edit:
    return Edit(token.end, token.end, text)


def _convert_raise(source: str, tokens: Sequence[Token], clauses: Clauses) -> None:
    operands = split_operands(tokens)
    if len(operands) < 2 or len(operands) > 3 or not all(operands) or find_sign(tokens, "from") < len(tokens):
        return
    kind, value, *traces = operands
    if kind[0].kind == "string":
        clauses.reports.append("expected an exception, got a text, which only Python 2.5 raises; write raise Exception")
        return
    is_instance, is_none = kind[-1].text == ")", [token.text for token in value] == ["None"]
    if is_instance and not is_none:
        clauses.notes.append("a value after an exception that exists is an error in Python 2, too: leave one out")
    in_parentheses = value[0].text == "(" and find_closing(value) == len(value) - 1
    if is_none:
        clauses.edits.append(Edit(kind[-1].end, value[-1].end, "()" if traces and not is_instance else ""))
    elif in_parentheses and (len(value) == 2 or find_sign(value[1:-1], ",") < len(value) - 2):
        clauses.edits.append(_replace_gap(source, kind[-1], value[0], ""))
    else:
        clauses.edits += [_replace_gap(source, kind[-1], value[0], "("), _insert_behind(value[-1], ")")]
        if not _is_plain(value):
            name = source[value[0].start : value[-1].end]
            clauses.notes.append(
                f"if {name} is an exception, write raise {name}, and if it is a tuple, "
                f"{source[kind[0].start : kind[-1].end]}(*{name})"
            )
    if traces:
        end, trace = value[-1], traces[0]
        clauses.edits += [_replace_gap(source, end, trace[0], ".with_traceback("), _insert_behind(trace[-1], ")")]


def _is_plain(value: Sequence[Token]) -> bool:
    """Return whether a value is surely a text or a number, not an exception or a tuple."""
    return value[0].kind in ("string", "number") or (
        len(value) > 1 and value[0].text in _PLAIN_CALLS and value[1].text == "("
    )


def _convert_except(source: str, tokens: Sequence[Token], clauses: Clauses) -> None:
    comma = find_sign(tokens, ",")
    kind, target = tokens[:comma], tokens[comma + 1 :]
    if not kind or not target or find_sign(target, ",", "as") < len(target):
        return
    if len(target) == 1 and target[0].kind == "name":
        clauses.edits.append(_replace_gap(source, kind[-1], target[0], " as "))
        return
    names, of = source[target[0].start : target[-1].end], ".args" if target[0].text in "([" else ""
    error = source[kind[0].start : kind[-1].end]
    clauses.reports.append(f"expected one name; write except {error} as error: and below it {names} = error{of}")


def _convert_exec(source: str, tokens: Sequence[Token], clauses: Clauses) -> None:
    word, *rest = tokens
    if not rest or (rest[0].kind == "sign" and rest[0].text not in ("(", "`")):
        return
    place = find_sign(rest, "in")
    code, names = rest[:place], rest[place + 1 :]
    if not code or (rest[0].text == "(" and not _goes_on(rest)) or find_sign(code, ",", "=") < len(code):
        return
    clauses.edits += [_replace_gap(source, word, code[0], "("), _insert_behind(rest[-1], ")")]
    if names:
        clauses.edits.append(_replace_gap(source, code[-1], names[0], ", "))


def _goes_on(tokens: Sequence[Token]) -> bool:
    """Return whether a value in parentheses is only the first part of the code that ``exec`` runs."""
    end = find_closing(tokens)
    return end < len(tokens) - 1 and tokens[end + 1].text in ("in", "+", "*", "%", ".", "[", "(")


def _find_tuple_parameters(tokens: Sequence[Token]) -> Iterator[str]:
    """Find parameters in parentheses, which Python 3 has no longer."""
    if tokens[0].text == "def" and len(tokens) > 3 and tokens[2].text == "(":
        end = 2 + find_closing(tokens[2:])
        for parameter in split_operands(tokens[3:end]):
            if parameter and parameter[0].text == "(":
                names = _list_names(parameter)
                yield f"expected a name, got ({names}); write pair, and below {names} = pair"
    for i, token in enumerate(tokens):
        if token.kind == "name" and token.text == "lambda":
            parameters = tokens[i + 1 : i + 1 + find_sign(tokens[i + 1 :], ":")]
            for parameter in split_operands(parameters):
                if parameter and parameter[0].text == "(":
                    names = _list_names(parameter)
                    yield f"expected a name, got ({names}); write lambda pair, with pair[0], pair[1] for {names}"


def _list_names(parameter: Sequence[Token]) -> str:
    """List the names of a parameter in parentheses, such as ``a, b``."""
    inner = parameter[1 : find_closing(parameter)]
    return "".join(f"{token.text} " if token.text == "," else token.text for token in inner).strip()
