"""deltarule experiments: results that come with deltarule, folders of the user, and files that cannot be read."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import deltarule as dr
from deltarule.cli.console import out
from deltarule.experiments import folders, registry
from deltarule.experiments.folders import describe_origin, find_folder
from deltarule.experiments.result import Run, locate_result, read_result, write_result
from deltarule.experiments.run import run_once

from .coin import COIN

RUN = ("experiments", "run", COIN.id)
SHOW = ("experiments", "show", COIN.id)
COMES = f"This result comes with deltarule {dr.__version__}"


@pytest.fixture(autouse=True)
def coin(monkeypatch):
    monkeypatch.setitem(registry.EXPERIMENTS, COIN.id, COIN)


@pytest.fixture
def shipped(monkeypatch, tmp_path_factory) -> Path:
    """A folder of results that come with deltarule: one run of each variant of the coin."""
    folder = tmp_path_factory.mktemp("shipped")
    monkeypatch.setattr(folders, "SHIPPED", folder)
    write_result(folder, run_once(COIN, quick=False))
    return folder


def test_results_come_with_the_checkout():
    assert Path("results").exists() is False
    experiments = [id for id in registry.EXPERIMENTS if id != COIN.id and find_folder(id) == folders.SHIPPED]
    assert len(experiments) > 90
    read = [read_result(locate_result(folders.SHIPPED, id)) for id in experiments]
    assert [result.id for result in read] == experiments
    assert not any(result.quick for result in read)


def test_a_result_that_comes_with_deltarule_is_shown_and_plotted(deltarule, shipped):
    shown = deltarule(*SHOW)
    assert (shown.code, shown.err, COMES in shown.out) == (0, "", True)
    assert re.search(r"^heads \(fair\) +about 50.00 % +49.00 %", shown.out, re.MULTILINE)
    row = deltarule(*SHOW, "--json").json
    assert (row["file"], row["shipped"]) == (str(locate_result(shipped, COIN.id)), True)
    drawn = deltarule("experiments", "plot", COIN.id)
    assert (drawn.code, COMES in drawn.out) == (0, True)
    assert Path("ch1-coin.png").exists()
    assert not Path("results").exists()


def test_a_run_of_the_user_takes_the_place_of_that_result_alone(deltarule, shipped):
    write_result(shipped, run_once(registry.EXPERIMENTS["ch1/nand"], quick=False))
    before = locate_result(shipped, COIN.id).read_bytes()
    listed = deltarule("experiments").out
    assert f"These results come with deltarule {dr.__version__}; your own runs" in listed
    assert deltarule(*RUN, "--seeds", 2).code == 0
    shown = deltarule(*SHOW).out
    assert COMES not in shown
    assert "49.50 ± 0.71 %" in shown
    assert deltarule(*SHOW, "--json").json["shipped"] is False
    assert COMES in deltarule("experiments", "show", "ch1/nand").out
    assert "1 of these 2 results comes with deltarule" in deltarule("experiments").out
    assert locate_result(shipped, COIN.id).read_bytes() == before
    named = deltarule(*SHOW, "--results", shipped)
    assert "49.00 %" in named.out
    assert COMES not in named.out  # the user has named the folder


def test_runs_never_resume_from_a_result_that_comes_with_deltarule(deltarule, shipped):
    assert deltarule(*RUN, "--seeds", 1, "--resume", "--json").json["ran"] == 2


def test_a_named_folder_has_no_other_beside_it(deltarule, shipped):
    Path("mine").mkdir()
    shown = deltarule(*SHOW, "--results", "mine")
    assert (shown.code, "Not measured yet" in shown.out, COMES in shown.out) == (0, True, False)
    assert "comes with deltarule" not in deltarule("experiments", "--results", "mine").out


def test_the_origin_is_one_line(monkeypatch):
    many = [folders.SHIPPED] * 5
    for places in (many, many[:1], [*many, Path("results")], [folders.SHIPPED, Path("results")]):
        assert describe_origin(places).endswith(".")
        assert len(describe_origin(places)) < 100
    assert describe_origin([Path("results")]) == describe_origin([]) == ""


@pytest.mark.parametrize("words", [("experiments",), SHOW, ("experiments", "plot", COIN.id), ("experiments", "report")])
@pytest.mark.parametrize("folder", ["file", "none"])
def test_results_in_something_other_than_a_folder_are_refused(deltarule, words, folder):
    Path("file").touch()
    ran = deltarule(*words, "--results", folder)
    assert (ran.code, ran.out) == (2, "")
    assert f"error: --results: expected a folder with results, got '{folder}'; " in ran.err
    assert [path.name for path in Path.cwd().iterdir()] == ["file"]


def test_runs_are_not_saved_in_a_file(deltarule):
    Path("file").touch()
    ran = deltarule(*RUN, "--results", "file")
    assert (ran.code, ran.out) == (2, "")
    assert "error: --results: expected a folder with results, got 'file'" in ran.err
    assert deltarule(*RUN, "--seeds", 1, "--results", "new").code == 0


@pytest.mark.parametrize("words", [SHOW, ("experiments", "plot", COIN.id)])
def test_a_miniature_is_not_shown_as_full_runs_nor_the_reverse(deltarule, words):
    deltarule(*RUN, "--quick")
    deltarule(*RUN, "--seeds", 1)
    path = "runs/experiments/quick/ch1/coin.json"
    ran = deltarule(*words, "--results", "runs/experiments/quick")
    assert (ran.code, ran.out) == (2, "")
    assert f"error: {path}: expected full runs, but the file holds a miniature; add --quick" in ran.err
    ran = deltarule(*words, "--results", "results", "--quick")
    assert "expected a miniature, but the file holds full runs; leave out --quick" in ran.err


@pytest.mark.parametrize("words", [("experiments",), ("experiments", "report")])
def test_a_folder_of_miniatures_is_neither_listed_nor_reported(deltarule, words):
    deltarule(*RUN, "--quick")
    ran = deltarule(*words, "--results", "runs/experiments/quick")
    assert (ran.code, ran.out) == (2, "")
    assert "expected full runs, but the file holds a miniature; choose another folder" in ran.err


def change_file(change: dict[str, object]) -> None:
    """Change the coin's result, or write ``text`` in its place."""
    path = locate_result(Path("results"), COIN.id)
    content = json.loads(path.read_text(encoding="utf-8")) | change
    path.write_text(str(content.get("text", json.dumps(content))), encoding="utf-8")


