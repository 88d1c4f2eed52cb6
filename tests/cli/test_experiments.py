"""deltarule experiments: the list, runs that are saved and resumed, show, plot and report."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from deltarule.cli.console import out
from deltarule.errors import InvalidArgument
from deltarule.experiments import registry
from deltarule.experiments.overrides import parse_settings
from deltarule.experiments.result import Run, locate_result, read_or_create_result, read_result
from deltarule.experiments.run import save_run

from .coin import COIN
from .conftest import at_a_terminal

RUN = ("experiments", "run", COIN.id)


@pytest.fixture(autouse=True)
def coin(monkeypatch):
    monkeypatch.setitem(registry.EXPERIMENTS, COIN.id, COIN)
    monkeypatch.setattr("deltarule.experiments.folders.SHIPPED", Path("shipped"))  # there is none


def read_heads(folder: str = "results") -> dict[tuple[str, int], float]:
    """Return the heads of each run that succeeded."""
    runs = read_result(locate_result(Path(folder), COIN.id)).runs
    return {(run.variant, run.seed): run.figures["heads"] for run in runs if not run.error}


def test_the_list_has_all_experiments(deltarule, monkeypatch):
    monkeypatch.setattr(out, "width", 140)
    assert deltarule(*RUN, "--seeds", 1).code == 0
    ran = deltarule("experiments")
    assert (ran.code, ran.err) == (0, "")
    listed = re.findall(r"^([a-z]+[1-6]?/\S+)", ran.out, re.MULTILINE)
    assert listed == list(registry.EXPERIMENTS)
    assert re.search(
        r"^ch1/coin +A coin & its <sides> +about 50.00 % +49.00 % +1 of 3 +under 0.1 s *$", ran.out, re.MULTILINE
    )
    only = deltarule("experiments", "--chapter", 4).out
    assert re.findall(r"^Chapter (\d)", only, re.MULTILINE) == ["4"]
    after = deltarule("experiments", "--chapter", "memory").out
    assert re.findall(r"^After the book +(.+?) *$", after, re.MULTILINE) == ["Networks with memory"]
    assert set(re.findall(r"^(\w+)/", after, re.MULTILINE)) == {"memory"}
    refused = deltarule("experiments", "--chapter", 7)
    assert refused.code == 2
    assert "--chapter: expected a chapter from 1 to 6, or memory or generation, got '7'" in refused.err
    rows = {row["id"]: row for row in deltarule("experiments", "--json").json["experiments"]}
    assert list(rows) == list(registry.EXPERIMENTS)
    assert (rows[COIN.id]["runs"], rows[COIN.id]["runs_of_a_full_result"], rows[COIN.id]["reproduced"]) == (2, 6, 1)
    assert [figure["verdict"] for figure in rows[COIN.id]["figures"]] == ["one run", "one run", "reproduced"]


@pytest.mark.parametrize("columns", [62, 120])
def test_the_list_fits_its_window(columns):
    command = [sys.executable, "-m", "deltarule.cli", "experiments", "--chapter", "4"]
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", at_a_terminal(*command, columns=columns).out)
    lines = [line.rstrip() for line in shown.splitlines() if line.startswith("ch4/")]
    ids = [id for id in registry.EXPERIMENTS if id.startswith("ch4/")]
    assert [line.split()[0] for line in lines] == ids
    assert max(map(len, lines)) <= columns


def test_runs_are_saved_and_printed(deltarule):
    ran = deltarule(*RUN)
    assert (ran.code, ran.err) == (0, "")
    lines = re.findall(r"^ch1/coin (fair|loaded) seed (\d): heads (\S+ %)", ran.out, re.MULTILINE)
    each = [(name, seed, heads + seed) for seed in (1, 2, 3) for name, heads in (("fair", 48), ("loaded", 80))]
    assert lines == [(name, str(seed), f"{heads}.00 %") for name, seed, heads in each]
    assert re.search(
        r"^heads \(fair\) +about 50.00 % +50.00 ± 1.00 % +45.03 to 54.97 % +3 +✓ reproduced", ran.out, re.MULTILINE
    )
    assert re.search(r"^heads of a loaded coin +≤ 70.00 % +82.00 .* ✗ ours is higher", ran.out, re.MULTILINE)
    assert len(read_heads()) == 6
    run = read_result(locate_result(Path("results"), COIN.id)).runs[0]
    assert run.command == "deltarule experiments run ch1/coin"
    found = deltarule(*RUN, "--seeds", 2, "--json").json
    assert (found["ran"], found["failed"], found["results"]) == (4, 0, "results")
    assert found["experiments"][0]["figures"][0]["values"] == [49, 50, 51]


def test_resume_does_the_runs_that_are_missing_or_had_other_settings(deltarule):
    deltarule(*RUN, "--seeds", 2)
    ran = deltarule(*RUN, "--resume")
    assert re.findall(r"seed (\d)", ran.out) == ["3", "3"]
    assert "No run is missing in results" in deltarule(*RUN, "--resume").out
    otherwise = deltarule(*RUN, "--results", "other", "--set", "heads=60")
    assert len(re.findall(r"^ch1/coin", otherwise.out, re.MULTILINE)) == 6
    assert "With other settings than its own: heads" in otherwise.out
    shown = deltarule("experiments", "show", COIN.id, "--results", "other").out
    assert "Changed setting: heads 60 in place of 48\nChanged setting: heads of “loaded” 60 in place of 80\n" in shown
    assert len(re.findall(r"seed (\d)", deltarule(*RUN, "--resume", "--results", "other").out)) == 6


def test_other_settings_get_no_verdict(deltarule):
    deltarule(*RUN, "--results", "other", "--set", "heads=49", "--seeds", 1)
    (row,) = deltarule("experiments", "show", COIN.id, "--results", "other", "--json").json["figures"][:1]
    assert (row["values"], row["verdict"]) == ([50], "other settings")
    deltarule(*RUN, "--results", "other", "--seeds", 2, "--resume")
    (row,) = deltarule("experiments", "show", COIN.id, "--results", "other", "--json").json["figures"][:1]
    assert (row["values"], row["verdict"]) == ([49, 50], "one run")


def test_other_settings_never_replace_the_full_result(deltarule):
    deltarule(*RUN)
    before = read_heads()
    ran = deltarule(*RUN, "--resume", "--results", "results", "--set", "heads=60")
    assert ran.code == 2
    assert "results/ch1/coin.json: changed: expected the experiment's own settings" in ran.err
    assert read_heads() == before


def test_changed_settings_get_their_own_folder(deltarule):
    deltarule(*RUN)
    before = read_heads()
    ran = deltarule(*RUN, "--set", "heads=10.5", "--set", "places=[3]", "--seeds", 1)
    assert ran.code == 0
    (folder,) = Path("runs/experiments").iterdir()
    assert re.fullmatch(r"heads=10\.5,places=3-\w{6}", folder.name)
    assert read_heads(str(folder)) == {("fair", 1): 11.5, ("loaded", 1): 11.5}
    assert read_heads() == before


WRONG = {
    "heads": "--set: expected name=value, such as eta=0.5, got 'heads'",
    "head=3": "which has heads, places, trouble, trouble_at, got 'head'; did you mean heads?",
    "heads=O.5": "got 'heads=O.5'",
    "heads=many": "a number for heads, such as 48, got 'many'",
    "heads=true": "a number for heads, such as 48, got True",
    "places=3": "a list for places, such as [1, 2], got 3",
    "heads=NaN": "a number for heads",
    "heads=2026-01-01": "got 'heads=2026-01-01'",
}


@pytest.mark.parametrize("text", WRONG)
def test_an_invalid_setting_is_refused(deltarule, text):
    ran = deltarule(*RUN, "--set", text)
    assert ran.code == 2
    assert WRONG[text] in ran.err
    assert not Path("runs").exists()


def test_parse_settings_reads_numbers_words_and_lists():
    texts = ["heads=1e2", "trouble=usage", "places=[3, 4]"]
    assert parse_settings(texts, [COIN]) == {"heads": 100.0, "trouble": "usage", "places": [3, 4]}
    assert parse_settings(["trouble='a b'"], [COIN]) == parse_settings(['trouble="a b"'], [COIN]) == {"trouble": "a b"}


def test_a_miniature_never_replaces_a_full_result(deltarule):
    deltarule(*RUN)
    before = locate_result(Path("results"), COIN.id).read_bytes()
    quick = deltarule(*RUN, "--quick")
    assert quick.code == 0
    assert re.search(r"^heads \(fair\) +41 +41 .*✓ as expected", quick.out, re.MULTILINE)
    assert read_heads("runs/experiments/quick") == {("fair", 1): 41}
    shown = deltarule("experiments", "show", COIN.id, "--quick").out
    assert re.search(r"^heads \(fair\) +41 +41 .*✓ as expected", shown, re.MULTILINE)
    assert "Settings of the miniature: heads 40" in shown
    assert "Run:   deltarule experiments run ch1/coin --quick" in shown
    mixed = deltarule(*RUN, "--quick", "--results", "results")
    assert mixed.code == 2
    assert (
        "results/ch1/coin.json: expected a miniature, but the file holds full runs; choose another folder" in mixed.err
    )
    other = deltarule(*RUN, "--results", "runs/experiments/quick")
    assert other.code == 2
    assert "coin.json: expected full runs, but the file holds a miniature" in other.err
    assert locate_result(Path("results"), COIN.id).read_bytes() == before
    with pytest.raises(InvalidArgument):  # by save_run neither
        save_run(
            Path("results"),
            COIN.id,
            read_or_create_result(Path("runs/experiments/quick"), COIN.id, quick=True).runs[0],
            quick=True,
        )


@pytest.mark.parametrize(("kind", "text"), [("usage", "on its edge"), ("bug", "ZeroDivisionError: no sides")])
def test_a_failed_run_is_printed_and_the_others_are_saved(deltarule, kind, text):
    ran = deltarule(*RUN, "--set", f"trouble={kind}", "--set", "trouble_at=2", "--results", "new")
    assert ran.code == 1
    assert text in ran.out
    assert "Traceback" not in ran.out + ran.err
    failures = [run.error for run in read_result(locate_result(Path("new"), COIN.id)).runs if run.error]
    assert ["Traceback" in error for error in failures] == 2 * [kind == "bug"]  # only a bug has a traceback
    assert "2 of 6 runs failed (ch1/coin fair seed 2, ch1/coin loaded seed 2)" in ran.err
    assert sorted(read_heads("new")) == [("fair", 1), ("fair", 3), ("loaded", 1), ("loaded", 3)]
    shown = deltarule("experiments", "show", COIN.id, "--results", "new").out
    assert "Failed: fair seed 2: " in shown
    assert "Only 2 of 3 seeds were run, for all variants" in shown
    again = deltarule(*RUN, "--resume", "--results", "new")
    assert (again.code, len(read_heads("new"))) == (0, 6)


def test_a_failure_never_replaces_a_run(deltarule):
    deltarule(*RUN)
    before = locate_result(Path("results"), COIN.id).read_bytes()
    save_run(Path("results"), COIN.id, Run("fair", 2, COIN.settings, error="on its edge"))
    assert locate_result(Path("results"), COIN.id).read_bytes() == before


def test_two_processes_save_all_their_runs(tmp_path):
    """Both processes write to the same file at the same time."""
    code = (
        "import sys; from pathlib import Path; from deltarule.experiments.result import Run; "
        "from deltarule.experiments.run import save_run; "
        "[save_run(Path(sys.argv[1]), 'ch1/coin', Run('fair', seed, {})) for seed in range(int(sys.argv[2]), 80, 2)]"
    )
    both = [subprocess.Popen([sys.executable, "-c", code, tmp_path, str(first)]) for first in (0, 1)]
    assert [process.wait(120) for process in both] == [0, 0]
    assert sorted(run.seed for run in read_result(locate_result(tmp_path, COIN.id)).runs) == list(range(80))


def test_auto_runs_the_seeds_that_the_verdicts_need(deltarule, monkeypatch):
    wider = tuple(replace(figure, relation="is", value=50.0) for figure in COIN.published[:2])
    monkeypatch.setitem(registry.EXPERIMENTS, COIN.id, replace(COIN, published=(*wider, COIN.published[2])))
    ran = deltarule(*RUN, "--seeds", "auto", "--set", "heads=1")
    assert (ran.code, "--seeds: expected a number with --quick and --set" in ran.err) == (2, True)
    deltarule(*RUN, "--seeds", 2)
    ran = deltarule(*RUN, "--seeds", "auto", "--json").json
    assert ran["ran"] == 36  # the heads grow with the seed, so the interval is never narrow enough
    assert sorted(seed for variant, seed in read_heads() if variant == "fair") == list(range(1, 21))
    assert [figure["verdict"] for figure in ran["experiments"][0]["figures"]] == [
        "undecided",
        "undecided",
        "reproduced",
    ]
    assert "No run is missing" in deltarule(*RUN, "--seeds", "auto").out
    monkeypatch.setitem(registry.EXPERIMENTS, COIN.id, COIN)
    assert deltarule(*RUN, "--seeds", "auto", "--results", "few", "--json").json["ran"] == 6


def test_auto_does_not_repeat_a_run_that_fails(deltarule, monkeypatch):
    settings = {**COIN.settings, "trouble": "usage", "trouble_at": 2}
    monkeypatch.setitem(registry.EXPERIMENTS, COIN.id, replace(COIN, settings=settings))
    ran = deltarule(*RUN, "--seeds", "auto")
    assert ran.code == 1
    assert sorted(read_heads()) == [("fair", 1), ("fair", 3), ("loaded", 1), ("loaded", 3)]


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "many", "²", "10000"])
def test_an_invalid_number_of_seeds_is_an_error(deltarule, text):
    ran = deltarule(*RUN, "--seeds", text)
    assert (ran.code, f"--seeds: expected a whole number from 1 to 9999, or auto, got '{text}'" in ran.err) == (2, True)


def change_result(change) -> str:
    """Change the content of the coin's result, and return the text of the file before."""
    path = locate_result(Path("results"), COIN.id)
    text = path.read_text(encoding="utf-8")
    content = json.loads(text)
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    return text


