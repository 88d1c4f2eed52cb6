"""A run interrupted anywhere resumes with the same result to the bit."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from tests.fields import has

from deltarule.core.activations import Activation
from deltarule.core.costs import LogLikelihood
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.core.optimizers import SGD
from deltarule.core.schedules import OneCycle, ReduceOnPlateau
from deltarule.data.dataset import Dataset
from deltarule.errors import FileError, InvalidArgument
from deltarule.models.files import MODEL_FILE
from deltarule.models.loading import load
from deltarule.training.callbacks import Callback, EarlyStopping, Monitor
from deltarule.training.checkpoint import Checkpoint
from deltarule.training.fit import fit
from deltarule.training.resume import resume

from .runs import ENGINES, TRAIN, VALIDATION, Stop, StopAt, about, pictures, resume_run, train, without_times


def break_off(folder, place, engine="numpy", every=3, **options) -> None:
    with pytest.raises(Stop):
        train(engine, [Checkpoint(folder, every), StopAt(*place)], **{"keep_best": True, **options})


@pytest.fixture(scope="module")
def whole():
    """Return the runs without interruption."""
    return {engine: train(engine, keep_best=True) for engine in ENGINES}


PLACES = {
    (0, 1): (0, 0),
    (0, 3): (0, 3),
    (1, 9): (1, 7),
    (1, 0): (2, 0),
    (2, 5): (2, 5),
    (3, 11): (3, 9),
}
AT_JAX = {(1, 9): (1, 7), (1, 0): (2, 0)}
AT = {"numpy": PLACES, "native": PLACES, "jax": AT_JAX}


@pytest.mark.parametrize(
    ("engine", "place", "saved"),
    [(engine, *places) for engine in ENGINES for places in AT[engine].items()],
    ids=str,
)
def test_a_resumed_run_equals_one_without_interruption(engine, place, saved, whole, tmp_path):
    break_off(tmp_path, place, engine)
    positions = []

    class Where(Callback):
        def on_start(self, moment):
            positions.append((moment.at.epoch, moment.at.step))

    model = resume_run(tmp_path, [Where()])
    assert positions == [saved]
    assert model.parameters_sha256 == whole[engine].parameters_sha256
    assert model.best.parameters_sha256 == whole[engine].best.parameters_sha256
    assert without_times(model) == without_times(whole[engine])
    assert without_times(model.best) == without_times(whole[engine].best)
    assert dict(model.settings) == dict(whole[engine].settings)
    assert load(tmp_path).parameters_sha256 == model.parameters_sha256


def test_a_run_can_be_interrupted_again_and_again(whole, tmp_path):
    break_off(tmp_path, (0, 2), every=1)
    for place in [(0, 4), (0, 5), (0, 0), (1, 10), (2, 1), (3, 0)]:
        with pytest.raises(Stop):
            resume_run(tmp_path, [StopAt(*place)])
    model = resume_run(tmp_path)
    assert model.parameters_sha256 == whole["numpy"].parameters_sha256
    assert without_times(model) == without_times(whole["numpy"])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("eta", [OneCycle(0.05), ReduceOnPlateau(0.05, 1, 1 / 64)], ids=["one cycle", "plateau"])
def test_a_resumed_run_continues_its_schedule(eta, dtype, tmp_path):
    break_off(tmp_path, (2, 7), eta=eta, dtype=dtype)
    model, straight = resume_run(tmp_path), train(eta=eta, dtype=dtype)
    assert model.history["eta"] == straight.history["eta"]
    assert model.parameters_sha256 == straight.parameters_sha256


@pytest.mark.parametrize("engine", ENGINES)
def test_resume_extends_a_run(engine, whole, tmp_path):
    train(engine, [Checkpoint(tmp_path)], epochs=2, keep_best=True)
    model = resume_run(tmp_path, epochs=4)
    assert model.parameters_sha256 == whole[engine].parameters_sha256
    assert without_times(model) == without_times(whole[engine])
    assert model.settings["epochs"] == 4


def test_a_finished_run_is_returned_unchanged(tmp_path):
    model = train(callbacks=[Checkpoint(tmp_path)], keep_best=True)
    before = (tmp_path / MODEL_FILE).read_bytes()
    for epochs in (None, 4):
        again = resume_run(tmp_path, epochs=epochs)
        assert again.parameters_sha256 == model.parameters_sha256
        assert again.history == model.history
        assert again.best.parameters_sha256 == model.best.parameters_sha256
    with pytest.raises(InvalidArgument, check=about("epochs", 2)):
        resume_run(tmp_path, epochs=2)
    assert (tmp_path / MODEL_FILE).read_bytes() == before


def test_a_new_run_does_not_replace_another(tmp_path):
    train(callbacks=[Checkpoint(tmp_path)], epochs=2)
    before = (tmp_path / MODEL_FILE).read_bytes()
    with pytest.raises(InvalidArgument, match=r"resume\(folder", check=has(path=tmp_path)):
        train(callbacks=[Checkpoint(tmp_path), StopAt(0, 1)], epochs=2)
    with pytest.raises(InvalidArgument, match="Checkpoint", check=has(path=tmp_path)):
        resume_run(tmp_path, [Checkpoint(tmp_path)], epochs=3)
    assert (tmp_path / MODEL_FILE).read_bytes() == before
    kept = []
    train(callbacks=[Checkpoint(tmp_path, write=lambda *content: kept.append(content))], epochs=1)
    assert len(kept) == 2
    assert (tmp_path / MODEL_FILE).read_bytes() == before


@pytest.mark.parametrize("epochs", [0, 1, 2, 1.5, "4", True])
def test_resume_refuses_fewer_epochs_than_done(epochs, tmp_path):
    break_off(tmp_path, (2, 7))  # saved in the third epoch
    before = (tmp_path / MODEL_FILE).read_bytes()
    with pytest.raises(InvalidArgument, check=about("epochs", epochs)):
        resume_run(tmp_path, epochs=epochs)
    assert (tmp_path / MODEL_FILE).read_bytes() == before


def test_resume_with_the_epochs_done_finishes_the_run(tmp_path):
    break_off(tmp_path, (1, 0))
    model = resume_run(tmp_path, epochs=2)
    assert len(model.history) == 2
    before = (tmp_path / MODEL_FILE).read_bytes()
    assert resume_run(tmp_path).parameters_sha256 == model.parameters_sha256 == train(epochs=2).parameters_sha256
    assert (tmp_path / MODEL_FILE).read_bytes() == before


def test_a_run_stopped_early_is_finished(tmp_path):
    model = train(callbacks=[EarlyStopping(2), Checkpoint(tmp_path)], epochs=30, eta=0.0)
    assert len(model.history) == 3
    assert len(resume_run(tmp_path).history) == 3


def test_early_stopping_counts_epochs_before_the_interruption(tmp_path):
    options = {"epochs": 30, "eta": 0.0}
    straight = train(callbacks=[EarlyStopping(3)], **options)
    break_off(tmp_path, (2, 4), **options)
    model = resume_run(tmp_path, [EarlyStopping(3)])
    assert len(model.history) == len(straight.history) == 4
    assert model.parameters_sha256 == straight.parameters_sha256


OTHERS = {
    "another example": replace(TRAIN, x=np.where(np.arange(42)[:, None, None] == 9, 255 - TRAIN.x, TRAIN.x)),
    "another label": replace(TRAIN, y=np.where(np.arange(42) == 9, (TRAIN.y + 1) % 3, TRAIN.y)),
    "another order": TRAIN.take(np.arange(42)[::-1]),
    "fewer": TRAIN.take(slice(41)),
    "another scale": replace(TRAIN, scale=128.0),
    "another type": replace(TRAIN, x=TRAIN.x.astype(np.float32)),
}


@pytest.mark.parametrize("data", OTHERS.values(), ids=OTHERS)
def test_resume_refuses_other_data(data, tmp_path):
    break_off(tmp_path, (1, 5))
    before = (tmp_path / MODEL_FILE).read_bytes()
    with pytest.raises(InvalidArgument, check=about("train", data)):
        resume(tmp_path, data, validation=VALIDATION)
    with pytest.raises(InvalidArgument, check=about("validation", data)):
        resume(tmp_path, TRAIN, validation=data)
    with pytest.raises(InvalidArgument, check=about("validation", None)):
        resume(tmp_path, TRAIN)
    with pytest.raises(InvalidArgument, check=about("train")):
        resume(tmp_path, (TRAIN, VALIDATION))
    assert (tmp_path / MODEL_FILE).read_bytes() == before


def test_resume_accepts_the_same_data_under_another_name(tmp_path, whole):
    break_off(tmp_path, (1, 5))
    copy = Dataset(np.asfortranarray(TRAIN.x), TRAIN.y.copy(), "elsewhere", 255.0, TRAIN.classes)
    assert resume(tmp_path, copy, validation=VALIDATION).parameters_sha256 == whole["numpy"].parameters_sha256


@dataclass(frozen=True)
class Cube(Activation):
    """z³."""

    def function(self, z):
        return z * z * z

    def derivative(self, z, a):
        return 3 * z * z


@dataclass(frozen=True)
class SignDescent(SGD):
    """Gradient descent with steps of size η for every gradient."""

    share: float = 0.5

    def update(self, grads, state, params, eta):
        grads = [{name: self.share * g / (abs(g) + 1e-6) for name, g in layer.items()} for layer in grads]
        return super().update(grads, state, params, eta)


@pytest.mark.parametrize("engine", ["numpy", "jax"])  # the native engine has no layers of the user
def test_resume_needs_the_users_classes(engine, tmp_path):
    network = Network([Dense(4), Cube(), Dense(3)], LogLikelihood(), (16,))
    options = {"epochs": 2, "batch_size": 4, "eta": 0.01, "optimizer": SignDescent(0.7), "engine": engine}
    with pytest.raises(Stop):
        fit(network, TRAIN, **options, callbacks=[Checkpoint(tmp_path, 3), StopAt(1, 2)])
    with pytest.raises(FileError, match=r"got 'Cube'; .*custom=\[Cube\]"):
        resume(tmp_path, TRAIN, custom=[SignDescent])
    with pytest.raises(FileError, match=r"got 'SignDescent'; .*custom=\[SignDescent\]"):
        resume(tmp_path, TRAIN, custom=[Cube])
    model = resume(tmp_path, TRAIN, custom=[Cube, SignDescent])
    assert model.parameters_sha256 == fit(network, TRAIN, **options).parameters_sha256


def test_an_error_of_a_users_callback_is_not_reported_as_damage(tmp_path):
    break_off(tmp_path, (1, 5))

    def wrong(model):
        raise KeyError("of my own")

    with pytest.raises(KeyError, match="of my own"):
        resume_run(tmp_path, [Monitor(wrong=wrong)])
    assert resume_run(tmp_path).parameters_sha256 == train().parameters_sha256


def test_a_model_without_a_run_is_not_resumed_or_replaced(tmp_path):
    train(epochs=1).save(tmp_path / MODEL_FILE)
    with pytest.raises(FileError, match=r"fit\(model", check=has(path=MODEL_FILE)):
        resume_run(tmp_path)
    with pytest.raises(InvalidArgument, match=r"fit\(load\(folder\)", check=has(path=tmp_path)):
        train(callbacks=[Checkpoint(tmp_path)], epochs=1)


def test_a_damaged_run_is_not_replaced(tmp_path):
    (tmp_path / MODEL_FILE).write_bytes(b"damaged")
    with pytest.raises(InvalidArgument, match="damaged", check=has(path=tmp_path)):
        train(callbacks=[Checkpoint(tmp_path)], epochs=1)


def test_checkpoint_creates_its_folder(tmp_path):
    train(callbacks=[Checkpoint(tmp_path / "a" / "b")], epochs=1)
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == [MODEL_FILE]
    (tmp_path / "file").touch()
    with pytest.raises(FileError, check=has(path="file")):
        train(callbacks=[Checkpoint(tmp_path / "file")], epochs=1)
    with pytest.raises(FileError, check=has(path=MODEL_FILE)):
        resume_run(tmp_path / "nowhere")
    with pytest.raises(InvalidArgument, check=about("every", -1)):
        Checkpoint(tmp_path, every=-1)


def test_a_tilde_stands_for_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    train(callbacks=[Checkpoint("~/run")], epochs=1)
    assert (tmp_path / "run" / MODEL_FILE).exists()
    assert len(resume("~/run", TRAIN, validation=VALIDATION, epochs=2).history) == 2


def test_files_left_by_killed_processes_are_removed(tmp_path):
    left = tmp_path / f".{MODEL_FILE}.12345.part"
    others = [tmp_path / "notes.txt", tmp_path / ".other.12345.part"]
    for path in (left, *others):
        path.write_text("half")
    train(callbacks=[Checkpoint(tmp_path)], epochs=1)
    assert not left.exists()
    assert all(path.exists() for path in others)


@pytest.mark.parametrize("every", [-1, 1.5, True, "4"])
def test_checkpoint_refuses_an_invalid_number_of_steps(every, tmp_path):
    with pytest.raises(InvalidArgument, check=about("every", every)):
        Checkpoint(tmp_path, every)


@pytest.mark.parametrize("every", [1, 4, 7, 11, 22, 1000])
def test_checkpoint_saves_after_every_epoch_and_number_of_steps(every, tmp_path):
    times = []

    class Count(Checkpoint):
        def _save(self, moment, finished=False):
            times.append((moment.at.epoch, moment.at.step, finished))
            super()._save(moment, finished)

    train(callbacks=[Count(tmp_path, every)], epochs=2, validate_every=0)
    within = [divmod(step, 11) for step in range(every, 22, every) if step % 11]
    expected = [(0, 0, False), *((*place, False) for place in within), (1, 0, False)]
    assert times == [*sorted(expected), (2, 0, True)]


@pytest.mark.parametrize("at_start", [True, False])
def test_checkpoint_can_leave_out_the_start(at_start, tmp_path):
    with pytest.raises(Stop):
        train("numpy", [Checkpoint(tmp_path, at_start=at_start), StopAt(0, 1)])
    assert (tmp_path / MODEL_FILE).exists() is at_start


@pytest.mark.parametrize("epochs", [0, 2])
def test_a_run_that_is_not_saved_at_its_start_resumes(epochs, whole, tmp_path):
    with pytest.raises(Stop):
        train("numpy", [Checkpoint(tmp_path, every=3, at_start=False), StopAt(epochs, 4)], keep_best=True)
    assert resume_run(tmp_path).parameters_sha256 == whole["numpy"].parameters_sha256


def test_a_larger_run_resumes_with_the_same_result(tmp_path):
    data = pictures(700, 9)
    options = {"epochs": 2, "optimizer": SGD(), "engine": "numpy", "seed": 1}
    network = Network.dense([16, 30, 30, 3])
    with pytest.raises(Stop):
        fit(network, data, **options, callbacks=[Checkpoint(tmp_path, 50), StopAt(1, 33)])
    assert resume(tmp_path, data).parameters_sha256 == fit(network, data, **options).parameters_sha256


class FailAtEnd(Callback):
    """A callback that ends the run with an error after the last epoch."""

    def after_epoch(self, moment, last):
        if last:
            raise Stop


@pytest.mark.parametrize("saved", [True, False], ids=["after the last save", "before the last save"])
def test_a_run_that_fails_as_it_stops_early_is_not_extended(tmp_path, saved):
    whole = train(callbacks=[EarlyStopping(1)], epochs=50)
    assert len(whole.history) < 50
    callbacks = [Checkpoint(tmp_path), FailAtEnd()] if saved else [FailAtEnd(), Checkpoint(tmp_path)]
    with pytest.raises(Stop):
        train(callbacks=[*callbacks, EarlyStopping(1)], epochs=50)
    resumed = resume_run(tmp_path, [EarlyStopping(1)])
    assert len(resumed.history) == len(whole.history)
    assert resumed.parameters_sha256 == whole.parameters_sha256


@pytest.mark.parametrize("callbacks", [EarlyStopping(1), None, [EarlyStopping]])
def test_resume_refuses_invalid_callbacks(tmp_path, callbacks):
    train("numpy", [Checkpoint(tmp_path)], epochs=1)
    with pytest.raises(InvalidArgument, check=about("callbacks")):
        resume(tmp_path, TRAIN, validation=VALIDATION, epochs=2, callbacks=callbacks)
