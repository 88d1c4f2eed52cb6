"""The cost of some training examples during a run, several times a second."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from deltarule.engines import Examples
from deltarule.training.plan import Moment, Plan

EXAMPLES = 300
"""The number of training examples, at even distances in the training set."""

INTERVAL = 0.2
"""The least seconds between two measurements."""

SHARE = 0.05
"""The most of the time that the measurements may take."""


class CostProbe:
    """Measures the cost of a run, without the regularization."""

    def __init__(self, plan: Plan) -> None:
        sample = np.unique(np.linspace(0, len(plan.train) - 1, EXAMPLES).astype(int))
        dtype = plan.training.dtype
        self._evaluator = plan.engine.evaluator(plan.network, dtype)
        examples = Examples.from_dataset(plan.train.take(sample), plan.network, dtype, plan.preprocessing)
        self._examples = self._evaluator.place(examples)
        self._next = 0.0

    def measure(self, moment: Moment, at_once: bool = False) -> float | None:
        """Measure the cost; return None if it is too soon after the last measurement, unless ``at_once``."""
        began = perf_counter()
        if began < self._next and not at_once:
            return None
        z = self._evaluator.weighted_inputs(moment.plan.params_in_use(moment.at), self._examples)
        weights = None if self._examples.weights is None else np.asarray(self._examples.weights)
        with np.errstate(all="ignore"):
            cost = float(moment.plan.network.cost.weighted_value(z, np.asarray(self._examples.y), weights))
        now = perf_counter()
        self._next = now + max(INTERVAL, (now - began) / SHARE)
        return cost
