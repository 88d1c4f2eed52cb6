"""The settings and results of a run, for people and as JSON."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Mapping
from os.path import commonpath
from pathlib import Path
from typing import Any

from rich.console import Console

from deltarule.cli.changes import find_eta_field
from deltarule.cli.console import escape, format_percent
from deltarule.cli.preprocessing_table import format_inputs, format_target
from deltarule.cli.selection import Selection, format_setting, format_switch
from deltarule.core.network import Network
from deltarule.core.rbm import RBM
from deltarule.models.description import describe
from deltarule.models.predictor import Predictor
from deltarule.models.summary import summarize
from deltarule.recipes.notation import format_object
from deltarule.training.engine_changes import format_engine
from deltarule.training.runs import Run

SETTINGS = (
    *("optimizer", "eta", "regularizer", "augmentation", "batch_size", "epochs", "seed"),
    *("engine", "engine_reason", "threads", "level", "dtype"),
)
"""The settings that are printed, in this order."""

ACCURACIES = ("validation_accuracy", "test_accuracy", "test_commonest_share", "test_balanced_accuracy")

NAMES = {
    "engine_reason": "why this engine",
    "level": "instructions",
    "test_interval": "95 % interval",
    "test_commonest_share": "commonest class",
    "test_balanced_accuracy": "balanced accuracy",
    "test_recall_of_each": "lowest recalls",
}
"""The names of facts in a table, where they are not those of the fields."""


def collect_facts(run: Run) -> dict[str, Any]:
    """Return the settings and results of a run by their names: objects as text, numbers as they are."""
    model, history = run.model, run.model.history
    facts = {
        "network": summarize(model.models[0].network),
        "recipe": run.notes.get("net"),
        "cost": _format_description(describe(model.models[0].network.cost)),
        "init": _list_initializers(model),
        "data": run.data_name,
        "inputs": format_inputs(model.preprocessing),
        "target": format_target(model.preprocessing) if model.preprocessing.schema else None,
        **{name: _format_description(model.settings.get(name)) for name in SETTINGS},
        "epochs_done": len(history),
        "seconds_per_epoch": sum(history["seconds"]) / len(history) if len(history) else None,
        "validation_accuracy": history.last.get("validation_accuracy"),
        "test_accuracy": (run.notes.get("result") or {}).get("test_accuracy"),
        **_collect_worth(run),
        **_collect_r2(run),
    }
    for name in ("target", "engine_reason", "level"):
        if not facts[name]:
            del facts[name]
    if (devices := model.settings.get("devices", 1)) != 1:
        facts["devices"] = devices
    if changes := model.models[0].history.changes:
        etas = [(format_fact("eta", _format_description(c["before"])), c["epoch"]) for c in changes if "before" in c]
        facts |= {"eta_before": ", ".join(f"{eta} until epoch {epoch}" for eta, epoch in etas)} if etas else {}
        engines = [(format_engine(c["engine_before"]), c["epoch"]) for c in changes if "engine_before" in c]
        facts |= (
            {"engine_before": "; ".join(f"{name} until epoch {epoch}" for name, epoch in engines)} if engines else {}
        )
    if origin := run.notes.get("from"):
        facts["from"] = f"{origin['path']}, parameters {origin['parameters_sha256'][:12]}"
    if seeds := model.settings.get("seeds"):
        facts["seed"] = ", ".join(map(str, seeds))
    if facts["epochs_done"] == facts["epochs"]:
        del facts["epochs_done"]
    return facts


def print_settings(selection: Selection, network: Network, console: Console, without: Collection[str] = ()) -> None:
    """Print the settings in force, one per line; if an option changed one, also the recipe's own value.

    If the data changed one, it says why.
    ``without`` are lines that are left out.
    """
    recipe, training, originals = selection.recipe, selection.recipe.training, selection.originals
    copies = f"5 times the images, by shifts of {recipe.shifts} px" if recipe.shifts else ""
    distortion = (
        f"{format_object(training.augmentation)} for each mini-batch" if training.augmentation is not None else ""
    )
    lines = {
        "layers": repr(network) if isinstance(network, RBM) else ", ".join(map(format_object, network.layers)),
        "cost": format_object(recipe.cost),
        "optimizer": f"{format_object(training.optimizer)}, mini-batches of {training.batch_size}",
        "η": format_setting(training.eta),
        "regularizer": "none" if training.regularizer is None else format_object(training.regularizer),
        "epochs": str(training.epochs),
        "augmentation": ", ".join(filter(None, (copies, distortion))) or "none",
    }
    if recipe.with_validation or "with_validation" in originals:
        lines["validation"] = f"trained on as well: {format_switch(recipe.with_validation)}"
    line_of = {"with_validation": "validation", "eta": "η", "shifts": "augmentation", "batch_size": "optimizer"}
    marks = {name: f"  ({reason})" for name, reason in selection.reasons.items()}
    for name, original in originals.items():
        marks[line_of.get(name, name)] = f"  ({selection.name} has {original})"
    if selection.name:
        about = f": {recipe.about}" if recipe.about else ""
        console.print(f"Recipe: [bold]{escape(selection.name)}[/]{escape(about)}")
    for name, text in lines.items():
        if name not in without:
            console.print(f"  [dim]{name:12}[/] {escape(text)}[yellow]{escape(marks.get(name, ''))}[/]")
    if "η" not in without and getattr(training.schedule, find_eta_field(training.schedule)) == 0:
        console.print("[yellow]η is 0: the network will not learn[/]")


def summarize_run(path: Path, run: Run) -> dict[str, Any]:
    """Return the settings and results that the list of runs has, as JSON."""
    history, settings, result = run.model.history, run.model.settings, run.notes.get("result") or {}
    return {
        "run": str(path),
        "network": summarize(run.model.models[0].network),
        "data": run.data_name,
        "eta": _format_description(settings.get("eta")),
        "epochs": len(history),
        "planned": settings.get("epochs"),
        "validation_accuracy": history.last.get("validation_accuracy"),
        "test_accuracy": result.get("test_accuracy"),
        "test_interval": result.get("test_interval"),
        **_collect_r2(run),
        "seconds": sum(history["seconds"]),
        "state": run.state,
        "go_on": _format_resume_command(path, run) if run.state == "unfinished" else None,
    }


def _collect_worth(run: Run) -> dict[str, Any]:
    """Return what the accuracy on the test set is worth, as far as the run recorded it."""
    result = run.notes.get("result") or {}
    names = ("test_interval", "test_commonest_share", "test_balanced_accuracy", "test_recall_of_each", "test_mae")
    return {name: result[name] for name in names if result.get(name) is not None}


def _collect_r2(run: Run) -> dict[str, float]:
    """Return R² of a model of numbers on the validation and the test set, as far as they were measured."""
    last, result = run.model.history.last, run.notes.get("result") or {}
    found = {"validation_r2": last.get("validation_r2"), "test_r2": result.get("test_r2")}
    return {name: value for name, value in found.items() if value is not None}


def find_differences(facts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the names of the facts that are not the same in all runs."""
    names = dict.fromkeys(name for run in facts.values() for name in run)
    return [name for name in names if len({str(run.get(name)) for run in facts.values()}) > 1]


