"""A run resumed with another engine: by request, or where its own does not work; recorded, and kept."""

from __future__ import annotations

import json
import warnings
from contextlib import contextmanager

import pytest
from tests.fields import has

import deltarule as dr
from deltarule.engines import jax_setup, native_engine, native_library
from deltarule.engines.execution import Execution
from deltarule.errors import FileError
from deltarule.models import files
from deltarule.models.files import MODEL_FILE
from deltarule.models.loading import load
from deltarule.training.checkpoint import Checkpoint
from deltarule.training.devices import read_execution

from .runs import (
    STEPS,
    TRAIN,
    VALIDATION,
    Stop,
    StopAt,
    network,
    read_output,
    resume_run,
    start,
    train,
    without_times,
)

HERE = native_library.describe_level()
LOWER = {"v4": ["v2", "v3"], "v3": ["v2"]}.get(HERE, [])
"""The levels of instructions that this processor has, too."""

NUMPY = {"engine": "numpy", "threads": 1, "level": "", "devices": 1}


def native(threads: int = 1, level: str = HERE) -> dict[str, object]:
    return {"engine": "native", "threads": threads, "level": level, "devices": 1}


def break_off(folder, engine: str = "native", **options) -> None:
    with pytest.raises(Stop):
        train(engine, [Checkpoint(folder, 3), StopAt(1, 9)], **options)


def change_settings(folder, without: str = "", **changes) -> None:
    """Change the settings in a checkpoint, and leave one out."""
    tensors, description = files.read(folder / MODEL_FILE)
    description["settings"] |= changes
    description["settings"].pop(without, None)
    files.write(folder / MODEL_FILE, tensors, description)


