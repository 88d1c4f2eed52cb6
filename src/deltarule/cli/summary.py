"""What there is to tell of a run: its settings and results, for people and for machines."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping
from math import prod
from os.path import commonpath
from pathlib import Path
from typing import Any

from rich.console import Console

from deltarule.cli.changes import start_of
from deltarule.cli.console import as_is, percent
from deltarule.cli.selection import Chosen, yes_or_no
from deltarule.core.network import Network
from deltarule.models.description import describe
from deltarule.models.predictor import Predictor
from deltarule.models.summary import summarize
from deltarule.recipes.notation import format_object
from deltarule.training.runs import Run

SETTINGS = (
    *("optimizer", "eta", "regularizer", "augmentation", "batch_size", "epochs", "seed"),
    *("engine", "threads", "dtype"),
)
"""The settings that are told, in this order."""

SHARES = ("validation_accuracy", "test_accuracy")


def facts(run: Run) -> dict[str, Any]:
    """A run's settings and results, flat; objects as one writes them, numbers as they are."""
    model, history = run.model, run.model.history
    flat = {
        "network": summarize(model.models[0].network),
        "recipe": run.notes.get("net"),
        "cost": _words(describe(model.models[0].network.cost)),
        "init": _initializers(model),
        "data": run.data_name,
        **{name: _words(model.settings.get(name)) for name in SETTINGS},
        "epochs_done": len(history),
        "seconds_per_epoch": sum(history["seconds"]) / len(history) if len(history) else None,
        "validation_accuracy": history.last.get("validation_accuracy"),
        "test_accuracy": (run.notes.get("result") or {}).get("test_accuracy"),
    }
    if (devices := model.settings.get("devices", 1)) != 1:
        flat["devices"] = devices
    if seeds := model.settings.get("seeds"):
        flat["seed"] = ", ".join(map(str, seeds))
    return flat if flat["epochs_done"] != flat["epochs"] else {k: v for k, v in flat.items() if k != "epochs_done"}


def say_settings(chosen: Chosen, network: Network, console: Console, without: Collection[str] = ()) -> None:
    """The settings in force, a line each; those that an option changed say what the recipe has.

    ``without`` are lines that are left out.
    """
    recipe, training = chosen.recipe, chosen.recipe.training
    shifts = f"5 times the images, by shifts of {recipe.shifts} px" if recipe.shifts else ""
    drawn = f"{format_object(training.augmentation)} for each mini-batch" if training.augmentation is not None else ""
    lines = {
        "layers": ", ".join(map(format_object, network.layers)),
        "cost": format_object(recipe.cost),
        "optimizer": f"{format_object(training.optimizer)}, mini-batches of {training.batch_size}",
        "η": format_object(training.eta).removeprefix("Constant(").removesuffix(")"),
        "regularizer": "none" if training.regularizer is None else format_object(training.regularizer),
        "epochs": str(training.epochs),
        "augmentation": ", ".join(filter(None, (shifts, drawn))) or "none",
    }
    if recipe.with_validation or "with_validation" in chosen.changed:
        lines["validation"] = f"learned from as well: {yes_or_no(recipe.with_validation)}"
    belongs = {"with_validation": "validation", "eta": "η", "shifts": "augmentation", "batch_size": "optimizer"}
    marks: dict[str, str] = {}
    for name, before in chosen.changed.items():
        marks[belongs.get(name, name)] = f"  ({chosen.name} has {before})"
    if chosen.name:
        about = f": {recipe.about}" if recipe.about else ""
        console.print(f"Recipe: [bold]{as_is(chosen.name)}[/]{as_is(about)}")
    for name, words in lines.items():
        if name not in without:
            console.print(f"  [dim]{name:12}[/] {as_is(words)}[yellow]{as_is(marks.get(name, ''))}[/]")
    if "η" not in without and getattr(training.schedule, start_of(training.schedule)) == 0:
        console.print("[yellow]η is 0: nothing will be learned[/]")


