"""Grayscale images from pictures of any kind: one byte a pixel, 0 for black and 255 for white."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from deltarule.core.constraints import Constraint, whole
from deltarule.errors import DataError

if TYPE_CHECKING:
    from PIL.Image import Image

_LARGEST = 1e30
"""No grey of a picture lies beyond it; marks for missing pixels do, such as the largest float32 in a TIFF."""


def height_and_width(least: int) -> Constraint:
    """Accept a tuple or list (height, width) of whole numbers, each from ``least``.

    >>> height_and_width(1).accepts((28, 28)), height_and_width(1).accepts(28)
    (True, False)
    """
    side = whole(least)

    def accepts(value: Any) -> bool:
        return isinstance(value, (tuple, list)) and len(value) == 2 and all(map(side.accepts, value))

    return Constraint(f"(height, width), two whole numbers from {least}", accepts)


def read_grayscale(source: str | os.PathLike[str] | Image | np.ndarray) -> np.ndarray:
    """A picture as (height, width) uint8, from a file, a Pillow image, or an array.

    Turned upright as its EXIF data say; what is transparent lies over white; colours become grey by
    the luma of ITU-R 601 (0.299 R + 0.587 G + 0.114 B); 16 bits are scaled to 8, and numbers
    that are no bytes (h, w) from their own smallest and largest to 0 and 255. Arrays are (h, w),
    (h, w, 3) or (h, w, 4). Of a moving picture, the first. Raises :class:`DataError` for what is no
    picture, is damaged, or too large to be one, and for numbers that are NaN, infinite or beyond ±1e30.

    >>> read_grayscale(np.array([[[255, 0, 0], [255, 255, 255]]], np.uint8)).tolist()
    [[76, 255]]
    """
    if isinstance(source, np.ndarray):
        return _grey_array(source)
    if isinstance(source, str | os.PathLike):
        return _grey_file(Path(source))
    from PIL import Image

    if not isinstance(source, Image.Image):
        got = type(source).__name__
        raise DataError(f"expected a picture: a file's name, a Pillow image or an array, got an object of type {got}")
    return _grey_image(source)


def resize(picture: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Resize a grey picture, uint8 or float, to another size (height, width), antialiased; its type is kept.

    >>> resize(np.array([[0, 100], [200, 100]], np.uint8), (1, 1)).tolist()
    [[100]]
    """
    from PIL import Image

    image = Image.fromarray(picture.astype(np.float32))
    values = np.asarray(image.resize(shape[::-1], Image.Resampling.BILINEAR))
    return np.clip(np.rint(values), 0, 255).astype(np.uint8) if picture.dtype == np.uint8 else values


def _grey_file(path: Path) -> np.ndarray:
    from PIL import Image, UnidentifiedImageError

    if not path.is_file():
        found = "a folder" if path.is_dir() else "nothing there"
        raise DataError(f"expected the file of a picture, got {found}", path=path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            warnings.filterwarnings("ignore", category=UserWarning)  # about tags that do not matter here
            with Image.open(path) as image:
                return _grey_image(image)
    except DataError as error:
        error.with_fields(path=path)
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise DataError(
            f"expected fewer than {Image.MAX_IMAGE_PIXELS:,} pixels, got more", path=path, remedy="make it smaller"
        ) from None
    # the readers of damaged files fail in as many ways as there are formats
    except Exception as error:
        unknown = isinstance(error, UnidentifiedImageError)
        got = "no picture, or one of an unknown kind" if unknown else f"a damaged one ({error})"
        raise DataError(f"expected a picture, got {got}", path=path, remedy="save it again as PNG or JPEG") from None


def _grey_image(image: Any) -> np.ndarray:
    from PIL import Image, ImageOps

    image = ImageOps.exif_transpose(image)
    if image.mode == "F" or image.mode.startswith("I"):
        return _grey_array(_sixteen_bits(np.asarray(image)) if image.mode != "F" else np.asarray(image))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return np.asarray(image.convert("L"))


def _sixteen_bits(values: np.ndarray) -> np.ndarray:
    # mode "I" has room for 32 bits, but the files that open in it hold 16
    return values.astype(np.uint16) if values.min() >= 0 and values.max() < 2**16 else values


def _grey_array(array: np.ndarray) -> np.ndarray:
    from PIL import Image

    layers = array.shape[2:]
    if array.dtype.kind not in "biuf" or array.size == 0 or array.ndim < 2 or layers not in ((), (1,), (3,), (4,)):
        raise DataError(
            "expected a picture, an array of numbers of shape (h, w), (h, w, 3) or (h, w, 4), "
            f"got {array.dtype} of shape {array.shape}"
        )
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.dtype != np.uint8:
        array = _bytes(array)
    return array if array.ndim == 2 else _grey_image(Image.fromarray(np.ascontiguousarray(array)))


def _bytes(array: np.ndarray) -> np.ndarray:
    if array.dtype == bool:
        return array.astype(np.uint8) * 255
    if array.dtype == np.uint16:
        return np.rint(array / 257).astype(np.uint8)
    with np.errstate(over="ignore"):  # float128 has larger numbers
        values = array.astype(np.float64)
    _check_greys(values)
    lowest, highest = values.min(), values.max()
    # divided first: 255 over a range of 1e-320 would be infinite
    return np.asarray(np.rint((values - lowest) / ((highest - lowest) or 1) * 255), np.uint8)


def _check_greys(values: np.ndarray) -> None:
    """Raise :class:`DataError` for NaN, infinity and marks for missing pixels, which leave no range to scale."""
    wrong = ~(np.abs(values) <= _LARGEST)
    if wrong.any():
        found = ", ".join(f"{value:g}" for value in np.unique(values[wrong])[:3])
        found = found.replace("nan", "NaN").replace("inf", "infinity")
        raise DataError(
            f"expected greys from {-_LARGEST:g} to {_LARGEST:g}, got {found} in {wrong.sum():,} of {values.size:,}",
            remedy="give such pixels the grey of the paper",
        )
