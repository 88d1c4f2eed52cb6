"""The search for the threshold of η: below it the training cost falls, above it the cost oscillates (chapter 3).

This is the book's procedure, from "How to choose a neural network's hyper-parameters": try orders of magnitude of η
first, then finer steps, each for the first steps of training.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, replace
from itertools import pairwise
from math import inf
from typing import Any

import numpy as np

from deltarule.core import random
from deltarule.core.constraints import check, instance
from deltarule.core.network import Network
from deltarule.core.trees import Tree, map_leaves
from deltarule.data.dataset import Dataset
from deltarule.engines import Epoch, Examples, Program, choose_engine
from deltarule.engines.execution import Execution
from deltarule.errors import InvalidArgument
from deltarule.preprocessing import Preprocessing
from deltarule.training.arguments import check_arguments, check_fit
from deltarule.training.keywords import split_keywords, with_keywords_of
from deltarule.training.plan import make_descent
from deltarule.training.training import Training

START, SMALLEST, LARGEST = 0.01, 1e-8, 1e4
"""The first η tried, as in the book, and the limits of the search."""

HALVINGS = 4
"""The number of times the decade of the threshold is halved, down to a factor of 10^(1/16), about 1.15."""

SEEDS, MEASURES, PROBE = 3, 30, 500
"""The number of runs for each η, of cost measurements in each, and of training examples for a measurement."""

MOST_RISES = 0.1
"""The rises of a cost that still counts as falling, relative to its falls, at most."""


@dataclass(frozen=True)
class EtaTrial:
    """The training costs at one η: ``costs`` after ``steps`` mini-batches, a row for each seed.

    >>> trial = EtaTrial(0.1, (0, 20, 40, 60), ((9.0, 3.0, 2.0, 1.0),))
    >>> trial.decreases, trial.rises
    (True, 0.0)
    """

    eta: float
    steps: tuple[int, ...]
    costs: tuple[tuple[float, ...], ...]

    @property
    def rises(self) -> float:
        """The total rise of the costs divided by their total fall; infinite if they never fell.

        The first cost is left out, because every η makes the cost fall at first when the parameters are random.
        """
        if self.has_diverged:
            return inf
        changes = np.diff(np.asarray(self.costs)[:, 1:])
        falls = -changes[changes < 0].sum()
        return float(changes[changes > 0].sum() / falls) if falls > 0 else inf

    @property
    def has_diverged(self) -> bool:
        """Check whether a cost is infinite or NaN."""
        return not np.isfinite(self.costs).all()

    @property
    def decreases(self) -> bool:
        """Check whether every seed's cost ends lower than it began, and ``rises`` is at most 1/10: no oscillation."""
        return self.rises <= MOST_RISES and all(row[-1] < row[0] for row in self.costs)

    @property
    def last(self) -> tuple[float, float, float]:
        """The mean, least and greatest cost over the seeds, in the last tenth of the steps."""
        with np.errstate(all="ignore"):
            last = np.asarray(self.costs)[:, -(MEASURES // 10) :].mean(axis=1)
            return float(last.mean()), float(last.min()), float(last.max())


@dataclass(frozen=True)
class EtaRange:
    """The result of :func:`find_eta`: its trials by increasing η, the threshold, and a recommended η.

    >>> falling = EtaTrial(0.1, (0, 20, 40, 60), ((9.0, 3.0, 2.0, 1.0),))
    >>> oscillating = EtaTrial(0.3, (0, 20, 40, 60), ((9.0, 3.0, 9.0, 3.0),))
    >>> found = EtaRange((falling, oscillating))
    >>> found.threshold, found.upper_bound, found.recommended_eta
    (0.1, 0.3, 0.05)
    """

    trials: tuple[EtaTrial, ...]

    @property
    def threshold(self) -> float:
        """The largest η tried that is below every η at which the cost did not decrease."""
        return max(trial.eta for trial in self.trials if trial.eta < self.upper_bound)

    @property
    def upper_bound(self) -> float:
        """The smallest η tried at which the cost did not decrease."""
        return min(trial.eta for trial in self.trials if not trial.decreases)

    @property
    def is_reliable(self) -> bool:
        """Check whether the cost still fell at the threshold after its second measurement.

        The mean cost in the last tenth of the steps must be below 0.9 times the second measurement.

        A deep network of sigmoids may stay on a plateau for thousands of mini-batches. There the trials compare only
        noise, and the threshold says little.
        """
        trial = next(trial for trial in self.trials if trial.eta == self.threshold)
        return trial.last[0] < 0.9 * float(np.asarray(trial.costs)[:, 1].mean())

    @property
    def recommended_eta(self) -> float:
        """Half the threshold, which the book recommends for training of many epochs."""
        return _round(self.threshold / 2)


@dataclass(frozen=True)
class FindEtaArguments(Execution, Training):
    """The arguments of :func:`find_eta` after network and data."""

    training: Training | None = None
    _: KW_ONLY
    execution: Execution | None = None
    watch: Callable[[EtaTrial], None] | None = None


@with_keywords_of(FindEtaArguments)
def find_eta(
    network: Network,
    train: Dataset,
    training: Training | None = None,
    *,
    execution: Execution | None = None,
    watch: Callable[[EtaTrial], None] | None = None,
    **keywords: Any,
) -> EtaRange:
    """Find the threshold of η for a network, its data and its settings, in seconds.

    Each trial of an η trains from three seeds for 600 mini-batches (fewer if a mini-batch has more than 100 examples).
    At the start and then thirty times it measures the cost, with regularization, on 500 training examples without
    augmentation. The cost decreases if it ends lower than it began and its rises are at most a tenth of its falls (not
    counting the change up to the second measurement). The first trial is at η = 0.01. Then η is multiplied or divided
    by ten until the threshold lies between two trials, and this interval is halved four times.

    The threshold may be too large for a constant η over many epochs. A schedule may use a larger η than the threshold.
    Use half of the threshold, or start tuning from it.

    Args:
        network: The network.
        train: The training set.
        training: The settings of the training; its epochs and η are not used.
        execution: The engine and threads.
        watch: A function to call after each trial.
        **keywords: Fields of ``training`` and ``execution`` by their names.

    Raises:
        InvalidArgument: If an argument is invalid, if the network is a Boltzmann machine, or if the cost decreases at
            every η from 10⁻⁸ to 10⁴, or at none.

    >>> from deltarule.data import load
    >>> found = find_eta(Network.dense([64, 30, 10]), load("digits")[0])
    >>> 0.5 < found.threshold < 2, found.upper_bound / found.threshold < 1.2
    (True, True)
    """
    training, execution = split_keywords("find_eta", training, execution, keywords)
    check("network", network, instance(Network, "a Network"))
    if not network.follows_cost:
        raise InvalidArgument(
            argument="network",
            expected="a network whose training follows its cost",
            value=network,
            remedy="train a Boltzmann machine with eta=0.05, and look at the digits that it writes",
        )
    check_arguments(network, train, None, ())
    plain = replace(training, validate_every=0, keep_best=False)
    check_fit(network, train, None, Preprocessing.fit(train), plain)
    runner = _Trials(network, train, training, execution)
    trials: dict[float, EtaTrial] = {}

    def decreases(eta: float) -> bool:
        if eta not in trials:
            trials[eta] = runner.run(eta)
            if watch is not None:
                watch(trials[eta])
        return trials[eta].decreases

    low = high = START
    while decreases(high):
        low, high = high, _round(10 * high)
        if high > LARGEST:
            raise InvalidArgument(
                f"expected an eta at which the cost does not decrease, got none up to {low:g}", argument="network"
            )
    while not decreases(low):
        low, high = _round(low / 10), low
        if low < SMALLEST:
            raise InvalidArgument(
                f"expected an eta at which the cost decreases, got none down to {high:g}",
                argument="network",
                remedy="check that the inputs are about 1 in size and that the labels are right, and check the cost "
                "and first weights of the network",
            )
    for _ in range(HALVINGS):
        middle = _round((low * high) ** 0.5)
        low, high = (middle, high) if decreases(middle) else (low, middle)
    return EtaRange(tuple(sorted(trials.values(), key=lambda trial: trial.eta)))


class _Trials:
    """Trials of one η after another with the same program, examples and first parameters."""

    def __init__(self, network: Network, train: Dataset, training: Training, execution: Execution) -> None:
        self.batch_size = min(training.batch_size, len(train))
        self.seeds = [training.seed + i for i in range(SEEDS)]
        self.steps = min(600, max(2 * MEASURES, 60_000 // self.batch_size))
        self.descent = make_descent(network, train, training)
        params, steps, dtype = network.init(training.seed), 8 * SEEDS * self.steps, training.dtype
        engine, _ = choose_engine(execution, [self.descent], params, steps, self.batch_size)
        self.program: Program = engine.program(self.descent, dtype)
        sample = np.random.default_rng(training.seed).permutation(len(train))[: self.steps * self.batch_size]
        self.n = len(sample)
        examples = Examples.from_dataset(train.take(sample), network, dtype, Preprocessing.fit(train))
        self.examples = self.program.place(examples)
        self.probe = self.program.place(
            Examples.from_dataset(train.take(sample[:PROBE]), network, dtype, Preprocessing.fit(train))
        )

    def run(self, eta: float) -> EtaTrial:
        marks = [self.steps * i // MEASURES for i in range(MEASURES + 1)]
        return EtaTrial(eta, tuple(marks), tuple(self._costs(eta, seed, marks) for seed in self.seeds))

    def _costs(self, eta: float, seed: int, marks: list[int]) -> tuple[float, ...]:
        rng = np.random.default_rng([seed, 0])
        passes = -(-self.steps * self.batch_size // self.n)
        order = np.concatenate([rng.permutation(np.arange(self.n, dtype=np.int32)) for _ in range(passes)])
        order = order[: self.steps * self.batch_size]
        epoch = Epoch(order, self.batch_size, np.full(self.steps, eta), random.key(seed))
        start = self.descent.network.init(seed)
        params = self.program.params(start)
        state = {name: self.program.params(tree) for name, tree in self.descent.optimizer.init(start).items()}
        costs = [self._cost(params)]
        for begin, end in pairwise(marks):
            params, state, finite = self.program.run(params, state, self.examples, epoch, begin, end)
            costs.append(self._cost(params) if finite else inf)
            if not np.isfinite(costs[-1]):
                return (*costs, *[inf] * (MEASURES + 1 - len(costs)))
        return tuple(costs)

    def _cost(self, params: Tree) -> float:
        z = self.program.weighted_inputs(params, self.probe)
        with np.errstate(all="ignore"):
            y, weights = np.asarray(self.probe.y), self.probe.weights
            weights = None if weights is None else np.asarray(weights)
            value = self.descent.network.cost.weighted_value(z, y, weights)
            return float(value) + float(self.descent.penalty(map_leaves(np.asarray, params)))


def _round(eta: float) -> float:
    """Round a learning rate to two digits."""
    return float(f"{eta:.1e}")