def summary(path: Path, run: Run) -> dict[str, Any]:
    """A run in a line."""
    history, settings, result = run.model.history, run.model.settings, run.notes.get("result") or {}
    return {
        "run": str(path),
        "network": summarize(run.model.models[0].network),
        "data": run.data_name,
        "eta": _words(settings.get("eta")),
        "epochs": len(history),
        "planned": settings.get("epochs"),
        "validation_accuracy": history.last.get("validation_accuracy"),
        "test_accuracy": result.get("test_accuracy"),
        "seconds": sum(history["seconds"]),
        "state": run.state,
        "go_on": _going_on(path, run) if run.state == "unfinished" else None,
    }


def differing(facts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The facts in which runs are not all alike."""
    names = dict.fromkeys(name for one in facts.values() for name in one)
    return [name for name in names if len({str(one.get(name)) for one in facts.values()}) > 1]


def told(name: str, value: Any) -> str:
    """A fact as a table shows it.

    >>> told("test_accuracy", 0.95), told("seconds_per_epoch", 0.1234), told("regularizer", None)
    ('95.00 %', '0.123', '–')
    """
    if value is None:
        return "–"
    if name in SHARES and isinstance(value, (int, float)):
        return percent(value)
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def layers(model: Predictor) -> list[dict[str, Any]]:
    """The layers of a network with their shapes and numbers of parameters."""
    shapes = model.models[0].network.shapes
    return [
        {
            "layer": type(layer).__name__,
            "input": list(shapes[i]),
            "output": list(shapes[i + 1]),
            "shapes": {name: list(leaf.shape) for name, leaf in model.models[0].params[i].items()},
            "parameters": sum(leaf.size for leaf in model.models[0].params[i].values()),
        }
        for i, layer in enumerate(model.models[0].network.layers)
    ]


def parameters(model: Predictor) -> int:
    """The number of a model's parameters."""
    return sum(leaf.size for layer in model.models[0].params for leaf in layer.values())


def first_weights(model: Predictor) -> Any:
    """The weights of the first layer as images, (neurons, height, width), or None if they make none.

    A neuron that sees the whole of a grey picture has a weight for each pixel; a feature map has
    those of its kernel, if it sees a single channel and more than one pixel.
    """
    first = next((layer["w"] for layer in model.models[0].params if "w" in layer), None)
    if first is None:
        return None
    if first.ndim == 4 and first.shape[3] == 1 and first[0].size > 1:
        return first[:, :, :, 0]
    if first.ndim != 2 or len(model.example_shape) != 2 or first[0].size != prod(model.example_shape):
        return None
    return first.reshape(len(first), *model.example_shape)


def short_names(paths: list[Path]) -> list[str]:
    """Paths without the folders that all of them lie in.

    >>> short_names([Path("runs/first"), Path("runs/more/second")])
    ['first', 'more/second']
    """
    parents = [str(path.absolute().parent) for path in paths]
    common = Path(commonpath(parents))
    return [str(path.absolute().relative_to(common)) for path in paths]


def _going_on(path: Path, run: Run) -> str:
    """The command that goes on with a run."""
    return shlex.join(["deltarule", "train", "--resume", str(path), *([] if run.data else ["--data", "PATH"])])


def _words(value: Any) -> Any:
    """A described object as one writes it: ``Exponential(0.5, 0.747)``, ``ExponentialMovingAverage(SGD(), 0.999)``."""
    if not isinstance(value, Mapping) or "type" not in value:
        return value
    told = (_words(part) for name, part in value.items() if name != "type")
    parts = (f"{part:.4g}" if isinstance(part, float) else str(_words(part)) for part in told)
    return f"{value['type']}({', '.join(parts)})"


def _initializers(model: Predictor) -> str:
    found = [
        type(layer.initializer).__name__ for layer in model.models[0].network.layers if hasattr(layer, "initializer")
    ]
    return ", ".join(dict.fromkeys(found))
