"""deltarule book with scripts of Python 2: the command that converts them, and its mention where they fail."""

from __future__ import annotations

import ast

import pytest
from tests.slow import with_slow

from .test_book import script
from .test_book_shell import run_shell

__all__ = ["script"]


def test_a_script_is_converted(deltarule, script):
    path = script("import network\nk = 3 / a\nfor i in xrange(2): print 'i is', i  # so\n")
    ran = deltarule("book", "--convert", path)
    assert (ran.code, ran.out) == (0, "import network\nk = 3 / a\nfor i in range(2): print('i is', i)  # so\n")
    assert ran.err == f"{path}, line 2: / gives a float in Python 3: write // if both are whole numbers\n"
    path.write_text(ran.out)
    assert deltarule("book", "--convert", path).out == ran.out


def test_a_converted_script_is_in_utf_8(deltarule, tmp_path):
    (tmp_path / "old.py").write_bytes(b"# -*- coding: latin-1 -*-\nprint '\xe9'\n")
    assert deltarule("book", "--convert", "old.py").out == "# -*- coding: utf-8 -*-\nprint('é')\n"


def test_what_cannot_be_converted_is_an_error(deltarule, script):
    path = script("print 1\nf = lambda (a, b): a\n")
    ran = deltarule("book", "--convert", path)
    assert (ran.code, ran.out) == (1, "print(1)\nf = lambda (a, b): a\n")
    assert ran.err.startswith(f"{path}, line 2: not converted:")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "expected one script, got ''"),
        (["script.py", "3"], "expected one script, got 'script.py 3'"),
        (["nowhere.py"], "expected the path of a script, got 'nowhere.py'; there is no such file"),
    ],
)
def test_conversion_takes_one_script(deltarule, script, arguments, said):
    script("print 1")
    ran = deltarule("book", "--convert", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"error: --convert: {said}")


FAILING = {
    "try: pass\nexcept E, e: pass": "line 2 is Python 2; write  except E as e:",
    "x = 0777 + 10L": "line 1 is Python 2; write  x = 0o777 + 10",
    "x = `1` <> `2`": "line 1 is Python 2; write  x = repr(1) != repr(2)",
    "exec 'x = 1' in {}": "line 1 is Python 2; write  exec('x = 1', {})",
    "for i in xrange(3): pass": "hint: xrange is Python 2's: write range",
    "import cPickle": "No module named 'cPickle'",
    "d = {}.has_key(3)": "hint: has_key is Python 2's: write key in d",
    "from itertools import izip": "hint: itertools.izip is Python 2's: write zip",
    "import string\nstring.letters": "hint: string.letters is Python 2's: write string.ascii_letters",
    "x = range(3)\nx[0] = 1\nxrange": "hint: a range was a list in Python 2: write list(range(...))",
    "x = {}.keys().sort() or unicode": "hint: d.keys() was a list in Python 2: write list(d.keys())",
    "x = range(3) + [1] or unicode": "hint: a range was a list in Python 2: write list(range(...))",
    "x = reduce(max, [1])": "hint: reduce is Python 2's: write from functools import reduce",
    "u'a'.encode('hex') or unicode": "hint: hex is Python 2's: write data.hex()",
}


@pytest.mark.parametrize("source", FAILING)
def test_a_script_of_python_2_without_print_statements_is_told_how_to_convert_it(deltarule, script, source):
    path = script(source)
    ran = deltarule("book", path)
    assert (ran.code, ran.out) == (1, "")
    assert FAILING[source] in ran.err
    assert ran.err.splitlines()[-1] == f"to convert all of it:  deltarule book --convert {path} > NEW.py"


def test_a_module_of_python_2_is_the_one_to_convert(deltarule, script):
    path = script("def f():\n    return xrange(3)\n", "ancient.py")
    ran = deltarule("book", script("import ancient\nancient.f()\n"))
    assert ran.err.splitlines()[-1] == f"to convert all of it:  deltarule book --convert {path} > NEW.py"


@pytest.mark.parametrize("source", ["undefined", "x = (", "import nothing", "{}.nothing", "len(3)", "import theano"])
def test_other_errors_do_not_mention_the_conversion(deltarule, script, source):
    ran = deltarule("book", script(source))
    assert ran.code == 1
    assert "--convert" not in ran.err


def test_the_shell_hints_without_a_file_to_convert(monkeypatch, capsys):
    shown = run_shell("xrange(3)", "except E, e", monkeypatch=monkeypatch, capsys=capsys)
    assert "hint: xrange is Python 2's" in shown.err
    assert "--convert" not in shown.err


def test_many_lines_of_python_2_are_counted(deltarule, script):
    ran = deltarule("book", script("print 1\n" * 1000))
    lines = ran.err.splitlines()
    assert len([line for line in lines if "is Python 2; write" in line]) == 40
    assert lines[-2].endswith("has 960 more lines of Python 2")


@pytest.mark.parametrize("arguments", [[], ["--convert"]])
def test_a_script_in_latin_1_is_read_as_it_declares(deltarule, tmp_path, arguments):
    (tmp_path / "old.py").write_bytes(b"# -*- coding: latin-1 -*-\nprint '\xe9', 1\n")
    ran = deltarule("book", *arguments, "old.py")
    assert "print('é', 1)" in (ran.out if arguments else ran.err)


@pytest.mark.parametrize("arguments", [[], ["--convert"]])
@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            b"print 1\n\n\nprint '\xe9'\n",
            "old.py, line 4: expected UTF-8, got the byte 0xe9; if its encoding is Latin-1",
        ),
        (b"print '\xe9'\n", "old.py, line 1: expected UTF-8, got the byte 0xe9; if its encoding is Latin-1"),
        (
            b"# coding: klingon\nprint 1\n",
            "old.py: expected an encoding that Python knows, got unknown encoding: klingon",
        ),
    ],
)
def test_a_script_in_an_undeclared_encoding_is_an_error_with_its_line(deltarule, tmp_path, arguments, source, said):
    (tmp_path / "old.py").write_bytes(source)
    ran = deltarule("book", *arguments, "old.py")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines()[-1].startswith(said)


DEEP = ["x = " + "-" * 100_000 + "1", "x = 1" + " + 1" * 100_000, "x = a" + "[0]" * 100_000]


@pytest.mark.parametrize("source", with_slow(DEEP, *DEEP[1:]))
def test_a_script_with_too_many_levels_is_an_error_in_one_line(deltarule, script, source):
    path = script(source)
    ran = deltarule("book", path)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(f"{path}: expected expressions that Python can parse, got too many levels; divide")
    assert ran.err.count("\n") == 1
    ran = deltarule("book", "--convert", path)
    assert (ran.code, ran.out) == (1, source)
    assert "expected expressions that Python can parse" in ran.err


def test_the_parser_runs_equally_often_for_long_scripts(deltarule, script, monkeypatch):
    runs = []
    parse = ast.parse
    monkeypatch.setattr(ast, "parse", lambda *given, **options: runs.append(1) or parse(*given, **options))
    counts = []
    for n in (3, 3000):
        runs.clear()
        deltarule("book", script("import network3\n" + "print 'a', 1  # so\n" * n))
        counts.append(len(runs))
    assert counts[0] == counts[1] < 10
