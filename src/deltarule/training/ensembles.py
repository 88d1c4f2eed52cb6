"""Training an ensemble: members of one architecture and other seeds, at once, saved in one file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from deltarule.core.checks import check_whole
from deltarule.core.constraints import check
from deltarule.core.network import Network
from deltarule.data.dataset import Dataset
from deltarule.errors import DivergedError, Interrupted, InvalidArgument
from deltarule.models import files
from deltarule.models.ensemble import VOTINGS, Ensemble, pack_ensemble, unpack_members
from deltarule.models.files import MODEL_FILE, Content
from deltarule.models.model import Model
from deltarule.training.callbacks import Callback
from deltarule.training.checkpoint import Begun, Checkpoint, begun_in, refuse_fewer
from deltarule.training.fit import fit
from deltarule.training.lock import locked, new_run
from deltarule.training.many import fit_many, own_callbacks, refuse_unknown
from deltarule.training.moment import Moment
from deltarule.training.sharing import shared


def fit_ensemble(
    network: Network,
    train: Dataset,
    *,
    members: int,
    voting: str = "hard",
    seed: int = 0,
    folder: str | Path | None = None,
    checkpoint_every: int = 0,
    callbacks: Sequence[Callback] | Callable[[int], Sequence[Callback]] = (),
    **others: Any,
) -> Ensemble:
    """Trains ``members`` networks at once, with the seeds from ``seed`` on, and returns their ensemble.

    ``voting`` is that of :class:`Ensemble`.

    ``callbacks`` are copied for every member; a function of the member's number gives each its own.
    With a ``folder``, the ensemble and the state of its training are saved there in one file as it
    learns, and ``resume(folder, ...)`` goes on from it. ``others`` are as for :func:`fit`, among them
    ``epochs``, which is needed.

    Raises :class:`InvalidArgument` if the folder holds a run already, which is not replaced, or another one is
    training there, and what :func:`fit_many` raises; the ``model`` of its :class:`Interrupted` is the ensemble so
    far. If members diverge, the others are trained to the end and saved before
    :class:`DivergedError` is raised.
    """
    check_whole(1, members=members)
    check("voting", voting, VOTINGS)
    if "seeds" in others:
        raise InvalidArgument(
            "seeds: the members of an ensemble have the seeds from seed on; for others, Ensemble(fit_many(seeds=...))"
        )
    refuse_unknown("fit_ensemble", others, fit.__kwdefaults__ or {})
    first = others.get("process", 0) == 0  # which alone writes files
    file = _Together(files.expanded(folder), members, voting) if folder is not None else None
    together = file if first else None
    with ExitStack() as held:

        def watching(i: int) -> list[Callback]:
            own = own_callbacks(callbacks, i)
            if file is None:
                return own
            taking = [_TakeFolder(file.folder, held)] if i == 0 else []  # the member that starts first
            return [*own, *taking, file.checkpoint(i, checkpoint_every)]

        try:
            ends = fit_many(network, train, seeds=range(seed, seed + members), callbacks=watching, **others)
        except Interrupted as interrupted:
            raise _interrupted(interrupted, together, voting) from None
        return _ended(ends, together, voting)


def resume_ensemble(
    folder: str | Path,
    train: Dataset,
    *,
    validation: Dataset | None = None,
    epochs: int | None = None,
    callbacks: Callable[[int], Sequence[Callback]] = lambda i: (),
    custom: Iterable[type] = (),
    devices: int | None = None,
    coordinator: str | None = None,
    processes: int = 1,
    process: int = 0,
) -> Ensemble:
    """Goes on with an ensemble that :func:`fit_ensemble` saved, as :func:`deltarule.resume` does with a run."""
    folder = Path(folder)
    saved = _read(folder, epochs, custom)
    if not saved.left:
        return saved.ensemble
    with locked(folder) if process == 0 else nullcontext():
        saved = _read(folder, epochs, custom)  # again: until now another may have gone on with it
        if not saved.left:
            return saved.ensemble
        runs, left = saved.runs, saved.left
        runs[0].refuse_other(folder, train, validation)
        sharing = shared(folder, runs[0].model.settings, devices, coordinator, processes, process)
        file = _Together(folder, len(runs), saved.voting, dict(enumerate(saved.contents)))
        together = file if process == 0 else None

        def watching(i: int) -> list[Callback]:
            run = runs[left[i]]
            return [*callbacks(left[i]), *run.keeping, file.checkpoint(left[i], run.every)]

        try:
            found = fit_many(
                runs[0].model.network,
                train,
                validation=validation,
                callbacks=watching,
                resume=[runs[i].at for i in left],
                **{**_arguments([runs[i] for i in left], epochs), **sharing},
            )
        except Interrupted as interrupted:
            raise _interrupted(interrupted, together, saved.voting) from None
        ends: list[Model | DivergedError] = [run.model for run in runs]
        for i, end in zip(left, found, strict=True):
            ends[i] = end
        return _ended(ends, together, saved.voting)


@dataclass(frozen=True)
class _Saved:
    """What the file of an ensemble holds: its members' content and runs, and which of these have epochs left to do."""

    contents: Sequence[Content]
    voting: str
    runs: Sequence[Begun]
    left: Sequence[int]

    @property
    def ensemble(self) -> Ensemble:
        return Ensemble([run.model for run in self.runs], self.voting)


def _read(folder: Path, epochs: int | None, custom: Iterable[type]) -> _Saved:
    path = folder / MODEL_FILE
    contents, voting = unpack_members(path, *files.read(path))
    runs = [begun_in(path, *content, custom) for content in contents]
    refuse_fewer(folder, epochs, max(run.epochs for run in runs))
    return _Saved(contents, voting, runs, [i for i, run in enumerate(runs) if not run.is_done(epochs)])


def _arguments(runs: Sequence[Begun], epochs: int | None) -> dict[str, Any]:
    """The arguments of fit_many, from those of each run."""
    first = runs[0].arguments
    varied = {name: [run.arguments[name] for run in runs] for name in ("eta", "optimizer", "regularizer")}
    common = {name: value for name, value in first.items() if name not in varied and name != "seed"}
    if epochs is not None:
        common["epochs"] = epochs
    return {**common, **varied, "seeds": [run.arguments["seed"] for run in runs]}


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
    models = [model for model in interrupted.model if isinstance(model, Model)]  # type: ignore[attr-defined]
    return Interrupted(str(interrupted), Ensemble(models, voting) if models else None)


class _TakeFolder(Callback):
    """Locks the folder of a new run, when everything else has proved right; ``held`` releases it."""

    first_process_only = True

    def __init__(self, folder: Path, held: ExitStack) -> None:
        self.folder, self.held = folder, held

    def on_start(self, moment: Moment) -> None:
        self.held.enter_context(new_run(self.folder))


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
