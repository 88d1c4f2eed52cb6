"""What the documents say: their links lead somewhere, their code is the code, and their examples run."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from deltarule.data import load

ROOT = Path(__file__).parent.parent
GENERATED = ("book.md", "book", "reference", "source")  # pages and folders that building the site writes
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"] + [
    path for path in sorted((ROOT / "docs").rglob("*.md")) if path.relative_to(ROOT / "docs").parts[0] not in GENERATED
]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files(document):
    """Check the links between files; those to generated pages are checked when the site is built."""
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text(encoding="utf-8"))
    inside = [link for link in links if not link.startswith("http")]
    assert [link for link in inside if not link.startswith(GENERATED) and not (document.parent / link).exists()] == []


def test_the_readme_is_short_and_starts_with_two_commands():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 150
    assert [line.partition("#")[0].strip() for line in lines[5:7]] == ["make demo", "make lab"]


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


MACHINES = {"belief_network.py", "machine_layers.py"}


def test_where_the_equations_stand():
    """BP1 is found in the costs and where they are used, the others in layers with weights, BP2 in the chain too.

    A Boltzmann machine has BP2 where it is trained further by backpropagation. BPTT is in the recurrent layers.
    """
    core = ROOT / "src/deltarule/core"
    marked = {
        name: {p.name for p in core.glob("*.py") if f"# {name}" in p.read_text()}
        for name in ("BP1", "BP2", "BP3", "BP4")
    }
    assert marked == {
        "BP1": {"costs.py", "step_costs.py", "network.py"},
        "BP2": {"activations.py", "layers.py", "convolution.py", "network.py", "recurrent.py", *MACHINES},
        "BP3": {"layers.py", "convolution.py"},
        "BP4": {"layers.py", "convolution.py"},
    }


SLOW = ("rows_of_digits.py", "data_expansion.py", "autoencoders.py")


@pytest.mark.parametrize(
    "example",
    [pytest.param(p, marks=[pytest.mark.slow] * (p.name in SLOW), id=p.name) for p in EXAMPLES],
)
def test_examples_run(example, tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", example], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert list(tmp_path.iterdir()) == []


def run_blocks(document: str, here: list[tuple[str, str]]) -> None:
    """Run the Python of a document, but for the excerpt of Dense, with replacements that make it small."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / document).read_text(encoding="utf-8"), re.DOTALL)
    code = "\n".join(block for block in blocks if "class Dense(Layer)" not in block)
    for printed, small in here:
        assert printed in code
        code = code.replace(printed, small)
    exec(code, {})


def test_the_python_in_the_readme_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    here = [('load("mnist")', 'load("digits")'), ("[784, 100, 10]", "[64, 100, 10]"), ("epochs=30", "epochs=1")]
    run_blocks("README.md", here)
    assert (tmp_path / "mine.safetensors").exists()
    assert (tmp_path / "runs/mine/model.safetensors").exists()


def test_the_estimators_of_the_guide_learn(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_blocks("docs/sklearn.md", [])
    assert (tmp_path / "digits.safetensors").exists()


def test_the_layer_of_the_guide_is_checked_trained_and_saved(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_blocks("docs/own-layers.md", [])
    assert (tmp_path / "swish.safetensors").exists()


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
    assert (train.classes, train.x.shape) == (("setosa", "versicolor"), (6, 2))  # too few rows to be split
