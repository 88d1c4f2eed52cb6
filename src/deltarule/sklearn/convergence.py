"""A callback that records the cost after each epoch, and ends the training when there is no more improvement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from typing import Any

import numpy as np

from deltarule.core.trees import map_leaves
from deltarule.engines.examples import Examples
from deltarule.models.model import Model
from deltarule.training.callbacks import Callback
from deltarule.training.plan import Moment, Position

MEASURED = 10_000
"""The largest number of training examples whose cost is measured after each epoch; of more, every second or third …"""

Score = Callable[[Model], float]
"""A function that measures a model: the higher, the better."""


class Convergence(Callback):
    """A callback that stops after more than ``patience`` epochs in a row without an improvement by ``tol``.

    It records the cost of the training set, or of ``MEASURED`` evenly spaced examples, with weights and regularization
    as ``training_cost``, and a score by the name ``figure``.

    With a score, an improvement is the score's, and ``at`` and ``model`` are the last whose score is the highest so
    far (within ``tol``). Without, an improvement is the cost's, and they are the last of all.

    Args:
        tol: The least improvement that counts; None to train for all epochs.
        patience: The number of epochs.
        score: A function of the model, or None.
        figure: The name of the score in the history, ``"validation_accuracy"`` or ``"validation_r2"``.
        write: A function that prints a line after each epoch, or None.
    """

    def __init__(
        self,
        tol: float | None,
        patience: int,
        score: Score | None = None,
        figure: str = "validation_accuracy",
        write: Callable[[str], Any] | None = None,
    ) -> None:
        self.tol, self.patience, self.score, self.write = tol, patience, score, write
        self.figure = figure
        self.best, self.waiting = -inf, 0
        self.at: Position | None = None
        self.model: Model | None = None

    def on_start(self, moment: Moment) -> None:
        plan = moment.plan
        self.evaluator = plan.engine.evaluator(plan.network, plan.training.dtype)
        some = plan.train[:: -(-len(plan.train) // MEASURED)]
        examples = Examples.from_dataset(some, plan.network, plan.training.dtype, plan.preprocessing)
        self.y, self.weights = examples.y, examples.weights
        self.examples = self.evaluator.place(examples)

    def measure(self, moment: Moment) -> Mapping[str, Any]:
        plan, params = moment.plan, moment.plan.params_in_use(moment.at)
        z = self.evaluator.weighted_inputs(params, self.examples)
        with np.errstate(all="ignore"):  # the loop finds parameters that are not finite
            cost = plan.network.cost.weighted_value(z, self.y, self.weights)
            penalty = plan.descent.penalty(map_leaves(np.asarray, params))
        record = {"training_cost": float(cost) + float(penalty)}
        return record if self.score is None else {**record, self.figure: self.score(moment.model)}

    def on_epoch(self, moment: Moment) -> bool:
        record = moment.at.history.last
        if self.write is not None:
            score = "" if self.score is None else f", validation score {record[self.figure]:.4f}"
            self.write(f"Epoch {record['epoch'] + 1}: cost {record['training_cost']:.6f}{score}")
        value = -record["training_cost"] if self.score is None else record[self.figure]
        self.waiting = 0 if self.tol is None or value >= self.best + self.tol else self.waiting + 1
        self.best = max(self.best, value)
        if self.score is not None and value >= self.best - (self.tol or 0.0):
            self._keep(moment)
        return self.waiting > self.patience

    def on_end(self, moment: Moment) -> None:
        if self.score is None:
            self._keep(moment)

    def on_exit(self) -> None:
        del self.evaluator, self.examples, self.y, self.weights

    def _keep(self, moment: Moment) -> None:
        self.at, self.model = moment.at.convert(lambda tree: map_leaves(np.asarray, tree)), moment.model
