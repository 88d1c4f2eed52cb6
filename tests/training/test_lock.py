"""Only one training at a time saves to a folder; after any end of it the next one can."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from tests.fields import has

from deltarule.core.costs import CrossEntropy
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.engines.execution import Execution
from deltarule.engines.numpy_engine import NumpyProgram
from deltarule.errors import DeltaruleError, DivergedError, FileError, Interrupted, InvalidArgument
from deltarule.models.files import MODEL_FILE
from deltarule.models.loading import load
from deltarule.training.callbacks import Callback
from deltarule.training.checkpoint import Checkpoint
from deltarule.training.ensembles import fit_ensemble
from deltarule.training.fit import fit
from deltarule.training.lock import LOCK_FILE, lock_folder
from deltarule.training.many import fit_many
from deltarule.training.resume import resume
from deltarule.training.runs import find_runs
from deltarule.training.training import Training

from .runs import TRAIN, Stop, read_output, resume_run, start, train

NETWORK = Network([Dense(3)], CrossEntropy(), (16,))
IN_USE = "expected a folder that no other run uses"
ROUNDS = 20
TWO, NUMPY = Training(epochs=2).vary(seed=[1, 2]), Execution(engine="numpy")


def small(folder: Path, callbacks=(), **options):
    return fit(NETWORK, TRAIN, epochs=3, engine="numpy", callbacks=[Checkpoint(folder), *callbacks], **options)


def ensemble(folder: Path, callbacks=(), **options):
    given = {"members": 2, "epochs": 3, "engine": "numpy", "folder": folder, "callbacks": callbacks}
    return fit_ensemble(NETWORK, TRAIN, **{**given, **options})


def resume_alone(folder: Path):
    return resume(folder, TRAIN, epochs=6)


def race(*tasks) -> list:
    """Start tasks at the same moment, each in its own thread; return their models or errors."""
    barrier = threading.Barrier(len(tasks))

    def run(task):
        barrier.wait()
        try:
            return task()
        except DeltaruleError as error:
            return error

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def refused(ends: list) -> list:
    return [end for end in ends if isinstance(end, InvalidArgument)]


@pytest.mark.parametrize("begin", [small, ensemble])
def test_one_of_two_simultaneous_runs_is_refused(begin, tmp_path):
    for i in range(ROUNDS):
        folder = tmp_path / str(i)
        ends = race(*(partial(begin, folder, seed=seed) for seed in (1, 2)))
        assert len(refused(ends)) == 1, ends
        assert IN_USE in str(refused(ends)[0]) or "a folder without a run" in str(refused(ends)[0])
        (model,) = [end for end in ends if end not in refused(ends)]
        assert load(folder).parameters_sha256 == model.parameters_sha256
        assert os.listdir(folder) == [MODEL_FILE]


@pytest.mark.parametrize("begin", [small, ensemble])
def test_two_simultaneous_resumes_do_not_disturb_each_other(begin, tmp_path):
    begin(tmp_path / "whole", seed=1)
    expected = resume_alone(tmp_path / "whole").parameters_sha256
    for i in range(ROUNDS):
        begin(tmp_path / str(i), seed=1)
        ends = race(*[partial(resume_alone, tmp_path / str(i))] * 2)
        assert len(refused(ends)) < 2
        assert all(IN_USE in str(end) for end in refused(ends))
        assert {end.parameters_sha256 for end in ends if end not in refused(ends)} == {expected}
        assert load(tmp_path / str(i)).parameters_sha256 == expected


PROCESSES = """
import os, sys
from pathlib import Path
from deltarule.errors import InvalidArgument
from training.test_lock import resume_alone, small

def child(task, gate):
    reader, writer = os.pipe()
    if not os.fork():
        os.close(reader)
        os.read(gate, 1)
        try:
            end = task().parameters_sha256
        except InvalidArgument as error:
            end = "InvalidArgument"
        os.write(writer, end.encode())
        os._exit(0)
    os.close(writer)
    return reader

def both(*tasks):
    gate, opener = os.pipe()
    readers = [child(task, gate) for task in tasks]
    os.write(opener, b".." )
    ends = [os.read(reader, 100).decode() for reader in readers]
    for _ in tasks:
        os.wait()
    for end in (gate, opener, *readers):
        os.close(end)
    return ",".join(ends)

