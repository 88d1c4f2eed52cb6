"""The page about exports: its commands and programs are run in order, and print what it shows."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from tests.cli.conftest import here
from tests.exchange import numpy_keras, numpy_torch

PAGE = Path(__file__).parents[2] / "docs" / "export.md"
LIBRARIES = {**numpy_torch.build_modules(), **numpy_keras.build_modules()}
TRAINING = ("torch.optim", "keras.losses")
"""Words of the programs that train on, for which the libraries themselves are needed."""


@pytest.fixture(
    params=[pytest.param("in NumPy", marks=pytest.mark.slow), pytest.param("libraries", marks=pytest.mark.peers)]
)
def has_libraries(request, tmp_path, monkeypatch) -> Iterator[bool]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.syspath_prepend(tmp_path)
    if request.param == "in NumPy":
        for name, module in LIBRARIES.items():
            monkeypatch.setitem(sys.modules, name, module)
    before = set(sys.modules)
    yield request.param == "libraries"
    for name in set(sys.modules) - before:
        if name.startswith(("digits_", "flowers_")):
            del sys.modules[name]


def test_the_page_shows_what_its_commands_and_programs_print(has_libraries):
    printed, here_so_far = "", {}
    for kind, block in re.findall(r"```(\w+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        if kind == "sh":
            ran = [here(*shlex.split(line)[1:]) for line in block.splitlines()]
            assert [(one.code, one.err) for one in ran] == [(0, "")] * len(ran)
            printed = ran[-1].out
        elif block.startswith('"""A network'):
            assert block == Path("digits_torch.py").read_text(encoding="utf-8")
        elif kind == "python" and (has_libraries or not any(word in block for word in TRAINING)):
            with redirect_stdout(StringIO()) as stream:
                exec(block, here_so_far)
            printed = stream.getvalue()
        elif block.startswith("flowers.csv:"):
            Path("flowers.csv").write_text(block.partition("\n\n")[2], encoding="utf-8")
        elif kind == "text":
            assert block == printed
