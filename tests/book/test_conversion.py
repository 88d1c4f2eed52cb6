"""Whole scripts of Python 2, converted into Python 3."""

from __future__ import annotations

import ast
import re

import pytest
from tests.slow import with_slow

from deltarule.book import python2
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
    "print = log\nprint.x",
    "s = 'xrange' # cPickle\nprint(s)",
    "x = [i for i in range(3)]\r\n",
    "print(a, end='')\nprint(a, b)\nx = n / 2\npairs = zip(a, b)",
    "print(f'{a}', b)\nprint(round(x))",
    "print(x) if y else None\nprint('\\u00e9', *z)",
    "from __future__ import print_function\nprint(1, 2, sep='')",
    "def f(x: int): print(x, x)",
    "try:\n    import cPickle as pickle\nexcept ImportError:\n    import pickle\nprint(pickle.load(f))",
    "try:\n    range = xrange\nexcept NameError:\n    pass\nprint(range(3))",
    "if sys.version_info[0] < 3:\n    text = unicode\nelse:\n    text = str",
]


@pytest.mark.parametrize("source", PYTHON_3)
def test_python_3_is_unchanged(source):
    conversion = convert(source)
    assert (conversion.text, conversion.complete, conversion.rewrites) == (source, True, [])
    assert not conversion.notes or "unchanged" in conversion.notes[0].text


AMBIGUOUS = {
    "print(1)\nprint (1, 2)": "2",
    "print('a', b)\npairs = zip(a, b)\nx = n / 2\n": "1, 2, 3",
    "map(f, xs)": "1",
    "x = 3\nprint(x) if y else 2": "2",
    "x = '\\u0041'": "1",
    "\n".join(["print(1, 2)"] * 12): "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ...",
}
"""Scripts for Python 2 or 3, and the lines that these run differently."""


@pytest.mark.parametrize("source", AMBIGUOUS)
def test_lines_are_listed_if_the_script_may_be_python_3(source):
    conversion = convert(source)
    said = [note.text for note in conversion.notes]
    assert (conversion.text, conversion.complete) == (source, True)
    assert [text.rpartition(": ")[2] for text in said] == [AMBIGUOUS[source]]
    assert all(text.startswith("unchanged, since the script may be Python 3") for text in said)


def test_divisions_that_may_be_of_whole_numbers_are_noted():
    conversion = convert("print 1\nk = n / m\nn /= 2\nh = x / 2.0\nr = np.sqrt(n) / m\n")
    assert [note.line for note in conversion.notes] == [2, 3]
    assert all("write //" in note.text for note in conversion.notes)


@pytest.mark.parametrize(
    "division", ["int(2.5 * n) / m", "f(1.0) / m", "x[int(1.5)] / m", "np.argmax(x) / m", "len(x) ** n / 2", "a / 2"]
)
def test_a_float_within_a_division_does_not_make_it_one_of_floats(division):
    conversion = convert(f"print {division}")
    assert [note.line for note in conversion.notes] == [1]
    assert conversion.text == f"print({division})"


@pytest.mark.parametrize(
    "division",
    ["1.0 / m", "x * 2. / n", "np.mean(x) / n", "n / float(m)", "math.pi / 2", "-1.5 / n", "time.time() / n"],
)
def test_divisions_of_floats_stay(division):
    assert (convert(f"print {division}").notes, convert(f"print {division}").text) == ([], f"print({division})")


def test_a_division_is_converted_unless_the_script_divides_as_python_3_does():
    future = "from __future__ import print_function, division\nxrange(len(x) / 2 + n / m)\n"
    assert (convert(future).text, convert(future).notes) == (future.replace("xrange", "range"), [])


NOTED = {
    "raise E, v": "raise v",
    "raise E, v, tb": "raise v",
    "exec code": "",
    "x = oct(y)": "0o10",
    "class A:\n  def f(self): pass\n  __bool__ = __nonzero__ = f": "",
    "def f(): exec 'x = 1'": "local variables",
    "print round(x)": "halves",
    "print math.floor(x)": "float(...)",
    "x = map(f, a, b)": "zip_longest",
    "x = filter(f, s)": "a text for a text",
    "execfile('a.py')": "convert the file",
    "exec 'print 1'": "Python 2",
    "x = [y for y in z]; print y": "y is no longer bound",
    "cPickle.dump(x, open('a', 'w'))": '"wb"',
    "cPickle.load(open('a'))": '"rb"',
    "node.next = 3\nnode.next()": "next(x)",
    "print 'a\\n', b, c": "one print",
    "print x,; sys.stdout.write(y)": "sys.stdout.write",
}
"""Lines that are converted, and of a remark about them ("" if none is needed)."""


@pytest.mark.parametrize("source", NOTED)
def test_lines_that_may_run_differently_are_noted(source):
    lines = source.count("\n") + 3
    conversion = convert(f"print 1\n\n{source}")
    assert conversion.complete
    ast.parse(conversion.text)
    assert [note.line for note in conversion.notes] == ([lines] if NOTED[source] else [])
    assert all(NOTED[source] in note.text for note in conversion.notes)


