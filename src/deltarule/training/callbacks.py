"""Callbacks, which measure, print, stop or save during training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import nan
from typing import Any

import numpy as np

from deltarule.core.constraints import Constraint, check, whole
from deltarule.data.dataset import Dataset
from deltarule.engines.examples import Examples
from deltarule.errors import DivergedError, InvalidArgument
from deltarule.models.model import Model
from deltarule.models.targets import check_accuracy
from deltarule.notebook.progress import Bar, Display, open_display
from deltarule.training.plan import Moment


class Callback:
    """The base class of callbacks, whose methods :func:`deltarule.fit` calls during training.

    A subclass overrides the methods it needs. A callback observes; it does not change the run.

    Attributes:
        every: Call ``on_steps`` after each ``every`` mini-batches; with 0, call it only when the engine pauses.
        first_process_only: Call this callback only in the first of several processes, for example to print.

    >>> import deltarule as dr
    >>> class CountEpochs(dr.Callback):
    ...     epochs = 0
    ...     def on_epoch(self, moment):
    ...         self.epochs += 1
    ...         return self.epochs == 3  # stop
    >>> train = dr.data.load("digits")[0].take(slice(100))
    >>> count = CountEpochs()
    >>> len(dr.fit(dr.Network.dense([64, 10]), train, epochs=9, callbacks=[count]).history)
    3
    """

    every: int = 0
    first_process_only: bool = False

    def on_start(self, moment: Moment) -> None:
        """Run before the first step."""

    def on_steps(self, moment: Moment) -> None:
        """Run between steps, several times a second and after each ``every`` steps."""

    def measure(self, moment: Moment) -> Mapping[str, Any]:
        """Return numbers to add to the record of the epoch just finished, under new names."""
        return {}

    def on_epoch(self, moment: Moment) -> bool:
        """Run after an epoch, whose record is in ``moment.at.history``; return True to stop training."""
        return False

    def after_epoch(self, moment: Moment, last: bool) -> None:
        """Run after every callback's ``on_epoch``; ``last`` is True after the last epoch."""

    def on_interrupt(self, moment: Moment) -> None:
        """Run when the user interrupts training, after the current step."""

    def on_end(self, moment: Moment) -> None:
        """Run after the last epoch."""

    def on_exit(self) -> None:
        """Release what ``on_start`` acquired; runs at the end, also after an error, if ``on_start`` succeeded."""


class EarlyStopping(Callback):
    """A callback that stops training when validation accuracy or R² has not improved for ``n`` epochs (chapter 3).

    >>> import deltarule as dr
    >>> train, validation, _ = dr.data.load("digits")
    >>> network = dr.Network.dense([64, 10])
    >>> stop = EarlyStopping(2)
    >>> len(dr.fit(network, train, eta=0.0, epochs=9, validation=validation, callbacks=[stop]).history)
    3
    """

    def __init__(self, n: int = 10) -> None:
        check("n", n, whole(1), "EarlyStopping")
        self.n = n

    def on_start(self, moment: Moment) -> None:
        check_accuracy("EarlyStopping", moment.plan.validation)

    def on_epoch(self, moment: Moment) -> bool:
        history = moment.at.history
        return bool(len(history) - 1 - history.best(history.score)["epoch"] >= self.n)


class Progress(Callback):
    """A callback that prints a line after each epoch, or if there are more than 100, about 50 lines in all.

    In a notebook of Jupyter or marimo it shows one bar, with the line of the last epoch beside it.

    The line has the number and percentage of correct validation examples, the time, and the training examples per
    second. If the labels are real numbers, it has R² or the validation cost in place of the number and percentage.
    Without a validation set it has only the time and the speed.

    Args:
        write: The function that prints a line, also in a notebook; by default ``print``, or the bar of a notebook.

    >>> import deltarule as dr
    >>> train, validation, _ = dr.data.load("digits")
    >>> lines = []
    >>> progress = Progress(lines.append)
    >>> model = dr.fit(dr.Network.dense([64, 10]), train, epochs=1, validation=validation, callbacks=[progress])
    >>> lines[0][:9], " / 300  " in lines[0]
    ('Epoch 1: ', True)
    """

    first_process_only = True

    def __init__(self, write: Callable[[str], Any] | None = None) -> None:
        self.write = print if write is None else write
        self._is_default = write is None
        self._display: Display | None = None

    def on_start(self, moment: Moment) -> None:
        self._display = open_display() if self._is_default else None

    def on_steps(self, moment: Moment) -> None:
        if self._display is not None:
            self._display.update(self._build_bar(moment))

    def on_epoch(self, moment: Moment) -> bool:
        plan, record = moment.plan, moment.at.history.last
        if self._display is not None:
            self._display.update(self._build_bar(moment))
        elif moment.is_last or not record["epoch"] or not (record["epoch"] + 1) % choose_interval(plan.training.epochs):
            self.write(self._format(moment))
        return False

    def on_end(self, moment: Moment) -> None:
        if self._display is not None:
            self._display.update(self._build_bar(moment), at_once=True)

    def _build_bar(self, moment: Moment) -> Bar:
        at, epochs = moment.at, moment.plan.training.epochs
        done = at.epoch + at.step / moment.plan.clock.steps_per_epoch
        text = self._format(moment) if at.history.records else f"Epoch 1 of {epochs}"
        return Bar(done / max(epochs, 1), text)

    def _format(self, moment: Moment) -> str:
        """Format the line of the last epoch."""
        plan, record = moment.plan, moment.at.history.last
        epoch = f"Epoch {record['epoch'] + 1:>{len(str(plan.training.epochs))}}: "
        rate = len(plan.train) / max(record["seconds"], 1e-9)
        time = f"{record['seconds']:6.2f} s  {rate:>9,.0f} {name_examples(plan.train)}/s"
        if plan.validation is None:
            return epoch + time
        if "validation_accuracy" not in record:
            r2 = f"R² {record['validation_r2']:.4f}  " if "validation_r2" in record else ""
            return f"{epoch}{r2}cost {record['validation_cost']:.4g}  {time}"
        n, accuracy = len(plan.validation), record["validation_accuracy"]
        return f"{epoch}{round(accuracy * n)} / {n}  {100 * accuracy:.2f} %  {time}"


