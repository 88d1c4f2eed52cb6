"""The record: entries in cold processes, and the page with its rules."""

from __future__ import annotations

import os

import numpy as np
import pytest
from benchmarks.record import ENTRIES, describe_entry, measure, run_entry, write_images
from benchmarks.record_text import render

from deltarule import Dataset
from deltarule.data.idx import read_idx

ENTRY = '''
"""An entry for the record: a test."""
import os, sys
from pathlib import Path
folder, seed, out = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
assert len(list(folder.iterdir())) == 3 and "OPENBLAS_CORETYPE" not in os.environ
assert not os.path.exists(os.environ["JAX_COMPILATION_CACHE_DIR"])
out.write_bytes(bytes([seed % 10] * {n}))
'''


def part(first, n):
    labels = np.arange(first, first + n) % 10
    return Dataset(np.full((n, 28, 28), first, np.uint8), labels, "noise", 255.0)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "images"
    made.mkdir()
    write_images(made, part(0, 20), part(1, 10), part(2, 10))
    return made


def write_entry(path, n=10):
    path.write_text(ENTRY.format(n=n))
    return path


def test_entries_get_all_files_but_the_labels_of_the_test_set(folder):
    assert sorted(path.name for path in folder.iterdir()) == [
        "t10k-images-idx3-ubyte",
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
    ]
    assert read_idx(folder / "train-images-idx3-ubyte").shape == (30, 28, 28)
    assert read_idx(folder / "train-labels-idx1-ubyte")[:3].tolist() == [0, 1, 2]


def test_every_seed_runs_once_in_turn_after_one_that_does_not_count(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Zen")
    entries = [write_entry(tmp_path / "a.py"), write_entry(tmp_path / "b.py")]
    found = measure(entries, folder, np.arange(10, dtype=np.uint8), [1, 2])
    assert [[run["seed"] for run in entry["runs"]] for entry in found] == [[1, 2], [1, 2]]
    assert {run["accuracy"] for entry in found for run in entry["runs"]} == {0.1}
    assert all(run["seconds"] > 0 for entry in found for run in entry["runs"])
    order = [line.split(":")[0] for line in capsys.readouterr().out.splitlines()]
    turns = zip("abbaab", (0, 0, 1, 1, 2, 2), strict=True)
    assert order == [f"{name}.py, seed {seed}" for name, seed in turns]


def test_an_entry_with_too_few_labels_or_an_error_is_reported(folder, tmp_path):
    labels = np.arange(10, dtype=np.uint8)
    short = run_entry(write_entry(tmp_path / "short.py", n=9), folder, 1, labels)
    assert short == {"error": "expected 10 bytes, one label each, got 9"}
    failing = tmp_path / "failing.py"
    failing.write_text("1 / 0")
    assert "ZeroDivisionError" in run_entry(failing, folder, 1, labels)["error"]
    assert "No such file" in run_entry(tmp_path / "absent", folder, 1, labels)["error"]


def test_an_entry_may_be_any_executable(folder, tmp_path):
    entry = tmp_path / "entry"
    entry.write_text("#!/bin/sh\nprintf 0123456789 | tr 0-9 '\\000-\\011' > \"$3\"\n")
    os.chmod(entry, 0o755)
    assert run_entry(entry, folder, 1, np.arange(10, dtype=np.uint8))["accuracy"] == 1.0
    assert describe_entry(entry) == "entry"


def test_the_page_has_the_rules_and_says_which_times_count():
    runs = [{"seed": 1, "seconds": 2.0, "accuracy": 0.991}, {"seed": 2, "seconds": 4.0, "accuracy": 0.989}]
    entries = [
        {"name": "b.py", "label": "slow", "error": None, "runs": [{"seed": 1, "seconds": 9.0, "accuracy": 0.98}]},
        {"name": "a.py", "label": "fast", "error": None, "runs": runs},
        {"name": "c.py", "label": "broken", "error": "no torch", "runs": []},
    ]
    machine = {"processor": "A Processor", "cores": 2, "system": "Linux 6", "python": "3.11.7"}
    found = {"machine": machine, "date": "2026-01-31", "command": "x", "load_before": 0.1, "entries": entries}
    text = render([found])
    fast, slow = "| fast | 3.00 | 2.00–4.00 | 99.000 % ± 0.14 |", "| slow | 9.00 |"
    assert fast in text
    assert text.index(fast) < text.index(slow)
    assert "| 98.90–99.10 | counts |" in text
    assert "| below 99 % |" in text
    assert "broken could not be measured: no torch" in text
    assert "## The rules" in render([])
    assert "Not measured yet" in render([])


@pytest.mark.parametrize("entry", sorted(ENTRIES.glob("*.py")), ids=lambda entry: entry.stem)
def test_every_entry_says_what_it_is(entry):
    assert entry.read_text(encoding="utf-8").startswith('"""An entry for the record: ')
    assert f"python {entry.name} FOLDER SEED OUT" in entry.read_text(encoding="utf-8")
    assert len(describe_entry(entry)) > 10
