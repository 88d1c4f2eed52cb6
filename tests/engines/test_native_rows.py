"""What only the native engine does in special ways agrees with NumPy's engine: see the rows in ``native_cases``."""

from __future__ import annotations

import numpy as np
import pytest

from deltarule.core.trees import leaves
from deltarule.engines.native_scope import find_obstacle

from .cases import Ready, epoch_of, prepare
from .native_cases import ROWS, N, Row
from .test_agreement import relative_distance

each_row = pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)


def prepare_row(engine: str, row: Row, dtype: str, threads: int = 1) -> Ready:
    return prepare(engine, row.descent(), row.data(), dtype, threads, mean=row.mean)


def distances(tree, exact) -> list[float]:
    """Return for each leaf its largest distance from exact numbers, relative to the largest of them."""
    return [
        float(np.abs(found.astype(float) - number).max() / np.abs(number).max())
        for found, number in zip(leaves(tree), leaves(exact), strict=True)
    ]


@each_row
@pytest.mark.parametrize("threads", [1, 3])
def test_float64_agrees(row, threads):
    mine, other = prepare_row("numpy", row, "float64"), prepare_row("native", row, "float64", threads)
    epoch = epoch_of(N, batch_size=row.batch_size, eta=0.05)
    params, state, _ = mine.program.run(mine.params, mine.state, mine.examples, epoch, 0, epoch.steps)
    found, found_state, finite = other.program.run(other.params, other.state, other.examples, epoch, 0, epoch.steps)
    assert finite
    assert relative_distance(mine.params, params) > 1e-3
    assert relative_distance(found, params) < 1e-12
    for name, tree in state.items():
        largest = max(float(np.abs(leaf).max()) for leaf in leaves(tree))
        for one, other_one in zip(leaves(found_state[name]), leaves(tree), strict=True):
            np.testing.assert_allclose(one, other_one, rtol=0, atol=1e-12 * largest)
    z, found_z = (run.program.weighted_inputs(params, run.examples) for run in (mine, other))
    np.testing.assert_allclose(found_z, z, rtol=0, atol=1e-13 * np.abs(z).max())


@each_row
def test_float32_is_as_exact_as_numpy_s(row):
    """Compare each step with the same one in float64: the largest error of an array must not be above NumPy's largest.

    In a single step NumPy may be lucky, and on another processor it adds in another order.
    """
    mine, other = prepare_row("numpy", row, "float32"), prepare_row("native", row, "float32")
    exact, (params, state) = prepare_row("numpy", row, "float64"), (mine.params, mine.state)
    errors, numpy_errors = [], []
    epoch, eps = epoch_of(N, batch_size=row.batch_size, eta=0.05), np.finfo(np.float32).eps
    for step in range(epoch.steps):
        start = exact.program.params(params), {name: exact.program.params(tree) for name, tree in state.items()}
        right, _, _ = exact.program.run(*start, exact.examples, epoch, step, step + 1)
        found, _, _ = other.program.run(params, state, other.examples, epoch, step, step + 1)
        params, state, _ = mine.program.run(params, state, mine.examples, epoch, step, step + 1)
        assert {leaf.dtype.name for leaf in leaves(found)} == {"float32"}
        errors.append(distances(found, right))
        numpy_errors.append(distances(params, right))
    assert (np.max(errors, axis=0) <= np.max(numpy_errors, axis=0) + 4 * eps).all()


def test_the_native_engine_takes_every_row():
    descents = [row.descent() for row in ROWS.values()]
    assert {find_obstacle(each.network, each.optimizer, each.regularizer) for each in descents} == {""}
