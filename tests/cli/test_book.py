"""deltarule book: the book's modules by their bare names, and scripts as Python runs them."""

from __future__ import annotations

import importlib
import py_compile
import sys

import pytest

from deltarule.book import listings, mnist_average_darkness
from deltarule.book.importer import MODULES, use_bare_names

from .conftest import elsewhere


@pytest.fixture
def script(tmp_path):
    def write(text, name="script.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    return write


def test_bare_names_are_the_books_modules():
    with use_bare_names():
        for name in MODULES:
            module = importlib.import_module(name)
            assert module is importlib.import_module(f"deltarule.book.{name}")
            assert module.__spec__.name == module.__name__ == f"deltarule.book.{name}"
    assert not set(MODULES) & set(sys.modules)
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("mnist_loader")


def test_a_script_runs_as_in_python(deltarule, script):
    """It gets its arguments, name and folder, and imports its neighbours and the book's modules."""
    script("value = 7", "lib/neighbour.py")
    path = script(
        "import sys, os, network, neighbour\n"
        "from network2 import Network, CrossEntropyCost\n"
        "from network3 import ConvPoolLayer\n"
        "import deltarule.book.network\n"
        "print(sys.argv[1:], __name__, os.path.basename(__file__), neighbour.value)\n"
        "print(network is deltarule.book.network, sys.modules['__main__'].__dict__ is globals())\n"
        "if __name__ == '__main__':\n"
        "    sys.exit(3)\n",
        "lib/script.py",
    )
    argv, main, paths = sys.argv, sys.modules["__main__"], list(sys.path)
    ran = deltarule("book", path, "30", "--eta", "3.0", "--help")
    assert (ran.code, ran.err) == (3, "")
    assert ran.out == "['30', '--eta', '3.0', '--help'] __main__ script.py 7\nTrue True\n"
    assert (sys.argv, sys.modules["__main__"], sys.path) == (argv, main, paths)


@pytest.mark.parametrize(
    ("ending", "code", "err"),
    [("", 0, ""), ("exit(0)", 0, ""), ("raise SystemExit", 0, ""), ("import sys; sys.exit('so')", 1, "so\n")],
)
def test_exit_codes_are_kept(deltarule, script, ending, code, err):
    ran = deltarule("book", script(ending))
    assert (ran.code, ran.out, ran.err) == (code, "", err)


def test_an_error_in_a_script_looks_as_in_python(script):
    path = script("def f():\n    return 1 / 0\n\nf()\n")
    ours = elsewhere("book", path)
    assert ours.code == 1
    assert "running.py" not in ours.err
    assert ours.err.splitlines()[0] == "Traceback (most recent call last):"
    assert [line for line in ours.err.splitlines() if line.startswith("  File")] == [
        f'  File "{path}", line 4, in <module>',
        f'  File "{path}", line 2, in f',
    ]
    assert ours.err.splitlines()[-1] == "ZeroDivisionError: division by zero"


def test_an_error_of_deltarule_is_one_line_with_its_place(deltarule, script):
    path = script("import network\n\ndef f(net):\n    net.feedforward(3)\n\nf(network.Network([2, 1]))\n")
    ran = deltarule("book", path)
    assert ran.code == 1
    assert ran.err.startswith(f"{path}, line 4: ShapeError: shape of a: expected columns")
    assert ran.err.count("\n") == 1


def test_print_of_python_2_gets_a_hint_for_each_line(deltarule, script):
    path = script('x = 3\nprint "x is", x\nfor i in range(2):\n    print i,\n')
    ran = deltarule("book", path)
    assert (ran.code, ran.out) == (1, "")
    first, *_, one, two, offer = ran.err.splitlines()
    assert first == f'  File "{path}", line 2'
    assert one == f'{path}, line 2 is Python 2; write  print("x is", x)'
    assert two == f'{path}, line 4 is Python 2; write  print(i, end=" ")'
    assert offer == f"to convert all of it:  deltarule book --convert {path} > NEW.py"
    assert "SyntaxError: Missing parentheses in call to 'print'" in ran.err


def test_an_imported_module_in_python_2_gets_a_hint(deltarule, script):
    script('print "mine"\n', "mine.py")
    ran = deltarule("book", script("import mine\n"))
    assert ran.code == 1
    line, offer = ran.err.splitlines()[-2:]
    assert line.endswith('mine.py, line 1 is Python 2; write  print("mine")')
    assert offer.startswith("to convert all of it:  deltarule book --convert ")
    assert offer.endswith("mine.py > NEW.py")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("import cPickle", "No module named 'cPickle': Python 3 has no cPickle; mnist_loader.load_data() reads"),
        ("import theano.tensor as T", "No module named 'theano': the network3 of deltarule needs no Theano"),
        ("for i in xrange(3): pass", "hint: xrange is Python 2's: write range"),
        ("zip([1], [2])[0]", "hint: a zip was a list in Python 2: write list(zip(...))"),
    ],
)
def test_words_of_python_2_get_a_hint(deltarule, script, line, said):
    ran = deltarule("book", script(line))
    assert ran.code == 1
    assert said in ran.err
    assert "importer" not in ran.err
    assert "importlib" not in ran.err


def test_a_script_may_catch_the_import_error(deltarule, script):
    ran = deltarule("book", script("try:\n    import cPickle\nexcept ImportError:\n    print('python 3')\n"))
    assert (ran.code, ran.out, ran.err) == (0, "python 3\n", "")


