"""The Playground's program in Python: it follows the page's curve."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from tests.lab.playground import Playground
from tests.lab.selection import mark_others_slow

EPOCHS = 4
TABLE = "length;width;kind\n" + "\n".join(f"{i},5;{i * i % 7};{'ab'[i * i % 7 > 2]}" for i in range(30))
ADDRESSES = {
    "the default": "",
    "three classes with dropout": "data=three&cost=log-likelihood&optimizer=adam&eta=0.01&regularizer=l2&dropout=0.2"
    "&layers=8,5&features=x1,x2,x1x1,sinx2&batch=7&seed=4",
    "five classes, one output each": "data=five&hidden=relu&init=he&optimizer=nesterov&eta=0.02&test=0",
    "numbers": "data=surface&hidden=elu&optimizer=momentum&eta=0.02&regularizer=l1&lmbda=0.5&layers=9&noise=0.05",
    "quadratic cost without hidden neurons": "data=xor&cost=quadratic&layers=&features=x1x2&init=zeros",
    "two classes with softmax": "data=spiral&cost=log-likelihood&hidden=leaky-relu&init=glorot&batch=300",
}


def check_program(playground: Playground, folder: Path) -> str:
    """Run the program of the page, compare its costs with the page's, and return its text."""
    playground.find("#python summary").click()
    playground.wait_until("document.getElementById('code').textContent !== ''")
    code = playground.find("#code").text_content() or ""
    path = folder / "program.py"
    path.write_text(code, encoding="utf-8")
    model = runpy.run_path(str(path))["model"]
    records = playground.ask("run.records.filter(({ at }) => at.stretch === run.at.stretch && at.step === 0)"
                             ".map(({ cost, testCost }) => [cost, testCost])")  # fmt: skip
    costs, test_costs = zip(*records[1:], strict=True)
    assert len(costs) == len(model.history) == EPOCHS
    assert np.abs(np.subtract(model.history["training_cost"], costs)).max() < 1e-6
    if "test_cost" in model.history.names:
        assert np.abs(np.subtract(model.history["test_cost"], test_costs)).max() < 1e-6
    own = [np.concatenate([p["w"].ravel(), p["b"]]) for p in model.params if p]
    page = playground.ask("run.params.map(({ w, b }) => [...w, ...b])")
    assert max(float(np.abs(a - b).max()) for a, b in zip(own, page, strict=True)) < 1e-6
    return code


@pytest.mark.parametrize("name", mark_others_slow(ADDRESSES, ("the default", "three classes with dropout")))
def test_the_program_follows_the_curve(name: str, playground: Playground, tmp_path: Path) -> None:
    playground.open(ADDRESSES[name])
    playground.take_epochs(EPOCHS)
    check_program(playground, tmp_path)


def test_the_program_begins_at_the_last_change(playground: Playground, tmp_path: Path) -> None:
    playground.open("optimizer=momentum&eta=0.02")
    playground.take_epochs(1)
    playground.find('[data-place="0-1"]').press("Enter")
    playground.page.keyboard.press("ArrowRight")
    playground.take_epochs(EPOCHS)
    code = check_program(playground, tmp_path)
    assert "since the last change" in code
    assert "It begins at the last change, in epoch 1.0" in playground.read("#python")


def test_the_program_contains_the_points_of_a_table(playground: Playground, tmp_path: Path) -> None:
    playground.open("hidden=sigmoid&init=large")
    playground.click("Own table…")
    playground.find("#table-text").fill(TABLE)
    playground.click("Use this table")
    playground.take_epochs(EPOCHS)
    code = check_program(playground, tmp_path)
    assert '# x₁ is "length": 0.5 to 29.5 became -2.5 to 2.5' in code
    assert '# the classes are ["a","b"]' in code


def test_names_in_an_address_cannot_add_lines_to_the_program(playground: Playground) -> None:
    columns = [{"name": "a\nimport os\r<b>", "low": 0, "high": 1}] * 3
    about = quote(json.dumps([columns, ["x\nimport os", "y"]]))
    playground.open(f"data=own&points=2.00000001001001&about={about}")
    playground.find("#python summary").click()
    playground.wait_until("document.getElementById('code').textContent !== ''")
    code = playground.find("#code").text_content() or ""
    assert [line for line in code.splitlines() if line.startswith("import")] == [
        "import numpy as np",
        "import deltarule as dr",
    ]
    assert "<b>" in playground.read("#axis-x")
