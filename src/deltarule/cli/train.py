"""deltarule train: train a network, with a line for each epoch, and save it after each epoch."""

from __future__ import annotations

import shlex
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deltarule.cli.commands import HelpAll
from deltarule.cli.console import Data, Json, choose_console, emit, escape
from deltarule.cli.options import OF_DATA, OF_EXECUTION, OF_RECIPE, OF_RUN, OF_SIZES, add_options, build_execution
from deltarule.cli.training_report import name_data, print_data, print_result, record_result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from deltarule.data import Source
    from deltarule.engines.execution import Execution
    from deltarule.models.predictor import Predictor
    from deltarule.training import Callback

EXAMPLE = """
[bold]Examples[/]: the book's first network, and a better one:

  deltarule train --cost quadratic --init large --eta 3 --out runs/first

  deltarule train --data mnist --net 784-100-10 --l2 5 --keep-best

A named network brings its own settings; each option changes one of them:

  deltarule train --net book-conv --epochs 5 --eta 0.05

A table of your own:

  deltarule train --data patients.csv --label ill --missing median
"""


@add_options(["net", *OF_DATA, *OF_RECIPE, *OF_SIZES, *OF_EXECUTION, *OF_RUN])
def train(data: Data = "auto", json: Json = False, help_all: HelpAll = False, **given: Any) -> None:
    """Train a network and save it; each epoch prints a line."""
    console = choose_console(json)
    execution = build_execution(given)
    if (folder := given["resume"]) is not None:
        model, found = _resume(folder, data, given, console)
    else:
        if given["folds"] is not None:
            from deltarule.cli.folds import train_folds

            train_folds(data, given, execution, console, shlex.join(sys.argv[1:]), json)
            return
        folder, model, found = _start(data, given, execution, console)
    _finish(folder, model, found, execution, json)


def _start(
    data: str, given: Mapping[str, Any], execution: Execution, console: Console
) -> tuple[Path, Predictor, Source]:
    """Train a new run, and return its folder, its model and its data."""
    from deltarule.cli.data_options import build_data_options, describe_options, find_data, weigh_classes
    from deltarule.cli.defaults import adapt_selection, check_classes, encode_for_sizes
    from deltarule.cli.folders import check_new
    from deltarule.cli.live import Live
    from deltarule.cli.option_errors import option_error
    from deltarule.cli.selection import select_network
    from deltarule.cli.summary import print_settings
    from deltarule.core.constraints import check
    from deltarule.errors import NOTHING
    from deltarule.models.ensemble import VOTINGS
    from deltarule.training import Checkpoint, fit, fit_ensemble
    from deltarule.training.runs import NewRunNotes, find_free_folder, note_divergence

    out, members, voting = given["out"], given["ensemble"] or 1, given["voting"]
    if out is not None and execution.process == 0:
        check_new(out)
    if members == 1 and voting is not None:
        raise option_error("--voting", NOTHING, "an ensemble", "add --ensemble 2 or more")
    check("voting", voting or "hard", VOTINGS)
    selection = select_network(given["net"], given)
    options = build_data_options(given)
    found = find_data(data, options)
    found = replace(found, data=encode_for_sizes(given["net"], found.data))
    check_classes(given, found.data[0])
    selection.check_validation({"--early-stopping": given["early_stopping"], "--keep-best": given["keep_best"]})
    selection = adapt_selection(selection, given, found.data[0])
    network, recipe = selection.build_network(found.data[0]), selection.recipe
    folder = out or find_free_folder(Path("runs"), f"{found.name}-{selection.name_run(network)}")
    notes: dict[str, Any] = {"data": name_data(data, found), "command": shlex.join(sys.argv[1:])}
    notes |= {"early_stopping": given["early_stopping"] or 0, "monitor": bool(given["monitor"])}
    notes |= {"table": described} if (described := describe_options(options)) else {}
    notes |= {"class_weights": weights} if (weights := given["class_weights"]) else {}
    notes |= {"shifts": recipe.shifts, "with_validation": recipe.with_validation}
    notes |= {"net": selection.name, "changed": selection.originals} if selection.name else {}
    print_data(found, console)
    print_settings(selection, network, console)
    training_set, validation = selection.build_training_set(*found.data[:2])
    training_set = weigh_classes(training_set, weights)
    every = given["checkpoint_every"] or 0

    def build_callbacks(member: int = 0) -> list[Callback]:
        new_folder = [NewRunNotes(folder, notes)] if member == 0 else []
        return [*new_folder, live, *_build_watchers(notes)]

    noting = note_divergence(folder) if execution.process == 0 else nullcontext()
    model: Predictor
    with Live(console, folder, members > 1) as live, noting, selection.report_origins():
        if members > 1:
            model = fit_ensemble(
                network, training_set, recipe.training, members=members, voting=voting or "hard", validation=validation,
                execution=execution, folder=folder, checkpoint_every=every, callbacks=build_callbacks,
            )  # fmt: skip
        else:
            new_folder, *others = build_callbacks()
            callbacks = [new_folder, Checkpoint(folder, every, pause=LEAST_PAUSE), *others]
            model = fit(
                network, training_set, recipe.training, validation=validation, execution=execution, callbacks=callbacks
            )
    return folder, model, found


