"""The report of a training: its data before the first epoch, and its result after the last."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from deltarule.cli.console import escape, format_command, format_percent, to_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from deltarule.data import Dataset, Source
    from deltarule.models.predictor import Predictor


MOST_CAUSES = 3
"""The most causes of a poor result that are printed."""


def name_data(data: str, found: Source) -> str:
    """Return the name of the data, or their absolute path, by which a resumed run finds them from any folder."""
    if data == "auto":
        return found.name
    return data if data in ("mnist", "digits") else str(Path(data).expanduser().resolve())


def print_data(found: Source, console: Console) -> None:
    """Print which data are used and why, in one line; of data of your own also what was understood."""
    from deltarule.training.callbacks import name_examples

    if found.summary:
        from deltarule.cli.data_options import print_understanding

        console.print(f"Data: [bold]{escape(found.name)}[/] ({escape(found.where)})")
        print_understanding(found, console)
        _print_constant(found, console)
        return
    train, validation, test = found.data
    counts = f"{len(train):,} training, {len(validation):,} validation and {len(test):,} test {name_examples(test)}"
    console.print(f"Data: [bold]{escape(found.name)}[/], {counts} ({escape(found.why)})")


def _print_constant(found: Source, console: Console) -> None:
    """Print which inputs tell nothing, unless that is said already: of columns, and of the files of a folder."""
    from deltarule.data.constant_inputs import describe_constant

    is_folder, is_noted = Path(found.where).is_dir(), any("the same value" in note for note in found.notes)
    for line in () if is_folder or is_noted else describe_constant(found.data[0]):
        console.print(f"  [yellow]{escape(line)}[/]")


def record_result(folder: Path, model: Predictor, found: Source) -> dict[str, Any]:
    """Evaluate a run on the test set, save the result in its folder, and return it as JSON."""
    from deltarule.cli.outcome import format_cause, judge
    from deltarule.cli.training_rows import count_known
    from deltarule.data.division import count_repeated
    from deltarule.data.split import is_split
    from deltarule.models import Ensemble
    from deltarule.models.assessment import assess
    from deltarule.models.intervals import wilson_interval
    from deltarule.training.causes import find_causes
    from deltarule.training.runs import read_notes, write_notes

    history, settings, (training, _, test) = model.history, model.settings, found.data
    repeated = count_repeated(found.data) if is_split(found.data) and found.summary else 0
    trained_on = count_known(model.preprocessing, test, training, with_labels=True) if repeated else 0
    worth = assess(model, test)
    confusions = worth.pop("confusion", None)
    best = model.best.evaluate(test).get("accuracy") if model.best else None
    result: dict[str, Any] = {
        "out": str(folder),
        "data": found.name,
        "engine": settings["engine"],
        "engine_reason": settings["engine_reason"],
        "threads": settings["threads"],
        "level": settings.get("level", ""),
        "epochs": len(history),
        "test_examples": len(test),
        **{f"test_{name}": value for name, value in {**model.evaluate(test), **worth}.items()},
        "split": is_split(found.data),
        "repeated": repeated,
        "trained_on": trained_on,
        "validation_accuracy": history.last.get("validation_accuracy"),
        "best_epoch": history.best(history.score)["epoch"] if history.score in history.last else None,
        "best_test_accuracy": best,
        "best_test_interval": None if best is None else wilson_interval(round(best * len(test)), len(test)),
        "seconds_per_epoch": history["seconds"],
        "compile_seconds": sum(record.get("compile_seconds", 0.0) for record in history.records),
        "parameters_sha256": model.parameters_sha256,
        "seed": settings["seed"],
    }
    if isinstance(model, Ensemble):
        result["voting"] = model.voting
        result["seeds"] = [member.settings["seed"] for member in model.models]
        result["test_accuracy_of_each"] = each = [member.accuracy(test) for member in model.models]
        result["test_interval_of_each"] = [wilson_interval(round(one * len(test)), len(test)) for one in each]
    result = to_json(result)
    warning, has_causes = judge(result, confusions, len(test))
    result["warning"] = warning or None
    causes = find_causes(model, training, test if result["split"] else None) if has_causes else ()
    result["causes"] = list(map(format_cause, causes))
    write_notes(folder, {**read_notes(folder), "result": result})
    return result


def print_warning(result: Mapping[str, Any], console: Console) -> None:
    """Print that a run is no better than a constant answer, and the likeliest causes that were found."""
    if result["warning"]:
        console.print(f"[yellow]{escape(result['warning'])}[/]")
    for i, cause in enumerate(result["causes"][:MOST_CAUSES]):
        console.print(f"[yellow]{'Also' if i else 'The likeliest cause'}: {escape(cause)}[/]")


def print_result(result: Mapping[str, Any], model: Predictor, test: Dataset, console: Console) -> None:
    """Print the lines after the last epoch."""
    from deltarule.cli.outcome import INDENT, format_interval, format_test, format_worth

    seconds, folder = sum(result["seconds_per_epoch"]), result["out"]
    console.print(format_test(result, test))
    for line in format_worth(result, "test_"):
        console.print(f"{INDENT}{line}")
    print_warning(result, console)
    if each := result["test_accuracy_of_each"] if "voting" in result else []:
        accuracies = ", ".join(map(format_percent, each))
        console.print(f"      by the {result['voting']} vote of {len(each)} networks; each alone: {accuracies}")
    if model.best is not None:
        best = f"epoch {result['best_epoch'] + 1}, the best by validation accuracy"
        if result["best_test_accuracy"] is not None:
            accuracy, interval = format_percent(result["best_test_accuracy"]), result["best_test_interval"]
            console.print(f"{INDENT}{accuracy}  with the parameters of {best}; {format_interval(interval)}")
    start = f", {result['compile_seconds']:.1f} s to compile" if result["engine"] == "jax" else ""
    each_network = " for each network" if each else ""
    console.print(f"Time: {seconds:.1f} s of training{each_network}{start} (engine {result['engine_reason']})")
    console.print(f"Run:  {escape(folder)}    look at it:  {format_command('deltarule', 'show', folder)}")
