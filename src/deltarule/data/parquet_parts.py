"""A folder of Parquet files with pictures, as the Hugging Face Hub has them: ``train-00000-of-00001.parquet``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from deltarule.data.array_file import ArrayFile
from deltarule.data.error_context import reading
from deltarule.data.file_names import PARTS
from deltarule.data.options import DataOptions
from deltarule.data.phrases import elide
from deltarule.data.picture_table import find_picture_column, read_picture_table
from deltarule.errors import DataError

_MOST_FILES = 1_000


def find_parquet_parts(folder: Path) -> Mapping[str, list[Path]]:
    """Find the Parquet files of each part, in the folder or in its sub-folder ``data``; {} if there are none.

    The part is the beginning of a name, before the number of the file.
    """
    for place in (folder, folder / "data"):
        with reading(place):
            found = sorted(place.glob("*.parquet"))[:_MOST_FILES] if place.is_dir() else []
        parts: dict[str, list[Path]] = {}
        for path in found:
            word = path.name.lower().replace("_", "-").replace(".", "-").split("-")[0]
            parts.setdefault(PARTS.get(word, ""), []).append(path)
        if parts:
            return {part: parts[part] for part in ("", "train", "validation", "test") if part in parts}
    return {}


def read_parquet_parts(parts: Mapping[str, list[Path]], options: DataOptions | None = None) -> ArrayFile:
    """Read the pictures and the labels of each part; those of several files are joined.

    Raises:
        DataError: For a file without pictures, whose name has no part, or whose pictures have another size.
    """
    arrays: dict[str, tuple[np.ndarray, np.ndarray | None]] = {}
    notes: list[str] = []
    names = [path.name for paths in parts.values() for path in paths]
    if "" in parts and len(names) > 1:
        raise DataError(
            expected="Parquet files whose names begin with train, validation or test",
            value=elide(names),
            path=parts[""][0].parent,
            remedy="give the path of one file",
        )
    for part, paths in parts.items():
        files = []
        for path in paths:
            if not find_picture_column(path):
                raise DataError(
                    "expected a column of pictures in each Parquet file of a folder, got columns of other values",
                    path=path,
                    remedy=f'give the path of one file, and another as the test set: test="{names[-1]}"',
                )
            files.append(read_picture_table(path, options).parts["all"])
            if files[-1][0].shape[1:] != files[0][0].shape[1:]:
                raise DataError(
                    path=path,
                    expected=f"pictures of {files[0][0].shape[1:]}, as in {paths[0].name}",
                    value=files[-1][0].shape[1:],
                )
        y = [labels for _, labels in files if labels is not None]
        arrays[part or "all"] = (
            np.concatenate([x for x, _ in files]),
            np.concatenate(y) if len(y) == len(files) else None,
        )
        called = {"train": "training", "": ""}.get(part, part)
        notes.append(f"{called} set: {elide([path.name for path in paths])}".strip())
    if "train" not in arrays and len(arrays) == 1:
        arrays = {"all": next(iter(arrays.values()))}
    order = ("all", "train", "validation", "test")
    return ArrayFile({part: arrays[part] for part in order if part in arrays}, tuple(notes))
