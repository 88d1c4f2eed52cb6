"""The folder of a run in each state: the errors of a new run and of --resume, and their remedies."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from pathlib import Path

import deltarule as dr
from deltarule.data import load
from deltarule.models import files

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


def test_a_full_disk_leaves_notes_that_cannot_be_resumed(deltarule):
    """The notes of the run fit on the disk and its first model does not."""
    full = elsewhere(*brief("--out", "run"), command=[sys.executable, "-W", "error", "-c", LIMITED])
    assert full.code == 1
    assert "run/model.safetensors: the file could not be written: File too large" in full.err
    assert [path.name for path in Path("run").iterdir()] == ["run.json"]
    assert remedy(deltarule, "run") == []
    assert "the notes of a run that saved nothing, unless it is still running" in deltarule(*brief("--out", "run")).err
    for words in (["train", "--resume", "run"], ["show", "run"]):
        ran = deltarule(*words)
        assert (ran.code, ran.out) == (1, "")
        assert "start again: deltarule" in ran.err
    again = ran.err.strip().partition("again: ")[2]
    Path("run/run.json").unlink()
    Path("run").rmdir()
    assert deltarule(*shlex.split(again)[1:], "--json").json["out"] == "run"


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
    for folder in ("model", "damaged", "diverged"):
        assert remedy(deltarule, folder) == []
    assert "choose another --out, or a smaller --eta" in deltarule(*brief("--out", "diverged")).err
    ran = deltarule("train", "--resume", "model")
    assert ran.code == 1
    assert "train it further in Python: deltarule.fit(deltarule.load('model'), train, epochs=10)" in ran.err
    assert len(dr.fit(dr.load("model"), load("digits")[0], epochs=10).history) == 10  # the advice


def test_resume_needs_the_folder_of_a_run_not_its_file(deltarule):
    start_in_python("run")
    ran = deltarule("train", "--resume", "run/model.safetensors")
    assert ran.code == 1
    assert "run/model.safetensors: expected the folder of a run, got a file in it; give run\n" in ran.err


def test_the_file_of_an_older_version_says_why_it_cannot_be_resumed(deltarule):
    start_in_python("run")
    tensors, description = files.read(Path("run/model.safetensors"))
    files.write(Path("run/model.safetensors"), tensors, {**description, "format": 1})
    ran = deltarule("train", "--resume", "run")
    assert (ran.code, ran.out) == (1, "")
    assert "run/model.safetensors: expected a model file of format 2 or 3, got 1" in ran.err
    assert "use the version of deltarule that wrote the file" in ran.err
