"""The work of ``deltarule predict``: it imports no parser of options, which takes longer than a prediction."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from deltarule.cli.console import emit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from deltarule.models.predictor import Predictor


def predict_files(
    run: Path,
    images: list[Path],
    answers: Path | None = None,
    shares: bool = False,
    headings: str | None = None,
    ident: str | None = None,
    ignore: str | None = None,
    string: bool = False,
    seen: Path | None = None,
    as_it_is: bool | None = None,
    json: bool = False,
) -> int:
    """Predict as the command does, and return the exit code."""
    from deltarule.cli.digit_strings import is_model, predict_strings
    from deltarule.cli.folders import check_single
    from deltarule.cli.opening import open_model
    from deltarule.cli.option_errors import option_error

    if seen is not None:
        from deltarule import plotting
        from deltarule.cli.output_paths import check_output

        plotting.find_format(seen)
        check_output("--seen", seen, f"{seen.stem}-seen.png", [run, *images])
    if string:
        own_run, pictures = (run, images) if is_model(run) else (None, [run, *images])
        if not pictures:
            raise option_error("IMAGES", [], "at least one picture")
        if as_it_is:
            raise option_error("--as-it-is", as_it_is, "no --string together with it", "leave out one of the two")
        return predict_strings(own_run, pictures, seen, json)
    if not is_model(run):
        from deltarule.data.table_sources import is_table
        from deltarule.digit_strings.pretrained import load_digit_reader

        if is_table(run):
            raise option_error("RUN", str(run), "the run that answers this table", f"deltarule predict RUN {run}")
        return _predict_pictures(load_digit_reader(), None, [run, *images], seen, as_it_is, json)
    if not images:
        raise option_error("IMAGES", [], "a run, then pictures or a table", f"deltarule predict {run} photo.png")
    check_single(run)
    model = open_model(run)
    if model.preprocessing.schema is not None and _has_table(model, images):
        if len(images) > 1:
            raise option_error("TABLE", len(images), "one table at a time")
        from deltarule.cli.table_answers import answer_table

        answer_table(model, run, images[0], answers, shares, headings, ident, ignore, json)
        return 0
    for option, value in (("--out", answers), ("--headings", headings), ("--id", ident), ("--ignore", ignore)):
        if value is not None:
            raise option_error(option, value, "a table to answer, with a model that was trained on one")
    return _predict_pictures(model, run, images, seen, as_it_is, json)


def _has_table(model: Predictor, files: list[Path]) -> bool:
    """Return whether a file is a table, or none is a picture that a model of a table can take."""
    from deltarule.data.array_file import SUFFIXES
    from deltarule.data.table_sources import PICTURES, is_table

    if any(is_table(path) or path.suffix.lower() in SUFFIXES for path in files):
        return True
    return len(model.example_shape) != 2 and not all(path.suffix.lower() in PICTURES for path in files)


def _predict_pictures(
    model: Predictor, run: Path | None, images: list[Path], seen: Path | None, as_it_is: bool | None, json: bool
) -> int:
    """Read pictures and print the readings; return the exit code."""
    import numpy as np

    from deltarule.cli.picture_readings import choose_exit_code, collect_readings, print_picture_reading

    readings, inputs = collect_readings(model, images, None if as_it_is is None else not as_it_is)
    if json:
        emit({"run": None if run is None else str(run), "readings": readings})
    else:
        for reading in readings:
            if "label" in reading:
                print_picture_reading(reading)
    shown = [(x, reading) for x, reading in zip(inputs, readings, strict=True) if "label" in reading]
    if seen is not None and shown:
        from deltarule import plotting

        arrays = np.stack([model.preprocessing.measure_ink(x) / model.scale for x, _ in shown])
        captions = [f"{Path(reading['image']).name}\n{_describe(reading)}" for _, reading in shown]
        plotting.save_figure(plotting.plot_images(arrays, captions, "Inputs of the network", columns=4), seen)
    return choose_exit_code(readings)


def _describe(reading: Mapping[str, Any]) -> str:
    if reading["kind"] == "answer":
        return f"predicted as {reading['label']}"
    return " or ".join(reading["candidates"]) if reading["candidates"] else str(reading["kind"])
