"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout, and everything else on stderr.")]
Data = Annotated[
    str,
    typer.Option(
        "--data",
        metavar="NAME|PATH",
        help="Choose the data: mnist, digits, auto (MNIST if it is found or can be downloaded, otherwise digits), or a "
        "path: MNIST's folder, a folder of images, a table (.csv, .tsv, .parquet or .xlsx) or arrays (.npz, .mat).",
    ),
]
