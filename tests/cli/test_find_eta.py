"""deltarule find-eta: a table, a figure and one JSON object, and the options of train."""

from __future__ import annotations

from pathlib import Path

import pytest

import deltarule.training.eta_range
from deltarule.core.distortions import Affine, Shift
from deltarule.core.optimizers import Adam
from deltarule.core.regularizers import L2
from deltarule.errors import InvalidArgument
from deltarule.training.eta_range import EtaRange, EtaTrial


@pytest.fixture(autouse=True)
def _few_starts(monkeypatch):
    monkeypatch.setattr(deltarule.training.eta_range, "SEEDS", 2)


@pytest.mark.slow
def test_find_eta_prints_a_threshold_and_saves_a_figure(deltarule, some_digits):
    ran = deltarule("find-eta", "--data", some_digits, "--engine", "numpy")
    assert ran.code == 0
    assert "← threshold" in ran.out
    assert "--eta 0." in ran.out
    assert Path("find-eta.png").read_bytes().startswith(b"\x89PNG")
    found = deltarule("find-eta", "--data", some_digits, "--engine", "numpy", "--picture", "p/eta.svg", "--json").json
    assert f"The cost falls up to η = {found['threshold']:g} and no longer at {found['above']:g}" in ran.out
    assert found["recommended"] == pytest.approx(found["threshold"] / 2, rel=0.05)
    assert (found["picture"], Path("p/eta.svg").exists()) == ("p/eta.svg", True)
    etas = [trial["eta"] for trial in found["trials"]]
    assert etas == sorted(etas)
    assert all(trial["decreases"] == (trial["eta"] <= found["threshold"]) for trial in found["trials"])
    assert all(len(trial["costs"]) == 2 and len(trial["costs"][0]) == len(trial["steps"]) for trial in found["trials"])


def test_find_eta_prints_its_result_even_if_the_figure_cannot_be_saved(deltarule, some_digits, monkeypatch):
    tried = [EtaTrial(eta, (0, 10, 20), ((3.0, 2.0, last),)) for eta, last in ((0.5, 1.0), (1.0, 4.0))]
    monkeypatch.setattr("deltarule.training.find_eta", lambda *given, **settings: EtaRange(tuple(tried)))
    Path("file").write_text("text")
    words = ("find-eta", "--data", some_digits, "--picture", "file/eta.png")
    found, ran = deltarule(*words, "--json"), deltarule(*words)
    assert (found.code, ran.code) == (1, 1)
    assert (found.json["threshold"], found.json["picture"]) == (0.5, None)
    assert "The cost falls up to η = 0.5" in ran.out
    assert "Figure" not in ran.out
    assert "file is not a folder" in ran.err


@pytest.mark.slow
def test_the_threshold_depends_on_the_optimizer_and_the_network(deltarule, some_digits):
    words = ("find-eta", "--data", some_digits, "--engine", "numpy", "--json")
    # momentum multiplies the step by ten; without it, the threshold is 2.4
    assert deltarule(*words, "--optimizer", "momentum", "--mu", "0.9").json["threshold"] < 0.8
    Path("my.toml").write_text('layers = ["Dense(30, Large)", "Sigmoid", "Output(Large)"]\ncost = "Quadratic"')
    by_file = deltarule(*words, "--net", "my.toml").json
    assert by_file["trials"] == deltarule(*words, "--cost", "quadratic", "--init", "large", "--l2", 0).json["trials"]
    assert by_file["threshold"] > 2


def test_find_eta_uses_all_settings_of_the_recipe(deltarule, monkeypatch):
    seen = {}

    def search(network, train, training, **others):
        seen.update(vars(training), examples=len(train))
        raise InvalidArgument(argument="batch_size", value=5, expected="no more")

    monkeypatch.setattr("deltarule.training.find_eta", search)
    text = 'layers = ["Output"]\nshifts = 1\nwith_validation = true\naugmentation = "Shift(2)"\noptimizer = "Adam"\n'
    Path("my.toml").write_text(text + 'regularizer = "L2(3)"\nbatch_size = 5')
    ran = deltarule("find-eta", "--data", "digits", "--net", "my.toml", "--seed", 3)
    assert (ran.code, ran.err) == (2, "error: my.toml, line 7: batch_size: expected no more, got 5\n")
    wanted = {"optimizer": Adam(), "regularizer": L2(3), "augmentation": Shift(2), "batch_size": 5, "seed": 3}
    assert wanted.items() <= seen.items()
    assert seen["examples"] == 5 * (1197 + 300)
    assert "5 times the images, by shifts of 1 px, Shift(2) for each mini-batch" in ran.out
    assert "Adam(0.9, 0.999, 1e-08), mini-batches of 5" in ran.out
    assert "epochs" not in ran.out
    words = ("--expand", "affine:shift=2", "--without-validation")
    assert deltarule("find-eta", "--data", "digits", "--net", "my.toml", *words).code == 2
    assert (seen["augmentation"], seen["examples"]) == (Affine(shift=2), 1197)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--net", "65-10"), "--net: expected 64 inputs and 10 outputs"),
        (("--optimizer", "newton"), "--optimizer: expected one of sgd"),
    ],
)
def test_an_invalid_option_is_one_line_of_error(words, said, deltarule, some_digits):
    ran = deltarule("find-eta", "--data", some_digits, "--engine", "numpy", *words)
    assert (ran.code, ran.out.count("Traceback")) == (2, 0)
    assert said in ran.err


def test_an_invalid_file_name_is_refused_before_the_search(deltarule, some_digits, monkeypatch):
    monkeypatch.setattr("deltarule.training.find_eta", lambda *_, **__: pytest.fail("it searched"))
    ran = deltarule("find-eta", "--data", some_digits, "--picture", "eta.txt")
    assert (ran.code, ran.out.count("Traceback")) == (2, 0)
    assert "eta.txt: expected a name that ends in" in ran.err
