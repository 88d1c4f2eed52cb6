"""deltarule find-eta: a table, a picture and one JSON object, and the options of train."""

from __future__ import annotations

from pathlib import Path

import pytest

import deltarule.training.eta_range


@pytest.fixture(autouse=True)
def _few_starts(monkeypatch):
    monkeypatch.setattr(deltarule.training.eta_range, "SEEDS", 2)


def test_a_threshold_a_recommendation_and_a_picture(deltarule, some_digits):
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


def test_it_is_asked_for_the_network_that_is_going_to_be_trained(deltarule, some_digits):
    words = ("find-eta", "--data", some_digits, "--engine", "numpy", "--json")
    # ten times the step and a tenth of the slope beside plain gradient descent on the cross-entropy
    assert deltarule(*words, "--optimizer", "momentum", "--mu", "0.9").json["threshold"] < 0.4
    Path("my.toml").write_text('layers = ["Dense(30, Large)", "Sigmoid", "Output(Large)"]\ncost = "Quadratic"')
    by_file = deltarule(*words, "--net", "my.toml").json
    assert by_file["trials"] == deltarule(*words, "--cost", "quadratic", "--init", "large").json["trials"]
    assert by_file["threshold"] > 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--net", "65-10"), "does not fit"),
        (("--optimizer", "newton"), "--optimizer newton is not known"),
    ],
)
def test_what_cannot_be_meant_is_said_in_a_line(words, said, deltarule, some_digits):
    ran = deltarule("find-eta", "--data", some_digits, "--engine", "numpy", *words)
    assert (ran.code, ran.out.count("Traceback")) == (2, 0)
    assert said in ran.err


def test_a_name_that_is_no_pictures_is_refused_before_the_search(deltarule, some_digits, monkeypatch):
    monkeypatch.setattr("deltarule.training.find_eta", lambda *_, **__: pytest.fail("it searched"))
    ran = deltarule("find-eta", "--data", some_digits, "--picture", "eta.txt")
    assert (ran.code, ran.out.count("Traceback")) == (2, 0)
    assert "eta.txt: the name of a picture ends in" in ran.err
