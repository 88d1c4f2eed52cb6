"""Parquet files with pictures, as the data sets on the Hugging Face Hub have them.

A column is a struct of ``bytes``, the file of a picture, and ``path``; another has the labels. Needs pyarrow, from the
extra ``tables``.
"""

from __future__ import annotations

import io
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from deltarule.data.array_file import ArrayFile
from deltarule.data.array_names import WHOLE, Y_NAMES
from deltarule.data.columns import check_size, convert_objects
from deltarule.data.grayscale import convert_picture
from deltarule.data.library_errors import translate_each, translating
from deltarule.data.options import DataOptions
from deltarule.data.parquet import open_file, read_batches
from deltarule.data.phrases import count, elide
from deltarule.data.picture_decoding import decode_stream
from deltarule.data.picture_reader import PictureReader
from deltarule.errors import DataError

_ROWS = 1_000
_AGAIN = "download the file again"


def find_picture_column(path: Path) -> str:
    """Return the name of the first column of pictures of a Parquet file; "" if there is none."""
    with translating(path, "a Parquet file", _AGAIN), open_file(path) as file:
        return next((field.name for field in file.schema_arrow if _has_pictures(field.type)), "")


def read_picture_table(path: Path, options: DataOptions | None = None) -> ArrayFile:
    """Read the pictures of a Parquet file as (n, height, width) uint8, grey, and their labels as text.

    In colour they are (n, height, width, 3). ``options`` can state the size, the colour, and that damaged pictures are
    left out. The labels are the column of ``options.label``, or the one with a usual name such as "label". Classes that
    the file names replace their numbers. Without a column of labels there are pictures only.

    Raises:
        DataError: With the row, for a damaged picture, a picture of another size, or a missing label; for more than one
            column that could have the labels, and pictures of more than 2 GiB.
        MissingExtra: If pyarrow is not installed.
    """
    options = options or DataOptions()
    reader = PictureReader(options.size, options.colour)
    with translating(path, "a Parquet file", _AGAIN), open_file(path) as file:
        schema, n = file.schema_arrow, file.metadata.num_rows
        column = next(field.name for field in schema if _has_pictures(field.type))
        others = [name for name in schema.names if name != column]
        label = _choose_label(others, options.label)
        names = _find_classes(schema.metadata, label)
    pictures: np.ndarray | None = None
    damaged: list[int] = []
    labels: list[Any] = []
    batches = read_batches(path, [column, label] if label else [column], _ROWS)
    for batch in translate_each(batches, path, "a Parquet file", _AGAIN):
        for i, entry in enumerate(batch[column].to_pylist(), at := len(labels)):
            try:
                picture = _decode(path, i, entry, reader)
            except DataError:
                if not options.skip_damaged:
                    raise
                damaged.append(i)
                continue
            if pictures is None:
                check_size(n * picture.size)
                pictures = np.zeros((n, *picture.shape), np.uint8)
            if picture.shape != pictures.shape[1:]:
                raise DataError(
                    path=path,
                    position=f"row {i + 1}",
                    expected=f"a picture of {pictures.shape[1:]} pixels, as in row 1",
                    value=picture.shape,
                    remedy=f"resize all pictures, for example with size={pictures.shape[1:3]}",
                )
            pictures[i] = picture
        found = batch[label].to_pylist() if label else [None] * batch.num_rows
        labels += [names.get(one, one) for one in found]
        if label and None in labels[at:]:
            raise DataError(path=path, position=f"row {labels.index(None) + 1}", expected="a label", value=None)
    if pictures is None:
        raise DataError("expected pictures, got none", path=path)
    notes = [
        f"the examples are the pictures in column {column}, "
        + (f"the labels are {label}" if label else "without labels")
    ]
    if left_out := [name for name in others if name != label]:
        notes.append(f"other columns are left out: {', '.join(left_out[:10])}")
    notes += reader.describe(n)
    if damaged:
        kept = np.setdiff1d(np.arange(n), damaged)
        pictures, labels = pictures[kept], [labels[i] for i in kept]
        rows = elide([f"row {i + 1}" for i in damaged], 3)
        notes.append(f"{len(damaged):,} of {count(n, 'picture')} left out as damaged: {rows}")
    text = convert_objects(labels, np.zeros(len(labels), np.bool_)).format() if label else None
    y = None if text is None else np.array(text.tolist(), np.str_)
    return ArrayFile({WHOLE: (pictures, y)}, tuple(notes))


def _has_pictures(kind: Any) -> bool:
    """Return True for the type of a column of pictures."""
    fields = {field.name: str(field.type) for field in kind} if str(kind).startswith("struct") else {}
    return fields.get("bytes") in ("binary", "large_binary") and "path" in fields


def _choose_label(names: list[str], stated: tuple[str, ...]) -> str:
    """Choose the column of labels; "" if there is none."""
    if stated:
        if len(stated) > 1 or stated[0] not in names:
            raise DataError(argument="label", expected=f"one of the columns {', '.join(names)}", value=stated)
        return stated[0]
    usual = [name for name in names if name.casefold() in Y_NAMES]
    if len(usual) == 1 or len(names) == 1:
        return (usual or names)[0]
    if not names:
        return ""
    raise DataError(
        argument="label",
        expected="one column of labels with a usual name",
        value=", ".join(usual or names),
        remedy=f'state it: label="{(usual or names)[0]}"',
    )


def _find_classes(metadata: dict[bytes, bytes] | None, label: str) -> dict[Any, str]:
    """Find the names of the classes in the notes of the file, by number."""
    with suppress(ValueError, KeyError, TypeError, AttributeError, RecursionError):
        features = json.loads((metadata or {})[b"huggingface"])["info"]["features"]
        if all(isinstance(name, str) for name in features[label]["names"]):
            return dict(enumerate(features[label]["names"])) | {-1: None}  # -1 for none
    return {}


def _decode(path: Path, i: int, entry: dict[str, Any] | None, reader: PictureReader) -> np.ndarray:
    content = (entry or {}).get("bytes")
    if not content:
        raise DataError("expected a picture, got none", path=path, position=f"row {i + 1}", remedy="leave the row out")
    name = Path((entry or {}).get("path") or f"row {i + 1}")
    try:
        picture = decode_stream(name, io.BytesIO(content), lambda image: convert_picture(image, reader.colour))
    except DataError as error:
        raise error.with_fields(path=path, position=f"row {i + 1}") from None
    return reader.add(name, picture)
