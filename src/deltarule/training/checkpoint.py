"""Checkpoints: the whole position of a run in one file, from which it goes on to the same last bit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from deltarule.core.checks import check_whole, is_whole
from deltarule.core.optimizers import State
from deltarule.core.trees import leafwise
from deltarule.data.dataset import Dataset, fingerprint
from deltarule.data.order import Shuffled
from deltarule.engines.choice import ENGINES
from deltarule.errors import FileError, InvalidArgument
from deltarule.files import remove_left_overs
from deltarule.models import files
from deltarule.models.description import DAMAGE, build, own_classes
from deltarule.models.ensemble import Ensemble
from deltarule.models.files import MODEL_FILE
from deltarule.models.model import Model, pack_model, unpack_model
from deltarule.models.parameters import read_parameters
from deltarule.training.arguments import check_data
from deltarule.training.callbacks import Callback, KeepBest
from deltarule.training.fit import fit
from deltarule.training.lock import locked, new_run
from deltarule.training.moment import Moment, Position
from deltarule.training.sharing import shared

Write: TypeAlias = Callable[[dict[str, np.ndarray], dict[str, Any]], None]
"""Keeps tensors and a description."""


class Checkpoint(Callback):
    """Saves the run to ``folder`` after each epoch, every ``every`` steps, and when interrupted.

    The file is a model file that :func:`deltarule.load` reads, with the optimizer's state, the
    parameters being learned (where others are in use) and the position beside the model's. It is
    written beside its place and renamed, so whatever happens, the last good one is there.
    :func:`resume` goes on from it. ``write``, given, is handed what else would be written.

    A new run does not replace one that is there: before the first step, :class:`InvalidArgument` is raised
    if ``folder`` holds a run already, or another one is training there, unless ``write`` answers for that.
    """

    first_process_only = True

    def __init__(self, folder: str | Path, every: int = 0, write: Write | None = None) -> None:
        if not is_whole(every, 0):
            raise InvalidArgument(f"Checkpoint(every={every!r}): give a number of steps, or 0 for each epoch alone")
        self.folder, self.every, self._write = files.expanded(folder), every, write

    def on_start(self, moment: Moment) -> None:
        with ExitStack() as held:
            if self._write is None:
                held.enter_context(new_run(self.folder))
            remove_left_overs(self.folder / MODEL_FILE)
            self._data = fingerprint(moment.plan.train)
            self._validation = None if moment.plan.validation is None else fingerprint(moment.plan.validation)
            self._save(moment, finished=moment.is_last)
            self._held = held.pop_all()

    def on_steps(self, moment: Moment) -> None:
        steps, at = moment.plan.clock.steps_per_epoch, moment.at
        if self.every and at.step < steps and (at.epoch * steps + at.step) % self.every == 0:
            self._save(moment)

    def after_epoch(self, moment: Moment, last: bool) -> None:
        self._save(moment, finished=last)

    def on_interrupt(self, moment: Moment) -> None:
        self._save(moment)

    def on_exit(self) -> None:
        self._held.close()

    def _save(self, moment: Moment, finished: bool = False) -> None:
        tensors, description = pack_model(moment.model)
        for name, tree in moment.at.state.items():
            tensors |= files.flatten(f"optimizer/{name}", tree)
        if hasattr(moment.plan.descent.optimizer, "in_use"):  # the model has others
            tensors |= files.flatten("learning", moment.at.params)
        position = {
            "epoch": moment.at.epoch,
            "step": moment.at.step,
            "seconds": moment.at.seconds,
            "data": self._data,
            "validation": self._validation,
            "finished": finished,
            "every": self.every,
        }
        write = self._write or partial(files.write, self.folder / MODEL_FILE)
        write(tensors, {**description, "position": position})


def resume(
    folder: str | Path,
    train: Dataset,
    *,
    validation: Dataset | None = None,
    epochs: int | None = None,
    callbacks: Sequence[Callback] = (),
    custom: Iterable[type] = (),
    devices: int | None = None,
    coordinator: str | None = None,
    processes: int = 1,
    process: int = 0,
) -> Model | Ensemble:
    """Goes on with a run that :class:`Checkpoint` saved, as if it had never stopped.

    The final parameters are, to the bit, those of the run without interruption, on the same
    machine. ``train`` and ``validation`` are the data it began with; ``epochs`` may prolong it, or end it
    sooner than planned, but not before what it has done.
    Callbacks are those for the rest (the run goes on saving itself). A finished run is returned as
    it is.

    It goes on with as many devices as before, or with those of this machine, and warns, where there
    are fewer. ``devices``, ``coordinator``, ``processes`` and ``process`` are those of :func:`fit`:
    each process is given the folder, from which it reads, and process 0 alone writes there.

    Raises :class:`FileError` if there is no checkpoint or it is damaged, and
    :class:`InvalidArgument` if the data is not what the run began with, for fewer epochs than it has done,
    and if ``custom`` is no list of classes.
    """
    folder, custom = files.expanded(folder), own_classes(custom)
    path = folder / MODEL_FILE
    tensors, description = files.read(path)
    if "members" in description:
        from deltarule.training.ensembles import resume_ensemble  # which builds on this module

        return resume_ensemble(
            folder,
            train,
            validation=validation,
            epochs=epochs,
            callbacks=lambda i: callbacks,
            custom=custom,
            devices=devices,
            coordinator=coordinator,
            processes=processes,
            process=process,
        )
    begun = begun_in(path, tensors, description, custom)
    refuse_fewer(folder, epochs, begun.epochs)
    if begun.is_done(epochs):
        return begun.model
    with locked(folder) if process == 0 else nullcontext():
        begun = begun_in(path, *files.read(path), custom)  # again: until now another may have gone on with it
        refuse_fewer(folder, epochs, begun.epochs)
        if begun.is_done(epochs):
            return begun.model
        begun.refuse_other(folder, train, validation)
        saving = Checkpoint(folder, begun.every, partial(files.write, path))
        watching = [*callbacks, *begun.keeping, saving]
        arguments = begun.arguments if epochs is None else {**begun.arguments, "epochs": epochs}
        arguments |= shared(folder, begun.model.settings, devices, coordinator, processes, process)
        return fit(begun.model.network, train, validation=validation, callbacks=watching, resume=begun.at, **arguments)


@dataclass(frozen=True)
class Begun:
    """A run as a checkpoint kept it: the model so far, fit's arguments, the position, and what its data were."""

    model: Model
    arguments: dict[str, Any]
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
        return self.finished and (epochs is None or epochs <= self.arguments["epochs"])

    def refuse_other(self, folder: str | Path, train: Dataset, validation: Dataset | None) -> None:
        """Raises :class:`InvalidArgument` for data that are not what the run began with."""
        check_data(train=train, **({} if validation is None else {"validation": validation}))
        _refuse_other("trained", folder, self.data, train)
        _refuse_other("validated", folder, self.validation, validation)

    @property
    def keeping(self) -> list[Callback]:
        """The callbacks of which the settings know."""
        return [KeepBest()] if self.model.settings["keep_best"] else []


