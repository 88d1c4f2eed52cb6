"""Cross-validation by the command: what it prints, and the folder of its runs."""

from __future__ import annotations

import pytest

from .conftest import here
from .table_cases import make_prices, make_trees, write

FOLDS = ["train", "--engine", "numpy", "--epochs", 1, "--out", "folds", "--data"]


def test_groups_and_columns_that_are_left_out_are_named():
    rows = [[i + 7, i // 3, i % 5, *row] for i, row in enumerate(make_trees(n=10))]
    table = write("trees.csv", rows, "id forest age species height width")
    ran = here(*FOLDS, table, "--label", "species", "--group", "forest", "--ignore", "age", "--folds", 3)
    assert ran.code == 0
    line = next(line for line in ran.out.splitlines() if "3 folds" in line)
    assert "rows with the same forest stay in one set" in line
    assert all(name in line.split("left out: ")[1] for name in ("id (identifier)", "age"))
    assert "the same 30 rows" not in ran.out


@pytest.mark.parametrize(
    "words", [["show"], ["evaluate"], ["predict"], ["compare", "folds/fold-2"], ["train", "--resume"]]
)
def test_the_folder_of_the_folds_is_refused_with_the_first_of_them(words):
    table = write("trees.csv", make_trees(n=10), "species height width")
    assert here(*FOLDS, table, "--folds", 10).code == 0
    more = [table] if words == ["predict"] else []
    ran = here(*words, "folds", *more)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "error: folds: expected a run, got a folder of 10 runs; give one of them, such as folds/fold-1\n"


@pytest.mark.slow
def test_a_coefficient_that_is_not_defined_is_a_dash_and_null():
    table = write("prices.csv", make_prices(20), "price a b c d")
    single = write("single.csv", make_prices(20)[:1], "price a b c d")
    ran = here("train", "--engine", "numpy", "--epochs", 1, "--data", table, "--test", single, "--out", "run")
    assert "Test: R² –, RMSE " in ran.out
    assert "on the 1 row it was trained on" in ran.out or "on 1 row it never saw" in ran.out
    assert "no better" not in ran.out
    ran = here("evaluate", "run", "--data", single)
    assert ran.out.startswith("R² –, RMSE ")
    assert " on 1 row; cost " in ran.out
    assert here("evaluate", "run", "--data", single, "--json").json["r2"] is None
    assert here("show", "run", "--json").json["notes"]["result"]["test_r2"] is None
    listed = here("runs", ".").out
    assert "nan" not in listed
    ran = here(*FOLDS, table, "--folds", 20)
    assert "1 to test on: R² –, RMSE " in ran.out
    assert "nan" not in ran.out
