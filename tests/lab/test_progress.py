"""What the page Train draws of networks of every kind."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deltarule.lab import progress, training_figures, training_form
from deltarule.lab.learner import Learner, Pace, Seen


def table(folder: Path) -> str:
    """A table of numbers that are no images."""
    rng = np.random.default_rng(0)
    path = folder / "table.csv"
    rows = rng.normal(size=(60, 5))
    lines = [",".join(map(str, [int(row[0] > 0), *row])) for row in rows.round(3)]
    path.write_text("\n".join(["label,a,b,c,d,e", *lines]), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("data", ["images", "a table"])
@pytest.mark.parametrize("layers", ["30 hidden neurons", "no hidden layer"])
def test_first_weights_of(data: str, layers: str, tmp_path: Path) -> None:
    source = "digits" if data == "images" else table(tmp_path)
    learner = Learner(training_form.job(source, training_form.NETWORKS[layers], "softmax", "SGD", 10, 1, epochs=1))
    learner.start()
    model = learner.wait(60).model
    assert model is not None
    shown = training_figures.show_first_weights(model)
    assert shown.count("<img") == 1
    assert "the weights of the first neurons" in shown


DONE = Seen("done", epoch=2, steps=300, paces=(Pace(0.5),))
STATUS = {
    "what was learned with, not what is set": (DONE, Pace(5.0), "", "<strong>done</strong>.*η 0.5, λ 0<"),
    "which of two": (DONE, Pace(0.5), "run 2", ">run 2 · <strong>done"),
    "paused, and set anew": (replace(DONE, status="paused"), Pace(5.0), "", "η 0.5, λ 0 · goes on with η 5, λ 0<"),
    "paused": (replace(DONE, status="paused"), Pace(0.5), "", "η 0.5, λ 0<"),
    "many": (replace(DONE, paces=tuple(map(Pace, (0.5, 0.7, 1, 1.5, 2)))), Pace(5.0), "", "η 0.5 → … → 2, λ 0<"),
    "nothing yet": (Seen("learning"), Pace(0.7), "", "<strong>learning</strong> · getting ready · .*η 0.7, λ 0<"),
    "nothing at all": (Seen("done"), Pace(0.7), "", "<strong>done</strong> · η 0.7, λ 0<"),
    "which has failed": (replace(DONE, status="failed", problem="<w>"), Pace(9.0), "run 1",
                         'role="alert">run 1 · <strong>failed</strong>.*η 0.5, λ 0 · &lt;w&gt;<'),
}  # fmt: skip


@pytest.mark.parametrize("case", STATUS)
def test_a_line_says_which_run_and_how_it_learned(case: str) -> None:
    seen, pace, name, said = STATUS[case]
    assert re.search(said, progress.status(seen, pace, name))


def test_of_two_runs_each_is_named_with_its_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    records = ({"epoch": 0, "validation_accuracy": 0.9, "training_accuracy": 0.9,
                "validation_cost": 1.0, "training_cost": 1.0},)  # fmt: skip
    legends: list[list[str]] = []
    monkeypatch.setattr(
        training_figures.show,
        "plotted",
        lambda figure: legends.append(figure.axes[0].get_legend_handles_labels()[1]) or "",
    )
    one = replace(DONE, records=records)
    training_figures.plot_curves({"": one})
    training_figures.plot_curves({"run 1": one, "run 2": Seen("learning")})
    training_figures.plot_curves({"run 1": one, "run 2": replace(one, paces=(Pace(0.5), Pace(5.0, 1.0)))})
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


def test_buttons_that_can_do_nothing_say_why() -> None:
    learner = Learner(training_form.job("digits", ["Output"], "softmax", "SGD", 10, 1))
    assert "press start" in progress.unable([])
    assert progress.unable([learner]) == ""
    learner.stop()
    assert "It has ended" in progress.unable([learner])
    assert progress.names([learner]) == [""]
    assert progress.names([learner, learner]) == ["run 1", "run 2"]
