"""Several devices and several processes share each mini-batch, and come to what one of them alone comes to."""

from __future__ import annotations

import re
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from shutil import copytree

import pytest

from deltarule.engines import devices
from deltarule.engines.execution import Execution
from deltarule.errors import FileError, InvalidArgument
from deltarule.models.files import MODEL_FILE
from deltarule.models.loading import load
from deltarule.training.devices import read_execution
from deltarule.training.fit import fit

from .runs import TRAIN, about, go_on, network, start, train

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

GO_ON = """
import sys
from deltarule import Execution
from training.runs import go_on

go_on(sys.argv[1], epochs=3, execution={given}).save(sys.argv[2])
"""


def started(folder, given: str, number: int = 0, program: str = PROGRAM, **environment: str) -> subprocess.Popen[str]:
    return start(
        program.format(given=given), str(folder / f"run{number}"), str(folder / f"{number}.model"), **environment
    )


def said(process: subprocess.Popen[str]) -> str:
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


def test_several_devices_come_to_what_one_comes_to(tmp_path):
    """With dropout, Adam, weight decay, and a last mini-batch of two examples, too few for four devices."""
    run = started(tmp_path, "devices=4", XLA_FLAGS="--xla_force_host_platform_device_count=4")
    assert said(run).count("Epoch") == 2
    model = load(tmp_path / "0.model")
    assert distance(model, alone()) < 1e-9
    assert model.history["validation_accuracy"] == alone().history["validation_accuracy"]
    assert model.settings["devices"] == 4


def test_two_processes_come_to_what_one_comes_to_and_the_first_alone_writes(tmp_path):
    meeting = f'coordinator="127.0.0.1:{free_port()}", processes=2'
    second, first = (started(tmp_path, f"{meeting}, process={i}", number=i) for i in (1, 0))
    assert said(first).count("Epoch") == 2
    assert said(second).count("Epoch") == 0
    assert not (tmp_path / "run1").exists()
    models = [load(tmp_path / name) for name in ("0.model", "1.model", "run0")]
    assert len({model.parameters_sha256 for model in models}) == 1
    assert distance(models[0], alone()) < 1e-9


def test_a_run_goes_on_with_as_many_devices_or_with_those_that_are_here(tmp_path):
    two = {"XLA_FLAGS": "--xla_force_host_platform_device_count=2"}
    said(started(tmp_path, "devices=2", **two))
    for name in ("run1", "run2", "here"):
        copytree(tmp_path / "run0", tmp_path / name)
    with pytest.warns(UserWarning, match=r"here was trained by 2 devices, of which 1 is here: it goes on with 1"):
        here = go_on(tmp_path / "here", epochs=3)
    said(started(tmp_path, "None", program=GO_ON, number=1, **two))
    meeting = f'coordinator="127.0.0.1:{free_port()}", processes=2'
    before = (tmp_path / "run2" / MODEL_FILE).read_bytes()
    both = [started(tmp_path, f"Execution({meeting}, process={i})", number=2 * i, program=GO_ON) for i in (1, 0)]
    assert [said(process).count("Epoch") for process in both] == [0, 0]
    assert (tmp_path / "run2" / MODEL_FILE).read_bytes() == before
    models = [here, *(load(tmp_path / name) for name in ("here", "0.model", "1.model", "2.model", "run0", "run1"))]
    assert [model.settings["devices"] for model in models] == [1, 1, 2, 2, 2, 2, 2]
    assert max(distance(model, alone(3)) for model in models) < 1e-9


def test_who_shares_a_run_that_goes_on(monkeypatch):
    settings = {"engine": "jax", "threads": 2, "batch_size": 12}
    for before, here, now in (
        (1, 4, Execution(engine="jax", threads=2)),
        (4, 8, Execution(engine="jax", devices=4)),
        (4, 3, Execution(engine="jax", devices=3)),
        (6, 5, Execution(engine="jax", devices=4)),  # which divide a mini-batch of 12
        (4, 1, Execution(engine="jax")),
    ):
        monkeypatch.setattr("deltarule.training.devices.count_local_devices", lambda here=here: here)
        execution, news = read_execution("run", {**settings, "devices": before})
        assert execution == now
        assert bool(news) == (now.devices < before)
    for damaged in ({}, {"devices": "2"}, {"devices": 0}, {"devices": 1.5}, {"devices": 1, "engine": "torch"}):
        with pytest.raises(FileError, match="settings are damaged") as caught:
            read_execution("run", {**settings, **damaged})
        assert str(caught.value.path).startswith("run")


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
    ids=["too few devices", "nobody there", "alone"],
)
def test_what_is_not_there_is_said_and_nothing_hangs(given, reason, tmp_path):
    answer = said(started(tmp_path, given.format(port=free_port())))
    assert re.match(f"refused: .*{reason}", answer), answer
    assert not list(tmp_path.iterdir())