def format_fact(name: str, value: Any) -> str:
    """Format a fact for a table.

    >>> format_fact("test_accuracy", 0.95), format_fact("seconds_per_epoch", 0.1234)
    ('95.00 %', '0.123')
    >>> format_fact("eta", "Constant(0.5)"), format_fact("regularizer", None)
    ('0.5', '–')
    """
    if value is None or value != value:  # NaN
        return "–"
    if name == "test_interval":
        return f"{100 * value[0]:.2f} to {100 * value[1]:.2f} %"
    if name == "test_recall_of_each":
        lowest = sorted((recall, label) for label, recall in value.items() if recall is not None)[:3]
        return ", ".join(f"{label} {format_percent(recall)}" for recall, label in lowest)
    if name in ACCURACIES and isinstance(value, (int, float)):
        return format_percent(value)
    if name == "eta" and (constant := re.fullmatch(r"Constant\((.*)\)", str(value))):
        return constant[1]
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def name_fact(name: str) -> str:
    """Return the name of a fact for a table.

    >>> name_fact("batch_size"), name_fact("eta")
    ('batch size', 'η')
    """
    name = NAMES.get(name, name)
    first, _, rest = name.replace("_", " ").partition(" ")
    return f"{'η' if first == 'eta' else first} {rest}".strip()


def describe_layers(model: Predictor) -> list[dict[str, Any]]:
    """Return the layers of a network with their shapes and numbers of parameters."""
    shapes = model.models[0].network.shapes
    return [
        {
            "layer": type(layer).__name__,
            "output": list(shapes[i + 1]),
            "shapes": {name: list(leaf.shape) for name, leaf in model.models[0].params[i].items()},
            "parameters": sum(leaf.size for leaf in model.models[0].params[i].values()),
        }
        for i, layer in enumerate(model.models[0].network.layers)
    ]


def count_parameters(model: Predictor) -> int:
    """Return the number of a model's parameters."""
    return sum(leaf.size for layer in model.models[0].params for leaf in layer.values())


def shorten_paths(paths: list[Path]) -> list[str]:
    """Return paths without the folders that contain all of them.

    >>> shorten_paths([Path("runs/first"), Path("runs/more/second")])
    ['first', 'more/second']
    """
    parents = [str(path.absolute().parent) for path in paths]
    common = Path(commonpath(parents))
    return [str(path.absolute().relative_to(common)) for path in paths]


def _format_resume_command(path: Path, run: Run) -> str:
    return shlex.join(["deltarule", "train", "--resume", str(path), *([] if run.data else ["--data", "PATH"])])


def _format_description(value: Any) -> Any:
    """Format the description of an object: ``Exponential(0.5, 0.747)``, ``ExponentialMovingAverage(SGD(), 0.999)``."""
    if not isinstance(value, Mapping) or "type" not in value:
        return value
    fields = (_format_description(field) for name, field in value.items() if name != "type")
    texts = (f"{field:.4g}" if isinstance(field, float) else str(field) for field in fields)
    return f"{value['type']}({', '.join(texts)})"


def _list_initializers(model: Predictor) -> str:
    names = [
        type(layer.initializer).__name__ for layer in model.models[0].network.layers if hasattr(layer, "initializer")
    ]
    return ", ".join(dict.fromkeys(names))
