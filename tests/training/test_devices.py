"""Several devices and several processes share each mini-batch, and come to what one of them alone comes to."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from deltarule.engines import devices
from deltarule.engines.devices import Spread
from deltarule.errors import UsageError
from deltarule.models.model import load
from deltarule.training.fit import fit

from .runs import TRAIN, network, train

PROGRAM = """
import sys
from deltarule import Checkpoint, Interrupted, Monitor, Progress, UsageError, fit
from deltarule.engines import devices
from training.runs import TRAIN, VALIDATION, train

devices.PATIENCE = 1.5
given = dict(engine="jax", epochs=2, dtype="float64", {given})
try:
    train(callbacks=[Progress(), Checkpoint(sys.argv[1], 3)], **given).save(sys.argv[2])
except UsageError as error:
    print("refused:", error)
"""


def started(folder, given: str, number: int = 0, **environment: str) -> subprocess.Popen[str]:
    program = PROGRAM.format(given=given)
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", program, str(folder / f"run{number}"), str(folder / f"{number}.model")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(__file__)), **environment},
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


def alone():
    return train("numpy", epochs=2, dtype="float64")


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


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("devices=2", r"devices 2: JAX finds 1 cpu device; with XLA_FLAGS=--xla_force_host_platform_device_count=2"),
        ('coordinator="127.0.0.1:{port}", processes=2, process=1', r"not reached within 2 s .*: is process 0 running"),
        ('coordinator="127.0.0.1:{port}", processes=4', r"process 1, 2, 3 of 4 did not come within 2 s: start all"),
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
    assert "came as number 1 of 4" in said(first)
    assert "they disagree about their number" in said(second)


def test_processes_that_disagree_about_their_devices():
    meeting = f"127.0.0.1:{free_port()}"
    first, second = (Spread(2 - i, meeting, 2, i) for i in (0, 1))
    other = ThreadPoolExecutor(1).submit(devices._announce, second)
    with pytest.raises(UsageError, match=r"^devices 2: process 1 has devices 1; give all processes the same$"):
        devices._wait_for_all(first)
    with pytest.raises(UsageError, match="disagree about their number or that of their devices"):
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
        ({"devices": 0}, "devices 0: give a whole number from 1"),
        ({"devices": 3}, "batch_size 10 cannot be divided evenly over 3 devices: take 9 or 12"),
        ({"devices": 12}, "batch_size 10 cannot be divided evenly over 12 devices: take 12"),
        ({"processes": 2}, 'processes 2: give coordinator="host:port"'),
        ({"process": 1}, "process 1: it is for several processes, and processes is 1: give processes=2 or more"),
        ({"coordinator": "a:1"}, "coordinator 'a:1': it is for several processes, and processes is 1: give"),
        ({"coordinator": "a:1", "process": 1}, "process 1: it is for several processes"),
        ({"coordinator": 5000, "processes": 2}, 'coordinator 5000: give "host:port", such as'),
        ({"processes": 2, "process": 2, "coordinator": "a:1"}, "process 2: 2 processes are numbered 0 to 1"),
        ({"processes": 2, "coordinator": "there"}, "coordinator 'there': give \"host:port\""),
        ({"devices": 2, "engine": "numpy"}, "several devices or processes need the jax engine"),
        ({"devices": 2, "engine": "jax", "threads": 1}, "threads 1: with several devices or processes"),
    ],
    ids=str,
)
def test_what_cannot_be_meant(given, reason):
    with pytest.raises(UsageError, match=re.escape(reason)):
        fit(network(), TRAIN, epochs=1, **given)


def test_how_many_there_are():
    assert (Spread().several, Spread(2).total, Spread(2, "a:1", 3, 2).total) == (False, 2, 6)
