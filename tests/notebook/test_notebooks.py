"""The notebooks of the docs: a valid form without outputs, links that lead somewhere, and cells that run in order."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / "docs" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
KEYS = {
    "code": {"cell_type", "execution_count", "id", "metadata", "outputs", "source"},
    "markdown": {"cell_type", "id", "metadata", "source"},
}

sys.path.insert(0, str(FOLDER.parent / "extensions"))

import notebook_pages  # noqa: E402 # an extension of the site

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def read_cells(path: Path, kind: str) -> list[str]:
    """Return the texts of the cells of a kind."""
    cells = notebook_pages.read_cells(path.read_text(encoding="utf-8"))
    return [source for one, source in cells if one == kind]


@each_notebook
def test_the_file_has_the_form_of_nbformat_4_without_outputs(path):
    text = path.read_text(encoding="utf-8")
    notebook = json.loads(text)
    assert text == json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook["metadata"] == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    cells = notebook["cells"]
    for cell in cells:
        assert set(cell) == KEYS[cell["cell_type"]]
        assert cell["metadata"] == {}
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell["id"])
        assert "".join(cell["source"]).strip()
        if cell["cell_type"] == "code":
            assert (cell["execution_count"], cell["outputs"]) == (None, []), "clear the outputs before you commit"
    assert len({cell["id"] for cell in cells}) == len(cells)


@each_notebook
def test_cells_are_short_and_begin_with_a_title(path):
    code, texts = read_cells(path, "code"), read_cells(path, "markdown")
    assert re.match(r"# \S", texts[0])
    assert max(len(cell.splitlines()) for cell in code) <= 24
    assert max(len(line) for cell in code for line in cell.splitlines()) <= 110
    for text in texts[1:]:
        assert not re.search(r"^# ", text, re.MULTILINE)


@each_notebook
def test_links_lead_to_files(path):
    for text in read_cells(path, "markdown"):
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
            assert link.startswith("https://") or (FOLDER / link).exists(), link


def test_the_page_lists_every_notebook_in_order():
    page = (FOLDER.parent / "notebooks.md").read_text(encoding="utf-8")
    assert re.findall(r"\]\(notebooks/([^)]+)\)", page) == [path.name for path in NOTEBOOKS]


@each_notebook
def test_the_page_of_the_site_has_all_cells(path):
    page = notebook_pages.convert_notebook(path.read_text(encoding="utf-8"), path.name, [])
    blocks = re.findall(r"```python\n(.*?)\n```", page, re.DOTALL)
    assert blocks == read_cells(path, "code")
    for text in read_cells(path, "markdown")[1:]:
        assert text in page
    assert page.startswith(read_cells(path, "markdown")[0].split("\n")[0])


def build_notebook(*sources: str) -> str:
    """Build a notebook with a title and code cells."""
    code = [{"cell_type": "code", "source": [source]} for source in sources]
    return json.dumps({"cells": [{"cell_type": "markdown", "source": ["# Title\n", "Words."]}, *code]})


def test_a_page_shows_what_the_cells_print_and_end_with():
    text = build_notebook("import deltarule as dr\nnetwork = dr.Network.dense([2, 1])", "print('hello'); 6 * 7")
    text = build_notebook(*[cell for _, cell in notebook_pages.read_cells(text)[1:]], "network", "network.draw()")
    outputs = notebook_pages.run_notebook(text)
    assert [one.text for one in outputs] == ["", "hello\n", "", ""]
    page = notebook_pages.convert_notebook(text, "a.ipynb", outputs)
    assert "# Title\n\nThis page is a notebook. {download}`Download it <a.ipynb>` to run" in page
    assert "```text\nhello\n42\n```" in page
    assert outputs[2].value._repr_html_() in page
    assert page.count('<img src="data:image/png;base64,') == 1
    assert page.count("```text") == 1


def test_a_notebook_leaves_no_files_and_no_module(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    notebook_pages.run_notebook(build_notebook("open('a.txt', 'w').close()"))
    assert list(tmp_path.iterdir()) == []
    assert "notebook" not in sys.modules


def test_a_notebook_without_its_library_is_converted_with_a_note():
    document, path = [build_notebook("import no_such_library")], FOLDER / "a.ipynb"
    app = SimpleNamespace(env=SimpleNamespace(doc2path=lambda name: path))
    notebook_pages.convert_source(app, "a", document)
    assert "It was not run for this page, because no_such_library was not installed." in document[0]
    assert "import no_such_library" in document[0]
    with pytest.raises(ZeroDivisionError):
        notebook_pages.convert_source(app, "a", [build_notebook("1 / 0")])


def check_claims(name: str, found: dict[str, Any]) -> None:
    """Check the statements in the texts that no other test checks, on the variables of the notebook."""
    for claim in CLAIMS[name]:
        assert eval(claim, found), claim


CLAIMS = {
    "01-perceptron": (
        "[perceptron(x) for x in inputs] == [1, 1, 1, 0]",
        "((inputs @ w + b) < 0).tolist() == [False, False, False, True]",
        "[add(a, b) for a, b in inputs.tolist()] == [(0, 0), (1, 0), (1, 0), (0, 1)]",
        "((neuron.outputs(params, inputs) > 0.5).ravel() == [1, 1, 1, 0]).all()",
        "np.abs(neuron.outputs(large, inputs).ravel() - [1, 1, 1, 0]).max() < 1e-4",
        "model.predict(inputs).tolist() == [1, 1, 1, 0]",
        "(model.params[0]['w'][1] < 0).all() and model.params[0]['b'][1] > 0",
        "np.abs(one_layer.outputs(inputs) - 0.5).max() < 1e-3",
        "hidden.predict(inputs).tolist() == [0, 1, 1, 0]",
    ),
    "02-digits": (
        "train.x.shape[1:] == (8, 8) and network.shapes == [(64,), (30,), (30,), (10,)]",
        "model.accuracy(test) > 0.9",
        "abs(untrained.accuracy(test) - 0.1) < 0.05",
        "slow.accuracy(validation) < model.accuracy(validation) - 0.05",
    ),
    "03-four-equations": (
        "np.array_equal(a2.round(12), network.outputs(params, x[None])[0].round(12))",
        "max(differences) < 1e-15",
        "report.relative < 1e-6 and report.checked == 26",
        "dr.gradcheck(wrong, params, x[None], y[None]).relative > 1",
        "dr.gradcheck(wrong, params, x[None], y[None]).where.startswith('layer 0 ')",
        "0.5 * np.sum((a - y) ** 2) < cost",
    ),
    "04-cross-entropy": (
        "near[0] < far[0] and far[150] > 0.9 > 0.2 > near[150]",
        "far_ce[150] < 0.05",
        "models['quadratic'].history['validation_accuracy'][0] < 0.2",
        "models['cross-entropy'].history['validation_accuracy'][0] > 0.7",
        "min(measure('cross-entropy', 0.5)) > max(measure('quadratic', 0.5))",
        "np.mean(measure('quadratic', 5.0)) > np.mean(measure('quadratic', 0.5)) + 0.03",
    ),
    "05-overfitting": (
        "'7,510' in network.summary()",
        "last['training_accuracy'] == 1.0",
        "0 < lowest < 150 and costs[-1] > costs[lowest] + 0.05",
        "model.accuracy(few) - model.accuracy(validation) > 0.1",
        "more.accuracy(train) - more.accuracy(validation) < 0.05",
        "sum_of_squares(decayed) < 0.9 * sum_of_squares(model)",
        "decayed.history['validation_cost'][-1] < costs[-1] - 0.02",
        "abs(decayed.accuracy(validation) - model.accuracy(validation)) < 0.02",
        "results[3.0][0] < 0.8",
        "len(stopped.history) < 200",
    ),
    "06-convolution": (
        "feature_map.shape == (6, 6)",
        "np.abs(z[0, :, :, 0] - feature_map).max() < 1e-9",
        "sum(leaf.size for leaf in model.params[0].values()) == 120",
        "model.accuracy(test) > 0.95",
        "np.mean(results['convolutional']) > np.mean(results['dense'])",
        "one_dense.accuracy(moved) < model.accuracy(moved) < model.accuracy(test) - 0.2",
    ),
    "07-own-table": (
        "len(rows) == 200 and np.isnan(train.x).any()",
        "(fitted.example_shape, fitted.input_shape) == ((3,), (4,))",
        "model.accuracy(test) > 0.75 > (test.y == commonest).mean() + 0.3",
        "[model.classes[k] for k in model.predict(new)] == ['small', 'large']",
        "0 < measure() - measure(ignore=['soil']) < 2 / len(validation)",
    ),
    "08-pytorch": (
        "abs(ours.value(model.params, x, targets) - loss(theirs(inputs), labels).item()) < 1e-6",
        "(steps, difference < 1e-12) == (120, True)",
        "abs(one.item() - (2.0 - 0.5 * lmbda / len(train) * 2.0)) < 1e-12",
        "(answers == model.predict(test)).all()",
    ),
    "09-own-layer": (
        "dr.gradcheck(network.__class__([dr.Dense(4), Softplus(), dr.Dense(2)], network.cost, (3,)), "
        "wrong.init(0), x, y).relative < 1e-6",
        "dr.gradcheck(wrong, wrong.init(seed=0), x, y).relative > 0.1",
        "model.accuracy(test) > 0.85",
        "np.abs(scaled.params[0]['s'].reshape(8, 8)[:, 0] - 1).max() < 0.01",
        "again.parameters_sha256 == scaled.parameters_sha256",
    ),
    "10-dropout-and-votes": (
        "np.mean(alone) < ensemble.accuracy(test)",
        "(wrong > 0).sum() > 2 * (wrong > 5).sum() >= 2 * (wrong == 10).sum() > 0",
        "shares[right].mean() > shares[~right].mean() + 0.1",
        "max(results[0.2]['cost'], results[0.5]['cost']) < results[0.0]['cost']",
        "all(results[p]['accuracy'] >= results[0.0]['accuracy'] - 0.005 for p in results)",
        "len(np.unique(np.round(np.vstack(hidden), 6), axis=0)) == 3",
    ),
    "11-memory": (
        "np.abs(y[0] - states).max() < 1e-12",
        "errors['Recurrent'][-1] / errors['Recurrent'][0] > 100 * errors['LSTM'][-1] / errors['LSTM'][0]",
        "min(accuracies['Recurrent'][0], accuracies['GRU'][0]) > 0.95",
        "accuracies['GRU'][1] > accuracies['Recurrent'][1] + 0.1",
        "all(abs(accuracies[name][2] - 0.5) < 0.05 for name in accuracies)",
        "bits < np.log2(k) - 3",
        "all(len(writer.write('Alice ', length=9, temperature=t)) == 9 for t in (0.2, 1.0))",
    ),
    "12-generation": (
        "abs(probabilities.sum() - 1) < 1e-12 and len(states) == 16",
        "np.abs(visited - probabilities).max() < 0.01",
        "model.accuracy(test) > 0.88",
        "0.4 < np.mean(model.predict(written.reshape(-1, 8, 8)) == np.tile(np.arange(10), 3)) < 1",
        "(completed[:, :4] == first[:, :4]).all() and (completed[:, 4:] != first[:, 4:]).any()",
        "np.abs(codes.mean(axis=0)).max() < 0.2 and np.abs(codes.std(axis=0) - 1).max() < 0.2",
        "np.mean(train.y[nearest] == test.y) > 0.55",
    ),
}
"""For each notebook, statements of its texts as expressions of its variables."""


MARKS = {"08-pytorch": pytest.mark.peers}


@pytest.mark.parametrize(
    "name", [pytest.param(path.stem, marks=MARKS.get(path.stem, pytest.mark.slow)) for path in NOTEBOOKS]
)
def test_the_cells_run_in_order(name, monkeypatch, tmp_path):
    """Run the notebook in a folder of its own; its classes need a module that can be found by its name."""
    module = ModuleType("notebook_under_test")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.chdir(tmp_path)
    shown = notebook_pages.run_cells(read_cells(FOLDER / f"{name}.ipynb", "code"), module)
    assert sum(one.value is not None for one in shown) >= 5
    for one in shown:
        assert one.value is None or notebook_pages.write_output(one)
    module.__dict__.setdefault("np", np)
    check_claims(name, module.__dict__)


def test_every_notebook_has_claims():
    assert sorted(CLAIMS) == [path.stem for path in NOTEBOOKS]
