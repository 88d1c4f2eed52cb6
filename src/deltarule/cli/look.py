"""deltarule show, runs and compare: what was trained, how, and with what result."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deltarule.cli.console import Json, emit, out, percent, say_error

if TYPE_CHECKING:
    from deltarule.models.model import Model
    from deltarule.training.runs import Run

SHOWN = (
    *("training_data", "optimizer", "eta", "regularizer", "batch_size"),
    *("epochs", "seed", "engine", "threads", "dtype"),
)
"""The settings that tables show, in this order."""


def show(
    run: Annotated[Path, typer.Argument(help="A run's folder, or a model file.")],
    pictures: Annotated[Path | None, typer.Option(help="Folder for the pictures. [default: the run's]")] = None,
    json: Json = False,
) -> None:
    """Layers, shapes, parameters, settings; learning curves and first-layer weights as pictures.

    [bold]Example[/]:  deltarule show runs/first
    """
    from deltarule import figures
    from deltarule.cli.pictures import folder_for
    from deltarule.models.description import describe
    from deltarule.training.runs import open_run

    opened = open_run(run)
    model = opened.model
    target = folder_for(run, pictures)
    written = []
    if model.history.records:
        written.append(figures.save(figures.curves({"": model.history}, str(run)), target / "curves.png"))
    first = next((p["w"] for p in model.params if "w" in p), None)
    if first is not None and len(model.example_shape) == 2 and first[0].size == _size(model.example_shape):
        sheet = figures.weights(first.reshape(len(first), -1), model.example_shape, "Weights into the first layer")
        written.append(figures.save(sheet, target / "weights.png"))
    if json:
        emit(
            {
                "run": str(run),
                "network": describe(model.network),
                "layers": _layers(model),
                "parameters": _count(model),
                "settings": model.settings,
                "history": model.history.records,
                "notes": opened.notes,
                "parameters_sha256": model.parameters_sha256,
                "pictures": [str(path) for path in written],
            }
        )
        return
    out.print(_layer_table(model))
    out.print(_setting_table({"": opened}))
    if written:
        out.print(f"Pictures: {', '.join(map(str, written))}")


def runs(
    folder: Annotated[Path, typer.Argument(help="Where to look for runs.")] = Path("runs"),
    json: Json = False,
) -> None:
    """List the runs of a folder with their settings and results.

    [bold]Example[/]:  deltarule runs
    """
    from rich import box
    from rich.table import Table

    from deltarule.errors import FileError
    from deltarule.training.runs import runs_in

    if not folder.is_dir():
        raise FileError(f"{folder} is not a folder; train something first:  deltarule train")
    found = runs_in(folder)
    if json:
        emit({"folder": str(folder), "runs": [_summary(path, run) for path, run in found]})
        return
    if not found:
        out.print(f"No runs in {folder} yet. Train one:  deltarule train")
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("run", overflow="fold", min_width=16)
    for heading in ("network", "data"):
        table.add_column(heading, overflow="fold")
    for heading in ("η", "epochs", "validation", "test", "training"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("state", overflow="fold")
    for path, run in found:
        row = _summary(path, run)
        if "error" in row:
            say_error(row["error"])
            continue
        share = [percent(row[key]) if row[key] is not None else "–" for key in ("validation_accuracy", "test_accuracy")]
        epochs = f"{row['epochs']} / {row['planned']}"
        table.add_row(
            *(row["run"], row["network"], str(row["data"] or "–"), f"{row['eta']:g}", epochs, *share),
            *(f"{row['seconds']:.1f} s", row["state"]),
        )
    out.print(table)


def compare(
    paths: Annotated[list[Path], typer.Argument(metavar="RUN RUN ...", help="Two runs or more.")],
    picture: Annotated[Path, typer.Option(help="Where the curves go.")] = Path("compare.png"),
    json: Json = False,
) -> None:
    """In what runs differ, what they came to, and their curves in one picture.

    [bold]Example[/]:  deltarule compare runs/first runs/second
    """
    from deltarule import figures
    from deltarule.errors import UsageError
    from deltarule.training.runs import open_run

    if len(paths) < 2:
        raise UsageError("compare needs two runs or more")
    opened = {str(path): open_run(path) for path in paths}
    sheet = figures.curves({name: run.model.history for name, run in opened.items()})
    figures.save(sheet, picture)
    if json:
        settings = {name: _settings(run) for name, run in opened.items()}
        differing = [key for key in _keys(settings) if len({str(s.get(key)) for s in settings.values()}) > 1]
        emit({"runs": settings, "differ": differing, "picture": str(picture)})
        return
    out.print(_setting_table(opened, only_differences=True))
    out.print(f"Picture: {picture}")


def _size(shape: tuple[int, ...]) -> int:
    from math import prod

    return prod(shape)


def _count(model: Model) -> int:
    return sum(leaf.size for layer in model.params for leaf in layer.values())


def _layers(model: Model) -> list[dict[str, Any]]:
    shapes = model.network.shapes
    return [
        {
            "layer": type(layer).__name__,
            "input": list(shapes[i]),
            "output": list(shapes[i + 1]),
            "shapes": {name: list(leaf.shape) for name, leaf in model.params[i].items()},
            "parameters": sum(leaf.size for leaf in model.params[i].values()),
        }
        for i, layer in enumerate(model.network.layers)
    ]


def _layer_table(model: Model) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_footer=True)
    table.add_column("layer", "and the output and cost of")
    table.add_column("output", type(model.network.cost).__name__, justify="right")
    table.add_column("w and b")
    table.add_column("parameters", f"{_count(model):,}", justify="right")
    for row in _layers(model):
        shapes = ", ".join(f"{name} {'×'.join(map(str, shape))}" for name, shape in row["shapes"].items())
        table.add_row(row["layer"], "×".join(map(str, row["output"])), shapes, f"{row['parameters']:,}")
    return table


def _settings(run: Run) -> dict[str, Any]:
    """A run's settings and results, flat, for a table."""
    from deltarule.cli.recipe import in_words

    settings, history = dict(run.model.settings), run.model.history
    flat: dict[str, Any] = {"network": in_words(run.model.network), "init": _initializer(run.model)}
    for key in (
        "training_data",
        "optimizer",
        "eta",
        "regularizer",
        "batch_size",
        "epochs",
        "seed",
        "engine",
        "threads",
        "dtype",
    ):
        flat[key.replace("_", " ")] = _words(settings.get(key))
    last, result = history.last, run.notes.get("result") or {}
    flat["epochs done"] = len(history)
    flat["seconds per epoch"] = round(sum(history["seconds"]) / len(history), 3) if len(history) else None
    for key, value in (
        ("validation accuracy", last.get("validation_accuracy")),
        ("test accuracy", result.get("test_accuracy")),
    ):
        flat[key] = None if value is None else percent(value)
    return flat