@contextmanager
def at_level(level: str):
    """Let the native engine use the instructions of this level."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (native_library, native_engine):
            patch.setattr(module, "describe_level", lambda: level)
        yield


def test_a_run_keeps_its_engine_and_threads(tmp_path):
    break_off(tmp_path, threads=2)
    model = resume_run(tmp_path)
    assert model.history.changes == ()
    assert {name: model.settings[name] for name in native()} == native(2)
    assert model.parameters_sha256 == train("native", threads=2).parameters_sha256


CHANGES = {
    "engine": (Execution(engine="numpy"), NUMPY),
    "threads": (Execution(engine="native", threads=2), native(2)),
}


@pytest.mark.parametrize(("execution", "after"), CHANGES.values(), ids=CHANGES)
def test_another_execution_is_recorded_and_kept(execution, after, tmp_path):
    break_off(tmp_path)
    with pytest.raises(Stop):
        resume_run(tmp_path, [StopAt(2, 5)], execution=execution)
    model = resume_run(tmp_path)
    record = {"epoch": 1, "step": STEPS + 7, "engine_before": native(), "engine_after": after}
    assert model.history.changes == load(tmp_path).history.changes == (record,)
    assert {name: model.settings[name] for name in after} == after


def test_a_run_with_another_engine_has_the_same_bits_however_often_it_is_interrupted(tmp_path):
    for name in ("once", "twice"):
        break_off(tmp_path / name, "numpy")
    once = resume_run(tmp_path / "once", execution=Execution(engine="native"))
    with pytest.raises(Stop):
        resume_run(tmp_path / "twice", [StopAt(2, 5)], execution=Execution(engine="native"))
    twice = resume_run(tmp_path / "twice")
    assert twice.parameters_sha256 == once.parameters_sha256
    assert without_times(twice) == without_times(once)
    assert twice.history.changes == once.history.changes


def test_both_changes_of_one_resumption_are_recorded(tmp_path):
    break_off(tmp_path)
    model = resume_run(tmp_path, eta=0.005, execution=Execution(engine="numpy"))
    assert [sorted(change) for change in model.history.changes] == [
        ["after", "before", "epoch", "step"],
        ["engine_after", "engine_before", "epoch", "step"],
    ]


@pytest.mark.parametrize("level", LOWER)
def test_other_instructions_are_recorded_and_named_if_their_bits_may_differ(level, tmp_path):
    with at_level(level):
        break_off(tmp_path)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = resume_run(tmp_path)
    (change,) = model.history.changes
    assert (change["engine_before"], change["engine_after"]) == (native(1, level), native())
    if level == "v3":
        assert not caught
        assert model.parameters_sha256 == train("native").parameters_sha256
    else:
        assert f"with the instructions {level} and the native engine uses {HERE} here" in str(caught[0].message)


MISSING = """
import json, sys, warnings
from training.runs import resume_run

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    model = resume_run(sys.argv[1], epochs=5)
warning, = caught
print(json.dumps([str(warning.message), model.history.changes, model.settings["engine"]]))
"""


def test_a_run_resumes_where_there_is_no_native_engine(tmp_path):
    break_off(tmp_path, threads=2)
    message, changes, engine = json.loads(
        read_output(start(MISSING, str(tmp_path), DELTARULE_NATIVE=str(tmp_path / "gone")))
    )
    fault = f"DELTARULE_NATIVE names {tmp_path}/gone, which is no file"
    assert message == (
        f"{tmp_path} was trained with the native engine, which does not work here ({fault}): "
        "it resumes with another engine, with the same result up to rounding"
    )
    assert [(change["engine_before"], change["engine_after"]) for change in changes] == [(native(2), NUMPY)]
    assert engine == "numpy"
    assert resume_run(tmp_path, epochs=6).settings["engine"] == "numpy"  # and it keeps that one


def test_a_run_of_jax_resumes_without_jax(tmp_path, monkeypatch):
    break_off(tmp_path)
    change_settings(tmp_path, engine="jax", level="", threads=2, devices=4)
    monkeypatch.setattr(jax_setup, "find_fault", lambda: "jax is not installed")
    with pytest.warns(UserWarning, match=r"the jax engine, which does not work here \(jax is not installed\)"):
        model = resume_run(tmp_path)
    before = {"engine": "jax", "threads": None, "level": "", "devices": 4}
    assert [(change["engine_before"], change["engine_after"]) for change in model.history.changes] == [
        (before, native())
    ]


def test_a_run_of_a_file_without_a_level_resumes(tmp_path):
    break_off(tmp_path, "numpy")
    change_settings(tmp_path, without="level")
    model = resume_run(tmp_path)
    assert model.history.changes == ()
    assert model.settings["level"] == ""


def test_a_damaged_level_is_refused(tmp_path):
    break_off(tmp_path)
    change_settings(tmp_path, level=4)
    with pytest.raises(FileError, match="'level' must be a text, got 4", check=has(path=MODEL_FILE)):
        resume_run(tmp_path)


def test_every_member_of_an_ensemble_gets_the_new_engine(tmp_path):
    options = {"validation": VALIDATION, "batch_size": 4, "eta": 0.01}
    dr.fit_ensemble(network(), TRAIN, members=2, folder=tmp_path, engine="native", epochs=1, **options)
    ensemble = resume_run(tmp_path, epochs=2, execution=Execution(engine="numpy"))
    assert [model.settings["engine"] for model in ensemble.models] == ["numpy"] * 2
    for model in load(tmp_path).models:
        (change,) = model.history.changes
        assert (change["epoch"], change["step"], change["engine_after"]) == (1, STEPS, NUMPY)


def test_a_resumed_ensemble_keeps_the_engine_of_its_unfinished_members(tmp_path):
    def stop_second(i):
        return [StopAt(1, 5)] if i == 1 else []

    options = {"validation": VALIDATION, "batch_size": 4, "eta": 0.01, "epochs": 3, "engine": "numpy"}
    with pytest.raises(Stop):  # NumPy trains one member after another
        dr.fit_ensemble(
            network(), TRAIN, members=2, folder=tmp_path, checkpoint_every=3, callbacks=stop_second, **options
        )
    with pytest.raises(Stop):
        resume_run(tmp_path, callbacks=[StopAt(2, 5)], execution=Execution(engine="native"))
    ensemble = resume_run(tmp_path)
    assert [model.settings["engine"] for model in ensemble.models] == ["numpy", "native"]
    assert [len(model.history.changes) for model in ensemble.models] == [0, 1]


def test_devices_of_a_run_are_not_counted_if_its_engine_does_not_work(monkeypatch):
    monkeypatch.setattr(jax_setup, "find_fault", lambda: "jax finds no device")
    settings = {"engine": "jax", "threads": 2, "devices": 2, "batch_size": 4}
    execution, notice = read_execution("run", settings)
    assert execution == Execution()
    assert notice.startswith("run was trained with the jax engine, which does not work here (jax finds no device): ")