def refuse_fewer(folder: str | Path, epochs: int | None, done: int) -> None:
    """Raises :class:`InvalidArgument` if a run is to have fewer epochs than it has done, or what is no number of them."""
    if epochs is None:
        return
    check_whole(1, epochs=epochs)
    if epochs < done:
        raise InvalidArgument(f"epochs {epochs}: {folder} has done {done} already; give as many or more")


def begun_in(
    path: Path, tensors: Mapping[str, np.ndarray], description: Mapping[str, Any], custom: Iterable[type]
) -> Begun:
    """The run in a file's content. Raises :class:`FileError` if it is damaged, or a model without a position."""
    model = unpack_model(path, tensors, description, custom)
    position = description.get("position")
    if not isinstance(position, dict):
        raise FileError(f"{path} is a model without the state of its training; train it further with fit(model, ...)")
    try:
        arguments, at = _arguments(model, position, custom), _position(model, position, tensors, custom)
        finished, data, validated = position["finished"], position["data"], position["validation"]
    except FileError as error:
        raise FileError(f"{path}: {error}") from None
    except DAMAGE as error:
        raise FileError(f"{path} is damaged: {type(error).__name__} {error}") from None
    return Begun(model, arguments, at, finished, data, validated, position["every"])


def _arguments(model: Model, position: Mapping[str, Any], custom: Iterable[type]) -> dict[str, Any]:
    """The arguments with which ``fit`` began, but for the data and the callbacks."""
    settings = model.settings
    _whole(position, every=0)
    _whole(settings, epochs=1, batch_size=1, training_examples=1, validate_every=0, seed=0, threads=1)
    if settings["engine"] not in ENGINES or not isinstance(settings["keep_best"], bool):
        raise FileError(f"its settings are damaged: {str(dict(settings))[:200]}")
    # a run that an earlier version began says nothing of an augmentation, and had none
    parts = {name: build(settings.get(name), custom) for name in ("eta", "optimizer", "regularizer", "augmentation")}
    names = ("epochs", "batch_size", "validate_every", "seed", "engine", "threads", "dtype", "stop_if_not_finite")
    order = build(settings["order"], custom) if "order" in settings else Shuffled()  # likewise
    return parts | {"order": order} | {name: settings[name] for name in names}


def _position(
    model: Model, position: Mapping[str, Any], tensors: Mapping[str, np.ndarray], custom: Iterable[type]
) -> Position:
    _whole(position, epoch=0, step=0)
    steps = -(-model.settings["training_examples"] // model.settings["batch_size"])
    if position["epoch"] != len(model.history) or position["step"] >= steps:
        raise FileError(
            f"it stands at epoch {position['epoch']}, step {position['step']}, "
            f"but has {len(model.history)} epochs of {steps} steps in its history"
        )
    optimizer, params = build(model.settings["optimizer"], custom), model.params
    known: dict[str, np.ndarray] = {}
    if hasattr(optimizer, "in_use"):
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
    return {name: leafwise(np.shape, tree) for name, tree in state.items()}


def _whole(values: Mapping[str, Any], **least: int) -> None:
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
