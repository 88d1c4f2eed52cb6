"""What the page Train draws of networks of every kind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deltarule.lab import choices, progress
from deltarule.lab.learner import Learner


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
    learner = Learner(choices.job(source, choices.NETWORKS[layers], "softmax", "SGD", 10, 1, epochs=1))
    learner.start()
    model = learner.wait(60).model
    assert model is not None
    shown = progress.first_weights(model)
    assert shown.count("<img") == 1
    assert "the weights of the first neurons" in shown
