"""Several devices and processes share each mini-batch, with the same result as one alone."""

from __future__ import annotations

import re
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from shutil import copytree

import pytest
from tests.fields import has

from deltarule.engines import devices
from deltarule.engines.execution import Execution
from deltarule.errors import FileError, InvalidArgument
from deltarule.models.files import MODEL_FILE
from deltarule.models.loading import load
from deltarule.training.devices import read_execution
from deltarule.training.fit import fit

from .runs import TRAIN, about, network, resume_run, start, train

PROGRAM = """
import sys
from deltarule import fit
from deltarule.callbacks import Checkpoint, Monitor, Progress
from deltarule.errors import Interrupted, InvalidArgument
from deltarule.engines import devices
from training.runs import TRAIN, VALIDATION, train

devices.PATIENCE = 1.5
given = dict(engine="jax", epochs=2, dtype="float64", {given})
try:
    train(callbacks=[Progress(), Checkpoint(sys.argv[1], 3)], **given).save(sys.argv[2])
except InvalidArgument as error:
    print("refused:", error)
"""

RESUME = """
import sys
from deltarule import Execution
from training.runs import resume_run

resume_run(sys.argv[1], epochs=3, execution={given}).save(sys.argv[2])
"""


def start_training(
    folder, given: str, number: int = 0, program: str = PROGRAM, **environment: str
) -> subprocess.Popen[str]:
    return start(
        program.format(given=given), str(folder / f"run{number}"), str(folder / f"{number}.model"), **environment
    )


def read_output(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def distance(mine, other) -> float:
    return max(
        float(abs(p[name] - q[name]).max() / abs(q[name]).max())
        for p, q in zip(mine.params, other.params, strict=True)
        for name in p
    )


def alone(epochs: int = 2):
    return train("numpy", epochs=epochs, dtype="float64")


@pytest.mark.slow
def test_several_devices_give_the_result_of_one(tmp_path):
    """Train with dropout, Adam, weight decay, and a last mini-batch of two examples for four devices."""
    run = start_training(tmp_path, "devices=4", XLA_FLAGS="--xla_force_host_platform_device_count=4")
    assert read_output(run).count("Epoch") == 2
    model = load(tmp_path / "0.model")
    assert distance(model, alone()) < 1e-9
    assert model.history["validation_accuracy"] == alone().history["validation_accuracy"]
    assert model.settings["devices"] == 4


@pytest.mark.slow
def test_two_processes_give_the_result_of_one_and_only_the_first_writes(tmp_path):
    meeting = f'coordinator="127.0.0.1:{free_port()}", processes=2'
    second, first = (start_training(tmp_path, f"{meeting}, process={i}", number=i) for i in (1, 0))
    assert read_output(first).count("Epoch") == 2
    assert read_output(second).count("Epoch") == 0
    assert not (tmp_path / "run1").exists()
    models = [load(tmp_path / name) for name in ("0.model", "1.model", "run0")]
    assert len({model.parameters_sha256 for model in models}) == 1
    assert distance(models[0], alone()) < 1e-9


@pytest.mark.slow
def test_a_run_resumes_on_as_many_devices_or_on_those_available(tmp_path):
    two = {"XLA_FLAGS": "--xla_force_host_platform_device_count=2"}
    read_output(start_training(tmp_path, "devices=2", **two))
    for name in ("run1", "run2", "here"):
        copytree(tmp_path / "run0", tmp_path / name)
    with pytest.warns(UserWarning, match="2 devices and this machine has 1"):
        here = resume_run(tmp_path / "here", epochs=3)
    read_output(start_training(tmp_path, "None", program=RESUME, number=1, **two))
    meeting = f'coordinator="127.0.0.1:{free_port()}", processes=2'
    before = (tmp_path / "run2" / MODEL_FILE).read_bytes()
    both = [
        start_training(tmp_path, f"Execution({meeting}, process={i})", number=2 * i, program=RESUME) for i in (1, 0)
    ]
    assert [read_output(process).count("Epoch") for process in both] == [0, 0]
    assert (tmp_path / "run2" / MODEL_FILE).read_bytes() == before
    models = [here, *(load(tmp_path / name) for name in ("here", "0.model", "1.model", "2.model", "run0", "run1"))]
    assert [model.settings["devices"] for model in models] == [1, 1, 2, 2, 2, 2, 2]
    assert max(distance(model, alone(3)) for model in models) < 1e-9


def test_read_execution_takes_the_devices_available(monkeypatch):
    settings = {"engine": "jax", "threads": 2, "batch_size": 12}
    for before, here, now in (
        (1, 4, Execution(engine="jax", threads=2)),
        (4, 8, Execution(engine="jax", devices=4)),
        (4, 3, Execution(engine="jax", devices=3)),
        (6, 5, Execution(engine="jax", devices=4)),  # 4 divides a mini-batch of 12, 5 does not
        (4, 1, Execution(engine="jax")),
    ):
        monkeypatch.setattr("deltarule.training.devices.count_local_devices", lambda here=here: here)
        execution, notice = read_execution("run", {**settings, "devices": before})
        assert execution == now
        assert bool(notice) == (now.devices < before)
    for damaged in ({}, {"devices": "2"}, {"devices": 0}, {"devices": 1.5}, {"devices": 1, "engine": "torch"}):
        with pytest.raises(FileError, check=has(path=MODEL_FILE)):
            read_execution("run", {**settings, **damaged})


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("devices=2", r"devices: expected at most 1, .* got 2; .*XLA_FLAGS=--xla_force_host_platform_device_count=2"),
        (
            'coordinator="127.0.0.1:{port}", processes=2, process=1',
            r"coordinator: .* was not reached within 2 s .* process 0 runs",
        ),
        (
            'coordinator="127.0.0.1:{port}", processes=4',
            r"coordinator: process 1, 2, 3 of 4 did not come .*within 2 s; start all",
        ),
    ],
    ids=["too few devices", "no process 0", "alone"],
)
@pytest.mark.slow
def test_missing_devices_and_processes_are_reported_without_hanging(given, reason, tmp_path):
    output = read_output(start_training(tmp_path, given.format(port=free_port())))
    assert re.match(f"refused: .*{reason}", output), output
    assert not list(tmp_path.iterdir())


