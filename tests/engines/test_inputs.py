"""The inputs of the engines: never changed, scaled when they are used, evaluated in chunks or at once."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from tests.fields import has
from tests.slow import with_slow

from deltarule.core.network import Network
from deltarule.core.trees import leaves
from deltarule.data.encodings import OneHot
from deltarule.engines import Examples
from deltarule.engines.examples import split_examples
from deltarule.errors import DataError, ShapeError

from .cases import ENGINES, Case, N, build_everything, bytes_of, engine_of, epoch_of, make_images, prepare, shared_run


@pytest.mark.parametrize(("engine", "dtype"), with_slow(product(ENGINES, ("float32", "float64")), ("jax", "float64")))
def test_run_does_not_change_its_arguments(engine, dtype):
    run, epoch = shared_run(engine, dtype), epoch_of(N)
    arrays = [epoch.order, epoch.eta, *(np.asarray(leaf) for leaf in (run.examples.x, run.examples.y))]
    for leaf in [*arrays, *(leaf for tree in (run.params, *run.state.values()) for leaf in leaves(tree))]:
        if isinstance(leaf, np.ndarray):
            leaf.flags.writeable = False
    before = bytes_of(run.params, *run.state.values()), [array.tobytes() for array in arrays]
    results = []
    for _ in range(2):
        params, state, _ = run.program.run(run.params, run.state, run.examples, epoch, 0, epoch.steps)
        z = run.program.weighted_inputs(run.params, run.examples)
        results.append(
            (bytes_of(params, *state.values()), z.tobytes(), bytes_of(run.program.gradients(params, run.examples)))
        )
        assert {np.asarray(leaf).dtype.name for tree in (params, *state.values()) for leaf in leaves(tree)} == {dtype}
    assert results[0] == results[1]
    assert (bytes_of(run.params, *run.state.values()), [array.tobytes() for array in arrays]) == before


@pytest.mark.parametrize("engine", ENGINES)
def test_place_and_params_do_not_change_their_arguments(engine):
    data, descent = make_images(5), build_everything(5)
    tree = descent.network.init(2)
    for array in (data.x, data.y, *leaves(tree)):
        array.flags.writeable = False
    before = bytes_of(tree), data.x.tobytes(), data.y.tobytes()
    program = engine_of(engine).program(descent, "float32")
    program.params(tree)
    program.place(Examples.from_dataset(data, descent.network, "float32"))
    assert (bytes_of(tree), data.x.tobytes(), data.y.tobytes()) == before


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("engine", ENGINES)
def test_bytes_give_the_same_steps_as_floats_between_0_and_1(engine, dtype):
    data = make_images(40)
    floats = replace(data, x=data.x / 255, scale=1.0)
    runs = [prepare(engine, Case().descent(40), each, dtype) for each in (data, floats)]
    for run in runs:
        assert run.examples.x.dtype == (np.uint8 if run is runs[0] else np.dtype(dtype))
    epoch = epoch_of(40)
    found = [run.program.run(run.params, run.state, run.examples, epoch, 0, epoch.steps)[0] for run in runs]
    for one, other in zip(*found, strict=True):
        for name in one:
            scale = np.abs(np.asarray(one[name])).max()
            np.testing.assert_allclose(one[name], other[name], rtol=0, atol=10 * np.finfo(dtype).eps * scale)


@pytest.mark.parametrize("engine", ENGINES)
def test_chunks_give_the_same_weighted_inputs(engine):
    n = 100_003  # a prime: the last chunk is short
    data = make_images(n)
    run = prepare(engine, Case().descent(n), data, "float64")
    assert len(split_examples(Case().descent(n).network, n)) > 1
    w1, b1, w2, b2 = (np.asarray(leaf) for layer in run.params for leaf in layer.values())
    hidden = 1 / (1 + np.exp(-(data.x.reshape(-1, 36) / 255 @ w1.T + b1)))
    found = run.program.weighted_inputs(run.params, run.examples)
    assert isinstance(found, np.ndarray)
    np.testing.assert_allclose(found, hidden @ w2.T + b2, rtol=0, atol=1e-14 * 50)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("engine", ENGINES)
def test_no_examples_have_no_weighted_inputs(engine, dtype):
    run = prepare(engine, Case().descent(1), make_images(0), dtype)
    found = run.program.weighted_inputs(run.params, run.examples)
    assert found.shape == (0, 4)
    assert found.dtype == dtype


def test_examples_that_do_not_fit_are_refused():
    network = Network.dense([36, 4])
    data = make_images(5)
    with pytest.raises(ShapeError, check=has(argument="x", owner="pictures")):
        Examples.from_dataset(replace(data, x=data.x[:, :5, :5]), network, "float32")
    with pytest.raises(ShapeError, check=has(argument="targets", owner="pictures", value=3)):
        Examples.from_dataset(replace(data, y=data.y % 3, encoding=OneHot(3)), network, "float32")
    with pytest.raises(DataError, check=has(position="label at position 2", argument="y", owner="pictures", value=9)):
        Examples.from_dataset(replace(data, y=np.array([0, 1, 9, 0, 0])), network, "float32")


def test_an_epoch_divides_its_order_into_mini_batches():
    epoch = epoch_of(43)
    assert epoch.steps == 11
    assert [batches.order.shape for batches in epoch.parts] == [(10, 4), (1, 3)]
    assert [batches.first for batches in epoch.parts] == [0, 10]
    np.testing.assert_array_equal(np.concatenate([batches.order.ravel() for batches in epoch.parts]), epoch.order)
    assert [batches.order.shape for batches in epoch_of(40).parts] == [(10, 4)]
    assert [batches.order.shape for batches in epoch_of(3).parts] == [(1, 3)]
    assert [(batches.first, i, j) for batches, i, j in epoch.split_steps(7, 11)] == [(0, 7, 10), (10, 10, 11)]
    assert [(batches.first, i, j) for batches, i, j in epoch.split_steps(2, 5)] == [(0, 2, 5)]
