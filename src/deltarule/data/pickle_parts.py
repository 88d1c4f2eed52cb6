"""The images and labels in a pickle of arrays, such as the book's ``mnist.pkl.gz``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from deltarule.data.array_file import ArrayFile
from deltarule.data.array_names import pair_arrays
from deltarule.data.error_context import reading
from deltarule.data.options import DataOptions
from deltarule.data.pickled_arrays import read_pickled_arrays
from deltarule.data.pixels import restore_images
from deltarule.errors import DataError

SUFFIXES = (".pkl", ".pickle", ".pck", ".p")
"""The endings of pickles, which may be followed by ``.gz``."""

_THREE = ("train", "validation", "test")  # as in the book's file
_TWO = ("train", "test")  # as in the older files of Keras


def is_pickle(path: Path) -> bool:
    """Return True for a file with the ending of a pickle.

    >>> is_pickle(Path("mnist.pkl.gz")), is_pickle(Path("mnist.npz"))
    (True, False)
    """
    return Path(path.name.lower().removesuffix(".gz")).suffix in SUFFIXES


def read_pickle_parts(path: Path, options: DataOptions | None = None) -> ArrayFile:
    """Read the examples and labels of each part from a pickle, without running it.

    Three pairs (examples, labels) are the training, validation and test set, as in the book's file; two pairs are the
    training and test set; one pair is divided. Arrays in a dictionary have the usual names
    (:mod:`deltarule.data.array_names`). Rows of pixels from 0 to 1 become images, and bytes again where they were
    bytes.

    Raises:
        DataError: For a file with anything but arrays, and for arrays that cannot be paired.
    """
    options = options or DataOptions()
    with reading(path):
        found = read_pickled_arrays(path)
        pairs = _pair_names(found, options) if isinstance(found, dict) else _pair_order(found)
        parts: dict[str, tuple[np.ndarray, np.ndarray | None]] = {}
        notes: list[str] = []
        for part, (x, y) in pairs.items():
            images, note = restore_images(x) if options.images is not False else (x, ())
            parts[part] = images, y
            notes += note
        parts_of = {"all": "", "train": "training", "validation": "validation", "test": "test"}
        named = [f"{parts_of[part]} {x.shape}".strip() for part, (x, _) in pairs.items()]
        read = f"the pickle was read without running it; its examples: {', '.join(named)}"
        return ArrayFile(parts, tuple(dict.fromkeys([read, *notes])))


def _pair_names(found: dict[str, Any], options: DataOptions) -> dict[str, tuple[np.ndarray, np.ndarray | None]]:
    arrays: dict[str, np.ndarray] = {}
    for name, value in found.items():
        if isinstance(value, np.ndarray):
            arrays[name] = value
        elif isinstance(value, dict):
            arrays |= {f"{name} {own}": item for own, item in value.items() if isinstance(item, np.ndarray)}
        elif _is_pair(value):
            arrays |= {f"{name} x": value[0], f"{name} y": value[1]}
    described = [f"{name} {array.shape} {array.dtype}" for name, array in list(arrays.items())[:20]]
    pairs = pair_arrays(list(arrays), described, options.x, options.y)
    return {part: (arrays[x], None if y is None else arrays[y]) for part, (x, y) in pairs.items()}


def _pair_order(found: Any) -> dict[str, tuple[np.ndarray, np.ndarray | None]]:
    if isinstance(found, np.ndarray):
        raise DataError(
            expected="examples and labels", value=f"one array of shape {found.shape}", remedy="pickle a pair (x, y)"
        )
    if _is_pair(found):
        return {"all": (found[0], found[1])}
    if isinstance(found, tuple) and len(found) in (2, 3) and all(map(_is_pair, found)):
        names = _THREE if len(found) == 3 else _TWO
        return {name: (pair[0], pair[1]) for name, pair in zip(names, found, strict=True)}
    if isinstance(found, tuple) and len(found) == 4 and all(isinstance(one, np.ndarray) for one in found):
        x, y = [one for one in found if one.ndim > 1], [one for one in found if one.ndim == 1]
        if [len(one) for one in x] == [len(one) for one in y] and len(x) == 2:
            return {"train": (x[0], y[0]), "test": (x[1], y[1])}
    raise DataError(
        expected="pairs of examples and labels: three for training, validation and test, two for training and test, or "
        "one; or a dictionary with the names x_train, y_train, x_test and y_test",
        value=_describe(found),
        remedy="save the arrays under these names: numpy.savez('data.npz', x_train=…, y_train=…)",
    )


def _is_pair(value: Any) -> bool:
    return (
        isinstance(value, tuple)
        and len(value) == 2
        and all(isinstance(one, np.ndarray) for one in value)
        and value[1].ndim <= 2
        and len(value[0]) == len(value[1])
    )


def _describe(value: Any, depth: int = 2) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if not isinstance(value, tuple):
        return f"a {type(value).__name__}"
    if not depth or len(value) > 4:
        return f"{len(value):,} values"
    return f"({', '.join(_describe(one, depth - 1) for one in value)})"
