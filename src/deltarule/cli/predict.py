"""deltarule predict: the labels that a run gives to pictures or to the rows of a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deltarule.cli.predictions import predict_files
from deltarule.cli.shared_options import Json

EXAMPLE = """
[bold]Examples[/]: one digit in each picture, and several in a row:

  deltarule predict photo.png

  deltarule predict runs/first photo.png scan.jpg

  deltarule predict --string house_number.jpg

The rows of a table:

  deltarule predict runs/patients new_patients.csv --out answers.csv
"""


def predict(
    run: Annotated[
        Path,
        typer.Argument(
            metavar="RUN",
            help="Use the run in this folder, or this model file. Without it, the reader that comes with deltarule "
            "reads handwritten digits.",
            show_default=False,
        ),
    ],
    images: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PICTURE|TABLE",
            help="Read these pictures, each of one handwritten digit, or answer the rows of this table.",
            show_default=False,
        ),
    ] = None,
    answers: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the answers for a table to this CSV file.")
    ] = None,
    shares: Annotated[bool, typer.Option("--shares", help="Also write the share of each class.")] = False,
    headings: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES", help="Name the first columns of the answers, such as ImageId,Label.", show_default=False
        ),
    ] = None,
    ident: Annotated[
        str | None,
        typer.Option(
            "--id",
            metavar="COLUMN",
            help="Copy this column of the table before each answer. Default: an identifier that the training left out, "
            "otherwise the number of the row.",
            show_default=False,
        ),
    ] = None,
    ignore: Annotated[str | None, typer.Option(metavar="COLUMNS", help="Leave out these columns of the table.")] = None,
    string: Annotated[bool, typer.Option("--string", help="Read several digits in a row in each picture.")] = False,
    seen: Annotated[
        Path | None, typer.Option(metavar="PNG", help="Save a figure of the inputs that the network gets.")
    ] = None,
    as_it_is: Annotated[
        bool | None,
        typer.Option(
            "--as-it-is/--find-ink",
            help="Only convert a picture to grey and resize it, or also find its ink and centre it. Default: the first "
            "for a model trained on your own pictures, the second for one trained on MNIST or the small digits.",
            show_default=False,
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Read a handwritten digit in any picture, dark on light or light on dark; or answer the rows of a table.

    A model trained on your own pictures reads others like them, and takes them as they are. The columns of a table are
    matched by name. Where a picture shows no digit, or several, or the model is unsure, it says so.

    Exit codes: 0 if all are read, 1 after an error, 3 if it is unsure, 4 for no digit, 5 for several digits; of several
    pictures the highest counts.
    """
    raise typer.Exit(
        predict_files(run, images or [], answers, shares, headings, ident, ignore, string, seen, as_it_is, json)
    )


predict.__doc__ = f"{predict.__doc__}\n{EXAMPLE}"
