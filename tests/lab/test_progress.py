"""Figures and status lines of the page Train."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deltarule.lab import progress, training_figures, training_form
from deltarule.lab.learner import Learner, Rates, Snapshot


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
STATUS = {
    "the rates used, not those set": (DONE, Rates(5.0), "", "<strong>done</strong> · epoch 2, 300 .*η 0.5, λ 0<"),
    "the name of a run": (DONE, Rates(0.5), "run 2", ">run 2 · <strong>done"),
    "paused, other rates": (replace(DONE, status="paused"), Rates(5.0), "", "η 0.5, λ 0 · continues with η 5, λ 0<"),
    "paused": (replace(DONE, status="paused"), Rates(0.5), "", "η 0.5, λ 0<"),
    "five rates": (replace(DONE, rates=tuple(map(Rates, (0.5, 0.7, 1, 1.5, 2)))), Rates(5.0), "",
                   "η 0.5 → … → 2, λ 0<"),
    "just started": (Snapshot("training"), Rates(0.7), "", "<strong>training</strong> · starting · .*η 0.7, λ 0<"),
    "stopped before the start": (Snapshot("done"), Rates(0.7), "", "<strong>done</strong> · η 0.7, λ 0<"),
    "failed": (replace(DONE, status="failed", problem="<w>"), Rates(9.0), "run 1",
                         'role="alert">run 1 · <strong>failed</strong>.*η 0.5, λ 0 · &lt;w&gt;<'),
}  # fmt: skip


@pytest.mark.parametrize("case", STATUS)
def test_a_status_line_has_name_status_and_rates(case: str) -> None:
    snapshot, rates, name, pattern = STATUS[case]
    assert re.search(pattern, progress.format_status(snapshot, rates, name))


def test_the_legend_names_two_runs_with_their_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    records = ({"epoch": 0, "validation_accuracy": 0.9, "training_accuracy": 0.9,
                "validation_cost": 1.0, "training_cost": 1.0},)  # fmt: skip
    legends: list[list[str]] = []
    monkeypatch.setattr(
        training_figures.html,
        "render_figure",
        lambda figure: legends.append(figure.axes[0].get_legend_handles_labels()[1]) or "",
    )
    one = replace(DONE, records=records)
    training_figures.plot_curves({"": one})
    training_figures.plot_curves({"run 1": one, "run 2": Snapshot("training")})
    training_figures.plot_curves({"run 1": one, "run 2": replace(one, rates=(Rates(0.5), Rates(5.0, 1.0)))})
    assert legends == [
        ["validation", "training"],
        ["run 1, η 0.5, λ 0: validation", "run 1, η 0.5, λ 0: training"],
        [
            "run 1, η 0.5, λ 0: validation",
            "run 1, η 0.5, λ 0: training",
            "run 2, η 0.5 → 5, λ 0 → 1: validation",
            "run 2, η 0.5 → 5, λ 0 → 1: training",
        ],
    ]


def test_buttons_without_effect_say_why() -> None:
    learner = Learner(training_form.build_job("digits", ["Output"], "softmax", "SGD", 10, 1))
    assert "press start" in progress.explain_unavailable([])
    assert progress.explain_unavailable([learner]) == ""
    learner.stop()
    assert "This run has ended" in progress.explain_unavailable([learner])
    assert progress.name_runs([learner]) == [""]
    assert progress.name_runs([learner, learner]) == ["run 1", "run 2"]