INVALID = {
    "expected the result of an experiment in format 1, which this version reads, got 0": lambda it: it.update(format=0),
    "expected the result of an experiment in format 1, which this version reads, got 2": lambda it: it.update(format=2),
    "in format 1, which this version reads, got True": lambda it: it.update(format=True),
    "in format 1, which this version reads, got 'no format'": lambda it: it.pop("format"),
    "expected each seed of a variant once, got seed 1 of “fair” twice": lambda it: it["runs"].append(it["runs"][0]),
    "expected the result of ch1/coin, got 'ch1/nand'": lambda it: it.update(id="ch1/nand"),
    "expected the result of an experiment ('runs')": lambda it: it.pop("runs"),
}


@pytest.mark.parametrize("problem", INVALID)
def test_an_invalid_result_is_a_named_error_and_stays(deltarule, problem):
    deltarule(*RUN, "--seeds", 1)
    change_result(INVALID[problem])
    path = locate_result(Path("results"), COIN.id)
    before = path.read_bytes()
    for words in (("show", COIN.id), ("run", COIN.id)):
        ran = deltarule("experiments", *words)
        assert f"results/ch1/coin.json: {problem}" in ran.err or problem in ran.err, words
        assert "results/ch1/coin.json: expected" in ran.err
    assert path.read_bytes() == before


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_half_written_result_is_a_named_error_and_stays(deltarule, share):
    deltarule(*RUN, "--seeds", 1)
    path = locate_result(Path("results"), COIN.id)
    half = path.read_bytes()[: int(share * path.stat().st_size)]
    path.write_bytes(half)
    ran = deltarule(*RUN)
    assert ran.code == 1
    assert "results/ch1/coin.json: expected the result of an experiment (" in ran.err
    assert "move the file elsewhere and run the experiment again" in ran.err
    assert path.read_bytes() == half


