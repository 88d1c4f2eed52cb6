"""The folder of a run in each state: the errors of a new run and of --resume, and their remedies."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest

import deltarule as dr
from deltarule.data import load
from deltarule.models import files
from deltarule.training.lock import lock_folder

from .conftest import elsewhere
from .test_train import brief, start_in_python


def remedy(deltarule, folder: str) -> list[str]:
    """Return the options that the error of a new run names to resume the run in the folder."""
    ran = deltarule(*brief("--out", folder))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: --out: expected a new folder")
    assert f"got '{folder}'" in ran.err
    assert "choose another --out" in ran.err
    _, _, words = ran.err.strip().partition(" it: ")
    return shlex.split(words)


# the largest size of a file is 2 KiB
LIMITED = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (2048, -1))
from deltarule.cli.__main__ import main
main()
"""


@pytest.mark.slow
def test_a_run_starts_again_after_a_full_disk(deltarule):
    """The notes of the run fit on the disk and its first model does not."""
    full = elsewhere(*brief("--out", "run"), command=[sys.executable, "-W", "error", "-c", LIMITED])
    assert full.code == 1
    assert "run/model.safetensors: the file could not be written: File too large" in full.err
    assert [path.name for path in Path("run").iterdir()] == ["run.json"]
    for words in (["train", "--resume", "run"], ["show", "run"]):
        ran = deltarule(*words)
        assert (ran.code, ran.out) == (1, "")
        assert "start it again: deltarule" in ran.err
    again = ran.err.strip().partition("again: ")[2]
    with lock_folder(Path("run")):  # as while the run is still training
        assert deltarule(*shlex.split(again)[1:]).code == 2
    assert [path.name for path in Path("run").iterdir()] == ["run.json"]
    assert deltarule(*shlex.split(again)[1:], "--json").json["out"] == "run"
    assert deltarule("show", "run").code == 0


def test_the_remedy_of_an_existing_folder_works(deltarule):
    start_in_python("unfinished")
    start_in_python("unnamed", train=replace(load("digits")[0], name="pictures"))
    assert deltarule(*brief("--epochs", 1, "--out", "finished")).code == 0
    assert deltarule(*brief("--epochs", 40, "--early-stopping", 1, "--eta", 5, "--out", "stopped")).code == 0
    for name, words in {
        "unfinished": [],
        "unnamed": ["--data", "PATH"],
        "finished": ["--epochs", "11"],
        "stopped": ["--epochs", "50"],
    }.items():
        found = remedy(deltarule, name)
        assert found == ["--resume", name, *words]
        ran = deltarule("train", *["digits" if word == "PATH" else word for word in found], "--json")
        assert ran.code == 0, ran.err


def test_the_error_has_no_remedy_if_no_run_can_be_resumed(deltarule):
    Path("model").mkdir()
    dr.fit(dr.Network.dense([64, 10]), load("digits")[0], epochs=1).save("model/model.safetensors")
    Path("damaged").mkdir()
    Path("damaged/model.safetensors").write_bytes(Path("model/model.safetensors").read_bytes()[:300])
    assert deltarule(*brief("--eta", "1e39", "--out", "diverged")).code == 1
    for folder in ("model", "damaged"):
        assert remedy(deltarule, folder) == []


def test_a_run_that_diverged_resumes_with_a_smaller_eta(deltarule):
    assert deltarule(*brief("--eta", "1e39", "--out", "run")).code == 1
    ran = deltarule(*brief("--out", "run"))
    assert "choose another --out, or resume it with a smaller η: --resume run --eta 0.5" in ran.err
    words = shlex.split(ran.err.partition("smaller η: ")[2])
    again = deltarule("train", *words, "--json")
    assert (again.code, "η: 0.5 from epoch 1 on, before: 1e+39" in again.err) == (0, True)
    assert deltarule("runs", ".", "--json").json["runs"][0]["state"] == "finished"


def test_resume_needs_the_folder_of_a_run_not_its_file(deltarule):
    start_in_python("run")
    ran = deltarule("train", "--resume", "run/model.safetensors")
    assert ran.code == 1
    assert "run/model.safetensors: expected the folder of a run, got a file in it; give it: --resume run\n" in ran.err


def test_the_file_of_an_older_version_says_why_it_cannot_be_resumed(deltarule):
    start_in_python("run")
    tensors, description = files.read(Path("run/model.safetensors"))
    files.write(Path("run/model.safetensors"), tensors, {**description, "format": 1})
    ran = deltarule("train", "--resume", "run")
    assert (ran.code, ran.out) == (1, "")
    assert "run/model.safetensors: expected a model file of format 2 or 3, got 1" in ran.err
    assert "use the version of deltarule that wrote the file" in ran.err


def test_a_run_resumes_with_another_eta(deltarule):
    start_in_python("run")  # with η 0.5, for 3 epochs
    copytree("run", "straight")
    words = ["train", "--resume", "run", "--eta", 0.05, "--epochs", 4]
    ran = deltarule(*words, "--json")
    assert "η: 0.05 from epoch " in ran.err
    assert (
        deltarule("train", "--resume", "run", "--eta", 0.05, "--json").json["parameters_sha256"]
        == (ran.json["parameters_sha256"])
    )
    (change,) = deltarule("show", "run", "--json").json["changes"]
    assert (change["before"]["value"], change["after"]["value"]) == (0.5, 0.05)
    assert "0.5 until epoch " in deltarule("show", "run").out
    longer = deltarule("train", "--resume", "run", "--epochs", 5, "--json")
    assert "η:" not in longer.err
    assert deltarule("show", "run", "--json").json["history"][-1]["eta"] == 0.05
    unchanged = deltarule("train", "--resume", "straight", "--eta", 0.5, "--epochs", 4)
    assert (unchanged.code, "η:" in unchanged.out) == (0, False)


def test_another_eta_scales_the_schedule_of_the_run(deltarule):
    words = ["--schedule", "exponential:0.5", "--eta", 0.4, "--epochs", 2, "--out", "run"]
    assert deltarule(*brief(*words)).code == 0
    ran = deltarule("train", "--resume", "run", "--eta", 0.04)
    assert (ran.code, ran.out) == (2, "")
    assert "--eta: expected more epochs as well, because the run is finished, got 0.04; add --epochs 12" in ran.err
    ran = deltarule("train", "--resume", "run", "--eta", 0.04, "--epochs", 3)
    assert "η: Exponential(0.04, 0.5) from epoch 3 on, before: Exponential(0.4, 0.5)" in ran.out
    assert "so η is 0.01 in the next step" in ran.out
    ran = deltarule("train", "--resume", "run", "--eta", 0.3, "--schedule", "constant", "--epochs", 4)
    assert "η: 0.3 from epoch 4 on, before: Exponential(0.04, 0.5)\n" in ran.out
    assert [change["epoch"] for change in deltarule("show", "run", "--json").json["changes"]] == [2, 3]


def test_a_schedule_that_has_ended_needs_another(deltarule):
    words = ["--schedule", "halve:1", "--eta", 0, "--epochs", 20, "--out", "run"]
    assert deltarule(*brief(*words)).code == 0
    ran = deltarule("train", "--resume", "run", "--epochs", 30)
    assert (ran.code, ran.out) == (2, "")
    assert "choose another one, such as --schedule constant" in ran.err
    words = ["--epochs", 21, "--schedule", "constant", "--eta", 0.1, "--json"]
    assert deltarule("train", "--resume", "run", *words).code == 0
    assert deltarule("show", "run", "--json").json["history"][-1]["eta"] == 0.1
