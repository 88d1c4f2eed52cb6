import json
import re
import sys
from importlib import import_module
from pathlib import Path

import benchmarks.__main__
import pytest
from benchmarks.__main__ import main
from benchmarks.child import Request
from benchmarks.contenders import CONTENDERS, OWN, TODAY
from benchmarks.jobs import GRID, JOBS, find_job
from benchmarks.measure import run
from benchmarks.report import render
from benchmarks.results import read_results, save_reason, save_results
from benchmarks.summary import Verdict, failures, rows, verdicts

from deltarule.errors import InvalidArgument

ROOT = Path(__file__).parent.parent.parent
COLUMNS = {
    "deltarule, native": OWN,
    "before": TODAY,
    "deltarule, jax": "deltarule-jax",
    "deltarule, numpy": "deltarule-numpy",
    "Keras on JAX": "keras",
    "plain JAX": "plain-jax",
    "PyTorch": "pytorch-eager",
    "PyTorch, compiled, C++ wrapper": "pytorch-compiled-cpp",
    "PyTorch, compiled": "pytorch-compiled",
    "PyTorch, channels last": "pytorch-channels-last",
    "scikit-learn": "scikit-learn",
}
"""The contenders as the README calls them."""


def reply(*seconds, accuracy=0.95, examples=50_000):
    return {
        "seconds": list(seconds),
        "compile_seconds": 0.5,
        "accuracy": accuracy,
        "peak_memory": 2**28,
        "examples": examples,
        "versions": {"numpy": "2.4.6"},
    }


def result(name, *rounds, error=None):
    contender = next(c for c in CONTENDERS if c.name == name)
    return {
        "name": name,
        "label": contender.label,
        "group": contender.group,
        "how": contender.how,
        "threads": 1,
        "error": error,
        "trials": [{"threads": 1, **reply(9.0)}],
        "rounds": [{"round": i, **r} for i, r in enumerate(rounds)],
    }


@pytest.fixture
def measured():
    results = [
        result(OWN, reply(0.1, 0.1, 0.3), reply(0.2, 0.2, 0.2)),
        result(TODAY, reply(0.4, 0.4, 0.4), reply(0.4, 0.4, 0.4)),
        result("pytorch-eager", reply(1.0, 2.0, 1.0), reply(2.4, 2.4, 2.4, accuracy=0.97)),
        result("pytorch-compiled", reply(0.9, 0.9, 0.9), reply(0.8, 0.8, 0.8)),
        result("book", reply(1.0, examples=10_000), reply(1.0, examples=10_000)),
        result("scikit-learn", error="ImportError: no sklearn"),
    ]
    job = {
        **find_job("784-100-10").to_json(),
        "date": "2026-01-31",
        "command": "python -m benchmarks --jobs 784-100-10 --rounds 2",
        "load_before": 0.1,
        "versions": {"numpy": "2.4.6"},
        "rounds": 2,
        "epochs": 3,
        "examples": 50_000,
        "results": results,
    }
    machine = {
        "processor": "A Processor",
        "cores": 2,
        "memory_gib": 8,
        "system": "Linux 6",
        "architecture": "x86_64",
        "python": "3.11.7",
    }
    return {"format": 3, "machine": machine, "jobs": [job]}


def test_a_row_holds_medians_of_rounds_and_the_extremes_of_all_epochs(measured):
    own, peer = (row for row in rows(measured["jobs"][0]) if row.name in (OWN, "pytorch-eager"))
    assert (own.seconds, own.fastest, own.slowest, own.ratio) == (pytest.approx(0.15), 0.1, 0.3, 1.0)
    assert (peer.seconds, peer.fastest, peer.slowest) == (1.7, 1.0, 2.4)
    assert peer.ratio == pytest.approx(11)  # of 1.0 / 0.1 and 2.4 / 0.2
    assert peer.accuracy == pytest.approx(0.96)


def test_times_of_fewer_images_are_scaled_and_have_no_accuracy(measured):
    book = next(row for row in rows(measured["jobs"][0]) if row.name == "book")
    assert (book.seconds, book.accuracy) == (5.0, None)
    assert "| the book's way, scaled from 10,000 images | 1 | 5.000 | 5.000–5.000 | 37.5 | – |" in render([measured])


def test_a_failing_contender_is_named_with_the_reason(measured):
    assert failures(measured["jobs"][0]) == [("scikit-learn, MLPClassifier", "ImportError: no sklearn")]


