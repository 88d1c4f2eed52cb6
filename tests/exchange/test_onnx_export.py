"""Exported models in ONNX Runtime: every layer, cost, encoding and preprocessing, within 1e-5 of the NumPy engine."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, replace

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.exchange.models import (
    ENCODINGS,
    MODELS,
    NUMBERS,
    WORDS,
    build_encoded,
    build_model,
    build_networks,
    build_recipe,
    build_table,
    draw_pixels,
    give_zeros,
)
from tests.exchange.onnx_running import check_classes, run, start
from tests.fields import has

import deltarule as dr
from deltarule.data.encodings import OneHot
from deltarule.errors import DivergedError, FileError, InvalidArgument
from deltarule.exchange import from_onnx, save_onnx, to_onnx
from deltarule.exchange.onnx_layers import LAYERS
from deltarule.exchange.onnx_memory import EXPORTS
from deltarule.preprocessing import NumberColumn, Standardization
from deltarule.recipes.builtin import RECIPES


def center(model: dr.Model) -> dr.Model:
    """Return a model with no biases, whose outputs differ from one example to the next, as those of trained models."""
    params = [{k: 0 * v if k in ("b", "shift") else v for k, v in layer.items()} for layer in model.params]
    return replace(model, params=params)


LARGE = ("best", "book-dropout")


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] if name in LARGE else []) for name in RECIPES if name != "boltzmann"],
)
def test_the_recipes_give_the_same_on_a_thousand_examples(name):
    model = center(build_recipe(name))
    x = np.kron(np.random.default_rng(1).integers(0, 256, (1000, 4, 4)), np.ones((7, 7))).astype(np.uint8)
    found = run(model, x)
    check_classes(model, x, found)
    assert np.ptp(found["probabilities"], axis=0).max() > 1e-3  # they depend on the pictures


def test_a_machine_is_refused_by_the_name_of_its_layer():
    with pytest.raises(InvalidArgument, match=r"which ONNX has operators for .*, got LabelEnergies"):
        to_onnx(build_recipe("boltzmann"))


@pytest.mark.parametrize("name", MODELS)
def test_every_layer_and_cost_gives_the_same(name):
    model = MODELS[name]
    x = draw_pixels(model, 50)
    outputs = model.outputs(x)
    # outputs of both signs are divided by a sum that may be nearly 0
    rtol = 1e-3 if outputs.min() < 0 else 0.0
    check_classes(model, x, run(model, x), rtol)


def test_every_layer_of_deltarule_has_a_function():
    public = [getattr(dr, name) for name in dr.__all__]
    own = {value for value in public if isinstance(value, type) and issubclass(value, dr.Layer)}
    assert own - {dr.Layer, dr.Activation, dr.Latent} == set(LAYERS) | set(EXPORTS)  # Latent is refused by name


@settings(max_examples=60)
@given(build_networks(), st.integers(0, 9))
def test_networks_of_any_layers_give_the_same(network, seed):
    model = build_model(network, seed)
    x = draw_pixels(model, 20)
    outputs = model.outputs(x)
    if network.n_out == 1:
        found = run(model, x)["outputs"]
    else:
        check_classes(model, x, run(model, x), 1e-3 if outputs.min() < 0 else 1e-4)
        output = network.cost.output if isinstance(network.cost, dr.Quadratic) else dr.Tanh()
        preprocessing = replace(model.preprocessing, encoding=dr.encodings.Standardized(network.n_out), classes=())
        linear = replace(model, network=replace(network, cost=dr.Quadratic(output)), preprocessing=preprocessing)
        found = run(linear, x)["values"]
        outputs = linear.predict(x)
    np.testing.assert_allclose(found, outputs, atol=1e-5 * max(1.0, float(np.abs(outputs).max())))


@pytest.mark.parametrize("name", ENCODINGS)
def test_every_encoding_gives_the_labels_or_values(name):
    model = build_encoded(name)
    x = draw_pixels(model, 200)
    found = run(model, x)
    if isinstance(model.encoding, OneHot):
        check_classes(model, x, found, 1e-3 if name == "outputs below 0" else 0.0)
        return
    predicted, outputs = model.predict(x), model.outputs(x)
    if predicted.dtype.kind == "f":
        assert list(found) == ["values"]
        assert found["values"].shape == predicted.shape
        np.testing.assert_allclose(found["values"], predicted, rtol=1e-5, atol=1e-5)
        return
    assert list(found) == ["labels", "outputs"]
    np.testing.assert_allclose(found["outputs"], outputs, atol=1e-5)
    assert (np.abs(outputs - 0.5) > 1e-5).all()
    assert found["labels"].tolist() == predicted.tolist()
    assert len(np.unique(predicted)) > 1


def test_labels_are_numbers_where_all_names_are():
    network = dr.Network.dense([5, 3])
    numbers = run(build_model(network, classes=("3", "-1", "10")), np.ones((2, 5)))["labels"]
    text = run(build_model(network, classes=("3", "01", "10")), np.ones((2, 5)))["labels"]
    assert (numbers.dtype, set(numbers.tolist()) <= {3, -1, 10}) == (np.int64, True)
    assert set(text.tolist()) <= {"3", "01", "10"}


def test_names_that_onnx_cannot_hold_are_changed():
    """A column may have no name, and the name of a folder, which is that of a class, may be no UTF-8."""
    network = dr.Network.dense([2, 2])
    inputs = Standardization((NumberColumn(""), NumberColumn("width")))
    model = build_model(network, inputs=inputs, classes=("gr\udcfcn", "rot"))
    found = run(model, {"column": np.ones((3, 1)), "width": np.ones((3, 1))})
    assert set(found["labels"].tolist()) <= {"gr?n", "rot"}


def columns_of(model: dr.Model, x: np.ndarray) -> dict[str, np.ndarray]:
    """Return the columns of a table as ONNX takes them: float64, or text that is empty where it is missing."""
    found = {}
    for i, column in enumerate(model.preprocessing.schema.columns):
        values = x[:, i]
        text = ["" if np.isnan(v) else column.words[int(v)] for v in values] if column.words else None
        found[column.name] = np.array(text, object)[:, None] if text else values[:, None]
    return found


def draw_rows(model: dr.Model, n: int = 200) -> np.ndarray:
    rng = np.random.default_rng(2)
    fitted = model.preprocessing.inputs.columns
    columns = [
        rng.integers(0, len(one.words), n) if hasattr(one, "words") else rng.normal(one.mean, one.deviation, n)
        for one in fitted
    ]
    x = np.stack(columns, axis=1).astype(np.float64)
    for i, one in enumerate(fitted):
        if one.fill is not None:
            x[rng.random(n) < 0.2, i] = np.nan
    return x


@pytest.mark.parametrize("inputs", [NUMBERS, WORDS, give_zeros(WORDS)], ids=["numbers", "words", "unknown words"])
def test_columns_of_tables_are_inputs_by_name(inputs):
    model = build_table(inputs)
    x = draw_rows(model)
    feed = columns_of(model, x)
    assert [one.name for one in start(model).get_inputs()] == [column.name for column in inputs.columns]
    check_classes(model, x, run(model, feed))
    # the order of the columns is that of their names
    check_classes(model, x, run(model, dict(reversed(feed.items()))))


def test_an_unknown_word_is_refused_or_gives_zeros():
    feed = {"age": np.array([[40.0]]), "soil": np.array([["clay"]], object), "tree": np.array([["palm"]], object)}
    with pytest.raises(Exception, match="Unknown Category"):
        run(build_table(WORDS), feed)
    lenient = build_table(give_zeros(WORDS))
    z = np.concatenate([np.zeros((1, 1)), np.eye(3)[:1], np.zeros((1, 2))], axis=1)
    wanted = lenient.network.outputs(lenient.params, z.astype(np.float32))
    np.testing.assert_allclose(run(lenient, feed)["probabilities"], wanted, atol=1e-6)


def test_a_date_in_seconds_keeps_its_digits():
    seconds = dr.preprocessing.Standardization((dr.preprocessing.NumberColumn("time", 1.7e9, 3.0),))
    model = build_table(seconds)
    x = 1.7e9 + np.arange(-3.0, 4)[:, None]
    found = run(model, {"time": x})
    check_classes(model, x, found)
    assert len(np.unique(found["probabilities"].round(6), axis=0)) == 7  # float32 has steps of 128


@pytest.mark.parametrize("voting", ["hard", "soft"])
def test_ensembles_vote(voting):
    networks = [dr.Network.dense([16, 4, 3], hidden="tanh", cost=cost) for cost in ("log-likelihood", "cross-entropy")]
    networks.append(dr.Network([dr.Conv(2, 2), dr.ReLU(), dr.Flatten(), dr.Dense(3)], dr.LogLikelihood(), (4, 4, 1)))
    members = [center(build_model(network, i, example_shape=(4, 4))) for i, network in enumerate(networks)]
    members = [replace(member, preprocessing=members[0].preprocessing) for member in members]
    ensemble = dr.Ensemble(members, voting)
    x = draw_pixels(ensemble, 300)
    found = run(ensemble, x)
    np.testing.assert_allclose(found["probabilities"], ensemble.predict_proba(x), atol=1e-5)
    wanted = np.array(ensemble.classes)[ensemble.predict(x)]
    assert np.mean(found["labels"] == wanted) > 0.995
    other = dr.Ensemble(members, "soft" if voting == "hard" else "hard")
    assert np.any(other.predict(x) != ensemble.predict(x))


def test_the_number_of_examples_is_free():
    model = MODELS["grey pictures"]
    session = start(model)
    assert [one.shape for one in session.get_inputs()] == [["n", 4, 5]]
    for n in (0, 1, 7):
        labels, shares = session.run(None, {"x": np.zeros((n, 4, 5), np.float32)})
        assert (labels.shape, shares.shape) == ((n,), (n, 3))


def test_the_file_is_strict_old_and_names_its_recipe(tmp_path):
    train = dr.data.load("digits")[0]
    model = dr.fit(dr.Network.dense([64, 10]), train, epochs=1, eta=0.5)
    save_onnx(model, tmp_path / "digits.onnx")
    onnx.checker.check_model(tmp_path / "digits.onnx", full_check=True)
    read = onnx.load(tmp_path / "digits.onnx")
    metadata = {one.key: one.value for one in read.metadata_props}
    recipe = json.loads(metadata["recipe"])
    assert (read.ir_version, [(one.domain, one.version) for one in read.opset_import]) == (8, [("", 17)])
    assert json.loads(metadata["classes"]) == list("0123456789")
    assert from_onnx(read).classes == model.classes == tuple("0123456789")
    assert metadata["deltarule"] == dr.__version__ == read.producer_version
    assert recipe["networks"][0]["layers"][0]["type"] == "Dense"
    assert (recipe["training"]["epochs"], recipe["training"]["eta"]["value"]) == (1, 0.5)
    assert list(tmp_path.iterdir()) == [tmp_path / "digits.onnx"]
    save_onnx(model, tmp_path / "again.onnx")
    assert (tmp_path / "again.onnx").read_bytes() == (tmp_path / "digits.onnx").read_bytes()


def test_an_old_file_stays_if_the_new_one_cannot_be_written(tmp_path):
    (tmp_path / "mine.onnx").write_bytes(b"old")
    network = dr.Network([dr.Dense(3)], dr.CrossEntropy(), (5,))
    wrong = replace(build_model(network), params=[{"w": np.full((3, 5), np.nan), "b": np.zeros(3)}])
    with pytest.raises(DivergedError, match="layer 0"):
        save_onnx(wrong, tmp_path / "mine.onnx")
    assert (tmp_path / "mine.onnx").read_bytes() == b"old"
    with pytest.raises(FileError):
        save_onnx(build_model(network), tmp_path / "no such folder" / "mine.onnx")


@dataclass(frozen=True)
class Swish(dr.Activation):
    """A layer of a user's own."""

    def function(self, z):
        return z / (1 + np.exp(-z))

    def derivative(self, z, a):
        return z


