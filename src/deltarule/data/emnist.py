"""EMNIST's files for MATLAB: a structure ``dataset`` with images, labels, and a mapping of labels to characters."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from deltarule.data.array_file import ArrayFile
from deltarule.data.error_context import reading
from deltarule.data.matlab import MatFile
from deltarule.errors import DataError

STRUCTURE = "dataset"


def is_emnist_mat(path: Path) -> bool:
    """Return True for a ``.mat`` file of nothing but a structure ``dataset``."""
    if path.suffix.lower() != ".mat":
        return False
    file = MatFile(path)
    return list(file.names) == [STRUCTURE] and file.is_struct(STRUCTURE)


def read_emnist_mat(path: Path) -> tuple[ArrayFile, Mapping[int, str]]:
    """Read the images, (n, 28, 28) uint8 and turned as they are stored, and labels; and the character of each label.

    Raises:
        DataError: If the structure lacks images or labels, or the images are not square.
    """
    with reading(path):
        arrays = MatFile(path).read_struct(STRUCTURE)
        wanted = ("train.images", "train.labels", "test.images", "test.labels")
        if missing := [name for name in wanted if name not in arrays]:
            raise DataError(
                expected=f"a structure {STRUCTURE} with {', '.join(wanted)}, as EMNIST has it",
                value=f"one without {', '.join(missing)}",
                remedy="save the arrays in MATLAB as X_train, y_train, X_test and y_test",
            )
        parts: dict[str, tuple[np.ndarray, np.ndarray | None]] = {}
        for part in ("train", "test"):
            x, y = arrays[f"{part}.images"], arrays[f"{part}.labels"].reshape(-1)
            side = round(float(np.sqrt(x.shape[-1])))
            if x.ndim != 2 or side * side != x.shape[1]:
                raise DataError(argument=f"{part}.images", expected="rows of square images", value=x.shape)
            parts[part] = x.reshape(len(x), side, side), y
        mapping = arrays.get("mapping", np.zeros((0, 2)))
        rows = mapping.astype(int).tolist() if mapping.ndim == 2 and mapping.shape[1] >= 2 else []
        characters = {row[0]: chr(row[1]) for row in rows if 32 < row[1] < 0x10FFFF and chr(row[1]).isprintable()}
        return ArrayFile(
            parts, ("the examples are the images of the structure dataset, with its test set",)
        ), characters
