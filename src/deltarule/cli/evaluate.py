"""deltarule evaluate: how well a run reads a data set, and what it confuses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deltarule.cli.console import Json, emit, err, out, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from rich.table import Table

EXAMPLE = """
[bold]Examples[/]:

  deltarule evaluate runs/first

  deltarule evaluate runs/first --data mnist --json
"""

PARTS = ("train", "validation", "test")


def evaluate(
    run: Annotated[Path, typer.Argument(help="A run's folder, or a model file.")],
    data: Annotated[str | None, typer.Option(metavar="NAME|PATH", help="Other data than it was trained on.")] = None,
    part: Annotated[str, typer.Option(help="train, validation or test.")] = "test",
    best: Annotated[bool, typer.Option("--best", help="The best epoch's parameters, if kept.")] = False,
    pictures: Annotated[Path | None, typer.Option(help="Folder for the pictures. [default: the run's]")] = None,
    json: Json = False,
) -> None:
    """Accuracy, cost, the confusion matrix, and the worst misreadings as a picture."""
    from deltarule import figures
    from deltarule.cli.pictures import confusion_table, folder_for, misread_sheet
    from deltarule.data import find
    from deltarule.errors import UsageError
    from deltarule.training.runs import open_run

    opened = open_run(run)
    model = opened.model
    if best and model.best is None:
        raise UsageError(f"{run} has no best epoch: train with --keep-best")
    if part not in PARTS:
        raise UsageError(f"--part {part} is not known; choose one of {', '.join(PARTS)}")
    model = model.best if best and model.best else model
    name = data or opened.notes.get("data")
    if name is None:
        raise UsageError(f"{run} does not say which data it was trained on: give --data")
    found = find(name)
    dataset = found.data[PARTS.index(part)]
    accuracy, counts = model.accuracy(dataset), model.confusion(dataset)
    target = folder_for(run, pictures)
    written = [
        figures.save(confusion_table(model, dataset), target / f"confusion-{part}.png"),
        figures.save(misread_sheet(model, dataset), target / f"misread-{part}.png"),
    ]
    if json:
        emit(
            {
                "run": str(run),
                "data": found.name,
                "part": part,
                "examples": len(dataset),
                "accuracy": accuracy,
                "cost": model.cost(dataset),
                "confusion": counts,
                "classes": model.classes,
                "pictures": [str(path) for path in written],
            }
        )
        return
    if data is None:
        err.print(f"[dim]Data: {found.name} ({found.why})[/]")
    n = len(dataset)
    out.print(f"[bold]{round(accuracy * n)} / {n}[/] right, {percent(accuracy)}; cost {model.cost(dataset):.4f}")
    out.print(_table(counts, model.classes))
    out.print(f"Pictures: {', '.join(map(str, written))}")


evaluate.__doc__ = f"{evaluate.__doc__}\n{EXAMPLE}"


def _table(counts: np.ndarray, classes: Sequence[str]) -> Table:
    from rich import box
    from rich.table import Table

    names = [classes[i] if i < len(classes) else str(i) for i in range(len(counts))]
    table = Table(title="is \\ read as", box=box.SIMPLE_HEAD, title_style="dim", pad_edge=False)
    for heading in ("", *names, "right"):
        table.add_column(heading, justify="right")
    for i, (name, row) in enumerate(zip(names, counts, strict=True)):
        cells = [f"[bold]{c}[/]" if i == j else (str(c) if c else "[dim]·[/]") for j, c in enumerate(row)]
        right = percent(row[i] / row.sum()) if row.sum() else "–"
        table.add_row(f"[bold]{name}[/]", *cells, right)
    return table