def test_a_target_is_judged_against_a_contender_or_the_fastest_of_a_group(measured):
    assert [(v.about, v.measured, v.word) for v in verdicts(measured["jobs"][0])] == [
        ("faster than before", pytest.approx(3), "stretch target met"),
        ("faster than PyTorch, compiled, the fastest of its forms", pytest.approx(6.5), "goal missed"),
    ]


def test_less_memory_is_better(measured):
    measured["jobs"][0]["targets"] = [{"figure": "memory", "must": 268, "aim": 1, "peer": "", "goal": ""}]
    [memory] = verdicts(measured["jobs"][0])
    assert (memory.measured, memory.word) == (2**28 / 1e6, "missed")
    assert memory.texts == ("268.00 MB", "1.00 MB", "268.44 MB")
    assert Verdict("memory", "MB", 269, 1, 2**28 / 1e6, less=True).word == "target met"


def test_a_figure_is_not_rounded_to_its_target():
    assert Verdict("speed", "×", 3, 3, 2.973).texts == ("3.00 ×", "3.00 ×", "2.97 ×")
    assert Verdict("speed", "×", 3, 4, 3.04).texts == ("3.0 ×", "4.0 ×", "3.0 ×")
    assert Verdict("cost", "ms", 2.5, 1, 2.5001, less=True).texts == ("2.5000 ms", "1.0000 ms", "2.5001 ms")
    assert Verdict("cost", "ms", 2.5, 1, None, less=True).texts == ("2.50 ms", "1.00 ms", "–")
    assert Verdict("cost", "ms", 2.5, 1, 2.5 + 1e-9, less=True).texts[2] == "2.500000 ms"


def test_without_deltarule_there_are_no_ratios(measured):
    del measured["jobs"][0]["results"][0]
    assert {row.ratio for row in rows(measured["jobs"][0])} == {None}
    assert "not measured" in render([measured])


def test_the_report_contains_the_measurements(measured):
    text = render([measured])
    assert "| PyTorch | 1 | 1.700 | 1.000–2.400 | 11.0 | 96.00 % (95.00–97.00) |" in text
    assert "scikit-learn, MLPClassifier could not be measured: ImportError: no sklearn" in text


def test_a_new_measurement_of_a_job_replaces_only_that_job(measured, tmp_path):
    one, other = measured["jobs"][0], {**measured["jobs"][0], "name": JOBS[0].name}
    path = save_results(tmp_path, [one, other])
    assert save_results(tmp_path, [{**other, "rounds": 9}], grid={"date": "today"}) == path
    found = json.loads(path.read_text())
    assert [(job["name"], job["rounds"]) for job in found["jobs"]] == [(JOBS[0].name, 9), (one["name"], 2)]
    assert found["grid"] == {"date": "today"}


def test_results_of_an_earlier_format_are_not_kept(measured, tmp_path):
    path = save_results(tmp_path, measured["jobs"])
    path.write_text(json.dumps({**measured, "format": 2}))
    assert read_results(path) is None
    save_results(tmp_path, many={"date": "today"})
    assert read_results(path)["jobs"] == []


def test_a_reason_stands_below_the_targets_if_one_was_missed(measured, tmp_path):
    path = save_results(tmp_path, measured["jobs"])
    save_reason(tmp_path, "784-100-10", "PyTorch was fast.")
    text = render([measured | {"reasons": read_results(path)["reasons"]}])
    assert "- `784-100-10`: PyTorch was fast." in text
    with pytest.raises(InvalidArgument, match="expected one of conv-10"):
        save_reason(tmp_path, "784-99-10", "none")
    save_reason(tmp_path, "784-100-10", "")
    assert read_results(path)["reasons"] == {}


