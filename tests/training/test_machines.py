"""Boltzmann machines in ``fit``: their training, files, resumed runs, samples and errors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import deltarule as dr
from deltarule.callbacks import Checkpoint, FreeEnergy
from deltarule.core import random
from deltarule.core.boltzmann import free_energy, pseudo_log_likelihood
from deltarule.data import Dataset, Inputs
from deltarule.errors import DataError, DivergedError, FileError, InvalidArgument, ShapeError

PATTERNS = np.array([[1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 0, 0], [0, 0, 0, 0, 1, 1]], np.uint8)


def stripes(n: int = 300) -> Dataset:
    """Make three patterns of two pixels each, in equal numbers."""
    y = np.arange(n) % 3
    return Dataset(255 * PATTERNS[y].reshape(n, 2, 3), y, "stripes", scale=255.0, classes=("left", "middle", "right"))


@pytest.fixture(scope="module")
def machine():
    return dr.fit(dr.RBM(6, 8), stripes(), epochs=60, eta=0.2, engine="numpy", optimizer=dr.Momentum(0.5), seed=1)


@pytest.fixture(scope="module")
def labelled():
    return dr.fit(dr.RBM(6, 8, n_labels=3), stripes(), epochs=60, eta=0.2, engine="numpy", seed=1)


def shares(samples: np.ndarray) -> list[float]:
    """Return the share of samples that are each of the patterns."""
    rounded = (samples.reshape(len(samples), 6) > 127).astype(np.uint8)
    return [float((rounded == pattern).all(1).mean()) for pattern in PATTERNS]


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


def test_the_gap_needs_a_machine():
    with pytest.raises(InvalidArgument) as caught:
        dr.fit(dr.Network.dense([6, 3]), stripes(), epochs=1, callbacks=[FreeEnergy()])
    assert caught.value.argument == "FreeEnergy"


# ------------------------------------------------------------------------------------- errors


def test_inputs_outside_the_range():
    with pytest.raises(DataError) as caught:
        dr.fit(dr.RBM(2, 1, n_labels=2), Dataset(np.array([[0.0, 2.0], [1, 1]]), np.array([0, 1])), epochs=1)
    assert "state the scale" in caught.value.remedy


def test_inputs_outside_the_range_of_a_trained_machine(machine):
    with pytest.raises(DataError) as caught:
        machine.hidden(np.full((1, 2, 3), 256.0))
    assert caught.value.position == "example 0"
    with pytest.raises(DataError):
        machine.complete(np.full((1, 2, 3), 256.0), np.ones((2, 3), bool))
    machine.complete(np.full((1, 2, 3), 256.0), np.zeros((2, 3), bool), steps=1)  # unknown inputs do not count


@pytest.mark.parametrize("label", ["centre", 3, -1, 1.0])
def test_an_unknown_label(labelled, label):
    with pytest.raises(InvalidArgument) as caught:
        labelled.sample(1, label=label)
    assert (caught.value.argument, caught.value.value) == ("label", label)
    assert "left, middle, right" in caught.value.expected


def test_a_label_for_a_machine_without_labels(machine):
    with pytest.raises(InvalidArgument) as caught:
        machine.sample(1, label="left")
    assert caught.value.argument == "label"


def test_a_model_with_nan(machine):
    broken = replace(machine, params=[{**machine.params[0], "c": np.full(8, np.nan)}])
    for write in (
        lambda: broken.sample(1),
        lambda: broken.hidden(stripes().x),
        lambda: broken.reconstruct(stripes().x),
    ):
        with pytest.raises(DivergedError):
            write()


def test_other_models_do_not_write(machine):
    model = dr.fit(dr.Network.dense([6, 3]), stripes(30), epochs=1, engine="numpy")
    x = stripes().x
    for write in (lambda: model.sample(1), lambda: model.hidden(x), lambda: model.reconstruct(x)):
        with pytest.raises(InvalidArgument) as caught:
            write()
        assert caught.value.argument == "model"


@pytest.mark.parametrize("known", [np.ones(5, bool), np.ones((3, 2, 3), bool), np.ones((2, 2), bool)], ids=len)
def test_a_mask_of_another_shape(machine, known):
    with pytest.raises(ShapeError) as caught:
        machine.complete(stripes().x[:2], known)
    assert caught.value.argument == "known"


def test_a_mask_of_numbers(machine):
    with pytest.raises(InvalidArgument) as caught:
        machine.complete(stripes().x[:2], np.ones((2, 3)))
    assert caught.value.argument == "known"


@pytest.mark.parametrize("sizes", [{"n_hidden": 10**12}, {"chains": 10**12}, {"n_visible": 7}])
def test_a_damaged_size_in_a_file(sizes, machine, tmp_path):
    from deltarule.models import files

    machine.save(tmp_path / "m.safetensors")
    tensors, description = files.read(tmp_path / "m.safetensors")
    files.write(tmp_path / "m.safetensors", tensors, {**description, "network": {**description["network"], **sizes}})
    with pytest.raises(FileError):
        dr.load(tmp_path / "m.safetensors")


# ------------------------------------------------------------------- inputs as desired outputs


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


# -------------------------------------------------------------------------- deep belief nets


@pytest.fixture(scope="module")
def net():
    settings = {"epochs": 60, "eta": 0.2, "optimizer": dr.Momentum(0.5), "engine": "numpy", "seed": 1}
    return dr.pretrain([6, 6, 8], stripes(), **settings)


def test_a_pretrained_net_classifies_and_writes(net, tmp_path):
    assert net.accuracy(stripes()) == 1
    net.save(tmp_path / "m.safetensors")
    loaded = dr.load(tmp_path / "m.safetensors")
    assert (loaded.network, loaded.parameters_sha256) == (net.network, net.parameters_sha256)
    for label, name in enumerate(("left", "middle", "right")):
        assert shares(loaded.sample(200, seed=label, steps=50, label=name))[label] > 0.5


def test_the_machines_of_a_net_are_those_trained_alone(net):
    settings = {"epochs": 60, "eta": 0.2, "optimizer": dr.Momentum(0.5), "engine": "numpy", "seed": 1}
    first = dr.fit(dr.RBM(6, 6), stripes(), **settings)
    for name, of_machine in (("w", "w"), ("g", "w"), ("b", "b"), ("c", "c")):
        assert np.array_equal(net.params[0][name], first.params[0][of_machine])


def test_a_net_goes_on_without_backpropagation_and_with_it(net):
    awake = dr.fit(net, stripes(), epochs=20, eta=0.05, engine="numpy", seed=2)
    assert type(awake.network) is dr.DeepBeliefNet
    assert awake.accuracy(stripes()) == 1
    assert shares(awake.sample(200, label="left", steps=50))[0] > 0.5
    assert not np.array_equal(awake.params[0]["g"], awake.params[0]["w"])
    plain = dr.Network(net.network.layers, net.network.cost, net.network.input_shape)
    start = dr.Model(plain, net.params, net.preprocessing)
    tuned = dr.fit(start, stripes(), epochs=5, eta=0.1, engine="numpy", seed=2)
    assert tuned.cost(stripes()) < net.cost(stripes())
    assert np.array_equal(tuned.params[0]["g"], net.params[0]["g"])


def test_machines_that_do_not_fit_cannot_be_stacked(machine, labelled):
    from deltarule.training.pretraining import stack

    for models in ([], [machine], [machine, labelled], [labelled, labelled]):
        with pytest.raises(InvalidArgument) as caught:
            stack(models)
        assert caught.value.argument == "models"


def test_pretraining_needs_classes():
    with pytest.raises(InvalidArgument) as caught:
        dr.pretrain([6, 4, 4], stripes().with_inputs_as_targets(), epochs=1)
    assert caught.value.argument == "train"


def test_a_deep_net_does_not_complete(net):
    with pytest.raises(InvalidArgument) as caught:
        net.complete(stripes().x[:1], np.ones((2, 3), bool))
    assert caught.value.argument == "model"
