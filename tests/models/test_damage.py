"""A damaged file raises ``FileError`` quickly and with little memory, or gives a model with other numbers."""

from __future__ import annotations

import copy
import json
import pickle
import re
import struct
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save
from tests.fields import has

from deltarule.core.costs import LogLikelihood
from deltarule.core.layers import Dense, Flatten
from deltarule.core.network import Network
from deltarule.core.optimizers import Momentum
from deltarule.core.pooling import MaxPool
from deltarule.data.encodings import OneHot
from deltarule.errors import DeltaruleError, FileError
from deltarule.models.ensemble import pack_ensemble
from deltarule.models.files import FORMAT, MODEL_FILE, fingerprint
from deltarule.models.loading import load
from deltarule.models.model import Model, pack_model
from deltarule.preprocessing import Preprocessing
from deltarule.training.checkpoint import Checkpoint
from deltarule.training.fit import fit
from deltarule.training.resume import resume

from .cases import build_every_layer, make_images, make_tiny_model, train_model


def loads(path: Path, original: Model) -> bool:
    """Return True if the file loads, after checks of the model; False if the error names the path."""
    started = perf_counter()
    model, named = None, path
    try:
        model = load(path)
    except FileError as error:
        named = error.path
    assert named == path
    assert perf_counter() - started < 5
    if model is None:
        return False
    shapes = [{name: leaf.shape for name, leaf in layer.items()} for layer in model.params]
    assert shapes == [{name: leaf.shape for name, leaf in layer.items()} for layer in original.params]
    with np.errstate(all="ignore"):
        assert model.predict(np.zeros((2, *model.network.input_shape))).shape == (2,)
    return True


@pytest.fixture
def small(tmp_path) -> tuple[Path, bytes, Model]:
    model = make_tiny_model()
    model.save(tmp_path / "model")
    return tmp_path / "model", (tmp_path / "model").read_bytes(), model


def test_a_file_cut_off_at_any_length_is_refused(small):
    path, content, model = small
    for length in range(len(content)):
        path.write_bytes(content[:length])
        assert not loads(path, model)
    path.write_bytes(content + b"\0")
    assert not loads(path, model)
    path.write_bytes(content)
    assert loads(path, model)


def test_a_flipped_bit_in_the_header_gives_an_error_or_a_sound_model(small):
    path, content, model = small
    (length,) = struct.unpack("<Q", content[:8])
    for at in range(8 + length):
        for bit in range(8) if at < 8 else (at % 8, (at + 3) % 8):
            damaged = bytearray(content)
            damaged[at] ^= 1 << bit
            path.write_bytes(damaged)
            loads(path, model)


def test_a_flipped_bit_in_the_numbers_is_refused(small):
    path, content, model = small
    (length,) = struct.unpack("<Q", content[:8])
    for at in range(8 + length, len(content)):
        damaged = bytearray(content)
        damaged[at] ^= 1 << at % 8
        path.write_bytes(damaged)
        assert not loads(path, model)


