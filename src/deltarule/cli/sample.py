"""deltarule sample: examples that a model writes itself, as one picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deltarule.cli.shared_options import Json


def sample(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Use the run in this folder, or this model file.")],
    label: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Write examples of this class, by its name or number.", show_default=False),
    ] = None,
    count: Annotated[int, typer.Option(metavar="N", min=1, help="Write this many examples.")] = 100,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Set the seed of the random numbers.")] = 0,
    steps: Annotated[int, typer.Option(metavar="N", min=1, help="Take this many steps of Gibbs sampling.")] = 1000,
    to_file: Annotated[Path, typer.Option("--out", metavar="PNG", help="Write the picture to this file.")] = Path(
        "samples.png"
    ),
    json: Json = False,
) -> None:
    """Let a Boltzmann machine, a deep belief net or a variational autoencoder write examples, as one picture.

    Such models are trained in Python; a model with label units can write examples of a class.

    [bold]Example[/]:

      deltarule sample machine.safetensors --label 7 --out sevens.png
    """
    from deltarule.cli.console import emit, escape, out
    from deltarule.cli.folders import check_single
    from deltarule.cli.opening import open_model
    from deltarule.cli.option_errors import option_error
    from deltarule.cli.picture_grid import check_png, parse_label, write_grid
    from deltarule.models.generation import Generator

    path = check_png(to_file)
    check_single(run)
    model = open_model(run)
    if not isinstance(model, Generator) or len(model.example_shape) != 2:
        raise option_error("RUN", run, "a model that writes grey pictures", "train one in Python: dr.RBM")
    found = model.sample(count, seed, steps, parse_label(label, model.classes))  # type: ignore[misc] # a model with the methods of Generator
    write_grid(path, found, model.scale)
    if json:
        emit({"file": str(path), "examples": count, "label": label, "seed": seed, "steps": steps})
    else:
        out.print(f"{escape(path)}: {count} pictures")
