"""Translation of Python 2 into Python 3."""

from __future__ import annotations

import pytest

from deltarule.book.conversion import convert
from deltarule.book.python2 import convert_prints, suggest
from deltarule.book.python2_syntax import Rewrite

STATEMENTS = {
    'print "one", x': 'print("one", x)',
    '    print "{0}".format(x)': 'print("{0}".format(x))',
    'print "a",': 'print("a", end=" ")',
    'print "%s of %s" % (\n    1, 2)': 'print("%s of %s" % (1, 2))',
    'print "far", \\\n    "away"': 'print("far", "away")',
    'print "so"  # and why': 'print("so")',
    'if x: print "so"': 'print("so")',
    'print "a # b"': 'print("a # b")',
    'prints = 1; print "so"': 'print("so")',
}


def list_rewrites(source):
    """List what the conversion changes."""
    return convert(source).rewrites


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_print_statement_is_rewritten(statement):
    before = "def f(x):\n" if statement.startswith(" ") else "x = 1\n"
    assert list_rewrites(before + statement) == [Rewrite(2, STATEMENTS[statement])]


def test_all_print_statements_are_listed_with_their_lines():
    source = 'print "a"\nx = 1\nfor i in range(3):\n    print i,\n    print "b", (\n        i)\nprint("c")\nprint "d"\n'
    assert [(s.line, s.text) for s in list_rewrites(source)] == [
        (1, 'print("a")'),
        (4, 'print(i, end=" ")'),
        (5, 'print("b", (i))'),
        (8, 'print("d")'),
    ]


@pytest.mark.parametrize("source", ["", "print('a')", "x = (", "x = 'print 1'", "\0"])
def test_other_sources_have_no_rewrites(source):
    assert list_rewrites(source) == []


@pytest.mark.parametrize(
    ("source", "python3"),
    [
        ('if x: print "so"\n', 'if x: print("so")\n'),
        ('s = "print"; print s', 's = "print"; print(s)'),
        ('é = 1; print "é",', 'é = 1; print("é", end=" ")'),
        ("print 1\nx = (", "print(1)\nx = ("),
    ],
)
def test_the_rest_of_a_line_is_kept(source, python3):
    assert convert_prints(source)[0] == python3


def test_old_names_are_listed_with_and_without_print_statements():
    source = "for i in xrange(3):\n    for k in d.iteritems(): pass\n"
    assert [s.text for s in list_rewrites(source + "print i\n")] == [
        "range instead of xrange",
        "items() instead of iteritems()",
        "print(i)",
    ]
    assert [s.line for s in list_rewrites(source)] == [1, 2]
    assert [s.text for s in list_rewrites(f"xrange = range\n{source}print i\n")] == [
        "items() instead of iteritems()",
        "print(i)",
    ]


def catch_error(source):
    try:
        exec(source, {})
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        ("xrange(3)", "xrange is Python 2's: write range"),
        ("{}.iteritems()", "iteritems is Python 2's: write items()"),
        ("len(zip([1], [2]))", "a zip was a list in Python 2: write list(zip(...))"),
        ("map(str, [1])[0]", "a map was a list in Python 2: write list(map(...))"),
        ("undefined", None),
        ("len(3)", None),
    ],
)
def test_hints(source, hint):
    assert suggest(catch_error(source)) == hint
