"""A disk that is full or read-only at any call of any writer: the old files stay, and the order of calls is safe."""

from __future__ import annotations

import builtins
import errno
import os
import signal
import threading
from pathlib import Path

import numpy as np
import pytest

import deltarule as dr
from deltarule import files
from deltarule.book import network2
from deltarule.cli.export import WRITERS as EXPORTS
from deltarule.errors import FileError
from deltarule.exchange import save_keras, save_onnx, save_pytorch
from deltarule.experiments.result import Result, Run, write_result
from deltarule.files import open_replacement, replace_file
from deltarule.lab.export import export
from deltarule.models.ensemble import Ensemble
from deltarule.training.checkpoint import Checkpoint
from deltarule.training.runs import write_notes
from training.runs import Stop, StopAt, read_output, resume_run, start, train

EXAMPLES = dr.Dataset(np.eye(16, dtype=np.float32).reshape(16, 4, 4), np.arange(16) % 2)
NETWORK = dr.Network([dr.Flatten(), dr.Dense(3), dr.Sigmoid(), dr.Dense(2)], dr.LogLikelihood(), (4, 4, 1))


@pytest.fixture(scope="module")
def models():
    return [dr.fit(NETWORK, EXAMPLES, epochs=1, seed=seed, engine="numpy") for seed in (1, 2)]


def save_network2(model, folder):
    network = network2.Network([2, 3, 1])
    for array in (*network.weights, *network.biases):
        array[:] = model.params[1]["w"].sum()
    network.save(str(folder / "network.json"))


WRITERS = {
    "model": lambda model, folder: model.save(folder / "m.safetensors"),
    "ensemble": lambda model, folder: Ensemble([model, model]).save(folder / "m.safetensors"),
    "ONNX": lambda model, folder: save_onnx(model, folder / "m.onnx"),
    "PyTorch": lambda model, folder: save_pytorch(model, folder / "m.py"),
    "Keras": lambda model, folder: save_keras(model, folder / "m.py"),
    "HTML": lambda model, folder: EXPORTS["html"](model, folder / "m.html"),
    "result": lambda model, folder: write_result(
        folder, Result("r", (Run("", 1, {"w": float(model.params[1]["w"].sum())}),))
    ),
    "network2": save_network2,
    "run.json": lambda model, folder: write_notes(folder, {"data": model.parameters_sha256}),
}


class Disk:
    """What stands between the writers and the disk: it notes each call, and lets the one of a number fail."""

    def __init__(self, fails: int = -1, number: int = errno.ENOSPC) -> None:
        self.calls: list[tuple[str, str]] = []
        self.fails, self.number, self.paths = fails, number, {}

    def note(self, kind, path):
        self.calls.append((kind, Path(path).name))
        if len(self.calls) - 1 == self.fails:
            raise OSError(self.number, os.strerror(self.number))

    def open(self, path, mode):
        self.note("open", path)
        file = builtins.open(path, mode)  # noqa: SIM115 # what opened it closes it
        self.paths[file.fileno()] = path
        return Opened(file, path, self)

    def fsync(self, descriptor):
        self.note("fsync", self.paths.get(descriptor, "a folder"))

    def replace(self, source, target):
        self.note("rename", target)
        os.rename(source, target)


