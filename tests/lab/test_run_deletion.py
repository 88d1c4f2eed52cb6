"""Kept runs are deleted from the disk: only the files that a run wrote, and only in the folder of the lab's runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.fields import has
from tests.lab.test_trainer import folder, read_status, train, trainer, wait_until

from deltarule.errors import FileError, InvalidArgument
from deltarule.lab import run_store
from deltarule.lab.trainer import Trainer
from deltarule.models.files import MODEL_FILE
from deltarule.training.runs import RUN_FILE

__all__ = ["folder", "trainer"]


def list_files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_a_run_is_deleted_with_its_folder_and_its_curves(trainer: Trainer, folder: Path) -> None:
    first, second = train(trainer, epochs=1), train(trainer, epochs=1)
    (folder / first / f".{MODEL_FILE}.1.2.part").write_text("left by a killed program")
    trainer.do({"do": "show", "key": first, "on": True})
    trainer.do({"do": "delete", "key": first})
    assert trainer.describe()["problem"] == ""
    assert [run["key"] for run in trainer.describe_runs()] == [second]
    assert [curves["name"] for curves in trainer.describe()["curves"]] == ["this run"]
    assert not (folder / first).exists()
    trainer.do({"do": "delete", "key": second})  # the run whose charts the page shows
    assert (trainer.describe_runs(), trainer.describe()["curves"], list_files(folder)) == ([], [], set())


def test_other_files_in_the_folder_of_a_run_stay(trainer: Trainer, folder: Path) -> None:
    key = train(trainer, epochs=1)
    (folder / key / "notes.txt").write_text("mine")
    trainer.do({"do": "delete", "key": key})
    assert list_files(folder) == {key, f"{key}/notes.txt"}
    assert "notes.txt" in trainer.describe()["problem"]
    assert trainer.describe_runs() == []


@pytest.mark.parametrize("action", ["", "pause"], ids=["training", "paused"])
def test_a_run_that_trains_is_not_deleted_by_its_page_or_another(action: str, trainer: Trainer, folder: Path) -> None:
    trainer.do({"do": "start"})
    wait_until(lambda: trainer.describe()["run"]["steps"] > 0)
    trainer.do({"do": action})
    other = Trainer()
    [run] = other.describe_runs()
    assert [one["canDelete"] for one in (*trainer.describe_runs(), run)] == [False, False]
    for page in (trainer, other):
        page.do({"do": "delete", "key": run["key"]})
        assert "not training now" in page.describe()["problem"]
    assert {MODEL_FILE, RUN_FILE} <= list_files(folder / run["key"])
    assert read_status(trainer) in ("training", "paused")
    trainer.do({"do": "stop"})
    trainer.do({"do": "delete", "key": run["key"]})  # it waits for the last checkpoint
    assert list_files(folder) == set()


def test_a_damaged_run_can_be_deleted(trainer: Trainer, folder: Path) -> None:
    keys = [train(trainer, epochs=1) for _ in range(2)]
    (folder / keys[0] / MODEL_FILE).write_bytes(b"damaged")
    (folder / keys[1] / MODEL_FILE).unlink()
    assert {run["state"] for run in trainer.describe_runs()} == {"damaged"}
    for key in keys:
        assert run_store.delete_run(key) == []
    assert list_files(folder) == set()


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Path]:
    """A run outside of the folder of the runs, and a folder without a run in it; both must stay as they are."""
    for name in ("mine", "runs/data"):
        (tmp_path / name).mkdir(parents=True)
    for name in (MODEL_FILE, RUN_FILE):
        (tmp_path / "mine" / name).write_text("mine")
    (tmp_path / "runs" / RUN_FILE).write_text("{}")
    before = list_files(tmp_path)
    yield tmp_path / "mine"
    assert list_files(tmp_path) == before


@pytest.mark.parametrize("key", ["", ".", "..", "../mine", "data", "data/..", "/etc", "no-such-run", "a" * 999, "\0"])
def test_nothing_else_is_deleted(key: str, outside: Path, folder: Path) -> None:
    with pytest.raises(InvalidArgument, check=has(argument="run")):
        run_store.delete_run(key)
    with pytest.raises(InvalidArgument, check=has(argument="run")):
        run_store.delete_run(str(outside))


def test_a_link_to_another_folder_is_not_followed(trainer: Trainer, folder: Path, tmp_path: Path) -> None:
    key = train(trainer, epochs=1)
    os.rename(folder / key, tmp_path / "mine")
    (folder / "link").symlink_to(tmp_path / "mine", target_is_directory=True)
    with pytest.raises(InvalidArgument, check=has(argument="run", value="link")):
        run_store.delete_run("link")
    assert {MODEL_FILE, RUN_FILE} <= list_files(tmp_path / "mine")
    (folder / "link").unlink()


def test_a_run_that_cannot_be_deleted_says_why(trainer: Trainer, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = train(trainer, epochs=1)

    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", refuse)
        with pytest.raises(FileError, check=has(path=folder / key)):
            run_store.delete_run(key)
    assert [run["key"] for run in Trainer().describe_runs()] == [key]
