"""Invalid calls and commands raise the expected kind of error, whose message has the expected word."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from . import (
    refused_commands,
    refused_core,
    refused_data,
    refused_models,
    refused_names,
    refused_rest,
    refused_training,
)
from .api import run_command

MODULES = (refused_core, refused_data, refused_training, refused_models, refused_rest)


def rows() -> Iterator[Any]:
    for module in MODULES:
        for area, of_area in module.AREAS.items():
            for kinds, word, calls in of_area:
                for call in calls:
                    shown = call if len(call) < 100 else f"{call[:97]}..."
                    yield pytest.param(kinds, word, call, id=f"{area}: {shown}".encode("unicode_escape").decode())


def has_word(text: str, word: str) -> bool:
    """Return True if a text has a word, not as a part of another word."""
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


@pytest.fixture(autouse=True)
def _offline(monkeypatch, tmp_path):
    monkeypatch.setenv("DELTARULE_OFFLINE", "1")
    monkeypatch.delenv("DELTARULE_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")
@pytest.mark.parametrize(("kinds", "word", "call"), list(rows()))
def test_an_invalid_call_is_refused(kinds, word, call, tmp_path):
    with pytest.raises(refused_names.classes_of(kinds)) as raised:
        eval(call, refused_names.names(tmp_path))
    assert has_word(str(raised.value).replace(str(tmp_path), ""), word)


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """Provide a folder with runs and files for all commands, which must not change it."""
    folder = tmp_path_factory.mktemp("place")
    refused_commands.prepare(folder)
    return folder


@pytest.mark.parametrize(
    ("code", "word", "line"), [pytest.param(*row, id=f"{area}: {row[-1]}") for area, *row in refused_commands.rows()]
)
def test_an_invalid_command_is_refused(code, word, line, place):
    before = sorted(place.rglob("*"))
    ran = run_command(place, *shlex.split(line))
    errors = [line for line in ran.err.splitlines() if line.startswith("error: ")]
    assert (ran.code, ran.out) == (code, "")
    assert "Traceback" not in ran.err
    assert len(errors) == 1 or ran.err.lstrip().startswith("Usage:")
    assert has_word(errors[0] if errors else " ".join(ran.err.split()), word), ran.err
    assert sorted(place.rglob("*")) == before