train.__doc__ = f"{train.__doc__}\n{EXAMPLE}"


def _build_watchers(notes: Mapping[str, Any]) -> list[Callback]:
    """Build the callbacks that the notes of a run ask for, at its start or when it is resumed."""
    from deltarule.training import EarlyStopping, Monitor

    patience, monitor = notes.get("early_stopping", 0), notes.get("monitor", False)
    return [*([Monitor()] if monitor else []), *([EarlyStopping(patience)] if patience else [])]


def _finish(folder: Path, model: Predictor, found: Source, execution: Execution, as_json: bool) -> None:
    """Record and print the result in process 0; print one line in another process."""
    process, processes = execution.process, execution.processes
    if process == 0:
        result = record_result(folder, model, found)
        if as_json:
            emit(result)
        else:
            print_result(result, model, found.data[2], choose_console(as_json))
    elif as_json:
        emit({"process": process, "processes": processes, "parameters_sha256": model.parameters_sha256})
    else:
        choose_console(as_json).print(f"Process {process} of {processes} is done; process 0 has the result")


def _resume(folder: Path, data: str, given: Mapping[str, Any], console: Console) -> tuple[Predictor, Source]:
    """Resume a run, and return its model and its data."""
    from deltarule.cli.data_options import find_run_data
    from deltarule.cli.defaults import encode_as
    from deltarule.cli.folders import check_single
    from deltarule.cli.live import Live
    from deltarule.cli.training_rows import build_run_sets
    from deltarule.models import Ensemble
    from deltarule.training import resume
    from deltarule.training.devices import read_execution
    from deltarule.training.runs import ResumedRunNotes, note_divergence, open_run_to_resume, require_data
    from deltarule.training.saved_run import check_epochs

    _check_options(given)
    check_single(folder)
    run, epochs = open_run_to_resume(folder), given["epochs"]
    done, planned = len(run.model.history), run.model.settings.get("epochs", 0)
    check_epochs(folder, epochs, done)  # before anything is printed or written
    data = data if data != "auto" else require_data(run)
    found = find_run_data(data, run.notes)
    found = replace(found, data=encode_as(run.model.encoding, found.data))
    print_data(found, console)
    training_set, left = build_run_sets(run, found)
    validation = left if run.has_validation_data else None
    is_finished = run.state == "finished" and (epochs is None or epochs <= planned)
    execution = None
    if not is_finished:
        recorded, news = read_execution(folder, run.model.settings)
        has_other_devices = any(given[name] is not None for name in SHARING)
        execution = build_execution(given, replace(recorded, threads=None) if has_other_devices else recorded)
        if news and not has_other_devices:
            console.print(f"[yellow]{escape(news)}[/]")
    is_first = execution is None or execution.process == 0
    noting = note_divergence(folder) if is_first else nullcontext()
    several = isinstance(run.model, Ensemble)
    with Live(console, folder, several) as live, noting:
        callbacks = [ResumedRunNotes(folder, name_data(data, found)), live, *_build_watchers(run.notes)]
        model = resume(
            folder, training_set, validation=validation, epochs=epochs, execution=execution,
            callbacks=(lambda member: callbacks) if several else callbacks,
        )  # fmt: skip
    if is_finished:
        console.print(f"The run was finished after {done} epochs; extend it with --epochs {run.more_epochs}")
    return model, found


LEAST_PAUSE = 0.5
"""The least time between two checkpoints after epochs, in seconds: epochs of small tables take milliseconds."""

SHARING = ("devices", "coordinator", "processes", "process")
"""The options for several devices, which may change when a run is resumed."""


def _check_options(given: Mapping[str, Any]) -> None:
    """Raise :class:`InvalidArgument` for an option that a resumed run, which keeps its settings, would ignore."""
    from deltarule.cli.option_errors import option_error
    from deltarule.cli.options import NAMES
    from deltarule.errors import NOTHING

    allowed = ("resume", "epochs", *SHARING)
    if ignored := sorted(name for name, value in given.items() if value is not None and name not in allowed):
        expected = f"no {', '.join(NAMES[name] for name in ignored)} together with it"
        remedy = "a resumed run keeps its settings; only --epochs and the options for several devices may change"
        raise option_error("--resume", NOTHING, expected, remedy)