class Opened:
    """A file whose writes the disk notes; a write that fails is half done."""

    def __init__(self, file, path, disk):
        self.file, self.path, self.disk = file, path, disk

    def __getattr__(self, name):
        return getattr(self.file, name)

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.disk.paths.pop(self.file.fileno(), None)
        self.file.close()

    def write(self, content):
        self.file.write(content[: len(content) // 2])
        self.disk.note("write", self.path)
        return self.file.write(content[len(content) // 2 :])


def use(disk, monkeypatch):
    monkeypatch.setattr(files, "open", disk.open, raising=False)
    monkeypatch.setattr(os, "fsync", disk.fsync)
    monkeypatch.setattr(os, "replace", disk.replace)
    return disk


def read_all(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EDQUOT])
@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_at_any_call_keeps_the_old_files(name, number, models, tmp_path, monkeypatch):
    write, (first, second) = WRITERS[name], models
    (new := tmp_path / "new").mkdir()
    (old := tmp_path / "old").mkdir()
    write(second, new)
    write(first, old)
    before, after = read_all(old), read_all(new)
    assert before.keys() == after.keys()
    assert before != after
    fails = 0
    while True:
        with monkeypatch.context() as patches:
            disk = use(Disk(fails, number), patches)
            refusal = try_to(write, second, old)
        if not refusal:
            break
        assert os.strerror(number) in refusal
        kind, found = disk.calls[fails][0], read_all(old)
        if kind != "fsync" or disk.calls[fails][1] != "a folder":  # the new file is then in its place
            assert_whole(name, kind, found, before, after)
        write(first, old)
        assert read_all(old) == before
        fails += 1
    assert fails >= 5  # to open, to write, to flush, to rename and to flush the folder
    assert read_all(old) == after


def try_to(write, model, folder):
    try:
        write(model, folder)
    except FileError as error:
        return str(error)
    return ""


def assert_whole(name, kind, found, before, after):
    """Assert that the old files are unchanged; of a program and its numbers, that they are not of two models."""
    if name in ("PyTorch", "Keras") and kind == "rename":
        assert set(found) <= set(before)
        assert found in (before, after) or "m.py" not in found
    else:
        assert found == before


@pytest.mark.parametrize("name", WRITERS)
def test_the_content_is_on_the_disk_before_its_name(name, models, tmp_path, monkeypatch):
    """A loss of power after the rename then finds the new file whole, and before it the old one."""
    with monkeypatch.context() as patches:
        calls = use(Disk(), patches).calls
        WRITERS[name](models[0], tmp_path)
    renamed = [(i, path) for i, (kind, path) in enumerate(calls) if kind == "rename"]
    assert renamed
    for i, path in renamed:
        part = next(other for _, other in calls if other.startswith(f".{path}."))
        writes = [k for k, call in enumerate(calls) if call == ("write", part)]
        flushes = [k for k, call in enumerate(calls) if call == ("fsync", part)]
        assert max(writes) < max(flushes) < i
        assert ("fsync", "a folder") in calls[i + 1 :]


def test_two_writers_of_a_file_do_not_mix_their_contents(tmp_path):
    """Neither in one process nor in two; the last to end decides."""
    path = tmp_path / "model"
    with open_replacement(path) as file:
        file.write(b"first")
        other = threading.Thread(target=replace_file, args=(path, b"second, which is longer"))
        other.start()
        other.join()
        assert path.read_bytes() == b"second, which is longer"
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_many_writers_and_a_reader(tmp_path):
    path, contents = tmp_path / "model", [bytes([i]) * 100_000 for i in range(4)]
    replace_file(path, contents[0])
    writers = [threading.Thread(target=lambda c=c: [replace_file(path, c) for _ in range(10)]) for c in contents]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        assert path.read_bytes() in contents
    assert list(tmp_path.iterdir()) == [path]


TERMINATED = """
import os, signal, sys
from deltarule.training.checkpoint import Checkpoint
from training.runs import StopAt, train
class Terminate(StopAt):
    def on_steps(self, moment):
        if (moment.at.epoch, moment.at.step) == self.place:
            os.kill(os.getpid(), signal.SIGTERM)
train(callbacks=[Checkpoint(sys.argv[1], 3), Terminate(1, 7)])
"""


def test_a_terminated_run_resumes_to_the_bit(tmp_path):
    process = start(TERMINATED, str(tmp_path))
    process.communicate(timeout=300)
    assert process.returncode == -signal.SIGTERM
    assert resume_run(tmp_path).parameters_sha256 == train().parameters_sha256


SET_BACK = """
import sys, time, datetime
real = time.time
time.time = lambda: real() - 400 * 86400
class Before(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return super().now(tz) - datetime.timedelta(days=400)
datetime.datetime = Before
from training.runs import resume_run
print(resume_run(sys.argv[1]).parameters_sha256)
"""


def test_a_clock_that_is_set_back_changes_nothing(tmp_path):
    """The parameters do not depend on it, and files of the future are read and replaced."""
    with pytest.raises(Stop):
        train(callbacks=[Checkpoint(tmp_path, 3), StopAt(1, 9)])
    assert read_output(start(SET_BACK, str(tmp_path))).strip() == train().parameters_sha256


def test_the_files_of_a_site_are_written_whole(tmp_path, monkeypatch):
    with monkeypatch.context() as patches:
        use(Disk(1), patches)
        with pytest.raises(FileError):
            list(export(tmp_path / "site", model_only=True))
    assert list((tmp_path / "site").iterdir()) == []
