"""deltarule evaluate: how well a run reads a data set, and what it confuses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deltarule.cli.console import Json, as_is, emit, err, new_table, out, percent
from deltarule.cli.options import usual

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    from rich.table import Table

    from deltarule.data import Dataset
    from deltarule.models.predictor import Predictor

EXAMPLE = """
[bold]Examples[/]:

  deltarule evaluate runs/first

  deltarule evaluate runs/first --part validation --json
"""

PARTS = ("train", "validation", "test")


def evaluate(
    run: Annotated[Path, typer.Argument(help="A run's folder, or a model file.")],
    data: Annotated[
        str | None, typer.Option(metavar="NAME|PATH", help=f"Which data to read. {usual('those of its training')}")
    ] = None,
    part: Annotated[str, typer.Option(help="train, validation or test.")] = "test",
    best: Annotated[bool, typer.Option("--best", help="The best epoch's parameters, if kept.")] = False,
    pictures: Annotated[Path | None, typer.Option(help=f"Folder for the pictures. {usual('the run')}")] = None,
    json: Json = False,
) -> None:
    """Accuracy, cost, the confusion matrix, and the worst misreadings as a picture."""
    from deltarule.cli.figures import draw_confusion, draw_misclassified, has_images, save_figures
    from deltarule.cli.option_errors import build, refuse
    from deltarule.data import find
    from deltarule.training.runs import open_run, require_data

    if part not in PARTS:
        raise refuse("--part", part, f"one of {', '.join(PARTS)}")
    opened = open_run(run)
    if best and opened.model.best is None:
        raise refuse("--best", run, "a run that kept its best epoch", "train with --keep-best")
    model = opened.model.best if best and opened.model.best else opened.model
    found = build("--data", data or require_data(opened), find)
    dataset = found.data[PARTS.index(part)]
    _refuse_other_classes(model, dataset)
    err.print(f"[dim]Data: {as_is(found.name)}, {len(dataset):,} for {part} ({as_is(found.why)})[/]")
    measured, counts = model.evaluate(dataset), model.confusion(dataset)
    made = {f"confusion-{part}.png": draw_confusion(model, dataset, counts)}
    if has_images(dataset):
        made[f"misread-{part}.png"] = draw_misclassified(model, dataset)
    written: list[Path] = []
    try:
        written = save_figures(made, run, pictures)
    finally:  # what was measured is told, even where no picture can be written
        result = {
            "run": str(run),
            "data": found.name,
            "part": part,
            "examples": len(dataset),
            "accuracy": measured["accuracy"],
            "cost": measured["cost"],
            "confusion": counts,
            "classes": model.classes,
            "parameters_sha256": model.parameters_sha256,
            "pictures": [str(path) for path in written],
        }
        (emit if json else _say)(result)


evaluate.__doc__ = f"{evaluate.__doc__}\n{EXAMPLE}"


def _say(found: Mapping[str, Any]) -> None:
    n, accuracy = found["examples"], found["accuracy"]
    out.print(f"[bold]{round(accuracy * n)} / {n}[/] right, {percent(accuracy)}; cost {found['cost']:.4f}\n")
    out.print(_fitting(found["confusion"], found["classes"]))
    if found["pictures"]:
        out.print("\nPictures: " + as_is(", ".join(found["pictures"])))


def _refuse_other_classes(model: Predictor, dataset: Dataset) -> None:
    """Classes are matched by their position: their number must agree, and other names deserve a word."""
    from deltarule.errors import ShapeError

    n = dataset.targets.shape[1]
    if n != model.encoding.n_out:
        raise ShapeError(f"{dataset.name} has {n} classes, but the network tells {model.encoding.n_out} apart")
    other = next(((a, b) for a, b in zip(model.classes, dataset.classes, strict=False) if a != b), None)
    if other is not None:
        a, b = map(as_is, other)
        err.print(f"[yellow]note:[/] classes are matched in their order: what the run calls {a} is {b} in these data")


def _names(counts: np.ndarray, classes: Sequence[str]) -> list[str]:
    return [classes[i] if i < len(classes) else str(i) for i in range(len(counts))]


def _fitting(counts: np.ndarray, classes: Sequence[str]) -> Table:
    """The confusion matrix, or where that is too wide to be read, the mistakes made most often."""
    table = _matrix(counts, classes)
    unbounded = out.options.update(max_width=10_000)
    return table if out.measure(table, options=unbounded).maximum <= out.width else _frequent(counts, classes)


def _matrix(counts: np.ndarray, classes: Sequence[str]) -> Table:
    names = [as_is(name) for name in _names(counts, classes)]
    table = new_table(title="label \\ read as", title_style="dim")
    for heading in ("", *names, "right"):
        table.add_column(heading, justify="right", no_wrap=True)
    for i, (name, row) in enumerate(zip(names, counts, strict=True)):
        cells = [f"[bold]{c}[/]" if i == j else (str(c) if c else "[dim]·[/]") for j, c in enumerate(row)]
        right = percent(row[i] / row.sum()) if row.sum() else "–"
        table.add_row(f"[bold]{name}[/]", *cells, right)
    return table


def _frequent(counts: np.ndarray, classes: Sequence[str], most: int = 12) -> Table:
    names = [as_is(name) for name in _names(counts, classes)]
    wrong = sorted(((int(c), i, j) for (i, j), c in _cells(counts) if i != j and c), key=lambda one: -one[0])
    table = new_table(title="the mistakes made most often", title_style="dim")
    for heading, justify in (("label", "left"), ("read as", "left"), ("times", "right")):
        table.add_column(heading, justify=justify, overflow="fold")  # type: ignore[arg-type] # a word that rich knows
    for count, i, j in wrong[:most]:
        table.add_row(names[i], names[j], str(count))
    return table


def _cells(counts: np.ndarray) -> Iterable[tuple[tuple[int, ...], int]]:
    from numpy import ndenumerate

    return ndenumerate(counts)