@dataclass(frozen=True)
class Narrow(dr.ReLU):
    """A layer that inherits from one of deltarule, but computes something else."""

    def function(self, z):
        return np.clip(z, 0, 1)


@dataclass(frozen=True)
class OwnCost(dr.Quadratic):
    """A cost of a user's own."""


@dataclass(frozen=True)
class OwnEncoding(dr.encodings.OneVsRest):
    """An encoding of a user's own."""


@pytest.mark.parametrize("own", [Swish(), Narrow()])
def test_a_layer_of_ones_own_is_named(own):
    model = build_model(dr.Network([dr.Dense(3), own, dr.Dense(2)], dr.CrossEntropy(), (5,)))
    with pytest.raises(InvalidArgument, match=type(own).__name__, check=has(value=own, position="layer 1")):
        to_onnx(model)
    with pytest.raises(InvalidArgument, match=type(own).__name__):
        to_onnx(build_model(dr.Network([dr.Dense(3)], dr.Quadratic(own), (5,))))


def test_a_cost_or_an_encoding_of_ones_own_and_other_things_are_named():
    own = OwnCost()
    with pytest.raises(InvalidArgument, check=has(value=own)):
        to_onnx(build_model(dr.Network([dr.Dense(3)], own, (5,))))
    network = dr.Network([dr.Dense(1)], dr.CrossEntropy(), (5,))
    with pytest.raises(InvalidArgument, check=has(value=OwnEncoding(1))):
        to_onnx(build_model(network, encoding=OwnEncoding(1), classes=()))
    with pytest.raises(InvalidArgument, check=has(argument="model", value=network)):
        to_onnx(network)


def test_numbers_beyond_float32_are_refused():
    model = build_model(dr.Network([dr.Dense(1)], dr.CrossEntropy(), (1,)), dtype="float64")
    large = replace(model, params=[{"w": np.array([[1e300]]), "b": np.zeros(1)}])
    with pytest.raises(DivergedError, match="layer 0, w"):
        to_onnx(large)


WITHOUT_ONNX = """
import sys
sys.modules["onnx"] = None
import deltarule as dr
from deltarule import exchange
try:
    exchange.to_onnx
except dr.errors.MissingExtra as error:
    print(error.remedy)
"""


def test_without_onnx_the_extra_is_named():
    done = subprocess.run([sys.executable, "-c", WITHOUT_ONNX], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("install it: pip install 'deltarule[onnx]'\n", "")