@given(data=st.data())
@settings(max_examples=75, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_changed_bytes_give_an_error_or_a_sound_model(small, data):
    path, content, model = small
    damaged = bytearray(content)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        taken = data.draw(st.integers(0, 8))
        damaged[at : at + taken] = data.draw(st.binary(max_size=8))
    path.write_bytes(damaged)
    loads(path, model)


@given(st.binary(max_size=200))
@example(struct.pack("<Q", 2**63) + b"{}")
@example(struct.pack("<Q", 99_999_999) + b"{}")
@example(struct.pack("<Q", 2) + b"{}")
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_bytes_are_refused(tmp_path, content):
    (tmp_path / "model").write_bytes(content)
    with pytest.raises(FileError):
        load(tmp_path / "model")


class Trap:
    """An object that runs code when it is unpickled."""

    def __reduce__(self):
        return (open, ("executed", "w"))


def test_a_pickle_is_never_opened(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(FileError, match="expected a model file"):
        load("model")
    np.save(tmp_path / "array.npy", np.array([Trap()], dtype=object), allow_pickle=True)
    with pytest.raises(FileError, match="expected a model file"):
        load("array.npy")
    assert not (tmp_path / "executed").exists()


# ------------------------------------------------------------------------- altered descriptions

OTHER = (None, True, -1, 0, 2.5, 10**12, 10**400, float("nan"), float("inf"), "", "os.system", [], [[]], {}, [None])
OTHER += (
    {"type": "os.system"},
    {"type": "Dense"},
    {"type": ["Dense"]},
    {"type": "Network"},
    {"type": "Sigmoid", "a": 1},
)
OTHER += ({"type": "Dense", "n_out": 3}, {"type": "Flatten"}, {"type": "OneHot", "n_out": 10**12}, {"type": "SGD"})


def list_paths(value: Any, path: tuple = ()) -> Iterator[tuple]:
    """List the path of keys to every value in a description."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from list_paths(inner, (*path, key))


def apply_at(description: Any, path: tuple, change: Callable[[Any, Any], None]) -> Any:
    """Copy a description and call ``change(container, key)`` at a path in the copy."""
    description = copy.deepcopy(description)
    container = description
    for key in path[:-1]:
        container = container[key]
    change(container, path[-1])
    return description


def replace_by(value: Any) -> Callable[[Any, Any], None]:
    return lambda container, key: container.__setitem__(key, value)


def write_anyhow(path: Path, tensors: dict, description: Any) -> None:
    if isinstance(description, dict) and "sha256" in description:
        description = {**description, "sha256": fingerprint(tensors)}
    path.write_bytes(save(tensors, {"deltarule": json.dumps(description)}))


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> tuple[Path, dict, dict]:
    """Return the folder of an unfinished run, its tensors, and its description."""
    from deltarule.models.files import read

    folder = tmp_path_factory.mktemp("run")

    class Stop(Exception):
        pass

    class At(Checkpoint):
        def on_steps(self, moment):
            super().on_steps(moment)
            if (moment.at.epoch, moment.at.step) == (1, 4):
                raise Stop

    with pytest.raises(Stop):
        train_model(callbacks=[At(folder, every=4)], keep_best=False, optimizer=Momentum(), epochs=2)
    return folder, *read(folder / MODEL_FILE)


def can_open(folder: Path) -> bool:
    try:
        load(folder)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".* devices and this machine has ")  # harmless
            resume(folder, make_images(), validation=make_images(20, 1))
    except DeltaruleError:
        return False
    return True


def test_a_description_with_a_missing_value_is_refused_or_harmless(run, tmp_path):
    _, tensors, description = run
    model_parts = [
        p for p in list_paths(description) if p and p[0] not in ("versions",) and p[:2] != ("history", "records")
    ]
    for path in model_parts:
        if path[:2] == ("history", "within") and len(path) > 2:
            continue
        write_anyhow(tmp_path / MODEL_FILE, tensors, apply_at(description, path, lambda c, key: c.pop(key)))
        before = (tmp_path / MODEL_FILE).read_bytes()
        if not can_open(tmp_path):
            assert (tmp_path / MODEL_FILE).read_bytes() == before  # refused before anything was done


def test_a_description_with_another_value_is_refused_or_harmless(run, tmp_path):
    _, tensors, description = run
    rng = np.random.default_rng(0)
    for path in list_paths(description):
        if not path or path[0] == "versions" or (path[0] == "history" and len(path) > 2):
            continue
        prolongs = path in {("settings", "epochs"), ("settings", "training_examples")}
        for i in rng.choice(len(OTHER), 2, replace=False):
            if not (prolongs and OTHER[i] in (10**12, 10**400)):  # that would be a run of that length
                write_anyhow(tmp_path / MODEL_FILE, tensors, apply_at(description, path, replace_by(OTHER[i])))
                can_open(tmp_path)


ALTERED = {
    "a class of another module": (
        ("network", "layers", 2, "type"),
        "os.system",
        "expected the name of a class .* got 'os.system'",
    ),
    "a builtin": (("network", "layers", 2, "type"), "eval", "expected the name of a class .* got 'eval'"),
    "a class that is no layer": (
        ("network", "layers", 2),
        {"type": "OneHot", "n_out": 3},
        r"layer 2 of Network: .* got OneHot\(",
    ),
    "a field too many": (("network", "layers", 2, "z"), 1, "description of Dense: expected the fields"),
    "an impossible number": (("network", "layers", 1, "p"), 2.0, "description of Dropout: p of Dropout: expected"),
    "fewer neurons": (("network", "layers", 2, "n_out"), 6, "layer 2: expected parameters that give"),
    "10**12 neurons": (("network", "layers", 2, "n_out"), 10**12, "layer 2: expected parameters that give"),
    "10**12 inputs": (("network", "input_shape"), [10**12], "got inputs of shape"),
    "no inputs": (("network", "input_shape"), [0, 3], r"input_shape of Network: .* got \(0, 3\)"),
    "a fraction of an input": (("network", "input_shape"), [7.5, 2], r"input_shape of Network: .* got \(7.5, 2\)"),
    "no cost": (("network", "cost"), None, "cost of Network: .* got None"),
    "a cost without its activation": (("network", "cost", "output"), "tanh", "output of Quadratic: .* got 'tanh'"),
    "an optimizer for a network": (("network",), {"type": "SGD"}, "expected the description of a Network"),
    "another number of outputs": (
        ("data", "encoding", "n_out"),
        10**12,
        "encoding: expected labels encoded by 3 outputs, .* got 1000000000000",
    ),
    "no encoding": (("data", "encoding"), {"type": "Tanh"}, "encoding of Preprocessing: expected an Encoding"),
    "scale 0": (("data", "inputs", "scale"), 0, "scale of Scaling: expected a number above 0, got 0"),
    "scale NaN": (("data", "inputs", "scale"), float("nan"), "scale of Scaling: expected a number above 0, got nan"),
    "scale in quotes": (("data", "inputs", "scale"), "255", "scale of Scaling: expected a number above 0, got '255'"),
    "scale true": (("data", "inputs", "scale"), True, "scale of Scaling: expected a number above 0, got True"),
    "examples of 900 million pixels": (
        ("data", "shape"),
        [30_000, 30_000],
        "shape: expected the shape of examples that",
    ),
    "a negative shape": (("data", "shape"), [-7, -6], "shape: expected the shape of examples that become"),
    "an empty shape": (("data", "shape"), [0, 42], "shape: expected the shape of examples that become"),
    "a shape of true": (("data", "shape"), [True, 42], "shape: expected a list whose members are each a int"),
    "greys in quotes": (("data", "greys"), ["0", "1"], "greys: expected a number, got '0'"),
    "classes in one text": (("data", "classes"), "0123456789", "classes: expected a list whose members are each a str"),
    "a history of numbers": (("history", "records"), [1, 2], "records: expected a list whose members are each a dict"),
    "the best of no epoch": (("best_epoch",), "2", "best_epoch: expected the number of an epoch, got '2'"),
    "a best that is not there": (("best_epoch",), 0, r"best epoch \(0\) .* for layer 2; use a backup"),
    "settings that are a number": (("settings",), 5, "TypeError"),
}


@pytest.mark.parametrize(("path", "value", "said"), ALTERED.values(), ids=ALTERED)
def test_an_altered_description_is_refused_with_the_place(run, tmp_path, path, value, said):
    _, tensors, description = run
    write_anyhow(tmp_path / "model", tensors, apply_at(description, path, replace_by(value)))
    tracemalloc.start()
    with pytest.raises(FileError, match=said) as caught:
        load(tmp_path / "model")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.path == tmp_path / "model"
    assert peak < 10_000_000


def test_patches_that_fill_the_memory_are_refused(tmp_path):
    """The check of the parameters sends an image through the layers: here 419 million numbers."""
    network = Network([MaxPool(60, 1), Flatten(), Dense(2)], LogLikelihood(), (400, 400, 1))
    Model(network, network.init(0), Preprocessing(OneHot(2))).save(tmp_path / "model")
    tracemalloc.start()
    with pytest.raises(FileError, match=r"layer 0: expected patches of 50,000,000 numbers at most, got 418,611,600"):
        load(tmp_path / "model")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000


@pytest.mark.parametrize("depth", [100, 300, 900, 100_000])
def test_a_deeply_nested_description_is_refused(run, tmp_path, depth):
    _, tensors, description = run
    text = json.dumps(apply_at(description, ("network", "layers"), replace_by("here"))).replace(
        '"here"', "[" * depth + "]" * depth
    )
    (tmp_path / "model").write_bytes(save(tensors, {"deltarule": text}))
    with pytest.raises(FileError):
        load(tmp_path / "model")


TENSORS = {
    "of another shape": lambda t: {**t, "params/2/w": t["params/2/w"].T.copy()},
    "of a layer too many": lambda t: {**t, "params/99/w": t["params/2/w"]},
    "of no layer": lambda t: {**t, "params/x/w": t["params/2/w"]},
    "of a layer that is there, by another name": lambda t: {**t, "params/02/w": t["params/2/w"] + 1},
    "of a layer in the digits of another script": lambda t: {**t, "params/٢/w": t["params/2/w"] + 1},
    "of nothing": lambda t: {**t, "extra": t["params/2/w"]},
    "of another kind": lambda t: {**t, "parameters/2/w": t["params/2/w"]},
    "of a member, where there are none": lambda t: {**t, "members/0/params/2/w": t["params/2/w"]},
    "without a name": lambda t: {**t, "params/2/": t["params/2/w"]},
    "one too many": lambda t: {**t, "params/2/u": t["params/2/w"]},
    "one too few": lambda t: {name: leaf for name, leaf in t.items() if name != "params/2/w"},
    "none": lambda t: {},
    "that are truth values": lambda t: {name: leaf.astype(bool) for name, leaf in t.items()},
}


@pytest.mark.parametrize("change", TENSORS.values(), ids=TENSORS)
def test_altered_tensors_are_refused(run, tmp_path, change):
    _, tensors, description = run
    write_anyhow(tmp_path / "model", change(tensors), description)
    with pytest.raises(FileError, match="model"):
        load(tmp_path / "model")


def test_the_error_names_an_unexpected_tensor(tmp_path):
    tensors, description = pack_model(make_tiny_model())
    description = {"format": FORMAT, "sha256": "", **description}
    own = next(iter(tensors.values()))
    for name in ("extra", "best/0/w", "optimizer/v/0/w", "learning/0/w", "params/00/w", "params/٠/w", "params /0/w"):
        write_anyhow(tmp_path / "model", {**tensors, name: own}, description)
        with pytest.raises(FileError, match=re.escape(repr(name)), check=has(path="model")):
            load(tmp_path / "model")


UNEXPECTED = ("members/2/params/0/w", "members/00/params/0/w", "members/١/params/0/w", "members/0/best/0/w")
UNEXPECTED += ("members/0/params/00/w", "members/params/0/w", "members/0/", "params/0/w")


@pytest.mark.parametrize("name", UNEXPECTED)
def test_the_error_names_an_unexpected_tensor_of_an_ensemble(tmp_path, name):
    tensors, description = pack_ensemble([pack_model(make_tiny_model())] * 2, "hard")
    description = {"format": FORMAT, "sha256": "", **description}
    write_anyhow(tmp_path / MODEL_FILE, tensors, description)
    assert len(load(tmp_path).models) == 2
    write_anyhow(tmp_path / MODEL_FILE, {**tensors, name: tensors["members/0/params/0/w"] + 1}, description)
    for use in (load, lambda path: resume(path, make_images())):
        with pytest.raises(FileError, match=f"'{re.escape(name)}'|'{re.escape(name.removeprefix('members/0/'))}'"):
            use(tmp_path)


def test_a_name_that_occurs_twice_is_refused(tmp_path):
    tensors, description = pack_model(make_tiny_model())
    text = json.dumps({"sha256": fingerprint(tensors), "format": FORMAT, **description})
    twice = text.replace(f'"format": {FORMAT}, ', f'"format": {FORMAT}, "best_epoch": 0, ')
    assert twice != text
    (tmp_path / "model").write_bytes(save(tensors, {"deltarule": twice}))
    with pytest.raises(FileError, match="'best_epoch' twice", check=has(path="model")):
        load(tmp_path / "model")
    content = save(tensors, {"deltarule": text})
    (length,) = struct.unpack("<Q", content[:8])
    header, rest = content[8 : 8 + length].rstrip(), content[8 + length :]
    place = json.dumps(json.loads(header)["params/0/w"])
    header = header[:-1] + b',"params/0/w":' + place.encode() + b"}"
    header += b" " * (-len(header) % 8)
    (tmp_path / "model").write_bytes(struct.pack("<Q", len(header)) + header + rest)
    with pytest.raises(FileError, match=r"'params/0/w' twice|duplicate"):
        load(tmp_path / "model")


POSITIONS = {
    "no position": (("position",), None, "without the state of its training"),
    "an epoch too far": (("position", "epoch"), 7, "got 7 epochs and 4 steps"),
    "a step too far": (("position", "step"), 8, "got 1 epoch and 8 steps"),
    "a step of text": (("position", "step"), "4", "'step' must be a whole number of at least 0, got '4'"),
    "a negative interval": (("position", "every"), -1, "'every' must be a whole number of at least 0, got -1"),
    "seconds of text": (("position", "seconds"), "soon", "damaged: ValueError"),
    "an engine of one's own": (("settings", "engine"), "os", "its settings are damaged"),
    "another optimizer": (("settings", "optimizer"), {"type": "Adam"}, "an optimizer state that fits"),
    "no optimizer": (("settings", "optimizer"), None, "damaged: .*optimizer of Training"),
    "batches of nothing": (("settings", "batch_size"), 0, "damaged: .*batch_size of Training: .* got 0"),
}


@pytest.mark.parametrize(("path", "value", "said"), POSITIONS.values(), ids=POSITIONS)
def test_an_altered_position_is_refused(run, tmp_path, path, value, said):
    _, tensors, description = run
    write_anyhow(tmp_path / MODEL_FILE, tensors, apply_at(description, path, replace_by(value)))
    with pytest.raises(FileError, match=said):
        resume(tmp_path, make_images(), validation=make_images(20, 1))


def test_an_optimizer_state_of_another_shape_is_refused(run, tmp_path):
    _, tensors, description = run
    tensors = {**tensors, "optimizer/v/2/w": np.zeros((1, 1), np.float32)}
    write_anyhow(tmp_path / MODEL_FILE, tensors, description)
    with pytest.raises(FileError, match="an optimizer state that fits"):
        resume(tmp_path, make_images(), validation=make_images(20, 1))


@pytest.mark.parametrize(
    "name", ["optimizer/v/02/w", "optimizer/v/٢/w", "optimizer/u/2/w", "learning/2/w", "optimizer/v"]
)
def test_the_error_names_an_unexpected_tensor_of_the_optimizer(run, tmp_path, name):
    _, tensors, description = run
    write_anyhow(tmp_path / MODEL_FILE, {**tensors, name: tensors["optimizer/v/2/w"] + 1}, description)
    with pytest.raises(FileError, match=re.escape(repr(name))):
        resume(tmp_path, make_images(), validation=make_images(20, 1))


def test_the_run_without_alterations_can_be_loaded(run, tmp_path):
    _, tensors, description = run
    write_anyhow(tmp_path / MODEL_FILE, tensors, description)
    assert can_open(tmp_path)
    assert load(tmp_path).network == build_every_layer()
    again = fit(build_every_layer(), make_images(), epochs=1, engine="numpy")
    assert again.parameters_sha256 != load(tmp_path).parameters_sha256
