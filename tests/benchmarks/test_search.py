"""The search for a recipe: folds that cover every image once, and trials that are kept and not repeated."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks import search
from deltarule import data

QUICK = """
layers = ["Dense(10)", "Sigmoid", "Output"]
cost = "LogLikelihood"
eta = 0.5
epochs = 2
batch_size = 10
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(search, "ROOT", tmp_path)
    (tmp_path / "quick.toml").write_text(QUICK)
    return tmp_path


def run(folder, monkeypatch, *more):
    words = ["search", "toys", str(folder / "quick.toml"), "--data", "digits", "--threads", "1", *more]
    monkeypatch.setattr("sys.argv", words)
    assert search.main() == 0
    return json.loads((folder / "results" / "search-toys.json").read_text())["trials"]


def test_the_folds_hold_out_every_image_once_and_never_test_images():
    training, validation, _ = data.load("digits")
    whole = np.concatenate([training.x, validation.x])
    parts = [search.hold_out("digits", fold) for fold in range(6)]
    assert all(len(kept) + len(held_out) == len(whole) for kept, held_out in parts)
    assert np.array_equal(np.concatenate([held_out.x for _, held_out in parts]), whole)
    assert max(len(held_out) for _, held_out in parts) - min(len(held_out) for _, held_out in parts) <= 1


def test_the_last_fold_is_the_validation_set_where_that_is_a_sixth(monkeypatch):
    """As it is in MNIST, with 50,000 and 10,000 images."""
    whole, _, test = data.load("digits")
    training, validation = whole.take(np.arange(500)), whole.take(np.arange(500, 600))
    monkeypatch.setattr(search, "find", lambda name: SimpleNamespace(data=(training, validation, test)))
    kept, held_out = search.hold_out("mnist", search.BOOK)
    assert np.array_equal(kept.x, training.x)
    assert np.array_equal(held_out.y, validation.y)


def test_a_trial_lists_its_errors_and_is_not_repeated(folder, monkeypatch, capsys):
    (trial,) = run(folder, monkeypatch, "--folds", "2", "--seeds", "3")
    _, held_out = search.hold_out("digits", 2)
    assert len(trial["errors"]) == round((1 - trial["validation_accuracy"]) * len(held_out)) > 0
    assert all(held_out.y[int(position)] != label for position, label in trial["errors"].items())
    assert run(folder, monkeypatch, "--folds", "2", "3", "--seeds", "3")[0] == trial
    assert "fold 2, seed 3: already measured" in capsys.readouterr().out


def test_old_trials_held_out_the_validation_set(folder, monkeypatch):
    log = folder / "results" / "search-toys.json"
    log.parent.mkdir()
    log.write_text(json.dumps({"trials": [{"candidate": "old", "recipe": "", "data": "mnist", "seed": 0}]}))
    old, new = run(folder, monkeypatch)
    assert (old["fold"], new["fold"]) == (search.BOOK, search.BOOK)


def test_an_unknown_candidate_is_one_line(folder, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["search", "toys", "bset"])
    assert search.main() == 1
    assert "did you mean best?" in capsys.readouterr().err
