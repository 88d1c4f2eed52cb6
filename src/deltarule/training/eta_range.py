"""find_eta: the threshold of η, below which the training cost falls and above which it oscillates (chapter 3).

The book's procedure, from "How to choose a neural network's hyper-parameters": orders of magnitude
of η first, then finer, each tried for the first steps of training alone.
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
from deltarule.models.model import Model
from deltarule.training.arguments import check_arguments, check_fit
from deltarule.training.keywords import split_keywords, with_keywords_of
from deltarule.training.plan import make_descent
from deltarule.training.training import Training

START, SMALLEST, LARGEST = 0.01, 1e-8, 1e4
"""The η tried first, as in the book, and how far the search goes from it."""

HALVINGS = 4
"""How often the decade of the threshold is halved: to a factor of 10^(1/16), about 1.15."""

SEEDS, MEASURES, PROBE = 3, 30, 500
"""Runs for each η, costs measured in each, and training examples that they are measured on."""

MOST_RISES = 0.1
"""How much of its falls a cost may rise again and still count as falling."""


@dataclass(frozen=True)
class EtaTrial:
    """What the training cost did at one η: ``costs`` after ``steps`` mini-batches, a row for each seed."""

    eta: float
    steps: tuple[int, ...]
    costs: tuple[tuple[float, ...], ...]

    @property
    def rises(self) -> float:
        """By how much the costs rose, in units of how much they fell; infinite where they never did.

        The first cost is left out: from a random start every η brings a fall.
        """
        if self.has_diverged:
            return inf
        changes = np.diff(np.asarray(self.costs)[:, 1:])
        falls = -changes[changes < 0].sum()
        return float(changes[changes > 0].sum() / falls) if falls > 0 else inf

    @property
    def has_diverged(self) -> bool:
        """Whether a cost stopped being a finite number."""
        return not np.isfinite(self.costs).all()

    @property
    def decreases(self) -> bool:
        """Whether the costs fell, and rose again by at most a tenth of that: they do not oscillate."""
        return self.rises <= MOST_RISES and all(row[-1] < row[0] for row in self.costs)

    @property
    def last(self) -> tuple[float, float, float]:
        """Mean, least and greatest over the seeds of the cost in the last tenth of the steps."""
        with np.errstate(all="ignore"):
            last = np.asarray(self.costs)[:, -(MEASURES // 10) :].mean(axis=1)
            return float(last.mean()), float(last.min()), float(last.max())


@dataclass(frozen=True)
class EtaRange:
    """What :func:`find_eta` found: its trials by rising η, the threshold between them, half of it to use."""

    trials: tuple[EtaTrial, ...]

    @property
    def threshold(self) -> float:
        """The largest η tried below every one at which the cost did not decrease."""
        return max(trial.eta for trial in self.trials if trial.eta < self.upper_bound)

    @property
    def upper_bound(self) -> float:
        """The smallest η tried at which the cost did not decrease."""
        return min(trial.eta for trial in self.trials if not trial.decreases)

    @property
    def is_reliable(self) -> bool:
        """Whether the cost fell by a tenth at the threshold, after its first measurement.

        A deep network of sigmoids may stand on a plateau for thousands of mini-batches; what is
        compared there is the noise of the steps, and the threshold says little.
        """
        trial = next(trial for trial in self.trials if trial.eta == self.threshold)
        return trial.last[0] < 0.9 * float(np.asarray(trial.costs)[:, 1].mean())

    @property
    def recommended_eta(self) -> float:
        """Half the threshold, as the book advises, for an η that serves many epochs."""
        return _rounded(self.threshold / 2)


@dataclass(frozen=True)
class FindEtaArguments(Execution, Training):
    """What :func:`find_eta` takes besides network and data."""

    training: Training | None = None
    _: KW_ONLY
    execution: Execution | None = None
    watch: Callable[[EtaTrial], None] | None = None


@with_keywords_of(FindEtaArguments)
def find_eta(
    network: Network | Model,
    train: Dataset,
    training: Training | None = None,
    *,
    execution: Execution | None = None,
    watch: Callable[[EtaTrial], None] | None = None,
    **keywords: Any,
) -> EtaRange:
    """Find the threshold of η for a network, its data and all that is going to be trained with, in seconds.

    Each η is tried from three starts for 600 mini-batches (fewer of more than 100 examples); 30 times
    on the way the cost, with regularization, is measured on 500 of the training examples, as they are
    before augmentation. It counts as
    decreasing while its rises come to a tenth of its falls at most, and below where it began. That
    is asked of 0.01, then of ten times more or less until the answer changes, then between the two.
    ``watch`` is called after each trial. An η that falls over these steps may be too large for many
    epochs, or smaller than could be had with a schedule; use half of it, or tune from there.

    Args:
        network: The network.
        train: The training examples.
        training: The settings to train with; their epochs and η are not used.
        execution: Where and how fast.
        watch: Called after each trial.
        **keywords: Fields of ``training`` and ``execution`` by their names.

    Raises :class:`InvalidArgument` for invalid arguments, and where no η from 10⁻⁸ to 10⁴ divides
    those at which the cost decreases from those at which it does not.

    >>> from deltarule.data import load
    >>> found = find_eta(Network.dense([64, 30, 10]), load("digits")[0])
    >>> 0.5 < found.threshold < 2, found.upper_bound / found.threshold < 1.2
    (True, True)
    """
    training, execution = split_keywords("find_eta", training, execution, keywords)
    check("network", network, instance(Network, "a Network"))
    assert isinstance(network, Network)
    check_arguments(network, train, None, ())
    check_fit(network, train, None, replace(training, validate_every=0, keep_best=False))
    test = _Test(network, train, training, execution)
    trials: dict[float, EtaTrial] = {}

    def decreases(eta: float) -> bool:
        if eta not in trials:
            trials[eta] = test.trial(eta)
            if watch is not None:
                watch(trials[eta])
        return trials[eta].decreases

    low = high = START
    while decreases(high):
        low, high = high, _rounded(10 * high)
        if high > LARGEST:
            raise InvalidArgument(
                f"the cost decreases at every eta up to {low:g}: there is no threshold to find", argument="network"
            )
    while not decreases(low):
        low, high = _rounded(low / 10), low
        if low < SMALLEST:
            raise InvalidArgument(
                f"the cost decreases at no eta down to {high:g}",
                argument="network",
                remedy="look at the data (are the inputs of the size of 1, and do the labels fit?) and at the cost "
                "and first weights of the network",
            )
    for _ in range(HALVINGS):
        middle = _rounded((low * high) ** 0.5)
        low, high = (middle, high) if decreases(middle) else (low, middle)
    return EtaRange(tuple(sorted(trials.values(), key=lambda trial: trial.eta)))


class _Test:
    """Tries one η after another with the same program, examples and starts."""

    def __init__(self, network: Network, train: Dataset, training: Training, execution: Execution) -> None:
        self.batch_size = min(training.batch_size, len(train))
        self.seeds = [training.seed + i for i in range(SEEDS)]
        self.steps = min(600, max(2 * MEASURES, 60_000 // self.batch_size))
        self.descent = make_descent(network, train, training)
        params, steps, dtype = network.init(training.seed), 8 * SEEDS * self.steps, training.dtype
        chosen, _ = choose_engine(execution, network, params, steps, self.batch_size)
        self.program: Program = chosen.program(self.descent, dtype)
        some = np.random.default_rng(training.seed).permutation(len(train))[: self.steps * self.batch_size]
        self.n = len(some)
        self.examples = self.program.place(Examples.of(train.take(some), network, dtype))
        self.probe = self.program.place(Examples.of(train.take(some[:PROBE]), network, dtype))

    def trial(self, eta: float) -> EtaTrial:
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
            value = self.descent.network.cost.value(z, np.asarray(self.probe.y))
            return float(value) + float(self.descent.penalty(map_leaves(np.asarray, params)))


def _rounded(eta: float) -> float:
    """To two digits, as one writes a learning rate."""
    return float(f"{eta:.1e}")
