"""deltarule train: a network learns, line by line, and is saved as it goes."""

from __future__ import annotations

import shlex
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from deltarule.cli import options
from deltarule.cli.console import Data, Json, as_is, emit, percent, progress_console, typed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from deltarule.data import Dataset, Found
    from deltarule.models.predictor import Predictor
    from deltarule.training import Callback

EXAMPLE = """
[bold]Examples[/]: the book's first network, and one that does better:

  deltarule train --cost quadratic --init large --eta 3 --out runs/first

  deltarule train --data mnist --net 784-100-10 --l2 5 --keep-best

Networks that have a name bring their settings with them; each option changes one of these:

  deltarule train --net book-conv --epochs 5 --eta 0.05
"""


def train(
    context: typer.Context,
    data: Data = "auto",
    net: options.Network = None,
    cost: options.CostName = "cross-entropy",
    hidden: options.Hidden = "sigmoid",
    init: options.Init = "default",
    eta: options.Eta = 0.5,
    epochs: options.Epochs = None,
    batch_size: options.BatchSize = 10,
    optimizer: options.OptimizerName = "sgd",
    mu: options.Mu = None,
    schedule: options.ScheduleText = "constant",
    seed: options.Seed = 0,
    l2: options.L2Lambda = 0.0,
    l1: options.L1Lambda = 0.0,
    dropout: options.DropoutP = 0.0,
    smoothing: options.Smoothing = 0.0,
    average: options.Average = 0.0,
    with_validation: options.WithValidation = False,
    expand: options.Expand = None,
    early_stopping: options.Patience = 0,
    keep_best: options.Best = False,
    ensemble: options.Members = 1,
    voting: options.Voting = "hard",
    engine: options.EngineName = "auto",
    threads: options.Threads = None,
    dtype: options.Dtype = "float32",
    devices: options.Devices = 1,
    coordinator: options.Coordinator = None,
    processes: options.Processes = 1,
    process: options.Process = 0,
    monitor: options.MonitorTraining = False,
    out: options.Out = None,
    checkpoint_every: options.SaveEvery = 0,
    resume: options.Resume = None,
    json: Json = False,
) -> None:
    """Train a network and save it, a line an epoch."""
    from deltarule.cli.chosen import choose
    from deltarule.cli.live import Live
    from deltarule.cli.refusals import with_dashes
    from deltarule.cli.summary import say_settings
    from deltarule.core.constraints import check
    from deltarule.data import find
    from deltarule.errors import InvalidArgument
    from deltarule.models.ensemble import VOTINGS
    from deltarule.training import Checkpoint, KeepBest, fit
    from deltarule.training.ensembles import fit_ensemble
    from deltarule.training.runs import Notes, free_name, noting_divergence, refuse_existing

    console = progress_console(json)
    if resume is not None:
        _refuse_other_options(context)
        model: Predictor
        sharing = {name: context.params[name] for name in _given(context) & SHARING}
        model, found = _go_on(resume, data if "data" in _given(context) else None, epochs, sharing, console)
        _end(resume, model, found, process, processes, json)
        return
    if out is not None and process == 0:
        refuse_existing(out)
    if ensemble == 1 and "voting" in _given(context):
        raise InvalidArgument(
            f"--voting {voting}: one network has nobody to vote with; give --ensemble as well, from 2"
        )
    check("--voting", voting, VOTINGS)
    chosen = choose(net, {name: context.params[name] for name in _given(context)})
    found = find(data)
    chosen.refuse_watching({"--early-stopping": early_stopping, "--keep-best": keep_best})
    network = chosen.network(found.data[0])
    folder = out or free_name(Path("runs"), f"{found.name}-{chosen.label(network)}")
    notes: dict[str, Any] = {"data": lasting(data, found), "command": shlex.join(sys.argv[1:])}
    notes |= {"early_stopping": early_stopping, "monitor": monitor}
    notes |= {"shifts": chosen.recipe.shifts, "with_validation": chosen.recipe.with_validation}
    notes |= {"net": chosen.name, "changed": chosen.changed} if chosen.name else {}
    say_data(found, console)
    say_settings(chosen, network, console)
    training, validation = chosen.learned(*found.data[:2])
    arguments: dict[str, Any] = {
        **chosen.recipe.arguments,
        "validation": validation,
        "seed": seed,
        "engine": engine,
        "threads": threads,
        "dtype": dtype,
        "devices": devices,
        "coordinator": coordinator,
        "processes": processes,
        "process": process,
    }

    def watching(member: int = 0) -> list[Callback]:
        new_folder = [Notes(folder, notes)] if member == 0 else []
        return [*new_folder, live, *([KeepBest()] if keep_best else []), *_watching(notes)]

    diverging = noting_divergence(folder) if process == 0 else nullcontext()
    with Live(console, folder, ensemble > 1) as live, diverging, with_dashes(context.params):
        if ensemble > 1:
            saving: dict[str, Any] = {"folder": folder, "checkpoint_every": checkpoint_every}
            together: dict[str, Any] = {"members": ensemble, "voting": voting, "callbacks": watching}
            model = fit_ensemble(network, training, **together, **saving, **arguments)
        else:
            new, *others = watching()
            model = fit(network, training, callbacks=[new, Checkpoint(folder, checkpoint_every), *others], **arguments)
    _end(folder, model, found, process, processes, json)


