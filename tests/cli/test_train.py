"""deltarule train: output, results, errors, and runs that are resumed after they were killed."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
from contextlib import chdir
from dataclasses import replace
from pathlib import Path

import pytest
from tests.slow import with_slow

import deltarule as dr
from deltarule.data import load
from deltarule.models import files
from deltarule.training import Callback

from .conftest import COMMAND, change_words, here, predict_by_hand

BRIEF = ("train", "--data", "digits", "--engine", "numpy", "--epochs", "2")
DIGITS = 300  # for validation, and as many to test
EPOCH = re.compile(r"^Epoch (\d+): (\d+) / (\d+)  (\d+\.\d\d) %  +\d+\.\d\d s +[\d,]+ images/s$", re.MULTILINE)


def brief(*words: object) -> list[object]:
    """Return the words of a short training, with other words in place of its own."""
    return change_words(BRIEF, *words)


def test_train_prints_a_line_for_each_epoch_from_1(deltarule):
    ran = deltarule(*brief("--epochs", 3, "--out", "run"))
    assert (ran.code, ran.err) == (0, "")
    lines = EPOCH.findall(ran.out)
    assert [(int(epoch), int(n)) for epoch, _, n, _ in lines] == [(1, DIGITS), (2, DIGITS), (3, DIGITS)]
    assert all(abs(100 * int(right) / DIGITS - float(rate)) < 0.005 for _, right, _, rate in lines)
    assert "1,197 training, 300 validation and 300 test images (requested by name)" in ran.out
    assert re.search(r"^Test: \d+ / 300  \d+\.\d\d %  on images it never saw$", ran.out, re.MULTILINE)
    assert {path.name for path in Path("run").iterdir()} == {"fingerprints-2.npy", "model.safetensors", "run.json"}


def test_json_has_the_figures_of_the_file_and_of_evaluate(deltarule):
    ran = deltarule(*brief("--json", "--out", "run"))
    result = ran.json
    assert len(EPOCH.findall(ran.err)) == 2
    assert (result["engine"], result["epochs"], result["data"], result["out"]) == ("numpy", 2, "digits", "run")
    assert len(result["seconds_per_epoch"]) == 2
    assert all(0 < seconds < 30 for seconds in result["seconds_per_epoch"])
    assert 0 <= result["compile_seconds"] < 30
    assert re.fullmatch("[0-9a-f]{64}", result["parameters_sha256"])
    _, validation, test = load("digits")
    for name, data in (("validation_accuracy", validation), ("test_accuracy", test)):
        assert result[name] == pytest.approx((predict_by_hand(Path("run"), data.x, 16) == data.y).mean(), abs=1e-9)
    found = deltarule("evaluate", "run", "--json").json
    assert found["accuracy"] == result["test_accuracy"]
    assert found["parameters_sha256"] == result["parameters_sha256"]


def test_the_network_of_the_book_learns(deltarule, mnist):
    real = mnist[0].name.startswith("mnist")
    data, net = ("mnist", "784-30-10") if real else ("digits", "64-30-10")
    words = (
        f"train --data {data} --net {net} --cost quadratic --init large --eta 3.0 --epochs 1 --batch-size 10 --seed 1"
    )
    result = deltarule(*words.split(), "--engine", "jax", "--out", "runs/first", "--json").json
    test = mnist[2]
    assert result["engine"] == "jax"
    assert result["compile_seconds"] > 0
    assert result["test_accuracy"] > (0.85 if real else 0.5)
    by_hand = (predict_by_hand(Path("runs/first"), test.x, test.scale) == test.y).mean()
    assert result["test_accuracy"] == pytest.approx(by_hand, abs=2 / len(test))  # float32 there, float64 here


WRONG = {
    "--net x": "784-30-10, a file",
    "--net 64-30": "64-30-10",
    "--net 784-30-10": "64-30-10",
    "--net 64-0-10": "64-30-10",
    "--net 64-999999999999-10": "weights",
    "--cost least": "quadratic",
    "--hidden soft": "sigmoid",
    "--init zero": "large",
    "--eta -1": "eta",
    "--eta nan": "eta",
    "--eta much": "--eta",
    "--epochs 0": "--epochs",
    "--batch-size 0": "--batch-size",
    "--optimizer lbfgs": "adam",
    "--mu 0.5": "momentum",
    "--optimizer momentum --mu 1.5": "mu",
    "--schedule exponential:x:": "such as exponential:0.9",
    "--schedule halve:x": "such as halve:10",
    "--schedule halve:0": "patience",
    "--schedule constant:1": "constant without",
    "--seed -1": "--seed",
    "--seed 99999999999999999999": str(2**64 - 1),
    "--l2 -1": "--l2",
    "--l1 1 --l2 1": "--l1: expected no --l2",
    "--dropout 1": "below 1",
    "--early-stopping -1": "--early-stopping",
    "--engine abacus": "numpy",
    "--threads 0": "--threads",
    "--dtype float16": "float32",
    "--checkpoint-every -1": "--checkpoint-every",
    "--data nowhere": "--data: ",
    "--data no/where": "no/where",
    "--data nowhere.csv": "nowhere.csv",
    "--nonsense": "--nonsense",
    "left over": "left",
}


@pytest.mark.parametrize("words", WRONG)
def test_an_invalid_option_has_exit_code_2(deltarule, words):
    usual = ("train", "--data", "digits", "--out", "run")
    ran = deltarule(*change_words(usual, "--json", *words.split()))
    assert (ran.code, ran.out) == (2, "")
    assert WRONG[words] in ran.err
    assert "Traceback" not in ran.err
    assert not Path("run").exists()


@pytest.mark.parametrize("eta", ["0", "0.5"])
def test_an_eta_of_0_gets_a_warning(deltarule, eta):
    ran = deltarule(*brief("--epochs", 1, "--eta", eta, "--schedule", "exponential:0.5", "--out", "run"))
    assert ("η is 0: the network will not learn" in ran.out.splitlines()) == (eta == "0")


def test_options_are_checked_before_the_data_are_read(deltarule):
    assert "Data:" not in deltarule("train", "--data", "digits", "--eta", "-1").err


@pytest.mark.parametrize(
    "words",
    [
        "--cost log-likelihood --hidden tanh --optimizer momentum --mu 0.5 --eta 0.05",
        "--hidden relu --init he --optimizer adam --eta 0.01 --dropout 0.2 --dtype float64",
        "--net 64-20-20-10 --schedule one-cycle --l1 0.1 --threads 1",
        "--net 64-10 --schedule halve:2 --optimizer nesterov --eta 0.1 --early-stopping 1 --keep-best",
        "--batch-size 99999999999999999999 --checkpoint-every 1 --monitor --schedule exponential:0.5",
    ],
)
def test_options_work_together(deltarule, words):
    ran = deltarule(*brief("--epochs", 1, *words.split(), "--out", "run", "--json"))
    assert ran.code == 0
    assert 0 <= ran.json["test_accuracy"] <= 1
    assert deltarule("show", "run", "--json").json["parameters_sha256"] == ran.json["parameters_sha256"]


def test_train_refuses_an_existing_folder_and_does_not_change_it(deltarule, tmp_path):
    Path("run").mkdir()
    Path("run/mine.txt").write_text("mine")
    ran = deltarule(*brief("--out", "run"))
    assert (ran.code, ran.out) == (2, "")
    assert "--out: expected a new folder, not one with no run in it" in ran.err
    assert [path.name for path in Path("run").iterdir()] == ["mine.txt"]


def test_a_folder_below_a_file_is_an_error(deltarule):
    Path("file").write_text("")
    ran = deltarule(*brief("--out", "file/run"))
    assert (ran.code, ran.out) == (1, "")
    assert "file is not a folder" in ran.err


def test_runs_without_out_get_new_folders(deltarule):
    folders = [deltarule(*brief("--epochs", 1, "--json")).json["out"] for _ in range(2)]
    assert folders == ["runs/digits-64-30-10-1", "runs/digits-64-30-10-2"]


def test_a_run_that_diverges_fails_and_names_eta(deltarule):
    ran = deltarule(*brief(*["--hidden", "linear", "--cost", "quadratic", "--eta", "1e308", "--out", "run", "--json"]))
    assert (ran.code, ran.out) == (1, "")
    assert "1e+308, is too large" in ran.err


def test_auto_takes_the_small_digits_without_mnist_and_says_so(deltarule, monkeypatch):
    monkeypatch.delenv("DELTARULE_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(Path.cwd()))
    ran = deltarule("train", "--epochs", 1, "--engine", "numpy", "--json", "--out", "run")
    assert ran.json["data"] == "digits"
    assert "MNIST" in ran.err
    assert json.loads(Path("run/run.json").read_text())["data"] == "digits"  # a resumed run needs it


def test_names_with_brackets_are_printed_unchanged(deltarule):
    name = "my runs/é [bold] :x: [/]"
    ran = deltarule(*brief("--out", name))
    assert ran.code == 0
    assert f"Run:  {name} " in ran.out
    shown = deltarule(*shlex.split(ran.out.split("look at it:")[1])[1:])
    assert shown.code == 0
    assert f"{name}/curves.png" in shown.out
    assert f"--resume '{name}'" in deltarule(*brief("--out", name)).err


LONG = "train --engine numpy --batch-size 3 --net 64-40-10 --dropout 0.2 --optimizer momentum --eta 0.02"
LONG = [*LONG.split(), "--epochs", "6", "--seed", "5", "--monitor", "--checkpoint-every", "100"]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, some_digits) -> dict:
    with chdir(tmp_path_factory.mktemp("undisturbed")):
        return here(*LONG, "--data", some_digits, "--out", "run", "--json").json


@pytest.mark.parametrize(
    ("number", "code"), with_slow([(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)], (signal.SIGINT, 130))
)
def test_a_killed_run_resumes_to_the_same_bits(deltarule, undisturbed, some_digits, number, code):
    child = subprocess.Popen(
        [*COMMAND, *LONG, "--data", some_digits, "--out", "my run"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stderr is not None
    with child.stdout, child.stderr:
        for line in child.stdout:
            if line.startswith("Epoch 1:"):
                child.send_signal(number)
                break
        rest, errors = child.stdout.read(), child.stderr.read()
    assert child.wait(30) == code
    assert "Test:" not in rest
    assert "Traceback" not in errors
    if number == signal.SIGINT:
        assert "the run is saved. Resume it:" in errors
        words = shlex.split(errors.split("Resume it:")[1])
    else:
        words = ["deltarule", "train", "--resume", "my run"]
    assert words == ["deltarule", "train", "--resume", "my run"]
    listed = deltarule("runs", ".")
    assert "unfinished" in listed.out
    assert "deltarule train --resume 'my run'" in listed.out
    result = deltarule(*words[1:], "--json").json
    assert result["parameters_sha256"] == undisturbed["parameters_sha256"]
    assert result["epochs"] == 6
    history = deltarule("show", "my run", "--json").json["history"]
    assert all(0 < record["training_accuracy"] <= 1 for record in history)  # the resumed run still monitors


def test_a_resumed_run_keeps_its_settings(deltarule):
    assert deltarule(*brief("--out", "run")).code == 0
    ran = deltarule("train", "--resume", "run", "--epochs", 3, "--l2", 1, "--batch-size", 5)
    assert (ran.code, ran.out) == (2, "")
    assert "--resume: expected no --batch-size, --l2" in ran.err


@pytest.mark.slow
def test_a_resumed_run_says_if_it_has_other_devices(deltarule):
    assert deltarule(*brief("--engine", "jax", "--out", "run")).code == 0
    assert "devices" not in deltarule("show", "run").out
    tensors, description = files.read(Path("run/model.safetensors"))
    description["settings"]["devices"] = 5
    files.write(Path("run/model.safetensors"), tensors, description)
    assert re.search(r"^ *devices +5", deltarule("show", "run").out, re.MULTILINE)
    assert "it resumes on" not in deltarule("train", "--resume", "run").out
    ran = deltarule("train", "--resume", "run", "--epochs", 3)
    assert "run was trained on 5 devices and this machine has 1: it resumes on 1" in ran.out
    ran = deltarule("train", "--resume", "run", "--epochs", 4, "--devices", 2)
    assert "--devices: expected at most 1" in " ".join(ran.err.split())
    assert deltarule("train", "--resume", "run", "--epochs", 4, "--devices", 1, "--json").json["epochs"] == 4


def test_a_finished_run_can_be_extended_but_not_cut_short(deltarule):
    first = deltarule(*brief("--epochs", 3, "--out", "run", "--json")).json
    again = deltarule("train", "--resume", "run")
    assert "finished after 3 epochs" in again.out
    assert not EPOCH.search(again.out)
    longer = deltarule("train", "--resume", "run", "--epochs", 4, "--json")
    assert longer.json["epochs"] == 4
    assert [epoch for epoch, *_ in EPOCH.findall(longer.err)] == ["4"]
    assert longer.json["parameters_sha256"] != first["parameters_sha256"]
    ran = deltarule("train", "--resume", "run", "--epochs", 2)
    assert (ran.code, ran.out) == (2, "")
    assert "has already done 4" in ran.err


def test_early_stopping_continues_in_a_resumed_run(deltarule):
    ran = deltarule(*brief(*["--epochs", "60", "--early-stopping", "2", "--out", "run", "--json"]))
    rates = [record["validation_accuracy"] for record in deltarule("show", "run", "--json").json["history"]]
    assert len(rates) == ran.json["epochs"] < 60
    best = rates.index(max(rates))
    assert len(rates) - 1 - best == 2
    again = deltarule("train", "--resume", "run", "--json")
    assert again.json["parameters_sha256"] == ran.json["parameters_sha256"]
    # an extended run is checked again after one epoch, against the best of all epochs
    longer = deltarule("train", "--resume", "run", "--epochs", 70, "--json").json["epochs"]
    assert len(rates) < longer < 70


@pytest.mark.parametrize("notes", ["", "[]", '{"data": 5}', '{"data": "digits", "early_stopping": "x"}'])
def test_damaged_notes_are_an_error_with_their_path(deltarule, notes):
    assert deltarule(*brief("--out", "run")).code == 0
    Path("run/run.json").write_text(notes)
    ran = deltarule("train", "--resume", "run", "--epochs", 3)
    assert ran.code in (1, 2)
    assert ran.out == ""
    assert "run" in ran.err
    assert "Traceback" not in ran.err


class Stop(Callback):
    """A callback that interrupts the training after the first epoch."""

    def after_epoch(self, moment, last) -> None:
        raise KeyboardInterrupt


def start_in_python(folder: str, **options):
    """Start a run of three epochs, which stops after the first."""
    train = options.pop("train", load("digits")[0])
    with pytest.raises(KeyboardInterrupt):
        dr.fit(
            dr.Network.dense([64, 10]),
            train,
            epochs=3,
            callbacks=[dr.callbacks.Checkpoint(folder), Stop()],
            engine="numpy",
            **options,
        )


def test_the_commands_read_runs_that_python_finished(deltarule):
    train, validation, _ = load("digits")
    given = {"epochs": 2, "validation": validation, "engine": "numpy"}
    network = dr.Network.dense([64, 10])
    model = dr.fit(network, train, callbacks=[dr.callbacks.Checkpoint("runs/mine")], **given)
    dr.fit_ensemble(network, train, members=2, folder="runs/two", **given)
    listed = deltarule("runs")
    assert listed.out.count("finished") == 2
    assert "Resume" not in listed.out
    for run in ("runs/mine", "runs/two"):
        assert deltarule("evaluate", run, "--json").json["data"] == "digits"
        assert deltarule("train", "--resume", run, "--epochs", 3, "--json").json["epochs"] == 3
    assert deltarule("train", "--resume", "runs/mine", "--json").json["parameters_sha256"] != model.parameters_sha256
    again = deltarule("train", "--data", "digits", "--out", "runs/two")
    assert "extend it: --resume runs/two --epochs 13" in again.err


@pytest.mark.parametrize("validated", [True, False])
def test_a_run_that_python_started_resumes_to_the_same_bits(deltarule, validated):
    train, validation, _ = load("digits")
    options = {"validation": validation} if validated else {}
    whole = dr.fit(dr.Network.dense([64, 10]), train, epochs=3, engine="numpy", **options)
    start_in_python("runs/mine", **options)
    assert "deltarule train --resume runs/mine\n" in deltarule("runs").out
    ran = deltarule("train", "--resume", "runs/mine", "--json")
    assert ran.json["parameters_sha256"] == whole.parameters_sha256


def test_a_run_without_the_name_of_its_data_needs_data(deltarule):
    start_in_python("run", train=replace(load("digits")[0], name="pictures"))
    assert "deltarule train --resume run --data PATH" in deltarule("runs", ".").out
    ran = deltarule("train", "--resume", "run")
    assert (ran.code, ran.out) == (2, "")
    assert "run: --data: expected" in ran.err
    assert deltarule("train", "--resume", "run", "--data", "digits", "--json").json["epochs"] == 3
    assert deltarule("evaluate", "run", "--json").json["data"] == "digits"


def test_runs_offers_no_resume_of_a_run_that_diverged(deltarule):
    assert deltarule(*brief("--eta", "1e39", "--out", "runs/bad")).code == 1
    assert deltarule("train", "--resume", "runs/bad").code == 1
    row = deltarule("runs", "--json").json["runs"][0]
    assert (row["state"], row["go_on"]) == ("diverged", None)
    assert "Resume" not in deltarule("runs").out


def test_only_a_run_can_be_resumed(deltarule):
    ran = deltarule("train", "--resume", "nowhere")
    assert (ran.code, ran.out) == (1, "")
    assert "nowhere" in ran.err
