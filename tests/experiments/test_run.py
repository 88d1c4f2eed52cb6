"""What there is to run, and where an interrupted run is found again."""

from __future__ import annotations

from pathlib import Path

from deltarule.experiments.registry import EXPERIMENTS
from deltarule.experiments.run import tasks

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
