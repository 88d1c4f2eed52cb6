"""deltarule complete: a picture of which only a half is known, completed by a model."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from deltarule.cli.shared_options import Json


class Half(StrEnum):
    """The known half of a picture."""

    UPPER = "upper"
    LOWER = "lower"
    LEFT = "left"
    RIGHT = "right"


def complete(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Use the run in this folder, or this model file.")],
    picture: Annotated[Path, typer.Argument(metavar="PICTURE", help="Complete this picture.")],
    known: Annotated[Half, typer.Option(help="Keep this half, and draw the other.")] = Half.UPPER,
    label: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Say what it is: a class by its name or number.", show_default=False),
    ] = None,
    count: Annotated[int, typer.Option(metavar="N", min=1, help="Draw this many completions.")] = 9,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Set the seed of the random numbers.")] = 0,
    steps: Annotated[int, typer.Option(metavar="N", min=1, help="Take this many steps of Gibbs sampling.")] = 200,
    to_file: Annotated[Path, typer.Option("--out", metavar="PNG", help="Write the pictures to this file.")] = Path(
        "completed.png"
    ),
    json: Json = False,
) -> None:
    """Let a Boltzmann machine complete a picture of which only a half is known.

    The picture is resized as a whole, neither cropped nor centred, so that the known half stays where it is. The file
    shows the known half first, and then the completions.

    [bold]Example[/]:

      deltarule complete machine.safetensors seven.png --known upper --out completed.png
    """
    import numpy as np

    from deltarule.cli.console import emit, escape, out
    from deltarule.cli.folders import check_single
    from deltarule.cli.opening import open_model
    from deltarule.cli.option_errors import option_error, report_as_options
    from deltarule.cli.picture_grid import check_png, parse_label, write_grid
    from deltarule.core.rbm import RBM
    from deltarule.data.dataset import Dataset
    from deltarule.models.model import Model
    from deltarule.preprocessing.image_arrays import fit_images
    from deltarule.preprocessing.pictures import prepare_picture

    path = check_png(to_file, picture)
    check_single(run)
    model = open_model(run)
    if not isinstance(model, Model) or not isinstance(model.network, RBM) or len(model.example_shape) != 2:
        raise option_error(
            "RUN", run, "a Boltzmann machine for grey pictures", "train one: deltarule train --net boltzmann"
        )
    image = prepare_picture(picture.expanduser(), model.preprocessing, find_ink=False)[None]
    fitted, notes = fit_images(Dataset(image, np.zeros(1, int), str(picture), model.scale), model.preprocessing)
    rows, columns = np.indices(model.example_shape)
    height, width = model.example_shape
    mask = {"upper": rows < height // 2, "lower": rows >= height // 2, "left": columns < width // 2,
            "right": columns >= width // 2}[known.value]  # fmt: skip
    with report_as_options(run, {"seed": "--seed", "steps": "--steps", "label": "--label"}):
        chosen = parse_label(label, model.classes)
        completed = model.complete(np.repeat(fitted.x, count, axis=0), mask, seed, steps, chosen)
    paper = model.scale if model.preprocessing.is_dark_on_light else 0
    shown = np.concatenate([np.where(mask, fitted.x, paper), completed])
    write_grid(path, shown, model.scale)
    if json:
        emit({"file": str(path), "known": known.value, "completions": count, "label": label, "seed": seed,
              "steps": steps, "notes": list(notes)})  # fmt: skip
    else:
        for note in notes:
            out.print(escape(note))
        out.print(f"{escape(path)}: the {known.value} half, and {count} completions")
