"""Data found and prepared for a model that exists already: to evaluate it on them, or to train it further."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from deltarule.cli.data_options import find_data
from deltarule.cli.option_errors import report_as_option
from deltarule.data import Source
from deltarule.data.dataset import Dataset
from deltarule.data.division import divide_pictures
from deltarule.data.options import DataOptions
from deltarule.data.split import Splits, count_sevenths, count_sixth
from deltarule.data.summary import describe
from deltarule.preprocessing import Preprocessing
from deltarule.preprocessing.image_arrays import fit_images
from deltarule.preprocessing.pictures import PictureSet, holds_pictures, read_pictures_for, takes_pictures

FEWEST = 10
"""The fewest pictures that are divided into three sets."""


def find_model_data(
    data: str,
    preprocessing: Preprocessing,
    options: DataOptions | None = None,
    find_ink: bool | None = None,
    skip_damaged: bool = False,
) -> Source:
    """Find data as :func:`find_data` does, with pictures and arrays of images prepared as for ``deltarule predict``."""
    path = Path(data).expanduser()
    if takes_pictures(preprocessing) and holds_pictures(path):
        with report_as_option("--data", data):
            found = read_pictures_for(preprocessing, path, find_ink, skip_damaged)
        splits = _divide(found, options is None or options.split)
        return Source(found.dataset.name, str(path), "data of your own", splits, describe(splits), found.notes)
    source = find_data(data, options)
    fitted = {id(part): fit_images(part, preprocessing) for part in source.data}
    training, validation, test = (fitted[id(part)][0] for part in source.data)
    notes = [note for _, notes in fitted.values() for note in notes]
    return replace(source, data=(training, validation, test), notes=tuple(dict.fromkeys((*source.notes, *notes))))


def join_parts(splits: Splits, name: str) -> Dataset:
    """Join the three sets of a source again, or return the one that they are."""
    parts = list({id(one): one for one in splits}.values())
    x, y = (np.concatenate([getattr(one, field) for one in parts]) for field in ("x", "y"))
    return replace(splits[0], x=x, y=y, name=name)


def _divide(found: PictureSet, is_divided: bool) -> Splits:
    """Divide pictures into three sets by the parts of their folder, or else as other data of your own."""
    whole, parts = found.dataset, np.array(found.parts)
    if not is_divided:
        return whole, whole, whole
    if not (parts == "training").any():
        return divide_pictures(whole, count_sevenths) if len(whole) >= FEWEST else (whole, whole, whole)
    training, validation, test = (
        replace(whole.take(np.flatnonzero(parts == part)), name=f"{whole.name} {part}")
        for part in ("training", "validation", "test")
    )
    if not len(test):
        training, test, _ = divide_pictures(replace(training, name=whole.name), count_sixth)
        test = replace(test, name=f"{whole.name} test")
    if not len(validation):
        training, validation, _ = divide_pictures(replace(training, name=whole.name), count_sixth)
    return training, validation, test
