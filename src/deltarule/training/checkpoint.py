"""Checkpoints: the whole position of a run in one file, from which it goes on to the same last bit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from deltarule.core.trees import Tree
from deltarule.data.dataset import Dataset
from deltarule.errors import FileError, UsageError
from deltarule.models import files
from deltarule.models.description import build
from deltarule.models.model import MODEL_FILE, Model, model_content, model_of
from deltarule.training.callbacks import Callback, KeepBest
from deltarule.training.fit import fit
from deltarule.training.moment import Moment, Position


class Checkpoint(Callback):
    """Saves the run to ``folder`` after each epoch, every ``every`` steps, and when interrupted.

    The file is a model file that :func:`deltarule.load` reads, with the optimizer's state and the
    position beside the parameters. It is written beside its place and renamed, so whatever
    happens, the last good one is there. :func:`resume` goes on from it.
    """

    def __init__(self, folder: str | Path, every: int = 0) -> None:
        if every < 0:
            raise UsageError(f"Checkpoint(every={every}): give a number of steps, or 0 for each epoch alone")
        self.folder, self.every = Path(folder), every

    def on_start(self, moment: Moment) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._data = fingerprint(moment.plan.train)
        self._save(moment)

    def on_steps(self, moment: Moment) -> None:
        steps, at = moment.plan.clock.steps_per_epoch, moment.at
        if self.every and at.step < steps and (at.epoch * steps + at.step) % self.every == 0:
            self._save(moment)

    def on_epoch(self, moment: Moment) -> bool:
        self._save(moment)
        return False

    def on_interrupt(self, moment: Moment) -> None:
        self._save(moment)

    def on_end(self, moment: Moment) -> None:
        self._save(moment, finished=True)

    def _save(self, moment: Moment, finished: bool = False) -> None:
        tensors, description = model_content(moment.model)
        for name, tree in moment.at.state.items():
            tensors |= files.flatten(f"optimizer/{name}", tree)
        position = {
            "epoch": moment.at.epoch,
            "step": moment.at.step,
            "seconds": moment.at.seconds,
            "optimizer": {name: len(tree) for name, tree in moment.at.state.items()},
            "data": self._data,
            "finished": finished,
            "every": self.every,
        }
        files.write(self.folder / MODEL_FILE, tensors, {**description, "position": position})


def resume(
    folder: str | Path,
    train: Dataset,
    *,
    validation: Dataset | None = None,
    epochs: int | None = None,
    callbacks: Sequence[Callback] = (),
    custom: Iterable[type] = (),
) -> Model:
    """Goes on with a run that :class:`Checkpoint` saved, as if it had never stopped.

    The final parameters are, to the bit, those of the run without interruption, on the same
    machine. ``train`` and ``validation`` are the data it began with; ``epochs`` may prolong it.
    Callbacks are those for the rest (the run goes on saving itself). A finished run is returned as
    it is. Raises :class:`FileError` if there is no checkpoint or it is damaged, and
    :class:`UsageError` if the data is not what the run began with.
    """
    path = Path(folder) / MODEL_FILE
    tensors, description = files.read(path)
    model = model_of(path, tensors, description, custom)
    settings, position = model.settings, description.get("position")
    if not isinstance(position, dict):
        raise FileError(f"{path} is a model without the state of its training; train it further with fit(model, ...)")
    try:
        total = settings["epochs"] if epochs is None else epochs
        if position["finished"] and total <= settings["epochs"]:
            return model
        if position["data"] != fingerprint(train):
            raise UsageError(
                f"{folder} was trained on {settings['training_data']} with {settings['training_examples']} examples; "
                f"these are other data ({train.name}, {len(train)} examples), and the result would be another"
            )
        return fit(
            model.network,
            train,
            epochs=total,
            batch_size=settings["batch_size"],
            eta=build(settings["eta"], custom),
            optimizer=build(settings["optimizer"], custom),
            regularizer=build(settings["regularizer"], custom),
            validation=validation,
            validate_every=settings["validate_every"],
            seed=settings["seed"],
            engine=settings["engine"],
            threads=settings["threads"],
            dtype=settings["dtype"],
            stop_if_not_finite=settings["stop_if_not_finite"],
            callbacks=[
                *callbacks,
                *([KeepBest()] if settings["keep_best"] else []),
                Checkpoint(folder, position["every"]),
            ],
            resume=Position(
                model.params,
                {name: _tree(name, tensors, n) for name, n in position["optimizer"].items()},
                position["epoch"],
                position["step"],
                model.history,
                model.best.params if model.best else None,
                position["seconds"],
            ),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FileError(f"{path} is damaged: {type(error).__name__} {error}") from None


def _tree(name: str, tensors: dict[str, np.ndarray], layers: int) -> Tree:
    return files.unflatten(f"optimizer/{name}", tensors, layers)


def fingerprint(dataset: Dataset) -> str:
    """A SHA-256 over every example, label and the scale, by which a resumed run knows its data."""
    digest = hashlib.sha256()
    parts: tuple[Any, ...] = (dataset.x, dataset.y)
    for part in parts:
        digest.update(f"{part.dtype.str} {part.shape} {dataset.scale}".encode())
        digest.update(np.ascontiguousarray(part).data)
    return digest.hexdigest()