def test_processes_that_disagree_about_their_number(tmp_path):
    port = free_port()
    given = [f'coordinator="127.0.0.1:{port}", processes={n}, process={i}' for i, n in ((0, 2), (1, 4))]
    first, second = (started(tmp_path, one, number=i) for i, one in enumerate(given))
    assert "got a process with number 1 of 4" in said(first)
    assert "they disagree about their number" in said(second)


def test_processes_that_disagree_about_their_devices():
    meeting = f"127.0.0.1:{free_port()}"
    first, second = (Execution(devices=2 - i, coordinator=meeting, processes=2, process=i) for i in (0, 1))
    other = ThreadPoolExecutor(1).submit(devices._announce, second)
    with pytest.raises(InvalidArgument, match="got 2 in process 0 and 1 in process 1", check=about("devices", 2)):
        devices._wait_for_all(first)
    with pytest.raises(InvalidArgument, match="disagree about their number or that of their devices"):
        other.result(60)


def test_processes_that_disagree_about_their_settings_say_so_and_end(tmp_path):
    meeting = f'coordinator="127.0.0.1:{free_port()}", processes=2'
    given = [f"{meeting}, process={i}, seed={i}, eta=0.{i + 1}" for i in (0, 1)]
    both = [started(tmp_path, one, number=i) for i, one in enumerate(given)]
    for process in both:
        assert re.search(
            r"refused: the processes differ in eta \(.*, seed \(process 0 has 0, process 1 has 1\)", said(process)
        )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"devices": 0}, "devices of Execution: expected a whole number from 1, got 0"),
        ({"devices": 3}, "devices: expected at most 1, "),
        ({"devices": 3, "engine": "numpy"}, "engine: expected 'jax' or 'auto' for several devices or processes"),
        (
            {"devices": 3, "processes": 2, "coordinator": "a:1"},
            "batch_size: expected a multiple of 6, to be divided evenly over 6 devices, got 10; take 6 or 12",
        ),
        ({"processes": 2}, 'coordinator: expected "host:port", where process 0 runs, for several processes'),
        ({"process": 1}, "process: expected a number from 0 to 0, as there are 1 processes, got 1; give processes"),
        ({"coordinator": "a:1"}, 'coordinator: expected "host:port", where process 0 runs, for several processes, and'),
        ({"coordinator": "a:1", "process": 1}, "process: expected a number from 0 to 0"),
        ({"coordinator": 5000, "processes": 2}, 'coordinator: expected "host:port", such as'),
        (
            {"processes": 2, "process": 2, "coordinator": "a:1"},
            "process: expected a number from 0 to 1, as there are 2",
        ),
        ({"processes": 2, "coordinator": "there"}, 'coordinator: expected "host:port"'),
        ({"devices": 2, "engine": "numpy"}, "engine: expected 'jax' or 'auto' for several devices or processes"),
        ({"devices": 2, "engine": "jax", "threads": 1}, "threads: expected no number of threads"),
    ],
    ids=str,
)
def test_what_cannot_be_meant(given, reason):
    with pytest.raises(InvalidArgument, match=re.escape(reason)):
        fit(network(), TRAIN, epochs=1, **given)


@pytest.mark.parametrize(("n", "remedy"), [(3, "take 9 or 12"), (12, "take 12")])
def test_a_mini_batch_that_the_devices_cannot_divide(n, remedy, monkeypatch):
    monkeypatch.setattr("deltarule.engines.jax_engine.build_mesh", lambda execution: None)  # as if they were here
    with pytest.raises(InvalidArgument, match=f"evenly over {n} devices, got 10; {remedy}$", check=about("batch_size")):
        fit(network(), TRAIN, epochs=1, devices=n)


def test_how_many_there_are():
    three = Execution(devices=2, coordinator="a:1", processes=3, process=2)
    assert (Execution().is_distributed, Execution(devices=2).total, three.total) == (False, 2, 6)