def choose_interval(epochs: int) -> int:
    """Choose after how many epochs a line is printed: 1 for up to 100, otherwise a round number for about 50 lines.

    >>> [choose_interval(epochs) for epochs in (30, 100, 101, 400, 2000)]
    [1, 1, 5, 10, 50]
    """
    if epochs <= 100:
        return 1
    intervals: list[int] = [step * 10**i for i in range(20) for step in (1, 2, 5)]
    return next(n for n in intervals if n > 2 and epochs / n <= 50)


def name_examples(dataset: Dataset) -> str:
    """Return what to call the examples of a data set: "images", "rows" of a table, or "examples"."""
    return "images" if dataset.x.ndim > 2 else "rows" if dataset.schema is not None else "examples"


_MEASURED = Constraint(
    "a Dataset or a function of the model", lambda value: isinstance(value, Dataset) or callable(value)
)


class Monitor(Callback):
    """A callback that records cost and accuracy on the training set, or other measurements, after each epoch.

    ``Monitor()`` records ``training_cost`` (with regularization) and ``training_accuracy``, ``Monitor(test=dataset)``
    records ``test_cost`` and ``test_accuracy``, and ``Monitor(norm=f)`` records ``f(model)`` as ``norm``. Weights of
    examples and penalties of layers do not count in these costs.

    Args:
        **sources: Data sets, or functions of the model, by name.

    Raises:
        InvalidArgument: If a source is neither a data set nor a function; and, before the first step, if a name is
            already recorded.

    >>> import deltarule as dr
    >>> train, _, test = dr.data.load("digits")
    >>> monitors = [Monitor(), Monitor(test=test)]
    >>> record = dr.fit(dr.Network.dense([64, 10]), train, epochs=1, callbacks=monitors).history.last
    >>> [name for name in record if name.endswith("accuracy")]
    ['training_accuracy', 'test_accuracy']
    """

    def __init__(self, **sources: Dataset | Callable[[Model], Any]) -> None:
        for name, source in sources.items():
            check(name, source, _MEASURED, "Monitor")
        self.sources = sources

    def on_start(self, moment: Moment) -> None:
        for name, source in self.sources.items():
            for recorded in (f"{name}_accuracy", f"{name}_cost") if isinstance(source, Dataset) else (name,):
                if recorded in moment.plan.recorded_names:
                    raise InvalidArgument(
                        f"Monitor({name}=…) would record {recorded!r}, which is already recorded",
                        argument=name,
                        owner="Monitor",
                        remedy=f"choose another name instead of {name}",
                    )

    def measure(self, moment: Moment) -> Mapping[str, Any]:
        model, sources = moment.model, self.sources or {"training": moment.plan.train}
        record: dict[str, Any] = {}
        for name, source in sources.items():
            if isinstance(source, Dataset):
                figures = self._evaluate(moment, model, source)
                record |= {f"{name}_{figure}": value for figure, value in figures.items()}
            else:
                record[name] = source(model)
        if not self.sources:
            record["training_cost"] += float(moment.plan.descent.penalty(model.params))
        return record

    def _evaluate(self, moment: Moment, model: Model, dataset: Dataset) -> Mapping[str, float]:
        """Return accuracy and cost, or NaN for a diverged model whose training continues."""
        try:
            return model.evaluate(dataset)
        except DivergedError:
            if moment.plan.training.stop_if_not_finite:
                raise
            labels = model.preprocessing.find_labels(dataset)
            names = ("cost",) if labels.dtype.kind == "f" else ("accuracy", "cost")
            return dict.fromkeys(names, nan)


class GradientNorms(Callback):
    """A callback that records ‖∂C/∂b‖ of each layer with biases as ``gradient_norms``, in order (chapter 5).

    The gradient of the biases equals δ (BP3), so its norm measures how fast a layer learns.

    Args:
        examples: The number of training examples to use, the first ones of the training set.

    >>> import deltarule as dr
    >>> train = dr.data.load("digits")[0].take(slice(100))
    >>> model = dr.fit(dr.Network.dense([64, 20, 10]), train, epochs=1, callbacks=[GradientNorms()])
    >>> len(model.history.last["gradient_norms"])
    2
    """

    def __init__(self, examples: int = 1000) -> None:
        check("examples", examples, whole(1), "GradientNorms")
        self.examples = examples

    def on_start(self, moment: Moment) -> None:
        plan = moment.plan
        self.evaluator = plan.engine.evaluator(plan.network, plan.training.dtype)
        sample, dtype = plan.train.take(slice(self.examples)), plan.training.dtype
        self.sample = self.evaluator.place(Examples.from_dataset(sample, plan.network, dtype, plan.preprocessing))

    def measure(self, moment: Moment) -> Mapping[str, Any]:
        grads = self.evaluator.gradients(moment.at.params, self.sample)
        return {"gradient_norms": [float(np.linalg.norm(layer["b"])) for layer in grads if "b" in layer]}
