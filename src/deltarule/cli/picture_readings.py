"""The readings of pictures by a model: a label, unsure between some, no digit, or several digits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deltarule.cli.console import escape, format_percent, out, print_error

if TYPE_CHECKING:
    from deltarule.models.predictor import Predictor

EXIT_CODES = {"answer": 0, "unsure": 3, "no digit": 4, "unknown": 4, "several digits": 5}
"""The exit code for each kind of reading; of several pictures the highest counts, and an error is 1."""


def collect_readings(
    model: Predictor, images: Sequence[Path], find_ink: bool | None = None
) -> tuple[list[dict[str, Any]], list[Any]]:
    """Read pictures; return a reading of each, and the inputs of the network.

    For an invalid picture the error is printed, the reading has it, and the input is None.
    """
    from deltarule.digit_strings.pretrained import load_digit_reader
    from deltarule.errors import DataError
    from deltarule.preprocessing.pictures import prepare_picture

    checker = load_digit_reader() if is_digit_model(model) else None
    readings: list[dict[str, Any]] = []
    inputs: list[Any] = []
    for image in images:
        try:
            inputs.append(prepare_picture(image, model.preprocessing, find_ink))
            readings.append({"image": str(image), **_read(model, inputs[-1], image, checker)})
        except DataError as error:
            print_error(error)
            inputs[len(readings) :] = [None]
            readings.append({"image": str(image), "error": str(error)})
    return readings, inputs


def is_digit_model(model: Predictor) -> bool:
    """Return whether a model reads centred digits, but has no class for other marks.

    Its pictures are checked by the reader that comes with deltarule.
    """
    return model.style is not None and bool(model.classes) and set(model.classes) <= set("0123456789")


def choose_exit_code(readings: Sequence[Mapping[str, Any]]) -> int:
    """Choose the exit code: 1 for an error, otherwise the highest of :data:`EXIT_CODES`.

    >>> choose_exit_code([{"kind": "unsure"}, {"kind": "answer"}]), choose_exit_code([{"error": "damaged"}])
    (3, 1)
    """
    if any("error" in reading for reading in readings):
        return 1
    return max((EXIT_CODES[reading["kind"]] for reading in readings), default=0)


def print_picture_reading(reading: Mapping[str, Any]) -> None:
    """Print a reading in a line: the label and its share, or why there is none."""
    label, shares = reading["label"], reading["probabilities"]
    image = escape(reading["image"])
    order = sorted(shares, key=lambda name: -shares[name])
    named = [f"{escape(name)} {format_percent(shares[name])}" for name in order]
    if reading["kind"] == "answer":
        others = [one for one, name in zip(named, order, strict=True) if name != label][:2]
        share = f"  {format_percent(shares[label])}   [dim]then {', '.join(others)}[/]" if shares else ""
        out.print(f"{image}: [bold]{escape(label)}[/]{share}")
    elif reading["kind"] == "unsure":
        names = " or ".join(map(escape, reading["candidates"]))
        out.print(f"{image}: [yellow]unsure: {names}[/]   [dim]{', '.join(named[:2])}[/]")
    elif reading["kind"] == "several digits":
        out.print(f"{image}: [yellow]several digits: use --string[/]   [dim]perhaps {escape(reading['string'])}[/]")
    else:
        what = "no digit" if reading["kind"] == "no digit" else "unlike the training examples"
        out.print(f"{image}: [yellow]{what}[/]   [dim]nearest {', '.join(named[:2])}[/]")


def _read(model: Predictor, x: Any, image: Path, checker: Predictor | None) -> dict[str, Any]:
    """Read a prepared picture: the kind of reading, the label, the candidates and the shares."""
    from deltarule.cli.labels import format_label
    from deltarule.models.judgement import ANSWER, NONE, has_classes, judge
    from deltarule.preprocessing.pictures import prepare_picture

    if not has_classes(model):
        label = format_label(model, model.predict(x[None])[0])
        return {"label": label, "kind": ANSWER, "candidates": [label], "probabilities": {}}
    judgement = judge(model, x[None])[0]
    reader, found = model, judgement
    if checker is not None:
        reader, found = checker, judge(checker, prepare_picture(image, checker.preprocessing)[None])[0]
    is_none = NONE in (judgement.kind, found.kind)
    kind = judgement.kind if not is_none else "no digit" if _reads_digits(reader) else "unknown"
    reading: dict[str, Any] = {
        "label": judgement.label,
        "kind": kind,
        "candidates": [] if is_none else list(judgement.candidates),
        "probabilities": dict(judgement.shares),
        "no_digit": found.none if _reads_digits(reader) else None,
    }
    if is_none and _reads_digits(reader) and (string := _find_string(reader, image)):
        return {**reading, "kind": "several digits", "string": string}
    return reading


def _reads_digits(model: Predictor) -> bool:
    from deltarule.handwriting.no_answers import NO_DIGIT

    return NO_DIGIT in model.classes


def _find_string(reader: Predictor, image: Path) -> str:
    """Return the digits of a picture that shows several, or an empty string."""
    from deltarule.digit_strings import load_reader, read_string
    from deltarule.errors import DataError

    try:
        found = read_string(image, load_reader(), checker=reader)
    except DataError:
        return ""
    return found.text if found.is_sure and sum(map(str.isdecimal, found.text)) > 1 else ""