DAMAGES = (
    {"figures": None},
    {"figures": {"heads": "x"}},
    {"series": []},
    {"settings": "none"},
    {"seed": "1"},
    {"variant": None},
    {"error": 3},
    {"more": 1},
)


@pytest.mark.parametrize("damage", DAMAGES, ids=str)
def test_a_damaged_result_is_an_error_with_its_path(deltarule, damage):
    deltarule(*RUN, "--seeds", 1)
    path = locate_result(Path("results"), COIN.id)
    content = json.loads(path.read_text(encoding="utf-8"))
    content["runs"][0] |= damage
    path.write_text(json.dumps(content), encoding="utf-8")
    for words in ((), ("show", COIN.id), ("plot", COIN.id), ("run", COIN.id, "--resume")):
        ran = deltarule("experiments", *words)
        assert "results/ch1/coin.json: expected the result of an experiment" in ran.err, words


def test_ctrl_c_saves_the_runs_that_are_done_and_prints_the_command_to_resume(deltarule):
    ran = deltarule(*RUN, "--set", "trouble=interrupt", "--set", "trouble_at=2", "--results", "results")
    assert ran.code == 130
    assert "2 of 6 runs are done and saved in results" in ran.err
    command = re.search(r"Resume:  deltarule (.*)", ran.err)[1]
    assert command == f"{' '.join(RUN)} --set trouble=interrupt --set trouble_at=2 --results results --resume"
    assert sorted(read_heads()) == [("fair", 1), ("loaded", 1)]


