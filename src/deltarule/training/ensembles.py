"""Training an ensemble: members of one architecture and other seeds, at once, saved in one file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import KW_ONLY, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from deltarule.core.constraints import check, whole
from deltarule.core.network import Network
from deltarule.data.dataset import Dataset
from deltarule.engines.execution import Execution
from deltarule.errors import DivergedError, Interrupted
from deltarule.models import files
from deltarule.models.ensemble import VOTINGS, Ensemble, pack_ensemble, unpack_members
from deltarule.models.files import MODEL_FILE, Content
from deltarule.models.model import Model
from deltarule.training.callbacks import Callback
from deltarule.training.checkpoint import Checkpoint
from deltarule.training.devices import restore_execution
from deltarule.training.fit import copy_data, make_plan
from deltarule.training.keywords import split_keywords, with_keywords_of
from deltarule.training.lock import lock_folder, lock_new_folder
from deltarule.training.many import Member, MemberCallbacks, fit_many, make_callbacks, train_many
from deltarule.training.plan import Moment
from deltarule.training.saved_run import SavedRun, check_epochs, read_run
from deltarule.training.training import Training


@dataclass(frozen=True)
class EnsembleArguments(Execution, Training):
    """What :func:`fit_ensemble` takes besides network and data."""

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
    """Train ``members`` networks at once, with the seeds from that of the training on, and return their ensemble.

    ``voting`` is that of :class:`Ensemble`; ``training``, ``execution`` and ``keywords`` are as for :func:`fit`.

    ``callbacks`` are copied for every member; a function of the member's number gives each its own.
    With a ``folder``, the ensemble and the state of its training are saved there in one file as it
    learns, every ``checkpoint_every`` steps too, and ``resume(folder, ...)`` goes on from it.

    Raises :class:`InvalidArgument` if the folder holds a run already, which is not replaced, or another one is
    training there, and what :func:`fit_many` raises; the ``model`` of its :class:`Interrupted` is the ensemble so
    far. If members diverge, the others are trained to the end and saved before
    :class:`DivergedError` is raised.
    """
    training, execution = split_keywords("fit_ensemble", training, execution, keywords)
    check("members", members, whole(1))
    check("voting", voting, VOTINGS)
    file = _Together(files.expand_path(folder, "folder"), members, voting) if folder is not None else None
    together = file if execution.process == 0 else None
    with ExitStack() as held:

        def watching(i: int) -> list[Callback]:
            own = make_callbacks(callbacks, i)
            if file is None:
                return own
            taking = [_TakeFolder(file.folder, held)] if i == 0 else []  # the member that starts first
            return [*own, *taking, file.checkpoint(i, checkpoint_every)]

        trainings = training.vary(seed=range(training.seed, training.seed + members))
        try:
            ends = fit_many(network, train, trainings, validation=validation, execution=execution, callbacks=watching)
        except Interrupted as interrupted:
            raise _interrupted(interrupted, together, voting) from None
        return _ended(ends, together, voting)


def resume_ensemble(
    folder: str | Path,
    train: Dataset,
    *,
    validation: Dataset | None = None,
    epochs: int | None = None,
    callbacks: MemberCallbacks = (),
    execution: Execution | None = None,
    custom: Iterable[type] = (),
) -> Ensemble:
    """Go on with an ensemble that :func:`fit_ensemble` saved, as :func:`deltarule.resume` does with a run."""
    folder = Path(folder)
    saved = _read(folder, epochs, custom)
    if not saved.left:
        return saved.ensemble
    first = execution is None or execution.process == 0
    with lock_folder(folder) if first else nullcontext():
        saved = _read(folder, epochs, custom)  # again: until now another may have gone on with it
        if not saved.left:
            return saved.ensemble
        saved.runs[0].check_data(folder, train, validation)
        executed = execution or restore_execution(folder, saved.runs[0].model.settings)
        file = _Together(folder, len(saved.runs), saved.voting, dict(enumerate(saved.contents)))
        together = file if first else None
        own = copy_data(train, validation)
        members: list[Member] = []
        for i in saved.left:
            run = saved.runs[i]
            watching = [*make_callbacks(callbacks, i), file.checkpoint(i, run.every)]
            training = run.training if epochs is None else replace(run.training, epochs=epochs)
            chosen = (members[0].plan.engine, members[0].plan.reason) if members else None
            network, params = run.model.network, run.model.params
            plan = make_plan(network, params, *own, training, executed, watching, len(saved.left), chosen)
            members.append(Member(plan, run.at, watching))
        try:
            found = train_many(members)
        except Interrupted as interrupted:
            raise _interrupted(interrupted, together, saved.voting) from None
        ends: list[Model | DivergedError] = [run.model for run in saved.runs]
        for i, end in zip(saved.left, found, strict=True):
            ends[i] = end
        return _ended(ends, together, saved.voting)


@dataclass(frozen=True)
class _Saved:
    """What the file of an ensemble holds: its members' content and runs, and which of these have epochs left to do."""

    contents: Sequence[Content]
    voting: str
    runs: Sequence[SavedRun]
    left: Sequence[int]

    @property
    def ensemble(self) -> Ensemble:
        return Ensemble([run.model for run in self.runs], self.voting)


