"""Pictures prepared as the training images of a model were: size, ink, polarity and units."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from deltarule.data.grayscale import read_grayscale, resize
from deltarule.data.photo import prepare
from deltarule.errors import ShapeError
from deltarule.preprocessing.preprocessing import Preprocessing

if TYPE_CHECKING:
    from PIL.Image import Image


def prepare_picture(
    picture: str | os.PathLike[str] | Image | np.ndarray, preprocessing: Preprocessing, find_ink: bool | None = None
) -> np.ndarray:
    """Prepare a picture as a raw example of a model: in the shape and the units of its training images.

    Args:
        picture: A file, a Pillow image or an array.
        preprocessing: The preprocessing of the model.
        find_ink: True to find the ink, centre it in the model's style and paint it dark or light as in the training
            images; False to resize only. None does the first for a model whose training images have a style, such as
            MNIST, and the second for others.

    Raises:
        ShapeError: If the model does not take pictures.
        DataError: If ``picture`` is no picture, or has no ink.

    >>> from deltarule.data.encodings import OneHot
    >>> from deltarule.preprocessing import Scaling
    >>> own = Preprocessing(OneHot(2), Scaling(1.0), example_shape=(1, 2))
    >>> prepare_picture(np.array([[0, 255], [0, 255]], np.uint8), own).tolist()
    [[0.0, 1.0]]
    """
    shape, style = preprocessing.example_shape, preprocessing.style
    if len(shape) != 2:
        raise ShapeError(f"this model predicts examples of shape {shape}, not grey pictures")
    height, width = shape
    if find_ink if find_ink is not None else style is not None:
        return preprocessing.paint_ink(prepare(picture, (height, width), style=style))
    return np.asarray(resize(read_grayscale(picture), (height, width)) * np.float32(preprocessing.scale / 255))
