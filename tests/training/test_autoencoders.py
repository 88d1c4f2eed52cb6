"""Networks that learn their own inputs: autoencoders, also variational ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import deltarule as dr
from deltarule.data import Dataset, Inputs
from deltarule.errors import DataError, DivergedError, InvalidArgument, ShapeError

from .stripes import PATTERNS, shares, stripes


def test_an_autoencoder_learns_its_inputs(tmp_path):
    train = stripes().with_inputs_as_targets()
    network = dr.Network.dense([6, 4, 6], cost="cross-entropy")
    model = dr.fit(network, train, epochs=60, validation=train, engine="numpy", seed=1)
    assert "validation_accuracy" not in model.history.last
    assert model.history["validation_cost"][-1] < 0.2
    x = stripes().x[:3]
    np.testing.assert_allclose(model.reconstruct(x), 255 * model.outputs(x).reshape(3, 2, 3), rtol=1e-6)
    assert np.abs(model.reconstruct(x) - x).max() < 60
    assert model.cost(stripes()) == pytest.approx(model.cost(train))  # the labels do not count
    model.save(tmp_path / "m.safetensors")
    assert dr.load(tmp_path / "m.safetensors").encoding == Inputs(6)


def test_labels_can_be_missing():
    data = Dataset(stripes().x, scale=255.0, encoding=Inputs(6))
    assert len(data) == 300
    np.testing.assert_array_equal(data.targets, PATTERNS[np.arange(300) % 3])
    assert len(data.take(slice(0, 10))) == 10


def test_pictures_without_a_scale_are_not_centred():
    data = Dataset(stripes().x, encoding=Inputs(6))
    model = dr.fit(dr.Network.dense([6, 4, 6], cost="cross-entropy"), data, epochs=1, engine="numpy")
    assert model.preprocessing.mean == 0


def test_inputs_of_another_size():
    with pytest.raises(DataError):
        dr.fit(dr.Network.dense([6, 5]), Dataset(stripes().x, encoding=Inputs(5)), epochs=1)


def test_a_variational_autoencoder_writes_examples(tmp_path):
    layers = [dr.Dense(8), dr.Tanh(), dr.Dense(4), dr.Latent(), dr.Dense(8), dr.Tanh(), dr.Dense(6)]
    network = dr.Network(layers, dr.CrossEntropy(), 6)
    settings = {"epochs": 60, "eta": 0.02, "optimizer": dr.Adam(), "seed": 1, "engine": "numpy"}
    model = dr.fit(network, stripes().with_inputs_as_targets(), **settings)
    model.save(tmp_path / "m.safetensors")
    model = dr.load(tmp_path / "m.safetensors")
    assert sum(shares(model.sample(300, seed=1))) > 0.8
    codes = model.hidden(stripes())
    assert codes.shape == (300, 2)
    np.testing.assert_allclose(model.decode(codes), model.reconstruct(stripes()), atol=1e-3)
    for wrong in (codes[:, :1], codes[0]):
        with pytest.raises(ShapeError):
            model.decode(wrong)
    with pytest.raises(InvalidArgument) as caught:
        model.sample(1, label=1)
    assert caught.value.argument == "label"
    with pytest.raises(DivergedError):
        replace(model, params=[{name: leaf * np.nan for name, leaf in p.items()} for p in model.params]).sample(1)
