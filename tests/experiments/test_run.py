"""What there is to run, where an interrupted run is found again, and what becomes of a run that goes wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deltarule.errors import InvalidArgument
from deltarule.experiments.records import Measured
from deltarule.experiments.registry import EXPERIMENTS
from deltarule.experiments.result import path_of, read
from deltarule.experiments.run import run, tasks

FIRST = EXPERIMENTS["ch1/first-network"]


def scratch(folder: Path, **more) -> Path:
    (task,) = tasks(FIRST, folder, seeds=1, **more)
    assert task.scratch is not None
    return task.scratch


def test_an_interrupted_run_is_found_by_its_settings(tmp_path):
    assert scratch(tmp_path, resume=True) == scratch(tmp_path, resume=True)
    assert scratch(tmp_path, resume=True) != scratch(tmp_path, resume=True, changed={"epochs": 5})


def test_without_resume_it_begins_anew(tmp_path):
    left = scratch(tmp_path)
    left.mkdir(parents=True)
    (left / "model.safetensors").write_bytes(b"of an interrupted run")
    assert scratch(tmp_path, resume=True).exists()
    assert not scratch(tmp_path).exists()


def test_a_miniature_keeps_nothing(tmp_path):
    (task,) = tasks(FIRST, tmp_path, quick=True)
    assert task.scratch is None


@pytest.mark.parametrize(
    ("figures", "series", "told"),
    [
        ({"a": None}, {}, "a of the figures: expected a number, or true or false, got None"),
        ({"a": "98.7"}, {}, "a of the figures: expected a number, or true or false, got '98.7'"),
        ({"a": np.ones(2)}, {}, "a of the figures: expected a number, or true or false, got [1.0, 1.0]"),
        ({"a": 1j}, {}, "expected what JSON can hold: numbers, texts, or lists of them, got '1j'"),
        (
            {"a": 1.0},
            {"s": [np.complex64(2)]},
            "expected what JSON can hold: numbers, texts, or lists of them, got '(2+0j)'",
        ),
        ({("a", 1): 1.0}, {}, "TypeError: keys must be str"),
        (None, {}, "TypeError: 'NoneType' object is not iterable"),
    ],
    ids=["none", "text", "array", "complex", "series", "key", "nothing"],
)
def test_a_figure_that_is_no_number_is_the_error_of_its_run_alone(tmp_path, monkeypatch, figures, series, told):
    good = Measured({"a": np.float32(0.5), "holds": np.True_}, {"cost": np.arange(2)})
    found = {1: good, 2: Measured(figures, series), 3: good}
    own = replace(FIRST, id="ch1/own", measure=lambda config: found[config.seed], published=(), seeds=3)
    monkeypatch.setitem(EXPERIMENTS, own.id, own)
    assert [ran.seed for _, ran in run(tasks(own, tmp_path), tmp_path)] == [1, 2, 3]
    kept = read(path_of(tmp_path, own.id))
    assert [(ran.figures, ran.series) for ran in kept.of()] == 2 * [({"a": 0.5, "holds": True}, {"cost": [0, 1]})]
    (bad,) = (ran for ran in kept.runs if ran.error)
    assert (bad.seed, bad.figures, bad.series) == (2, {}, {})
    assert bad.error.startswith(told)
    assert [task.seed for task in tasks(own, tmp_path, resume=True)] == [2]


def test_settings_that_json_cannot_hold(tmp_path):
    with pytest.raises(InvalidArgument, match=r"what JSON can hold.* got '1j'"):
        tasks(FIRST, tmp_path, changed={"eta": 1j})
