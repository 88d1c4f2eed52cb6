"""The report of a training: its data before the first epoch, and its result after the last."""

from __future__ import annotations

from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deltarule.cli.console import escape, format_command, format_percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from deltarule.data import Dataset, Source
    from deltarule.models.predictor import Predictor


def name_data(data: str, found: Source) -> str:
    """Return the name of the data, or their absolute path, by which a resumed run finds them from any folder."""
    if data == "auto":
        return found.name
    return data if data in ("mnist", "digits") else str(Path(data).expanduser().resolve())


def print_data(found: Source, console: Console) -> None:
    """Print which data are used and why, in one line; of data of your own also what was understood."""
    from deltarule.cli.data_options import print_understanding
    from deltarule.training.callbacks import name_examples

    if found.summary:
        console.print(f"Data: [bold]{escape(found.name)}[/] ({escape(found.where)})")
        print_understanding(found, console)
        return
    train, validation, test = found.data
    counts = f"{len(train):,} training, {len(validation):,} validation and {len(test):,} test {name_examples(test)}"
    console.print(f"Data: [bold]{escape(found.name)}[/], {counts} ({escape(found.why)})")


def record_result(folder: Path, model: Predictor, found: Source) -> dict[str, Any]:
    """Evaluate a run on the test set, save the result in its folder, and return it as JSON."""
    from deltarule.cli.training_rows import count_known
    from deltarule.data.division import count_repeated
    from deltarule.data.split import is_split
    from deltarule.models import Ensemble
    from deltarule.training.runs import read_notes, write_notes

    history, settings, test = model.history, model.settings, found.data[2]
    repeated = count_repeated(found.data) if is_split(found.data) and found.summary else 0
    trained_on = count_known(model.preprocessing, test, found.data[0], with_labels=True) if repeated else 0
    result = {
        "out": str(folder),
        "data": found.name,
        "engine": settings["engine"],
        "engine_reason": settings["engine_reason"],
        "threads": settings["threads"],
        "epochs": len(history),
        **{f"test_{name}": None if isnan(value) else value for name, value in model.evaluate(test).items()},
        "split": is_split(found.data),
        "repeated": repeated,
        "trained_on": trained_on,
        "validation_accuracy": history.last.get("validation_accuracy"),
        "best_epoch": history.best(history.score)["epoch"] if history.score in history.last else None,
        "best_test_accuracy": model.best.evaluate(test).get("accuracy") if model.best else None,
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


def print_result(result: Mapping[str, Any], model: Predictor, test: Dataset, console: Console) -> None:
    """Print the lines after the last epoch."""
    from deltarule.cli.outcome import format_comparison, format_test, format_warning

    seconds, folder = sum(result["seconds_per_epoch"]), result["out"]
    console.print(format_test(result, test))
    if result["data"] not in ("mnist", "digits"):
        console.print(format_comparison(result, model, test))
        if warning := format_warning(result, model, test):
            console.print(f"[yellow]{escape(warning)}[/]")
    if each := result.get("test_accuracy_of_each"):
        accuracies = ", ".join(map(format_percent, each))
        console.print(f"      by the {result['voting']} vote of {len(each)} networks; each alone: {accuracies}")
    if model.best is not None:
        best = f"epoch {result['best_epoch'] + 1}, the best by validation accuracy"
        if result["best_test_accuracy"] is not None:
            console.print(f"      {format_percent(result['best_test_accuracy'])}  with the parameters of {best}")
    start = f", {result['compile_seconds']:.1f} s to compile" if result["engine"] == "jax" else ""
    each_network = " for each network" if each else ""
    console.print(f"Time: {seconds:.1f} s of training{each_network}{start} (engine {result['engine_reason']})")
    console.print(f"Run:  {escape(folder)}    look at it:  {format_command('deltarule', 'show', folder)}")
