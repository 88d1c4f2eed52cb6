"""The list of runs to do, the checkpoints of interrupted runs, and runs that fail."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.fields import has

from deltarule.errors import FileError, InvalidArgument
from deltarule.experiments.records import Measured
from deltarule.experiments.registry import EXPERIMENTS
from deltarule.experiments.result import locate_result, read_result
from deltarule.experiments.run import list_tasks, run_tasks

FIRST = EXPERIMENTS["ch1/first-network"]


def scratch_folder(folder: Path, **more) -> Path:
    (task,) = list_tasks(FIRST, folder, seeds=1, **more)
    assert task.scratch is not None
    return task.scratch


def test_resume_finds_an_interrupted_run_by_its_settings(tmp_path):
    assert scratch_folder(tmp_path, resume=True) == scratch_folder(tmp_path, resume=True)
    assert scratch_folder(tmp_path, resume=True) != scratch_folder(tmp_path, resume=True, changed={"epochs": 5})


def test_without_resume_old_checkpoints_are_removed(tmp_path):
    folder = scratch_folder(tmp_path)
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"of an interrupted run")
    assert scratch_folder(tmp_path, resume=True).exists()
    assert not scratch_folder(tmp_path).exists()


@pytest.mark.parametrize("more", [{"quick": True}, {"changed": {"eta": 0.5}}])
def test_runs_without_verdicts_have_no_automatic_number_of_seeds(tmp_path, more):
    with pytest.raises(InvalidArgument, check=has(argument="seeds", value="auto")):
        list_tasks(FIRST, tmp_path, seeds="auto", **more)


def test_a_miniature_saves_no_checkpoints(tmp_path):
    (task,) = list_tasks(FIRST, tmp_path, quick=True)
    assert task.scratch is None


@pytest.mark.parametrize(
    ("figures", "series", "start"),
    [
        ({"a": None}, {}, "a of the figures: "),
        ({"a": "98.7"}, {}, "a of the figures: "),
        ({"a": np.ones(2)}, {}, "a of the figures: "),
        ({"a": 1j}, {}, "expected a value that JSON can hold"),
        ({"a": 1.0}, {"s": [np.complex64(2)]}, "expected a value that JSON can hold"),
        ({("a", 1): 1.0}, {}, "TypeError: keys must be str"),
        (None, {}, "TypeError: 'NoneType' object is not iterable"),
    ],
    ids=["none", "text", "array", "complex", "series", "key", "no figures"],
)
def test_an_invalid_figure_fails_its_own_run_only(tmp_path, monkeypatch, figures, series, start):
    good = Measured({"a": np.float32(0.5), "holds": np.True_}, {"cost": np.arange(2)})
    measured = {1: good, 2: Measured(figures, series), 3: good}
    own = replace(FIRST, id="ch1/own", measure=lambda config: measured[config.seed], published=(), seeds=3)
    monkeypatch.setitem(EXPERIMENTS, own.id, own)
    assert [ran.seed for _, ran in run_tasks(list_tasks(own, tmp_path), tmp_path)] == [1, 2, 3]
    saved = read_result(locate_result(tmp_path, own.id))
    assert [(ran.figures, ran.series) for ran in saved.runs_of()] == 2 * [({"a": 0.5, "holds": True}, {"cost": [0, 1]})]
    (bad,) = (ran for ran in saved.runs if ran.error)
    assert (bad.seed, bad.figures, bad.series) == (2, {}, {})
    assert bad.error.startswith(start)
    assert [task.seed for task in list_tasks(own, tmp_path, resume=True)] == [2]


def test_list_tasks_refuses_settings_that_json_cannot_hold(tmp_path):
    with pytest.raises(InvalidArgument, check=has(value=1j)):
        list_tasks(FIRST, tmp_path, changed={"eta": 1j})


@pytest.mark.parametrize("text", ["[" * 100_000, '{"format": ', "[]", "5"])
def test_a_file_that_is_no_result_is_an_error_that_names_it(tmp_path, text):
    path = tmp_path / "one.json"
    path.write_text(text)
    with pytest.raises(FileError, match="expected the result of an experiment") as caught:
        read_result(path)
    assert caught.value.path == path
