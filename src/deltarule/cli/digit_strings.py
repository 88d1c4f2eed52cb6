"""deltarule predict --string: what a run reads in pictures of several digits in a row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deltarule.cli.console import as_is, emit, out, percent, say_error

if TYPE_CHECKING:
    from deltarule.digit_strings.recognition import Segmentation

_SURE = 0.99  # a reading with a larger share is told without those that come next


def predict_strings(run: Path | None, images: Sequence[Path], seen: Path | None, json: bool) -> bool:
    """Reads each picture, and says what it reads; whether all could be read; without ``run``, by deltarule's own."""
    from deltarule import plotting
    from deltarule.digit_strings import load_reader, plot_segmentations, segment
    from deltarule.errors import DataError
    from deltarule.models.loading import load

    model = load(run) if run is not None else load_reader()
    readings: list[dict[str, Any]] = []
    attempts: list[Segmentation] = []
    for image in images:
        try:
            attempts.append(segment(image, model))
        except DataError as error:
            say_error(error)
            readings.append({"image": str(image), "error": str(error)})
            continue
        readings.append(_told(image, attempts[-1]))
        if not json:
            _say(readings[-1])
    if json:
        emit({"run": None if run is None else str(run), "readings": readings})
    if seen is not None and attempts:
        captions = [Path(reading["image"]).name for reading in readings if "string" in reading]
        plotting.save_figure(plot_segmentations(attempts, captions, "How the rows were cut"), seen)
    return len(attempts) == len(images)


def is_model(path: Path) -> bool:
    """Whether a word of the command line means a run and not a picture, by what is there, else by its ending."""
    from PIL import Image

    if path.is_file():
        return path.suffix == ".safetensors"
    return path.is_dir() or path.suffix.lower() not in Image.registered_extensions()


def _told(image: Path, attempt: Segmentation) -> dict[str, Any]:
    reading = attempt.to_reading()
    return {
        "image": str(image),
        "string": reading.text,
        "share": reading.probability,
        "digits": [
            {"label": digit.label, "probability": digit.probability, "box": [round(edge, 1) for edge in digit.box]}
            for digit in reading.digits
        ],
        "others": [{"string": text, "share": share} for text, share in reading.others],
    }


def _say(reading: dict[str, Any]) -> None:
    unsure = reading["share"] < _SURE and reading["others"]
    others = ", ".join(f"{as_is(other['string'])} {percent(other['share'])}" for other in reading["others"])
    then = f"   [dim]then {others}[/]" if unsure else ""
    out.print(f"{as_is(reading['image'])}: [bold]{as_is(reading['string'])}[/]  {percent(reading['share'])}{then}")
    digits = "   ".join(f"{as_is(digit['label'])} {percent(digit['probability'])}" for digit in reading["digits"])
    out.print(f"  [dim]{digits}[/]")
