"""The shell of deltarule book: short errors, hints for Python 2, and completion at a terminal."""

from __future__ import annotations

import os
import pty
import re
from subprocess import Popen

from deltarule.book import shell

from .conftest import COMMAND
from .test_book import script

__all__ = ["script"]


def run_shell(*lines, monkeypatch, capsys):
    """Type lines into the shell, and return its output."""
    left = iter(lines)

    def line(prompt=""):
        try:
            return next(left)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", line)
    shell.start_shell()
    return capsys.readouterr()


def test_the_shell_prints_short_errors_and_hints(monkeypatch, capsys):
    shown = run_shell(
        "import network",
        "network.Network([3])",
        "xrange(3)",
        "print 'a'",
        "import cPickle",
        "network.Network([2, 1]).sizes",
        monkeypatch=monkeypatch,
        capsys=capsys,
    )
    assert shown.out == "[2, 1]\n"
    assert re.search(r"^InvalidArgument: sizes.*\[784, 30, 10\]", shown.err, re.MULTILINE)
    assert "\nhint: xrange is Python 2's: write range\n" in shown.err
    assert "SyntaxError: Missing parentheses in call to 'print'" in shown.err
    assert "\nModuleNotFoundError: No module named 'cPickle': Python 3 has no cPickle" in shown.err
    assert "deltarule/" not in shown.err


def test_the_shell_prints_hints_for_a_module_in_python_2(monkeypatch, capsys, script, tmp_path):
    script('print "mine"\n', "network.py")
    monkeypatch.chdir(tmp_path)
    shown = run_shell("import network", monkeypatch=monkeypatch, capsys=capsys)
    assert 'network.py, line 1 is Python 2; write  print("mine")\nthis network.py is not the book\'s' in shown.err


def test_the_shell_works_at_a_terminal(tmp_path):
    """A person types, completes a name by Tab, and leaves with a code of their own."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "dumb", "COLUMNS": "120"}
    child = Popen([*COMMAND, "book"], stdin=theirs, stdout=theirs, stderr=theirs, cwd=tmp_path, env=environment)
    os.close(theirs)
    os.write(ours, b"import network\nnet = network.Netw\t[2, 3, 1])\nprint(net.si\t)\nexit(5)\n")
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:  # Linux raises it when the other end is closed
        pass
    os.close(ours)
    assert child.wait(30) == 5
    assert "Type what the book prints" in shown.decode()
    assert "\n[2, 3, 1]\r\n" in shown.decode()
