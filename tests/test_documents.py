"""What the documents say: their links lead somewhere, their code is the code, and their examples run."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from deltarule.core.costs import CrossEntropy
from deltarule.core.gradcheck import gradcheck
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.data import load

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document):
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text(encoding="utf-8"))
    inside = [link for link in links if not link.startswith("http")]
    assert [link for link in inside if not (document.parent / link).exists()] == []


def test_every_page_is_found_by_links_from_the_readme():
    found, to_read = set(), [ROOT / "README.md"]
    while to_read:
        page = to_read.pop()
        if page in DOCUMENTS and page not in found:
            found.add(page)
            links = re.findall(r"\]\(([^)#]+\.md)[^)]*\)", page.read_text(encoding="utf-8"))
            to_read += [(page.parent / link).resolve() for link in links]
    assert sorted(set(DOCUMENTS) - found) == []


def test_the_four_equations_in_the_readme_are_the_code():
    shown = re.search(r"class Dense\(Layer\):\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert shown
    code = (ROOT / "src/deltarule/core/layers.py").read_text(encoding="utf-8")
    # types apart, which the README leaves out
    bare = re.sub(r": (Params|Array|Key \| None)\b", "", re.sub(r" -> .*:\n", ":\n", code)).replace(
        "rng = None", "rng=None"
    )
    for function in shown[1].strip("\n").split("\n\n"):
        assert function in bare


def test_where_the_equations_stand():
    """BP1 is found in the costs and where they are used, the others in layers with weights, BP2 in the chain too."""
    core = ROOT / "src/deltarule/core"
    marked = {
        name: {p.name for p in core.glob("*.py") if f"# {name}" in p.read_text()}
        for name in ("BP1", "BP2", "BP3", "BP4")
    }
    assert marked == {
        "BP1": {"costs.py", "network.py"},
        "BP2": {"activations.py", "layers.py", "convolution.py", "network.py"},
        "BP3": {"layers.py", "convolution.py"},
        "BP4": {"layers.py", "convolution.py"},
    }


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_examples_run(example, tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", example], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_python_in_the_readme_runs(tmp_path, monkeypatch):
    """All of the README's Python but the excerpt of Dense, on the small digits and for one epoch."""
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    code = "\n".join(block for block in blocks if "class Dense(Layer)" not in block)
    here = [('load("mnist")', 'load("digits")'), ("[784, 100, 10]", "[64, 100, 10]"), ("epochs=30", "epochs=1")]
    for printed, small in here:
        assert printed in code
        code = code.replace(printed, small)
    names: dict = {}
    exec(code, names)
    assert (tmp_path / "mine.safetensors").exists()
    assert (tmp_path / "runs/mine/model.safetensors").exists()
    network = Network((Dense(3), names["Swish"](), Dense(2)), CrossEntropy(), (4,))
    x, y = np.random.default_rng(0).normal(size=(5, 4)), np.eye(2)[[0, 1, 1, 0, 1]]
    assert gradcheck(network, network.init(0), x, y).relative < 1e-6


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_nothing_is_left_to_be_filled_in(document):
    assert not re.search(r"^[A-Z]{4,}$|TODO|FIXME", document.read_text(encoding="utf-8"), re.MULTILINE)


def test_the_data_of_ones_own_are_read_as_their_page_says(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs/data.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"```(python|text)\n(.*?)```", page.partition("## Pictures")[0], re.DOTALL))
    exec(shown["python"], {})
    assert float(capsys.readouterr().out) > 0.7
    Path("flowers.csv").write_text(shown["text"], encoding="utf-8")
    train, *_ = load("flowers.csv")
    assert (train.classes, train.x.shape) == (("setosa", "versicolor"), (2, 2))
