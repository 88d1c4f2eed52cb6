"""deltarule train: a network learns, line by line, and is saved as it goes."""

from __future__ import annotations

import shlex
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deltarule.cli.console import Data, Json, as_is, emit, percent, progress_console, typed
from deltarule.cli.options import OF_EXECUTION, OF_RECIPE, OF_RUN, OF_SIZES, execution_by, with_options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from deltarule.data import Dataset, Source
    from deltarule.engines.execution import Execution
    from deltarule.models.predictor import Predictor
    from deltarule.training import Callback

EXAMPLE = """
[bold]Examples[/]: the book's first network, and one that does better:

  deltarule train --cost quadratic --init large --eta 3 --out runs/first

  deltarule train --data mnist --net 784-100-10 --l2 5 --keep-best

Networks that have a name bring their settings with them; each option changes one of these:

  deltarule train --net book-conv --epochs 5 --eta 0.05
"""


@with_options(["net", *OF_RECIPE, *OF_SIZES, *OF_EXECUTION, *OF_RUN])
def train(data: Data = "auto", json: Json = False, **given: Any) -> None:
    """Train a network and save it, a line an epoch."""
    console = progress_console(json)
    execution = execution_by(given)
    if (resumed := given["resume"]) is not None:
        model, found = _go_on(resumed, data, given, console)
        _end(resumed, model, found, execution, json)
    else:
        folder, model, found = _begin(data, given, execution, console)
        _end(folder, model, found, execution, json)


def _begin(
    data: str, given: Mapping[str, Any], execution: Execution, console: Console
) -> tuple[Path, Predictor, Source]:
    """Train anew: the run's folder, the model and its data."""
    from deltarule.cli.folders import check_new
    from deltarule.cli.live import Live
    from deltarule.cli.option_errors import build, refuse
    from deltarule.cli.selection import choose
    from deltarule.cli.summary import say_settings
    from deltarule.core.constraints import check
    from deltarule.data import find
    from deltarule.errors import NOTHING
    from deltarule.models.ensemble import VOTINGS
    from deltarule.training import Checkpoint, fit, fit_ensemble
    from deltarule.training.runs import NewRunNotes, find_free_folder, note_divergence

    out, members, voting = given["out"], given["ensemble"] or 1, given["voting"]
    if out is not None and execution.process == 0:
        check_new(out)
    if members == 1 and voting is not None:
        raise refuse("--voting", NOTHING, "an ensemble to vote", "add --ensemble 2 or more")
    check("voting", voting or "hard", VOTINGS)
    chosen = choose(given["net"], given)
    found = build("--data", data, find)
    chosen.refuse_watching({"--early-stopping": given["early_stopping"], "--keep-best": given["keep_best"]})
    network, recipe = chosen.network(found.data[0]), chosen.recipe
    folder = out or find_free_folder(Path("runs"), f"{found.name}-{chosen.label(network)}")
    notes: dict[str, Any] = {"data": lasting(data, found), "command": shlex.join(sys.argv[1:])}
    notes |= {"early_stopping": given["early_stopping"] or 0, "monitor": bool(given["monitor"])}
    notes |= {"shifts": recipe.shifts, "with_validation": recipe.with_validation}
    notes |= {"net": chosen.name, "changed": chosen.changed} if chosen.name else {}
    say_data(found, console)
    say_settings(chosen, network, console)
    training_set, validation = chosen.learned(*found.data[:2])
    every = given["checkpoint_every"] or 0

    def watching(member: int = 0) -> list[Callback]:
        new_folder = [NewRunNotes(folder, notes)] if member == 0 else []
        return [*new_folder, live, *_watching(notes)]

    diverging = note_divergence(folder) if execution.process == 0 else nullcontext()
    model: Predictor
    with Live(console, folder, members > 1) as live, diverging, chosen.naming_origins():
        if members > 1:
            model = fit_ensemble(
                network, training_set, recipe.training, members=members, voting=voting or "hard",
                validation=validation, execution=execution, folder=folder, checkpoint_every=every, callbacks=watching,
            )  # fmt: skip
        else:
            new, *others = watching()
            callbacks = [new, Checkpoint(folder, every), *others]
            model = fit(
                network, training_set, recipe.training, validation=validation, execution=execution, callbacks=callbacks
            )
    return folder, model, found


train.__doc__ = f"{train.__doc__}\n{EXAMPLE}"


def _watching(notes: Mapping[str, Any]) -> list[Callback]:
    """The callbacks that a run's notes ask for, from its start or when it is resumed."""
    from deltarule.training import EarlyStopping, Monitor

    patience, monitor = notes.get("early_stopping", 0), notes.get("monitor", False)
    return [*([Monitor()] if monitor else []), *([EarlyStopping(patience)] if patience else [])]


def _end(folder: Path, model: Predictor, found: Source, execution: Execution, as_json: bool) -> None:
    """What a process says when all of them are done."""
    process, processes = execution.process, execution.processes
    if process == 0:
        report(folder, model, found, as_json)
    elif as_json:
        emit({"process": process, "processes": processes, "parameters_sha256": model.parameters_sha256})
    else:
        progress_console(as_json).print(f"Process {process} of {processes} is done; process 0 has the run")


