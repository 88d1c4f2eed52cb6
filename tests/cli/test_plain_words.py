"""Commands without options do the same without the parser of options as with it."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from deltarule.cli import plain_words
from deltarule.data import load

from .conftest import here

WORDS = [
    ("predict", "{run}", "seven.png"),
    ("predict", "{run}", "seven.png", "missing.png", "seven.png"),
    ("predict", "seven.png"),
    ("predict", "{run}"),
    ("predict", "missing", "seven.png"),
    ("predict", "empty", "seven.png"),
]
OTHERS = [
    (),
    ("predict",),
    ("predict", ""),
    ("predict", "--json", "seven.png"),
    ("predict", "seven.png", "-h"),
    ("predict", "--", "seven.png"),
    ("demo", "--seed", "3"),
    ("demo", "--data"),
    ("demo", "--data", "--json"),
    ("demo", "--data", "digits", "--json"),
    ("demo", "digits"),
    ("nets",),
]


@pytest.fixture(autouse=True)
def _files(tmp_path):
    ink = np.pad(load("digits")[2].x[0].reshape(8, 8), 3)
    Image.fromarray((255 - 15 * ink.astype(int)).astype(np.uint8)).resize((140, 140)).save("seven.png")
    (tmp_path / "empty").mkdir()


@pytest.mark.skipif(sys.platform == "win32", reason="there the parser replaces patterns such as *.png")
@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_plain_words_do_what_the_parser_does(kept, monkeypatch, words):
    words = [word.format(run=kept) for word in words]
    ran = here(*words)
    monkeypatch.setattr(plain_words, "run_plain", lambda words: None)
    assert here(*words) == ran


@pytest.mark.parametrize("words", OTHERS, ids=" ".join)
def test_other_words_are_left_to_the_parser(words):
    assert plain_words.run_plain(words) is None


def test_the_completion_of_the_shell_is_left_to_the_parser(monkeypatch):
    monkeypatch.setenv("_DELTARULE_COMPLETE", "complete_bash")
    assert plain_words.run_plain(["demo"]) is None


@pytest.mark.skipif(sys.platform == "win32", reason="there the parser runs it")
def test_the_demo_in_its_plain_form_trains(monkeypatch):
    import deltarule.cli.demonstration as demonstration

    given = []
    monkeypatch.setattr(demonstration, "show_demo", lambda *words: given.append(words))
    assert [here("demo").code, here("demo", "--data", "digits").code] == [0, 0]
    assert given == [("auto",), ("digits",)]


@pytest.mark.parametrize("threads", [None, "2"])
def test_numpy_is_imported_with_the_environment_as_before(monkeypatch, threads):
    for name in plain_words.THREADS:
        monkeypatch.delenv(name, raising=False)
    if threads:
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
    before = dict(os.environ)
    plain_words.import_numpy()
    assert os.environ == before


def test_an_error_of_a_plain_command_is_one_line(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "deltarule.cli", "predict", "missing.png"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("error: ")
