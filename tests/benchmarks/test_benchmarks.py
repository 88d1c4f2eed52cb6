import json
import sys
from dataclasses import asdict

import pytest
from benchmarks.__main__ import main
from benchmarks.child import Request
from benchmarks.contenders import CONTENDERS, OWN
from benchmarks.jobs import JOBS
from benchmarks.measure import run
from benchmarks.report import render
from benchmarks.summary import failures, rows, verdicts


def reply(*seconds, accuracy=0.95):
    return {
        "seconds": list(seconds),
        "compile_seconds": 0.5,
        "accuracy": accuracy,
        "peak_memory": 2**28,
        "examples": 50_000,
        "versions": {"numpy": "2.4.6"},
    }


def result(name, *rounds, error=None):
    contender = next(c for c in CONTENDERS if c.name == name)
    return {
        "name": name,
        "label": contender.label,
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
        result("pytorch", reply(1.0, 2.0, 1.0), reply(2.4, 2.4, 2.4, accuracy=0.97)),
        result("scikit-learn", error="ImportError: no sklearn"),
    ]
    job = {**asdict(JOBS[0]), "rounds": 2, "epochs": 3, "examples": 50_000, "results": results}
    machine = {
        "processor": "A Processor",
        "cores": 2,
        "memory_gib": 8,
        "system": "Linux 6",
        "architecture": "x86_64",
        "python": "3.11.7",
    }
    return {
        "format": 1,
        "date": "2026-01-31",
        "command": "python -m benchmarks --rounds 2",
        "machine": machine,
        "load_before": 0.1,
        "versions": {"numpy": "2.4.6"},
        "jobs": [job],
    }


def test_a_row_holds_medians_of_rounds_and_the_extremes_of_all_epochs(measured):
    own, peer = rows(measured["jobs"][0])
    assert (own.seconds, own.fastest, own.slowest, own.ratio) == (pytest.approx(0.15), 0.1, 0.3, 1.0)
    assert (peer.seconds, peer.fastest, peer.slowest) == (1.7, 1.0, 2.4)
    assert peer.ratio == pytest.approx(11)  # of 1.0 / 0.1 and 2.4 / 0.2
    assert peer.accuracy == pytest.approx(0.96)


def test_who_fails_is_named_with_the_reason_and_targets_are_judged(measured):
    assert failures(measured["jobs"][0]) == [("scikit-learn, MLPClassifier", "ImportError: no sklearn")]
    assert [v.word for v in verdicts(measured["jobs"][0])] == ["must reached", "not measured"]


def test_without_deltarule_there_are_no_ratios(measured):
    del measured["jobs"][0]["results"][0]
    assert [row.ratio for row in rows(measured["jobs"][0])] == [None]
    assert "not measured" in render([measured])


def test_the_report_says_what_was_measured(measured):
    text = render([measured])
    assert "| PyTorch | 1 | 1.700 | 1.000–2.400 | 11.0 | 96.00 % (95.00–97.00) |" in text
    assert "scikit-learn, MLPClassifier could not be measured: ImportError: no sklearn" in text


def test_the_report_is_made_from_the_files_alone(measured, tmp_path):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "benchmarks-a.json").write_text(json.dumps(measured))
    assert main(["--report", "--out", str(tmp_path)]) == 0
    assert sorted(p.name for p in (tmp_path / "docs").iterdir()) == ["benchmarks.md", "benchmarks.png"]


def test_a_process_that_fails_replies_with_its_reason(tmp_path, monkeypatch):
    request = Request(OWN, JOBS[0].name, threads=1, epochs=1, examples=0, seed=0, data=str(tmp_path / "absent"))
    said = run(request, tmp_path)["error"]
    assert said.startswith("DataError: ")
    assert "absent" in said
    assert str(tmp_path) not in said
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert run(request, tmp_path) == {"error": "its process ended with 1: without a word"}


def test_only_known_jobs_and_whole_numbers_are_taken(capsys):
    for wrong in (["--jobs", "784-1"], ["--rounds", "0"]):
        with pytest.raises(SystemExit):
            main(wrong)
    assert "there are 784-30-10" in capsys.readouterr().err
