"""Boltzmann machines in ``fit``: what they learn and write, their files, resumed runs and monitor."""

from __future__ import annotations

import numpy as np
import pytest

import deltarule as dr
from deltarule.callbacks import Checkpoint, FreeEnergy
from deltarule.core import random
from deltarule.core.boltzmann import free_energy, pseudo_log_likelihood

from .stripes import PATTERNS, shares, stripes


def test_it_writes_the_patterns_of_its_training_set(machine):
    found = shares(machine.sample(300, seed=2, steps=300))
    assert sum(found) > 0.8
    assert min(found) > 0.1
    assert max(shares(machine.sample(300, steps=1))) < 0.5  # before the first step it knows little


def test_samples_depend_on_the_seed_alone(machine):
    assert np.array_equal(machine.sample(4, seed=3, steps=5), machine.sample(4, seed=3, steps=5))
    assert not np.array_equal(machine.sample(4, seed=3, steps=5), machine.sample(4, seed=4, steps=5))


def test_it_completes_a_pattern(machine):
    known = np.array([True, False, False, True, True, True])
    x = 255 * PATTERNS[[0, 1]].reshape(2, 2, 3)
    completed = machine.complete(np.where(known.reshape(2, 3), x, 77), known.reshape(2, 3), steps=100)
    assert completed.shape == (2, 2, 3)
    assert np.array_equal(completed[:, known.reshape(2, 3)], x[:, known.reshape(2, 3)])
    assert completed[0, 0, 1] > 200
    many = machine.complete(np.repeat(x[:1], 50, 0), np.tile(known, (50, 1)))
    assert (many[:, 0, 1] > 200).mean() > 0.8


def test_a_clamped_label_gives_its_pattern(labelled):
    assert labelled.accuracy(stripes()) == 1
    for label, name in enumerate(("left", "middle", "right")):
        assert shares(labelled.sample(100, steps=50, label=name))[label] > 0.8
        assert np.array_equal(labelled.sample(2, label=label, steps=3), labelled.sample(2, label=name, steps=3))
    known = np.zeros((2, 3), bool)
    assert shares(labelled.complete(np.zeros((100, 2, 3)), known, label="right"))[2] > 0.8


def test_reconstructions_and_hidden_units(machine, labelled):
    x = stripes().x[:3]
    assert np.abs(machine.reconstruct(x) - x).max() < 60
    assert np.abs(labelled.reconstruct(x) - x).max() < 60
    np.testing.assert_allclose(machine.reconstruct(x), 255 * machine.outputs(x).reshape(3, 2, 3), rtol=1e-5)
    assert machine.hidden(x).shape == labelled.hidden(x).shape == (3, 8)


@pytest.mark.parametrize("network", [dr.RBM(6, 4), dr.RBM(6, 4, chains=5), dr.RBM(6, 4, n_labels=3, chains=5)], ids=str)
def test_it_is_saved_and_loaded(network, tmp_path):
    model = dr.fit(network, stripes(), epochs=2, engine="numpy")
    model.save(tmp_path / "m.safetensors")
    loaded = dr.load(tmp_path / "m.safetensors")
    assert (loaded.network, loaded.parameters_sha256) == (network, model.parameters_sha256)
    assert np.array_equal(loaded.sample(2, steps=3), model.sample(2, steps=3))


@pytest.mark.parametrize("chains", [0, 7])
@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_a_resumed_run_has_the_same_bits(engine, chains, tmp_path):
    network, settings = dr.RBM(6, 4, chains=chains), {"eta": 0.1, "engine": engine, "optimizer": dr.Momentum(0.5)}
    whole = dr.fit(network, stripes(), epochs=3, **settings)
    dr.fit(network, stripes(), epochs=2, callbacks=[Checkpoint(tmp_path)], **settings)
    assert dr.resume(tmp_path, stripes(), epochs=3).parameters_sha256 == whole.parameters_sha256


def test_the_visible_biases_start_from_the_training_set():
    train = stripes(9)
    model = dr.fit(dr.RBM(6, 4, n_labels=3), train, epochs=1, eta=0.0, engine="numpy", dtype="float64")
    p = (3 + 1) / (9 + 2)
    np.testing.assert_allclose(model.params[0]["b"], [np.log(p / (1 - p))] * 6 + [np.log(4 / 12)] * 3)


def test_the_monitor_records_pseudo_likelihood_and_gap():
    train, validation = stripes(60), stripes(60).take(slice(0, 30))
    settings = {"epochs": 2, "engine": "numpy", "dtype": "float64", "callbacks": [FreeEnergy(30)]}
    model = dr.fit(dr.RBM(6, 4), train, validation=validation, **settings)
    assert model.history["free_energy_gap"] == [0, 0]  # the same examples
    p, v = model.params[0], train.x[:30].reshape(30, 6) / 255
    expected = pseudo_log_likelihood(p, v, random.fold(random.key(0), 1)).mean()
    assert model.history["pseudo_log_likelihood"][1] == pytest.approx(expected)
    assert model.history["validation_cost"][1] < model.history["validation_cost"][0]


def test_the_pseudo_likelihood_has_the_mean_of_all_units():
    """The mean over 30,000 draws is within 5 standard errors of the sum over all units."""
    rng = np.random.default_rng(0)
    p = {"w": rng.normal(size=(3, 5)), "b": rng.normal(size=5), "c": rng.normal(size=3)}
    v = np.array([[1.0, 0, 1, 1, 0]])
    flipped = np.where(np.eye(5) == 1, 1 - v, v)
    terms = -np.log1p(np.exp(free_energy(p, v) - free_energy(p, flipped)))
    found = pseudo_log_likelihood(p, np.tile(v, (30_000, 1)), random.key(0))
    assert abs(found.mean() - terms.sum()) < 5 * 5 * terms.std() / 30_000**0.5