for i in range(int(sys.argv[2])):
    folder = Path(sys.argv[1]) / str(i)
    print(both(lambda: small(folder, seed=1), lambda: small(folder, seed=2)),
          both(*[lambda: resume_alone(folder)] * 2), flush=True)
"""


@pytest.mark.slow
def test_two_processes_do_not_disturb_each_other(tmp_path):
    lines = read_output(start(PROCESSES, str(tmp_path), str(ROUNDS), OPENBLAS_NUM_THREADS="1")).split("\n")[:-1]
    wholes = {train_and_resume(tmp_path / f"whole{seed}", seed) for seed in (1, 2)}
    for i, line in enumerate(lines):
        begun, resumed = (part.split(",") for part in line.split())
        assert begun.count("InvalidArgument") == 1, line
        assert resumed.count("InvalidArgument") < 2, line
        assert set(resumed) - {"InvalidArgument"} == {load(tmp_path / str(i)).parameters_sha256}
        assert load(tmp_path / str(i)).parameters_sha256 in wholes
    assert len(lines) == ROUNDS


def train_and_resume(folder: Path, seed: int) -> str:
    small(folder, seed=seed)
    return resume_alone(folder).parameters_sha256


# ---------------------------------------------------------------------------------- during training


class During(Callback):
    """A callback that acts after the first epoch."""

    def __init__(self, act) -> None:
        self.act = act

    def on_epoch(self, moment) -> bool:
        if len(moment.at.history) == 1:
            self.act()
        return False


class Each(During):
    """A callback that acts after each epoch."""

    def on_epoch(self, moment) -> bool:
        self.act()
        return False


@pytest.mark.parametrize("begin", [small, ensemble])
def test_during_training_others_can_read_but_not_train(begin, tmp_path):
    folder, lengths = tmp_path / "run", []

    def look():
        lengths.append(len(load(folder).history))
        assert [path for path, _ in find_runs(tmp_path)] == [folder]
        assert sorted(os.listdir(folder)) == sorted([MODEL_FILE, LOCK_FILE])
        before = (folder / MODEL_FILE).read_bytes()
        for task in (small, ensemble, resume_alone):
            (end,) = race(partial(task, folder))  # from another thread
            assert IN_USE in str(end)
            with pytest.raises(InvalidArgument, match=IN_USE):  # from this one
                task(folder)
        assert (folder / MODEL_FILE).read_bytes() == before

    begin(folder, [During(look)])
    assert lengths
    assert os.listdir(folder) == [MODEL_FILE]


def test_during_a_resumed_run_others_are_refused(tmp_path):
    small(tmp_path)
    ends = []

    def again():
        for task in (small, ensemble, resume_alone):
            ends.extend(race(partial(task, tmp_path)))

    with pytest.raises(InvalidArgument, match=IN_USE):
        resume(tmp_path, TRAIN, epochs=5, callbacks=[Checkpoint(tmp_path)])  # resume saves there itself
    assert len(resume(tmp_path, TRAIN, epochs=5, callbacks=[Each(again)]).history) == 5
    assert len(ends) == 6
    assert all(IN_USE in str(end) for end in ends)


def test_a_finished_run_is_read_without_a_lock(tmp_path):
    model = small(tmp_path)
    with lock_folder(tmp_path):
        assert resume(tmp_path, TRAIN).parameters_sha256 == model.parameters_sha256


def test_members_in_one_folder_are_refused(tmp_path):
    with pytest.raises(InvalidArgument, match=IN_USE):
        fit_many(NETWORK, TRAIN, TWO, execution=NUMPY, callbacks=[Checkpoint(tmp_path)])
    assert os.listdir(tmp_path) == [MODEL_FILE]
    with lock_folder(tmp_path):
        pass


# ------------------------------------------------------------------------------------- after training


class Fail(Callback):
    def __init__(self, where: str, error: BaseException) -> None:
        setattr(self, where, self.fail)
        self.error = error

    def fail(self, *arguments):
        raise self.error


@pytest.mark.parametrize("error", [Stop(), DivergedError("not finite"), KeyboardInterrupt(), SystemExit(3)], ids=repr)
@pytest.mark.parametrize("where", ["on_start", "on_steps", "on_epoch", "after_epoch", "on_end", "on_exit"])
def test_a_run_that_fails_releases_its_folder(tmp_path, where, error):
    with pytest.raises(type(error)) as caught:
        train("numpy", [Checkpoint(tmp_path), Fail(where, error)], epochs=2)
    assert os.listdir(tmp_path) == [MODEL_FILE]  # while the error keeps the whole stack of the run alive
    assert caught.value is error
    assert len(resume_run(tmp_path, epochs=3).history) == 3


@pytest.mark.parametrize("begin", [small, ensemble])
def test_a_run_whose_engine_fails_releases_its_folder(tmp_path, monkeypatch, begin):
    calls, run = [], NumpyProgram.run

    def fail(*arguments):
        calls.append(arguments)
        if len(calls) == 3:
            raise MemoryError("of the engine")
        return run(*arguments)

    monkeypatch.setattr(NumpyProgram, "run", fail)
    with pytest.raises(MemoryError) as caught:
        begin(tmp_path)
    monkeypatch.undo()
    assert os.listdir(tmp_path) == [MODEL_FILE]
    assert caught
    assert len(resume_alone(tmp_path).history) == 6


@pytest.mark.parametrize("begin", [small, ensemble])
def test_an_interrupted_run_releases_its_folder(tmp_path, begin):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(Interrupted) as caught:
            begin(tmp_path, [During(lambda: signal.raise_signal(signal.SIGINT))])
    finally:
        signal.signal(signal.SIGINT, before)
    assert os.listdir(tmp_path) == [MODEL_FILE]
    assert caught
    assert len(resume_alone(tmp_path).history) == 6


def test_a_run_that_cannot_start_releases_its_folder(tmp_path):
    small(tmp_path)
    with pytest.raises(InvalidArgument, match="a folder without a run"):
        small(tmp_path)
    assert len(resume_alone(tmp_path).history) == 6
    other = tmp_path / "other"

    class CannotSave(Checkpoint):
        def _save(self, moment, finished=False):
            raise FileError("no room")

    with pytest.raises(FileError, match="no room"):
        fit(NETWORK, TRAIN, epochs=1, engine="numpy", callbacks=[CannotSave(other)])
    assert os.listdir(other) == []
    small(other)


def test_a_member_that_diverges_releases_its_folder(tmp_path):
    def make_callbacks(i):
        return [Checkpoint(tmp_path / str(i)), *([Fail("on_epoch", DivergedError("not finite"))] if i == 0 else [])]

    ends = fit_many(NETWORK, TRAIN, TWO, execution=NUMPY, callbacks=make_callbacks)
    assert [type(end).__name__ for end in ends] == ["DivergedError", "Model"]
    assert [os.listdir(tmp_path / name) for name in "01"] == [[MODEL_FILE]] * 2


KILLED = """
import os, signal, sys
from training.test_lock import During, small, Path
small(Path(sys.argv[1]), [During(lambda: os.kill(os.getpid(), signal.SIGKILL))])
"""


def test_the_lock_of_a_killed_process_is_released(tmp_path):
    process = start(KILLED, str(tmp_path))
    process.communicate(timeout=300)
    assert process.returncode == -signal.SIGKILL
    assert sorted(os.listdir(tmp_path)) == sorted([MODEL_FILE, LOCK_FILE])
    assert len(resume_alone(tmp_path).history) == 6
    assert os.listdir(tmp_path) == [MODEL_FILE]


def test_a_folder_that_cannot_be_locked_is_a_file_error(tmp_path):
    (tmp_path / LOCK_FILE).mkdir()
    with pytest.raises(FileError, match="Is a directory", check=has(path=tmp_path)):
        small(tmp_path)


def test_on_exit_runs_in_reverse_order_for_callbacks_that_started():
    names = []

    class Note(Callback):
        def __init__(self, name, fails=False):
            self.name, self.fails = name, fails

        def on_start(self, moment):
            if self.fails:
                raise Stop

        def on_exit(self):
            names.append(self.name)

    train(callbacks=[Note("a"), Note("b")], epochs=1)
    assert names == ["b", "a"]
    with pytest.raises(Stop):
        train(callbacks=[Note("c"), Note("d", fails=True), Note("e")], epochs=1)
    assert names == ["b", "a", "c"]