def test_a_killed_process_leaves_the_runs_that_are_done(deltarule):
    code = "\n".join(
        [
            f"import sys; sys.path.insert(0, {str(Path(__file__).parents[1])!r})",
            "from cli.coin import register",
            "register()",
            "from deltarule.cli.__main__ import main",
            "main()",
        ]
    )
    words = [*RUN, "--set", "trouble=kill", "--set", "trouble_at=3", "--results", "results"]
    died = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, timeout=60)
    assert died.returncode == -9
    assert sorted(read_heads()) == [("fair", 1), ("fair", 2), ("loaded", 1), ("loaded", 2)]
    before = locate_result(Path("results"), COIN.id).read_text(encoding="utf-8")
    ran = deltarule(*RUN, "--set", "trouble=none", "--set", "trouble_at=3", "--results", "results", "--resume")
    assert re.findall(r"seed (\d)", ran.out) == ["1", "1", "2", "2", "3", "3"]  # they had other settings
    assert len(json.loads(before)["runs"]) == 4


def test_invalid_arguments_are_refused(deltarule):
    for words, text in {
        ("run", "ch1/con"): "did you mean ch1/coin",
        ("show", "chapter1"): "choose one, such as ch1/",
        ("run", COIN.id, "--jobs", 2, "--cluster", "dask://127.0.0.1:1"): "--jobs: expected no --jobs",
        ("run", COIN.id, "--cluster", "here"): "--cluster: expected dask://host:port",
    }.items():
        ran = deltarule("experiments", *words)
        assert (ran.code, text in ran.err) == (2, True), ran.err
    assert deltarule("experiments", "plot", COIN.id).code == 1


