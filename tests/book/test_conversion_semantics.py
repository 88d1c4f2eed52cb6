"""Converted scripts print in Python 3 what Python 2 printed."""

from __future__ import annotations

import ast
import io
import re
import warnings
from contextlib import redirect_stdout

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from deltarule.book.conversion import convert

from .python2_snippets import SNIPPETS


def run(source):
    """Run a script, and return what it prints."""
    out = io.StringIO()
    with redirect_stdout(out), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(source, "script", "exec"), {"__name__": "__main__"})
    return out.getvalue()


@pytest.mark.parametrize("source", SNIPPETS)
def test_a_converted_script_prints_the_same(source, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    conversion = convert(source)
    assert conversion.complete
    ast.parse(conversion.text)
    assert run(conversion.text) == SNIPPETS[source]


OPERANDS = {
    "1": "1",
    "007": "7",
    "9L": "9",
    "'a'": "a",
    "''": "",
    "('b')": "b",
    "u'c '": "c ",
    "'d\\n'": "d\n",
    "'e\\t' ''": "e\t",
    "'e\\t' 'u'": "e\tu",
    "'%s\\n' % 3": "3\n",
    "`'f'`": "'f'",
    "-x": "-2",
    "[x]": "[2]",
    "(x, 1)": "(2, 1)",
    "{x: 1}": "{2: 1}",
    "x <> 2": "False",
    "map(abs, [x])": "[2]",
    "lambda: 3 and 4": None,
    '"g, # h"': "g, # h",
    "'''i\n\tj'''": "i\n\tj",
}
"""Operands, with the texts that Python 2 prints for them, where x is 2."""

STATEMENTS = st.tuples(
    st.lists(st.sampled_from([operand for operand in OPERANDS if OPERANDS[operand] is not None]), max_size=4),
    st.booleans(),
    st.sampled_from(["", ">>out", ">> outs[00]"]),
    st.sampled_from(["\n", "; ", "  # print 'so'\n"]),
    st.sampled_from([" ", "", "\t", " \\\n  "]),
)


def write_print(operands, comma, stream, end, space):
    """Write a print statement."""
    parts = [*([stream] if stream else []), *operands]
    gap = space if parts and (space or not parts[0][0].isalnum()) else " "
    return f"print{gap if parts else ''}{', '.join(parts)}{',' if comma and operands else ''}{end}"


def print_as_python2(statements):
    """Return what Python 2 prints: a space in front of a text, unless the last one ended with a line break or tab."""
    text, space = "", False
    for operands, comma, *_ in statements:
        for operand in operands:
            shown = OPERANDS[operand]
            text += (" " if space else "") + shown
            space = not shown[-1:].isspace() or shown.endswith(" ")
        if not (comma and operands):
            text, space = f"{text}\n", False
    return text


@given(st.lists(STATEMENTS, max_size=6))
def test_print_statements_print_what_python_2_prints(statements):
    """Spaces at the ends of lines are left out: Python 2 decides about them when it prints the next text."""
    source = "".join(write_print(*statement) for statement in statements)
    conversion = convert(f"import sys; out = sys.stdout; outs = [out]; x = 2; print `x`\n{source}")
    assert conversion.complete
    assume(not conversion.notes)  # several texts, some of which end with a line break
    expected = print_as_python2([(["1"], False), *statements]).replace("1", "2", 1)
    assert re.sub(" +(\n|$)", r"\1", run(conversion.text)) == re.sub(" +(\n|$)", r"\1", expected)


WORDS = [
    *("print", "exec", "raise", "except E, e:", "if x:", "else:", "def f((a, b)):", "lambda", "x", "zip(", ")", "("),
    *(",", ";", ":", "=", "<>", "`", "0777L", "'a'", "'''", "ur'b'", "\\\n", "\n", "\n    ", "\n\t", "#", ">>", "/"),
    *("in", "for", "[", "]", ".has_key(", ".next()", "import cPickle", "from string import", "reduce", "é", "\f", "*"),
    *("try:", "class A:", "next", "input()", "d.iteritems()", "map(None, x)", "execfile(x)", "2", "not", "xrange"),
]


@given(st.lists(st.sampled_from(WORDS), max_size=25), st.sampled_from([" ", ""]))
def test_any_text_is_converted_or_reported(words, gap):
    source = gap.join(words)
    conversion = convert(source)
    if conversion.complete and conversion.rewrites:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(conversion.text, "script", "exec")
        assert convert(conversion.text).text == conversion.text
    assert conversion.complete or conversion.notes
    assert convert(conversion.text).text == convert(convert(conversion.text).text).text


def test_a_script_can_be_converted_again_after_its_reports():
    source = "x = input()\nprint cmp(x, d.has_key(1)), zip(x), '\\u', pickle.load(f), d.iteritems(), len(x) / 2\n"
    once = convert(source)
    assert not once.complete
    assert convert(once.text).text == once.text
