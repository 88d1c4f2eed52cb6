"""Deep belief nets: pretrained, trained further, and as files."""

from __future__ import annotations

import numpy as np
import pytest

import deltarule as dr
from deltarule.errors import InvalidArgument
from deltarule.training.pretraining import stack

from .stripes import shares, stripes


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