def test_plot_runs_a_miniature_without_a_result(deltarule):
    assert "Not measured yet: deltarule experiments run ch4/step --quick" in (
        deltarule("experiments", "show", "ch4/step", "--quick").out
    )
    assert deltarule("experiments", "plot", "ch4/step", "--quick").out == "Plot: ch4-step.png\n"
    assert Path("ch4-step.png").exists()


def test_plot_refuses_a_file_name_before_the_miniature_runs(deltarule, monkeypatch):
    monkeypatch.setattr("deltarule.experiments.run.run_once", lambda one: pytest.fail("it ran"))
    refused = deltarule("experiments", "plot", "ch4/step", "--quick", "--out", "step.txt")
    assert (refused.code, "step.txt" in refused.err, ".svg" in refused.err) == (2, True, True)


def test_if_all_runs_fail_no_others_are_mentioned(deltarule):
    ran = deltarule(*RUN, "--set", "trouble=usage", "--set", "trouble_at=1", "--seeds", 1)
    assert ran.code == 1
    assert "2 of 2 runs failed (ch1/coin fair seed 1, ch1/coin loaded seed 1)" in ran.err
    assert "the others are saved" not in ran.err


def test_plot_draws_the_saved_result(deltarule):
    deltarule(*RUN)
    ran = deltarule("experiments", "plot", COIN.id)
    assert (ran.code, ran.out) == (0, "Plot: ch1-coin.png\n")
    assert deltarule("experiments", "plot", COIN.id, "--out", "coin.svg", "--json").json["picture"] == "coin.svg"
    assert Path("coin.svg").read_text(encoding="utf-8").startswith("<?xml")
    assert Path("ch1-coin.png").read_bytes().startswith(b"\x89PNG")
