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

    from deltarule.core.network import Network
    from deltarule.data import Source
    from deltarule.engines.execution import Execution
    from deltarule.models import Model
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

A trained network, trained further on pictures of your own:

  deltarule train --from runs/first --data my_digits --eta 0.05
"""


@add_options(["net", *OF_DATA, *OF_RECIPE, *OF_SIZES, *OF_EXECUTION, *OF_RUN])
def train(data: Data = "auto", json: Json = False, help_all: HelpAll = False, **given: Any) -> None:
    """Train a network and save it; each epoch prints a line."""
    console = choose_console(json)
    execution = build_execution(given)
    if (folder := given["resume"]) is not None:
        from deltarule.cli.resume import resume_run

        model, found = resume_run(folder, data, given, console)
    else:
        from deltarule.cli.warm_start import check_start

        check_start(given)
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
    from deltarule.cli.defaults import adapt_selection, check_classes, encode_as, encode_for_sizes
    from deltarule.cli.folders import check_new
    from deltarule.cli.live import Live
    from deltarule.cli.option_errors import option_error
    from deltarule.cli.resume import build_watchers
    from deltarule.cli.selection import select_network
    from deltarule.cli.summary import print_settings
    from deltarule.cli.warm_start import (
        build_start,
        describe_start,
        find_start_data,
        note_start,
        open_start,
        select_start,
    )
    from deltarule.core.constraints import check
    from deltarule.errors import NOTHING
    from deltarule.models.ensemble import VOTINGS
    from deltarule.training import Checkpoint, fit, fit_ensemble
    from deltarule.training.fingerprints import RecordFingerprints, read_fingerprints
    from deltarule.training.runs import NewRunNotes, find_free_folder, note_divergence

    out, members, voting = given["out"], given["ensemble"] or 1, given["voting"]
    if out is not None and execution.process == 0:
        check_new(out)
    if members == 1 and voting is not None:
        raise option_error("--voting", NOTHING, "an ensemble", "add --ensemble 2 or more")
    check("voting", voting or "hard", VOTINGS)
    path, is_new_output, options = given["start"], bool(given["new_output"]), build_data_options(given)
    if path is None:
        selection, fitted, start = select_network(given["net"], given), None, None
        found = find_data(data, options)
        found = replace(found, data=encode_for_sizes(given["net"], found.data))
    else:
        run, start = open_start(path)
        selection = select_network(given["net"], given) if given["net"] else select_start(path, start, given)
        found, fitted, options = find_start_data(data, run, options, is_new_output)
        found = replace(found, data=encode_as(fitted.encoding, found.data))
        data = found.where if found.summary else found.name
    check_classes(given, found.data[0])
    selection.check_validation({"--early-stopping": given["early_stopping"], "--keep-best": given["keep_best"]})
    selection = adapt_selection(selection, given, found.data[0])
    network, recipe = selection.build_network(found.data[0], fitted), selection.recipe
    folder = out or find_free_folder(Path("runs"), f"{found.name}-{selection.name_run(network)}")
    notes: dict[str, Any] = {"data": name_data(data, found), "command": shlex.join(sys.argv[1:])}
    notes |= {"early_stopping": given["early_stopping"] or 0, "monitor": bool(given["monitor"])}
    notes |= {"table": described} if (described := describe_options(options)) else {}
    notes |= {"class_weights": weights} if (weights := given["class_weights"]) else {}
    notes |= {"shifts": recipe.shifts, "with_validation": recipe.with_validation}
    notes |= {"fingerprints": False} if given["no_fingerprints"] else {}
    if selection.name and (start is None or given["net"]):
        notes |= {"net": selection.name, "changed": selection.originals}
    first: Network | Model = network
    if start is not None and fitted is not None:
        first = build_start(start, network, fitted, is_new_output, recipe.training.seed)
        network, notes["from"] = first.network, note_start(path, start)
        console.print(escape(describe_start(path, start)))
    print_data(found, console)
    print_settings(selection, network, console)
    training_set, validation = selection.build_training_set(*found.data[:2])
    training_set = weigh_classes(training_set, weights)
    every = given["checkpoint_every"] or 0
    originals = found.data[: 2 if recipe.with_validation else 1]
    earlier = read_fingerprints(path) if path is not None and path.is_dir() else None
    recording = [] if given["no_fingerprints"] else [RecordFingerprints(folder, originals, earlier)]

    def build_callbacks(member: int = 0) -> list[Callback]:
        new_folder = [NewRunNotes(folder, notes), *recording] if member == 0 else []
        return [*new_folder, live, *build_watchers(notes)]

    noting = note_divergence(folder) if execution.process == 0 else nullcontext()
    model: Predictor
    with Live(console, folder, members > 1) as live, noting, selection.report_origins():
        if members > 1:
            model = fit_ensemble(
                first, training_set, recipe.training, members=members, voting=voting or "hard", validation=validation,
                execution=execution, folder=folder, checkpoint_every=every, callbacks=build_callbacks,
            )  # fmt: skip
        else:
            new_folder, *others = build_callbacks()
            callbacks = [new_folder, Checkpoint(folder, every, pause=LEAST_PAUSE), *others]
            model = fit(
                first, training_set, recipe.training, validation=validation, execution=execution, callbacks=callbacks
            )
    return folder, model, found


train.__doc__ = f"{train.__doc__}\n{EXAMPLE}"


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


LEAST_PAUSE = 0.5
"""The least time between two checkpoints after epochs, in seconds: epochs of small tables take milliseconds."""
