"""Convolutional networks train on the small digits, equally on both engines, and can be saved."""

from __future__ import annotations

import numpy as np
import pytest
from tests.slow import with_slow

import deltarule as dr

TRAIN, _, TEST = dr.data.load("digits")


def network(*layers: dr.Layer) -> dr.Network:
    return dr.Network([*layers, dr.Flatten(), dr.Dense(10)], dr.LogLikelihood(), (8, 8, 1))


NORMALIZED = network(dr.Conv(12, 3, initializer=dr.initializers.He()), dr.BatchNorm(), dr.ReLU(), dr.MaxPool(2))
DEEP = network(dr.Conv(6, (3, 3)), dr.Tanh(), dr.L2Pool(2, stride=1), dr.Conv(8, (2, 3), stride=(1, 2)), dr.BatchNorm())


@pytest.mark.parametrize(
    ("layers", "eta", "least"), [(NORMALIZED, 0.2, 0.97), (DEEP, 0.1, 0.95)], ids=["normalized", "deep"]
)
def test_convolutional_networks_reach_a_high_accuracy(layers, eta, least):
    model = dr.fit(layers, TRAIN, epochs=12, eta=eta, seed=1, engine="numpy")
    assert model.accuracy(TEST) > least


@pytest.mark.parametrize("layers", [NORMALIZED, DEEP], ids=["normalized", "deep"])
@pytest.mark.parametrize("engine", with_slow(["native", "jax"], "jax"))
def test_all_engines_give_the_same_parameters(layers, engine):
    few = TRAIN.take(slice(54))  # 11 mini-batches, the last of 4 examples
    mine, other = (
        dr.fit(layers, few, epochs=2, batch_size=5, eta=0.05, seed=1, engine=each, dtype="float64")
        for each in ("numpy", engine)
    )
    for one, two in zip(mine.params, other.params, strict=True):
        for name in one:
            np.testing.assert_allclose(np.asarray(one[name]), np.asarray(two[name]), rtol=0, atol=1e-11)
    np.testing.assert_allclose(mine.outputs(TEST.x), other.outputs(TEST.x), rtol=0, atol=1e-11)


def test_the_last_mini_batch_may_have_a_single_example():
    model = dr.fit(NORMALIZED, TRAIN.take(slice(31)), epochs=2, batch_size=10, eta=0.05, seed=1, engine="numpy")
    assert all(np.isfinite(leaf).all() for layer in model.params for leaf in layer.values())


def test_a_loaded_model_equals_the_saved_one(tmp_path):
    model = dr.fit(DEEP, TRAIN.take(slice(200)), epochs=1, eta=0.1, seed=1, engine="numpy")
    model.save(tmp_path / "model.safetensors")
    again = dr.load(tmp_path / "model.safetensors")
    assert again.network == model.network
    np.testing.assert_array_equal(again.outputs(TEST.x), model.outputs(TEST.x))
    # the running means of batch normalization are saved, too
    assert np.abs(again.params[4]["mean"]).min() > 0
    assert again.parameters_sha256 == model.parameters_sha256


def test_images_without_a_channel_are_refused_with_an_example():
    with pytest.raises(dr.errors.ShapeError, match=r"layer 0: input_shape of Conv: .* input_shape such as \(8, 8, 1\)"):
        dr.Network([dr.Conv(6, 3), dr.Flatten(), dr.Dense(10)], dr.LogLikelihood(), (8, 8))
