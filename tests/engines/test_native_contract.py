"""The contract of the native engine: NumPy's numbers for the contract table, and for networks drawn at random.

``make sanitize`` runs this file with a library that reports each wrong address, on more networks. So nothing here
imports JAX, and NumPy's numbers for the table are stored.
"""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest
from hypothesis import given, settings

from deltarule.core import random
from deltarule.core.trees import leaves
from deltarule.engines import Epoch
from deltarule.engines.native_engine import NativeEngine
from deltarule.engines.native_scope import find_obstacle
from deltarule.engines.numpy_engine import NumpyEngine

from .contract import ROWS, compute_row
from .networks import Drawn, draw_all
from .stored import compute_all, load_all

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="deltarule has no native engine on Windows")

STORED = load_all()
EXAMPLES = int(os.environ.get("DELTARULE_EXAMPLES", "0"))
"""The number of random networks, new ones each time; by default some, and always the same."""

many = settings(max_examples=EXAMPLES or 150, derandomize=not EXAMPLES)


def check_close(found: np.ndarray, expected: np.ndarray, tolerance: float) -> None:
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance * max(1.0, float(np.abs(expected).max())))


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("name", ROWS)
def test_the_contract_table_gives_numpy_s_numbers(name, threads):
    check_close(compute_row(NativeEngine(threads), ROWS[name]), STORED[name], 1e-13)


def test_the_stored_numbers_are_numpy_s():
    found = compute_all()
    assert found.keys() == STORED.keys(), "run: python -m tests.engines.stored"
    for name, numbers in found.items():
        check_close(numbers, STORED[name], 1e-13)


@many
@given(drawn=draw_all())
def test_random_networks_take_numpy_s_steps(drawn: Drawn):
    descent, examples = drawn.descent, drawn.examples
    assert find_obstacle(descent.network, descent.optimizer, descent.regularizer) == ""
    n, init = len(examples), descent.network.init(4)
    start = [{name: leaf if name == "w" else leaf + 0.1 for name, leaf in layer.items()} for layer in init]
    steps = min(2, -(-n // drawn.batch_size))
    epoch = Epoch(
        np.random.default_rng(1).permutation(np.arange(n, dtype=np.int32)), drawn.batch_size,
        np.full(-(-n // drawn.batch_size), 0.1), random.key(6),
    )  # fmt: skip
    results = []
    for engine in (NumpyEngine(), NativeEngine(drawn.threads, drawn.level)):
        program = engine.program(descent, "float64")
        placed, state = program.place(examples), descent.optimizer.init(start)
        params, state, finite = program.run(program.params(start), state, placed, epoch, 0, steps)
        assert finite
        results.append([*leaves(params), *(leaf for name in state for leaf in leaves(state[name])),
                        program.weighted_inputs(program.params(start), placed)])  # fmt: skip
    for expected, found in zip(*results, strict=True):
        check_close(found, expected, 1e-9)


@many
@given(drawn=draw_all())
def test_random_networks_give_the_same_bits_again_in_float32(drawn: Drawn):
    """Do in float32 what the test above does in float64; sanitizers look on."""
    descent, n = drawn.descent, len(drawn.examples)
    program = NativeEngine(drawn.threads, drawn.level).program(descent, "float32")
    start = program.params(descent.network.init(4))
    state = {name: program.params(tree) for name, tree in descent.optimizer.init(start).items()}
    x, y, weights = drawn.examples.x, drawn.examples.y.astype(np.float32), drawn.examples.weights
    x = x.astype(np.float32) if x.dtype == np.float64 else x
    placed = program.place(type(drawn.examples)(x, y, drawn.examples.scale, drawn.examples.mean,
                                                None if weights is None else weights.astype(np.float32)))  # fmt: skip
    steps = -(-n // drawn.batch_size)
    epoch = Epoch(np.arange(n, dtype=np.int32), drawn.batch_size, np.full(steps, 0.1), random.key(6))
    first, again = (program.run(start, state, placed, epoch, 0, steps) for _ in range(2))
    for one, other in zip(leaves(first[0]), leaves(again[0]), strict=True):
        assert one.dtype == np.float32
        np.testing.assert_array_equal(one, other)
