"""Data found and prepared for a model that exists already: to evaluate it on them, or to train it further."""

from __future__ import annotations

import shlex
from dataclasses import replace
from math import prod
from pathlib import Path

import numpy as np

from deltarule.cli.data_options import find_data, restore_options
from deltarule.cli.option_errors import report_as_option
from deltarule.cli.picture_progress import show_progress
from deltarule.data import Source
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import Encoding, OneHot, OneVsRest, Real, Standardized
from deltarule.data.number_text import is_number
from deltarule.data.options import DataOptions
from deltarule.data.picture_names import PICTURES
from deltarule.data.picture_splits import build_picture_splits
from deltarule.data.sources import NAMES
from deltarule.data.split import Splits
from deltarule.data.summary import describe
from deltarule.data.user_data import load_folds
from deltarule.errors import DataError
from deltarule.preprocessing import Preprocessing
from deltarule.preprocessing.image_arrays import fit_images
from deltarule.preprocessing.pictures import holds_pictures, read_pictures_for, takes_pictures
from deltarule.training.runs import Run

MOVED = "expected the data of the run, got nothing there"


def find_run_data(data: str, run: Run) -> Source:
    """Find the data of a run again, by what was stated about them, and divided as for the fold of the run."""
    options, notes = restore_options(run.notes.get("table", {})), run.notes
    if run.data is not None and data == run.data and data not in NAMES and not Path(data).exists():
        raise DataError(MOVED, path=data, remedy="if they have moved, give their place: --data PATH")
    if notes.get("from") or not run.positions:  # a model that is no run may come from another program
        return find_model_data(data, run.model.preprocessing, options)
    if notes.get("fold") is None:
        return find_data(data, options)
    path = Path(data).expanduser()
    with show_progress():
        own, folds = load_folds(path, notes["folds"], options)
    splits = folds[notes["fold"] - 1]
    return Source(path.stem, str(path), "data of your own", splits, own.summary[:1], own.notes, own.doubts)


def find_model_data(
    data: str,
    preprocessing: Preprocessing,
    options: DataOptions | None = None,
    find_ink: bool | None = None,
    is_divided: bool = True,
) -> Source:
    """Find data as :func:`find_data` does, with pictures and arrays of images prepared as for ``deltarule predict``.

    A folder of pictures is not divided into three sets on request, so that it may have few.
    """
    path = Path(data).expanduser()
    if data not in NAMES and takes_pictures(preprocessing) and holds_pictures(path):
        options = options or DataOptions()
        options = options if is_divided else replace(options, split=False)
        with report_as_option("--data", data), show_progress():
            folder = read_pictures_for(preprocessing, path, find_ink, options.skip_damaged, options.test)
            splits, notes, _ = build_picture_splits(folder, options)
        name, notes = path.resolve().name, (*folder.notes, *notes)
        return Source(name, str(path), "data of your own", splits, describe(splits), notes, folder.doubts)
    if path.is_file() and path.suffix.lower() in PICTURES:
        remedy = f"to read one picture: deltarule predict RUN {shlex.quote(data)}"
        raise DataError("expected a folder with a sub-folder for each class, got a picture", path=path, remedy=remedy)
    source = find_data(data, options)
    fitted = {id(part): fit_images(part, preprocessing) for part in source.data}
    training, validation, test = (fitted[id(part)][0] for part in source.data)
    notes = tuple(note for _, notes in fitted.values() for note in notes)
    return replace(source, data=(training, validation, test), notes=tuple(dict.fromkeys((*source.notes, *notes))))


def join_parts(splits: Splits, name: str) -> Dataset:
    """Join the three sets of a source again, or return the one that they are."""
    parts = list({id(one): one for one in splits}.values())
    x, y = (np.concatenate([getattr(one, field) for one in parts]) for field in ("x", "y"))
    return replace(splits[0], x=x, y=y, name=name)


def check_fit(preprocessing: Preprocessing, dataset: Dataset) -> None:
    """Raise :class:`DataError` for examples of another shape than a model takes, and for another kind of target.

    >>> from deltarule.data.encodings import OneHot, Real
    >>> fitted = Preprocessing(OneHot(2), example_shape=(3,))
    >>> check_fit(fitted, Dataset(np.zeros((2, 3)), np.array([0.5, 1.5]), "prices", encoding=Real()))
    Traceback (most recent call last):
        ...
    deltarule.errors.DataError: y of prices: expected classes, as the model predicts, got numbers; give data with classes as the target, or train a model on these
    """  # noqa: E501 # the output is one line
    shape, given = preprocessing.example_shape, dataset.x.shape[1:]
    has_names = preprocessing.schema is not None and dataset.schema is not None  # columns are matched by name
    if prod(shape) != prod(given) and not has_names:
        expected = f"expected examples of {prod(shape)} numbers, shape {shape}, as the model takes"
        remedy = "give data of this shape"
        raise DataError(f"{expected}, got {prod(given)}", argument="x", owner=dataset.name, value=given, remedy=remedy)
    own, other = (_name_kind(one) for one in (preprocessing.encoding, dataset.encoding))
    is_text = other == "classes" and any(not is_number(name) for name in dataset.classes)
    if (own == "numbers" and is_text) or (own == "classes" and other == "numbers"):
        expected, remedy = (
            f"{own}, as the model predicts",
            f"give data with {own} as the target, or train a model on these",
        )
        problem = f"expected {expected}, got {other}"
        raise DataError(problem, argument="y", owner=dataset.name, remedy=remedy)


def _name_kind(encoding: Encoding | None) -> str:
    """Name what labels of an encoding are; "" if that is not known."""
    if isinstance(encoding, OneHot | OneVsRest):
        return "classes"
    return "numbers" if isinstance(encoding, Real | Standardized) else ""
