"""The comparison of the estimators with scikit-learn: paired rows, equal settings, verdicts and the page."""

from __future__ import annotations

import json

import numpy as np
import pytest
from benchmarks.comparison import Table
from benchmarks.estimators_text import format_page

from benchmarks import estimators

RNG = np.random.default_rng(0)
CLOUDS = Table("clouds", ("a", "b"), RNG.normal(size=(40, 2)), ("target",), np.array(["x", "y"] * 20))
NUMBERS = Table("numbers", ("a",), np.arange(40.0)[:, None], ("target",), np.arange(40.0))


class Fake:
    """An estimator that records the rows it is trained on, and has a fixed score."""

    rows: list[tuple[str, int, bytes]] = []  # noqa: RUF012

    def __init__(self, name: str, score: float, seed: int) -> None:
        self.name, self.fixed, self.seed, self.n_iter_ = name, score, seed, 7

    def __getitem__(self, index):
        return self

    def fit(self, x, y):
        self.rows.append((self.name, self.seed, x.tobytes()))
        return self

    def score(self, x, y):
        return self.fixed + self.seed / 1000


@pytest.mark.parametrize(
    ("table", "ours", "theirs", "met"),
    [
        (CLOUDS, 0.94, 0.95, True),
        (CLOUDS, 0.94, 0.951, False),
        (NUMBERS, 0.48, 0.50, True),
        (NUMBERS, 0.47, 0.5, False),
    ],
)
def test_the_verdict_of_paired_scores(monkeypatch, table, ours, theirs, met):
    scores = {"deltarule": ours, "scikit-learn": theirs}
    monkeypatch.setattr(
        estimators,
        "build_estimators",
        lambda table, seed: {name: lambda name=name: Fake(name, scores[name], seed) for name in scores},
    )
    Fake.rows.clear()
    found = estimators.measure_accuracy(table, [3, 4], table.split)
    assert found["met"] is met
    assert found["difference"] == pytest.approx(ours - theirs)
    first, second, third, fourth = Fake.rows
    assert first[2] == second[2] != third[2] == fourth[2]  # the same rows for both, others for the next seed


def test_both_have_their_defaults_and_the_same_seed():
    ours, theirs = (build()[-1] for build in estimators.build_estimators(CLOUDS, 5).values())
    for one in (ours, theirs):
        defaults = type(one)().get_params(deep=False)
        assert {k: v for k, v in one.get_params(deep=False).items() if v != defaults[k]} == {"random_state": 5}
    regressors = [type(build()[-1]).__name__ for build in estimators.build_estimators(NUMBERS, 0).values()]
    assert regressors == ["NetworkRegressor", "MLPRegressor"]


@pytest.mark.parametrize("solver", estimators.SOLVERS)
def test_the_settings_of_the_speed_are_equal(solver):
    ours, theirs = (build() for build in estimators.build_fast(10, solver, 3, 1).values())
    assert (ours.epochs, ours.eta, ours.batch_size) == (theirs.max_iter, theirs.learning_rate_init, theirs.batch_size)
    assert (theirs.alpha, theirs.momentum, ours.regularizer) == (0.0, 0.0, None)
    assert type(ours.optimizer).__name__.lower() == theirs.solver
    assert ours.hidden_layer_sizes == theirs.hidden_layer_sizes == (100,)


def test_both_run_in_turn_and_the_better_threads_count():
    x, y = RNG.normal(size=(60, 784)).astype(np.float32), np.arange(60) % 10
    job = estimators.measure_speed(x, y, 200, "adam", rounds=2, threads=[1, 2])
    assert job["dtype"] == "float32"
    assert {name: {k: len(v) for k, v in runs.items()} for name, runs in job["runs"].items()} == {
        name: {"1": 2, "2": 2} for name in ("deltarule", "scikit-learn")
    }
    medians = [np.median([t[0] for t in runs]) for runs in job["runs"]["deltarule"].values()]
    assert job["seconds"]["deltarule"] == pytest.approx(min(medians))
    assert job["ratio"] == pytest.approx(job["seconds"]["scikit-learn"] / job["seconds"]["deltarule"])
    assert job["met"] == (job["ratio"] >= 2)


def test_a_table_is_measured_and_the_page_keeps_the_other_results(tmp_path, capsys, monkeypatch):
    results, page = tmp_path / "results.json", tmp_path / "page.md"
    monkeypatch.setattr(estimators, "list_tables", lambda: iter([CLOUDS, NUMBERS]))
    options = estimators.parse_options([], [])
    speed = {"conditions": estimators.describe_conditions(["benchmarks.estimators"], options, 0.25), "jobs": [
        {"batch_size": 10, "solver": "adam", "dtype": "float32", "seconds": {"deltarule": 0.5, "scikit-learn": 5.0},
         "ratio": 10.0, "cpu_ratio": 9.0, "target": 8.0, "met": True}]}  # fmt: skip
    results.write_text(json.dumps({"speed": speed}))
    words = ["--only", "accuracy", "--seeds", "1", "--results", str(results), "--out", str(page)]
    assert estimators.main([*words, "--tables", "clouds"]) == 0
    assert estimators.main([*words, "--tables", "numbers"]) == 0
    kept = json.loads(results.read_text())
    assert [one["name"] for one in kept["accuracy"]["tables"]] == ["clouds", "numbers"]
    assert kept["speed"] == speed
    text = page.read_text(encoding="utf-8")
    assert text == format_page(kept)
    assert "| 10 | Adam | 0.500 s | 5.000 s | 10.0 × | 9.0 × | 8 ×: met |" in text
    assert "| clouds | 40 × 2 | 1 | accuracy | " in text
    assert all(one["conditions"]["command"] in text for one in kept["accuracy"]["tables"])
    assert "clouds" in capsys.readouterr().err


def test_mnist_has_its_own_split_and_pixels_from_0_to_1(mnist):
    table, train = estimators.build_mnist(*mnist)
    assert table.x.dtype == np.float32
    assert (table.x.min(), table.x.max()) == (0.0, 1.0)
    assert len(table.x) == sum(map(len, mnist))
    assert (table.y[len(train) :].astype(int) == mnist[2].y).all()
