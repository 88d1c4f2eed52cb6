"""Boltzmann machines trained by NumPy and by JAX, in float64: the same numbers."""

from __future__ import annotations

import numpy as np
import pytest

from deltarule.core import random
from deltarule.core.descent import Descent
from deltarule.core.optimizers import Momentum
from deltarule.core.rbm import RBM
from deltarule.core.regularizers import L2
from deltarule.engines import Epoch, Examples
from deltarule.engines.jax_engine import make_jax_engine
from deltarule.engines.numpy_engine import NumpyEngine

MACHINES = {
    "binary": RBM(20, 12),
    "three steps": RBM(20, 12, k=3),
    "persistent": RBM(20, 12, k=2, chains=16),
    "labels": RBM(20, 12, n_labels=4),
    "persistent with labels": RBM(20, 12, n_labels=4, chains=16),
}


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_jax_takes_the_steps_of_numpy(machine):
    rng, n, size = np.random.default_rng(0), 64, 6  # the last mini-batch has four examples
    x = rng.uniform(size=(n, 20))
    y = np.eye(4)[rng.integers(0, 4, n)] if machine.n_labels else x
    descent = Descent(machine, Momentum(0.5), L2(0.01), n)
    steps = -(-n // size)
    results = []
    for engine in (NumpyEngine(), make_jax_engine(1)):
        program = engine.program(descent, "float64")
        examples = program.place(Examples(x, y, 1.0, None, np.full(n, 1.5)))
        params = program.params(machine.init(1))
        state = {name: program.params(tree) for name, tree in descent.optimizer.init(machine.init(1)).items()}
        for epoch in range(3):
            order = np.roll(np.arange(n, dtype=np.int32), epoch)
            passed = Epoch(order, size, np.full(steps, 0.1), random.fold(random.key(1), epoch))
            params, state, finite = program.run(params, state, examples, passed, 0, steps)
            assert finite
        z = program.weighted_inputs(params, examples)
        results.append({**{name: np.asarray(leaf) for name, leaf in params[0].items()}, "z": z})
    for name, found in results[0].items():
        np.testing.assert_allclose(results[1][name], found, rtol=0, atol=1e-9)
    assert np.abs(results[0]["w"] - machine.init(1)[0]["w"]).max() > 0.01
