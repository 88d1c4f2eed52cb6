"""Whole scripts of Python 2, converted into Python 3."""

from __future__ import annotations

import ast

import pytest

from deltarule.book.conversion import convert

CONVERTED = {
    "print": "print()",
    'print "a", b  # so': 'print("a", b)  # so',
    'if x: print "a"; print "b",': 'if x: print("a"); print("b", end=" ")',
    'print "{0} of {1}".format(\n    1,\n    2)': 'print("{0} of {1}".format(\n    1,\n    2))',
    'print "far", \\\n    "away"': 'print("far", \\\n    "away")',
    'print ("a"), "b"': 'print(("a"), "b")',
    'print("%d" % 3) + "x"; print 1': 'print(("%d" % 3) + "x"); print(1)',
    "print >>f, x": "print(x, file=f)",
    "print >>sys.stderr, x,": 'print(x, end=" ", file=sys.stderr)',
    "print >>f": "print(file=f)",
    "print 'print 1 # no'": "print('print 1 # no')",
    "try:\n    f()\nexcept (A, b.C), e:\n    raise D, 'x, y'": (
        "try:\n    f()\nexcept (A, b.C) as e:\n    raise D('x, y')"
    ),
    "print a <> 0777, 10L, `b`": "print(a != 0o777, 10, repr(b))",
    "if x:\n\tprint 1\n        print 2": "if x:\n        print(1)\n        print(2)",
    "eta, c = 5e-05, 1.e+07 - 017\nprint eta": "eta, c = 5e-05, 1.e+07 - 0o17\nprint(eta)",
    "for i in xrange(3): pass": "for i in range(3): pass",
    "x = raw_input(unicode(long(3)))": "x = input(str(int(3)))",
    "for k in d.iteritems(): print k": "for k in d.items(): print(k)",
    "print d.has_key(a.has_key(b))": "print(((b in a) in d))",
    "print f.next()": "print(next(f))",
    "print zip(a, b), zip(a)[0], sum(map(f, x))": "print(list(zip(a, b)), list(zip(a))[0], sum(map(f, x)))",
    "print d.keys()[0], sorted(d.keys())": "print(list(d.keys())[0], sorted(d.keys()))",
    "print [x for x in range(3)], range(3)": "print([x for x in range(3)], list(range(3)))",
    "f(*zip(*a)); print 1": "f(*zip(*a)); print(1)",
    "print len(x) / 2, 1.0 / n": "print(len(x) // 2, 1.0 / n)",
    "import os\nprint reduce(f, x)": "from functools import reduce\nimport os\nprint(reduce(f, x))",
    "from __future__ import division\nimport os\nprint reduce(f, x) / 2": (
        "from __future__ import division\nfrom functools import reduce\nimport os\nprint(reduce(f, x) / 2)"
    ),
    "import cPickle, gzip\na = cPickle.load(f)": (
        'import pickle as cPickle, gzip\na = cPickle.load(f, encoding="latin1")'
    ),
    "import cPickle as pickle": "import pickle",
    "from StringIO import StringIO\nprint 1": "from io import StringIO\nprint(1)",
    "print sys.maxint": "print(sys.maxsize)",
    "é = 'ü'; print é, `é`": "é = 'ü'; print(é, repr(é))",
    "print 1\r\nprint 2\r\n": "print(1)\nprint(2)\n",
}


@pytest.mark.parametrize("source", CONVERTED)
def test_statements_are_converted(source):
    conversion = convert(source)
    assert (conversion.text, conversion.notes, conversion.complete) == (CONVERTED[source], [], True)
    ast.parse(conversion.text)
    assert convert(conversion.text).text == conversion.text  # Python 3 already


PYTHON_3 = [
    "",
    "print(1)",
    "print('a', b)\npairs = zip(a, b)\nx = n / 2\n",
    "print = log\nprint.x",
    "s = 'xrange' # cPickle\nprint(s)",
    "x = [i for i in range(3)]\r\n",
]


@pytest.mark.parametrize("source", PYTHON_3)
def test_python_3_is_unchanged(source):
    conversion = convert(source)
    assert (conversion.text, conversion.notes, conversion.complete) == (source, [], True)


def test_divisions_that_may_be_of_whole_numbers_are_noted():
    conversion = convert("print 1\nk = n / m\nn /= 2\nh = x / 2.0\nr = np.sqrt(n) / m\n")
    assert [note.line for note in conversion.notes] == [2, 3]
    assert all("write //" in note.text for note in conversion.notes)


@pytest.mark.parametrize(
    ("source", "line"), [("print 1\nf = lambda (a, b): a\n", 2), ("print 1\nexec 'x = 1'\n", 2), ("print 1\0", 1)]
)
def test_other_statements_are_reported(source, line):
    conversion = convert(source)
    assert not conversion.complete
    assert [note.line for note in conversion.notes] == [line]
    assert conversion.text.startswith("print(1")
