"""deltarule predict --string: pictures of several digits in a row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deltarule.cli.console import emit, escape, format_percent, out, print_error

if TYPE_CHECKING:
    from deltarule.digit_strings.recognition import Segmentation

CERTAIN = 0.99
"""The probability above which a string is printed without the next most probable ones."""


def predict_strings(run: Path | None, images: Sequence[Path], seen: Path | None, json: bool) -> int:
    """Read each picture with a run, or without one with deltarule's own networks, and print the strings.

    Returns the exit code (:data:`~deltarule.cli.picture_readings.EXIT_CODES`).
    """
    from deltarule import plotting
    from deltarule.cli.opening import open_model
    from deltarule.cli.picture_readings import choose_exit_code
    from deltarule.digit_strings import check_pieces, load_digit_reader, load_reader, plot_segmentations, segment
    from deltarule.errors import DataError

    model = open_model(run) if run is not None else load_reader()
    checker = load_digit_reader()
    readings: list[dict[str, Any]] = []
    segmentations: list[Segmentation] = []
    for image in images:
        try:
            segmentations.append(check_pieces(segment(image, model), checker))
        except DataError as error:
            print_error(error)
            readings.append({"image": str(image), "error": str(error)})
            continue
        readings.append(_describe(image, segmentations[-1]))
        if not json:
            _print_reading(readings[-1])
    if json:
        emit({"run": None if run is None else str(run), "readings": readings})
    if seen is not None and segmentations:
        captions = [Path(reading["image"]).name for reading in readings if "string" in reading]
        plotting.save_figure(plot_segmentations(segmentations, captions, "How the rows were cut"), seen)
    return choose_exit_code(readings)


def is_model(path: Path) -> bool:
    """Return whether a path on the command line is a run's, not a picture's: by its file, or else by its suffix."""
    if path.is_file():
        return path.suffix in (".safetensors", ".json")  # JSON: a network of the book's network2
    from PIL import Image

    return path.is_dir() or path.suffix.lower() not in Image.registered_extensions()


def _describe(image: Path, segmentation: Segmentation) -> dict[str, Any]:
    from deltarule.digit_strings.recognition import UNKNOWN

    reading = segmentation.to_reading()
    kind = "no digit" if UNKNOWN in reading.text else "answer" if reading.is_sure else "unsure"
    return {
        "image": str(image),
        "string": reading.text,
        "kind": kind,
        "share": reading.probability,
        "digits": [
            {"label": digit.label, "probability": digit.probability, "box": [round(edge, 1) for edge in digit.box]}
            for digit in reading.digits
        ],
        "others": [{"string": text, "share": probability} for text, probability in reading.others],
    }


def _print_reading(reading: dict[str, Any]) -> None:
    line = f"{escape(reading['image'])}: [bold]{escape(reading['string'])}[/]  {format_percent(reading['share'])}"
    if reading["share"] < CERTAIN and reading["others"]:
        others = (f"{escape(other['string'])} {format_percent(other['share'])}" for other in reading["others"])
        line += f"   [dim]then {', '.join(others)}[/]"
    out.print(line)
    if note := {"no digit": "? is a mark that is no digit", "unsure": "unsure"}.get(reading["kind"]):
        out.print(f"  [yellow]{note}[/]")
    digits = (f"{escape(digit['label'])} {format_percent(digit['probability'])}" for digit in reading["digits"])
    out.print(f"  [dim]{'   '.join(digits)}[/]")