def _words(value: Any) -> str:
    """A described object as one writes it: ``Constant(0.5)``."""
    if isinstance(value, dict) and "type" in value:
        return f"{value['type']}({', '.join(str(v) for k, v in value.items() if k != 'type')})"
    return "none" if value is None else str(value)


def _initializer(model: Model) -> str:
    found = dict.fromkeys(
        type(layer.initializer).__name__ for layer in model.network.layers if hasattr(layer, "initializer")
    )
    return ", ".join(found)


def _keys(settings: dict[str, dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(key for one in settings.values() for key in one))


def _setting_table(runs: dict[str, Run], only_differences: bool = False) -> Any:
    from rich import box
    from rich.table import Table

    settings = {name: _settings(run) for name, run in runs.items()}
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_header=len(runs) > 1)
    table.add_column("")
    for name in settings:
        table.add_column(name, overflow="fold")
    for key in _keys(settings):
        row = ["–" if one.get(key) is None else str(one[key]) for one in settings.values()]
        if not only_differences or len(set(row)) > 1:
            table.add_row(f"[dim]{key}[/]", *row)
    return table


def _summary(path: Path, run: Any) -> dict[str, Any]:
    from deltarule.cli.recipe import in_words

    if isinstance(run, Exception):
        return {"run": str(path), "error": str(run)}
    history, settings, result = run.model.history, run.model.settings, run.notes.get("result") or {}
    return {
        "run": str(path),
        "network": in_words(run.model.network),
        "data": run.notes.get("data"),
        "eta": history.last.get("eta", float("nan")),
        "epochs": len(history),
        "planned": settings.get("epochs"),
        "validation_accuracy": history.last.get("validation_accuracy"),
        "test_accuracy": result.get("test_accuracy"),
        "seconds": sum(history["seconds"]),
        "state": "finished" if run.finished else f"resume: deltarule train --resume {path}",
    }
