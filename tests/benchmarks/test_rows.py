"""The benchmark of an LSTM over the rows of digits: its processes take the same steps, and its section says so."""

from __future__ import annotations

import shlex

import numpy as np
import pytest
from benchmarks.rows_text import judge, lstm

from benchmarks import rows
from deltarule import LSTM, Dense, LastStep, LogLikelihood, Network

RESULTS = [
    {
        "library": "deltarule",
        "form": "native",
        "threads": 1,
        "milliseconds": [2.0, 4.0],
        "cpu_milliseconds": [1.0, 2.0],
    },
    {"library": "deltarule", "form": "numpy", "threads": 1, "milliseconds": [9.0, 9.0], "cpu_milliseconds": [9.0, 9.0]},
    {"library": "PyTorch", "form": "eager", "threads": 1, "milliseconds": [6.0, 8.0], "cpu_milliseconds": [3.0, 5.0]},
]
FOUND = {
    "date": "2026-11-30", "command": "", "cells": 128, "rounds": 2, "torch": "2.13.0",
    "batches": [{"batch_size": 10, "load_before": 9.0, "results": RESULTS}],
}  # fmt: skip


@pytest.fixture
def file(tmp_path):
    rng = np.random.default_rng(0)
    network = Network([LSTM(5), LastStep(), Dense(10)], LogLikelihood(), (28, 28))
    first, _, last = network.init(0)
    images, labels = rng.integers(0, 256, (40, 28, 28), dtype=np.uint8), rng.integers(0, 10, 40)
    np.savez(tmp_path / "rows.npz", x=images, y=labels, **first, w_out=last["w"], b_out=last["b"])
    return tmp_path / "rows.npz"


@pytest.mark.slow
def test_every_engine_takes_its_turns(file):
    forms = [rows.Form("deltarule", name, (2, 2)) for name in ("native", "numpy", "jax")]
    results = rows.measure(10, file, "python", forms, [1], 2)
    assert [result["form"] for result in results] == ["native", "numpy", "jax"]
    assert all(len(result[name]) == 2 for result in results for name in ("milliseconds", "cpu_milliseconds"))


def test_a_process_that_fails_is_named(file):
    with pytest.raises(rows.RowsError, match="deltarule, none"):
        rows.measure(10, file, "python", [rows.Form("deltarule", "none", (2, 2))], [1], 1)


def test_ratios_are_those_of_the_same_round():
    assert rows.compare(RESULTS) == [3.0, 2.0]
    assert rows.compare(RESULTS, "cpu_milliseconds") == [3.0, 2.5]
    assert judge({}) == []


@pytest.mark.parametrize(("cores", "measured"), [(2, "2.8 ×"), (12, "2.5 ×")])
def test_the_verdict_takes_the_clock_unless_the_machine_was_busy(cores, measured):
    ((title, verdict),) = judge({"lstm": FOUND, "machine": {"cores": cores}})
    assert title.endswith("mini-batch 10")
    assert (verdict.word, verdict.texts[2]) == ("target met", measured)


@pytest.mark.parametrize(
    "command",
    [
        "python -m benchmarks.rows --rounds 9",
        "python -m benchmarks.rows --rounds 9 --threads 1 2 --forms native 'eager, batch first'",
    ],
)
def test_the_stored_command_repeats_the_run(command):
    options = rows.make_parser().parse_args(shlex.split(command)[3:])
    assert rows.write_command(options) == command


def test_the_section_says_that_the_machine_was_busy():
    text = lstm({"lstm": FOUND, "machine": {"cores": 2}})
    assert "was 9, on 2 cores" in text
    assert "| 10 | of the processor | 2.75 | 2.50–3.00 |" in text
    assert "busy" not in lstm({"lstm": FOUND, "machine": {"cores": 12}})
