"""The contract with lengths: sequences of unequal lengths, and a gradient that is cut along time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from deltarule.core.gradcheck import gradcheck
from deltarule.core.gru import GRU
from deltarule.core.lstm import LSTM
from deltarule.core.network import Network
from deltarule.core.recurrent import Recurrent, RecurrentLayer
from deltarule.core.sequences import SequenceLayer, Sequences

from .batches import EXAMPLES, KEY, batch_for, inputs_for
from .measures import agree, agree_on_leaves, as_jax, differences, same
from .table import SEQUENCE_NETWORKS, SEQUENCES, Entry

MEMORIES = (Recurrent(3), LSTM(3), GRU(3))


def lengths_for(input_shape: tuple[int, ...]) -> np.ndarray:
    """Return the lengths of three sequences: all steps, one step, and two."""
    return np.asarray([input_shape[0], 1, 2])


def pad_with(x: np.ndarray, lengths: np.ndarray, number: float) -> np.ndarray:
    """Return sequences whose padding is this number."""
    is_real = np.arange(x.shape[1]) < lengths[:, None]
    return np.where(is_real.reshape(*is_real.shape, *[1] * (x.ndim - 2)), x, number)


def run(entry: Entry, params: Any, x: Any, lengths: Any) -> Any:
    """Run a layer forward, with lengths if it takes them."""
    own = {"lengths": lengths} if isinstance(entry.layer, SequenceLayer) else {}
    return entry.layer.forward(params, x, KEY, **own)


def check_layer_with_lengths(entry: Entry) -> None:
    """Check the derivatives of a layer with lengths against differences and JAX, and that padding is nothing."""
    params, x, d_y = inputs_for(entry)
    lengths = lengths_for(entry.input_shape)
    y, cache = run(entry, params, x, lengths)
    d_x, grads = entry.layer.backward(params, cache, d_y)
    agree(d_x, differences(lambda v: np.sum(d_y * run(entry, params, v, lengths)[0]), x), 1e-6, "d_x")
    for name, p in params.items():
        moved = differences(lambda v, n=name: np.sum(d_y * run(entry, {**params, n: v}, x, lengths)[0]), p)
        agree(grads[name], moved, 1e-6, name)
    with jax.enable_x64(True):
        _, vjp = jax.vjp(lambda p, v: run(entry, p, v, jnp.asarray(lengths))[0], as_jax(params), jnp.asarray(x))
        oracle_grads, oracle_x = vjp(jnp.asarray(d_y))
        agree(d_x, oracle_x, 1e-9, "d_x")
        agree_on_leaves([grads], [oracle_grads], 1e-9)
    if isinstance(entry.layer, SequenceLayer):
        same(d_x, pad_with(d_x, lengths, 0.0))
        for number in (np.nan, np.inf, -7.0):  # any number is allowed that a layer before may have made of padding
            padded, cache = run(entry, params, pad_with(x, lengths, number), lengths)
            same((y, d_x, grads), (padded, *entry.layer.backward(params, cache, d_y)))
        alone = [
            run(entry, params, x[i : i + 1, :n], None)[0] for i, n in enumerate(lengths)
        ]  # each sequence by itself, without padding
        for i, (one, n) in enumerate(zip(alone, lengths, strict=True)):
            found = y[i : i + 1, :n] if isinstance(entry.layer, RecurrentLayer) else y[i : i + 1]
            np.testing.assert_allclose(found, one, rtol=1e-13, atol=1e-15)


def check_network_with_lengths_by_differences(network: Network) -> None:
    """Check the gradient of a network for sequences of unequal lengths against central differences."""
    batch = batch_for(network)
    report = gradcheck(network, batch.params, Sequences(batch.x, lengths_for(network.input_shape)), batch.y, KEY)
    assert report.relative <= 1e-6, report


def check_network_with_lengths_by_jax(network: Network) -> None:
    """Check the same gradient against ``jax.grad`` of the value."""
    batch = batch_for(network)
    inputs = Sequences(batch.x, lengths_for(network.input_shape))
    grads = network.gradients(batch.params, inputs, batch.y, KEY)
    with jax.enable_x64(True):
        traced, y = Sequences(*map(jnp.asarray, inputs)), jnp.asarray(batch.y)
        oracle = jax.grad(lambda p: network.value(p, traced, y, rng=KEY))(as_jax(batch.params))
        agree_on_leaves(grads, oracle, 1e-9)


def check_padding_changes_nothing(network: Network) -> None:
    """Check that no padded number changes a bit of the cost or a gradient, and that lengths do."""
    batch, lengths = batch_for(network), lengths_for(network.input_shape)

    def measure(x: Any) -> Any:
        return network.value(batch.params, x, batch.y, rng=KEY), network.gradients(batch.params, x, batch.y, KEY)

    value, grads = measure(Sequences(batch.x, lengths))
    if any(isinstance(layer, SequenceLayer) for layer in network.layers):
        for number in (1e308, -7.0):
            same(measure(Sequences(pad_with(batch.x, lengths, number), lengths)), (value, grads))
        assert value != measure(batch.x)[0]
    agree_on_leaves(measure(Sequences(batch.x, np.full(EXAMPLES, batch.x.shape[1])))[1], measure(batch.x)[1], 1e-14)


def run_segments(layer: RecurrentLayer, params: Any, x: Any, starts: list[Any] | None, stop: Any) -> tuple[Any, list]:
    """Compute the outputs step by step from ``layer.step``, and the states at the start of each segment.

    Each segment begins with the state in ``starts``, or with that of the segment before behind ``stop``.
    """
    xp = x.__array_namespace__()
    state = (xp.zeros((x.shape[0], layer.n)),) * layer.states
    outputs, found = [], []
    for t in range(x.shape[1]):
        if t % layer.truncate == 0:
            state = tuple(map(stop, state)) if starts is None else starts[len(found)]
            found.append(state)
        state, _ = layer.step(params, x[:, t] @ params["w"].T + params["b"], state)
        outputs.append(state[0])
    return xp.stack(outputs, axis=1), found


def check_truncation_by_differences(layer: RecurrentLayer, truncate: int) -> None:
    """Check the gradient of a cut layer against differences that hold the first state of each segment still."""
    layer = replace(layer, truncate=truncate)
    params, x, d_y = inputs_for(Entry(layer, (7, 2)))
    y, cache = layer.forward(params, x)
    same(y, replace(layer, truncate=None).forward(params, x)[0])  # the states pass on
    d_x, grads = layer.backward(params, cache, d_y)
    _, starts = run_segments(layer, params, x, None, lambda state: state)
    cost = lambda p, v: np.sum(d_y * run_segments(layer, p, v, starts, None)[0])  # noqa: E731
    agree(d_x, differences(lambda v: cost(params, v), x), 1e-6, "d_x")
    for name, p in params.items():
        agree(grads[name], differences(lambda v, n=name: cost({**params, n: v}, x), p), 1e-6, name)


def check_truncation_by_jax(layer: RecurrentLayer, truncate: int) -> None:
    """Check the gradient of a cut layer against JAX, which is told to stop at each segment."""
    layer = replace(layer, truncate=truncate)
    params, x, d_y = inputs_for(Entry(layer, (7, 2)))
    d_x, grads = layer.backward(params, layer.forward(params, x)[1], d_y)
    with jax.enable_x64(True):
        cut = lambda p, v: run_segments(layer, p, v, None, jax.lax.stop_gradient)[0]  # noqa: E731
        _, vjp = jax.vjp(cut, as_jax(params), jnp.asarray(x))
        oracle_grads, oracle_x = vjp(jnp.asarray(d_y))
        agree(d_x, oracle_x, 1e-9, "d_x")
        agree_on_leaves([grads], [oracle_grads], 1e-9)


def by_differences() -> Iterator[Callable[[], None]]:
    """Run every check of a gradient along time against central differences."""
    yield from (partial(check_layer_with_lengths, entry) for entry in SEQUENCES)
    yield from (partial(check_network_with_lengths_by_differences, network) for network in SEQUENCE_NETWORKS.values())
    yield from (partial(check_truncation_by_differences, *each) for each in product(MEMORIES, (2, 3)))


def by_jax() -> Iterator[Callable[[], None]]:
    """Run every check of a gradient along time against JAX."""
    yield from (partial(check_network_with_lengths_by_jax, network) for network in SEQUENCE_NETWORKS.values())
    yield from (partial(check_truncation_by_jax, *each) for each in product(MEMORIES, (2, 3)))
