"""Keras 3 on JAX, its fastest backend on the CPU, by ``fit``."""

from __future__ import annotations

import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np

from benchmarks.contenders.task import Outcome, Task, seconds_of, time_epochs
from deltarule import Conv, CrossEntropy, Dense, Flatten, LogLikelihood, MaxPool, ReLU, Sigmoid
from deltarule.core.layer import Layer
from deltarule.core.optimizers import SGD

STEPS = {"dense": 50, "convolution": 1}
"""Steps in one call of the backend: the fastest of 1, 20 and 50."""


def on_jax(task: Task) -> Outcome:
    recipe = task.recipe
    if recipe.training.optimizer != SGD() or not isinstance(recipe.cost, CrossEntropy | LogLikelihood):
        raise ValueError("this contender knows plain gradient descent with two costs")
    keras.utils.set_random_seed(task.seed)
    network = keras.Sequential([keras.Input(task.network.input_shape), *map(_layer, task.network.layers)])
    _start(network, task)
    kind = "convolution" if len(task.network.input_shape) == 3 else "dense"
    sigmoid = isinstance(recipe.cost, CrossEntropy)
    # its binary cross-entropy is the mean over the outputs, where ours is the sum
    eta = task.eta * task.network.n_out if sigmoid else task.eta
    loss = (keras.losses.BinaryCrossentropy if sigmoid else keras.losses.CategoricalCrossentropy)(from_logits=True)
    network.compile(keras.optimizers.SGD(eta), loss, jit_compile=True, steps_per_execution=STEPS[kind])
    images, y = task.images(task.train.x), np.asarray(task.train.targets, np.float32)

    def scale(images: np.ndarray) -> np.ndarray:
        return np.multiply(images, np.float32(1 / task.train.scale), dtype=np.float32)

    def epoch() -> None:
        network.fit(scale(images), y, batch_size=recipe.training.batch_size, epochs=1, shuffle=True, verbose=0)

    def learn_a_little() -> None:
        """Run two calls of the backend, and a third, shorter one, as the last of an epoch may be."""
        last = len(images) % (recipe.training.batch_size * STEPS[kind])
        n = 2 * recipe.training.batch_size * STEPS[kind] + last
        network.fit(scale(images[:n]), y[:n], batch_size=recipe.training.batch_size, epochs=1, verbose=0)

    compile_seconds = seconds_of(learn_a_little)
    _start(network, task)
    seconds = time_epochs(epoch, task)
    return Outcome(
        seconds,
        compile_seconds,
        lambda x: network.predict(scale(task.images(x)), batch_size=1000, verbose=0).argmax(1),
    )


def _layer(layer: Layer) -> keras.Layer:
    match layer:
        case Dense(n_out=n_out):
            return keras.layers.Dense(n_out)
        case Conv(maps=maps, kernel=int(kernel), stride=1):
            return keras.layers.Conv2D(maps, kernel)
        case MaxPool(size=int(size), stride=None):
            return keras.layers.MaxPooling2D(size)
        case ReLU():
            return keras.layers.ReLU()
        case Sigmoid():
            return keras.layers.Activation("sigmoid")
        case Flatten():
            return keras.layers.Flatten()
    raise ValueError(f"expected a layer with a Keras equivalent, got {layer}")


def _start(network: keras.Model, task: Task) -> None:
    """Set deltarule's first weights, with the outputs last as in Keras."""
    for layer, params in zip(network.layers, task.params, strict=True):
        if params:
            layer.set_weights([np.moveaxis(params["w"], 0, -1), params["b"]])