SHARING = {"devices", "coordinator", "processes", "process"}
"""The options that say who shares the work, which may be others when a run goes on."""


train.__doc__ = f"{train.__doc__}\n{EXAMPLE}"


def _watching(notes: Mapping[str, Any]) -> list[Callback]:
    """The callbacks that a run's notes ask for, from its start or when it is resumed."""
    from deltarule.training import EarlyStopping, Monitor

    patience, monitor = notes.get("early_stopping", 0), notes.get("monitor", False)
    return [*([Monitor()] if monitor else []), *([EarlyStopping(patience)] if patience else [])]


def _end(folder: Path, model: Predictor, found: Found, process: int, processes: int, as_json: bool) -> None:
    """What a process says when all of them are done."""
    if process == 0:
        report(folder, model, found, as_json)
    elif as_json:
        emit({"process": process, "processes": processes, "parameters_sha256": model.parameters_sha256})
    else:
        progress_console(as_json).print(f"Process {process} of {processes} is done; process 0 has the run")


def _go_on(
    folder: Path, data: str | None, epochs: int | None, sharing: dict[str, Any], console: Console
) -> tuple[Predictor, Found]:
    """The model of a run that was resumed, and its data."""
    from deltarule.cli.live import Live
    from deltarule.cli.refusals import with_dashes
    from deltarule.data import build_training_set, find
    from deltarule.models import Ensemble
    from deltarule.training import resume
    from deltarule.training.checkpoint import refuse_fewer
    from deltarule.training.runs import Reopened, data_of, noting_divergence, open_begun
    from deltarule.training.sharing import devices_now

    run = open_begun(folder)
    done, planned = len(run.model.history), run.model.settings.get("epochs", 0)
    with with_dashes(["epochs"]):  # before anything is said or done
        refuse_fewer(folder, epochs, done)
    data = data or data_of(run)
    found = find(data)
    say_data(found, console)
    training, left = build_training_set(
        *found.data[:2], run.notes.get("shifts", 0), run.notes.get("with_validation", False)
    )
    validation = left if run.validated else None
    finished = run.state == "finished" and (epochs is None or epochs <= planned)
    if not finished and not sharing:
        sharing["devices"], news = devices_now(folder, run.model.settings)
        if news:
            console.print(f"[yellow]{as_is(news)}[/]")
    diverging = noting_divergence(folder) if sharing.get("process", 0) == 0 else nullcontext()
    with Live(console, folder, isinstance(run.model, Ensemble)) as live, diverging, with_dashes(["epochs"]):
        callbacks = [Reopened(folder, lasting(data, found)), live, *_watching(run.notes)]
        model = resume(folder, training, validation=validation, epochs=epochs, callbacks=callbacks, **sharing)
    if finished:
        console.print(f"It was finished after {done} epochs; --epochs {run.more} would prolong it")
    return model, found


def _refuse_other_options(context: typer.Context) -> None:
    """A resumed run goes on as it was begun: an option that would be ignored is an error."""
    from deltarule.errors import InvalidArgument

    if other := sorted(_given(context) - {"resume", "data", "epochs", "json", *SHARING}):
        names = ", ".join("--" + name.replace("_", "-") for name in other)
        raise InvalidArgument(
            f"--resume goes on with the run's own settings: leave out {names}; only --epochs and the devices may change"
        )


def _given(context: typer.Context) -> set[str]:
    """The options that stand on the command line."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    return {name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"}


def lasting(data: str, found: Found) -> str:
    """The data's name, or its path in a form that holds wherever the run is resumed from."""
    if data == "auto":
        return found.name
    return data if data in ("mnist", "digits") else str(Path(data).expanduser().resolve())


def say_data(found: Found, console: Console) -> None:
    """A line on which data are used and why."""
    from deltarule.cli.live import kind_of

    train, validation, test = found.data
    counts = f"{len(train):,} training, {len(validation):,} validation and {len(test):,} test {kind_of(test)}"
    console.print(f"Data: [bold]{as_is(found.name)}[/], {counts} ({as_is(found.why)})")


def report(folder: Path, model: Predictor, found: Found, as_json: bool) -> None:
    """What the run came to, noted in its folder and printed."""
    result = conclude(folder, model, found)
    if as_json:
        emit(result)
    else:
        _say_result(result, model, found.data[2], progress_console(as_json))


def conclude(folder: Path, model: Predictor, found: Found) -> dict[str, Any]:
    """What a run came to, as JSON; noted in its folder too."""
    from deltarule.models import Ensemble
    from deltarule.training.runs import note, notes_of

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
    note(folder, {**notes_of(folder), "result": result})
    return result


def _say_result(result: Mapping[str, Any], model: Predictor, test: Dataset, console: Console) -> None:
    """The lines after the last epoch."""
    from deltarule.cli.live import kind_of

    n, accuracy = len(test), result["test_accuracy"]
    seconds, folder = sum(result["seconds_per_epoch"]), result["out"]
    console.print(f"Test: [bold]{round(accuracy * n)} / {n}[/]  {percent(accuracy)}  on {kind_of(test)} it never saw")
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
