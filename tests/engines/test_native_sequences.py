"""Recurrent layers on the native engine take NumPy's steps: cells, lengths, truncation, and sizes at the edge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pytest
from tests.fields import has

from deltarule.core.activations import ELU, LeakyReLU, Linear, ReLU, ShiftedSigmoid, Sigmoid, Tanh
from deltarule.core.augmentation import OnImages
from deltarule.core.costs import CrossEntropy, LogLikelihood
from deltarule.core.descent import Descent
from deltarule.core.distortions import Shift
from deltarule.core.gru import GRU
from deltarule.core.layer import Layer
from deltarule.core.layers import Dense, Dropout, Flatten
from deltarule.core.lstm import LSTM
from deltarule.core.network import Network
from deltarule.core.normalization import BatchNorm
from deltarule.core.optimizers import SGD, ClipNorm, ExponentialMovingAverage, Momentum, Optimizer
from deltarule.core.recurrent import Recurrent
from deltarule.core.regularizers import L1, L2, Regularizer
from deltarule.core.steps import EachStep, LastStep, MeanOverSteps
from deltarule.core.trees import leaves
from deltarule.data.dataset import Dataset
from deltarule.engines import Examples, native_program
from deltarule.engines.native_scope import MOST, find_obstacle
from deltarule.errors import InvalidArgument
from deltarule.training.fit import fit

from .cases import ADAM, Ready, bytes_of, engine_of, epoch_of, prepare
from .native_cases import find_levels
from .test_agreement import relative_distance, train

N = 26  # with mini-batches of seven: three whole ones, and five examples


@dataclass(frozen=True)
class Row:
    """A network with memory, and how it is trained."""

    layers: tuple[Layer, ...]
    shape: tuple[int, ...] = (6, 5)
    optimizer: Optimizer = SGD()
    regularizer: Regularizer | None = None
    is_sparse: bool = False
    mean: float = 0.0
    batch_size: int = 7

    def descent(self) -> Descent:
        return Descent(
            Network([*self.layers, Dense(3)], LogLikelihood(), self.shape), self.optimizer, self.regularizer, N
        )

    def data(self, has_lengths: bool) -> Dataset:
        rng = np.random.default_rng(3)
        x = rng.integers(1, 256, (N, *self.shape), dtype=np.uint8)
        if self.is_sparse:
            x *= rng.random(x.shape) < 0.2
        lengths = rng.integers(1, self.shape[0] + 1, N) if has_lengths else None
        return Dataset(x, np.arange(N) % 3, "sequences", 255.0, lengths=lengths)


ROWS = {
    **{
        f"{type(memory).__name__}, {name}": Row((replace(memory, n=n), LastStep()), shape, **fields)
        for memory, (name, n, shape, fields) in product(
            (Recurrent(1), LSTM(1), GRU(1)),
            (
                ("of one", 1, (1, 1), {}),
                ("of one step", 5, (1, 9), {"optimizer": Momentum(0.8)}),
                ("of one feature", 3, (9, 1), {"regularizer": L2(2.0)}),
                ("one example a time", 8, (4, 3), {"batch_size": 1}),
                ("whole panels", 16, (5, 16), {"optimizer": ADAM}),
                ("rows of digits", 20, (28, 28), {"is_sparse": True, "regularizer": L1(2.0)}),
                ("all examples at once", 33, (5, 17), {"is_sparse": True, "batch_size": N}),
                ("with a mean", 7, (6, 5), {"is_sparse": True, "mean": 0.3}),
                ("clipped", 7, (6, 5), {"optimizer": ClipNorm(ADAM, 0.05), "regularizer": L1(2.0)}),
                ("with averages", 7, (6, 5), {"optimizer": ExponentialMovingAverage(ADAM, 0.9)}),
            ),
        )
    },
    **{
        f"Recurrent with {f}": Row((Recurrent(5, f), MeanOverSteps()), regularizer=L2(1.0))
        for f in (Linear(), Sigmoid(), ShiftedSigmoid(), ReLU(), LeakyReLU(0.3), ELU(0.5))
    },
    **{
        f"cut after {k}": Row((LSTM(6, truncate=k), GRU(5, truncate=k), Recurrent(4, truncate=1), LastStep()))
        for k in (1, 2, 4, 6, 9)
    },
    "one upon another": Row((GRU(9), Dropout(0.3), LSTM(17), Tanh(), Recurrent(4), MeanOverSteps())),
    "all steps count": Row((LSTM(6), GRU(8), Flatten())),
    "behind other layers": Row((Dropout(0.2), Sigmoid(), LSTM(6), LastStep()), is_sparse=True),
    "between normalizations": Row((GRU(9), BatchNorm(), LSTM(8), BatchNorm(), LastStep(), Dropout(0.2))),
    "normalization of all examples at once": Row((LSTM(8), BatchNorm(), GRU(5), LastStep()), batch_size=N),
    "normalization of one step": Row((LSTM(6), BatchNorm(), LastStep()), (1, 5)),
    "steps of images": Row((LastStep(), Flatten()), (3, 2, 5)),
    "mean of images": Row((MeanOverSteps(), Flatten()), (3, 2, 2, 5)),
}  # fmt: skip
each_row = pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
each_length = pytest.mark.parametrize("has_lengths", [False, True], ids=["whole", "with lengths"])


def prepare_row(engine: str, row: Row, has_lengths: bool, dtype: str, threads: int = 1, level: str = "") -> Ready:
    return prepare(engine, row.descent(), row.data(has_lengths), dtype, threads, level, row.mean)


@each_length
@pytest.mark.parametrize("threads", [1, 3])
@each_row
def test_float64_agrees(row, threads, has_lengths):
    mine, other = (prepare_row(name, row, has_lengths, "float64", threads) for name in ("numpy", "native"))
    epoch = epoch_of(N, batch_size=row.batch_size, eta=0.05)
    params, state, _ = mine.program.run(mine.params, mine.state, mine.examples, epoch, 0, epoch.steps)
    found, found_state, finite = other.program.run(other.params, other.state, other.examples, epoch, 0, epoch.steps)
    assert finite
    assert relative_distance(mine.params, params) > 1e-3
    assert relative_distance(found, params) < 1e-11
    for name, tree in state.items():
        largest = max(float(np.abs(leaf).max()) for leaf in leaves(tree))
        for one, other_one in zip(leaves(found_state[name]), leaves(tree), strict=True):
            np.testing.assert_allclose(one, other_one, rtol=0, atol=1e-11 * largest)
    z, found_z = (run.program.weighted_inputs(params, run.examples) for run in (mine, other))
    np.testing.assert_allclose(found_z, z, rtol=0, atol=1e-13 * np.abs(z).max())


@each_length
@each_row
def test_float32_agrees_to_rounding(row, has_lengths):
    """Compare one step of each engine with the same step in float64."""
    exact, mine, other = (
        prepare_row(*settings)
        for settings in (
            ("numpy", row, has_lengths, "float64"), ("numpy", row, has_lengths, "float32"),
            ("native", row, has_lengths, "float32"),
        )
    )  # fmt: skip
    epoch = epoch_of(N, batch_size=row.batch_size, eta=0.05)
    right, rounded, found = (
        run.program.run(run.program.params(mine.params), run.state, run.examples, epoch, 0, 1)[0]
        for run in (exact, mine, other)
    )
    assert {leaf.dtype.name for leaf in leaves(found)} == {"float32"}
    assert relative_distance(found, right) < relative_distance(rounded, right) + 8 * np.finfo(np.float32).eps


@pytest.mark.slow
@each_length
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("memory", [Recurrent(5), LSTM(5), GRU(5), LSTM(5, truncate=4)], ids=str)
def test_float64_agrees_over_five_hundred_steps(memory, threads, has_lengths):
    row = Row((memory, Dropout(0.2), LastStep()), optimizer=Momentum(0.5), regularizer=L2(0.1))
    runs = [prepare_row(name, row, has_lengths, "float64", threads) for name in ("numpy", "native")]
    (mine, velocities), (others, other_velocities) = [train(run, N, 72, eta=0.05) for run in runs]
    assert relative_distance(mine, others) < 1e-9
    assert relative_distance(velocities["v"], other_velocities["v"]) < 1e-9
    assert relative_distance(mine, runs[0].params) > 0.1


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("name", ["LSTM, rows of digits", "one upon another"])
def test_the_same_bits_again_in_stretches_and_on_every_level(name, threads, dtype):
    def run_all(level: str, cuts: tuple[int, ...] = ()) -> bytes:
        run = prepare_row("native", ROWS[name], True, dtype, threads, level)
        params, state, epoch = run.params, run.state, epoch_of(N, batch_size=7, eta=0.05)
        for start, stop in zip([0, *cuts], [*cuts, epoch.steps], strict=True):
            params, state, _ = run.program.run(params, state, run.examples, epoch, start, stop)
        return bytes_of(params) + run.program.weighted_inputs(params, run.examples).tobytes()

    first = run_all("")
    assert run_all("") == first == run_all("", (1, 3))
    wide = [level for level in find_levels() if level != "v2"]
    assert {run_all(level) for level in wide} <= {first}


def test_padding_is_not_read():
    row = ROWS["LSTM, rows of digits"]
    run, data = prepare_row("native", row, True, "float32"), row.data(True)
    is_padding = np.arange(row.shape[0]) >= np.asarray(data.lengths)[:, None]
    other = replace(run.examples, x=np.where(is_padding[:, :, None], np.uint8(77), run.examples.x))
    epoch = epoch_of(N, batch_size=7)
    one, two = (run.program.run(run.params, {}, examples, epoch, 0, 4)[0] for examples in (run.examples, other))
    assert bytes_of(one) == bytes_of(two)


@pytest.mark.parametrize("lengths", [[0, 5, 99], [-4, 2**31 - 1, 1]], ids=str)
def test_lengths_that_no_data_set_has_read_no_wrong_address(lengths):
    network = Network([LSTM(3), LastStep(), Dense(2)], CrossEntropy(), (5, 2))
    evaluator = engine_of("native").evaluator(network, "float64")
    examples = Examples(np.ones((3, 5, 2)), np.zeros((3, 2)), 1.0, lengths=np.asarray(lengths))
    z = evaluator.weighted_inputs(evaluator.params(network.init(1)), evaluator.place(examples))
    assert np.isfinite(z).all()


def test_augmented_sequences_keep_their_lengths(monkeypatch):
    monkeypatch.setattr(native_program, "AUGMENTED", 500)
    row = Row((LSTM(4), LastStep()), (6, 5))
    results = []
    for engine in ("numpy", "native"):
        descent = replace(row.descent(), augmentation=OnImages(Shift(1), (6, 5)))
        run = prepare(engine, descent, row.data(True), "float64")
        epoch = epoch_of(N, batch_size=7)
        results.append(run.program.run(run.params, {}, run.examples, epoch, 0, epoch.steps)[0])
    assert relative_distance(*results) < 1e-12


def test_a_run_on_the_native_engine_is_numpy_s():
    row = ROWS["LSTM, with averages"]
    settings = {"epochs": 2, "eta": 0.05, "batch_size": 7, "optimizer": row.optimizer, "dtype": "float64"}
    models = [fit(row.descent().network, row.data(True), engine=name, **settings) for name in ("numpy", "native")]
    assert relative_distance(*(model.params for model in models)) < 1e-11


@dataclass(frozen=True)
class Cube(Linear):
    """An activation of a user's own."""


