"""Networks with memory: JAX takes NumPy's steps, and the loop over time stays a loop; native has its own file."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import deltarule as dr
from deltarule.core import operations
from deltarule.core.activations import ReLU
from deltarule.core.descent import Descent
from deltarule.core.initializers import Gaussian, Identity
from deltarule.core.regularizers import L2
from deltarule.core.trees import map_leaves
from deltarule.data.dataset import Dataset

from .cases import prepare
from .test_agreement import relative_distance, train

N, STEPS, FEATURES = 19, 6, 3
MEMORIES = {
    "Recurrent": dr.Recurrent(5),
    "IRNN": dr.Recurrent(5, ReLU(), Gaussian(0.1), Identity(0.9)),
    "LSTM": dr.LSTM(5),
    "GRU": dr.GRU(5),
    "cut LSTM": dr.LSTM(5, truncate=4),
}


def make_sequences(has_lengths: bool) -> Dataset:
    rng = np.random.default_rng(0)
    lengths = rng.integers(1, STEPS + 1, N) if has_lengths else None
    return Dataset(rng.normal(size=(N, STEPS, FEATURES)), np.arange(N) % 3, "sequences", lengths=lengths)


def build_descent(memory, last=None) -> Descent:
    last = [dr.LastStep()] if last is None else last
    network = dr.Network([memory, dr.Dropout(0.2), *last, dr.Dense(3)], dr.LogLikelihood(), (STEPS, FEATURES))
    return Descent(network, dr.ClipNorm(dr.Momentum(0.5), 0.5), L2(0.1), N)


@pytest.mark.slow
@pytest.mark.parametrize("has_lengths", [False, True], ids=["whole", "with lengths"])
@pytest.mark.parametrize("memory", MEMORIES.values(), ids=MEMORIES)
def test_float64_agrees_over_five_hundred_steps(memory, has_lengths):
    data, descent = make_sequences(has_lengths), build_descent(memory)
    runs = [prepare(engine, descent, data, "float64") for engine in ("numpy", "jax")]
    (mine, velocities), (others, other_velocities) = [train(run, N, 100, eta=0.05) for run in runs]
    assert relative_distance(mine, others) < 1e-9
    assert relative_distance(velocities["v"], other_velocities["v"]) < 1e-9
    assert relative_distance(mine, runs[0].params) > 0.1


def test_float64_agrees_with_lengths():
    data = make_sequences(True)
    descent = build_descent(dr.GRU(4), [dr.LSTM(4, truncate=2), dr.EachStep(dr.Dense(4)), dr.MeanOverSteps()])
    runs = [prepare(engine, descent, data, "float64") for engine in ("numpy", "jax")]
    (mine, _), (others, _) = [train(run, N, 4, eta=0.05) for run in runs]
    assert relative_distance(mine, others) < 1e-12
    outputs = [np.asarray(run.program.weighted_inputs(run.params, run.examples)) for run in runs]
    np.testing.assert_allclose(*outputs, rtol=1e-12)


@pytest.mark.parametrize("memory", [dr.Recurrent(3), dr.LSTM(3), dr.GRU(3)], ids=lambda memory: type(memory).__name__)
def test_the_compiled_program_is_not_longer_for_a_longer_sequence(memory):
    """Check that JAX compiles one loop over time: a copy of the layer for each of 784 steps would take minutes."""

    def count_operations(steps: int) -> int:
        network = dr.Network([memory, dr.LastStep(), dr.Dense(2)], dr.LogLikelihood(), (steps, 1))
        params = map_leaves(lambda leaf: leaf.astype(np.float32), network.init(0))
        x, y = jnp.ones((4, steps, 1), np.float32), jnp.ones((4, 2), np.float32)
        with operations.choose("compiled loop"):
            return str(jax.make_jaxpr(network.gradients)(params, x, y)).count(" = ")

    assert count_operations(8) == count_operations(784)
