"""Arrays of images brought to the units, the polarity and the size of the training images of a model."""

from __future__ import annotations

from dataclasses import replace
from math import prod

import numpy as np

from deltarule.data.dataset import Dataset
from deltarule.errors import DataError
from deltarule.preprocessing.pictures import describe_preparation, prepare_picture
from deltarule.preprocessing.preprocessing import Preprocessing

ALIKE = 2.0
"""The most that the largest values of two sets of images in the same units differ by, as a factor."""

_LUMA = (0.299, 0.587, 0.114)

MOST_IMAGES = 0.8
"""The share of images whose border must be light, so that all are taken as dark ink on light paper."""


def fit_images(dataset: Dataset, preprocessing: Preprocessing) -> tuple[Dataset, tuple[str, ...]]:
    """Bring images to the form of a model's training images, and describe each change in a sentence.

    Images in other units are scaled, and colours become grey for a model of grey images. If the training images have a
    style, as digits in MNIST have, images with the other polarity are inverted. Images of another size are prepared one
    by one, as :func:`~deltarule.preprocessing.pictures.prepare_picture` does. Other data sets are returned as they are.

    Raises :class:`DataError` for an image that cannot be prepared.

    >>> from deltarule.data.encodings import OneHot
    >>> from deltarule.preprocessing import Scaling
    >>> own = Preprocessing(OneHot(2), Scaling(255.0), example_shape=(1, 2))
    >>> fitted, notes = fit_images(Dataset(np.array([[[0.0, 1.0]]]), np.array([1])), own)
    >>> fitted.x.tolist(), notes
    ([[[0.0, 255.0]]], ('the pixels are multiplied by 255, as the model takes them from 0 to 255',))
    """
    shape = preprocessing.example_shape
    is_flat = dataset.x.ndim == 2 and dataset.schema is None and dataset.x.shape[1] == prod(shape)
    is_table = preprocessing.schema is not None and dataset.schema is not None
    if is_table or len(shape) not in (2, 3) or not (dataset.x.ndim in (3, 4) or is_flat):
        return dataset, ()
    if is_flat:
        dataset = replace(dataset, x=dataset.x.reshape(len(dataset), *shape))
    dataset, notes = _convert_units(dataset, preprocessing)
    dataset, notes = _match_channels(dataset, shape, notes)
    if dataset.x.shape[1:] == shape:
        return _match_polarity(dataset, preprocessing, notes)
    if dataset.x.shape[3:] not in ((), (1,), (3,)):
        return dataset, notes
    bytes_ = np.clip(np.rint(dataset.x / np.float32(preprocessing.scale / 255)), 0, 255).astype(np.uint8)
    size = "×".join(map(str, dataset.x.shape[1:3]))
    x = np.stack([_prepare(bytes_[i], i, dataset.name, preprocessing) for i in range(len(dataset))])
    return replace(dataset, x=x), (*notes, f"the images of {size}: {describe_preparation(preprocessing)}")


def _prepare(image: np.ndarray, position: int, name: str, preprocessing: Preprocessing) -> np.ndarray:
    try:
        return prepare_picture(image, preprocessing)
    except DataError as error:
        raise error.with_fields(position=f"{name}, image {position}") from None


def _convert_units(dataset: Dataset, preprocessing: Preprocessing) -> tuple[Dataset, tuple[str, ...]]:
    """Multiply pixels so that white has the value that it has in the training images."""
    scale, white = preprocessing.scale, dataset.white
    if dataset.x.dtype == np.uint8 and white == 255 and 255 <= scale <= 256:
        return replace(dataset, scale=scale), ()  # bytes, which the book divides by 256
    factor = scale / white
    if factor == 1 or (dataset.scale is None and 1 / ALIKE < factor < ALIKE):
        return dataset, ()
    x = dataset.x.astype(np.float32) * np.float32(factor)
    note = f"the pixels are multiplied by {factor:.4g}, as the model takes them from 0 to {scale:g}"
    return replace(dataset, x=x, scale=scale), (note,)


def _match_channels(
    dataset: Dataset, shape: tuple[int, ...], notes: tuple[str, ...]
) -> tuple[Dataset, tuple[str, ...]]:
    """Drop or add a last axis of one grey, and make colours grey for a model of grey images."""
    x = dataset.x
    if x.shape[3:] == (3,) and shape[2:] != (3,):
        if (x == x[..., :1]).all():
            x = x[..., 0]
        else:
            grey = x @ np.array(_LUMA, np.float32)
            x = np.rint(grey).astype(np.uint8) if x.dtype == np.uint8 else grey
            notes = (*notes, "the colours become grey, as the model takes them")
    if x.shape[3:] == (1,) and len(shape) == 2:
        x = x[..., 0]
    elif x.ndim == 3 and shape[2:] == (1,):
        x = x[..., None]
    return (dataset if x is dataset.x else replace(dataset, x=x)), notes


def _match_polarity(
    dataset: Dataset, preprocessing: Preprocessing, notes: tuple[str, ...]
) -> tuple[Dataset, tuple[str, ...]]:
    """Invert characters that are dark on light if those of the training set are light on dark, or the reverse."""
    if preprocessing.style is None or not len(dataset):
        return dataset, notes
    scale, is_light = np.float32(preprocessing.scale), has_light_paper(dataset.x, preprocessing.scale)
    if is_light in (None, preprocessing.is_dark_on_light):
        return dataset, notes
    given, fitted = ("dark on light", "light on dark") if is_light else ("light on dark", "dark on light")
    note = f"the images are {given}, the training images {fitted}: they are inverted"
    is_bytes = dataset.x.dtype == np.uint8 and scale == 255
    return replace(dataset, x=255 - dataset.x if is_bytes else scale - dataset.x), (*notes, note)


def has_light_paper(x: np.ndarray, white: float) -> bool | None:
    """Decide by the borders of images if their paper is light; None if they differ.

    >>> image = np.zeros((1, 8, 8)); image[:, 3, 2:6] = 1
    >>> has_light_paper(image, 1.0), has_light_paper(1 - image, 1.0)
    (False, True)
    """
    grey = x if x.ndim == 3 else x.mean(axis=3)
    border = np.concatenate([grey[:, 0], grey[:, -1], grey[:, 1:-1, 0], grey[:, 1:-1, -1]], axis=1)
    light = float(np.mean(np.median(border, axis=1) > white / 2))
    return True if light >= MOST_IMAGES else False if light <= 1 - MOST_IMAGES else None
