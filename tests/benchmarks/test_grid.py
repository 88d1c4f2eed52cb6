"""The grid of dense networks: turns between processes, and ratios of its cells."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from benchmarks.contenders import OWN, TODAY
from benchmarks.grid_summary import find_ratio, judge_grid
from benchmarks.jobs import BATCHES, GRID, TURNS

from benchmarks import grid

CHILD = """
import json, sys, time
request, seconds = json.loads(sys.argv[1]), []
for turn in range({turns}):
    print("ready", flush=True)
    sys.stdin.readline()
    with open({log!r}, "a") as log:
        log.write(f"{{request['threads']}} starts\\n")
        time.sleep(0.01)
        log.write(f"{{request['threads']}} ends\\n")
    seconds.append(turn * request["threads"])
print(json.dumps({{"seconds": seconds}}))
"""


def test_processes_take_turns_and_the_better_number_of_threads_counts(tmp_path, monkeypatch):
    log = tmp_path / "log"
    code = CHILD.format(turns=TURNS, log=str(log))
    monkeypatch.setattr(grid, "make_command", lambda request: [sys.executable, "-c", code, request.to_json()])
    cell = grid.measure(replace(GRID[0], contenders=(OWN,)), [2, 1], None)
    assert cell["results"] == [{"name": OWN, "group": "", "threads": 1, "seconds": [1, 2, 3, 4, 5]}]
    lines = log.read_text().splitlines()
    assert len(lines) == 4 * TURNS
    assert lines[:8] == [f"{n} {what}" for n in (2, 1, 1, 2) for what in ("starts", "ends")]


def test_a_process_that_fails_loses_no_other(tmp_path, monkeypatch):
    code = CHILD.format(turns=TURNS, log=str(tmp_path / "log"))

    def make_command(request):
        return [sys.executable, "-c", code if request.contender == OWN else "print(1 / 0)", request.to_json()]

    monkeypatch.setattr(grid, "make_command", make_command)
    own, before = grid.measure(replace(GRID[0], contenders=(OWN, TODAY)), [1], None)["results"]
    assert own["seconds"] == [1, 2, 3, 4, 5]
    assert before["error"] == "the process ended with 1: ZeroDivisionError: division by zero"


def cell(name, **seconds):
    groups = {"eager": "pytorch", "compiled": "pytorch"}
    results = [
        {"name": name.replace("_", "-"), "group": groups.get(name, ""), "threads": 1, "seconds": each}
        for name, each in seconds.items()
    ]
    return {"name": name, "title": name, "examples": 100, "results": results}


def test_a_ratio_is_the_median_of_those_of_the_turns_with_the_fastest_form():
    one = cell("grid-30-1", eager=[9.0, 9.0, 9.0], compiled=[4.0, 6.0, 5.0])
    one["results"].append({"name": OWN, "group": "", "threads": 2, "seconds": [2.0, 2.0, 1.0]})
    assert find_ratio(one, "pytorch") == 3.0  # of 2, 3 and 5
    assert find_ratio(one, TODAY) is None


def test_the_worst_cell_is_judged():
    cells = []
    for seconds in ([3.0], [2.0]):
        one = cell("grid-30-1", compiled=[1.8])
        one["results"] += [
            {"name": TODAY, "group": "", "threads": 1, "seconds": seconds},
            {"name": OWN, "group": "", "threads": 1, "seconds": [2.0]},
        ]
        cells.append(one)
    before, peer = judge_grid({"cells": cells})
    assert (before.measured, before.word) == (1.0, "target met")
    assert (peer.measured, peer.word) == (0.9, "goal missed")
    assert judge_grid(None) == []


def test_the_report_has_a_row_for_each_number_of_neurons():
    from benchmarks.grid_summary import grid as render_grid

    one = cell("grid-300-10", compiled=[0.4])
    one["results"].append({"name": OWN, "group": "", "threads": 2, "seconds": [0.2]})
    text = render_grid({"grid": {"date": "2026-01-31", "turns": 1, "cells": [one]}})
    assert f"| 300 | – | 2e+03 (2) |{' – |' * (len(BATCHES) - 2)}" in text
    assert "| 300 | – | 2.00 | – | – |" in text


@pytest.mark.parametrize("job", GRID, ids=lambda job: job.name)
def test_an_epoch_of_a_cell_has_only_whole_mini_batches(job):
    assert job.examples > 0
    assert job.examples % job.recipe.training.batch_size == 0
