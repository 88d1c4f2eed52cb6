"""Answers at each step on the native engine: layers of each step, and costs of each step, as NumPy computes them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from deltarule.core.activations import Linear, ReLU, ShiftedSigmoid, Sigmoid, Tanh
from deltarule.core.costs import Cost, CrossEntropy, LabelSmoothing, LogLikelihood, Quadratic
from deltarule.core.descent import Descent
from deltarule.core.gru import GRU
from deltarule.core.layer import Layer
from deltarule.core.layers import Dense, Dropout, Flatten
from deltarule.core.lstm import LSTM
from deltarule.core.network import Network
from deltarule.core.normalization import BatchNorm
from deltarule.core.optimizers import SGD, ClipNorm, ExponentialMovingAverage, Momentum, Optimizer
from deltarule.core.recurrent import Recurrent
from deltarule.core.regularizers import L1, L2, Regularizer
from deltarule.core.step_costs import SumOverSteps
from deltarule.core.steps import EachStep, LastStep, MeanOverSteps
from deltarule.engines import Examples
from deltarule.engines.native_scope import find_obstacle

from .cases import ADAM, engine_of, epoch_of
from .native_cases import find_levels
from .test_agreement import relative_distance

N = 26  # with mini-batches of seven: three whole ones, and five examples


@dataclass(frozen=True)
class Row:
    """A network that answers at each step, and how it is trained."""

    layers: tuple[Layer, ...]
    cost: Cost
    shape: tuple[int, ...] = (6, 5)
    optimizer: Optimizer = SGD()
    regularizer: Regularizer | None = None
    batch_size: int = 7
    has_lengths: bool = False
    is_weighted: bool = False
    is_sparse: bool = False
    eta: float = 0.05

    def network(self) -> Network:
        return Network(self.layers, self.cost, self.shape)

    def examples(self, dtype: str) -> Examples:
        """Make examples; about one step of five has no desired outputs."""
        rng, network = np.random.default_rng(3), self.network()
        x = rng.integers(0, 256, (N, *self.shape), dtype=np.uint8)
        if self.is_sparse:
            x *= rng.random(x.shape) < 0.2
        y = rng.random((N, network.n_out)).astype(dtype)
        if isinstance(self.cost, SumOverSteps):
            steps = y.reshape(N, -1, self.cost.n_out)
            steps /= steps.sum(axis=2, keepdims=True)
            steps[rng.random(steps.shape[:2]) < 0.2, 0] = np.nan
        lengths = rng.integers(1, self.shape[0] + 1, N) if self.has_lengths else None
        y = network.cost.leave_out_padding(y, lengths)
        weights = rng.random(N).astype(dtype) if self.is_weighted else None
        return Examples(x, y, 255.0, weights=weights, lengths=lengths)


def answer(n: int, *layers: Layer) -> tuple[Layer, ...]:
    return (*layers, EachStep(Dense(n)), Flatten())


ROWS = {
    "likelihood": Row(answer(3, LSTM(6)), SumOverSteps(LogLikelihood(), 3), optimizer=ADAM),
    "with lengths": Row(answer(3, GRU(6)), SumOverSteps(LogLikelihood(), 3), has_lengths=True, optimizer=Momentum(0.5)),
    "cross-entropy": Row(answer(2, Recurrent(20)), SumOverSteps(CrossEntropy(), 2), regularizer=L2(2.0)),
    "quadratic": Row(answer(9, LSTM(6)), SumOverSteps(Quadratic(Tanh()), 9), regularizer=L1(2.0)),
    "smoothed": Row(answer(17, GRU(5)), SumOverSteps(LabelSmoothing(LogLikelihood(), 0.2), 17), is_weighted=True),
    "clipped": Row(answer(3, LSTM(5)), SumOverSteps(LogLikelihood(), 3), optimizer=ClipNorm(ADAM, 0.05)),
    "averaged": Row(
        answer(16, LSTM(16)), SumOverSteps(LogLikelihood(), 16), (5, 16), ExponentialMovingAverage(ADAM, 0.9)
    ),
    "of one step": Row(answer(3, LSTM(6)), SumOverSteps(LogLikelihood(), 3), (1, 5)),
    "of one output": Row(answer(1, LSTM(6)), SumOverSteps(CrossEntropy(), 1), (7, 1)),
    "one example a time": Row(answer(3, LSTM(6)), SumOverSteps(CrossEntropy(), 3), batch_size=1),
    "without memory": Row(answer(3), SumOverSteps(CrossEntropy(), 3), is_sparse=True),
    "from a flat row": Row((Dense(8), Sigmoid(), Dense(12)), SumOverSteps(LogLikelihood(), 4), (9,), is_sparse=True),
    "of images": Row((EachStep(ReLU()), Flatten(), Dense(6)), SumOverSteps(CrossEntropy(), 2), (3, 2, 5)),
    "each layer of each step": Row(
        (
            EachStep(Dense(20)), EachStep(Tanh()), EachStep(Dropout(0.3)), LSTM(9), EachStep(Dense(8)), ReLU(),
            Dropout(0.2), EachStep(Dense(3)), EachStep(Linear()), Flatten(),
        ),
        SumOverSteps(LogLikelihood(), 3),
        has_lengths=True,
    ),
    "between normalizations": Row(
        answer(4, GRU(9), BatchNorm(), EachStep(Dense(7)), Sigmoid(), BatchNorm()), SumOverSteps(LogLikelihood(), 4)
    ),
    "of sigmoid units": Row(
        answer(3, Recurrent(10, Sigmoid())), SumOverSteps(LogLikelihood(), 3), batch_size=2, eta=1.0
    ),
    "behind sigmoids": Row(
        answer(3, GRU(10), EachStep(Sigmoid()), EachStep(Dense(5)), Recurrent(3, ShiftedSigmoid())),
        SumOverSteps(LogLikelihood(), 3), batch_size=2, eta=1.0,
    ),
    "all examples at once": Row(
        answer(4, LSTM(9), BatchNorm()), SumOverSteps(LogLikelihood(), 4), batch_size=N, has_lengths=True, eta=0.5
    ),
    "before one answer": Row((LSTM(6), EachStep(Dense(5)), LastStep(), Dense(3)), LogLikelihood(), has_lengths=True),
    "before the mean": Row((EachStep(Dense(3)), MeanOverSteps()), LogLikelihood(), is_sparse=True, has_lengths=True),
}  # fmt: skip
each_row = pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)


def run_epoch(engine: str, row: Row, dtype: str, threads: int = 1, level: str = "", steps: int | None = None):
    """Take the steps of an epoch; return the new parameters, the state and the weighted inputs."""
    network = row.network()
    program = engine_of(engine, threads, level).program(Descent(network, row.optimizer, row.regularizer, N), dtype)
    examples, epoch = program.place(row.examples(dtype)), epoch_of(N, batch_size=row.batch_size, eta=row.eta)
    params = program.params(network.init(5))
    state = row.optimizer.init(params)
    params, state, finite = program.run(params, state, examples, epoch, 0, steps or epoch.steps)
    assert finite
    return params, state, program.weighted_inputs(params, examples)


@pytest.mark.parametrize("threads", [1, 3])
@each_row
def test_float64_agrees(row, threads):
    assert find_obstacle(row.network(), row.optimizer, row.regularizer) == ""
    (params, state, z), (found, found_state, found_z) = (
        run_epoch(name, row, "float64", threads) for name in ("numpy", "native")
    )
    assert relative_distance(row.network().init(5), params) > 1e-3
    assert relative_distance(found, params) < 1e-11
    for name, tree in state.items():
        assert relative_distance(found_state[name], tree) < 1e-11
    np.testing.assert_allclose(found_z, z, rtol=0, atol=1e-12 * np.abs(z).max())


@each_row
def test_float32_agrees_to_rounding(row):
    """Compare one step of each engine with the same step in float64."""
    right, rounded, found = (
        run_epoch(*settings, steps=1)[0]
        for settings in (("numpy", row, "float64"), ("numpy", row, "float32"), ("native", row, "float32"))
    )
    assert relative_distance(found, right) < relative_distance(rounded, right) + 8 * np.finfo(np.float32).eps


@pytest.mark.parametrize("name", ["smoothed", "each layer of each step"])
@pytest.mark.parametrize("threads", [1, 2, 5])
def test_the_same_bits_on_every_level(name, threads):
    def run(level: str) -> bytes:
        params, _, z = run_epoch("native", ROWS[name], "float32", threads, level)
        return b"".join(leaf.tobytes() for p in params for leaf in p.values()) + z.tobytes()

    first = run("")
    assert run("") == first
    assert {run(level) for level in find_levels() if level != "v2"} <= {first}


def test_steps_without_desired_outputs_change_nothing():
    row = replace(ROWS["likelihood"], optimizer=SGD())
    network, dtype = row.network(), "float64"
    examples = row.examples(dtype)
    empty = replace(examples, y=np.full_like(examples.y, np.nan))
    program = engine_of("native").program(Descent(network, SGD(), None, N), dtype)
    params = program.params(network.init(5))
    new, _, finite = program.run(params, {}, program.place(empty), epoch_of(N, batch_size=7), 0, 4)
    assert finite
    assert relative_distance(new, params) == 0
