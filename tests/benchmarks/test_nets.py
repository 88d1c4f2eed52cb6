"""Measurements of the named networks: stored with their command, and shown while they are valid."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks import nets
from deltarule.data import Dataset
from deltarule.recipes import RECIPES
from deltarule.recipes.measurements import format_settings


@pytest.fixture(autouse=True)
def _noise(monkeypatch):
    """Use random images of MNIST's size, which take as long as MNIST's."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, size=(60, 28, 28), dtype=np.uint8)
    part = Dataset(x, np.arange(60) % 10, "noise", scale=255.0)
    monkeypatch.setattr("deltarule.data.load", lambda *where: (part, part, part))


def test_runs_are_written_with_everything_needed_to_repeat_them(tmp_path):
    out = tmp_path / "measured.json"
    for names in (["book-conv"], ["book-shallow"]):  # the second adds to the first
        assert nets.main([*names, "--quick", "--seeds", "3", "4", "--out", str(out)]) == 0
    found = json.loads(out.read_text(encoding="utf-8"))["recipes"]
    assert list(found) == ["book-shallow", "book-conv"]
    entry = found["book-shallow"]
    assert entry["recipe"] == format_settings(RECIPES["book-shallow"])
    assert entry["command"] == "python -m benchmarks.nets book-shallow --seeds 3 4 --quick"
    assert [run["seed"] for run in entry["runs"]] == [3, 4]
    assert all(0 <= run["test_accuracy"] <= 1 and run["seconds"] > 0 for run in entry["runs"])
    assert {"processor", "cores", "memory_gib"} <= set(entry["machine"])


def test_unknown_names_are_refused(capsys):
    with pytest.raises(SystemExit):
        nets.main(["book"])
    assert "got 'book'" in capsys.readouterr().err


def test_measured_seeds_are_not_measured_again_and_all_vote(tmp_path, capsys):
    out = tmp_path / "measured.json"
    for seeds in (["3"], ["3", "4"]):
        assert nets.main(["book-shallow", "--quick", "--threads", "1", "--seeds", *seeds, "--out", str(out)]) == 0
    assert "book-shallow, seed 3: already measured" in capsys.readouterr().out
    entry = json.loads(out.read_text(encoding="utf-8"))["recipes"]["book-shallow"]
    assert entry["command"] == "python -m benchmarks.nets book-shallow --seeds 3 4 --threads 1 --quick"
    assert [run["seed"] for run in entry["runs"]] == [3, 4]
    assert entry["vote"]["members"] == 2
    assert all(0 <= entry["vote"][voting] <= 1 for voting in ("hard", "soft"))
