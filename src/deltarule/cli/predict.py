"""deltarule predict: what a run reads in pictures of your own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deltarule.cli.console import Json, as_is, emit, out, percent, say_error

if TYPE_CHECKING:
    import numpy as np

    from deltarule.models.predictor import Predictor

EXAMPLE = """
[bold]Examples[/]: one digit in each picture, and several in a row:

  deltarule predict runs/first photo.png scan.jpg

  deltarule predict --string house_number.jpg
"""


def predict(
    run: Annotated[
        Path,
        typer.Argument(help="A run's folder, or a model file; with --string it may be left out.", show_default=False),
    ],
    images: Annotated[
        list[Path] | None, typer.Argument(help="Pictures to read, of one handwritten digit each.", show_default=False)
    ] = None,
    string: Annotated[
        bool, typer.Option("--string", help="The pictures show several digits in a row, however many.")
    ] = False,
    seen: Annotated[
        Path | None, typer.Option(metavar="PNG", help="Write a picture of what the network was shown.")
    ] = None,
    as_it_is: Annotated[
        bool | None,
        typer.Option(
            "--as-it-is/--find-ink",
            help="Only make a picture grey and bring it to size, or find its ink and centre it. Unless said: the first "
            "for a model of your own pictures, the second for one of MNIST or the small digits.",
            show_default=False,
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Read a handwritten digit in any picture: dark on light or light on dark, anywhere in it.

    A model of your own pictures reads others like them, and takes them as they are.
    """
    import numpy as np

    from deltarule import plotting
    from deltarule.cli.digit_strings import is_model, predict_strings
    from deltarule.cli.labels import format_label, has_probabilities, name_class
    from deltarule.cli.option_errors import refuse
    from deltarule.errors import DataError
    from deltarule.models.loading import load

    images = images or []
    if seen is not None:
        plotting.find_format(seen)
    if string:
        chosen, pictures = (run, images) if is_model(run) else (None, [run, *images])
        if not pictures:
            raise refuse("IMAGES", [], "a picture at least")
        if as_it_is:
            raise refuse("--as-it-is", as_it_is, "no --string beside it", "it is for pictures of one digit")
        if not predict_strings(chosen, pictures, seen, json):
            raise typer.Exit(1)
        return
    if not images:
        raise refuse("IMAGES", [], "a run and then pictures", f"deltarule predict RUN {run}")
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
        chances = model.predict_proba(x[None])[0] if has_probabilities(model) else []
        label = format_label(model, model.predict(x[None])[0])
        inputs.append((x / model.scale, f"{image.name}\nread as {label}"))
        shares = {name_class(model, i): float(p) for i, p in enumerate(chances)}
        readings.append({"image": str(image), "label": label, "probabilities": shares})
    if json:
        emit({"run": str(run), "readings": readings})
    else:
        for reading in readings:
            if "label" in reading:
                _say(reading)
    if seen is not None and inputs:
        shown, captions = zip(*inputs, strict=True)
        plotting.save_figure(
            plotting.plot_images(np.stack(shown), captions, "What the network was shown", columns=4), seen
        )
    if failed:
        raise typer.Exit(1)


predict.__doc__ = f"{predict.__doc__}\n{EXAMPLE}"


def _input(model: Predictor, image: Path, as_it_is: bool | None) -> np.ndarray:
    """The picture in the shape and units of the model's training data, prepared as they were unless said."""
    import numpy as np

    from deltarule.data import prepare
    from deltarule.data.grayscale import read_grayscale, resize
    from deltarule.errors import ShapeError

    if len(model.example_shape) != 2:
        raise ShapeError(f"this model reads examples of shape {model.example_shape}, not grey pictures")
    if as_it_is or (as_it_is is None and model.style is None):
        picture = resize(read_grayscale(image), model.example_shape)
    else:
        picture = prepare(image, model.example_shape, style=model.style)
    return picture * np.float32(model.scale / 255)


def _say(reading: dict[str, Any]) -> None:
    label, chances = reading["label"], reading["probabilities"]
    read = f"{as_is(reading['image'])}: [bold]{as_is(label)}[/]"
    if not chances:
        out.print(read)
        return
    others = sorted((name for name in chances if name != label), key=lambda name: -chances[name])[:2]
    then = ", ".join(f"{as_is(name)} {percent(chances[name])}" for name in others)
    out.print(f"{read}  {percent(chances[label])}   [dim]then {then}[/]")
