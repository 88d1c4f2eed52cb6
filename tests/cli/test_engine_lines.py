"""The lines about the engine: its change in a resumed run, and why a first training has no native engine."""

from __future__ import annotations

import os
from pathlib import Path
from shutil import copytree

import pytest

from deltarule.engines import native_library
from deltarule.models import files

from .conftest import elsewhere, here

HERE = f"1 thread, instructions {native_library.describe_level()}"
TRAIN = ("train", "--data", "digits", "--net", "64-10", "--epochs", 2, "--out", "run")
REASON = "it was not built: no C++ compiler was found"


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> Path:
    """Train a run with the native engine, and return its folder."""
    place = tmp_path_factory.mktemp("saved")
    ran = here(*TRAIN[:-1], place / "run", "--engine", "native")
    assert (ran.code, ran.err) == (0, "")
    return place / "run"


@pytest.fixture
def run(saved) -> str:
    """Copy the run into the working folder."""
    copytree(saved, "run")
    return "run"


@pytest.fixture
def absent(monkeypatch):
    """Take the native engine away."""
    monkeypatch.setattr(native_library, "find_fault", lambda: REASON)
    monkeypatch.setattr("deltarule.cli.engine_line.find_fault", lambda: REASON)


def list_lines(ran, word: str) -> list[str]:
    assert ran.code == 0, ran.err
    return [line for line in (ran.out + ran.err).splitlines() if word in line]


def get_facts(deltarule) -> dict[str, str]:
    """Return the rows about the engine in what show prints."""
    rows = [line.split(maxsplit=1) for line in deltarule("show", "run").out.splitlines() if line.strip()]
    return {row[0]: row[-1].strip() for row in rows if row[0] in ("engine", "threads", "instructions")}


def test_a_resumed_run_keeps_its_engine_and_prints_nothing_of_it(deltarule, run):
    assert list_lines(deltarule("train", "--resume", run, "--epochs", 3), "Engine:") == []
    facts = deltarule("show", run, "--json").json
    assert (facts["settings"]["engine"], facts["settings"]["threads"], facts["changes"]) == ("native", 1, [])
    assert get_facts(deltarule)["instructions"] == native_library.describe_level()


CHANGES = {
    "--engine numpy": "numpy, 1 thread",
    "--engine jax --threads 1": "jax, 1 thread",
    "--threads 2": f"native, 2{HERE[1:].replace('thread', 'threads', 1)}",
}


@pytest.mark.parametrize(("words", "after"), CHANGES.items(), ids=lambda text: text.replace(" ", ""))
def test_options_change_the_engine_of_a_resumed_run(words, after, deltarule, run):
    ran = deltarule("train", "--resume", run, "--epochs", 3, *words.split())
    assert list_lines(ran, "Engine:") == [f"Engine: {after} from epoch 3 on, before: native, {HERE}"]
    shown = deltarule("show", run)
    assert f"native, {HERE} until epoch 2" in " ".join(shown.out.split())
    again = deltarule("train", "--resume", run, "--epochs", 4, *words.split())
    assert list_lines(again, "Engine:") == []
    assert len(deltarule("show", run, "--json").json["changes"]) == 1


def test_an_engine_that_does_not_exist_is_refused(deltarule, run):
    ran = deltarule("train", "--resume", run, "--epochs", 3, "--engine", "torch")
    assert (ran.code, ran.out) == (2, "")
    assert "--engine: expected 'auto', 'numpy', 'native' or 'jax', got 'torch'" in ran.err


@pytest.mark.slow
def test_a_run_whose_engine_is_missing_says_so_and_resumes(deltarule, run):
    gone = {**os.environ, "DELTARULE_NATIVE": "/gone"}
    ran = elsewhere("train", "--resume", run, "--epochs", 3, env=gone)
    assert list_lines(ran, "does not work here") == [
        "run was trained with the native engine, which does not work here (DELTARULE_NATIVE names /gone, which is no "
        "file): it resumes with another engine, with the same result up to rounding"
    ]
    assert list_lines(ran, "Engine:") == [f"Engine: numpy, 1 thread from epoch 3 on, before: native, {HERE}"]
    asked = elsewhere("train", "--resume", run, "--epochs", 4, "--engine", "native", env=gone)
    assert (asked.code, "correct or unset DELTARULE_NATIVE" in asked.err) == (2, True)
    assert list_lines(deltarule("train", "--resume", run, "--epochs", 4), "Engine:") == []  # it keeps NumPy


def test_other_instructions_are_named(deltarule, run):
    tensors, description = files.read(Path("run/model.safetensors"))
    description["settings"]["level"] = "v9"
    files.write(Path("run/model.safetensors"), tensors, description)
    ran = deltarule("train", "--resume", run, "--epochs", 3)
    assert "run was trained with the instructions v9 and the native engine uses" in ran.out
    assert "before: native, 1 thread, instructions v9" in ran.out


def test_a_first_training_says_once_why_there_is_no_native_engine(deltarule, absent):
    line = f"The native engine does not work here ({REASON}); training with numpy; see: deltarule info"
    ran = deltarule(*TRAIN, "--ensemble", 2)
    assert list_lines(ran, "The native engine") == [line]
    assert ran.out.index(line) < ran.out.index("Right answers")
    assert list_lines(deltarule(*TRAIN[:-1], "json", "--json"), "The native engine") == [line]
    Path("points.csv").write_text("x,y\n" + "\n".join(f"{i},{'ab'[i % 2]}" for i in range(30)))
    words = ("--data", "points.csv", "--epochs", 1, "--folds", 3, "--out", "folds")
    assert list_lines(deltarule("train", *words), "The native engine") == [line]


@pytest.mark.parametrize("words", ["--engine numpy", "--engine jax"])
def test_nothing_is_said_of_it_if_an_engine_was_asked_for(words, deltarule, absent):
    assert list_lines(deltarule(*TRAIN, *words.split()), "The native engine") == []


def test_nothing_is_said_of_it_if_it_works(deltarule):
    ran = deltarule(*TRAIN)
    assert list_lines(ran, "The native engine") == []
    assert list_lines(ran, "engine native") != []
