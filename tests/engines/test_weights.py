"""Weights of examples, and a mean that is subtracted from the inputs: the same steps on every engine and layout."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from deltarule.core.activations import ReLU, Tanh
from deltarule.core.augmentation import OnImages
from deltarule.core.convolution import Conv
from deltarule.core.costs import LabelSmoothing, LogLikelihood
from deltarule.core.descent import Descent
from deltarule.core.distortions import Shift
from deltarule.core.layers import Dense, Dropout, Flatten
from deltarule.core.network import Network
from deltarule.core.optimizers import SGD, Momentum
from deltarule.core.pooling import MaxPool
from deltarule.core.regularizers import L2
from deltarule.engines import Engine, Examples
from deltarule.engines.base import Evaluation, Stretch
from deltarule.engines.jax_engine import make_jax_engine
from deltarule.engines.native_engine import NativeEngine
from deltarule.engines.numpy_engine import NumpyEngine

from .cases import ENGINES, Ready, bytes_of, engine_of, epoch_of, make_divided_engine, make_images
from .test_agreement import relative_distance

N = 27  # with mini-batches of four: six whole ones, and three examples that two devices cannot divide
MEAN = 0.37
WEIGHTS = np.random.default_rng(5).uniform(0, 3, N)
DENSE = Descent(
    Network([Dropout(0.2), Dense(8), ReLU(), Dense(4)], LabelSmoothing(LogLikelihood(), 0.1), (36,)),
    Momentum(0.8),
    L2(1.0),
    N,
    OnImages(Shift(1), (6, 6)),
)
CONVOLUTION = Descent(
    Network([Conv(3, 3), ReLU(), MaxPool(2), Flatten(), Dense(4)], LogLikelihood(), (6, 6, 1)), SGD(), None, N, Shift(1)
)
PLAIN = Descent(Network([Dense(8), Tanh(), Dense(4)], LogLikelihood(), (36,)), SGD(), L2(1.0), N)


def ready(engine: Engine, descent: Descent, dtype: str = "float64", **fields) -> Ready:
    """Prepare a run, with these fields of its examples changed."""
    program, start = engine.program(descent, dtype), descent.network.init(seed=2)
    examples = Examples.from_dataset(make_images(N), descent.network, dtype)
    if fields.get("weights") is not None:
        fields["weights"] = np.asarray(fields["weights"], dtype)
    state = {name: program.params(tree) for name, tree in descent.optimizer.init(start).items()}
    return Ready(program, program.place(replace(examples, **fields)), program.params(start), state)


def train(run: Ready, cuts=(), epochs: int = 2):
    """Return parameters and state after some epochs, each divided into stretches."""
    params, state = run.params, run.state
    for number in range(epochs):
        epoch = epoch_of(N, number)
        for start, stop in zip([0, *cuts], [*cuts, epoch.steps], strict=True):
            params, state, finite = run.program.run(params, state, run.examples, epoch, start, stop)
            assert finite
    return params, state


@cache
def weighted_run(engine: str, dtype: str) -> Ready:
    return ready(engine_of(engine), DENSE, dtype, mean=MEAN, weights=WEIGHTS)


ENGINES_AND_PARTS = {
    "jax": (DENSE, lambda: make_jax_engine(1)),
    "jax, two devices": pytest.param(CONVOLUTION, lambda: make_divided_engine(2), marks=pytest.mark.slow),
    "native": (DENSE, NativeEngine),
    "native, three threads": (CONVOLUTION, lambda: NativeEngine(3)),
}


@pytest.mark.parametrize(("descent", "make"), ENGINES_AND_PARTS.values(), ids=ENGINES_AND_PARTS)
def test_engines_and_parts_of_mini_batches_agree(descent, make):
    engine = make()
    mine, other = (ready(each, descent, mean=MEAN, weights=WEIGHTS) for each in (NumpyEngine(), engine))
    (params, state), (found, found_state) = train(mine), train(other)
    assert relative_distance(found, params) < 1e-9
    assert all(relative_distance(found_state[name], state[name]) < 1e-9 for name in state)
    z, other_z = (run.program.weighted_inputs(params, run.examples) for run in (mine, other))
    np.testing.assert_allclose(other_z, z, rtol=1e-9, atol=1e-10)
    grads, other_grads = (run.program.gradients(params, run.examples) for run in (mine, other))
    assert relative_distance(other_grads, grads) < 1e-9


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_float32_agrees_to_rounding_step_by_step(engine):
    mine, other = weighted_run("numpy", "float32"), weighted_run(engine, "float32")
    params, state, epoch = mine.params, mine.state, epoch_of(N)
    for step in range(epoch.steps):
        theirs = other.program.params(params), {name: other.program.params(tree) for name, tree in state.items()}
        found, _, _ = other.program.run(*theirs, other.examples, epoch, step, step + 1)
        params, state, _ = mine.program.run(params, state, mine.examples, epoch, step, step + 1)
        assert all(np.asarray(leaf).dtype == np.float32 for layer in (*params, *found) for leaf in layer.values())
        assert relative_distance(params, found) < 4 * np.finfo(np.float32).eps


@pytest.mark.parametrize("engine", ENGINES)
def test_any_stretches_give_the_same_bytes(engine):
    run = weighted_run(engine, "float32")
    whole, cut = (train(run, cuts) for cuts in ((), (1, 3, 6)))
    assert bytes_of(whole[0], *whole[1].values()) == bytes_of(cut[0], *cut[1].values())


def test_members_trained_together_equal_members_trained_alone():
    descents, engine = [replace(PLAIN, regularizer=L2(lmbda)) for lmbda in (1.0, 2.0)], make_jax_engine(1)
    programs, epoch = engine.programs(descents, "float64"), epoch_of(N, batch_size=9)
    alone = [ready(NumpyEngine(), descent, mean=MEAN, weights=WEIGHTS) for descent in descents]
    examples = programs[0].place(alone[0].examples)
    params = [program.params(run.params) for program, run in zip(programs, alone, strict=True)]
    found = engine.compute_together(
        [Stretch(program, p, {}, examples, epoch, 0, 3) for program, p in zip(programs, params, strict=True)], 2
    )
    z = engine.compute_together([Evaluation(program, params[0], examples) for program in programs], 2)
    for run, (tree, _, finite), found_z in zip(alone, found, z, strict=True):
        expected, _, _ = run.program.run(run.params, {}, run.examples, epoch, 0, 3)
        assert finite
        assert relative_distance(tree, expected) < 1e-12
        expected_z = run.program.weighted_inputs(run.params, run.examples)
        np.testing.assert_allclose(found_z, expected_z, rtol=1e-12, atol=1e-13)


def test_the_mean_is_subtracted_from_the_scaled_inputs():
    run = ready(NumpyEngine(), PLAIN, mean=MEAN)
    images = make_images(N).x.reshape(N, 36) / 255 - MEAN
    by_hand = ready(NumpyEngine(), PLAIN, x=images, scale=1.0)
    assert bytes_of(train(run)[0]) == bytes_of(train(by_hand)[0])
    z, expected = (each.program.weighted_inputs(each.params, each.examples) for each in (run, by_hand))
    np.testing.assert_array_equal(z, expected)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_shift_moves_pixels_in_that_are_black_before_the_subtraction(engine):
    # shifting black images changes nothing; pixels of 0 after the subtraction would be as light as the mean
    shifting, black = replace(PLAIN, augmentation=OnImages(Shift(1), (6, 6))), np.zeros((N, 36), np.uint8)
    shifted = train(ready(engine_of(engine), shifting, x=black, mean=MEAN))[0]
    assert relative_distance(shifted, train(ready(NumpyEngine(), PLAIN, x=black, mean=MEAN))[0]) < 1e-13


def test_no_mean_and_weights_of_1_change_no_bit():
    plain, same, ones = (
        bytes_of(train(ready(NumpyEngine(), DENSE, "float32", **fields))[0])
        for fields in ({}, {"mean": None}, {"weights": np.ones(N)})
    )
    assert plain == same == ones


def test_without_mean_and_weights_the_compiled_program_has_neither():
    placed = ready(make_jax_engine(1), PLAIN).examples
    assert (placed.mean, placed.weights) == (None, None)


@pytest.mark.parametrize("engine", ENGINES)
def test_weights_of_0_leave_examples_out(engine):
    weights = np.where(np.arange(N) % 3 == 0, 0.0, 1.5)
    run, program = ready(engine_of(engine), PLAIN, weights=weights), NumpyEngine().program(PLAIN, "float64")
    rest = Examples.from_dataset(make_images(N).take(np.flatnonzero(weights)), PLAIN.network, "float64")
    expected = [
        {name: 1.5 * len(rest) / N * g for name, g in layer.items()}
        for layer in program.gradients(program.params(run.params), rest)
    ]
    assert relative_distance(run.program.gradients(run.params, run.examples), expected) < 1e-13


def test_weights_of_the_data_set_are_those_of_the_examples():
    data = replace(make_images(N), weights=WEIGHTS)
    examples = Examples.from_dataset(data, PLAIN.network, "float32")
    assert examples.weights.dtype == np.float32
    np.testing.assert_array_equal(examples.weights, WEIGHTS.astype(np.float32))
