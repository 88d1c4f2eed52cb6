"""deltarule train --resume: a run continued with its saved settings, for more epochs, with another η or engine."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from deltarule.cli.console import escape
from deltarule.cli.options import build_execution
from deltarule.cli.training_report import name_data, print_data

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rich.console import Console

    from deltarule.core.schedules import Schedule
    from deltarule.data import Source
    from deltarule.engines.execution import Execution
    from deltarule.models.predictor import Predictor
    from deltarule.training import Callback
    from deltarule.training.runs import Run

OF_ETA = ("schedule", "eta")
"""The options for the learning rate, which may change when a run is resumed."""


def resume_run(folder: Path, data: str, given: Mapping[str, Any], console: Console) -> tuple[Predictor, Source]:
    """Resume a run, and return its model and its data."""
    from deltarule.cli.defaults import encode_as
    from deltarule.cli.engine_line import EngineLine, describe_change
    from deltarule.cli.folders import check_single
    from deltarule.cli.live import Live
    from deltarule.cli.model_data import find_run_data
    from deltarule.cli.opening import open_run_to_resume
    from deltarule.cli.training_rows import build_run_sets
    from deltarule.models import Ensemble
    from deltarule.training import resume
    from deltarule.training.runs import ResumedRunNotes, note_divergence, require_data
    from deltarule.training.saved_run import check_epochs

    _check_options(given)
    check_single(folder)
    run, epochs = open_run_to_resume(folder), given["epochs"]
    done, planned = len(run.model.history), run.model.settings.get("epochs", 0)
    check_epochs(folder, epochs, done)  # before anything is printed or written
    is_finished = run.state == "finished" and (epochs is None or epochs <= planned)
    eta = _choose_schedule(run, given, is_finished)
    data = data if data != "auto" else require_data(run)
    found = find_run_data(data, run)
    found = replace(found, data=encode_as(run.model.encoding, found.data))
    print_data(found, console)
    training_set, left = build_run_sets(run, found)
    validation = left if run.has_validation_data else None
    if eta is not None:
        console.print(_describe_change(run, eta, len(training_set), epochs or planned))
    execution = None if is_finished else _choose_execution(run, given, console)
    is_first = execution is None or execution.process == 0
    noting = note_divergence(folder) if is_first else nullcontext()
    several = isinstance(run.model, Ensemble)
    with Live(console, folder, several) as live, noting:
        engine_line = EngineLine(console, partial(describe_change, _find_settings(run)))
        callbacks = [ResumedRunNotes(folder, name_data(data, found)), engine_line, live, *build_watchers(run.notes)]
        model = resume(
            folder, training_set, validation=validation, epochs=epochs, eta=eta, execution=execution,
            callbacks=(lambda member: callbacks) if several else callbacks,
        )  # fmt: skip
    if is_finished:
        console.print(f"The run was finished after {done} epochs; extend it with --epochs {run.more_epochs}")
    return model, found


def build_watchers(notes: Mapping[str, Any]) -> list[Callback]:
    """Build the callbacks that the notes of a run ask for, at its start or when it is resumed."""
    from deltarule.training import EarlyStopping, Monitor

    patience, monitor = notes.get("early_stopping", 0), notes.get("monitor", False)
    return [*([Monitor()] if monitor else []), *([EarlyStopping(patience)] if patience else [])]


def _check_options(given: Mapping[str, Any]) -> None:
    """Raise :class:`InvalidArgument` for an option that a resumed run, which keeps its settings, would ignore."""
    from deltarule.cli.option_errors import option_error
    from deltarule.cli.options import NAMES, OF_EXECUTION
    from deltarule.errors import NOTHING

    allowed = ("resume", "epochs", *OF_ETA, *OF_EXECUTION)
    if ignored := sorted(name for name, value in given.items() if value is not None and name not in allowed):
        expected = f"no {', '.join(NAMES[name] for name in ignored)} together with it"
        remedy = (
            "a resumed run keeps its settings, except --epochs, --eta, --schedule, --engine, --threads and the options "
            f"for several devices; to train its model with other settings, start a new run: --from {given['resume']}"
        )
        raise option_error("--resume", NOTHING, expected, remedy)


def _choose_execution(run: Run, given: Mapping[str, Any], console: Console) -> Execution:
    """Choose the execution by the options and else as in the run so far, and print if that does not work here."""
    from deltarule.training.devices import read_execution

    asked, settings = build_execution(given), _find_settings(run)
    if asked.is_distributed or given["engine"] not in (None, settings.get("engine")):
        return asked
    kept, notice = read_execution(run.folder, settings)
    execution = build_execution(given, kept)
    if notice and execution == replace(kept, threads=execution.threads):
        console.print(f"[yellow]{escape(notice)}[/]")
    return execution


def _find_settings(run: Run) -> Mapping[str, Any]:
    """Return the settings of the run; of an ensemble, those of the first network that is not finished."""
    models = zip(run.model.models, run.positions, strict=False)
    return min(models, key=lambda pair: bool(pair[1].get("finished")))[0].settings


def _choose_schedule(run: Run, given: Mapping[str, Any], is_finished: bool) -> Schedule | None:
    """Return the schedule that the options make of the run's, as of a new run; None if it stays.

    Raises :class:`InvalidArgument` for a change of a run without further epochs.
    """
    from deltarule.cli.option_errors import option_error
    from deltarule.cli.selection import change_recipe
    from deltarule.models.description import build, describe
    from deltarule.recipes import Output, Recipe
    from deltarule.training import Training

    before = build(run.model.settings["eta"])
    base = Recipe([Output()], training=Training(eta=before))
    now = change_recipe({name: given[name] for name in OF_ETA}, base).training.schedule
    records = run.model.history.records
    if now.is_finished(records) and given["epochs"] is not None:
        remedy = "choose another one, such as --schedule constant"
        raise option_error("--schedule", before, "a schedule that goes on, because its η has become too small", remedy)
    if describe(now) == describe(before):
        return None
    if is_finished:
        option = next(f"--{name}" for name in OF_ETA if given[name] is not None)
        value = given[option.removeprefix("--")]
        remedy = f"add --epochs {run.more_epochs}"
        raise option_error(option, value, "more epochs as well, because the run is finished", remedy)
    return now


def _describe_change(run: Run, eta: Schedule, examples: int, epochs: int) -> str:
    """Describe another η: a constant, or for a schedule also its value in the next step."""
    import numpy as np

    from deltarule.cli.selection import format_setting
    from deltarule.core.schedules import Clock, Constant
    from deltarule.models.description import build

    settings, position = run.model.settings, run.positions[0]
    clock = Clock(-(-examples // settings["batch_size"]), epochs)
    at = position["epoch"] * clock.steps_per_epoch + position["step"]
    before, now = format_setting(build(settings["eta"])), format_setting(eta)
    line = f"η: {escape(now)} from epoch {position['epoch'] + 1} on, before: {escape(before)}"
    if isinstance(eta, Constant):
        return line
    value = float(eta.eta(np.array([at]), clock, run.model.history.records)[0])
    return f"{line}; the schedule counts from the first epoch, so η is {value:.3g} in the next step"
