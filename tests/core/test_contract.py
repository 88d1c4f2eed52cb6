"""Every layer, activation and cost of the table, against every oracle."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import deltarule.core
from deltarule.core.activations import Activation
from deltarule.core.costs import Cost
from deltarule.core.gradcheck import numerical_gradient
from deltarule.core.layer import Layer
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.core.sequences import SequenceLayer
from deltarule.engines.native_scope import find_obstacle

from . import contract, sequence_contract
from .contract import KEY
from .measures import agree, differences
from .table import (
    ACTIVATIONS,
    ALONE,
    COSTS,
    CROSS,
    LAYERS,
    MACHINES,
    NETWORKS,
    OPTIMIZERS,
    REGULARIZERS,
    SEQUENCE_NETWORKS,
    SEQUENCES,
    STEP_COSTS,
    TRIPLES,
    WEIGHED,
    network_of,
)

each_entry = pytest.mark.parametrize("entry", ALONE, ids=str)
each_weighed = pytest.mark.parametrize("network", WEIGHED, ids=lambda network: str(network.cost))


def parametrize_networks(networks):
    """Give a test each of these networks; those with a third combination of the same parts are slow tests."""
    slow = {name: [pytest.mark.slow] * (name in TRIPLES) for name in networks}
    return pytest.mark.parametrize(
        "network", [pytest.param(network, marks=slow[name], id=name) for name, network in networks.items()]
    )


each_network = parametrize_networks(NETWORKS)
each_of_all = parametrize_networks(NETWORKS | SEQUENCE_NETWORKS)
ON_NATIVE = {name: network for name, network in SEQUENCE_NETWORKS.items() if not find_obstacle(network)}
each_sequence = pytest.mark.parametrize("network", SEQUENCE_NETWORKS.values(), ids=SEQUENCE_NETWORKS)


def test_the_table_is_complete():
    for module in pkgutil.iter_modules(deltarule.core.__path__):
        importlib.import_module(f"deltarule.core.{module.name}")
    assert concrete_classes(Layer) == {type(entry.layer) for entry in ALONE}
    assert concrete_classes(Cost) == {type(cost) for cost in (*COSTS, *STEP_COSTS)}
    assert concrete_classes(Activation) == {type(activation) for activation in ACTIVATIONS}


def concrete_classes(kind: type) -> set[type]:
    """Return the concrete classes of layers and costs in the core, without those in docstrings."""
    found = set()
    for subclass in kind.__subclasses__():
        if getattr(sys.modules[subclass.__module__], subclass.__name__, None) is not subclass:
            continue
        if subclass.__module__.startswith("deltarule.core"):
            found |= concrete_classes(subclass) or ({subclass} - {SequenceLayer})
    return found


@each_entry
def test_layer_by_differences(entry):
    contract.check_layer_by_differences(entry)


@each_entry
def test_layer_by_jax(entry):
    contract.check_layer_by_jax(entry)


@each_entry
def test_layer_is_pure(entry):
    contract.check_layer_is_pure(entry)


@each_entry
def test_layer_honours_its_contract(entry):
    contract.check_layer_honours_its_contract(entry)


@each_of_all
def test_network_by_differences(network):
    contract.check_network_by_differences(network)


@each_of_all
def test_network_by_jax(network):
    contract.check_network_by_jax(network)


@each_network
def test_step_by_native(network):
    contract.check_step_by_native(network)


@pytest.mark.parametrize("has_lengths", [False, True], ids=["whole", "with lengths"])
@pytest.mark.parametrize("network", ON_NATIVE.values(), ids=ON_NATIVE)
def test_step_of_sequences_by_native(network, has_lengths):
    lengths = sequence_contract.lengths_for(network.input_shape) if has_lengths else None
    contract.check_step_by_native(network, lengths=lengths)


@pytest.mark.parametrize("network", WEIGHED[: len(COSTS)], ids=lambda network: str(network.cost))
def test_weighed_step_by_native(network):
    contract.check_step_by_native(network, contract.WEIGHTS)


@each_of_all
def test_step_is_pure(network):
    contract.check_step_is_pure(network)


@pytest.mark.parametrize("entry", SEQUENCES, ids=str)
def test_layer_with_lengths(entry):
    sequence_contract.check_layer_with_lengths(entry)


@each_sequence
def test_network_with_lengths(network):
    sequence_contract.check_network_with_lengths_by_differences(network)
    sequence_contract.check_network_with_lengths_by_jax(network)


@each_sequence
def test_padding_changes_nothing(network):
    sequence_contract.check_padding_changes_nothing(network)


@pytest.mark.parametrize("truncate", [1, 2, 3, 7, 8])
@pytest.mark.parametrize("layer", sequence_contract.MEMORIES, ids=lambda layer: type(layer).__name__)
def test_truncation(layer, truncate):
    sequence_contract.check_truncation_by_differences(layer, truncate)
    sequence_contract.check_truncation_by_jax(layer, truncate)


@each_sequence
def test_lengths_use_only_the_array_api_standard(network):
    contract.check_step_uses_only_the_array_api_standard(network, OPTIMIZERS[-2], None, has_lengths=True)


@each_weighed
def test_weights_by_differences(network):
    contract.check_weights_by_differences(network)


@each_weighed
def test_weights_by_jax(network):
    contract.check_weights_by_jax(network)


@each_weighed
def test_weights_count_examples(network):
    contract.check_weights_count_examples(network)


@pytest.mark.parametrize("network", WEIGHED[: len(COSTS)], ids=lambda network: str(network.cost))
def test_weighed_step_uses_only_the_array_api_standard(network):
    contract.check_step_uses_only_the_array_api_standard(network, OPTIMIZERS[0], None, contract.WEIGHTS)


@pytest.mark.parametrize("network", CROSS, ids=str)
def test_step_uses_only_the_array_api_standard(network):
    contract.check_step_uses_only_the_array_api_standard(network, OPTIMIZERS[-1], REGULARIZERS[1])


@pytest.mark.parametrize("regularizer", REGULARIZERS, ids=str)
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=str)
def test_every_optimizer_and_regularizer_uses_only_the_array_api_standard(optimizer, regularizer):
    network = network_of(LAYERS[0], ACTIVATIONS[0], COSTS[0])
    contract.check_step_uses_only_the_array_api_standard(network, optimizer, regularizer)


@pytest.mark.parametrize("entry", LAYERS, ids=str)
def test_numerical_gradient_against_differences_of_our_own(entry):
    network = network_of(entry, ACTIVATIONS[3], COSTS[4])
    batch = contract.batch_for(network)

    def cost(params):
        return network.cost.value(network.forward(params, batch.x, KEY)[0], batch.y)

    found = numerical_gradient(cost, batch.params)
    for i, layer in enumerate(batch.params):
        for name, p in layer.items():

            def moved(v, i=i, name=name):
                return cost([*batch.params[:i], {**batch.params[i], name: v}, *batch.params[i + 1 :]])

            agree(found[i][name], differences(moved, p), 1e-6, f"layer {i} {name}")


widths = st.integers(min_value=1, max_value=6)
few = settings(max_examples=25, derandomize=True)


@few
@given(examples=widths, n_in=widths, n_out=widths)
def test_dense_fits_every_width(examples, n_in, n_out):
    layer = Dense(n_out)
    params = layer.init(KEY, (n_in,))
    z, cache = layer.forward(params, np.ones((examples, n_in)))
    d_x, grads = layer.backward(params, cache, np.ones((examples, n_out)))
    assert z.shape == (examples, n_out)
    assert d_x.shape == (examples, n_in)
    assert grads["w"].shape == params["w"].shape == (n_out, n_in)
    assert grads["b"].shape == params["b"].shape == (n_out,)


@few
@given(examples=widths, shape=st.lists(widths, min_size=1, max_size=3), data=st.data())
def test_other_layers_fit_every_shape(examples, shape, data):
    # what fits a row of any width is what was tried on one; the activations stand in both rows
    rows = [entry.layer for entry in ALONE if len(entry.input_shape) < 3 and entry not in (*SEQUENCES, *MACHINES)]
    layer = data.draw(st.sampled_from([layer for layer in rows if not layer.init(KEY, (3,))]))
    x = np.linspace(-1, 2, examples * int(np.prod(shape))).reshape(examples, *shape)
    y, cache = layer.forward({}, x, KEY)
    assert y.shape == (examples, *layer.output_shape(tuple(shape)))
    assert layer.backward({}, cache, np.ones_like(y))[0].shape == x.shape


@few
@given(examples=widths, sizes=st.lists(widths, min_size=2, max_size=4), cost=st.sampled_from(COSTS))
def test_the_gradient_of_a_batch_is_the_mean_over_its_examples(examples, sizes, cost):
    network = Network.dense(sizes, cost=cost, hidden="tanh")
    batch = contract.batch_for(network, examples)
    whole = network.gradients(batch.params, batch.x, batch.y)
    single = [network.gradients(batch.params, batch.x[i : i + 1], batch.y[i : i + 1]) for i in range(examples)]
    for i, layer in enumerate(batch.params):
        assert {name: g.shape for name, g in whole[i].items()} == {name: p.shape for name, p in layer.items()}
        for name in layer:
            np.testing.assert_allclose(whole[i][name], np.mean([s[i][name] for s in single], axis=0), atol=1e-14)
    z, _ = network.forward(batch.params, batch.x)
    assert z.shape == (examples, sizes[-1])
    np.testing.assert_allclose(
        network.value(batch.params, batch.x, batch.y),
        np.mean([network.value(batch.params, batch.x[i : i + 1], batch.y[i : i + 1]) for i in range(examples)]),
        rtol=1e-13,
    )
