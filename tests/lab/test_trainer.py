"""The runs of the page Train: kept on the disk as ordinary runs, continued, renamed, and stopped at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.fields import has

import deltarule as dr
from deltarule.errors import InvalidArgument
from deltarule.lab import explanations, run_store
from deltarule.lab.drawing import load_chosen_model
from deltarule.lab.eta_search import EtaSearch
from deltarule.lab.run_records import Rates
from deltarule.lab.trainer import Trainer
from deltarule.training.runs import find_runs, open_run

FORM: dict[str, Any] = {"source": "digits", "layers": ["Dense(20)", "Sigmoid", "Output"], "cost": "cross-entropy",
                        "optimizer": "SGD", "batch_size": 10, "seed": 1, "epochs": 500}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the runs."""
    monkeypatch.setenv(run_store.RUNS, str(tmp_path / "runs"))
    return tmp_path / "runs"


@pytest.fixture
def trainer(folder: Path) -> Iterator[Trainer]:
    trainer = Trainer()
    trainer.settings = dict(FORM)
    yield trainer
    trainer.stop()
    if trainer.current is not None:
        trainer.current.wait(60)


def wait_until(condition: Callable[[], Any], seconds: float = 60.0) -> None:
    """Wait until the condition holds; fail after ``seconds``."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition never held"
        time.sleep(0.01)


def read_status(trainer: Trainer) -> str:
    return str(trainer.describe()["run"]["status"])


def train(trainer: Trainer, epochs: int = 2, **settings: Any) -> str:
    """Train a run for some epochs, and return its key."""
    trainer.settings = {**FORM, "epochs": epochs, **settings}
    trainer.do({"do": "start", "n": 1})
    assert trainer.current is not None
    trainer.current.wait(60)
    return str(trainer.describe()["run"]["key"])


def test_a_run_is_kept_as_an_ordinary_run(trainer: Trainer, folder: Path) -> None:
    first = train(trainer)
    second = train(trainer)
    assert [run["name"] for run in trainer.describe_runs()] == ["digits 64-20-10 (2)", "digits 64-20-10"]
    assert [path for path, _ in find_runs(folder)] == [folder / first, folder / second]
    run = open_run(folder / first)
    assert (run.state, run.data, len(run.model.history)) == ("finished", "digits", 2)
    model, data = dr.load(folder / first), dr.data.load("digits")
    same = dr.fit(model.network, data[0], epochs=2, eta=0.5, seed=1, validation=data[1])
    assert model.parameters_sha256 == same.parameters_sha256
    assert len(dr.resume(folder / first, data[0], validation=data[1], epochs=3).history) == 3


def test_a_run_goes_on_after_its_page_was_closed(trainer: Trainer, folder: Path) -> None:
    def visit() -> None:
        trainer.do({"do": "start", "eta": 0.25})
        wait_until(lambda: trainer.describe()["run"]["steps"] > 300)

    page = threading.Thread(target=visit)
    page.start()
    page.join(60)
    assert trainer.current is not None
    trainer.current.wait(60)
    key = trainer.describe()["run"]["key"]
    steps = trainer.describe()["run"]["steps"]
    other = Trainer()  # of a page that is opened later
    other.settings = dict(FORM)
    [kept] = other.describe_runs()
    assert (kept["key"], kept["state"], kept["canContinue"], kept["rates"]) == (
        key,
        "can be continued",
        True,
        "η 0.25, λ 0",
    )
    other.do({"do": "resume", "key": key})
    wait_until(lambda: other.describe()["run"]["steps"] > steps)
    assert other.rates == Rates(0.25)
    assert other.describe()["run"]["name"] == "digits 64-20-10"
    other.do({"do": "rates", "eta": 0.125})
    more = other.describe()["run"]["steps"]
    wait_until(lambda: other.describe()["run"]["steps"] > more + 100)
    other.do({"do": "stop"})
    assert other.current is not None
    other.current.wait(60)
    changes = open_run(folder / key).model.history.changes
    assert [change["after"]["value"] for change in changes] == [0.125]


def test_two_pages_do_not_train_one_run(trainer: Trainer) -> None:
    trainer.do({"do": "start"})
    wait_until(lambda: trainer.describe()["run"]["steps"] > 0)
    other = Trainer()
    other.settings = dict(FORM)
    [kept] = other.describe_runs()
    assert (kept["state"], kept["canContinue"]) == ("is training", False)
    other.do({"do": "resume", "key": kept["key"]})
    wait_until(lambda: read_status(other) == "failed")
    assert "no other run uses" in other.describe()["run"]["problem"]
    assert read_status(trainer) == "training"


def test_stop_is_at_once_and_what_was_trained_is_kept(trainer: Trainer, folder: Path) -> None:
    trainer.do({"do": "start"})
    wait_until(lambda: trainer.describe()["run"]["steps"] > 0)
    trainer.do({"do": "stop"})
    assert read_status(trainer) == "done"
    assert trainer.current is not None
    steps = trainer.current.wait(60).steps
    [position] = open_run(folder / trainer.describe()["run"]["key"]).positions
    assert position["epoch"] * 120 + position["step"] == steps
    trainer.do({"do": "pause"})
    assert "This run has ended" in trainer.describe()["problem"]


def test_a_run_that_is_paused_and_stopped_at_the_end_of_an_epoch_goes_on(trainer: Trainer, folder: Path) -> None:
    trainer.settings = {**FORM, "batch_size": 1200}  # one mini-batch is an epoch
    trainer.do({"do": "start"})
    trainer.do({"do": "pause"})
    wait_until(lambda: read_status(trainer) == "paused")
    steps = trainer.describe()["run"]["steps"]
    trainer.do({"do": "step"})
    wait_until(lambda: trainer.describe()["run"]["steps"] == steps + 1 and read_status(trainer) == "paused")
    assert len(trainer.describe()["curves"][0]["cost"]["validation"]) == steps + 1
    trainer.do({"do": "stop"})
    assert trainer.current is not None
    trainer.current.wait(60)
    other = Trainer()
    other.settings = dict(FORM)
    other.do({"do": "resume", "key": trainer.describe()["run"]["key"]})
    wait_until(lambda: other.describe()["run"]["steps"] > steps + 1 or read_status(other) == "failed")
    assert other.describe()["run"]["problem"] == ""
    other.do({"do": "stop"})
    assert other.current is not None
    other.current.wait(60)


def test_stop_also_ends_what_is_still_being_prepared(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()
    monkeypatch.setattr("deltarule.lab.training_form.build_kept_job", lambda *_: go.wait(60))
    trainer.do({"do": "start"})
    assert read_status(trainer) == "preparing"
    trainer.do({"do": "stop"})
    assert read_status(trainer) == "done"
    go.set()


def test_names_are_kept_and_only_kept_runs_have_one(trainer: Trainer, folder: Path) -> None:
    key = train(trainer)
    trainer.do({"do": "rename", "key": key, "name": "  my   first <run> "})
    assert Trainer().describe_runs()[0]["name"] == "my first <run>"
    assert open_run(folder / key).notes["lab"]["source"] == "digits"
    for wrong in ("..", "../runs", "", "no-such-run", "/etc"):
        with pytest.raises(InvalidArgument, check=has(argument="run")):
            run_store.find_run(wrong)
        trainer.do({"do": "rename", "key": wrong, "name": "x"})
        assert "expected a run in" in trainer.describe()["problem"]


def test_the_charts_show_kept_runs_in_colours_of_their_own(trainer: Trainer) -> None:
    keys = [train(trainer, epochs=1) for _ in range(2)]
    for key in keys:
        trainer.do({"do": "show", "key": key, "on": True})
    train(trainer, epochs=1)
    curves = trainer.describe()["curves"]
    assert [(one["name"], one["colour"]) for one in curves] == [
        ("this run", 0), ("digits 64-20-10", 1), ("digits 64-20-10 (2)", 2)
    ]  # fmt: skip
    trainer.do({"do": "show", "key": keys[0], "on": False})
    assert [one["colour"] for one in trainer.describe()["curves"]] == [0, 2]


WRONG = ({}, {"do": "explode"}, {"do": "start", "eta": "fast"}, {"do": "rates", "eta": float("nan")},
         {"do": "rates", "eta": -1}, {"do": "resume"}, {"do": "rename", "key": 3}, {"do": "pause", "x": 1})  # fmt: skip


@pytest.mark.parametrize("command", WRONG, ids=str)
def test_a_wrong_command_changes_nothing(command: dict[str, Any], trainer: Trainer) -> None:
    trainer.do(command)
    assert (trainer.current, trainer.rates) == (None, Rates())
    assert bool(trainer.problem) == (command.get("do") not in (None, "explode"))


def test_a_run_in_a_folder_that_cannot_be_written_trains_without_being_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(run_store.RUNS, str(tmp_path / "file" / "runs"))
    trainer = Trainer()
    train(trainer, epochs=1)
    assert (read_status(trainer), trainer.describe_runs()) == ("done", [])
    assert "not kept" in trainer.describe()["run"]["name"]


DIVERGING = {
    "weight decay": (Rates(100.0, 1e6), "start again with λ = 0", {"lmbda": 0.0}),
    "learning rate": (Rates(1000.0), "start again with η = 0.5", {"eta": 0.5}),
}


@pytest.mark.parametrize("case", DIVERGING)
def test_a_run_that_diverges_is_explained_with_other_rates(case: str, trainer: Trainer) -> None:
    trainer.rates, label, change = DIVERGING[case]
    train(trainer, cost="softmax", layers=["Dense(20)", "LeakyReLU", "Dense(20)", "LeakyReLU", "Output"])
    trainer.look()
    run = trainer.describe()["run"]
    assert (run["status"], "no longer finite" in run["problem"]) == ("failed", True)
    found = run["explanation"]
    assert (found["label"], found["change"], found["restart"]) == (label, change, True)


def test_the_status_and_the_charts_are_of_one_moment(trainer: Trainer) -> None:
    trainer.do({"do": "start"})
    wait_until(lambda: "best" in trainer.describe()["run"]["line"])
    for _ in range(200):
        state = trainer.describe()
        epoch = int(state["run"]["line"].split("epoch ")[1].split(",")[0])
        assert state["curves"][0]["cost"]["validation"][-1][0] in (epoch - 1, epoch)


def test_a_run_that_learns_nothing_is_explained_by_its_neurons(trainer: Trainer) -> None:
    trainer.rates = Rates(eta=60.0)
    train(trainer, cost="softmax", layers=["Dense(20)", "ReLU", "Dense(20)", "ReLU", "Output"])
    trainer.look()
    found = trainer.describe()["run"]["explanation"]
    text = " ".join(found["facts"])
    assert "% of its answers to validation examples are" in text
    assert "neurons are dead" in text
    assert found["change"]["eta"] < 60


def test_a_rising_cost_is_found_with_its_mini_batch() -> None:
    falling = tuple((10 * i, 2.0 / (i + 1)) for i in range(20))
    assert explanations.find_rise(falling) is None
    assert explanations.find_rise((*falling, *((200 + 10 * i, 1.0 + i) for i in range(8)))) == (190, 0.1, 8.0)
    assert explanations.find_rise(falling[:3]) is None


def test_eta_is_found_and_the_search_stops_at_once(trainer: Trainer) -> None:
    trainer.do({"do": "find eta"})
    assert trainer.search is not None
    wait_until(lambda: trainer.search is not None and trainer.search.trials)
    trainer.do({"do": "stop"})
    assert trainer.describe_search()["status"] == "stopped"
    trainer.search.wait(60)
    assert trainer.describe_search()["status"] == "stopped"
    trainer.do({"do": "find eta"})
    trainer.search.wait(120)
    found = trainer.describe_search()
    assert (found["status"], 0.1 < found["recommended"] < found["threshold"] < 10) == ("done", True)
    assert [one["eta"] for one in found["trials"]] == sorted(one["eta"] for one in found["trials"])


def test_a_search_for_an_impossible_network_says_why() -> None:
    def build() -> Any:
        raise InvalidArgument(argument="layer 1", expected="a layer", value="Foo")

    search = EtaSearch(build)
    search.wait(60)
    assert (search.status, "layer 1" in search.problem) == ("failed", True)


def test_drawings_are_read_by_a_kept_run_and_an_invalid_address_says_so(trainer: Trainer) -> None:
    key = train(trainer, epochs=1)
    model, problem = load_chosen_model(key)
    assert (model.example_shape, problem) == ((8, 8), "")
    for wrong in ("..", "../runs", "no-such-run", "a" * 999, ["x"]):
        model, problem = load_chosen_model(wrong)
        assert (model.example_shape, "expected a run in" in problem) == ((28, 28), True)
    for nothing in (None, ""):
        assert load_chosen_model(nothing)[1] == ""