def test_what_native_cannot_do_is_named():
    plain = (LSTM(3), LastStep(), Dense(2))

    def find(*layers, optimizer=None, cost=CrossEntropy(), shape=(4, 2)):  # noqa: B008 (frozen)
        return find_obstacle(Network(layers, cost, shape), optimizer)

    assert find(*plain) == ""
    assert find(*plain, optimizer=ClipNorm(ClipNorm(SGD()))) == "ClipNorm is not built in"
    assert (
        find(Recurrent(3, Cube()), LastStep()) == "layer 0, Recurrent, has the activation Cube, which is not built in"
    )
    assert find(LSTM(3), EachStep(Dense(2)), Flatten()) == ""
    assert (
        find(LSTM(3), EachStep(Cube()), Flatten())
        == "layer 1, EachStep, has the layer Cube, which is not built in for each step"
    )
    long = MOST // 64 + 1
    data = ROWS["all steps count"].data(False)
    network = Network([LSTM(3), EachStep(Cube()), LastStep(), Dense(3)], LogLikelihood(), (6, 5))
    with pytest.raises(InvalidArgument, check=has(argument="engine")):
        fit(network, data, epochs=1, engine="native")
    assert find(*plain, shape=(long, 1)) == f"layer 0, LSTM, has more than {MOST:,} numbers"
