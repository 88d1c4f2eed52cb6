"""Functions that run the command (in this process, in another, at a terminal), and fixtures with runs."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer.main

from deltarule.cli.__main__ import main
from deltarule.data import digits

COMMAND = [sys.executable, "-W", "error", "-m", "deltarule.cli"]


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The JSON object that stdout must consist of."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


READ_ONCE = lru_cache(digits.load)
GET_COMMAND_ONCE = lru_cache(typer.main.get_command)


@pytest.fixture(autouse=True)
def _isolate(monkeypatch, tmp_path):
    """Forbid downloads, work in a temporary folder, read the small digits and make the command once for all tests."""
    monkeypatch.setattr(digits, "load", READ_ONCE)
    monkeypatch.setattr(typer.main, "get_command", GET_COMMAND_ONCE)
    monkeypatch.setenv("DELTARULE_OFFLINE", "1")
    monkeypatch.chdir(tmp_path)


def here(*words: object) -> Ran:
    """Run the command in this process."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2)]
    given, sys.argv = sys.argv, ["deltarule", *map(str, words)]
    try:
        with redirect_stdout(streams[0]), redirect_stderr(streams[1]), pytest.raises(SystemExit) as left:
            main()
    finally:
        sys.argv = given
    out, err = (stream.buffer.getvalue().decode() for stream in streams)  # type: ignore[attr-defined]
    return Ran(int(left.value.code or 0), out, err)


def train(data: Path | str, *words: object, out: str = "run") -> Ran:
    """Train by the command, with the result as JSON on stdout and the rest on stderr."""
    return here("train", "--engine", "numpy", "--data", data, "--out", out, "--json", *words)


def show(data: Path | str, *words: object, out: str = "shown") -> str:
    """Train for one epoch, and return what the command prints, as one line."""
    ran = here("train", "--engine", "numpy", "--data", data, "--out", out, "--epochs", 1, *words)
    assert (ran.code, ran.err) == (0, "")
    return " ".join(ran.out.split())


@pytest.fixture
def deltarule():
    """Return the function that runs the command in this process."""
    return here


def change_words(usual: Sequence[str], *words: object) -> list[object]:
    """Return a command and its options, with ``words`` in place of the options that they change."""
    command, *options = usual
    said = {str(word) for word in words}
    pairs = zip(options[::2], options[1::2], strict=True)
    return [command, *(word for pair in pairs if pair[0] not in said for word in pair), *words]


def elsewhere(*words: object, command: Sequence[str] = COMMAND, **options: Any) -> Ran:
    """Run the command in another process, with warnings as errors."""
    done = subprocess.run(
        [*command, *map(str, words)], capture_output=True, text=True, timeout=60, check=False, **options
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def at_a_terminal(*command: str, columns: int = 80, signal_at: tuple[int, bytes] | None = None, **env: str) -> Ran:
    """Run a command at a terminal; ``signal_at``: a signal, and the output after which it is sent."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", **env}
    environment.pop("COLUMNS", None)
    child = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, close_fds=True)
    os.close(theirs)
    shown, deadline = b"", time.monotonic() + 60
    while time.monotonic() < deadline:
        if not select.select([ours], [], [], 0.5)[0]:
            continue
        try:
            piece = os.read(ours, 65536)
        except OSError:  # Linux raises it when the other end is closed
            break
        if not piece:
            break
        shown += piece
        if signal_at and signal_at[1] in shown:
            child.send_signal(signal_at[0])
            signal_at = None
    os.close(ours)
    return Ran(child.wait(10), shown.decode(), "")


@pytest.fixture(scope="session")
def some_digits(tmp_path_factory) -> Path:
    """Save the small digits as an .npz file, as data of your own."""
    from deltarule.data import load

    training = load("digits")[0]
    path = tmp_path_factory.mktemp("data") / "some.npz"
    np.savez(path, x=training.x, y=training.y)
    return path


@pytest.fixture(scope="session")
def kept(tmp_path_factory) -> Path:
    """Train a run on the small digits, for tests that do not change it, and return its folder."""
    place = tmp_path_factory.mktemp("kept")
    words = "train --data digits --epochs 12 --seed 1 --engine numpy --keep-best --monitor --l2 0.1"
    with chdir(place):
        ran = here(*words.split(), "--out", "runs/first")
    assert (ran.code, ran.err) == (0, "")
    return place / "runs" / "first"


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def predict_by_hand(folder: Path, x: np.ndarray, scale: float) -> np.ndarray:
    """Predict with a run of sigmoid layers from the numbers in its file, without deltarule."""
    from safetensors.numpy import load_file

    tensors = load_file(folder / "model.safetensors")
    a = x.reshape(len(x), -1) / scale
    for i in sorted({int(name.split("/")[1]) for name in tensors if name.startswith("params/")}):
        a = sigmoid(a @ tensors[f"params/{i}/w"].T.astype(float) + tensors[f"params/{i}/b"])
    return a.argmax(axis=1)
