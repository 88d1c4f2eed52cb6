"""Shapes that the native engine must not read beyond: inputs of any number of axes, and arrays that do not fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.fields import has

from deltarule.core.activations import Sigmoid
from deltarule.core.costs import LogLikelihood
from deltarule.core.layers import Dense, Dropout, Flatten
from deltarule.core.network import Network
from deltarule.core.normalization import BatchNorm
from deltarule.core.optimizers import Adam, ExponentialMovingAverage
from deltarule.data.dataset import Dataset
from deltarule.errors import ShapeError
from deltarule.training.fit import fit

from .cases import epoch_of, shared_run

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(5, 4), (2, 3, 4, 5), (3, 1), (1, 9), (2, 1, 1, 3, 1)], ids=str)
def test_normalization_of_inputs_of_any_number_of_axes(shape):
    """A batch normalization has a mean for each number of the last axis, whatever lies before it."""
    network = Network([BatchNorm(), Sigmoid(), Dropout(0.3), BatchNorm(), Flatten(), Dense(3)], LogLikelihood(), shape)
    data = Dataset(RNG.normal(size=(17, *shape)), RNG.integers(0, 3, 17))
    models = [
        fit(network, data, engine=engine, dtype="float64", epochs=2, batch_size=3, eta=0.1, seed=1)
        for engine in ("numpy", "native")
    ]
    for right, layer in zip(*(model.params for model in models), strict=True):
        for name in right:
            np.testing.assert_allclose(layer[name], right[name], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(models[1].outputs(data), models[0].outputs(data), rtol=1e-9)


def test_a_state_that_does_not_fit():
    run = shared_run("native", "float32")
    descent = replace(run.program.descent, optimizer=ExponentialMovingAverage(Adam()))
    program, epoch = replace(run.program, descent=descent), epoch_of(len(run.examples))
    good = descent.optimizer.init(run.params)
    for wrong in ({}, {name: tree for name, tree in good.items() if name != "s"}):
        with pytest.raises(ShapeError, check=has(argument="state", value=sorted(wrong))):
            program.run(run.params, wrong, run.examples, epoch, 0, 1)
    for tree in (good["s"][:-1], [{} for _ in good["s"]], [*good["s"][:-1], {"w": np.zeros(1), "b": np.zeros(1)}]):
        with pytest.raises(ShapeError, check=has(argument="params")):
            program.run(run.params, good | {"s": tree}, run.examples, epoch, 0, 1)


def test_inputs_that_do_not_fit():
    run = shared_run("native", "float32")
    examples = replace(run.examples, x=run.examples.x[:, :1])
    with pytest.raises(ShapeError, check=has(argument="x", value=examples.x.shape[1:])):
        run.program.weighted_inputs(run.params, examples)


def test_parameters_of_another_type():
    run = shared_run("native", "float64")
    rounded = [{name: leaf.astype(np.float32) for name, leaf in layer.items()} for layer in run.params]
    z = run.program.weighted_inputs(rounded, run.examples)
    np.testing.assert_allclose(z, run.program.weighted_inputs(run.params, run.examples), rtol=1e-3, atol=1e-4)
