"""A run that a checkpoint saved, read again: its model, its training, and where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deltarule.core.constraints import check, whole
from deltarule.core.optimizers import State
from deltarule.core.trees import map_leaves
from deltarule.data.dataset import Dataset, fingerprint
from deltarule.errors import FileError, InvalidArgument
from deltarule.models import files
from deltarule.models.description import DAMAGE
from deltarule.models.model import Model, unpack_model
from deltarule.models.parameters import read_parameters
from deltarule.training.arguments import check_arguments
from deltarule.training.plan import Position
from deltarule.training.training import Training


@dataclass(frozen=True)
class SavedRun:
    """A run as a checkpoint kept it: the model so far, its training, the position, and what its data were."""

    model: Model
    training: Training
    at: Position
    finished: bool
    data: Any
    validation: Any
    every: int

    @property
    def epochs(self) -> int:
        """How many epochs it has done, one that it is in the middle of among them."""
        return self.at.epoch + (self.at.step > 0)

    def is_done(self, epochs: int | None) -> bool:
        """Whether there is nothing left to do for as many epochs."""
        return self.finished and (epochs is None or epochs <= self.training.epochs)

    def check_data(self, folder: str | Path, train: Dataset, validation: Dataset | None) -> None:
        """Raises :class:`InvalidArgument` for data that are not what the run began with."""
        check_arguments(self.model, train, validation, ())
        _refuse_other("trained", folder, self.data, train)
        _refuse_other("validated", folder, self.validation, validation)


def check_epochs(folder: str | Path, epochs: int | None, done: int) -> None:
    """Raise :class:`InvalidArgument` for fewer epochs than a run has done, and for what is no number of them."""
    if epochs is None:
        return
    check("epochs", epochs, whole(1))
    if epochs < done:
        raise InvalidArgument(
            argument="epochs", expected=f"{done} or more, as {folder} has done {done} already", value=epochs
        )


def read_run(
    path: Path, tensors: Mapping[str, np.ndarray], description: Mapping[str, Any], custom: Iterable[type]
) -> SavedRun:
    """The run in a file's content. Raises :class:`FileError` if it is damaged, or a model without a position."""
    model = unpack_model(path, tensors, description, custom)
    position = description.get("position")
    if not isinstance(position, dict):
        raise FileError(f"{path} is a model without the state of its training; train it further with fit(model, ...)")
    try:
        _check_whole(position, every=0, epoch=0, step=0)
        _check_whole(model.settings, training_examples=1, threads=1)
        training = Training.from_description(model.settings, custom)
        at = _position(model, training, position, tensors)
        finished, data, validated = position["finished"], position["data"], position["validation"]
    except FileError as error:
        raise FileError(f"{path}: {error}") from None
    except DAMAGE as error:
        raise FileError(f"{path} is damaged: {type(error).__name__} {error}") from None
    return SavedRun(model, training, at, finished, data, validated, position["every"])


def _position(
    model: Model, training: Training, position: Mapping[str, Any], tensors: Mapping[str, np.ndarray]
) -> Position:
    steps = -(-model.settings["training_examples"] // training.batch_size)
    if position["epoch"] != len(model.history) or position["step"] >= steps:
        raise FileError(
            f"it stands at epoch {position['epoch']}, step {position['step']}, "
            f"but has {len(model.history)} epochs of {steps} steps in its history"
        )
    optimizer, params = training.optimizer, model.params
    known: dict[str, np.ndarray] = {}
    if hasattr(optimizer, "params_in_use"):
        params = read_parameters("learning", tensors, model.network)
        known |= files.flatten("learning", params)
    start = optimizer.init(params)
    state = {name: files.unflatten(f"optimizer/{name}", tensors, len(tree)) for name, tree in start.items()}
    if _shapes(state) != _shapes(start):
        raise FileError("the state of its optimizer does not fit its parameters")
    for name, tree in state.items():
        known |= files.flatten(f"optimizer/{name}", tree)
    if surplus := [name for name in tensors if name.startswith(("learning/", "optimizer/")) and name not in known]:
        raise FileError(f"the state of its optimizer does not fit its parameters: {surplus[0]!r} is a tensor too many")
    best = model.best.params if model.best else None
    seconds = float(position["seconds"])
    return Position(params, state, position["epoch"], position["step"], model.history, best, seconds)


def _shapes(state: State) -> dict[str, Any]:
    return {name: map_leaves(np.shape, tree) for name, tree in state.items()}


def _check_whole(values: Mapping[str, Any], **least: int) -> None:
    for name, low in least.items():
        if type(values[name]) is not int or values[name] < low:
            raise FileError(f"it says {name} {values[name]!r}, where a whole number from {low} belongs")


def _refuse_other(how: str, folder: str | Path, expected: Any, dataset: Dataset | None) -> None:
    if expected == (None if dataset is None else fingerprint(dataset)):
        return
    given = "there are none" if dataset is None else f"these are others ({dataset.name}, {len(dataset)} examples)"
    raise InvalidArgument(
        f"{folder}: the data it was {how} on are to be given again; {given}, and the result would be another"
    )