DAMAGES = {
    "quick of the result: expected true or false, got 'no'": {"quick": "no"},
    "quick of the result: expected true or false, got 1": {"quick": 1},
    "id of the result: expected a text, got 3": {"id": 3},
    "runs of the result: expected a list, got {}": {"runs": {}},
    "run: expected a mapping such as {}, got 5": {"runs": [5]},
    "the file ends too early, as if half-written": {"text": '{"format": 1, "id": '},
}


@pytest.mark.parametrize("problem", DAMAGES)
def test_a_damaged_result_is_an_error_and_nothing_else(deltarule, problem, shipped):
    deltarule(*RUN, "--seeds", 1)
    change_file(DAMAGES[problem])
    for words in (SHOW, (*SHOW, "--json"), ("experiments", "plot", COIN.id)):
        ran = deltarule(*words)
        assert (ran.code, ran.out) == (1, "")
        assert f"error: results/ch1/coin.json: expected the result of an experiment ({problem})" in ran.err
    listed = deltarule("experiments")
    assert (listed.code, problem in listed.err) == (1, True)
    assert "ch1/nand" in listed.out  # the others are listed all the same


@pytest.mark.parametrize("words", ["run", "show", "plot"])
def test_an_unknown_experiment_is_an_error_about_the_id(deltarule, words):
    ran = deltarule("experiments", words, "ch1/con")
    assert (ran.code, ran.err.startswith("error: ID: expected the id of an experiment")) == (2, True)
    assert "did you mean ch1/coin" in ran.err


@pytest.mark.parametrize("error", ["\n", " ", "\nlost"])
def test_a_failure_has_words_even_if_its_error_has_none(deltarule, error):
    write_result(Path("results"), run_once(COIN, quick=False).with_run(Run("fair", 2, {}, error=error)))
    assert f"Failed: fair seed 2: {error.strip() or 'an error without a message'}\n" in deltarule(*SHOW).out


def test_the_list_fits_100_columns_with_its_origin(deltarule, shipped, monkeypatch):
    monkeypatch.setattr(out, "width", 100)
    lines = deltarule("experiments", "--chapter", 1).out.splitlines()
    assert [line for line in lines if line.startswith("This result comes with deltarule")]
    assert max(map(len, lines)) <= 100
