"""What Python 2 meant, said in Python 3's words."""

from __future__ import annotations

import pytest

from deltarule.book.python2 import Rewritten, hint, is_python2, rewritten

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


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_print_statement_is_rewritten(statement):
    before = "def f(x):\n" if statement.startswith(" ") else "x = 1\n"
    assert rewritten(before + statement) == [Rewritten(2, STATEMENTS[statement])]


def test_all_of_them_are_told_with_their_lines():
    source = 'print "a"\nx = 1\nfor i in range(3):\n    print i,\n    print "b", (\n        i)\nprint("c")\nprint "d"\n'
    assert [(s.line, s.text) for s in rewritten(source)] == [
        (1, 'print("a")'),
        (4, 'print(i, end=" ")'),
        (5, 'print("b", (i))'),
        (8, 'print("d")'),
    ]


@pytest.mark.parametrize("source", ["", "print('a')", "x = (", 'print("a"), 1', "print\n", "x = 'print 1'", "\0"])
def test_nothing_is_rewritten_where_nothing_is_meant(source):
    assert rewritten(source) == []
    assert not is_python2(source)


PYTHON_2 = ["import cPickle\n", "print 'a'\n", "for i in xrange(3): pass\n", "import gzip, cPickle\n"]
PYTHON_3 = [
    "import pickle\n",
    "xrange = range\nfor i in xrange(3): pass\n",
    "try:\n    import cPickle\nexcept ImportError:\n    import pickle\n",
    "from __future__ import print_function\nprint('a')\n",
    "def f(:\n",
]


@pytest.mark.parametrize(("source", "old"), [*((s, True) for s in PYTHON_2), *((s, False) for s in PYTHON_3)])
def test_which_python_a_module_was_meant_for(source, old):
    assert is_python2(source) == old


def raised(source):
    try:
        exec(source, {})
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("xrange(3)", "xrange is Python 2's: write range"),
        ("{}.iteritems()", "iteritems is Python 2's: write items()"),
        ("len(zip([1], [2]))", "a zip was a list in Python 2: write list(zip(...))"),
        ("map(str, [1])[0]", "a map was a list in Python 2: write list(map(...))"),
        ("undefined", None),
        ("len(3)", None),
    ],
)
def test_hints(source, said):
    assert hint(raised(source)) == said