def test_a_module_beside_the_script_goes_before_the_books(deltarule, script):
    script("mine = True", "network.py")
    script("import sys\nsys.path.insert(0, 'elsewhere')\nimport network, network2\nprint(network.mine, network2.mine)")
    script("mine = 'too'", "elsewhere/network2.py")
    ran = deltarule("book", "script.py")
    assert (ran.code, ran.out, ran.err) == (0, "True too\n", "")


LISTING = """\
import numpy as np

class Network(object):
    def step(self, xs):
        'Move a little.'
        for i in xrange(3):
            print "Epoch {0}".format(
                i)
"""
"""A listing in place of the book's own text, which is not in this repository."""

CHANGED = LISTING.replace("xrange(3)", "xrange(4)")


@pytest.fixture
def published(monkeypatch):
    monkeypatch.setitem(listings.DIGESTS, "network", (listings.compute_digest(LISTING),))


@pytest.mark.parametrize(
    "text",
    [
        LISTING,
        "\ufeff" + LISTING.replace("\n", "\r\n"),
        "# mine\n" + LISTING.replace("(\n                i)", "( i )").replace("a little", "on").replace("    ", "  "),
    ],
)
def test_the_books_own_module_in_python_2_is_replaced(deltarule, script, published, text):
    script(text, "network.py")
    ran = deltarule("book", script("import network\nprint(network.__name__)"))
    assert (ran.code, ran.out) == (0, "deltarule.book.network\n")
    assert ran.err.startswith("note: ")
    assert "network.py is the book's network in Python 2; deltarule's own network is used in its place" in ran.err
    assert ran.err.count("\n") == 1


def test_a_changed_module_in_python_2_gets_hints(deltarule, script, published):
    path = script(CHANGED, "network.py")
    ran = deltarule("book", script("import network\nprint(network.__name__)"))
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines()[-4:] == [
        f"{path}, line 6 is Python 2; write  range instead of xrange",
        f'{path}, line 7 is Python 2; write  print("Epoch {{0}}".format(i))',
        "this network.py is not the book's, so it stays in use; rename it to use deltarule's network",
        f"to convert all of it:  deltarule book --convert {path} > NEW.py",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    range = xrange\nexcept NameError:\n    pass\n",
        "import sys\nif sys.version_info[0] < 3:\n    range = xrange\n",
        "import sys\nif sys.version_info[0] < 3:\n    import cPickle as pickle\n    xrange(3)\n",
        "from types import FunctionType as xrange\nxrange\n",
        LISTING.replace("print ", "print(").replace("i)", "i))").replace("xrange", "range"),
        LISTING.replace("print ", "print(").replace("i)", "i))"),
    ],
)
def test_python_3_code_with_names_of_python_2_runs_unchanged(deltarule, script, published, text):
    script(f"{text}\nmine = 5\n", "network.py")
    ran = deltarule("book", script("import network\nprint(network.mine)"))
    assert (ran.code, ran.out, ran.err) == (0, "5\n", "")


def test_a_compiled_module_beside_the_script_goes_before_the_books(deltarule, script, tmp_path):
    source = script("mine = 6", "network.py")
    py_compile.compile(str(source), str(tmp_path / "network.pyc"))
    source.unlink()
    assert deltarule("book", script("import network\nprint(network.mine)")).out == "6\n"


def test_a_folder_that_is_not_a_package_does_not_hide_the_books_module(deltarule, script):
    script("", "network/digit.txt")
    assert deltarule("book", script("import network\nprint(network.__name__)")).out == "deltarule.book.network\n"


def test_a_script_may_declare_its_encoding(deltarule, tmp_path):
    (tmp_path / "script.py").write_bytes(b"# -*- coding: latin-1 -*-\nprint(ascii('\xe9'))\n")
    assert deltarule("book", "script.py").out == "'\\xe9'\n"
    (tmp_path / "script.py").write_bytes(b"x = '\xe9'\n")
    ran = deltarule("book", "script.py")
    assert ran.code == 1
    assert "SyntaxError" in ran.err


def test_a_missing_script_is_an_error(deltarule):
    ran = deltarule("book", "nowhere.py")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: SCRIPT: expected a file or a program of the book, got 'nowhere.py'")


@pytest.mark.parametrize("name", ["mnist_average_darkness", "mnist_average_darkness.py"])
def test_the_books_programs_run_by_name(deltarule, monkeypatch, name):
    ran = []
    monkeypatch.setattr("runpy.run_module", lambda name, run_name: ran.append((name, run_name)))
    assert deltarule("book", name).code == 0
    assert ran == [(mnist_average_darkness.__name__, "__main__")]


def test_a_module_is_not_a_program_and_a_program_takes_no_arguments(deltarule):
    ran = deltarule("book", "network.py")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: SCRIPT: expected a program, not a module, got 'network.py'")
    assert ran.err.endswith("type deltarule book, and then import network\n")
    ran = deltarule("book", "mnist_svm.py", "1000")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: ARGUMENTS: expected no arguments after mnist_svm.py")


def test_a_pipe_is_run_as_a_script():
    ran = elsewhere("book", input="import network, sys\nprint(network.Network([2, 1]).sizes)\nsys.exit(4)\n")
    assert (ran.code, ran.out, ran.err) == (4, "[2, 1]\n", "")
