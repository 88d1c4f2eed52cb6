"""deltarule export: files for other libraries and pages, and errors for everything that cannot be exported."""

from __future__ import annotations

import json
import runpy
import shutil
import sys
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from tests.exchange import numpy_keras, numpy_torch
from tests.exchange.models import WORDS, build_model, build_table

import deltarule as dr
from deltarule.data import load
from deltarule.lab.export import build_reader_page
from deltarule.lab.table_page import build_table_page
from deltarule.models import load as load_model

from .conftest import here

NAMES = {
    "onnx": ["model.onnx"],
    "pytorch": ["model_pytorch.py", "model_pytorch.safetensors"],
    "keras": ["model_keras.py", "model_keras.safetensors"],
    "html": ["model.html"],
}


@pytest.fixture
def run(kept) -> Path:
    """A run with its best epoch, to write into."""
    return Path(shutil.copytree(kept, "runs/first"))


@pytest.fixture(scope="module")
def ensemble(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("ensemble")
    with chdir(place):
        ran = here(
            *["train", "--data", "digits", "--epochs", "1", "--engine", "numpy", "--ensemble", "2", "--out", "votes"]
        )
    assert (ran.code, ran.err) == (0, "")
    return place / "votes"


@pytest.fixture
def libraries(monkeypatch) -> None:
    """The parts of PyTorch and Keras that scripts use."""
    for name, module in {**numpy_torch.build_modules(), **numpy_keras.build_modules()}.items():
        monkeypatch.setitem(sys.modules, name, module)


def run_script(path: Path) -> dict:
    return runpy.run_path(str(path))


@pytest.mark.parametrize("to", NAMES)
def test_the_files_lie_in_the_folder_of_the_run(deltarule, run, to):
    before = {path.name for path in run.iterdir()}
    ran = deltarule("export", run, "--to", to)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [str(run / name) for name in NAMES[to]]
    assert {path.name for path in run.iterdir()} - before == set(NAMES[to])
    again = deltarule("export", run, "--to", to, "--json")
    assert again.json == {"run": str(run), "format": to, "files": [str(run / name) for name in NAMES[to]]}
    assert deltarule("runs", ".", "--json").json["runs"][0]["run"] == "runs/first"


@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize("to", ["pytorch", "keras"])
def test_the_script_predicts_the_same_labels(deltarule, run, to):
    assert deltarule("export", run, "--to", to, "--out", "new/folder/digits.py").code == 0
    assert sorted(path.name for path in Path("new/folder").iterdir()) == ["digits.py", "digits.safetensors"]
    test, model, script = load("digits")[2], load_model(run), run_script(Path("new/folder/digits.py"))
    np.testing.assert_allclose(script["outputs"](test.x), model.outputs(test.x), rtol=1e-5, atol=1e-5)
    assert script["predict"](test.x) == [str(label) for label in model.predict(test.x)]


def test_the_onnx_file_predicts_the_same_labels(deltarule, run):
    import onnxruntime

    assert deltarule("export", run, "--to", "onnx", "--out", "digits.onnx").code == 0
    session, test = onnxruntime.InferenceSession("digits.onnx"), load("digits")[2]
    labels, _ = session.run(None, {session.get_inputs()[0].name: test.x.astype(np.float32)})
    assert [str(label) for label in labels] == [str(label) for label in load_model(run).predict(test.x)]


@pytest.mark.usefixtures("libraries")
def test_a_model_file_and_the_best_epoch(deltarule, run):
    model = load_model(run)
    shutil.copy(run / "model.safetensors", "mine.safetensors")
    saved = Path("mine.safetensors").read_bytes()
    assert deltarule("export", "mine.safetensors", "--to", "pytorch", "--best").out.splitlines()[0] == "mine_pytorch.py"
    assert Path("mine.safetensors").read_bytes() == saved
    x = load("digits")[2].x
    assert not np.array_equal(model.outputs(x), model.best.outputs(x))
    np.testing.assert_allclose(run_script(Path("mine_pytorch.py"))["outputs"](x), model.best.outputs(x), atol=1e-5)


def test_pages_are_those_of_the_lab(deltarule, run):
    deltarule("export", run, "--to", "html", "--out", "digits.html")
    assert Path("digits.html").read_text(encoding="utf-8") == build_reader_page(load_model(run))
    build_table(WORDS).save("table.safetensors")
    assert deltarule("export", "table.safetensors", "--to", "html").out == "table.html\n"
    assert Path("table.html").read_text(encoding="utf-8") == build_table_page(load_model("table.safetensors"))


@pytest.mark.usefixtures("libraries")
def test_a_network_of_network2_is_exported(deltarule):
    w, b = [[[0.5, -1.0]], [[2.0]]], [[[0.1]], [[-0.3]]]
    Path("net.json").write_text(json.dumps({"sizes": [2, 1, 1], "weights": w, "biases": b, "cost": "CrossEntropyCost"}))
    assert deltarule("export", "net.json", "--to", "pytorch").code == 0
    x = np.array([[1.0, 2.0]])
    hidden = 1 / (1 + np.exp(1.5 - 0.1))
    np.testing.assert_allclose(
        run_script(Path("net_pytorch.py"))["outputs"](x), [[1 / (1 + np.exp(0.3 - 2 * hidden))]], rtol=1e-6
    )


@pytest.mark.usefixtures("libraries")
def test_an_ensemble_is_a_vote_in_onnx_and_one_network_elsewhere(deltarule, ensemble):
    vote = Path(shutil.copytree(ensemble, "votes"))
    assert deltarule("export", vote, "--to", "onnx").code == 0
    ran = deltarule("export", vote, "--to", "pytorch")
    assert (ran.code, ran.out) == (2, "")
    assert "--member: expected the number of one of the 2 networks of this ensemble" in ran.err
    assert "add --member 1, or export the whole vote: --to onnx" in ran.err
    assert deltarule("export", vote, "--to", "pytorch", "--member", 2).code == 0
    x = load("digits")[2].x
    found = run_script(vote / "model_pytorch.py")["outputs"](x)
    np.testing.assert_allclose(found, load_model(vote).models[1].outputs(x), atol=1e-5)
    assert "expected a number from 1 to 2" in deltarule("export", vote, "--to", "keras", "--member", 3).err


@dataclass(frozen=True)
class Twice(dr.Layer):
    def forward(self, params, x, rng=None):
        return 2 * x, None

    def backward(self, params, cache, d_y):
        return 2 * d_y, {}


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ("RUN", 2, "--to: expected one of onnx, pytorch, keras, html; add --to onnx"),
        ("RUN --to torch", 2, "--to: expected one of onnx, pytorch, keras, html, got 'torch'; did you mean pytorch?"),
        ("RUN --to ONNX", 2, "did you mean onnx?"),
        ("missing --to onnx", 1, "missing: expected a model file, got no file"),
        (". --to onnx", 1, ".: expected a run, got a folder without one"),
        ("notes.txt --to onnx", 1, "notes.txt: expected a model file"),
        ("RUN --to onnx --out digits.pt", 2, "--out: expected the path of a file that ends in .onnx, got 'digits.pt'"),
        ("RUN --to keras --out digits", 2, "give digits.py"),
        ("RUN --to html --out .", 2, "--out: expected the path of a file that ends in .html"),
        *(
            (
                f"RUN --to {to} --out pages.{ending}",
                2,
                f"--out: expected the path of a file, no folder, got 'pages.{ending}'",
            )
            for to, ending in (("onnx", "onnx"), ("keras", "py"), ("html", "html"))
        ),
        ("RUN --to html --out notes.txt/a.html", 1, "notes.txt/a.html: the file could not be written"),
        ("RUN --to pytorch --out notes.txt/a.py", 1, "notes.txt/a.py: the file could not be written"),
        ("RUN --to onnx --out notes.txt/a.onnx", 1, "notes.txt/a.onnx: the file could not be written"),
        ("RUN --to onnx --member 1", 2, "--member: expected an ensemble"),
        ("plain.safetensors --to onnx --best", 2, "--best: expected a run that kept its best epoch"),
        ("RUN --to pytorch --out RUN/model.py", 1, "got a model file of deltarule, which they would replace"),
        ("RUN --to pytorch --out train.py", 1, "train.py: expected a new path, or that of an exported script"),
        ("own.safetensors --to onnx", 1, "if this is a class of your own, load or resume in Python and pass custom="),
        ("colour.safetensors --to html", 2, "; export it for another program: --to onnx"),
        (
            "machine.safetensors --to html",
            2,
            "no export holds a Boltzmann machine, got 'html'; write digits",
        ),
        (
            "machine.safetensors --to onnx",
            2,
            "no export holds a Boltzmann machine, got 'onnx'; write digits",
        ),
        ("RUN --to onnx --to html", 2, "--to: expected once, got it 2 times"),
    ],
)
def test_bad_input_is_one_line_of_error_and_writes_nothing(deltarule, kept, words, code, message):
    Path("notes.txt").write_text("no model")
    for ending in ("onnx", "py", "html"):
        Path(f"pages.{ending}").mkdir()
    Path("train.py").write_text("import deltarule")
    build_model(dr.Network.dense([2, 3])).save("plain.safetensors")
    build_model(dr.Network([Twice(), dr.Dense(3)], dr.CrossEntropy(), (2,))).save("own.safetensors")
    build_model(dr.Network([dr.Flatten(), dr.Dense(3)], dr.CrossEntropy(), (2, 2, 3))).save("colour.safetensors")
    build_model(dr.RBM(2, 4, n_labels=3)).save("machine.safetensors")
    before = {path: path.read_bytes() for path in (*Path().rglob("*"), *kept.rglob("*")) if path.is_file()}
    ran = deltarule("export", *(word.replace("RUN", str(kept)) for word in words.split()))
    assert (ran.code, ran.out) == (code, "")
    assert message in ran.err
    assert ran.err.startswith("error: ")
    assert ran.err.count("\n") == 1
    assert {path: path.read_bytes() for path in (*Path().rglob("*"), *kept.rglob("*")) if path.is_file()} == before
