"""Conversion of the statements, operators, numbers and strings that Python 3 cannot parse, in one pass."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from deltarule.book.edits import Edit, apply_edits
from deltarule.book.python2_clauses import find_clause_edits
from deltarule.book.python2_prints import NO_WRITE, PrintStatement, find_ambiguous_print, find_print
from deltarule.book.python2_tokens import Statement, Token, is_complete, join_tokens, split_statements

TUPLE = "print writes several values in parentheses as a tuple in Python 2: write print((a, b)) if this is meant"
_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\([uUN])")


@dataclass(frozen=True)
class Rewrite:
    """The translation ``text`` of a statement of Python 2 in ``line`` (from 1), or a remark about it."""

    line: int
    text: str


@dataclass
class Syntax:
    """A source with the syntax of Python 3.

    ``rewrites`` are the converted statements, ``notes`` the lines to look at, ``reports`` those that are not
    converted. ``is_python2`` if a statement is surely Python 2.
    """

    text: str
    rewrites: list[Rewrite] = field(default_factory=list)
    notes: list[Rewrite] = field(default_factory=list)
    reports: list[Rewrite] = field(default_factory=list)
    is_python2: bool = False


def convert_syntax(source: str) -> Syntax:
    r"""Convert statements, operators, numbers and strings; the number of lines stays.

    >>> convert_syntax("if a <> 0777: print 'a'; raise E, 'b'").text
    "if a != 0o777: print('a'); raise E('b')"
    """
    return _Converter(source).convert()


class _Converter:
    def __init__(self, source: str) -> None:
        self.source, self.statements = source, list(split_statements(source))
        self.future = {
            token.text
            for statement in self.statements
            if [token.text for token in statement.tokens[:2]] == ["from", "__future__"]
            for token in statement.tokens
        }
        self.writes = any(
            [token.text for token in statement.tokens[:5]] == ["sys", ".", "stdout", ".", "write"]
            for statement in self.statements
        )
        self.has_prints = "print_function" not in self.future and any(find_print(each) for each in self.statements)
        self.result = Syntax(source, is_python2=self.has_prints)
        self.line, self.counted = 1, 0

    def convert(self) -> Syntax:
        edits: list[Edit] = []
        for statement in self.statements:
            found = list(self._find_edits(statement))
            if statement.first:
                edits += self._expand_tabs(statement.tokens[0].start)
            if found:
                self._list_rewrite(statement, found)
                edits += found
        self.result.text = apply_edits(self.source, edits)
        return self.result

    def _find_edits(self, statement: Statement) -> Iterator[Edit]:
        tokens = statement.tokens
        line = self._find_line(tokens[0])
        if not is_complete(tokens):
            return
        if tokens[0].text == "print" and (found := self._find_print(statement, line)):
            edits, note = found.find_edits(self.source, self._render)
            yield from edits
            yield from self._find_atoms(found.operands)
            self.result.notes += [Rewrite(line, note)] if note else []
            if found.ends_with_comma and self.writes:
                self.result.notes.append(Rewrite(line, NO_WRITE))
            return
        clauses = find_clause_edits(self.source, tokens)
        self.result.is_python2 |= bool(clauses.edits or clauses.reports)
        yield from clauses.edits
        yield from self._find_atoms(tokens)
        self.result.notes += [Rewrite(line, note) for note in clauses.notes]
        self.result.reports += [Rewrite(line, report) for report in clauses.reports]

    def _find_print(self, statement: Statement, line: int) -> PrintStatement | None:
        if "print_function" in self.future:
            return None
        if found := find_print(statement):
            return found
        ambiguous = find_ambiguous_print(statement)
        if ambiguous and not self.has_prints:
            self.result.notes.append(Rewrite(line, TUPLE))
            return None
        return ambiguous

    def _render(self, tokens: Sequence[Token]) -> str:
        """Write tokens in Python 3."""
        start, end = tokens[0].start, tokens[-1].end
        edits = [Edit(each.start - start, each.end - start, each.text) for each in self._find_atoms(tokens)]
        return join_tokens(apply_edits(self.source[start:end], edits))

    def _find_atoms(self, tokens: Sequence[Token]) -> Iterator[Edit]:
        """Find the edits of signs, numbers and strings."""
        opening: Token | None = None
        commas = False
        for token in tokens:
            new = token.text
            if token.text == "<>":
                new = "!="
            elif token.kind == "number":
                new = convert_number(token.text)
            elif token.kind == "string":
                new = convert_string(token.text, "unicode_literals" in self.future)
            elif token.text == "`" and opening is None:
                opening, commas = token, False
            elif token.text == "`" and opening is not None:
                yield Edit(opening.start, opening.end, "repr((" if commas else "repr(")
                opening, new = None, "))" if commas else ")"
            if new != token.text:
                self.result.is_python2 |= token.kind != "string" or token.text[:2].lower() == "ur"
                yield Edit(token.start, token.end, new)
            commas = commas or token.text == ","

    def _expand_tabs(self, start: int) -> list[Edit]:
        """Replace tabs in front of a statement by spaces to the next multiple of 8, as Python 2 reads them."""
        begin = self.source.rfind("\n", 0, start) + 1
        space = self.source[begin:start]
        return [Edit(begin, start, space.expandtabs(8))] if "\t" in space and space.isspace() else []

    def _find_line(self, token: Token) -> int:
        """Find the line of a token; tokens must come in their order."""
        self.line += self.source.count("\n", self.counted, token.start)
        self.counted = token.start
        return self.line

    def _list_rewrite(self, statement: Statement, edits: list[Edit]) -> None:
        start, end = statement.tokens[0].start, statement.tokens[-1].end
        if end - start > _LONGEST:
            text = " ... ".join(dict.fromkeys(edit.text.strip() for edit in edits[:3]))
        else:
            moved = [Edit(edit.start - start, edit.end - start, edit.text) for edit in edits]
            text = join_tokens(apply_edits(self.source[start:end], moved))
        self.result.rewrites.append(Rewrite(self.line, text))


_LONGEST = 10_000


def convert_number(text: str) -> str:
    """Convert a number.

    >>> [convert_number(number) for number in ("0777", "0777L", "10L", "0xFFl", "00", "0", "010.5", "5e-05")]
    ['0o777', '0o777', '10', '0xFF', '00', '0', '010.5', '5e-05']
    """
    text = text.rstrip("lL")
    return f"0o{text[1:]}" if text.isdigit() and text[0] == "0" and text.strip("0") else text


def convert_string(text: str, unicode_literals: bool = False) -> str:
    r"""Convert a string: ``ur`` is ``r``, and ``\u``, ``\U`` and ``\N`` are escapes only with ``u`` in Python 2.

    >>> print(convert_string(r"ur'a'"), convert_string(r"'\usigma'"), convert_string(r"u'\u00e9'"))
    r'a' '\\usigma' u'\u00e9'
    """
    quote = min(i for i in (text.find("'"), text.find('"')) if i >= 0)
    prefix = text[:quote].lower()
    if prefix == "ur":
        return f"r{text[2:]}" if not _ESCAPE.search(text) else f"u{_double_backslashes(text[2:])}"
    return text if prefix or unicode_literals else _ESCAPE.sub(r"\1\\\\\2", text)


def _double_backslashes(text: str) -> str:
    r"""Double the backslashes that stand for themselves in ``ur``: all but those of ``\u`` and ``\U``."""
    return re.sub(r"(\\\\)|\\(?![uU])", lambda found: "\\\\" * len(found[0]), text)
