"""Resuming of saved runs and ensembles."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from functools import partial
from pathlib import Path

from deltarule.core.constraints import check
from deltarule.core.schedules import Schedule
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
from deltarule.training.engine_changes import record_engine
from deltarule.training.ensembles import resume_ensemble
from deltarule.training.fit import copy_data, make_plan, train_from
from deltarule.training.lock import lock_folder
from deltarule.training.many import MemberCallbacks
from deltarule.training.plan import Start
from deltarule.training.saved_run import check_epochs, read_run


def resume(
    folder: str | Path,
    train: Dataset,
    *,
    validation: Dataset | None = None,
    epochs: int | None = None,
    eta: float | Schedule | None = None,
    callbacks: MemberCallbacks = (),
    execution: Execution | None = None,
    custom: Iterable[type] = (),
) -> Model | Ensemble:
    """Resume a run saved by :class:`Checkpoint`, or an ensemble saved by :func:`deltarule.fit_ensemble`.

    On the same machine the final parameters are bitwise equal to those of a run without interruption. The run saves
    itself to its folder as before. A finished run is returned unchanged.

    Args:
        folder: The folder of the run.
        train: The training set of the run.
        validation: The validation set of the run.
        epochs: A new total number of epochs, to extend the run or end it sooner; at least those already done.
        eta: Another learning rate from here on, a number or a schedule. The steps of a schedule count from the start of
            the run. ``model.history.changes`` records the change, and the run keeps it when it is resumed again.
        callbacks: Callbacks for the rest of the run. For an ensemble, callbacks to copy for every member, or a function
            that makes a member's callbacks from its number.
        execution: The engine, threads, devices and processes. None keeps those of the run; if the engine does not work
            on this machine, or it has fewer devices, the run uses what there is and warns. The history's ``changes``
            record another engine, too. Each of several processes reads the folder; only process 0 writes.
        custom: Your own classes that the model names.

    Returns:
        The trained model or ensemble.

    Raises:
        FileError: If there is no checkpoint, or it is damaged.
        InvalidArgument: If the data are not those of the run, ``epochs`` is below those already done, ``eta`` is
            another one and the run is finished, or an argument is invalid.

    >>> from tempfile import TemporaryDirectory
    >>> import deltarule as dr
    >>> train = dr.data.load("digits")[0].take(slice(100))
    >>> with TemporaryDirectory() as folder:
    ...     model = dr.fit(dr.Network.dense([64, 10]), train, epochs=2, callbacks=[Checkpoint(folder)])
    ...     len(resume(folder, train, epochs=3).history)
    3
    """
    check("execution", execution, EXECUTION)
    folder, custom = files.expand_path(folder, "folder"), check_custom(custom)
    path = folder / MODEL_FILE
    tensors, description = files.read(path)
    if "members" in description:
        return resume_ensemble(
            folder, train, validation=validation, epochs=epochs, eta=eta, callbacks=callbacks, execution=execution,
            custom=custom,
        )  # fmt: skip
    check("callbacks", callbacks, CALLBACKS)
    assert not callable(callbacks)
    saved = read_run(path, tensors, description, custom)
    check_epochs(folder, epochs, saved.epochs_begun)
    saved.change(epochs, eta)  # raises errors before the lock
    if saved.is_done(epochs):
        return saved.model
    first = execution is None or execution.process == 0
    with lock_folder(folder) if first else nullcontext():
        saved = read_run(
            path, *files.read(path), custom
        )  # again, as another process may have resumed it before the lock
        check_epochs(folder, epochs, saved.epochs_begun)
        training, at = saved.change(epochs, eta)
        if saved.is_done(epochs):
            return saved.model
        saved.check_data(folder, train, validation)
        callbacks = [*callbacks, Checkpoint(folder, saved.every, partial(files.write, path))]
        execution = execution or restore_execution(folder, saved.model.settings)
        start = Start(saved.model.network, saved.model.params, saved.model.preprocessing)
        plan = make_plan(start, *copy_data(train, validation), training, execution, callbacks)
        return train_from(plan, record_engine(at, saved.model.settings, plan), callbacks)
