"""The contract: the checks that every layer, activation and cost of the table must pass.

Two oracles that know nothing of each other must agree with the backward functions: central
differences in float64, and JAX's own derivative of the forward functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import array_api_strict
import jax
import jax.numpy as jnp
import numpy as np

from deltarule.core import random
from deltarule.core.costs import weigh
from deltarule.core.descent import Descent
from deltarule.core.gradcheck import gradcheck
from deltarule.core.network import Network
from deltarule.core.optimizers import SGD, Adam
from deltarule.core.regularizers import L2
from deltarule.core.sequences import Sequences, with_lengths
from deltarule.engines import Epoch, Examples
from deltarule.engines.native_engine import NativeEngine

from . import sequence_contract
from .batches import CLEAR, EPOCH_KEY, EXAMPLES, KEY, STEP, WEIGHTS, batch_for, inputs_for, margin
from .measures import agree, agree_on_leaves, as_jax, convert, differences, freeze, key_in, same
from .table import ALONE, NETWORKS, SEQUENCE_NETWORKS, WEIGHED, Entry

# ---------------------------------------------------------------- the checks of the gradients


def check_layer_by_differences(entry: Entry) -> None:
    """Check that ``backward`` is the derivative of ⟨d_y, forward⟩ in x and in each parameter."""
    params, x, d_y = inputs_for(entry)
    _, cache = entry.layer.forward(params, x, KEY)
    d_x, grads = entry.layer.backward(params, cache, d_y)
    agree(d_x, differences(lambda v: np.sum(d_y * entry.layer.forward(params, v, KEY)[0]), x), 1e-6, "d_x")
    assert grads.keys() == params.keys()
    for name, p in params.items():
        moved = differences(lambda v, n=name: np.sum(d_y * entry.layer.forward({**params, n: v}, x, KEY)[0]), p)
        agree(grads[name], moved, 1e-6, name)


def check_layer_by_jax(entry: Entry) -> None:
    """Check that ``backward`` is JAX's vector-Jacobian product of ``forward``, in training and in use."""
    params, x, d_y = inputs_for(entry)
    trained, used = (entry.layer.forward(params, x, key)[0] for key in (KEY, None))
    for key in (KEY,) if np.array_equal(trained, used) else (KEY, None):
        _, cache = entry.layer.forward(params, x, key)
        d_x, grads = entry.layer.backward(params, cache, d_y)
        with jax.enable_x64(True):
            _, vjp = jax.vjp(lambda p, v, k=key: entry.layer.forward(p, v, k)[0], as_jax(params), jnp.asarray(x))
            oracle_grads, oracle_x = vjp(jnp.asarray(d_y))
            agree(d_x, oracle_x, 1e-9, "d_x")
            agree_on_leaves([grads], [oracle_grads], 1e-9)


def check_network_by_differences(network: Network) -> None:
    """Check the gradient in every parameter and in x, with dropout, against central differences."""
    batch = batch_for(network)
    assert margin(network, batch.params, batch.x) > CLEAR
    for p, g in zip(batch.params, network.gradients(batch.params, batch.x, batch.y, KEY), strict=True):
        assert {name: a.shape for name, a in g.items()} == {name: a.shape for name, a in p.items()}
    report = gradcheck(network, batch.params, batch.x, batch.y, KEY)
    assert report.relative <= 1e-6, report
    z, caches = network.forward(batch.params, batch.x, KEY)
    d_x, _ = network.backward(batch.params, caches, network.cost.delta(z, batch.y) / EXAMPLES)
    cost = lambda x: network.cost.value(network.forward(batch.params, x, KEY)[0], batch.y)  # noqa: E731
    agree(d_x, differences(cost, batch.x), 1e-6, "d_x")


def check_network_by_jax(network: Network) -> None:
    """Check the same gradients against ``jax.grad`` of the cost after forward."""
    batch = batch_for(network)
    grads = network.gradients(batch.params, batch.x, batch.y, KEY)
    z, caches = network.forward(batch.params, batch.x, KEY)
    d_x, _ = network.backward(batch.params, caches, network.cost.delta(z, batch.y) / EXAMPLES)
    with jax.enable_x64(True):
        y = jnp.asarray(batch.y)
        oracle = jax.grad(lambda p, x: network.cost.value(network.forward(p, x, KEY)[0], y), argnums=(0, 1))
        oracle_grads, oracle_x = oracle(as_jax(batch.params), jnp.asarray(batch.x))
        agree_on_leaves(grads, oracle_grads, 1e-9)
        agree(d_x, oracle_x, 1e-9, "d_x")


