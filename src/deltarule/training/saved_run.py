"""The state of a run read from a checkpoint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from deltarule.core.constraints import check, whole
from deltarule.core.optimizers import State
from deltarule.core.schedules import Schedule
from deltarule.core.trees import map_leaves
from deltarule.data.dataset import Dataset, fingerprint
from deltarule.errors import FileError, InvalidArgument
from deltarule.models import files
from deltarule.models.description import DAMAGE, describe
from deltarule.models.model import Model
from deltarule.models.parameters import read_parameters
from deltarule.models.unpacking import unpack_model
from deltarule.training.arguments import check_arguments
from deltarule.training.plan import Position
from deltarule.training.training import Training


@dataclass(frozen=True)
class SavedRun:
    """A run as its checkpoint saved it.

    Attributes:
        model: The model so far.
        training: The settings.
        at: The position.
        is_finished: Whether the run came to its end.
        data: The fingerprint of the training set.
        validation: The fingerprint of the validation set, or None.
        every: The number of steps between checkpoints.
    """

    model: Model
    training: Training
    at: Position
    is_finished: bool
    data: Any
    validation: Any
    every: int

    @property
    def epochs_begun(self) -> int:
        """The number of epochs done or begun."""
        return self.at.epoch + (self.at.step > 0)

    def is_done(self, epochs: int | None) -> bool:
        """Check whether the run is finished, for this number of epochs or else as planned."""
        return self.is_finished and (epochs is None or epochs <= self.training.epochs)

    def change(self, epochs: int | None, eta: float | Schedule | None) -> tuple[Training, Position]:
        """Return the training with other settings unless they are None, and the position with a change of η recorded.

        Raises :class:`InvalidArgument` for an invalid η, and for another one if the run is finished.
        """
        training = self.training if epochs is None else replace(self.training, epochs=epochs)
        changed = training if eta is None else self._replace_eta(training, eta)
        schedules = {"before": describe(training.schedule), "after": describe(changed.schedule)}
        if schedules["before"] == schedules["after"]:
            return training, self.at
        if self.is_done(epochs):
            raise InvalidArgument(
                argument="eta",
                expected="None, because the run is finished",
                value=eta,
                remedy=f"give more epochs as well, such as epochs={len(self.model.history) + 10}",
            )
        steps = -(-self.model.settings["training_examples"] // training.batch_size)
        at, change = self.at, {"epoch": self.at.epoch, "step": self.at.epoch * steps + self.at.step}
        return changed, replace(at, history=at.history.add_change({**change, **schedules}))

    def _replace_eta(self, training: Training, eta: float | Schedule) -> Training:
        try:
            return replace(training, eta=eta)
        except InvalidArgument as error:
            raise error.with_fields(owner="") from None

    def check_data(self, folder: str | Path, train: Dataset, validation: Dataset | None) -> None:
        """Raise :class:`InvalidArgument` unless the data sets are those of the run."""
        check_arguments(self.model, train, validation, ())
        _check_same("train", folder, self.data, train)
        _check_same("validation", folder, self.validation, validation)


def check_epochs(folder: str | Path, epochs: int | None, done: int) -> None:
    """Raise :class:`InvalidArgument` unless ``epochs`` is None or a whole number of at least ``done``."""
    if epochs is None:
        return
    check("epochs", epochs, whole(1))
    if epochs < done:
        raise InvalidArgument(
            argument="epochs",
            path=folder,
            expected=f"{done} or more, because the run has already done {done}",
            value=epochs,
        )


def read_run(
    path: Path, tensors: Mapping[str, np.ndarray], description: Mapping[str, Any], custom: Iterable[type]
) -> SavedRun:
    """Build the run from a file's content. Raises :class:`FileError` if it is damaged, or a model without a run."""
    model = unpack_model(path, tensors, description, custom)
    position = description.get("position")
    if not isinstance(position, dict):
        raise FileError(
            "expected a run, got a model without the state of its training",
            path=path,
            remedy="train it further with fit(model, ...)",
        )
    try:
        _check_whole(position, every=0, epoch=0, step=0)
        _check_whole(model.settings, training_examples=1, threads=1)
        _check_texts(model.settings, "engine", "level")
        training = Training.from_description(model.settings, custom)
        at = _build_position(model, training, position, tensors)
        finished, data, validation = position["finished"], position["data"], position["validation"]
    except FileError as error:
        raise error.with_fields(path=path, remedy=error.remedy or files.REMEDY) from None
    except DAMAGE as error:
        problem = f"the file is damaged: {type(error).__name__} {error}"
        raise FileError(problem, path=path, remedy=files.REMEDY) from None
    return SavedRun(model, training, at, finished, data, validation, position["every"])


def _build_position(
    model: Model, training: Training, position: Mapping[str, Any], tensors: Mapping[str, np.ndarray]
) -> Position:
    steps = -(-model.settings["training_examples"] // training.batch_size)
    if position["epoch"] != len(model.history) or position["step"] >= steps:
        done = _count(len(model.history), "epoch")
        raise FileError(
            f"the file is damaged: its history has {done}, so the position must be after {done} and fewer than "
            f"{_count(steps, 'step')}, "
            f"got {_count(position['epoch'], 'epoch')} and {_count(position['step'], 'step')}",
        )
    optimizer, params = training.optimizer, model.params
    known: dict[str, np.ndarray] = {}
    if hasattr(optimizer, "params_in_use"):
        params = read_parameters("learning", tensors, model.network)
        known |= files.flatten("learning", params)
    start = optimizer.init(params)
    state = {name: files.unflatten(f"optimizer/{name}", tensors, len(tree)) for name, tree in start.items()}
    if _shapes(state) != _shapes(start):
        raise FileError("expected an optimizer state that fits the parameters, got other names or shapes")
    for name, tree in state.items():
        known |= files.flatten(f"optimizer/{name}", tree)
    if surplus := [name for name in tensors if name.startswith(("learning/", "optimizer/")) and name not in known]:
        raise FileError(f"expected an optimizer state that fits the parameters, got the further tensor {surplus[0]!r}")
    best = model.best.params if model.best else None
    seconds = float(position["seconds"])
    return Position(params, state, position["epoch"], position["step"], model.history, best, seconds)


def _shapes(state: State) -> dict[str, Any]:
    return {name: map_leaves(np.shape, tree) for name, tree in state.items()}


def _check_whole(values: Mapping[str, Any], **least: int) -> None:
    for name, low in least.items():
        if type(values[name]) is not int or values[name] < low:
            problem = f"the file is damaged: its field {name!r} must be a whole number of at least {low}"
            raise FileError(f"{problem}, got {values[name]!r}")


def _check_texts(values: Mapping[str, Any], *names: str) -> None:
    for name in names:
        if not isinstance(value := values.get(name, ""), str):
            raise FileError(f"the file is damaged: its field {name!r} must be a text, got {value!r}")


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _check_same(argument: str, folder: str | Path, expected: Any, dataset: Dataset | None) -> None:
    if expected != (None if dataset is None else fingerprint(dataset)):
        raise InvalidArgument(
            argument=argument,
            path=folder,
            expected="None, as in the run so far" if expected is None else "the same data as in the run so far",
            value=dataset,
            remedy="pass the data that the run began with",
        )
