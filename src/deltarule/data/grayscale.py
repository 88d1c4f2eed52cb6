"""Conversion of pictures to grayscale images: one byte for each pixel, 0 for black and 255 for white."""

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
"""The largest grey of a picture. Marks for missing pixels are larger, such as the largest float32 in a TIFF."""


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
    """Read a picture as (height, width) uint8.

    The picture is turned upright by its EXIF data, and transparent parts are put over white. Colours become grey by
    the luma of ITU-R 601 (0.299 R + 0.587 G + 0.114 B). 16 bits are scaled to 8; other numbers (h, w) are scaled so
    that the smallest becomes 0 and the largest 255. Of an animation the first frame is read.

    Args:
        source: The name of a file, a Pillow image, or an array (h, w), (h, w, 3) or (h, w, 4), with h and w at least 1.

    Raises:
        DataError: If the source is no picture, is damaged or too large, or has numbers that are NaN, infinite or
            beyond ±1e30.

    >>> read_grayscale(np.array([[[255, 0, 0], [255, 255, 255]]], np.uint8)).tolist()
    [[76, 255]]
    """
    if isinstance(source, np.ndarray):
        return _grey_array(source)
    if isinstance(source, str | os.PathLike):
        return _grey_file(Path(source))
    from PIL import Image

    if not isinstance(source, Image.Image):
        expected = "the name of a picture's file, a Pillow image or an array"
        raise DataError(expected=expected, value=source)
    return _grey_image(source)


def read_picture(source: str | os.PathLike[str] | Image | np.ndarray, colour: bool = False) -> np.ndarray:
    """Read a picture as :func:`read_grayscale` does, or in colour as (height, width, 3) uint8, red, green and blue.

    >>> read_picture(np.array([[[255, 0, 0], [255, 255, 255]]], np.uint8), colour=True).tolist()
    [[[255, 0, 0], [255, 255, 255]]]
    """
    if not colour:
        return read_grayscale(source)
    from PIL import Image

    if isinstance(source, np.ndarray):
        return np.asarray(Image.fromarray(source).convert("RGB"))
    return np.asarray((source if isinstance(source, Image.Image) else Image.open(source)).convert("RGB"))


def resize(picture: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Resize a grey picture, uint8 or float, to (height, width) with antialiasing; keep its type.

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
            warnings.filterwarnings("ignore", category=UserWarning)  # about tags that are not used here
            with Image.open(path) as image:
                return _grey_image(image)
    except DataError as error:
        error.with_fields(path=path)
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise DataError(
            f"expected fewer than {Image.MAX_IMAGE_PIXELS:,} pixels, got more",
            path=path,
            remedy="make the picture smaller",
        ) from None
    # the readers of formats raise many kinds of errors for damaged files
    except Exception as error:
        unknown = isinstance(error, UnidentifiedImageError)
        got = "no picture, or one of an unknown kind" if unknown else f"a damaged one ({error})"
        raise DataError(f"expected a picture, got {got}", path=path, remedy="save it again as PNG or JPEG") from None


def _grey_image(image: Any) -> np.ndarray:
    from PIL import Image, ImageOps

    image = ImageOps.exif_transpose(image)
    if image.mode == "F" or image.mode.startswith("I"):
        return _grey_array(_to_sixteen_bits(np.asarray(image)) if image.mode != "F" else np.asarray(image))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return np.asarray(image.convert("L"))


def _to_sixteen_bits(values: np.ndarray) -> np.ndarray:
    # Pillow opens files of 16 bits in mode "I", of 32 bits
    return values.astype(np.uint16) if values.min() >= 0 and values.max() < 2**16 else values


def _grey_array(array: np.ndarray) -> np.ndarray:
    from PIL import Image

    layers = array.shape[2:]
    if array.dtype.kind not in "biuf" or array.size == 0 or array.ndim < 2 or layers not in ((), (1,), (3,), (4,)):
        raise DataError(
            "expected a picture, an array of numbers of shape (h, w), (h, w, 3) or (h, w, 4) with h and w at least 1, "
            f"got {array.dtype} of shape {array.shape}"
        )
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.dtype != np.uint8:
        array = _to_bytes(array)
    return array if array.ndim == 2 else _grey_image(Image.fromarray(np.ascontiguousarray(array)))


def _to_bytes(array: np.ndarray) -> np.ndarray:
    if array.dtype == bool:
        return array.astype(np.uint8) * 255
    if array.dtype == np.uint16:
        return np.rint(array / 257).astype(np.uint8)
    with np.errstate(over="ignore"):  # float128 has larger numbers
        values = array.astype(np.float64)
    _check_greys(values)
    lowest, highest = values.min(), values.max()
    # divide first: 255 over a range of 1e-320 is infinite
    return np.asarray(np.rint((values - lowest) / ((highest - lowest) or 1) * 255), np.uint8)


def _check_greys(values: np.ndarray) -> None:
    """Raise :class:`DataError` for NaN, infinity and marks for missing pixels, which cannot be scaled."""
    wrong = ~(np.abs(values) <= _LARGEST)
    if wrong.any():
        found = ", ".join(f"{value:g}" for value in np.unique(values[wrong])[:3])
        found = found.replace("nan", "NaN").replace("inf", "infinity")
        raise DataError(
            f"expected greys from {-_LARGEST:g} to {_LARGEST:g}, got {found} in {wrong.sum():,} of {values.size:,}",
            remedy="set such pixels to the grey of the paper",
        )
