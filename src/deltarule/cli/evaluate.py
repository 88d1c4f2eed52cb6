"""deltarule evaluate: the accuracy of a run on a data set, and its confusion matrix."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deltarule.cli.console import emit, err, escape, out
from deltarule.cli.evaluation_data import PARTS
from deltarule.cli.option import format_default
from deltarule.cli.shared_options import Json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure

    from deltarule.data import Dataset
    from deltarule.models.predictor import Predictor

EXAMPLE = """
[bold]Examples[/]:

  deltarule evaluate runs/first

  deltarule evaluate runs/first --part validation --json

  deltarule evaluate runs/patients --data new_patients.csv

  deltarule evaluate runs/first --data my_digits
"""


def evaluate(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Evaluate the run in this folder, or this model file.")],
    data: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|PATH", help=f"Evaluate on these data. {format_default('the data it was trained on')}"
        ),
    ] = None,
    part: Annotated[
        str | None,
        typer.Option(
            help="Evaluate on this part of the data: train, validation, test or all. "
            f"{format_default('test; all of other data of your own')}"
        ),
    ] = None,
    ignore: Annotated[str | None, typer.Option(metavar="COLUMNS", help="Leave out these columns of the table.")] = None,
    as_it_is: Annotated[
        bool | None,
        typer.Option(
            "--as-it-is/--find-ink",
            help="Only resize pictures, or also find their ink and centre it, as for predict.",
            show_default=False,
        ),
    ] = None,
    skip_damaged: Annotated[
        bool, typer.Option("--skip-damaged", help="Leave out pictures that cannot be read.")
    ] = False,
    best: Annotated[
        bool, typer.Option("--best", help="Use the parameters of the best epoch, saved by --keep-best.")
    ] = False,
    pictures: Annotated[
        Path | None, typer.Option(help=f"Save the figures in this folder. {format_default('the folder of the run')}")
    ] = None,
    json: Json = False,
) -> None:
    """Evaluate a run: its metrics, cost, confusion matrix and a figure of its worst mistakes."""
    from deltarule.cli.dominant_class import explain_misfit, find_dominant, format_dominant
    from deltarule.cli.evaluation_data import count_repeated, find_examples, name_part
    from deltarule.cli.evaluation_report import print_result
    from deltarule.cli.figures import save_figures
    from deltarule.cli.folders import check_single
    from deltarule.cli.opening import open_run
    from deltarule.cli.option_errors import option_error
    from deltarule.cli.phrasing import phrase_settings
    from deltarule.models.assessment import assess
    from deltarule.training.callbacks import name_examples

    if part is not None and part not in PARTS:
        raise option_error("--part", part, f"one of {', '.join(PARTS)}")
    check_single(run)
    opened = open_run(run)
    if best and opened.model.best is None:
        raise option_error("--best", run, "a run that kept its best epoch", "train with --keep-best")
    model = opened.model.best if best and opened.model.best else opened.model
    find_ink = None if as_it_is is None else not as_it_is
    dataset, part, notes, training = find_examples(opened, data, part, ignore, find_ink, skip_damaged)
    err.print(f"[dim]Data: {escape(dataset.name)}, {name_part(dataset, part, name_examples(dataset))}[/]")
    for note in notes:
        err.print(f"[dim]{escape(phrase_settings(note))}[/]")
    figures = model.evaluate(dataset)
    repeated = (
        None
        if part == "train" and data is None
        else count_repeated(opened, run, dataset, training, data if part == "all" else None)
    )
    result: dict[str, Any] = {
        "run": str(run),
        "data": dataset.name,
        "part": part,
        "examples": len(dataset),
        "repeated": repeated,
        **figures,
        **(measured := assess(model, dataset)),
        "dominant": (dominant := find_dominant(model, dataset, measured.get("confusion"))),
        "classes": model.classes,
        "parameters_sha256": model.parameters_sha256,
    }
    if not json:
        print_result(result)
    if dominant:
        err.print(f"[yellow]{escape(format_dominant(dominant))}[/]")
    elif data is not None and (cause := explain_misfit(model, dataset, measured.get("confusion"))):
        err.print(f"[yellow]{escape(cause)}[/]")
    paths: list[Path] = []
    try:
        paths = save_figures(_draw(model, dataset, part, result), run, pictures)
    finally:  # the result is printed even if no figure can be saved
        if json:
            emit({**result, "pictures": [str(path) for path in paths]})
        elif paths:
            out.print("\nFigures: " + escape(", ".join(map(str, paths))))


evaluate.__doc__ = f"{evaluate.__doc__}\n{EXAMPLE}"


def _draw(model: Predictor, dataset: Dataset, part: str, result: Mapping[str, Any]) -> dict[str, Figure]:
    """Draw the figures of a result, by the names of their files."""
    from deltarule.cli.figures import draw_predictions
    from deltarule.models.figures import draw_confusion, draw_misclassified, has_images
    from deltarule.models.judgement import has_classes

    if "r2" in result:
        return {f"predictions-{part}.png": draw_predictions(model, dataset)}
    if "confusion" not in result:
        return {}
    drawings = {f"confusion-{part}.png": draw_confusion(model, dataset, result["confusion"])}
    if has_images(dataset) and has_classes(model):
        drawings[f"misclassified-{part}.png"] = draw_misclassified(model, dataset)
    return drawings
