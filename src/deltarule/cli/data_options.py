"""The options that state what data of your own mean, a row each, and the data that they load."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deltarule.cli.console import escape
from deltarule.cli.option_errors import build, option_error
from deltarule.cli.phrasing import FIELDS, phrase_settings
from deltarule.cli.picture_progress import show_progress
from deltarule.errors import NOTHING

if TYPE_CHECKING:
    from rich.console import Console

    from deltarule.data import Dataset, Source
    from deltarule.data.options import DataOptions

LISTS = ("label", "inputs", "ignore")
"""The options that name several columns."""

MOST_PIXELS = 99_999
"""The largest height and width of pictures."""

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "space": " "}
"""The words for characters that a shell does not pass on easily."""


def build_data_options(given: Mapping[str, Any]) -> DataOptions | None:
    """Build the statements about data of your own from the options of the command; None if none is given.

    >>> build_data_options({"label": "red,green", "split": None}).label
    ('red', 'green')
    """
    from deltarule.data.options import DataOptions

    values = {name: given[name] for name in FIELDS if given.get(name) is not None}
    if not values:
        return None
    for name in LISTS:
        if name in values:
            values[name] = split_names(name, values[name])
    if "delimiter" in values:
        values["delimiter"] = SEPARATORS.get(given["delimiter"], given["delimiter"])
        if values["delimiter"] not in SEPARATORS.values():
            raise option_error("--delimiter", given["delimiter"], "comma, semicolon, tab or space")
    if "size" in values:
        values["size"] = parse_size(values["size"])
    if "test" in values:
        values["test"] = str(Path(values["test"]).expanduser().resolve())
    if "split" in values:  # the flag is --no-split
        values["split"] = not values["split"]
    return DataOptions(**values)


def parse_size(text: str) -> tuple[int, int]:
    """Parse the size of pictures: one number for squares, or the height, x and the width.

    >>> parse_size("28"), parse_size("28x20")
    ((28, 28), (28, 20))
    """
    match = re.fullmatch(r"\s*(\d{1,99})(?:\s*[x×X*,]\s*(\d{1,99}))?\s*", text)
    if match is None:
        raise option_error("--size", text, "a size such as 28, or a height and a width such as 28x20")
    height, width = int(match[1]), int(match[2] or match[1])
    if not (1 <= height <= MOST_PIXELS and 1 <= width <= MOST_PIXELS):
        raise option_error("--size", text, f"a height and a width from 1 to {MOST_PIXELS:,} pixels")
    return height, width


def split_names(name: str, text: str) -> tuple[str, ...]:
    """Split the names of columns at commas; a name with a comma stands in quotation marks.

    >>> split_names("label", 'red,"green, blue"')
    ('red', 'green, blue')
    """
    try:
        names = next(csv.reader([text], skipinitialspace=True, strict=True), [])
    except csv.Error:
        names = []
    if not names or not all(part.strip() for part in names):
        raise option_error(f"--{name}", text, "names of columns, separated by commas")
    return tuple(part.strip() for part in names)


def describe_options(options: DataOptions | None) -> dict[str, Any]:
    """Describe what was stated about a table, for the notes of a run.

    >>> from deltarule.data.options import DataOptions
    >>> describe_options(DataOptions(label=("ill",)))
    {'label': ['ill']}
    """
    if options is None:
        return {}
    plain = asdict(type(options)())
    stated = {name: value for name, value in asdict(options).items() if value != plain[name]}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in stated.items()}


def restore_options(description: Mapping[str, Any]) -> DataOptions | None:
    """Build the options of a table from the notes of a run.

    >>> restore_options({"label": ["ill"]}).label
    ('ill',)
    """
    from deltarule.data.options import DataOptions

    lists: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in description.items()
    }
    return DataOptions(**lists) if lists else None


def find_data(data: str, options: DataOptions | None) -> Source:
    """Find the data that ``--data`` names, with what is stated about a table."""
    from deltarule.cli.data_paths import check_data_path
    from deltarule.data import find
    from deltarule.data.sources import NAMES

    if options is not None and data in NAMES:
        name = next(iter(describe_options(options)), "label")
        flag = "--no-split" if name == "split" else f"--{name}"
        flag = flag.replace("_", "-")
        raise option_error(flag, NOTHING, f"data of your own, not {data}", "give their path: --data PATH")
    check_data_path(data)
    with show_progress():
        return build("--data", data, lambda data: find(data, options=options))


def weigh_classes(train: Dataset, weights: str | None) -> Dataset:
    """Weigh the examples of the training set so that all classes count alike, if ``weights`` is "balanced"."""
    from dataclasses import replace

    from deltarule.data.class_weights import balance
    from deltarule.data.encodings import OneHot, OneVsRest

    if weights is None:
        return train
    if weights != "balanced":
        raise option_error("--class-weights", weights, "balanced")
    if not isinstance(train.encoding, (OneHot, OneVsRest)):
        raise option_error("--class-weights", weights, "a target of classes", "leave it out")
    n = max(len(train.classes), int(train.y.max()) + 1)
    return replace(train, weights=balance(train.y, n))


def print_understanding(found: Source, console: Console) -> None:
    """Print what was understood of data of your own: two lines, and what was decided or may be meant otherwise."""
    for line in found.summary:
        console.print(f"  {escape(line)}")
    for note in found.notes:
        console.print(f"  [dim]{escape(phrase_settings(note))}[/]")
    for doubt in found.doubts:
        console.print(f"  [yellow]{escape(phrase_settings(doubt))}[/]")
