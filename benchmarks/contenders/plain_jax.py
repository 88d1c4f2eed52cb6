"""JAX as its own examples use it: ``jax.jit`` of ``value_and_grad``, with ``lax.conv`` and ``lax.reduce_window``.

A dense network runs each epoch as one ``lax.scan``. A convolutional one runs step by step, since on a CPU a
convolution in a compiled loop takes a slow path.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from benchmarks.contenders.task import Outcome, Task, seconds_of, time_epochs
from deltarule import Adam, Conv, CrossEntropy, Dense, Flatten, LogLikelihood, MaxPool, ReLU, Sigmoid
from deltarule.core.costs import Cost, LabelSmoothing
from deltarule.core.layer import Layer
from deltarule.core.optimizers import SGD, Optimizer

Array = jax.Array
Params = list[dict[str, Array]]
State = tuple[Params, Any]


def train(task: Task) -> Outcome:
    update, state = _optimizer(task.recipe.training.optimizer, _first_params(task))
    cost, forward = _cost(task.recipe.cost, task.network.n_out), partial(_forward, task.network.layers)
    scale, size = 1 / task.train.scale, task.recipe.training.batch_size
    images, labels = jnp.asarray(task.images(task.train.x)), jnp.asarray(task.train.y)
    etas, rng = np.asarray(task.etas, np.float32), np.random.default_rng(task.seed)
    whole = len(images) // size * size

    def step(state: State, batch: tuple[Array, Array, Array]) -> tuple[State, Array]:
        places, eta = batch[0], batch[1]
        x, y = images_of(batch[2], places), labels[places]
        value, grads = jax.value_and_grad(lambda params: cost(forward(params, x), y))(state[0])
        return update(state, grads, eta), value

    def images_of(images: Array, places: Array) -> Array:
        return images[places].astype(jnp.float32) * scale

    one = jax.jit(lambda state, places, eta, images: step(state, (places, eta, images))[0], donate_argnums=0)

    @partial(jax.jit, donate_argnums=0)
    def many(state: State, places: Array, etas: Array, images: Array) -> State:
        return lax.scan(lambda state, at: step(state, (*at, images)), state, (places, etas))[0]

    scans = len(task.network.input_shape) == 1

    def epoch(state: State, order: np.ndarray, etas: np.ndarray) -> State:
        end = whole if scans else 0
        if scans:
            state = many(state, order[:whole].reshape(-1, size), etas[: whole // size], images)
        for at, start in enumerate(range(end, len(order), size), end // size):
            state = one(state, order[start : start + size], etas[at], images)
        return jax.block_until_ready(state)

    clocks = iter(etas.reshape(task.recipe.training.epochs, -1))

    def next_epoch() -> None:
        nonlocal state
        state = epoch(state, rng.permutation(len(images)).astype(np.int32), next(clocks))

    every = np.arange(len(images), dtype=np.int32)
    if not scans:  # a mini-batch, and the short one that may be the last
        every = every[: size + len(images) % size]
    copy = jax.tree.map(jnp.copy, state)
    compile_seconds = seconds_of(lambda: epoch(copy, every, np.zeros(len(etas), np.float32)))
    seconds = time_epochs(next_epoch, task)
    return Outcome(seconds, compile_seconds, lambda x: _predict(forward, state[0], task.images(x), scale))


def _predict(forward: Callable[..., Array], params: Params, images: np.ndarray, scale: float) -> np.ndarray:
    parts = [images[i : i + 1000].astype(np.float32) * scale for i in range(0, len(images), 1000)]
    return np.concatenate([np.asarray(forward(params, part).argmax(1)) for part in parts])


def _first_params(task: Task) -> Params:
    """Return deltarule's first weights, kernels as (height, width, channels, maps)."""
    layers = [{name: np.asarray(leaf, np.float32) for name, leaf in layer.items()} for layer in task.params]
    for layer in layers:
        if layer and layer["w"].ndim == 4:
            layer["w"] = layer["w"].transpose(1, 2, 3, 0)
    return jax.tree.map(jnp.asarray, layers)


def _forward(layers: tuple[Layer, ...], params: Params, x: Array) -> Array:
    for layer, own in zip(layers, params, strict=True):
        x = _apply(layer, own, x)
    return x


def _apply(layer: Layer, params: dict[str, Array], x: Array) -> Array:
    match layer:
        case Dense():
            return x @ params["w"].T + params["b"]
        case Conv(stride=1):
            numbers = ("NHWC", "HWIO", "NHWC")
            return lax.conv_general_dilated(x, params["w"], (1, 1), "VALID", dimension_numbers=numbers) + params["b"]
        case MaxPool(size=int(size), stride=None):
            window = (1, size, size, 1)
            return lax.reduce_window(x, -jnp.inf, lax.max, window, window, "VALID")
        case ReLU():
            return jax.nn.relu(x)
        case Sigmoid():
            return jax.nn.sigmoid(x)
        case Flatten():
            return x.reshape(len(x), -1)
    raise ValueError(f"expected a layer with an equivalent in plain JAX, got {layer}")


def _cost(cost: Cost, n_out: int) -> Callable[[Array, Array], Array]:
    def softmax_cost(epsilon: float, z: Array, y: Array) -> Array:
        target = jax.nn.one_hot(y, n_out) * (1 - epsilon) + epsilon / n_out
        return -(target * jax.nn.log_softmax(z)).sum(1).mean()

    def sigmoid_cost(z: Array, y: Array) -> Array:
        return (jax.nn.softplus(z) - z * jax.nn.one_hot(y, n_out)).sum(1).mean()

    match cost:
        case CrossEntropy():
            return sigmoid_cost
        case LogLikelihood():
            return partial(softmax_cost, 0.0)
        case LabelSmoothing(cost=LogLikelihood(), epsilon=epsilon):
            return partial(softmax_cost, epsilon)
    raise ValueError(f"expected a cost with an equivalent in plain JAX, got {cost}")


def _optimizer(optimizer: Optimizer, params: Params) -> tuple[Callable[[State, Params, Array], State], State]:
    m, s = (jax.tree.map(jnp.zeros_like, params) for _ in range(2))
    match optimizer:
        case SGD():
            return lambda state, g, eta: (jax.tree.map(lambda w, d: w - eta * d, state[0], g), None), (params, None)
        case Adam(beta1=beta1, beta2=beta2, epsilon=epsilon):

            def update(state: State, grads: Params, eta: Array) -> State:
                params, (m, s, t) = state
                t = t + 1
                m = jax.tree.map(lambda m, g: beta1 * m + (1 - beta1) * g, m, grads)
                s = jax.tree.map(lambda s, g: beta2 * s + (1 - beta2) * g * g, s, grads)
                first, second = 1 - beta1**t, 1 - beta2**t
                params = jax.tree.map(
                    lambda w, m, s: w - eta * (m / first) / (jnp.sqrt(s / second) + epsilon), params, m, s
                )
                return params, (m, s, t)

            return update, (params, (m, s, jnp.float32(0)))
    raise ValueError(f"expected an optimizer with an equivalent in plain JAX, got {optimizer}")
