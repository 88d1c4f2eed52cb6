"""deltarule data PATH: the format, parts, classes and first examples of a data set, and the command to train on it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deltarule.cli.console import emit, escape, format_command, out
from deltarule.cli.options import NAMES, OF_DATA, add_options
from deltarule.cli.shared_options import Json
from deltarule.cli.tables import Column, build_table

if TYPE_CHECKING:
    from deltarule.data import Dataset, Source

STATEMENTS = tuple(name for name in OF_DATA if name not in ("class_weights", "folds"))
"""The options that state something about data."""

MOST_ROWS, MOST_COLUMNS, MOST_CLASSES = 5, 8, 30
"""The most rows and columns of a table, and the most classes, that are printed."""

PARTS = ("training", "validation", "test")


@add_options(STATEMENTS)
def describe(
    context: typer.Context,
    path: Annotated[str, typer.Argument(metavar="PATH", help="Describe these data: a path, or mnist or digits.")],
    pictures: Annotated[
        Path | None,
        typer.Option(help=r"Save the figure of examples in this folder. \[default: the current folder]"),
    ] = None,
    json: Json = False,
    **given: Any,
) -> None:
    """Describe data of your own: what is recognized, how they are divided, and how to train on them.

    Save a figure of images with their classes, or print the first rows of a table. The word show may be left out.

    [bold]Examples[/]:

      deltarule data show digits

      deltarule data patients.csv --label ill --missing median
    """
    from deltarule.cli.data_figures import draw_examples
    from deltarule.cli.data_options import build_data_options
    from deltarule.cli.data_paths import check_data_path
    from deltarule.cli.option_errors import report_as_option
    from deltarule.data import find
    from deltarule.data.formats import name_format
    from deltarule.data.sources import NAMES as KNOWN
    from deltarule.errors import FileError
    from deltarule.plotting import save_figure

    json = json or bool(context.obj)
    check_data_path(path)
    with report_as_option("PATH", path):
        found = find(path, options=build_data_options(given))
    place = Path(path).expanduser()
    form = "" if path in KNOWN or not place.exists() else name_format(place)
    command = ["deltarule", "train", "--data", path, *spell_options(given)]
    result = {"name": found.name, "where": found.where, "format": form or found.why, **summarize(found)}
    if not json:
        _print(found, result, command)
    paths: list[Path] = []
    try:
        if (figure := draw_examples(found.data, found.name)) is not None:
            safe = re.sub(r"[^\w.-]+", "-", found.name)
            target = (pictures or Path()) / f"examples-{safe}.png"
            try:
                paths = [save_figure(figure, target)]
            except FileError as error:
                raise error.with_fields(remedy="name another folder with --pictures") from None
    finally:  # the description is printed even if no figure can be saved
        if json:
            emit({**result, "train": command, "pictures": [str(path) for path in paths]})
    if not json and paths:
        out.print("\nFigure: " + escape(str(paths[0])))


def spell_options(given: Mapping[str, Any]) -> list[str]:
    """Spell options as the words of a command.

    >>> spell_options({"label": "ill", "images": False, "split": True, "missing": None})
    ['--label', 'ill', '--no-images', '--no-split']
    """
    words: list[str] = []
    for name, value in given.items():
        if isinstance(value, bool):
            flags = (OF_DATA[name].flags or (NAMES[name],))[0].split("/")
            words.append(flags[0] if value else flags[-1])
        elif value is not None:
            words += [NAMES[name], str(value)]
    return words


def summarize(found: Source) -> dict[str, Any]:
    """Summarize a data set: its parts with their shapes, types, ranges and classes, and what was decided."""
    from deltarule.cli.phrasing import phrase_settings

    splits = {id(part): (name, part) for name, part in reversed(list(zip(PARTS, found.data, strict=True)))}
    parts = [_summarize_part(name, part) for name, part in reversed(splits.values())]
    return {
        "summary": list(found.summary),
        "notes": [phrase_settings(note) for note in found.notes],
        "doubts": [phrase_settings(doubt) for doubt in found.doubts],
        "classes": list(found.data[0].classes),
        "parts": parts,
    }


def _summarize_part(name: str, part: Dataset) -> dict[str, Any]:
    import numpy as np

    from deltarule.data.encodings import MultiLabel, OneHot

    counts: dict[str, int] = {}
    if isinstance(part.encoding, OneHot):
        n = np.bincount(part.y, minlength=part.encoding.n_out)
        counts = {part.classes[i] if part.classes else str(i): int(n[i]) for i in range(len(n))}
    elif isinstance(part.encoding, MultiLabel):
        counts = {label: int(n) for label, n in zip(part.classes, part.y.sum(axis=0, dtype=np.int64), strict=True)}
    with np.errstate(all="ignore"):
        low, high = (float(f(part.x)) if part.x.size else float("nan") for f in (np.nanmin, np.nanmax))
    return {
        "part": name,
        "examples": len(part),
        "shape": list(part.x.shape[1:]),
        "type": str(part.x.dtype),
        "lowest": low,
        "highest": high,
        "counts": counts,
    }


def _print(found: Source, result: Mapping[str, Any], command: list[str]) -> None:
    from deltarule.cli.data_options import print_understanding

    out.print(f"[bold]{escape(found.name)}[/]: {escape(result['format'])} ({escape(found.where)})")
    print_understanding(found, out)
    parts = result["parts"]
    rows = [
        [
            part["part"],
            f"{part['examples']:,}",
            "×".join(map(str, part["shape"])) or "1",
            part["type"],
            f"{part['lowest']:g} to {part['highest']:g}",
        ]
        for part in parts
    ]
    headings = [Column("part"), Column("examples", 0, "right"), Column("shape"), Column("type", 1), Column("values", 2)]
    out.print()
    out.print(build_table(headings, rows))
    if names := list(parts[0]["counts"]):
        out.print()
        shown = names if len(names) <= MOST_CLASSES else [*names[: MOST_CLASSES - 1], "", names[-1]]
        body = [
            [escape(name), *(f"{part['counts'][name]:,}" for part in parts)] if name or name in parts[0]["counts"]
            else ["…"]
            for name in shown
        ]  # fmt: skip
        out.print(build_table([Column("class"), *(Column(part["part"], 0, "right") for part in parts)], body))
    if found.data[0].x.ndim == 2:
        out.print()
        _print_rows(found.data[0])
    out.print(f"\nTrain on it:  {format_command(*command)}")


def _print_rows(dataset: Dataset) -> None:
    """Print the first rows of a table, the target first."""
    from deltarule.cli.data_figures import name_label

    columns = dataset.schema.columns if dataset.schema else ()
    k = min(dataset.x.shape[1], MOST_COLUMNS)
    target = (dataset.schema.targets if dataset.schema else ()) or ("target",)
    headings = [Column(escape(", ".join(target)))]
    headings += [Column(escape(columns[i].name if columns else str(i + 1)), i, "right") for i in range(k)]
    rows = []
    for i in range(min(MOST_ROWS, len(dataset))):
        cells = [_format_cell(dataset.x[i, j], columns[j].words if columns else ()) for j in range(k)]
        rows.append([escape(name_label(dataset, i)), *map(escape, cells)])
    out.print(build_table(headings, rows))
    if dataset.x.shape[1] > k:
        out.print(f"[dim]and {dataset.x.shape[1] - k:,} more columns[/]")


def _format_cell(value: float, words: tuple[str, ...]) -> str:
    if isnan(value):
        return "–"
    return words[int(value)] if words else f"{value:g}"
