"""Data parallelism: a mini-batch in parts, one per device, gives the same step as the whole."""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Thread

import numpy as np
import pytest

from deltarule.core.activations import ReLU, Tanh
from deltarule.core.convolution import Conv
from deltarule.core.costs import CrossEntropy, LogLikelihood
from deltarule.core.descent import Descent
from deltarule.core.distortions import Affine, Chain, Elastic, Shift
from deltarule.core.gru import GRU
from deltarule.core.layers import Dense, Dropout, Flatten
from deltarule.core.lstm import LSTM
from deltarule.core.network import Network
from deltarule.core.normalization import BatchNorm
from deltarule.core.optimizers import Momentum
from deltarule.core.pooling import L2Pool, MaxPool
from deltarule.core.recurrent import Recurrent
from deltarule.core.regularizers import L2
from deltarule.core.steps import EachStep, LastStep, MeanOverSteps
from deltarule.data.dataset import Dataset
from deltarule.engines import Examples
from deltarule.engines.numpy_engine import NumpyEngine

from .cases import build_everything, bytes_of, epoch_of, make_divided_engine, make_images

N = 27  # with mini-batches of four: six whole ones, and three examples that two devices cannot divide
IMAGES = (6, 6, 1)


@dataclass(frozen=True)
class Centred(Dense):
    """A user's layer, which depends on all examples of the mini-batch."""

    def forward(self, params, x, rng=None):
        return super().forward(params, x - x.mean(axis=0), rng)


def descent(*layers, cost=None, augmentation=None) -> Descent:
    network = Network([*layers, Dense(4)], cost or LogLikelihood(), IMAGES)
    return Descent(network, Momentum(0.8), L2(1.0), N, augmentation)


FLAT = (Flatten(), Dense(8), Tanh())
DESCENTS = {
    "convolution": descent(Conv(3, 3), ReLU(), MaxPool(2), *FLAT),
    "other pools": descent(Conv(2, 2, stride=2), Tanh(), L2Pool(2, stride=1), *FLAT, cost=CrossEntropy()),
    "means of the mini-batch, of images and of rows": descent(
        Conv(3, 3), BatchNorm(), ReLU(), MaxPool(2), BatchNorm(), *FLAT, BatchNorm()
    ),
    "dropout, of images and of rows": descent(Dropout(0.2), Conv(3, 3), Dropout(0.3), *FLAT, Dropout(0.5)),
    "varied images": descent(*FLAT, augmentation=Chain([Affine(20, 1, 0.2, 0.2), Elastic(5, 2), Shift(1)])),
    "not known": descent(Flatten(), Centred(8), Tanh()),
}


def run_training(engine, descent: Descent, data, dtype: str = "float64", cuts=()):
    program, params = engine.program(descent, dtype), descent.network.init(3)
    state = {name: program.params(tree) for name, tree in descent.optimizer.init(params).items()}
    params, examples = program.params(params), program.place(Examples.from_dataset(data, descent.network, dtype))
    for number in range(2):
        epoch = epoch_of(N, number, eta=0.05)
        for start, stop in zip([0, *cuts], [*cuts, epoch.steps], strict=True):
            params, state, finite = program.run(params, state, examples, epoch, start, stop)
            assert finite
    return program, params, state, examples


def assert_close(mine, others) -> None:
    for one, other in zip(mine, others, strict=True):
        assert one.keys() == other.keys()
        for name in one:
            np.testing.assert_allclose(np.asarray(one[name]), np.asarray(other[name]), rtol=1e-9, atol=1e-10)


QUICK = ("not known",)
"""The descents of each run; compiling the others takes seconds each, and ``make test-all`` runs them."""

each_descent = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name not in QUICK)) for name in DESCENTS]
)


@each_descent
def test_parts_give_the_steps_of_the_whole_mini_batch(name):
    data = make_images(N)
    expected, mine = (run_training(engine, DESCENTS[name], data) for engine in (NumpyEngine(), make_divided_engine(2)))
    assert_close(mine[1], expected[1])
    assert_close(mine[2]["v"], expected[2]["v"])
    z, others = (program.weighted_inputs(params, examples) for program, params, _, examples in (mine, expected))
    np.testing.assert_allclose(z, others, rtol=1e-9, atol=1e-10)
    assert z.shape == (N, 4)
    assert_close(*(program.gradients(params, examples) for program, params, _, examples in (mine, expected)))


