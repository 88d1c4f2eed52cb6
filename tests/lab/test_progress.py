"""Figures, curves and status lines of the page Train."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deltarule.lab import training_figures, training_form
from deltarule.lab.learner import Learner, Rates, Snapshot
from deltarule.lab.run_views import describe_curves, describe_status


def write_table(folder: Path) -> str:
    """Write a table of numbers, and return its path."""
    rng = np.random.default_rng(0)
    path = folder / "table.csv"
    rows = rng.normal(size=(60, 5))
    lines = [",".join(map(str, [int(row[0] > 0), *row])) for row in rows.round(3)]
    path.write_text("\n".join(["label,a,b,c,d,e", *lines]), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("data", ["images", "a table"])
@pytest.mark.parametrize("layers", ["30 hidden neurons", "no hidden layer"])
def test_first_weights_are_one_image(data: str, layers: str, tmp_path: Path) -> None:
    source = "digits" if data == "images" else write_table(tmp_path)
    job = training_form.build_job(source, training_form.NETWORKS[layers], "softmax", "SGD", 10, 1, epochs=1)
    learner = Learner(job)
    learner.start()
    model = learner.wait(60).model
    assert model is not None
    page = training_figures.render_first_weights(model)
    assert page.count("<img") == 1
    assert "weights of the first neurons" in page


DONE = Snapshot("done", epoch=2, steps=300, rates=(Rates(0.5),))
LINES = {
    "the rates used, not those set": (DONE, Rates(5.0), "^epoch 2, 300 mini-batches · η 0.5, λ 0$"),
    "paused, other rates": (replace(DONE, status="paused"), Rates(5.0), "η 0.5, λ 0 · next η 5, λ 0$"),
    "paused": (replace(DONE, status="paused"), Rates(0.5), "η 0.5, λ 0$"),
    "five rates": (replace(DONE, rates=tuple(map(Rates, (0.5, 0.7, 1, 1.5, 2)))), Rates(5.0), "η 0.5 → … → 2, λ 0$"),
    "just started": (Snapshot("preparing"), Rates(0.7), "^$"),
    "a cost between epochs": (replace(DONE, costs=((0, 2.0), (10, 0.5))), Rates(0.5), "300 .* · cost 0.5 · η"),
}  # fmt: skip


@pytest.mark.parametrize("case", LINES)
def test_a_status_line_has_figures_and_rates(case: str) -> None:
    snapshot, rates, pattern = LINES[case]
    found = describe_status(snapshot, rates.eta, rates.lmbda, "a run")
    assert (found["name"], found["status"]) == ("a run", snapshot.status)
    assert re.search(pattern, found["line"])


def test_curves_are_plain_json_by_epoch_from_1() -> None:
    records = [
        {"epoch": i, "validation_accuracy": 0.9, "training_accuracy": 0.8, "validation_cost": float("inf"),
         "training_cost": 1.0, "gradient_norms": [0.5, 0.25]} for i in range(2)
    ]  # fmt: skip
    found = json.loads(
        json.dumps(describe_curves("run", 1, records, ((0, 2.0), (50, float("nan"))), 100), allow_nan=False)
    )
    assert found["score"] == {"validation": [[1, 90.0], [2, 90.0]], "training": [[1, 80.0], [2, 80.0]]}
    assert found["cost"]["validation"] == [[1, None], [2, None]]
    assert found["probe"] == [[0.0, 2.0], [0.5, None]]
    assert found["norms"] == [[[1, 0.5], [2, 0.5]], [[1, 0.25], [2, 0.25]]]
    assert len(describe_curves("long", 1, 999 * records[:1])["score"]["validation"]) <= 200
