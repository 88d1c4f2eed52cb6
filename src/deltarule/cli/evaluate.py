"""deltarule evaluate: the accuracy of a run on a data set, and its confusion matrix."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deltarule.cli.console import Json, emit, err, escape, format_percent, out
from deltarule.cli.options import format_default
from deltarule.cli.tables import Column, build_table, measure_table

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
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Evaluate the run in this folder, or this model file.")],
    data: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|PATH", help=f"Evaluate on these data. {format_default('the data it was trained on')}"
        ),
    ] = None,
    part: Annotated[str, typer.Option(help="Evaluate on this part of the data: train, validation or test.")] = "test",
    best: Annotated[
        bool, typer.Option("--best", help="Use the parameters of the best epoch, saved by --keep-best.")
    ] = False,
    pictures: Annotated[
        Path | None, typer.Option(help=f"Save the figures in this folder. {format_default('the folder of the run')}")
    ] = None,
    json: Json = False,
) -> None:
    """Evaluate a run: accuracy, cost, confusion matrix and a figure of its worst mistakes."""
    from deltarule.cli.figures import draw_confusion, draw_misclassified, has_images, save_figures
    from deltarule.cli.option_errors import build, option_error
    from deltarule.data import find
    from deltarule.training.callbacks import name_examples
    from deltarule.training.runs import open_run, require_data

    if part not in PARTS:
        raise option_error("--part", part, f"one of {', '.join(PARTS)}")
    opened = open_run(run)
    if best and opened.model.best is None:
        raise option_error("--best", run, "a run that kept its best epoch", "train with --keep-best")
    model = opened.model.best if best and opened.model.best else opened.model
    found = build("--data", data or require_data(opened), find)
    dataset = found.data[PARTS.index(part)]
    _check_classes(model, dataset)
    examples = f"{len(dataset):,} {part} {name_examples(dataset)}"
    err.print(f"[dim]Data: {escape(found.name)}, {examples} ({escape(found.why)})[/]")
    figures, counts = model.evaluate(dataset), model.confusion(dataset)
    drawings = {f"confusion-{part}.png": draw_confusion(model, dataset, counts)}
    if has_images(dataset):
        drawings[f"misclassified-{part}.png"] = draw_misclassified(model, dataset)
    paths: list[Path] = []
    try:
        paths = save_figures(drawings, run, pictures)
    finally:  # the result is printed even if no figure can be saved
        result = {
            "run": str(run),
            "data": found.name,
            "part": part,
            "examples": len(dataset),
            "accuracy": figures["accuracy"],
            "cost": figures["cost"],
            "confusion": counts,
            "classes": model.classes,
            "parameters_sha256": model.parameters_sha256,
            "pictures": [str(path) for path in paths],
        }
        (emit if json else _print_result)(result)


evaluate.__doc__ = f"{evaluate.__doc__}\n{EXAMPLE}"


def _print_result(result: Mapping[str, Any]) -> None:
    n, accuracy = result["examples"], result["accuracy"]
    out.print(f"[bold]{round(accuracy * n)} / {n}[/] right, {format_percent(accuracy)}; cost {result['cost']:.4f}\n")
    out.print(_build_confusion_table(result["confusion"], result["classes"]))
    if result["pictures"]:
        out.print("\nFigures: " + escape(", ".join(result["pictures"])))


def _check_classes(model: Predictor, dataset: Dataset) -> None:
    """Raise :class:`ShapeError` if the number of classes differs, and print a note if a name differs."""
    from deltarule.errors import ShapeError

    n = dataset.targets.shape[1]
    if n != model.encoding.n_out:
        expected = f"{model.encoding.n_out} classes, as the network has"
        raise ShapeError(position=dataset.name, expected=expected, value=n)
    pairs = zip(model.classes, dataset.classes, strict=False)
    if different := next(((ours, theirs) for ours, theirs in pairs if ours != theirs), None):
        ours, theirs = map(escape, different)
        err.print(
            f"[yellow]note:[/] classes are matched by their order: class {ours} of the run is {theirs} in these data"
        )


def _build_confusion_table(counts: np.ndarray, classes: Sequence[str]) -> Table:
    """Build the confusion matrix, or if it is too wide, the list of the most frequent mistakes."""
    names = [escape(classes[i] if i < len(classes) else i) for i in range(len(counts))]
    columns = [Column(heading, align="right") for heading in ("", *names)] + [Column("right", 1, "right")]
    rows = [_build_row(i, name, row) for i, (name, row) in enumerate(zip(names, counts, strict=True))]
    if measure_table(columns[:-1], rows) > out.width:
        return _build_mistakes_table(counts, names)
    return build_table(columns, rows, title="label \\ prediction", title_style="dim")


def _build_row(i: int, name: str, counts: np.ndarray) -> list[str]:
    cells = [f"[bold]{c}[/]" if i == j else (str(c) if c else "[dim]·[/]") for j, c in enumerate(counts)]
    right = format_percent(counts[i] / counts.sum()) if counts.sum() else "–"
    return [f"[bold]{name}[/]", *cells, right]


def _build_mistakes_table(counts: np.ndarray, names: Sequence[str], most: int = 12) -> Table:
    mistakes = sorted(
        ((int(c), i, j) for (i, j), c in _iterate(counts) if i != j and c), key=lambda mistake: -mistake[0]
    )
    columns = [Column("label"), Column("prediction"), Column("times", align="right")]
    rows = [[names[i], names[j], str(count)] for count, i, j in mistakes[:most]]
    return build_table(columns, rows, title="the most frequent mistakes", title_style="dim")


def _iterate(counts: np.ndarray) -> Iterable[tuple[tuple[int, ...], int]]:
    from numpy import ndenumerate

    return ndenumerate(counts)
