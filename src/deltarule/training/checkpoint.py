"""Checkpoints: the complete state of a run in one file, to resume it with the same result to the bit."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, TypeAlias

import numpy as np

from deltarule.core.constraints import check, number, whole
from deltarule.data.dataset import fingerprint
from deltarule.files import remove_left_overs
from deltarule.models import files
from deltarule.models.files import MODEL_FILE
from deltarule.models.model import pack_model
from deltarule.training.callbacks import Callback
from deltarule.training.lock import lock_new_folder
from deltarule.training.plan import Moment

Write: TypeAlias = Callable[[dict[str, np.ndarray], dict[str, Any]], None]
"""A function that stores tensors and a description."""


class Checkpoint(Callback):
    """A callback that saves the run at the start, after each epoch or ``every`` steps, and when interrupted.

    The file is a model file for :func:`deltarule.load`. It also has the state of the optimizer and the position in the
    run. With weight averaging, the model uses averaged parameters; then the file also has the parameters that are being
    trained. A new file replaces the old one only when it is complete. :func:`deltarule.resume` continues the run.

    Args:
        folder: The folder of the run.
        every: The number of steps between checkpoints within an epoch; 0 for none.
        pause: The least time in seconds between the checkpoints after two epochs, for epochs that are short.
        write: A function that stores the tensors and the description in place of the file in ``folder``.
        at_start: False to save nothing before the first epoch, which is then shown sooner.

    Raises:
        InvalidArgument: Before the first step, if ``folder`` already contains a run or another run uses it, unless
            ``write`` is given.

    >>> from tempfile import TemporaryDirectory
    >>> import deltarule as dr
    >>> train = dr.data.load("digits")[0].take(slice(100))
    >>> with TemporaryDirectory() as folder:
    ...     model = dr.fit(dr.Network.dense([64, 10]), train, epochs=2, callbacks=[Checkpoint(folder)])
    ...     dr.load(folder).parameters_sha256 == model.parameters_sha256
    True
    """

    first_process_only = True

    def __init__(
        self,
        folder: str | Path,
        every: int = 0,
        write: Write | None = None,
        pause: float = 0.0,
        at_start: bool = True,
    ) -> None:
        check("every", every, whole(0), "Checkpoint")
        check("pause", pause, number(0), "Checkpoint")
        self.folder, self.every, self._write = files.expand_path(folder, "folder"), every, write
        self.pause, self.at_start, self._saved = pause, at_start, 0.0

    def on_start(self, moment: Moment) -> None:
        with ExitStack() as resources:
            if self._write is None:
                resources.enter_context(lock_new_folder(self.folder))
            remove_left_overs(self.folder / MODEL_FILE)
            self._data = tuple[str | None, ...]()
            if self.at_start or moment.is_last:
                self._save(moment, finished=moment.is_last)
            self._resources = resources.pop_all()

    def on_steps(self, moment: Moment) -> None:
        steps, at = moment.plan.clock.steps_per_epoch, moment.at
        if self.every and at.step < steps and (at.epoch * steps + at.step) % self.every == 0:
            self._save(moment)

    def after_epoch(self, moment: Moment, last: bool) -> None:
        if last or perf_counter() - self._saved >= self.pause:
            self._save(moment, finished=last)

    def on_interrupt(self, moment: Moment) -> None:
        self._save(moment)

    def on_exit(self) -> None:
        self._resources.close()

    def _save(self, moment: Moment, finished: bool = False) -> None:
        plan = moment.plan
        if not self._data:
            self._data = tuple(None if data is None else fingerprint(data) for data in (plan.train, plan.validation))
        tensors, description = pack_model(moment.model)
        for name, tree in moment.at.state.items():
            tensors |= files.flatten(f"optimizer/{name}", tree)
        if hasattr(plan.training.optimizer, "params_in_use"):  # the model has other parameters
            tensors |= files.flatten("learning", moment.at.params)
        position = {
            "epoch": moment.at.epoch,
            "step": moment.at.step,
            "seconds": moment.at.seconds,
            "data": self._data[0],
            "validation": self._data[1],
            "finished": finished,
            "every": self.every,
        }
        write = self._write or partial(files.write, self.folder / MODEL_FILE)
        write(tensors, {**description, "position": position})
        self._saved = perf_counter()