MEMORIES = {
    "Recurrent": (Recurrent(5), Dropout(0.3), LastStep()),
    "LSTM, a layer at each step": (LSTM(5), EachStep(Dropout(0.3)), EachStep(Dense(4)), LastStep()),
    "GRU, means of the mini-batch": (GRU(5), BatchNorm(), MeanOverSteps()),
}


@pytest.mark.slow
@pytest.mark.parametrize("has_lengths", [False, True], ids=["whole", "with lengths"])
@pytest.mark.parametrize("name", MEMORIES)
def test_parts_of_sequences_give_the_steps_of_the_whole_mini_batch(name, has_lengths):
    rng = np.random.default_rng(0)
    lengths = rng.integers(1, 7, N) if has_lengths else None
    data = Dataset(rng.normal(size=(N, 6, 3)), np.arange(N) % 4, "sequences", lengths=lengths)
    network = Network([*MEMORIES[name], Dense(4)], LogLikelihood(), (6, 3))
    expected, mine = (
        run_training(engine, Descent(network, Momentum(0.8), L2(1.0), N), data)
        for engine in (NumpyEngine(), make_divided_engine(2))
    )
    assert_close(mine[1], expected[1])
    z, others = (program.weighted_inputs(params, examples) for program, params, _, examples in (mine, expected))
    np.testing.assert_allclose(z, others, rtol=1e-9, atol=1e-10)


@dataclass(frozen=True)
class MeanOfExamples(Tanh):
    """A user's activation, which depends on all examples of the mini-batch."""


MEMORY = Network([Recurrent(5), LastStep(), Dense(4)], LogLikelihood(), (6, 3))


@pytest.mark.parametrize(
    ("network", "divides"),
    [
        (MEMORY, True),
        (replace(MEMORY, layers=[Recurrent(5, MeanOfExamples()), LastStep(), Dense(4)]), False),
        (replace(MEMORY, layers=[LSTM(5), EachStep(Dense(3)), LastStep(), Dense(4)]), True),
        (replace(MEMORY, layers=[LSTM(5), EachStep(Centred(3)), LastStep(), Dense(4)]), False),
    ],
)
def test_layers_that_are_not_known_are_not_divided(network, divides):
    from deltarule.engines.data_parallel import is_divisible

    assert is_divisible(network) == divides


def test_a_step_divides_its_mini_batch():
    """Check that the estimate that a step asks for is that of parts, not the network's own of the whole mini-batch."""
    from deltarule.engines.data_parallel import DividedNetwork

    assert DividedNetwork.estimate_gradient is DividedNetwork.backpropagation


@pytest.mark.slow
def test_four_parts_of_one_example():
    data = make_images(N)
    expected, mine = (
        run_training(engine, build_everything_on_images(), data) for engine in (NumpyEngine(), make_divided_engine(4))
    )
    assert_close(mine[1], expected[1])


def build_everything_on_images() -> Descent:
    return replace(
        build_everything(N), network=Network([Flatten(), *build_everything(N).network.layers], LogLikelihood(), IMAGES)
    )


@pytest.mark.slow
def test_the_same_bytes_again_and_in_any_stretches():
    engine, data = make_divided_engine(2), make_images(N)
    whole, again, cut = (
        bytes_of(*run_training(engine, DESCENTS["convolution"], data, "float32", cuts)[1:2])
        for cuts in ((), (), (1, 3, 6))
    )
    assert whole == again == cut


def test_several_programs_at_once_do_not_deadlock():
    engine, data = make_divided_engine(2), make_images(N)
    alone = [bytes_of(run_training(engine, each, data)[1]) for each in DESCENTS.values()]
    found: dict[int, bytes] = {}

    def train(i: int, each: Descent) -> None:
        found[i] = bytes_of(run_training(engine, each, data)[1])

    threads = [Thread(target=train, args=(i, each), daemon=True) for i, each in enumerate(DESCENTS.values())]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [found.get(i) for i in range(len(alone))] == alone
