"""deltarule train: a network learns, line by line, and is saved as it goes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from deltarule.cli import options
from deltarule.cli.console import Data, Json, emit, err, percent, progress_console

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from deltarule.data import Dataset, Found
    from deltarule.models.model import Model
    from deltarule.training import Callback

EXAMPLE = """
[bold]Examples[/]: the book's first network, and one that does better:

  deltarule train --data mnist --net 784-30-10 --cost quadratic --init large --eta 3.0 --epochs 30 --out runs/first

  deltarule train --net 784-100-10 --l2 5 --eta 0.5 --epochs 30 --keep-best
"""


def train(
    context: typer.Context,
    data: Data = "auto",
    net: options.Net = None,
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
    early_stopping: options.Patience = 0,
    keep_best: options.Best = False,
    engine: options.EngineName = "auto",
    threads: options.Threads = None,
    dtype: options.Dtype = "float32",
    monitor: options.MonitorTraining = False,
    out: options.Out = None,
    checkpoint_every: options.SaveEvery = 0,
    resume: options.Resume = None,
    json: Json = False,
) -> None:
    """Train a network of dense layers and save it, a line an epoch."""
    from deltarule.cli.live import Live
    from deltarule.errors import Interrupted

    console = progress_console(json)
    folder = resume or out
    try:
        if resume is not None:
            _refuse_other_options(context)
            model, test = _go_on(resume, epochs, Live(console), console)
        else:
            from deltarule.cli import recipe
            from deltarule.data import find
            from deltarule.training import Checkpoint, EarlyStopping, KeepBest, Monitor, fit
            from deltarule.training.runs import Notes, free_name, refuse_existing

            if out is not None:
                refuse_existing(out)
            found = find(data)
            training, validation, test = found.data
            network = recipe.network(net, cost, hidden, init, dropout, training)
            folder = out or free_name(Path("runs"), "-".join([found.name, *(str(n) for n in recipe.widths(network))]))
            notes = {"data": _lasting(data), "command": " ".join(sys.argv[1:]), "early_stopping": early_stopping}
            say_data(found, console)
            model = fit(
                network,
                training,
                epochs=30 if epochs is None else epochs,
                batch_size=batch_size,
                eta=recipe.schedule(schedule, eta),
                optimizer=recipe.optimizer(optimizer, mu),
                regularizer=recipe.regularizer(l1, l2),
                validation=validation,
                seed=seed,
                engine=engine,
                threads=threads,
                dtype=dtype,
                callbacks=[
                    Notes(folder, notes),
                    Live(console),
                    Checkpoint(folder, checkpoint_every),
                    *([Monitor()] if monitor else []),
                    *([KeepBest()] if keep_best else []),
                    *([EarlyStopping(early_stopping)] if early_stopping else []),
                ],
            )
    except Interrupted as interrupted:
        err.print(f"\n{interrupted}; saved. Go on with:  deltarule train --resume {folder}")
        raise typer.Exit(130) from None
    assert folder is not None
    result = conclude(folder, model, test)
    if json:
        emit(result)
    else:
        say_result(result, model, test, console)


train.__doc__ = f"{train.__doc__}\n{EXAMPLE}"


def _go_on(folder: Path, epochs: int | None, live: Callback, console: Console) -> tuple[Model, Dataset]:
    """The model of a run that was resumed, and its test data."""
    from deltarule.data import find
    from deltarule.training import EarlyStopping, resume
    from deltarule.training.runs import notes_of

    notes = notes_of(folder)
    found = find(notes["data"])
    say_data(found, console)
    training, validation, test = found.data
    patience = notes.get("early_stopping", 0)
    callbacks = [live, *([EarlyStopping(patience)] if patience else [])]
    return resume(folder, training, validation=validation, epochs=epochs, callbacks=callbacks), test


def _refuse_other_options(context: typer.Context) -> None:
    """A resumed run goes on as it was begun: an option that would be ignored is an error."""
    from deltarule.errors import UsageError

    sources = {name: context.get_parameter_source(name) for name in context.params}
    given = {name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"}
    if other := sorted(given - {"resume", "epochs", "json"}):
        names = ", ".join("--" + name.replace("_", "-") for name in other)
        raise UsageError(f"--resume goes on with the run's own settings: leave out {names}; only --epochs may change")


def _lasting(data: str) -> str:
    """The data's name, or its path in a form that holds wherever the run is resumed from."""
    return data if data in ("mnist", "digits", "auto") else str(Path(data).expanduser().resolve())


def say_data(found: Found, console: Console) -> None:
    """A line on which data are used and why."""
    train, validation, test = found.data
    counts = f"{len(train):,} training, {len(validation):,} validation and {len(test):,} test images"
    console.print(f"Data: [bold]{found.name}[/], {counts} ({found.why})")


def conclude(folder: Path, model: Model, test: Dataset) -> dict[str, Any]:
    """What a run came to, as JSON; noted in its folder too."""
    from deltarule.training.runs import note, notes_of

    history, settings = model.history, model.settings
    result = {
        "out": str(folder),
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
    note(folder, {**notes_of(folder), "result": result})
    return result


def say_result(result: Mapping[str, Any], model: Model, test: Dataset, console: Console) -> None:
    """The lines after the last epoch."""
    n, accuracy = len(test), result["test_accuracy"]
    seconds = sum(result["seconds_per_epoch"])
    console.print(f"Test: [bold]{round(accuracy * n)} / {n}[/]  {percent(accuracy)}  on images it never saw")
    if model.best is not None:
        best = result["best_test_accuracy"]
        console.print(f"      the best epoch by validation, {result['best_epoch']}, reads {percent(best)} of them")
    start = f", {result['compile_seconds']:.1f} s to compile" if result["engine"] == "jax" else ""
    console.print(f"Time: {seconds:.1f} s of training{start} (engine {result['engine_reason']})")
    console.print(f"Run:  {result['out']}    look at it:  deltarule show {result['out']}")
