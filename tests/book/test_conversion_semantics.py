"""Converted scripts print in Python 3 what Python 2 printed."""

from __future__ import annotations

import ast
import io
import warnings
from contextlib import redirect_stdout

import pytest

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
