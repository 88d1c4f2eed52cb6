"""Training in the book's third program: its printed lines, η by epoch, random transforms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from deltarule.core.augmentation import Augmentation
from deltarule.core.constraints import Constraint, check, number, with_functions
from deltarule.core.distortions import Affine, Chain, Shift
from deltarule.core.layer import Array
from deltarule.core.schedules import Clock, Constant, Records, Schedule
from deltarule.data.dataset import Dataset
from deltarule.engines.examples import Examples
from deltarule.models.metrics import evaluate_outputs
from deltarule.training.callbacks import Callback
from deltarule.training.plan import Moment, Plan

_print_line = partial(print, flush=True)  # visible at once, also in a file

EVERY = 1000
"""Mini-batches between two printed lines."""


@dataclass(frozen=True)
class ByEpoch:
    """A schedule with one learning rate for each epoch."""

    etas: tuple[float, ...]

    def eta(self, steps: Array, clock: Clock, history: Records) -> Array:
        return np.asarray(self.etas)[np.asarray(steps) // clock.steps_per_epoch]

    def is_finished(self, history: Records) -> bool:
        return False


def make_schedule(eta: float | Callable[[int], float] | Schedule, epochs: int) -> Schedule:
    """Make a schedule of a number, of a function of the epoch (from 0), or of a schedule of the library.

    >>> make_schedule(lambda epoch: 0.1 / 2**epoch, 3)
    ByEpoch(etas=(0.1, 0.05, 0.025))
    """
    if isinstance(eta, (int, float, np.number)) and not isinstance(eta, bool):
        check("eta", eta, number(0))
        return Constant(float(eta))
    if SCHEDULE.accepts(eta):
        return eta  # type: ignore[return-value] # as just checked
    check("eta", eta, ETA)
    etas = [eta(epoch) for epoch in range(epochs)]  # type: ignore[operator] # a function, as just checked
    for epoch, value in enumerate(etas):
        check("eta", value, number(0), f"epoch {epoch}")
    return ByEpoch(tuple(map(float, etas)))


SCHEDULE = with_functions(["eta", "is_finished"], "a schedule such as Exponential(…)")
ETA = Constraint(
    f"a number, a function of the epoch, or {SCHEDULE.expected}",
    lambda eta: callable(eta) and not isinstance(eta, type),
)
"""The rule for a learning rate that is not a number and not a schedule."""


def random_transforms(rotation: float = 5.0, shift: int = 1, skew: float = 1.0, side: int = 28) -> Augmentation:
    """Make an augmentation that rotates, shifts and skews each image at random for every mini-batch.

    Args:
        rotation: The largest angle in degrees, in both directions.
        shift: The largest shift in whole pixels, vertically and horizontally.
        skew: The largest shift of the first row in pixels; the middle row stays.
        side: The number of rows of an image.

    >>> random_transforms()
    Chain(parts=(Affine(rotation=5.0, shift=0.0, scale=0.0, skew=0.07407407407407407), Shift(pixels=1)))
    """
    return Chain([Affine(rotation=rotation, skew=2 * skew / (side - 1)), Shift(shift)])


class ProgressLines(Callback):
    """A callback that prints the program's lines; of equal validation accuracies, the last is the best."""

    every = EVERY
    first_process_only = True

    def __init__(self, schedule: Schedule, test: Dataset | None, training: Dataset | None) -> None:
        self.schedule, self.test, self.training = schedule, test, training
        self.best: Mapping[str, Any] = {"validation_accuracy": 0.0}
        self.test_accuracy = float("nan")

    def on_start(self, moment: Moment) -> None:
        self.evaluate = _make_evaluator(moment.plan)
        _print_line("Training mini-batch number 0")

    def on_steps(self, moment: Moment) -> None:
        steps, at = moment.plan.clock.steps_per_epoch, moment.at
        if at.step < steps:  # after the last step, the line of the epoch comes first
            _announce(at.epoch * steps + at.step)

    def measure(self, moment: Moment) -> Mapping[str, Any]:
        if self.training is None:
            return {}
        return {f"training_{name}": value for name, value in self.evaluate(moment, self.training).items()}

    def on_epoch(self, moment: Moment) -> bool:
        record = moment.at.history.last
        epoch, accuracy = record["epoch"], record["validation_accuracy"]
        _print_line(f"Epoch {epoch}: validation accuracy {accuracy:.2%}")
        if accuracy >= self.best["validation_accuracy"]:
            _print_line("This is the best validation accuracy to date.")
            self.best = record
            if self.test is not None:
                self.test_accuracy = self.evaluate(moment, self.test)["accuracy"]
                _print_line(f"The corresponding test accuracy is {self.test_accuracy:.2%}")
        if "training_accuracy" in record:
            training = f"{record['training_accuracy']:.2%} (cost {record['training_cost']:.4f})"
            _print_line(f"Epoch {epoch}: training accuracy {training}, validation cost {record['validation_cost']:.4f}")
        if not isinstance(self.schedule, Constant) and epoch + 1 < moment.plan.training.epochs:
            step = np.asarray([record["step"]])
            eta = float(self.schedule.eta(step, moment.plan.clock, moment.at.history.records)[0])
            _print_line(f"New learning rate: {eta:.3f}")
        return False

    def after_epoch(self, moment: Moment, last: bool) -> None:
        if not last:
            _announce(moment.at.epoch * moment.plan.clock.steps_per_epoch)

    def on_end(self, moment: Moment) -> None:
        _print_line("Finished training network.")
        accuracy, iteration = self.best["validation_accuracy"], self.best["step"] - 1
        _print_line(f"Best validation accuracy of {accuracy:.2%} obtained at iteration {iteration}")
        if self.test is not None:
            _print_line(f"Corresponding test accuracy of {self.test_accuracy:.2%}")


def _make_evaluator(plan: Plan) -> Callable[[Moment, Dataset], Mapping[str, float]]:
    """Make a function that computes accuracy and cost on a data set with the engine of the training."""
    network, dtype, own = plan.network, plan.training.dtype, plan.preprocessing
    evaluator = plan.engine.evaluator(network, dtype)
    placed: dict[int, Examples] = {}

    def measure(moment: Moment, dataset: Dataset) -> Mapping[str, float]:
        if id(dataset) not in placed:
            placed[id(dataset)] = evaluator.place(Examples.from_dataset(dataset, network, dtype, own))
        examples = placed[id(dataset)]
        return evaluate_outputs(
            network, evaluator.weighted_inputs(plan.params_in_use(moment.at), examples), examples.y, dataset, own
        )

    return measure


def _announce(iteration: int) -> None:
    if iteration % EVERY == 0:
        _print_line(f"Training mini-batch number {iteration}")


def find_overfitting_start(training: Sequence[float], validation: Sequence[float]) -> int:
    """Find the epoch from which training accuracy stays above validation accuracy; without one, the number of epochs.

    >>> find_overfitting_start([0.8, 0.9, 0.97, 0.99], [0.85, 0.92, 0.95, 0.96])
    2
    """
    below = [epoch for epoch, (t, v) in enumerate(zip(training, validation, strict=True)) if t <= v]
    return 1 + max(below, default=-1)
