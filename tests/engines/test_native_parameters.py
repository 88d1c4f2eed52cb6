"""The native engine finds parameters by their names, in whatever order and layout they come."""

from __future__ import annotations

import numpy as np
import pytest

from deltarule.core import random
from deltarule.core.activations import ReLU
from deltarule.core.costs import LogLikelihood
from deltarule.core.descent import Descent
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.core.normalization import BatchNorm
from deltarule.core.optimizers import Adam
from deltarule.core.regularizers import L2
from deltarule.data.dataset import Dataset
from deltarule.engines.base import Epoch
from deltarule.engines.examples import Examples
from deltarule.engines.native_engine import NativeEngine

NETWORK = Network([Dense(6), BatchNorm(), ReLU(), Dense(3)], LogLikelihood(), (5,))
RNG = np.random.default_rng(0)
DATA = Dataset(RNG.random((12, 5)), RNG.integers(0, 3, 12))


def sort_names(tree):
    """Return the tree as JAX and files give it: names in their alphabetical order, arrays column by column."""
    return [{name: np.asarray(layer[name], order="F") for name in sorted(layer)} for layer in tree]


@pytest.mark.parametrize("change", [lambda tree: tree, sort_names], ids=["as built", "sorted"])
def test_order_and_layout_of_parameters_change_no_bit(change):
    descent = Descent(NETWORK, Adam(), L2(0.1), len(DATA))
    program = NativeEngine().program(descent, "float64")
    examples = program.place(Examples.from_dataset(DATA, NETWORK, "float64"))
    epoch = Epoch(np.arange(12, dtype=np.int32), 4, np.full(3, 0.05), random.key(1))
    params = NETWORK.init(3)
    state = {name: change(tree) for name, tree in descent.optimizer.init(params).items()}
    params = program.params(change(params))
    z = program.weighted_inputs(params, examples)
    after, _, finite = program.run(params, state, examples, epoch, 0, 3)
    np.testing.assert_allclose(z, NETWORK.forward(NETWORK.init(3), DATA.x)[0], rtol=1e-12)
    expected, _, _ = program.run(NETWORK.init(3), descent.optimizer.init(NETWORK.init(3)), examples, epoch, 0, 3)
    assert finite
    for layer, other in zip(after, expected, strict=True):
        assert {name: leaf.tobytes() for name, leaf in layer.items()} == {name: other[name].tobytes() for name in layer}
