"""The command as a whole: help, demo, data, exit codes, streams, signals and terminals."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.main import get_command

import deltarule as package
from deltarule.cli.app import app
from deltarule.data import load

from .conftest import COMMAND, at_a_terminal, elsewhere

ALL = ["demo", "train", "nets", "find-eta", "evaluate", "predict", "show", "runs", "compare", "info", "data", "book"]
ALL += ["export", "data fetch", "data show"]
TRAIN = ["train", "--engine", "numpy", "--data"]


def test_help_imports_nothing_heavy():
    code = """
import atexit, sys
heavy = {"numpy", "jax", "matplotlib", "scipy", "sklearn", "PIL", "safetensors", "pooch"}
atexit.register(lambda: print("HEAVY", sorted(heavy & set(sys.modules))))
sys.argv = ["deltarule", "--help"]
from deltarule.cli.__main__ import main
main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert "HEAVY []" in done.stdout
    assert all(f" {command} " in done.stdout for command in ALL[:-2])


def test_version_prints_the_version(deltarule):
    assert deltarule("--version").out == f"deltarule {package.__version__}\n"


def test_the_module_is_the_command():
    def ask(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "deltarule", *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert ask("--version").stdout == f"deltarule {package.__version__}\n"
    refused = ask("train", "--data", "nowhere.csv")
    assert (refused.returncode, "Traceback" in refused.stderr) == (2, False)
    assert "nowhere.csv" in refused.stderr


def walk(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    yield " ".join(words), command
    for name, below in getattr(command, "commands", {}).items():
        yield from walk(below, (*words, name))


COMMANDS = dict(walk(get_command(app)))


def test_the_readme_names_the_commands_without_json():
    without = [
        name for name, command in COMMANDS.items() if not any("--json" in param.opts for param in command.params)
    ]
    assert without == ["", "book", "lab", "lab edit"]
    readme = " ".join((Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8").split())
    assert "and `--json` (except `book`, `lab` and `lab edit`" in readme


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_has_an_example_and_cuts_nothing(deltarule, command):
    ran = deltarule(*command.split(), "--help")
    assert (ran.code, ran.err) == (0, "")
    assert re.search(r"Examples?:", ran.out)
    assert f"deltarule {command}".strip() in ran.out.split("Example")[1]
    assert "[bold]" not in ran.out
    assert "…" not in ran.out.replace("COMMAND [ARGS]…", "")
    if command == "train":
        assert "…" not in deltarule("train", "--help-all").out


def find_examples(deltarule, command: str) -> list[list[str]]:
    lines = deltarule(*command.split(), "--help").out.split("╭")[0].splitlines()
    found = [line[line.index("deltarule ") :] for line in lines if re.match(r"\s*(Examples?: +)?deltarule ", line)]
    assert found, command
    return [shlex.split(line)[1:] for line in found]


def shorten(words: list[str]) -> list[str]:
    """Shorten a training to one epoch."""
    at = words.index("--epochs") if "--epochs" in words else len(words)
    return [*words[:at], *words[at + 2 :], "--epochs", "1"]


PATIENTS = ["train", "--data", "patients.csv", "--label", "ill", "--missing", "median", "--out", "runs/patients"]


def write_patients(*paths: str) -> None:
    """Write tables of 60 patients, with a missing value in every tenth row."""
    rng = np.random.default_rng(1)
    for path in paths:
        rows = [f"{age},{'' if i % 10 == 4 else age + 60},{age % 2}" for i, age in enumerate(rng.integers(20, 80, 60))]
        Path(path).write_text("age,pulse,ill\n" + "\n".join(rows) + "\n")


@pytest.mark.slow
def test_every_example_of_a_help_works(deltarule, kept, mnist, monkeypatch):
    real = mnist[0].name.startswith("mnist")
    place = os.environ.get("DELTARULE_DATA", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(Path.cwd()))
    shutil.copytree(kept, "runs/second")
    for name in ("photo.png", "scan.jpg", "house_number.jpg"):
        page = np.full((90, 120), 230, np.uint8)
        page[20:70, 50:58] = 30
        Image.fromarray(page).save(name)
    for i in range(20):
        page = np.full((60, 60), 230, np.uint8)
        page[10:50, 20 + i : 26 + i] = 30
        Path("my_digits", str(i % 2)).mkdir(parents=True, exist_ok=True)
        Image.fromarray(page).save(f"my_digits/{i % 2}/{i}.png")
    write_patients("patients.csv", "new_patients.csv")
    assert deltarule(*shorten(PATIENTS)).code == 0
    Path("my_script.py").write_text("import network\nprint(network.Network([2, 1]).sizes)\n")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"print('typed')")))  # for the shell of the book
    for command in ("train", *(name for name in ALL if name not in ("train", "demo"))):  # test_demo runs its example
        for words in find_examples(deltarule, command):
            if "mnist" in words and ("fetch" in words or not real):
                continue
            # MNIST only if it is named; else "auto" takes the small digits, which are faster
            monkeypatch.setenv("DELTARULE_DATA", place if "mnist" in words else "")
            ran = deltarule(*(shorten(words) if "train" in words else words))
            assert ran.code == 0, (words, ran.err)
            assert ran.out
    if real:
        monkeypatch.setenv("DELTARULE_DATA", place)
        assert deltarule("data", "--json", "fetch").json["name"] == "mnist"


def test_demo_reads_most_digits_and_its_next_commands_work(deltarule, monkeypatch):
    monkeypatch.delenv("DELTARULE_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(Path.cwd()))
    assert find_examples(deltarule, "demo") == [["demo"]]
    ran = deltarule("demo")
    assert (ran.code, ran.err) == (0, "")
    assert "Data: digits" in ran.out
    rate, n = re.search(r"It reads (\d+\.\d\d) % of (\d+) digits it never saw", ran.out).groups()
    assert float(rate) > 95
    assert n == "300"
    for name in ("misclassified.png", "curves.png"):
        assert f"runs/demo/{name}" in ran.out
        assert Path("runs/demo", name).stat().st_size > 10_000
    commands = re.findall(r"^  (deltarule .+?)   ", ran.out, re.MULTILINE)
    assert [shlex.split(command)[1] for command in commands] == ["evaluate", "show", "train"]
    for command in commands:
        words = shlex.split(command)[1:]
        assert deltarule(*(shorten(words) if words[0] == "train" else words)).code == 0
    test = load("digits")[2]
    np.savez("few.npz", x=test.x, y=test.y)
    again = deltarule("demo", "--data", "few.npz", "--seed", 2, "--json").json  # replaces the first
    assert (again["data"], again["out"], again["seed"]) == ("few", "runs/demo", 2)


def test_demo_refuses_to_remove_other_files(deltarule):
    Path("runs/demo").mkdir(parents=True)
    Path("runs/demo/mine.txt").write_text("mine")
    ran = deltarule("demo", "--data", "digits", "--json")
    assert (ran.code, ran.out) == (2, "")
    assert Path("runs/demo/mine.txt").read_text() == "mine"


def test_data_lists_good_bad_and_missing_files(deltarule, monkeypatch):
    monkeypatch.setenv("DELTARULE_DATA", str(Path("my [bold] data").absolute()))
    Path("my [bold] data").mkdir()
    Path("my [bold] data/train-labels-idx1-ubyte").write_bytes(b"not MNIST")
    records = {record["name"]: record for record in deltarule("data", "--json").json["data"]}
    assert len(records) == 6
    assert records["train-labels-idx1-ubyte"]["checksum"] == "bad"
    assert records["train-images-idx3-ubyte"]["checksum"] == "missing"
    assert records["digits-images-idx3-ubyte.gz"]["size"] > 10_000
    ran = deltarule("data")
    assert f"{Path('my [bold] data').absolute()}\n" in ran.out
    assert re.search(r"^train-labels-idx1-ubyte +9 +bad *$", ran.out, re.MULTILINE)
    assert "my [bold] data, which DELTARULE_DATA names" in ran.out
    assert "deltarule data fetch mnist" in ran.out
    assert "A bad file" in ran.out
    monkeypatch.delenv("DELTARULE_DATA")
    monkeypatch.setenv("XDG_CACHE_HOME", str(Path.cwd()))
    assert "Download the missing files:  deltarule data fetch mnist" in deltarule("data").out


def test_fetch_does_not_download_if_the_environment_forbids_it(deltarule, monkeypatch):
    monkeypatch.delenv("DELTARULE_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(Path.cwd()))
    ran = deltarule("data", "fetch", "mnist", "--json")
    assert (ran.code, ran.out) == (1, "")
    assert "DELTARULE_OFFLINE" in ran.err
    assert deltarule("data", "fetch", "digits").code == 2
    assert deltarule("data", "other").code == 2


def test_lab_export_writes_into_a_folder(deltarule):
    Path("photo.png").write_text("")
    ran = deltarule("lab", "export", "photo.png")
    assert (ran.code, ran.out) == (2, "")
    assert "DIR: expected a new or empty folder, not a file, got 'photo.png'" in ran.err
    assert deltarule("lab", "export", "out", "--reader-only", "--json").json == {"files": ["out/reader.html"]}
    assert deltarule("lab", "export", "site", "--reader-only").out == "site/reader.html\n"


@pytest.mark.parametrize("words", ["", "dance", "--loud", "runs --loud", "compare"])
def test_bad_usage_has_exit_code_2(deltarule, words):
    ran = deltarule(*words.split())
    assert ran.code == 2
    assert "deltarule" in ran.out + ran.err
    assert "Traceback" not in ran.err


def test_a_file_gets_no_colours_and_no_bars(some_digits):
    with open("log.txt", "w", encoding="utf-8") as log:
        subprocess.run(
            [*COMMAND, *TRAIN, str(some_digits), "--epochs", "1"], stdout=log, stderr=log, check=True, timeout=60
        )
    ran = Path("log.txt").read_text(encoding="utf-8")
    assert "Epoch 1: " in ran
    assert "\x1b" not in ran
    assert "\r" not in ran


def test_a_closed_pipe_causes_no_traceback(some_digits):
    child = subprocess.Popen(
        [*COMMAND, *TRAIN, str(some_digits), "--epochs", "400"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert child.stdout is not None
    assert child.stderr is not None
    with child.stdout, child.stderr:
        assert child.stdout.readline().startswith(b"Data: some")
        child.stdout.close()
        assert child.stderr.read() == b""
    assert child.wait(30) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is always full")
def test_a_full_disk_is_one_line_of_error():
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*COMMAND, "data", "--json"], stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60
        )
    assert done.returncode == 1
    assert done.stderr == "error: the output could not be written: No space left on device\n"


def test_json_on_an_ascii_stream_can_be_parsed(kept, monkeypatch):
    shutil.copytree(kept, "é")
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    ran = elsewhere("runs", ".", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json["runs"][0]["run"] == "é"


def test_file_names_that_are_not_text_work(deltarule):
    name = b"\xff run".decode("utf-8", "surrogateescape")
    try:
        Path(name).mkdir()
    except OSError:
        pytest.skip("this file system has no file names other than valid text")
    ran = deltarule(*TRAIN, "digits", "--epochs", 1, "--out", f"{name}/x")
    assert ran.out + ran.err
    assert ran.code in (0, 1)


# every epoch counts as long
PATIENT = "import deltarule.cli.live as live; live.LONG = 0; from deltarule.cli.__main__ import main; main()"
AT_A_TERMINAL = [sys.executable, "-W", "error", "-c", PATIENT, *TRAIN]

SLOWLY = ["--batch-size", "1", "--net", "64-200-10"]


def test_at_a_terminal_long_epochs_have_a_bar(some_digits):
    ran = at_a_terminal(*AT_A_TERMINAL, str(some_digits), *SLOWLY, "--epochs", "2")
    assert ran.code == 0
    assert re.search(r"Epoch 1 .*━.*[\d,]+ / 8[0-9][0-9] steps", ran.out)
    assert ran.out.rindex("\x1b[?25h") > ran.out.rindex("\x1b[?25l")  # the cursor is back
    assert "\x1b[1m" in ran.out
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", ran.out).replace("\r", "\n").splitlines()
    assert sum(bool(re.match(r"Epoch [12]: \d+ / \d+  \d", line)) for line in lines) == 2


def test_ctrl_c_at_a_terminal_leaves_it_clean(some_digits):
    words = [*AT_A_TERMINAL, str(some_digits), *SLOWLY, "--epochs", "1000", "--out", "run"]
    ran = at_a_terminal(*words, signal_at=(signal.SIGINT, b"steps"), NO_COLOR="1")
    assert ran.code == 130
    assert "Resume it:  deltarule train --resume run" in ran.out
    assert ran.out.rindex("\x1b[?25h") > ran.out.rindex("\x1b[?25l")
    assert not re.search(r"\x1b\[(3|4|9)\d", ran.out)  # no colours, as NO_COLOR asks
    assert "Traceback" not in ran.out
    assert re.search(r"interrupted in epoch \d+ after step \d+; the run is saved", ran.out)
    assert json.loads(Path("run/run.json").read_text()).get("result") is None


def test_ctrl_c_before_the_training_has_exit_code_130(some_digits):
    ran = at_a_terminal(
        *COMMAND, *TRAIN, str(some_digits), "--epochs", "5000", "--out", "run", signal_at=(signal.SIGINT, b"Data:")
    )
    assert ran.code == 130
    assert "Traceback" not in ran.out