def _go_on(folder: Path, data: str, given: Mapping[str, Any], console: Console) -> tuple[Predictor, Source]:
    """Resume a run: the model and its data."""
    from deltarule.cli.live import Live
    from deltarule.cli.option_errors import build
    from deltarule.data import build_training_set, find
    from deltarule.models import Ensemble
    from deltarule.training import resume
    from deltarule.training.devices import read_execution
    from deltarule.training.runs import ResumedRunNotes, note_divergence, open_run_to_resume, require_data
    from deltarule.training.saved_run import check_epochs

    _refuse_other_options(given)
    run, epochs = open_run_to_resume(folder), given["epochs"]
    done, planned = len(run.model.history), run.model.settings.get("epochs", 0)
    check_epochs(folder, epochs, done)  # before anything is said or done
    data = data if data != "auto" else require_data(run)
    found = build("--data", data, find)
    say_data(found, console)
    training_set, left = build_training_set(
        *found.data[:2], run.notes.get("shifts", 0), run.notes.get("with_validation", False)
    )
    validation = left if run.has_validation_data else None
    finished = run.state == "finished" and (epochs is None or epochs <= planned)
    execution = None
    if not finished:
        recorded, news = read_execution(folder, run.model.settings)
        other = any(given[name] is not None for name in SHARING)
        execution = execution_by(given, replace(recorded, threads=None) if other else recorded)
        if news and not other:
            console.print(f"[yellow]{as_is(news)}[/]")
    first = execution is None or execution.process == 0
    diverging = note_divergence(folder) if first else nullcontext()
    several = isinstance(run.model, Ensemble)
    with Live(console, folder, several) as live, diverging:
        callbacks = [ResumedRunNotes(folder, lasting(data, found)), live, *_watching(run.notes)]
        model = resume(
            folder, training_set, validation=validation, epochs=epochs, execution=execution,
            callbacks=(lambda member: callbacks) if several else callbacks,
        )  # fmt: skip
    if finished:
        console.print(f"It was finished after {done} epochs; --epochs {run.more_epochs} would prolong it")
    return model, found


SHARING = ("devices", "coordinator", "processes", "process")
"""The options that say who shares the work, which may be others when a run goes on."""


def _refuse_other_options(given: Mapping[str, Any]) -> None:
    """A resumed run goes on as it was begun: an option that would be ignored is an error."""
    from deltarule.cli.option_errors import refuse
    from deltarule.cli.options import NAMES
    from deltarule.errors import NOTHING

    used = ("resume", "epochs", *SHARING)
    if other := sorted(name for name, value in given.items() if value is not None and name not in used):
        names = ", ".join(NAMES[name] for name in other)
        raise refuse(
            "--resume", NOTHING, f"no {names} beside it, as a run goes on with its own settings",
            "only --epochs and the devices may change",
        )  # fmt: skip


def lasting(data: str, found: Source) -> str:
    """The data's name, or its path in a form that holds wherever the run is resumed from."""
    if data == "auto":
        return found.name
    return data if data in ("mnist", "digits") else str(Path(data).expanduser().resolve())


def say_data(found: Source, console: Console) -> None:
    """A line on which data are used and why."""
    from deltarule.training.callbacks import name_examples

    train, validation, test = found.data
    counts = f"{len(train):,} training, {len(validation):,} validation and {len(test):,} test {name_examples(test)}"
    console.print(f"Data: [bold]{as_is(found.name)}[/], {counts} ({as_is(found.why)})")


def report(folder: Path, model: Predictor, found: Source, as_json: bool) -> None:
    """What the run came to, noted in its folder and printed."""
    result = conclude(folder, model, found)
    if as_json:
        emit(result)
    else:
        _say_result(result, model, found.data[2], progress_console(as_json))


def conclude(folder: Path, model: Predictor, found: Source) -> dict[str, Any]:
    """What a run came to, as JSON; noted in its folder too."""
    from deltarule.models import Ensemble
    from deltarule.training.runs import read_notes, write_notes

    history, settings, test = model.history, model.settings, found.data[2]
    result = {
        "out": str(folder),
        "data": found.name,
        "engine": settings["engine"],
        "engine_reason": settings["engine_reason"],
        "threads": settings["threads"],
        "epochs": len(history),
        "test_accuracy": model.accuracy(test),
        "test_cost": model.cost(test),
        "validation_accuracy": history.last.get("validation_accuracy"),
        "best_epoch": history.best("validation_accuracy")["epoch"] if "validation_accuracy" in history.last else None,
        "best_test_accuracy": model.best.accuracy(test) if model.best else None,
        "seconds_per_epoch": history["seconds"],
        "compile_seconds": sum(record.get("compile_seconds", 0.0) for record in history.records),
        "parameters_sha256": model.parameters_sha256,
        "seed": settings["seed"],
    }
    if isinstance(model, Ensemble):
        result["voting"] = model.voting
        result["seeds"] = [member.settings["seed"] for member in model.models]
        result["test_accuracy_of_each"] = [member.accuracy(test) for member in model.models]
    write_notes(folder, {**read_notes(folder), "result": result})
    return result


def _say_result(result: Mapping[str, Any], model: Predictor, test: Dataset, console: Console) -> None:
    """The lines after the last epoch."""
    from deltarule.training.callbacks import name_examples

    n, accuracy = len(test), result["test_accuracy"]
    seconds, folder = sum(result["seconds_per_epoch"]), result["out"]
    kind = name_examples(test)
    console.print(f"Test: [bold]{round(accuracy * n)} / {n}[/]  {percent(accuracy)}  on {kind} it never saw")
    if each := result.get("test_accuracy_of_each"):
        alone = ", ".join(percent(share) for share in each)
        console.print(f"      by the {result['voting']} vote of {len(each)} networks; each on its own reads {alone}")
    if model.best is not None:
        best = result["best_test_accuracy"]
        console.print(f"      the best epoch by validation, {result['best_epoch']}, reads {percent(best)} of them")
    start = f", {result['compile_seconds']:.1f} s to compile" if result["engine"] == "jax" else ""
    each_network = " for each" if each else ""
    console.print(f"Time: {seconds:.1f} s of training{each_network}{start} (engine {result['engine_reason']})")
    console.print(f"Run:  {as_is(folder)}    look at it:  {typed('deltarule', 'show', folder)}")