REPORTED = {
    "f = lambda (a, b): a": "lambda pair",
    "def f(x, (a, (b, c))): pass": "a, (b, c) = pair",
    "try: f()\nexcept E, (a, b): pass": "(a, b) = error.args",
    "try: f()\nexcept E, x.y: pass": "x.y = error",
    "raise 'text', 3": "raise Exception",
    "x = cmp(a, b)": "(a > b) - (a < b)",
    "x.sort(f)": "cmp_to_key",
    "x = sorted(y, f)": "cmp_to_key",
    "x = sorted(y, cmp=f)": "cmp_to_key",
    "apply(f, x)": "function(*arguments",
    "reload(m)": "importlib.reload",
    "intern(x)": "sys.intern",
    "buffer(x)": "memoryview",
    "x = isinstance(y, file)": "open(path)",
    "x = string.join(y, '')": "separator.join",
    "from string import join": "separator.join",
    "x = y.encode('hex')": "data.hex()",
    "x = y.decode('base64')": "b64decode",
    "import commands": "subprocess",
    "import urllib as u; u.urlopen(x)": "urllib.request.urlopen",
    "sys.setdefaultencoding('utf-8')": "leave it out",
    "x = map(None, a, b)": "zip_longest",
    "class A:\n  def __cmp__(self, b): pass": "__lt__",
    "class A:\n  def __unicode__(self): pass": "__str__",
    "class A:\n  __metaclass__ = M": "metaclass=M",
    "class A:\n  __nonzero__ = f": "__bool__ = ...",
    "class A:\n  def next(self, n): pass": "__next__",
    "try: f()\nexcept E, e: x = e.message": "str(e)",
    "x = types.ListType": "list",
    "x = (1": "never closed",
    "True = 3": "True",
    "async = 3": "write this statement",
    "[x for x in 1, 2]": "write this statement",
    "def f():\n  from os import *": "import *",
}
"""Lines that are not converted, and of the remark about them."""


@pytest.mark.parametrize("source", REPORTED)
def test_lines_that_are_not_converted_are_reported_with_a_remedy(source):
    last = source.count("\n") + 3
    conversion = convert(f"print 1\n\n{source}")
    assert not conversion.complete
    reports = [note for note in conversion.notes if note.text.startswith("not converted: ")]
    assert last in [note.line for note in reports]
    assert REPORTED[source] in " ".join(note.text for note in reports)
    assert conversion.text.startswith("print(1)\n\n")


def test_the_lines_around_a_report_are_converted():
    source = "f = lambda (a, b): a\nprint xrange(3)\n1 +\nif y z:\n    print x\nelif 3 3: print zip(a)\n"
    conversion = convert(source)
    assert [note.line for note in conversion.notes] == [1, 3, 4, 6]
    assert conversion.text == (
        "f = lambda (a, b): a\nprint(range(3))\n1 +\nif y z:\n    print(x)\nelif 3 3: print(list(zip(a)))\n"
    )


def test_after_many_reports_the_rest_is_reported_once():
    conversion = convert("print 1\n" + "x y\n" * 100)
    assert 20 <= len(conversion.notes) <= 22
    assert "the rest is not parsed" in conversion.notes[-1].text


def test_a_script_with_a_mistake_in_python_3_is_unchanged():
    conversion = convert("pairs = zip(a, b)\nx = (\n")
    assert (conversion.text, conversion.complete) == ("pairs = zip(a, b)\nx = (\n", False)
    assert [note.line for note in conversion.notes] == [2]


@pytest.mark.parametrize(
    "source",
    [
        "x = " + "(" * 1000,
        "x = " + "-" * 100_000 + "1",
        "x = 1" + " + 1" * 100_000,
        "x = a" + ".b" * 100_000,
        "x = `1`\0",
    ],
)
@pytest.mark.parametrize("before", with_slow(["", "print 1\n"], "print 1\n"))
def test_a_source_that_cannot_be_parsed_is_reported_in_words(before, source):
    conversion = convert(before + source)
    assert not conversion.complete
    assert all(re.fullmatch(r"not converted: \w.*\w.*", note.text) for note in conversion.notes)
    assert conversion.notes


@pytest.mark.parametrize(
    "line",
    [
        "print 'a', {}  # so",
        "print >>f, {},",
        "x = d.keys()[{}] / 0777L",
        "try: f({})\nexcept E, e: raise E, 'a'",
        "é = `{}`; print é",
        "x.sort(f, {})",
        "for k in d.keys(): f(d.has_key(k), {})",
    ],
)
def test_the_parser_runs_equally_often_for_long_scripts(line, monkeypatch):
    """The time is linear: each run of the parser takes time in proportion to the length."""
    runs = []
    parse = python2.parse
    monkeypatch.setattr(python2, "parse", lambda source: runs.append(1) or parse(source))
    counts = []
    for n in (3, 300):
        runs.clear()
        convert("\n".join(line.format(i) for i in range(n)))
        counts.append(len(runs))
    assert counts[0] == counts[1]