def test_processes_must_have_the_same_number_of_processes(tmp_path):
    port = free_port()
    given = [f'coordinator="127.0.0.1:{port}", processes={n}, process={i}' for i, n in ((0, 2), (1, 4))]
    first, second = (start_training(tmp_path, one, number=i) for i, one in enumerate(given))
    assert "got a process with number 1 of 4" in read_output(first)
    assert "the processes differ in processes" in read_output(second)


def test_processes_must_have_the_same_number_of_devices():
    meeting = f"127.0.0.1:{free_port()}"
    first, second = (Execution(devices=2 - i, coordinator=meeting, processes=2, process=i) for i in (0, 1))
    other = ThreadPoolExecutor(1).submit(devices._announce, second)
    with pytest.raises(InvalidArgument, match="got 2 in process 0 and 1 in process 1", check=about("devices", 2)):
        devices._wait_for_all(first)
    with pytest.raises(InvalidArgument, match="differ in processes or devices", check=about("coordinator")):
        other.result(60)


@pytest.mark.slow
def test_processes_with_different_settings_report_them_and_end(tmp_path):
    meeting = f'coordinator="127.0.0.1:{free_port()}", processes=2'
    given = [f"{meeting}, process={i}, seed={i}, eta=0.{i + 1}" for i in (0, 1)]
    both = [start_training(tmp_path, one, number=i) for i, one in enumerate(given)]
    for process in both:
        assert re.search(r"refused: .* eta \(.*, seed \(process 0 has 0, process 1 has 1\)", read_output(process))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ({"devices": 0}, "devices"),
        ({"devices": 3}, "devices"),
        ({"devices": 3, "engine": "numpy"}, "engine"),
        ({"devices": 3, "processes": 2, "coordinator": "a:1"}, "batch_size"),
        ({"processes": 2}, "coordinator"),
        ({"process": 1}, "process"),
        ({"coordinator": "a:1"}, "coordinator"),
        ({"coordinator": "a:1", "process": 1}, "process"),
        ({"coordinator": 5000, "processes": 2}, "coordinator"),
        ({"processes": 2, "process": 2, "coordinator": "a:1"}, "process"),
        ({"processes": 2, "coordinator": "there"}, "coordinator"),
        ({"devices": 2, "engine": "numpy"}, "engine"),
        ({"devices": 2, "engine": "jax", "threads": 1}, "threads"),
    ],
    ids=str,
)
def test_fit_refuses_invalid_executions(given, argument):
    with pytest.raises(InvalidArgument, check=about(argument)):
        fit(network(), TRAIN, epochs=1, **given)


@pytest.mark.parametrize(("n", "remedy"), [(3, "9 or 12"), (12, "12")])
def test_the_devices_must_divide_a_mini_batch(n, remedy, monkeypatch):
    monkeypatch.setattr(
        "deltarule.engines.jax_engine.build_mesh", lambda execution: None
    )  # as if there were so many devices
    with pytest.raises(InvalidArgument, match=f"{remedy}$", check=about("batch_size", 10)):
        fit(network(), TRAIN, epochs=1, devices=n)


def test_the_total_number_of_devices():
    three = Execution(devices=2, coordinator="a:1", processes=3, process=2)
    assert (Execution().is_distributed, Execution(devices=2).total, three.total) == (False, 2, 6)
