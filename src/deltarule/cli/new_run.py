"""A new run of ``deltarule train``: its network, data and settings by the options, and its training."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from deltarule.cli.console import escape
from deltarule.cli.data_options import build_data_options, describe_options, find_data, weigh_classes
from deltarule.cli.defaults import adapt_selection, check_classes, encode_as, encode_for_sizes
from deltarule.cli.engine_line import EngineLine, explain_absence
from deltarule.cli.folders import check_new
from deltarule.cli.live import Live
from deltarule.cli.option_errors import option_error
from deltarule.cli.resume import build_watchers
from deltarule.cli.selection import Selection, select_network
from deltarule.cli.summary import print_settings
from deltarule.cli.training_report import name_data, print_data
from deltarule.cli.warm_start import build_start, describe_start, find_start_data, note_start, open_start, select_start
from deltarule.core.constraints import check
from deltarule.core.network import Network
from deltarule.data.options import DataOptions
from deltarule.data.sources import Source
from deltarule.engines.execution import Execution
from deltarule.errors import NOTHING
from deltarule.models.model import Model
from deltarule.models.predictor import Predictor
from deltarule.models.voting import VOTINGS
from deltarule.preprocessing import Preprocessing
from deltarule.training import Callback, Checkpoint, fit, fit_ensemble
from deltarule.training.fingerprints import RecordFingerprints, read_fingerprints
from deltarule.training.runs import NewRunNotes, find_free_folder, note_divergence

LEAST_PAUSE = 0.5
"""The least time between two checkpoints after epochs, in seconds: epochs of small tables take milliseconds."""


@dataclass(frozen=True, eq=False)
class Plan:
    """The parts of a new run.

    Attributes:
        data: The name or path of the data, as in ``--data``.
        found: The data.
        options: The statements about data of one's own.
        selection: The network and its settings.
        start: The model from which the run starts, or None.
        fitted: The preprocessing of the run, if it starts from a model; with a new output layer its classes are new.
    """

    data: str
    found: Source
    options: DataOptions | None
    selection: Selection
    start: Model | None = None
    fitted: Preprocessing | None = None


def start_run(
    data: str, given: Mapping[str, Any], execution: Execution, console: Console
) -> tuple[Path, Predictor, Source]:
    """Train a new run, and return its folder, its model and its data."""
    _check_options(given, execution)
    plan = _plan_run(data, given) if given["start"] is None else _plan_further_run(data, given)
    plan = replace(plan, selection=_adapt_selection(plan, given))
    found, selection = plan.found, plan.selection
    network = selection.build_network(found.data[0], plan.fitted)
    folder = given["out"] or find_free_folder(Path("runs"), f"{found.name}-{selection.name_run(network)}")
    notes = _collect_notes(plan, given)
    first: Network | Model = network
    if plan.start is not None and plan.fitted is not None:
        seed = selection.recipe.training.seed
        first = build_start(plan.start, network, plan.fitted, bool(given["new_output"]), seed)
        network, notes["from"] = first.network, note_start(given["start"], plan.start)
        console.print(escape(describe_start(given["start"], plan.start)))
    print_data(found, console)
    print_settings(selection, network, console)
    return folder, _train(plan, first, folder, notes, given, execution, console), found


def _check_options(given: Mapping[str, Any], execution: Execution) -> None:
    """Raise :class:`InvalidArgument` for a folder that exists, and for a voting without an ensemble."""
    voting = given["voting"]
    if given["out"] is not None and execution.process == 0:
        check_new(given["out"])
    if given["ensemble"] in (None, 1) and voting is not None:
        raise option_error("--voting", NOTHING, "an ensemble", "add --ensemble 2 or more")
    check("voting", voting or "hard", VOTINGS)


def _plan_run(data: str, given: Mapping[str, Any]) -> Plan:
    """Plan a run that starts from random parameters."""
    options = build_data_options(given)
    selection = select_network(given["net"], given)
    found = find_data(data, options)
    found = replace(found, data=encode_for_sizes(given["net"], found.data))
    return Plan(data, found, options, selection)


def _plan_further_run(data: str, given: Mapping[str, Any]) -> Plan:
    """Plan a run that starts from a model, whose preprocessing it keeps."""
    path, options = given["start"], build_data_options(given)
    run, start = open_start(path)
    selection = select_network(given["net"], given) if given["net"] else select_start(path, start, given)
    found, fitted, options = find_start_data(data, run, options, bool(given["new_output"]))
    found = replace(found, data=encode_as(fitted.encoding, found.data))
    data = found.where if found.summary else found.name
    return Plan(data, found, options, selection, start, fitted)


def _adapt_selection(plan: Plan, given: Mapping[str, Any]) -> Selection:
    """Adapt the settings to the data, and check that they suit them."""
    training, selection = plan.found.data[0], plan.selection
    check_classes(given, training)
    selection.check_validation({"--early-stopping": given["early_stopping"], "--keep-best": given["keep_best"]})
    return adapt_selection(selection, given, training)


def _collect_notes(plan: Plan, given: Mapping[str, Any]) -> dict[str, Any]:
    """Collect what the notes of the run record, so that it can be resumed and evaluated."""
    selection, recipe = plan.selection, plan.selection.recipe
    notes: dict[str, Any] = {"data": name_data(plan.data, plan.found), "command": shlex.join(sys.argv[1:])}
    notes |= {"early_stopping": given["early_stopping"] or 0, "monitor": bool(given["monitor"])}
    notes |= {"table": described} if (described := describe_options(plan.options)) else {}
    notes |= {"class_weights": weights} if (weights := given["class_weights"]) else {}
    notes |= {"shifts": recipe.shifts, "with_validation": recipe.with_validation}
    notes |= {"fingerprints": False} if given["no_fingerprints"] else {}
    if selection.name and (plan.start is None or given["net"]):
        notes |= {"net": selection.name, "changed": selection.originals}
    return notes


def _train(
    plan: Plan, first: Network | Model, folder: Path, notes: Mapping[str, Any], given: Mapping[str, Any],
    execution: Execution, console: Console,
) -> Predictor:  # fmt: skip
    """Train the network or the ensemble, and save it in the folder with its notes and fingerprints."""
    members, every = given["ensemble"] or 1, given["checkpoint_every"] or 0
    training_set, validation = plan.selection.build_training_set(*plan.found.data[:2])
    training_set = weigh_classes(training_set, given["class_weights"])
    recording = _record_fingerprints(plan, folder, given)
    noting = note_divergence(folder) if execution.process == 0 else nullcontext()
    training = plan.selection.recipe.training
    with Live(console, folder, members > 1) as live, noting, plan.selection.report_origins():
        of_folder = [NewRunNotes(folder, notes), *recording, EngineLine(console, explain_absence)]
        build_callbacks = _prepare_callbacks(of_folder, live, notes)
        if members > 1:
            return fit_ensemble(
                first, training_set, training, members=members, voting=given["voting"] or "hard",
                validation=validation, execution=execution, folder=folder, checkpoint_every=every,
                callbacks=build_callbacks,
            )  # fmt: skip
        new_folder, *others = build_callbacks(0)
        callbacks = [new_folder, Checkpoint(folder, every, pause=LEAST_PAUSE), *others]
        return fit(first, training_set, training, validation=validation, execution=execution, callbacks=callbacks)


def _record_fingerprints(plan: Plan, folder: Path, given: Mapping[str, Any]) -> list[Callback]:
    """Build the callback that records the fingerprints of the examples; none if they are not wanted."""
    if given["no_fingerprints"]:
        return []
    originals = plan.found.data[: 2 if plan.selection.recipe.with_validation else 1]
    path = given["start"]
    earlier = read_fingerprints(path) if path is not None and path.is_dir() else None
    return [RecordFingerprints(folder, originals, earlier)]


def _prepare_callbacks(
    of_folder: list[Callback], live: Live, notes: Mapping[str, Any]
) -> Callable[[int], list[Callback]]:
    """Return the function that builds the callbacks of a member; those of the folder belong to the first."""

    def build_callbacks(member: int) -> list[Callback]:
        return [*(of_folder if member == 0 else []), live, *build_watchers(notes)]

    return build_callbacks
