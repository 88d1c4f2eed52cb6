"""deltarule sample: examples that a model writes itself, as one picture, or a text that it continues."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deltarule.cli.shared_options import Json

OF_PICTURES = {"label": "--label", "count": "--count", "steps": "--steps", "to_file": "--out"}
OF_TEXTS = {"length": "--length", "temperature": "--temperature"}


def sample(
    context: typer.Context,
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
    text: Annotated[
        str | None,
        typer.Option(metavar="START", help="Continue this text, with a model of characters.", show_default=False),
    ] = None,
    length: Annotated[int, typer.Option(metavar="N", min=1, help="Write this many characters.")] = 300,
    temperature: Annotated[
        float, typer.Option(metavar="T", help="Below 1, write probable characters more often; above 1, less often.")
    ] = 1.0,
    json: Json = False,
) -> None:
    """Let a model write examples, as one picture; or let a model of characters continue a text.

    A Boltzmann machine, a deep belief net or a variational autoencoder writes examples; a model with label units can
    write those of a class. The command trains machines; the others are trained in Python.

    [bold]Examples[/]:

      deltarule train --data mnist --net boltzmann --out runs/machine

      deltarule sample runs/machine --label 7 --out sevens.png

      deltarule sample alice.safetensors --text "Alice was " --temperature 0.5
    """
    from deltarule.cli.console import emit, escape, out
    from deltarule.cli.folders import check_single
    from deltarule.cli.opening import open_model
    from deltarule.cli.option_errors import option_error, report_as_options
    from deltarule.cli.picture_grid import check_png, parse_label, write_grid
    from deltarule.errors import NOTHING
    from deltarule.models.generation import Generator
    from deltarule.models.texts import is_text_model

    refuse_options(context, OF_TEXTS if text is None else OF_PICTURES, "--text START" if text is None else "no --text")
    path = check_png(to_file)
    check_single(run)
    model = open_model(run)
    if text is not None:
        if not isinstance(model, Generator):
            raise option_error("RUN", run, "a model of characters, not an ensemble")
        with report_as_options(run, {"text": "--text", "seed": "--seed", **OF_TEXTS}):
            written = model.write(text, length, temperature, seed)  # type: ignore[misc] # a model with the methods of Generator
        if json:
            emit({"text": text, "written": written, "temperature": temperature, "seed": seed})
        else:
            print(text + written)
        return
    if isinstance(model, Generator) and is_text_model(model):  # type: ignore[arg-type] # a model with the methods of Generator
        raise option_error("--text", NOTHING, "a text to continue, because this is a model of characters")
    if not isinstance(model, Generator) or len(model.example_shape) != 2:
        raise option_error(
            "RUN", run, "a model that writes grey pictures", "train one: deltarule train --net boltzmann"
        )
    with report_as_options(run, {"n": "--count", "seed": "--seed", **OF_PICTURES}):
        found = model.sample(count, seed, steps, parse_label(label, model.classes))  # type: ignore[misc] # a model with the methods of Generator
    write_grid(path, found, model.scale)
    if json:
        emit({"file": str(path), "examples": count, "label": label, "seed": seed, "steps": steps})
    else:
        out.print(f"{escape(path)}: {count} pictures")


def refuse_options(context: typer.Context, options: dict[str, str], needed: str) -> None:
    """Raise :class:`InvalidArgument` for the first of these options that is given, and does not go with the others."""
    from deltarule.cli.option_errors import option_error
    from deltarule.errors import NOTHING

    for name, option in options.items():
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            raise option_error(option, NOTHING, f"{needed} together with it")
