"""deltarule predict: what a run reads in pictures of your own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deltarule.cli.console import Json, emit, out, percent, say_error

if TYPE_CHECKING:
    import numpy as np

    from deltarule.models.model import Model

EXAMPLE = """
[bold]Example[/]:

  deltarule predict runs/first photo.png scan.jpg
"""


def predict(
    run: Annotated[Path, typer.Argument(help="A run's folder, or a model file.")],
    images: Annotated[list[Path], typer.Argument(help="Pictures of one handwritten digit each.")],
    seen: Annotated[
        Path | None, typer.Option(metavar="PNG", help="Write a picture of what the network was shown.")
    ] = None,
    as_it_is: Annotated[
        bool, typer.Option("--as-it-is", help="Do not look for the ink: only make it grey and bring it to size.")
    ] = False,
    json: Json = False,
) -> None:
    """Read a handwritten digit in any picture: dark on light or light on dark, anywhere in it."""
    import numpy as np

    from deltarule import figures
    from deltarule.errors import DataError
    from deltarule.models.model import load

    model = load(run)
    readings: list[dict[str, Any]] = []
    inputs, failed = [], False
    for image in images:
        try:
            x = _input(model, image, as_it_is)
        except DataError as error:
            say_error(error)
            readings.append({"image": str(image), "error": str(error)})
            failed = True
            continue
        chances = model.probabilities(x[None])[0]
        label = int(model.predict(x[None])[0])
        inputs.append((x, f"{image.name}: {_name(model, label)}"))
        shares = {_name(model, i): float(p) for i, p in enumerate(chances)}
        readings.append({"image": str(image), "label": _name(model, label), "probabilities": shares})
    if seen is not None and inputs:
        figures.save(
            figures.digits(np.stack([x for x, _ in inputs]), [caption for _, caption in inputs], columns=4), seen
        )
    if json:
        emit({"run": str(run), "readings": readings})
    else:
        for reading in readings:
            if "label" in reading:
                _say(reading)
    if failed:
        raise typer.Exit(1)


predict.__doc__ = f"{predict.__doc__}\n{EXAMPLE}"


def _input(model: Model, image: Path, as_it_is: bool) -> np.ndarray:
    """The picture in the shape and units of the model's training data."""
    import numpy as np

    from deltarule.data import prepare
    from deltarule.data.pictures import grey, resized
    from deltarule.errors import ShapeError

    if len(model.example_shape) != 2:
        raise ShapeError(f"this model reads examples of shape {model.example_shape}, not grey pictures")
    if as_it_is:
        return np.asarray(resized(grey(image), model.example_shape)) * (model.scale / 255)
    return prepare(image, model.example_shape, top=round(model.scale))


def _name(model: Model, label: int) -> str:
    return model.classes[label] if label < len(model.classes) else str(label)


def _say(reading: dict[str, Any]) -> None:
    likely = sorted(reading["probabilities"].items(), key=lambda item: -item[1])
    bars = "  ".join(f"{name} {percent(p)}" for name, p in likely[:3])
    out.print(f"{reading['image']}: [bold]{reading['label']}[/]   {bars}")
