"""The same numbers give the same result for every memory layout of their array: byte order, strides, type."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.fields import has
from tests.slow import with_slow

import deltarule as dr
from deltarule.core.trees import leaves
from deltarule.preprocessing import Preprocessing, Scaling

ENGINES = ("numpy", "native", "jax")

LAYOUTS = {
    "C order": np.ascontiguousarray,
    "Fortran order": np.asfortranarray,
    "transposed": lambda array: np.ascontiguousarray(array.T).T,
    "reversed": lambda array: array[::-1].copy()[::-1],
    "every second": lambda array: np.repeat(array, 2, axis=0)[::2],
    "every second of the last axis": lambda array: np.repeat(array, 2, axis=-1)[..., ::2],
    "not aligned": lambda array: _at_offset(array, 1),
    "read only": lambda array: _read_only(array),
}
TYPES = ("f2", "f4", "f8", "g", "u1", "u2", "i2", "i4", "u4", "i8", "u8")


def _at_offset(array, offset):
    memory = np.empty(array.nbytes + offset, np.uint8)
    view = memory[offset:].view(array.dtype).reshape(array.shape)
    view[...] = array
    return view


def _read_only(array):
    copy = array.copy()
    copy.flags.writeable = False
    return copy


@st.composite
def arrays_with_values(draw, values, types=TYPES):
    """Draw an array with these values and another type, byte order and layout."""
    dtype = np.dtype(draw(st.sampled_from(types))).newbyteorder(draw(st.sampled_from("<>")))
    return LAYOUTS[draw(st.sampled_from(sorted(LAYOUTS)))](values.astype(dtype))


X = np.random.default_rng(1).integers(0, 128, (20, 6)).astype(np.float64)
Y = np.arange(20) % 3
NETWORK = dr.Network.dense([6, 4, 3])
CONV = dr.Network([dr.Conv(2, 3), dr.ReLU(), dr.MaxPool(2), dr.Flatten(), dr.Dense(3)], dr.LogLikelihood(), (6, 6, 1))
MODEL = dr.Model(NETWORK, NETWORK.init(3), Preprocessing(dr.encodings.OneHot(3), Scaling(100.0)))


@pytest.mark.parametrize("network", [NETWORK, CONV], ids=["dense", "convolution"])
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_saving_and_loading_preserves_the_parameters(tmp_path, network, data):
    whole = [{name: np.rint(leaf * 50) for name, leaf in layer.items()} for layer in network.init(5)]
    params = [
        {name: data.draw(arrays_with_values(leaf, ("f4", "f8", "g", "i4", "i8"))) for name, leaf in p.items()}
        for p in whole
    ]
    model = dr.Model(network, params, Preprocessing(dr.encodings.OneHot(3)))
    model.save(tmp_path / "m.safetensors")
    loaded = dr.load(tmp_path / "m.safetensors")
    for found, expected in zip(loaded.params, whole, strict=True):
        for name in expected:
            np.testing.assert_array_equal(found[name], expected[name])
    assert loaded.parameters_sha256 == model.parameters_sha256
    dr.Ensemble([model, model]).save(tmp_path / "e.safetensors")
    for member in dr.load(tmp_path / "e.safetensors").models:
        assert member.parameters_sha256 == model.parameters_sha256


def test_a_kernel_that_was_transposed_is_saved_as_it_is(tmp_path):
    kernel = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
    network = dr.Network.dense([6, 3])
    model = dr.Model(network, [{"w": kernel.T, "b": np.zeros(3, np.float32)}], Preprocessing(dr.encodings.OneHot(3)))
    model.save(tmp_path / "m.safetensors")
    np.testing.assert_array_equal(dr.load(tmp_path / "m.safetensors").params[0]["w"], kernel.T)


@settings(max_examples=100)
@given(x=arrays_with_values(X))
def test_predictions_equal_those_for_the_plain_array(x):
    expected = MODEL.outputs(X)
    np.testing.assert_allclose(MODEL.outputs(x), expected, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(MODEL.predict(x), MODEL.predict(X))
    found, plain = (MODEL.evaluate(dr.Dataset(each, Y, scale=100.0)) for each in (x, X))
    assert found == pytest.approx(plain, abs=1e-6)


def train_model(engine, x, y=Y, dtype="float64", scale=100.0, **others):
    return dr.fit(NETWORK, dr.Dataset(x, y, scale=scale), epochs=2, batch_size=4, engine=engine, dtype=dtype, **others)


@pytest.fixture(scope="module")
def expected():
    return {engine: train_model(engine, X) for engine in ENGINES}


def assert_close(model, other, atol=1e-12):
    for leaf, wanted in zip(leaves(model.params), leaves(other.params), strict=True):
        np.testing.assert_allclose(leaf, wanted, rtol=0, atol=atol)


@pytest.mark.parametrize("engine", with_slow(ENGINES, "jax"))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_training_gives_the_same_model_as_on_the_plain_array(expected, engine, data):
    x, y = data.draw(arrays_with_values(X)), data.draw(arrays_with_values(Y, ("i1", "u1", "i2", "i4", "u8", "i8")))
    assert_close(train_model(engine, x, y), expected[engine])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("factor", [2**33, 2**40])
def test_whole_numbers_of_more_than_32_bits_do_not_wrap(engine, factor, dtype):
    large = X.astype(np.uint64) * np.uint64(factor)
    found = train_model(engine, large, dtype=dtype, scale=100.0 * factor)
    assert_close(found, train_model(engine, X, dtype=dtype), atol=1e-5 if dtype == "float32" else 1e-12)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("factor", "argument"), [(1e300, "scale"), (1e-42, "scale"), (1e38, "data")])
def test_inputs_or_a_scale_that_float32_cannot_hold_are_refused(engine, factor, argument):
    scale = 100 * factor if argument == "scale" else 1.0
    with pytest.raises(dr.errors.DataError, check=has(argument=argument)) as error:
        train_model(engine, X * factor, scale=scale, dtype="float32")
    assert "float64" in error.value.remedy
    if argument == "scale":  # float64 holds them
        assert_close(train_model(engine, X * factor, scale=scale), train_model(engine, X), atol=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
def test_changing_the_callers_arrays_during_training_has_no_effect(engine):
    memory = np.empty(X.nbytes + 64, np.uint8)  # at an address that JAX would use without a copy
    start = -memory.ctypes.data % 64
    x = memory[start : start + X.nbytes].view(X.dtype).reshape(X.shape)
    x[...] = X
    y = Y.copy()
    data = dr.Dataset(x, y, scale=100.0)

    class Meddling(dr.Callback):
        def on_start(self, moment):
            x[...], y[...] = 0, 0

    model = dr.fit(NETWORK, data, epochs=2, batch_size=4, engine=engine, dtype="float64", validation=data,
                   callbacks=[Meddling()])  # fmt: skip
    assert_close(model, train_model(engine, X, validation=dr.Dataset(X, Y, scale=100.0)))
    last = model.history.records[-1]
    assert last["validation_accuracy"] == model.accuracy(dr.Dataset(X, Y, scale=100.0))


@pytest.mark.parametrize("engine", ENGINES)
def test_training_a_model_further_does_not_change_its_parameters(engine):
    params = [{name: leaf.astype(np.float32) for name, leaf in layer.items()} for layer in NETWORK.init(0)]
    before = [leaf.copy() for leaf in leaves(params)]
    dr.fit(
        dr.Model(NETWORK, params, Preprocessing(dr.encodings.OneHot(3))),
        dr.Dataset(X, Y),
        epochs=1,
        engine=engine,
    )
    for leaf, was in zip(leaves(params), before, strict=True):
        np.testing.assert_array_equal(leaf, was)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_an_input_that_is_not_finite_is_refused_with_its_position(value):
    x = X.copy()
    x[7, 2] = value
    with pytest.raises(dr.errors.DataError, match=r"finite.*\[7, 2\]"):
        MODEL.predict(x)
    with pytest.raises(dr.errors.DataError, match=r"example 7, at \[2\]"):
        dr.Dataset(x, Y)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("ask", ["predict", "outputs", "predict_proba"])
def test_a_model_with_a_parameter_that_is_not_finite_refuses_to_predict(tmp_path, value, ask):
    params = NETWORK.init(0)
    params[2]["w"][1, 3] = value
    model = dr.Model(NETWORK, params, Preprocessing(dr.encodings.OneHot(3)))
    model.save(tmp_path / "m.safetensors")  # a run that diverged can be inspected and resumed
    for each in (model, dr.load(tmp_path / "m.safetensors"), dr.Ensemble([model, model])):
        with pytest.raises(dr.errors.DivergedError, match=r"layer 2: .* in w at \[1, 3\]"):
            getattr(each, ask)(X)
        with pytest.raises(dr.errors.DivergedError, match="layer 2"):
            each.accuracy(dr.Dataset(X, Y))


def test_predict_refuses_numbers_that_overflow_within_the_network():
    params = [{name: np.full_like(leaf, 3e38, np.float32) for name, leaf in layer.items()} for layer in NETWORK.init(0)]
    with pytest.raises(dr.errors.DivergedError, match=r"example 0: .*neuron 0"):
        dr.Model(NETWORK, params, Preprocessing(dr.encodings.OneHot(3))).predict(X)


def test_masked_values_are_refused():
    x = np.ma.masked_array(X, X > 100)
    with pytest.raises(dr.errors.DataError, match="masked"):
        dr.Dataset(x, Y)
    with pytest.raises(dr.errors.DataError, match="masked"):
        MODEL.predict(x)
    np.testing.assert_array_equal(dr.Dataset(np.ma.masked_array(X), Y).x, X)  # nothing is masked


def test_argmax_is_suggested_only_for_one_hot_labels():
    several = np.array([[1, 0, 1], [0, 1, 0], [1, 1, 0]])
    with pytest.raises(dr.errors.DataError) as error:
        dr.Dataset(X[:3], several)
    assert "argmax" not in str(error.value)
    with pytest.raises(dr.errors.DataError, match="argmax"):
        dr.Dataset(X[:3], np.eye(3))
    with pytest.raises(dr.errors.DataError) as error:
        dr.Dataset(X[:3], several[:, :1])  # argmax would make all of them 0
    assert "argmax" not in str(error.value)
