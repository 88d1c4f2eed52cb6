"""deltarule evaluate: the accuracy of a run on a data set, and its confusion matrix."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deltarule.cli.console import Json, emit, err, escape, format_percent, format_r2, out
from deltarule.cli.option import format_default
from deltarule.cli.tables import GAP, Column, build_table, measure_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from matplotlib.figure import Figure
    from rich.table import Table

    from deltarule.data import Dataset
    from deltarule.models.predictor import Predictor
    from deltarule.training.runs import Run

EXAMPLE = """
[bold]Examples[/]:

  deltarule evaluate runs/first

  deltarule evaluate runs/first --part validation --json

  deltarule evaluate runs/patients --data new_patients.csv
"""

PARTS = ("train", "validation", "test", "all")


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
    best: Annotated[
        bool, typer.Option("--best", help="Use the parameters of the best epoch, saved by --keep-best.")
    ] = False,
    pictures: Annotated[
        Path | None, typer.Option(help=f"Save the figures in this folder. {format_default('the folder of the run')}")
    ] = None,
    json: Json = False,
) -> None:
    """Evaluate a run: its metrics, cost, confusion matrix and a figure of its worst mistakes."""
    from deltarule.cli.figures import save_figures
    from deltarule.cli.folders import check_single
    from deltarule.cli.option_errors import option_error
    from deltarule.cli.phrasing import phrase_settings
    from deltarule.training.callbacks import name_examples
    from deltarule.training.runs import open_run

    if part is not None and part not in PARTS:
        raise option_error("--part", part, f"one of {', '.join(PARTS)}")
    check_single(run)
    opened = open_run(run)
    if best and opened.model.best is None:
        raise option_error("--best", run, "a run that kept its best epoch", "train with --keep-best")
    model = opened.model.best if best and opened.model.best else opened.model
    dataset, part, notes, training = _find_examples(opened, data, part, ignore)
    err.print(f"[dim]Data: {escape(dataset.name)}, {_name_part(dataset, part, name_examples(dataset))}[/]")
    for note in notes:
        err.print(f"[dim]{escape(phrase_settings(note))}[/]")
    figures = model.evaluate(dataset)
    repeated = None if part == "train" else _count_repeated(opened, dataset, training)
    result: dict[str, Any] = {
        "run": str(run),
        "data": dataset.name,
        "part": part,
        "examples": len(dataset),
        "repeated": repeated,
        **figures,
        **_measure(model, dataset),
        "classes": model.classes,
        "parameters_sha256": model.parameters_sha256,
    }
    if not json:
        _print_result(result)
    paths: list[Path] = []
    try:
        paths = save_figures(_draw(model, dataset, part, result), run, pictures)
    finally:  # the result is printed even if no figure can be saved
        if json:
            emit({**result, "pictures": [str(path) for path in paths]})
        elif paths:
            out.print("\nFigures: " + escape(", ".join(map(str, paths))))


evaluate.__doc__ = f"{evaluate.__doc__}\n{EXAMPLE}"


def _find_examples(
    run: Run, data: str | None, part: str | None, ignore: str | None
) -> tuple[Dataset, str, tuple[str, ...], Dataset | None]:
    """Find the examples to evaluate on, the name of their part, notes about them, and the training set if loaded."""
    from dataclasses import replace

    import numpy as np

    from deltarule.cli.data_options import find_run_data, split_names
    from deltarule.cli.defaults import encode_as
    from deltarule.cli.option_errors import report_as_option
    from deltarule.cli.training_rows import check_unchanged
    from deltarule.data.phrases import count
    from deltarule.data.table_options import TableOptions
    from deltarule.data.table_sources import is_table
    from deltarule.preprocessing.tables import ModelTable
    from deltarule.training.runs import require_data

    own, model = require_data(run) if data is None else data, run.model
    is_own = data is None or (run.data is not None and Path(own).expanduser().resolve() == Path(run.data))
    if model.preprocessing.schema is not None and (part == "all" or not is_own) and is_table(Path(own)):
        options = TableOptions(ignore=split_names("ignore", ignore) if ignore else ())
        with report_as_option("--data", own):
            table = ModelTable.open(Path(own).expanduser(), model.preprocessing, options)
            dataset, left_out = table.read_labelled(Path(own.removesuffix(".gz")).stem)
        is_one = left_out == 1
        note = f"{count(left_out, 'row')} with missing values {'is' if is_one else 'are'} left out"
        notes = (note,) if left_out else ()
        return dataset, "all", (*table.selection.notes, *notes), None
    found = find_run_data(own, run.notes if is_own else {**run.notes, "fold": None})
    splits = encode_as(model.encoding, found.data)
    training = check_unchanged(run, found) if is_own and part != "all" else None
    part = part or ("all" if found.summary and not is_own else "test")
    if part == "all":
        parts = list({id(one): one for one in splits}.values())
        x, y = (np.concatenate([getattr(one, name) for one in parts]) for name in ("x", "y"))
        return replace(splits[0], x=x, y=y, name=found.name), part, (), None
    return replace(splits[PARTS.index(part)], name=found.name), part, (), training


def _count_repeated(run: Run, dataset: Dataset, training: Dataset | None) -> int | None:
    """Count the examples whose inputs the run was trained on, and say so; None if that is not known."""
    from deltarule.cli.training_rows import count_known, load_training_set
    from deltarule.training.callbacks import name_examples

    if training is None:
        training, note = load_training_set(run)
        if note:
            err.print(f"[dim]{escape(note)}[/]")
    if training is None:
        return None
    n, examples = count_known(run.model.preprocessing, dataset, training), name_examples(dataset)
    if n:
        have = "has" if n == 1 else "have"
        of = f"{n:,} of {len(dataset):,} {examples}"
        err.print(f"[yellow]{of} {have} the inputs of {examples} it was trained on[/]")
    return n


def _measure(model: Predictor, dataset: Dataset) -> dict[str, Any]:
    """Measure what a single figure hides: each class, each label, and what always answering the same would give."""
    from deltarule.data.encodings import MultiLabel
    from deltarule.models.metrics import compute_balanced_accuracy, find_commonest, measure_targets

    labels = model.preprocessing.find_labels(dataset)
    if isinstance(model.encoding, MultiLabel):
        right = (model.predict(dataset) == labels).mean(axis=0)
        return {"accuracy_of_each": dict(zip(model.classes, map(float, right), strict=True))}
    if labels.dtype.kind == "f":
        schema = model.preprocessing.schema
        names = schema.targets if schema is not None else ()
        each = measure_targets(model.predict(dataset), labels) if labels.ndim == 2 else ()
        return {
            f"{what}_of_each": dict(zip(names, e.tolist(), strict=False))
            for what, e in zip(("rmse", "r2"), each, strict=False)
        }
    counts = model.confusion(dataset)
    label, share = find_commonest(labels)
    return {
        "confusion": counts,
        "balanced_accuracy": compute_balanced_accuracy(counts),
        "commonest": _name(model.classes, label),
        "commonest_share": share,
    }


def _draw(model: Predictor, dataset: Dataset, part: str, result: Mapping[str, Any]) -> dict[str, Figure]:
    """Draw the figures of a result, by the names of their files."""
    from deltarule.cli.figures import draw_confusion, draw_misclassified, draw_predictions, has_images
    from deltarule.cli.labels import has_probabilities

    if "r2" in result:
        return {f"predictions-{part}.png": draw_predictions(model, dataset)}
    if "confusion" not in result:
        return {}
    drawings = {f"confusion-{part}.png": draw_confusion(model, dataset, result["confusion"])}
    if has_images(dataset) and has_probabilities(model):
        drawings[f"misclassified-{part}.png"] = draw_misclassified(model, dataset)
    return drawings


def _print_result(result: Mapping[str, Any]) -> None:
    from deltarule.cli.outcome import NO_BETTER, is_no_better

    n, cost = result["examples"], result["cost"]
    if "r2" in result:
        counted = f"{n:,} rows" if n > 1 else "1 row"
        out.print(f"R² [bold]{format_r2(result['r2'])}[/], RMSE {result['rmse']:.4g} on {counted}; cost {cost:.4f}")
    elif "accuracy" not in result:
        out.print(f"Cost {cost:.4f} on {n:,} examples")
    else:
        accuracy = result["accuracy"]
        out.print(f"[bold]{round(accuracy * n)} / {n}[/] right, {format_percent(accuracy)}; cost {cost:.4f}")
    if "r2_of_each" in result:
        columns = [Column("target"), Column("R²", align="right"), Column("RMSE", align="right")]
        pairs = zip(result["r2_of_each"].items(), result["rmse_of_each"].values(), strict=True)
        rows = [[escape(name), format_r2(r2), f"{rmse:.4g}"] for (name, r2), rmse in pairs]
        out.print(build_table(columns, rows))
    if "accuracy_of_each" in result:
        columns = [Column("label"), Column("right", align="right")]
        rows = [[escape(name), format_percent(share)] for name, share in result["accuracy_of_each"].items()]
        out.print(build_table(columns, rows, title="the accuracy of each label", title_style="dim"))
    if "confusion" in result:
        commonest = f"always answering {escape(result['commonest'])}: {format_percent(result['commonest_share'])}"
        out.print(f"{commonest}; balanced accuracy {format_percent(result['balanced_accuracy'])}\n")
        out.print(_build_confusion_table(result["confusion"], result["classes"]))
        if is_no_better(result["confusion"]):
            err.print(f"[yellow]{NO_BETTER}[/]")


def _name_part(dataset: Dataset, part: str, examples: str) -> str:
    """Name the examples with their number, such as "43 test rows"."""
    n = len(dataset)
    if part == "all":
        return f"all {n:,} {examples}" if n > 1 else f"{n} {examples[:-1]}"
    return f"{n:,} {part} {examples if n > 1 else examples[:-1]}"


def _name(classes: Sequence[str], i: int) -> str:
    return classes[i] if i < len(classes) else str(i)


def _build_confusion_table(counts: np.ndarray, classes: Sequence[str]) -> Table:
    """Build the confusion matrix, or if it is too wide, the list of the most frequent mistakes."""
    names = [escape(_name(classes, i)) for i in range(len(counts))]
    if GAP * len(names) > out.width:  # before a million cells are measured
        return _build_mistakes_table(counts, names)
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
    import numpy as np

    mistakes = np.where(np.eye(len(counts), dtype=bool), 0, counts)
    order = np.argsort(-mistakes, axis=None, kind="stable")[: min(most, np.count_nonzero(mistakes))]
    columns = [Column("label"), Column("prediction"), Column("times", align="right")]
    rows = [
        [names[i], names[j], str(mistakes[i, j])] for i, j in zip(*np.unravel_index(order, counts.shape), strict=True)
    ]
    return build_table(columns, rows, title="the most frequent mistakes", title_style="dim")