def add_weighted_costs(network: Network, z: Any, y: Any) -> Any:
    """Compute (1/m) Σ w_x C_x from the definition: the value of each example by itself."""
    values = [network.cost.value(z[i : i + 1], y[i : i + 1]) for i in range(EXAMPLES)]
    return sum(weight * value for weight, value in zip(WEIGHTS, values, strict=True)) / EXAMPLES


def check_weights_by_differences(network: Network) -> None:
    """Check the cost of weighted examples, and its gradient with dropout, against the definition."""
    batch = batch_for(network)
    z, caches = network.forward(batch.params, batch.x, KEY)
    value = network.cost.weighted_value(z, batch.y, WEIGHTS)
    np.testing.assert_allclose(value, add_weighted_costs(network, z, batch.y), rtol=1e-13)
    cost = lambda x: add_weighted_costs(network, network.forward(batch.params, x, KEY)[0], batch.y)  # noqa: E731
    delta = weigh(network.cost.delta(z, batch.y), WEIGHTS)
    agree(network.backward(batch.params, caches, delta / EXAMPLES)[0], differences(cost, batch.x), 1e-6, "d_x")
    report = gradcheck(network, batch.params, batch.x, batch.y, KEY, weights=WEIGHTS)
    assert report.relative <= 1e-6, report


def check_weights_by_jax(network: Network) -> None:
    """Check the gradient of weighted examples, with dropout, against ``jax.grad`` of the definition."""
    batch = batch_for(network)
    with jax.enable_x64(True):
        y = jnp.asarray(batch.y)
        oracle = jax.grad(lambda p: add_weighted_costs(network, network.forward(p, batch.x, KEY)[0], y))
        grads = network.gradients(batch.params, batch.x, batch.y, KEY, WEIGHTS)
        agree_on_leaves(grads, oracle(as_jax(batch.params)), 1e-9)


def by_differences() -> Iterator[Callable[[], None]]:
    """Run every check of a gradient against central differences."""
    yield from (partial(check_layer_by_differences, entry) for entry in ALONE)
    yield from (partial(check_network_by_differences, network) for network in NETWORKS.values())
    yield from (partial(check_weights_by_differences, network) for network in WEIGHED)
    yield from (partial(check_network_by_differences, network) for network in SEQUENCE_NETWORKS.values())
    yield from sequence_contract.by_differences()


def by_jax() -> Iterator[Callable[[], None]]:
    """Run every check of a gradient against JAX."""
    yield from (partial(check_layer_by_jax, entry) for entry in ALONE)
    yield from (partial(check_network_by_jax, network) for network in NETWORKS.values())
    yield from (partial(check_weights_by_jax, network) for network in WEIGHED)
    yield from (partial(check_network_by_jax, network) for network in SEQUENCE_NETWORKS.values())
    yield from sequence_contract.by_jax()


# ------------------------------------------------------------- the checks of everything else


def check_layer_is_pure(entry: Entry) -> None:
    """Check that no argument is changed, caches included, and that equal calls return equal results."""
    params, x, d_y = inputs_for(entry)
    before = (x.copy(), d_y.copy(), {name: p.copy() for name, p in params.items()})
    y, cache = entry.layer.forward(params, x, KEY)
    first = entry.layer.backward(params, cache, d_y)
    entry.layer.after_step(params, cache)
    same((x, d_y, params), before)
    freeze((params, x, d_y, cache))
    again = entry.layer.backward(params, cache, d_y)
    same((y, *first), (entry.layer.forward(params, x, KEY)[0], *again))


def check_layer_honours_its_contract(entry: Entry) -> None:
    """Check that shapes are as announced, float32 stays float32, weights are parameters, and layers are values."""
    layer, shape = entry.layer, entry.input_shape
    params, x, d_y = inputs_for(entry)
    assert all(p.dtype == np.float64 for p in params.values())
    assert set(layer.weights) <= set(params)
    assert hash(layer) == hash(type(layer)(**vars(layer)))
    assert layer == type(layer)(**vars(layer))
    same(layer.init(random.key(3), shape), layer.init(random.key(3), shape))
    single = {name: p.astype(np.float32) for name, p in params.items()}
    for key in (KEY, None):
        y, cache = layer.forward(single, x.astype(np.float32), key)
        d_x, grads = layer.backward(single, cache, d_y.astype(np.float32))
        kept = layer.after_step(single, cache)
        assert y.shape == (EXAMPLES, *layer.output_shape(shape))
        assert d_x.shape == x.shape
        assert {name: g.shape for name, g in grads.items()} == {name: p.shape for name, p in params.items()}
        assert {name: p.shape for name, p in kept.items()} == {name: p.shape for name, p in params.items()}
        assert {a.dtype for a in (y, d_x, *grads.values(), *kept.values())} == {np.dtype("float32")}


