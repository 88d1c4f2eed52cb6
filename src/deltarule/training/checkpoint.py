"""Checkpoints: the whole position of a run in one file, from which it goes on to the same last bit."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from deltarule.core.constraints import check, whole
from deltarule.data.dataset import fingerprint
from deltarule.files import remove_left_overs
from deltarule.models import files
from deltarule.models.files import MODEL_FILE
from deltarule.models.model import pack_model
from deltarule.training.callbacks import Callback
from deltarule.training.lock import lock_new_folder
from deltarule.training.plan import Moment

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
        check("every", every, whole(0), "Checkpoint")
        self.folder, self.every, self._write = files.expand_path(folder, "folder"), every, write

    def on_start(self, moment: Moment) -> None:
        with ExitStack() as held:
            if self._write is None:
                held.enter_context(lock_new_folder(self.folder))
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
        if hasattr(moment.plan.training.optimizer, "params_in_use"):  # the model has others
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
