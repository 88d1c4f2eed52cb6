"""Figures of small work, and of several networks at once."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from benchmarks.sections import many as render_many
from benchmarks.sections import startup as render_startup
from benchmarks.sections import targets

from benchmarks import many, startup
from deltarule import Dataset


def test_a_command_is_timed_to_its_end_or_to_a_line(tmp_path):
    code = "import time; print('Epoch 1', flush=True); time.sleep(60)"
    assert startup.time_command([sys.executable, "-c", code], tmp_path, "Epoch ")["seconds"] < 50
    assert startup.time_command([sys.executable, "-c", "print('Epoch 1')"], tmp_path)["seconds"] > 0


@pytest.mark.parametrize(("code", "until"), [("print(1 / 0)", ""), ("print('ready')", "Epoch ")])
def test_a_command_that_fails_is_reported(code, until, tmp_path):
    with pytest.raises(startup.StartupError, match=r"expected .-c print"):
        startup.time_command([sys.executable, "-c", code], tmp_path, until)


def test_ways_take_turns_after_a_first_round_that_does_not_count():
    order = []

    def way(name):
        return lambda: order.append(name) or {"seconds": float(len(order))}

    found = startup.take_turns({"a": way("a"), "b": way("b")}, 2)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert found == {"a": [{"seconds": 4.0}, {"seconds": 5.0}], "b": [{"seconds": 3.0}, {"seconds": 6.0}]}


def replies(*seconds, **more):
    return [{"seconds": s, **more} for s in seconds]


@pytest.fixture
def measured():
    figures = {
        "import": {
            "import deltarule": replies(0.1, 0.3, memory=40_000_000),
            "import numpy": replies(0.1, 0.2, memory=26_000_000),
        },
        "predict": {"now": replies(0.5, 0.5), "before": replies(0.9, 1.1)},
        "demo": {"now": replies(1.0, 1.0), "before": replies(3.0, 4.0)},
        "fit": {"native engine": replies(0.004, 0.005)},
    }
    return {"jobs": [], "startup": {"date": "2026-01-31", "figures": figures}}


def test_small_work_is_judged_by_ratios_of_the_same_round(measured):
    text = targets(measured)
    assert "| `import deltarule` | time, relative to `import numpy` | 1.3 × | 1.0 × | 1.2 × | target met |" in text
    assert (
        "| `import deltarule` | more memory than `import numpy` | 15.00 MB | 0.00 MB | 14.00 MB | target met |" in text
    )
    assert "faster than before | 2.0 × | 4.0 × | 2.0 × | target met |" in text
    assert "faster than before | 4.0 × | 4.0 × | 3.5 × | missed |" in text
    assert "fixed cost | 5.00 ms | 5.00 ms | 4.50 ms | stretch target met |" in text


def test_the_report_has_each_way(measured):
    text = render_startup(measured)
    assert "| `import deltarule` | import numpy | 150.0 | 100.0–200.0 | 26.0 MB |" in text


def test_networks_at_once_are_those_of_single_runs(monkeypatch):
    monkeypatch.setattr(many, "ENGINE", "numpy")
    monkeypatch.setattr(many, "SIZES", (16, 5, 10))
    rng = np.random.default_rng(0)
    train = Dataset(rng.integers(0, 256, (40, 4, 4), dtype=np.uint8), np.arange(40) % 10, "noise", 255.0)
    found = many.measure(train, members=3, epochs=1, rounds=2)
    assert found["same_bytes"]
    assert [len(times) for times in found["seconds"].values()] == [2, 2, 2]
    text = render_many({"many": {"date": "2026-01-31", "groups": [found]}})
    assert "| 3 | at once |" in text
    assert "bitwise equal" in text
