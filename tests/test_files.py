"""Partial files of killed writers do not stay for ever, and those of living writers are never deleted."""

import os
import subprocess
import sys
import time

import pytest

from deltarule.files import IDLE, open_replacement, replace_file


@pytest.fixture
def dead():
    """Return the number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def leave_partial_file(folder, name, process, age):
    path = folder / f".{name}.{process}.part"
    path.write_bytes(b"half")
    os.utime(path, (time.time() - age,) * 2)
    return path


@pytest.mark.skipif(os.name != "posix", reason="whether a process runs is only asked where asking is harmless")
def test_the_next_writer_deletes_the_partial_file_of_a_killed_one(tmp_path, dead):
    left = leave_partial_file(tmp_path, "model", dead, 2 * IDLE)
    replace_file(tmp_path / "model", b"whole")
    assert not left.exists()
    assert (tmp_path / "model").read_bytes() == b"whole"


@pytest.mark.parametrize(
    ("name", "is_dead", "age"), [("model", True, IDLE / 2), ("model", False, 2 * IDLE), ("other", True, 2 * IDLE)]
)
def test_partial_files_that_may_be_in_use_stay(tmp_path, dead, name, is_dead, age):
    """Those that changed a moment ago, those of a process that runs, and those of another file."""
    left = leave_partial_file(tmp_path, name, dead if is_dead else os.getppid(), age)
    replace_file(tmp_path / "model", b"whole")
    assert left.exists()


def test_a_kill_in_mid_write_leaves_the_old_file_and_the_next_write_clears_up(tmp_path, monkeypatch):
    replace_file(tmp_path / "model", b"old")
    code = (
        "import os, sys, pathlib; from deltarule.files import open_replacement\n"
        "with open_replacement(pathlib.Path(sys.argv[1])) as file:\n"
        "    file.write(b'new'); file.flush(); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path / "model"], check=False)
    (left,) = tmp_path.glob(".*.part")
    assert (tmp_path / "model").read_bytes() == b"old"
    monkeypatch.setattr("deltarule.files.IDLE", -1.0)
    with open_replacement(tmp_path / "model") as file:
        file.write(b"new")
    assert (tmp_path / "model").read_bytes() == b"new"
    assert not left.exists()