def _read(folder: Path, epochs: int | None, custom: Iterable[type]) -> _Saved:
    path = folder / MODEL_FILE
    contents, voting = unpack_members(path, *files.read(path))
    runs = [read_run(path, *content, custom) for content in contents]
    check_epochs(folder, epochs, max(run.epochs for run in runs))
    return _Saved(contents, voting, runs, [i for i, run in enumerate(runs) if not run.is_done(epochs)])


def _ended(ends: Sequence[Model | DivergedError], together: _Together | None, voting: str) -> Ensemble:
    models = [end for end in ends if isinstance(end, Model)]
    errors = {i: end for i, end in enumerate(ends) if isinstance(end, DivergedError)}
    if not errors:
        return Ensemble(models, voting)
    i, error = next(iter(errors.items()))
    saved = ""
    if together is not None and models:
        together.leave_out(set(errors))
        saved = f"; the other {len(models)} are trained and saved in {together.folder}"
    raise DivergedError(f"{len(errors)} of {len(ends)} members diverged{saved}. Member {i}: {error}") from None


def _interrupted(interrupted: Interrupted, together: _Together | None, voting: str) -> Interrupted:
    """The same with an ensemble in it; what the members came to is saved."""
    if together is not None:
        together.write()
    models = [model for model in interrupted.model if isinstance(model, Model)]  # type: ignore[attr-defined] # several at once hold their models
    return Interrupted(str(interrupted), Ensemble(models, voting) if models else None)


class _TakeFolder(Callback):
    """Locks the folder of a new run, when everything else has proved right; ``held`` releases it."""

    first_process_only = True

    def __init__(self, folder: Path, held: ExitStack) -> None:
        self.folder, self.held = folder, held

    def on_start(self, moment: Moment) -> None:
        self.held.enter_context(lock_new_folder(self.folder))


class _Together:
    """The file in which all members are kept, written anew when all of them have got further."""

    def __init__(self, folder: Path, members: int, voting: str, contents: dict[int, Content] | None = None) -> None:
        self.folder, self.members, self.voting = folder, members, voting
        self.contents: dict[int, Content] = contents or {}
        self._news: set[int] = set()

    def checkpoint(self, i: int, every: int) -> Checkpoint:
        return Checkpoint(self.folder, every, partial(self._keep, i))

    def leave_out(self, members: set[int]) -> None:
        """Writes the file without these members."""
        self.contents = {i: content for i, content in self.contents.items() if i not in members}
        self.write()

    def write(self) -> None:
        """Writes the file."""
        contents = [self.contents[i] for i in sorted(self.contents)]
        files.write(self.folder / MODEL_FILE, *pack_ensemble(contents, self.voting))
        self._news.clear()

    def _keep(self, i: int, tensors: dict[str, np.ndarray], description: dict[str, Any]) -> None:
        ahead = i in self._news  # of others that have stopped, or are slower
        self.contents[i] = tensors, description
        self._news.add(i)
        if len(self.contents) < self.members:
            return
        if ahead or len(self._news) == self.members or description["position"]["finished"]:
            self.write()
