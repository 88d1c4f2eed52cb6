"""resume: go on with a saved run, or an ensemble, as if it had never stopped."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path

from deltarule.core.constraints import check
from deltarule.data.dataset import Dataset
from deltarule.engines.execution import EXECUTION, Execution
from deltarule.models import files
from deltarule.models.description import check_custom
from deltarule.models.ensemble import Ensemble
from deltarule.models.files import MODEL_FILE
from deltarule.models.model import Model
from deltarule.training.arguments import CALLBACKS
from deltarule.training.checkpoint import Checkpoint
from deltarule.training.devices import restore_execution
from deltarule.training.ensembles import resume_ensemble
from deltarule.training.fit import copy_data, make_plan, train_from
from deltarule.training.lock import lock_folder
from deltarule.training.many import MemberCallbacks
from deltarule.training.saved_run import check_epochs, read_run


def resume(
    folder: str | Path,
    train: Dataset,
    *,
    validation: Dataset | None = None,
    epochs: int | None = None,
    callbacks: MemberCallbacks = (),
    execution: Execution | None = None,
    custom: Iterable[type] = (),
) -> Model | Ensemble:
    """Go on with a run that :class:`Checkpoint` saved, or an ensemble, as if it had never stopped.

    The final parameters are, to the bit, those of the run without interruption, on the same machine.

    Args:
        folder: Where the run was saved, and goes on saving itself.
        train: The training examples it began with.
        validation: The validation examples it began with.
        epochs: Prolongs it, or ends it sooner than planned, but not before what it has done.
        callbacks: Those for the rest; of an ensemble copied for every member, or a function of the member's number
            that gives each its own.
        execution: Where and how fast; None: as before, with as many devices, or with those of this machine, and a
            warning, where there are fewer. Of several processes each reads the folder, and process 0 alone writes.
        custom: Classes of your own that the model names.

    A finished run is returned as it is. Raises :class:`FileError` if there is no checkpoint or it is damaged, and
    :class:`InvalidArgument` if the data is not what the run began with, for fewer epochs than it has done,
    and if ``custom`` is no list of classes.
    """
    check("execution", execution, EXECUTION)
    folder, custom = files.expand_path(folder, "folder"), check_custom(custom)
    path = folder / MODEL_FILE
    tensors, description = files.read(path)
    if "members" in description:
        return resume_ensemble(
            folder, train, validation=validation, epochs=epochs, callbacks=callbacks, execution=execution,
            custom=custom,
        )  # fmt: skip
    check("callbacks", callbacks, CALLBACKS)
    assert not callable(callbacks)
    saved = read_run(path, tensors, description, custom)
    check_epochs(folder, epochs, saved.epochs)
    if saved.is_done(epochs):
        return saved.model
    first = execution is None or execution.process == 0
    with lock_folder(folder) if first else nullcontext():
        saved = read_run(path, *files.read(path), custom)  # again: until now another may have gone on with it
        check_epochs(folder, epochs, saved.epochs)
        if saved.is_done(epochs):
            return saved.model
        saved.check_data(folder, train, validation)
        watching = [*callbacks, Checkpoint(folder, saved.every, partial(files.write, path))]
        training = saved.training if epochs is None else replace(saved.training, epochs=epochs)
        executed = execution or restore_execution(folder, saved.model.settings)
        own = copy_data(train, validation)
        plan = make_plan(saved.model.network, saved.model.params, *own, training, executed, watching)
        return train_from(plan, saved.at, watching)