def check_step_is_pure(network: Network) -> None:
    """Check that a whole training step works on read-only arrays and leaves them unchanged."""
    batch = batch_for(network)
    descent = Descent(network, Adam(), L2(3.0), 50)
    state = descent.optimizer.init(batch.params)
    freeze((batch.params, batch.x, batch.y, state))
    before = [{name: p.copy() for name, p in layer.items()} for layer in batch.params]
    x, y = batch.x.copy(), batch.y.copy()
    first = descent.step(batch.params, state, batch.x, batch.y, 0.1, KEY)
    same(first, descent.step(batch.params, state, batch.x, batch.y, 0.1, KEY))
    same((batch.params, batch.x, batch.y, state), (before, x, y, descent.optimizer.init(before)))


def check_step_by_native(
    network: Network, weights: np.ndarray | None = None, lengths: np.ndarray | None = None
) -> None:
    """Check that the native engine takes the core's step, with dropout, in two threads as well."""
    batch, descent = batch_for(network), Descent(network, SGD(), None, 50)
    x = with_lengths(batch.x, lengths)
    expected, _ = descent.step(batch.params, {}, x, batch.y, 1.0, KEY, weights)
    epoch = Epoch(np.tile(np.arange(EXAMPLES, dtype=np.int32), STEP + 1), EXAMPLES, np.ones(STEP + 1), EPOCH_KEY)
    for threads in (1, 2):
        program = NativeEngine(threads).program(descent, "float64")
        examples = program.place(Examples(batch.x, batch.y, 1.0, None, weights, lengths))
        found, _, finite = program.run(batch.params, {}, examples, epoch, STEP, STEP + 1)
        assert finite
        agree_on_leaves(found, expected, 1e-13)


def check_weights_count_examples(network: Network) -> None:
    """Check that a weight of 0 leaves an example out, 2 counts it twice, and 1 changes no bit; only m stays."""
    batch = batch_for(network)

    def cost_and_gradients(chosen: list[int], weights: list[float] | None, factor: float) -> Any:
        x, y = batch.x[chosen], batch.y[chosen]
        weights = None if weights is None else np.asarray(weights)
        grads = network.gradients(batch.params, x, y, None, weights)
        grads = [{name: g * factor for name, g in layer.items()} for layer in grads]
        return [{"C": factor * network.value(batch.params, x, y, weights)}, *grads]

    same(cost_and_gradients([0, 1, 2], [1.0, 1.0, 1.0], 1), cost_and_gradients([0, 1, 2], None, 1))
    without, twice = cost_and_gradients([0, 2], None, 2), cost_and_gradients([0, 1, 1, 2], None, 4)
    agree_on_leaves(cost_and_gradients([0, 1, 2], [1.0, 0.0, 1.0], 3), without, 1e-14)
    agree_on_leaves(cost_and_gradients([0, 1, 2], [1.0, 2.0, 1.0], 3), twice, 1e-14)


def check_step_uses_only_the_array_api_standard(
    network: Network, optimizer: Any, regularizer: Any, weights: np.ndarray | None = None, has_lengths: bool = False
) -> None:
    """Check that two steps with only the array API standard, with dropout, give exactly NumPy's numbers."""
    batch = batch_for(network)
    descent = Descent(network, optimizer, regularizer, 50)
    results = []
    for xp in (np, array_api_strict):
        params = convert(xp, batch.params)
        x, y, state = xp.asarray(batch.x), xp.asarray(batch.y), descent.optimizer.init(params)
        w = None if weights is None else xp.asarray(weights)
        x = Sequences(x, xp.asarray(sequence_contract.lengths_for(network.input_shape))) if has_lengths else x
        for step in range(2):
            params, state = descent.step(params, state, x, y, 0.1, random.fold(key_in(xp, KEY), step), w)
        results.append((convert(np, params), np.asarray(descent.value(params, x, y, w))))
    same(*results)
    moved = [np.abs(a[name] - b[name]).max() for a, b in zip(results[0][0], batch.params, strict=True) for name in a]
    assert max(moved) > 1e-4