@pytest.mark.slow
def test_the_command_in_the_report_has_the_actual_rounds(monkeypatch):
    monkeypatch.setattr(benchmarks.__main__, "measure", lambda plan, command, report: map(command, plan.jobs))
    monkeypatch.setattr(benchmarks.__main__, "save_results", lambda out, jobs: commands.extend(jobs) or out)
    monkeypatch.setattr(benchmarks.__main__, "write_report", lambda out: [])
    monkeypatch.setattr(benchmarks.__main__.data, "load", lambda name, path: None)
    commands = []
    assert main(["--rounds", "3", "--jobs", "fast-99", "five-times-the-images"]) == 0
    assert [command.split("--")[-1] for command in commands] == ["rounds 3", "rounds 1"]
    commands.clear()
    assert main(["--jobs", "fast-99", "--contenders", OWN, TODAY, "book"]) == 0
    assert commands == [f"python -m benchmarks --jobs fast-99 --contenders {OWN} {TODAY} --rounds 5"]
    commands.clear()
    assert main(["--jobs", "conv-10", "--trials", "1", "--epochs", "2"]) == 0
    assert commands == ["python -m benchmarks --jobs conv-10 --rounds 5 --trials 1 --epochs 2"]


def test_every_job_names_existing_contenders_and_peers():
    names = {contender.name for contender in CONTENDERS}
    for job in (*JOBS, *GRID):
        assert set(job.contenders) | set(job.fewer) <= names
        assert OWN in job.contenders
        peers = names | {contender.group for contender in CONTENDERS}
        assert all(target.peer in peers for target in job.targets)
        assert job.recipe.network((28, 28), 10).n_out == 10


def test_the_report_is_built_only_from_the_files(measured, tmp_path):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "benchmarks-a.json").write_text(json.dumps(measured))
    assert main(["--report", "--out", str(tmp_path)]) == 0
    assert sorted(p.name for p in (tmp_path / "docs").iterdir()) == ["benchmarks.md", "benchmarks.png"]


def test_the_tables_of_the_readme_come_from_one_machine():
    """Check the seconds and the ratio in every cell against the results of that machine."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    slug = "intel-xeon-processor" if "virtual machine (Intel Xeon)" in readme else "amd-epyc"
    found = json.loads((ROOT / "results" / f"benchmarks-{slug}-2-cores.json").read_text(encoding="utf-8"))
    tables = re.findall(r"^\| \| (deltarule, .*) \|\n\|.*\n((?:\|.*\n)+)", readme, re.MULTILINE)
    assert len(tables) == 2
    own = COLUMNS[tables[0][0].split(" | ")[0]]
    known = {job["name"]: {row.name: row for row in rows(job, own)} for job in found["jobs"]}
    for heading, lines in tables:
        for line in lines.splitlines():
            job, *cells = (cell.strip(" *`") for cell in line.strip("|").split("|"))
            columns = [COLUMNS[label] for label in heading.split(" | ")]
            job = job.replace("mini-batch ", "conv-")
            for name, cell in zip(columns, cells, strict=True):
                if cell == "–":
                    assert name not in known[job]
                    continue
                seconds, *ratio = re.findall(r"[\d.]+", cell)
                row = known[job][name]
                assert seconds == f"{row.seconds:.{len(seconds.partition('.')[2])}f}"
                assert ratio == ([] if name == own else [f"{row.ratio:.1f}"])


def test_a_failing_process_replies_with_the_reason(tmp_path, monkeypatch):
    request = Request(OWN, JOBS[0].name, threads=1, epochs=1, examples=0, seed=0, data=str(tmp_path / "absent"))
    said = run(request, tmp_path)["error"]
    assert said.startswith("DataError: ")
    assert "absent" in said
    assert str(tmp_path) not in said
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert run(request, tmp_path) == {"error": "the process ended with 1: no output"}


def test_unknown_jobs_and_invalid_numbers_are_refused(capsys):
    for wrong in (["--jobs", "784-1"], ["--rounds", "0"], ["--contenders", "numba"]):
        with pytest.raises(SystemExit):
            main(wrong)
    assert "expected one of conv-10, conv-100, 784-30-10" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["__main__", "book", "grid", "many", "nets", "record", "search", "startup"])
def test_each_command_reports_missing_data_in_one_line(name, tmp_path, monkeypatch, capsys):
    given = {"nets": ["best"], "search": ["best", str(tmp_path / "net.toml")]}.get(name, [])
    monkeypatch.setattr(sys, "argv", ["benchmarks", *given, "--data", str(tmp_path / "nowhere")])
    if name == "search":
        (tmp_path / "net.toml").write_text('layers = ["Output"]\n')
    assert import_module(f"benchmarks.{name}").main() == 1
    printed = capsys.readouterr().err
    assert printed.startswith("benchmarks: ")
    assert str(tmp_path / "nowhere") in printed.replace("\n", "")
    assert "Traceback" not in printed
