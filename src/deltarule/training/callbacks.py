"""Callbacks: what may be measured, shown or decided while a network learns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import nan
from typing import Any

import numpy as np

from deltarule.core.constraints import Constraint, check, whole
from deltarule.data.dataset import Dataset
from deltarule.engines.base import Examples
from deltarule.errors import DivergedError, InvalidArgument
from deltarule.models.model import Model
from deltarule.models.targets import check_accuracy
from deltarule.training.plan import Moment


class Callback:
    """Called by :func:`deltarule.fit`; each method may be left out. A callback changes nothing itself.

    ``every`` asks for ``on_steps`` at every so many mini-batches (0: wherever the engine pauses). With
    ``first_process_only``, as for what prints or writes files, the first of several processes alone calls it.
    """

    every: int = 0
    first_process_only: bool = False

    def on_start(self, moment: Moment) -> None:
        """Before the first step."""

    def on_steps(self, moment: Moment) -> None:
        """Between steps, several times a second, and whenever ``every`` steps are done."""

    def measure(self, moment: Moment) -> Mapping[str, Any]:
        """Numbers to add to the record of the epoch that has just ended, by names that it does not have yet."""
        return {}

    def on_epoch(self, moment: Moment) -> bool:
        """After an epoch, its record in ``moment.at.history``. Returns whether to stop."""
        return False

    def after_epoch(self, moment: Moment, last: bool) -> None:
        """When all callbacks have been asked whether to stop; ``last`` is whether this was the last epoch."""

    def on_interrupt(self, moment: Moment) -> None:
        """When the user interrupts, after the step that was under way."""

    def on_end(self, moment: Moment) -> None:
        """After the last epoch."""

    def on_exit(self) -> None:
        """When the training is over, however it ended, if ``on_start`` succeeded: release what that took."""


class EarlyStopping(Callback):
    """Stops when validation accuracy has not improved for ``n`` epochs (chapter 3)."""

    def __init__(self, n: int = 10) -> None:
        check("n", n, whole(1), "EarlyStopping")
        self.n = n

    def on_start(self, moment: Moment) -> None:
        check_accuracy("EarlyStopping", moment.plan.validation)

    def on_epoch(self, moment: Moment) -> bool:
        history = moment.at.history
        return bool(len(history) - 1 - history.best("validation_accuracy")["epoch"] >= self.n)


class Progress(Callback):
    """Prints a line an epoch in the book's manner: ``Epoch 0: 9129 / 10000``, then rate and time.

    ``write`` is what prints; the counts are of the validation data, where there are such.
    """

    first_process_only = True

    def __init__(self, write: Callable[[str], Any] = print) -> None:
        self.write = write

    def on_epoch(self, moment: Moment) -> bool:
        plan, record = moment.plan, moment.at.history.last
        epoch = f"Epoch {record['epoch']:>{len(str(plan.training.epochs - 1))}}: "
        rate = len(plan.train) / max(record["seconds"], 1e-9)
        time = f"{record['seconds']:6.2f} s  {rate:>9,.0f} {name_examples(plan.train)}/s"
        if plan.validation is None:
            self.write(epoch + time)
        elif "validation_accuracy" not in record:
            self.write(f"{epoch}cost {record['validation_cost']:.4g}  {time}")
        else:
            n, accuracy = len(plan.validation), record["validation_accuracy"]
            self.write(f"{epoch}{round(accuracy * n)} / {n}  {100 * accuracy:.2f} %  {time}")
        return False


def name_examples(dataset: Dataset) -> str:
    """What the examples of a data set are called."""
    return "images" if dataset.x.ndim > 2 else "examples"


_WATCHED = Constraint(
    "a Dataset or a function of the model", lambda value: isinstance(value, Dataset) or callable(value)
)


class Monitor(Callback):
    """Records, each epoch, cost and accuracy on the training data, or any function of the model.

    ``Monitor()`` adds ``training_cost`` (with regularization) and ``training_accuracy``;
    ``Monitor(test=dataset)`` adds ``test_cost`` and ``test_accuracy``; ``Monitor(norm=f)`` adds
    ``norm``, what f(model) returns. Raises :class:`InvalidArgument` for anything else to watch, and before
    the first step for a name under which something is recorded already.
    """

    def __init__(self, **watched: Dataset | Callable[[Model], Any]) -> None:
        for name, what in watched.items():
            check(name, what, _WATCHED, "Monitor")
        self.watched = watched

    def on_start(self, moment: Moment) -> None:
        for name, what in self.watched.items():
            for recorded in (f"{name}_accuracy", f"{name}_cost") if isinstance(what, Dataset) else (name,):
                if recorded in moment.plan.recorded_names:
                    raise InvalidArgument(
                        f"{recorded} is recorded already", argument=name, owner="Monitor", remedy="give it another name"
                    )

    def measure(self, moment: Moment) -> Mapping[str, Any]:
        model, watched = moment.model, self.watched or {"training": moment.plan.train}
        record: dict[str, Any] = {}
        for name, what in watched.items():
            if isinstance(what, Dataset):
                record |= {f"{name}_{found}": value for found, value in self._measured(moment, model, what).items()}
            else:
                record[name] = what(model)
        if not self.watched:
            record["training_cost"] += float(moment.plan.descent.penalty(model.params))
        return record

    def _measured(self, moment: Moment, model: Model, dataset: Dataset) -> Mapping[str, float]:
        """Accuracy and cost; NaN for a model that has diverged in a training that is to go on all the same."""
        try:
            return model.evaluate(dataset)
        except DivergedError:
            if moment.plan.training.stop_if_not_finite:
                raise
            names = ("cost",) if dataset.labels.dtype.kind == "f" else ("accuracy", "cost")
            return dict.fromkeys(names, nan)


class GradientNorms(Callback):
    """Records ‖∂C/∂b‖ for each layer that learns: ``gradient_norms``, first layer first (chapter 5).

    With the biases' gradient equal to δ (BP3), it says how fast each layer learns. Taken over the
    first ``examples`` of the training data.
    """

    def __init__(self, examples: int = 1000) -> None:
        check("examples", examples, whole(1), "GradientNorms")
        self.examples = examples

    def on_start(self, moment: Moment) -> None:
        plan = moment.plan
        self.evaluator = plan.engine.evaluator(plan.network, plan.training.dtype)
        some = Examples.of(plan.train.take(slice(self.examples)), plan.network, plan.training.dtype)
        self.some = self.evaluator.place(some)

    def measure(self, moment: Moment) -> Mapping[str, Any]:
        grads = self.evaluator.gradients(moment.at.params, self.some)
        return {"gradient_norms": [float(np.linalg.norm(layer["b"])) for layer in grads if "b" in layer]}
