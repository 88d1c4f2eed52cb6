"""Training of ensembles: networks of one architecture with different seeds, at once, saved in one file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import KW_ONLY, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from deltarule.core.constraints import check, whole
from deltarule.core.network import Network
from deltarule.core.schedules import Schedule
from deltarule.data.dataset import Dataset
from deltarule.engines.execution import Execution
from deltarule.errors import DivergedError, Interrupted
from deltarule.models import files
from deltarule.models.ensemble import Ensemble, pack_ensemble, unpack_members
from deltarule.models.files import MODEL_FILE, Content
from deltarule.models.model import Model
from deltarule.models.voting import VOTINGS
from deltarule.training.callbacks import Callback
from deltarule.training.checkpoint import Checkpoint
from deltarule.training.devices import restore_execution
from deltarule.training.engine_changes import record_engine
from deltarule.training.fit import copy_data
from deltarule.training.keywords import split_keywords, with_keywords_of
from deltarule.training.lock import lock_folder, lock_new_folder
from deltarule.training.many import Member, MemberCallbacks, fit_many, make_callbacks, make_plans, train_many
from deltarule.training.plan import Moment, Position, Start
from deltarule.training.saved_run import SavedRun, check_epochs, read_run
from deltarule.training.training import Training


@dataclass(frozen=True)
class EnsembleArguments(Execution, Training):
    """The arguments of :func:`fit_ensemble` after network and data."""

    training: Training | None = None
    _: KW_ONLY
    members: int
    voting: str = "hard"
    validation: Dataset | None = None
    execution: Execution | None = None
    folder: str | Path | None = None
    checkpoint_every: int = 0
    callbacks: MemberCallbacks = ()


@with_keywords_of(EnsembleArguments)
def fit_ensemble(
    network: Network | Model,
    train: Dataset,
    training: Training | None = None,
    *,
    members: int,
    voting: str = "hard",
    validation: Dataset | None = None,
    execution: Execution | None = None,
    folder: str | Path | None = None,
    checkpoint_every: int = 0,
    callbacks: MemberCallbacks = (),
    **keywords: Any,
) -> Ensemble:
    """Train ``members`` networks at once, with consecutive seeds, and return their ensemble.

    Args:
        network: The network, or a model from whose parameters every member starts.
        train: The training set.
        training: The settings; the members' seeds start with its seed.
        members: The number of networks.
        voting: How the ensemble votes, as in :class:`Ensemble`.
        validation: The validation set, evaluated after every epoch.
        execution: The engine, threads, devices and processes; see :class:`Execution`.
        folder: The folder in which the ensemble and the state of its training are saved after each epoch, in one file;
            ``resume(folder, ...)`` continues the training.
        checkpoint_every: The number of steps between checkpoints within an epoch; 0 for none.
        callbacks: Callbacks to copy for every member, or a function that makes a member's callbacks from its number.
        **keywords: Fields of ``training`` and ``execution`` by their names.

    Raises:
        InvalidArgument: If the folder already contains a run or another run uses it, and as in :func:`fit_many`.
        DivergedError: If members diverge. Before that, the others are trained to the end and saved.
        Interrupted: On Ctrl-C; its ``model`` is the ensemble so far.

    >>> import deltarule as dr
    >>> train, _, test = dr.data.load("digits")
    >>> ensemble = fit_ensemble(dr.Network.dense([64, 10]), train.take(slice(300)), members=3, epochs=2, seed=5)
    >>> [model.settings["seed"] for model in ensemble.models], ensemble.accuracy(test) > 0.5
    ([5, 6, 7], True)
    """
    training, execution = split_keywords("fit_ensemble", training, execution, keywords)
    check("members", members, whole(1))
    check("voting", voting, VOTINGS)
    file = _EnsembleFile(files.expand_path(folder, "folder"), members, voting) if folder is not None else None
    own_file = file if execution.process == 0 else None
    with ExitStack() as locks:

        def add_callbacks(i: int) -> list[Callback]:
            own = make_callbacks(callbacks, i)
            if file is None:
                return own
            lock = [_LockFolder(file.folder, locks)] if i == 0 else []  # member 0 starts first
            return [*own, *lock, file.checkpoint(i, checkpoint_every)]

        trainings = training.vary(seed=range(training.seed, training.seed + members))
        try:
            ends = fit_many(
                network, train, trainings, validation=validation, execution=execution, callbacks=add_callbacks
            )
        except Interrupted as interrupted:
            raise _with_ensemble(interrupted, own_file, voting) from None
        return _build_ensemble(ends, own_file, voting)


def resume_ensemble(
    folder: str | Path,
    train: Dataset,
    *,
    validation: Dataset | None,
    epochs: int | None,
    eta: float | Schedule | None,
    callbacks: MemberCallbacks,
    execution: Execution | None,
    custom: Iterable[type],
) -> Ensemble:
    """Resume an ensemble saved by :func:`fit_ensemble`, with the arguments of :func:`deltarule.resume`."""
    folder = Path(folder)
    saved = _read_ensemble(folder, epochs, custom)
    saved.change(epochs, eta)  # raises errors before the lock
    if not saved.unfinished:
        return saved.ensemble
    first = execution is None or execution.process == 0
    with lock_folder(folder) if first else nullcontext():
        saved = _read_ensemble(folder, epochs, custom)  # again, as another process may have resumed it before the lock
        if not saved.unfinished:
            return saved.ensemble
        saved.runs[0].check_data(folder, train, validation)
        runs = [saved.runs[i] for i in saved.unfinished]
        last = min(runs, key=lambda run: run.is_finished)  # the first that is not finished, as on the command line
        execution = execution or restore_execution(folder, last.model.settings)
        file = _EnsembleFile(folder, len(saved.runs), saved.voting, dict(enumerate(saved.contents)))
        own_file = file if first else None
        trainings, places = zip(*saved.change(epochs, eta), strict=True)
        own = [
            [*make_callbacks(callbacks, i), file.checkpoint(i, run.every)]
            for i, run in zip(saved.unfinished, runs, strict=True)
        ]
        starts = [Start(run.model.network, run.model.params, run.model.preprocessing) for run in runs]
        plans = make_plans(starts, *copy_data(train, validation), trainings, execution, own)
        begun = [record_engine(at, run.model.settings, plan) for at, run, plan in zip(places, runs, plans, strict=True)]
        try:
            trained = train_many([Member(*member) for member in zip(plans, begun, own, strict=True)])
        except Interrupted as interrupted:
            raise _with_ensemble(interrupted, own_file, saved.voting) from None
        ends: list[Model | DivergedError] = [run.model for run in saved.runs]
        for i, end in zip(saved.unfinished, trained, strict=True):
            ends[i] = end
        return _build_ensemble(ends, own_file, saved.voting)


@dataclass(frozen=True)
class _SavedEnsemble:
    """The content of an ensemble's file.

    Attributes:
        contents: The content of each member.
        voting: How the ensemble votes.
        runs: The run of each member.
        unfinished: The numbers of the members with epochs left to train.
    """

    contents: Sequence[Content]
    voting: str
    runs: Sequence[SavedRun]
    unfinished: Sequence[int]

    @property
    def ensemble(self) -> Ensemble:
        return Ensemble([run.model for run in self.runs], self.voting)

    def change(self, epochs: int | None, eta: float | Schedule | None) -> list[tuple[Training, Position]]:
        """Change the settings of the unfinished members, as :meth:`SavedRun.change` does; of all if none is left."""
        return [self.runs[i].change(epochs, eta) for i in self.unfinished or range(len(self.runs))]


def _read_ensemble(folder: Path, epochs: int | None, custom: Iterable[type]) -> _SavedEnsemble:
    path = folder / MODEL_FILE
    contents, voting = unpack_members(path, *files.read(path))
    runs = [read_run(path, *content, custom) for content in contents]
    check_epochs(folder, epochs, max(run.epochs_begun for run in runs))
    return _SavedEnsemble(contents, voting, runs, [i for i, run in enumerate(runs) if not run.is_done(epochs)])


def _build_ensemble(ends: Sequence[Model | DivergedError], file: _EnsembleFile | None, voting: str) -> Ensemble:
    """Build the ensemble. If members diverged, save the others and raise :class:`DivergedError`."""
    models = [end for end in ends if isinstance(end, Model)]
    errors = {i: end for i, end in enumerate(ends) if isinstance(end, DivergedError)}
    if not errors:
        return Ensemble(models, voting)
    i, error = next(iter(errors.items()))
    saved = ""
    if file is not None and models:
        file.remove(set(errors))
        saved = f" (the other {len(models)} are trained and saved)"
    raise DivergedError(
        f"{len(errors)} of {len(ends)} members diverged{saved}; {error.problem}",
        path=file.folder if saved and file is not None else None,
        position=f"member {i}, {error.position}",
        remedy=error.remedy,
    ) from None


def _with_ensemble(interrupted: Interrupted, file: _EnsembleFile | None, voting: str) -> Interrupted:
    """Save the members so far, and return the interruption with their ensemble as its model."""
    if file is not None:
        file.write()
    models = [model for model in interrupted.model if isinstance(model, Model)]  # type: ignore[attr-defined] # the list of fit_many
    return Interrupted(str(interrupted), Ensemble(models, voting) if models else None)


class _LockFolder(Callback):
    """A callback that locks the folder of a new run, after all other checks, until ``locks`` is closed."""

    first_process_only = True

    def __init__(self, folder: Path, locks: ExitStack) -> None:
        self.folder, self.locks = folder, locks

    def on_start(self, moment: Moment) -> None:
        self.locks.enter_context(lock_new_folder(self.folder))


class _EnsembleFile:
    """The file of all members, written again when all of them have advanced."""

    def __init__(self, folder: Path, members: int, voting: str, contents: dict[int, Content] | None = None) -> None:
        self.folder, self.members, self.voting = folder, members, voting
        self.contents: dict[int, Content] = contents or {}
        self._advanced: set[int] = set()

    def checkpoint(self, i: int, every: int) -> Checkpoint:
        """Build the checkpoint of member ``i``."""
        return Checkpoint(self.folder, every, partial(self._keep, i))

    def remove(self, members: set[int]) -> None:
        """Remove members, and write the file."""
        self.contents = {i: content for i, content in self.contents.items() if i not in members}
        self.write()

    def write(self) -> None:
        """Write the file."""
        contents = [self.contents[i] for i in sorted(self.contents)]
        files.write(self.folder / MODEL_FILE, *pack_ensemble(contents, self.voting))
        self._advanced.clear()

    def _keep(self, i: int, tensors: dict[str, np.ndarray], description: dict[str, Any]) -> None:
        ahead = i in self._advanced  # others have stopped or are slower
        self.contents[i] = tensors, description
        self._advanced.add(i)
        if len(self.contents) < self.members:
            return
        if ahead or len(self._advanced) == self.members or description["position"]["finished"]:
            self.write()
