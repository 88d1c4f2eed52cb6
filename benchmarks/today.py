"""The version that speed is compared with: one commit of this repository, in an environment of its own."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from benchmarks.processes import ROOT
from deltarule.errors import DeltaruleError

COMMIT = "83234c5"
"""The last commit without the native engine whose speed is the measure: "today" in the targets."""

ADAPTER = ROOT / "benchmarks" / "contenders" / "today.py"
"""The script that this version's Python runs; nothing else knows its interface."""

FOLDER = ROOT / "build" / "benchmarks" / "today"


class TodayError(DeltaruleError):
    """A commit that is missing, or that cannot be installed."""


def find_python(repository: Path = ROOT, folder: Path = FOLDER) -> Path:
    """Return the Python of the environment in which the commit is installed, and make it the first time.

    Raises :class:`TodayError` if the repository lacks the commit, or if its installation fails.
    """
    python, done = folder / "venv" / "bin" / "python", folder / f".installed-{COMMIT}"
    if not done.exists():
        archive = read_commit(repository)
        shutil.rmtree(folder, ignore_errors=True)
        source = folder / "source"
        source.mkdir(parents=True)
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(source, filter="data")
        print(f"benchmarks: installing commit {COMMIT} into {os.path.relpath(folder)} (once)", file=sys.stderr)
        _call([sys.executable, "-m", "venv", str(folder / "venv")])
        quiet = ("-q", "--disable-pip-version-check")
        constraints = str(source / "constraints.txt")
        _call([str(python), "-m", "pip", "install", *quiet, str(source), "-c", constraints])
        done.touch()
    return python


def read_commit(repository: Path) -> bytes:
    """Return the files of the commit as a tar archive."""
    made = subprocess.run(["git", "archive", COMMIT], cwd=repository, capture_output=True, check=False)
    if made.returncode:
        raise TodayError(
            f"expected commit {COMMIT} in the history of this repository, got {_find_last_line(made.stderr)!r}",
            remedy="clone the whole history (git fetch --unshallow); an archive of the source does not have it",
        )
    return made.stdout


def _call(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        raise TodayError(
            f"expected the installation of commit {COMMIT} to succeed, got {_find_last_line(done.stderr)!r}",
            remedy="check the network and the free disk space",
        )


def _find_last_line(printed: bytes) -> str:
    return (printed.decode(errors="replace").strip().splitlines() or ["no output"])[-1]
