"""Conversion of pictures to arrays of bytes: grey, 0 for black and 255 for white, or red, green and blue."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from deltarule.core.constraints import Constraint, whole
from deltarule.data.picture_decoding import check_pixels, convert_opened, decode, has_more_frames, read_start
from deltarule.data.picture_range import Range
from deltarule.data.picture_values import BITS, NEGATIVE, VALUES
from deltarule.data.plain_png import read_plain_png
from deltarule.data.transparency import flatten, to_array
from deltarule.errors import DataError

if TYPE_CHECKING:
    from PIL.Image import Image

_ROTATION = 0x0112  # the tag of EXIF
_MAY_ROTATE = frozenset({"exif", "Raw profile type exif", "xmp", "XML:com.adobe.xmp"})


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

    The picture is turned upright by its EXIF data, and transparent parts are put over white
    (:func:`~deltarule.data.transparency.flatten`). Colours become grey by the luma of ITU-R 601 (0.299 R + 0.587 G +
    0.114 B). Numbers that are no bytes are scaled by their range (:class:`~deltarule.data.picture_range.Range`). Of an
    animation the first frame is read, and of a document the first page.

    Args:
        source: The name of a file, a Pillow image, or an array (h, w), (h, w, 3) or (h, w, 4), with h and w at least 1.

    Raises:
        DataError: If the source is no picture, is damaged or too large, or has numbers that are NaN, infinite or
            beyond ±1e30.
        MissingExtra: For a HEIC picture without the extra ``heic``.

    >>> read_grayscale(np.array([[[255, 0, 0], [255, 255, 255]]], np.uint8)).tolist()
    [[76, 255]]
    """
    return convert_picture(source).pixels


def read_picture(source: str | os.PathLike[str] | Image | np.ndarray, colour: bool = False) -> np.ndarray:
    """Read a picture as :func:`read_grayscale` does, or in colour as (height, width, 3) uint8, red, green and blue.

    >>> read_picture(np.array([[[255, 0, 0], [255, 255, 255]]], np.uint8), colour=True).tolist()
    [[[255, 0, 0], [255, 255, 255]]]
    """
    return convert_picture(source, colour).pixels


def read_alike(
    source: str | os.PathLike[str] | Image | np.ndarray, colour: bool, greys: tuple[float, float] | None
) -> np.ndarray:
    """Read a picture as :func:`read_picture` does, with the range of other pictures where it can be the same.

    >>> read_alike(np.array([[0, 1000]], np.uint16), False, (0, 4095)).tolist()
    [[0, 62]]
    """
    picture = convert_picture(source, colour)
    if greys is not None and picture.range is not None and (range := Range(*greys)).holds(picture.range):
        return convert_picture(source, colour, range).pixels
    return picture.pixels


@dataclass(slots=True)
class Picture:
    """The pixels of a picture, and what was found in it.

    Attributes:
        pixels: The picture, (h, w) or (h, w, 3) uint8.
        range: The range of its numbers, if they are no bytes.
        kind: The kind of these numbers; pictures of one kind can be scaled alike.
        is_coloured: True if grey pixels had colours.
        is_stencil: True if the transparency is the ink.
        has_more_frames: True if the file has other frames or pages, which are not read.
    """

    pixels: np.ndarray
    range: Range | None = None
    kind: str = ""
    is_coloured: bool = False
    is_stencil: bool = False
    has_more_frames: bool = False


def convert_picture(
    source: str | os.PathLike[str] | Image | np.ndarray, colour: bool = False, range: Range | None = None
) -> Picture:
    """Convert a picture as :func:`read_picture` does.

    Args:
        source: The picture.
        colour: True for red, green and blue.
        range: The range of numbers that are no bytes; by default that of the picture.
    """
    if isinstance(source, np.ndarray):
        return _convert_array(source, colour, range)
    if isinstance(source, str | os.PathLike):
        path = source if isinstance(source, Path) else Path(source)
        content = read_start(path)
        if (grey := read_plain_png(content)) is not None:
            return Picture(_repeat(grey, colour))
        return decode(path, lambda image: _convert_image(image, colour, range), content)
    from PIL import Image

    if not isinstance(source, Image.Image):
        expected = "the name of a picture's file, a Pillow image or an array"
        raise DataError(expected=expected, value=source)
    return convert_opened(source, lambda image: _convert_image(image, colour, range))


def resize(picture: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Resize a picture (h, w) or (h, w, 3), uint8 or float, to (height, width) with antialiasing; keep its type.

    >>> resize(np.array([[0, 100], [200, 100]], np.uint8), (1, 1)).tolist()
    [[100]]
    """
    if picture.ndim == 3:
        return np.stack([resize(picture[..., i], shape) for i in range(picture.shape[2])], axis=2)
    values = resample(picture, shape)
    return np.clip(np.rint(values), 0, 255).astype(np.uint8) if picture.dtype == np.uint8 else values


def resample(picture: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Resize a picture (h, w) of any numbers to (height, width) float32, with antialiasing and without rounding.

    A large picture gets its width by bands of rows first, so that it is never in memory as float32. The numbers are
    the same.

    >>> resample(np.array([[0, 100], [201, 100]], np.uint8), (1, 1)).tolist()
    [[100.25]]
    """
    height, width = picture.shape
    rows = max(1, _BAND // width)
    if rows < height:
        bands = (picture[start : start + rows] for start in range(0, height, rows))
        picture = np.concatenate([_resample(band, (len(band), shape[1])) for band in bands])
    return _resample(picture, shape)


_BAND = 2**22  # pixels that are converted at a time


def _resample(picture: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    from PIL import Image

    image = Image.fromarray(picture.astype(np.float32))
    return np.asarray(image.resize(shape[::-1], Image.Resampling.BILINEAR))


def _convert_image(image: Image, colour: bool, range: Range | None) -> Picture:
    check_pixels(image)
    image.load()
    original, info = image, image.info
    if image.format == "TIFF" or not _MAY_ROTATE.isdisjoint(info):
        from PIL import ImageOps

        image = ImageOps.exif_transpose(image)
    if VALUES in info:
        picture = _convert_array(info[VALUES], colour, range)
    elif image.mode == "L" and "transparency" not in info:
        picture = Picture(_repeat(np.asarray(image), colour))
    elif image.mode == "F" or image.mode.startswith("I"):
        values = np.asarray(image)
        picture = _convert_array(values if image.mode == "F" else _to_sixteen_bits(values), colour, range)
    else:
        is_stencil = False
        if image.has_transparency_data:
            image, is_stencil = flatten(image, colour)
        elif image.mode not in ("1", "L"):
            image = _to_rgb(image)
        is_coloured = not colour and image.mode in ("RGB", "RGBA") and _has_colours(image)
        pixels = to_array(image, "RGB" if colour else "L")
        picture = Picture(pixels, is_coloured=is_coloured, is_stencil=is_stencil)
    if info.get(NEGATIVE):
        picture.pixels = 255 - picture.pixels
    if info.get(BITS) == 16 and picture.range is None:
        picture.range, picture.kind = Range(0, 2**16 - 1), SIXTEEN_BITS
    picture.has_more_frames = has_more_frames(original)
    return picture


def _to_rgb(image: Image) -> Image:
    if image.mode != "LAB":
        return image if image.mode == "RGB" else image.convert("RGB")
    from PIL import ImageCms

    from_lab = ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")
    converted = ImageCms.applyTransform(image, from_lab)
    assert converted is not None
    return converted


SIXTEEN_BITS = "numbers of 16 bits"
_SAMPLE = 128  # pixels of each side in which colours are searched
_COLOURED = 24  # the difference between red, green and blue that is no artefact of JPEG


def _has_colours(image: Image) -> bool:
    if max(image.size) > 2 * _SAMPLE:
        image = image.resize((_SAMPLE, _SAMPLE), 0)  # the nearest pixels
    pixels = np.asarray(image if image.mode == "RGB" else image.convert("RGB"))
    return bool((pixels.max(axis=2) - pixels.min(axis=2) > _COLOURED).any())


def _repeat(grey: np.ndarray, colour: bool) -> np.ndarray:
    return np.repeat(grey[..., None], 3, axis=2) if colour else grey


def _to_sixteen_bits(values: np.ndarray) -> np.ndarray:
    # Pillow opens some files of 16 bits in mode "I", of 32 bits
    return values.astype(np.uint16) if values.min() >= 0 and values.max() < 2**16 else values


def _convert_array(array: np.ndarray, colour: bool, range: Range | None) -> Picture:
    from PIL import Image

    layers = array.shape[2:]
    if array.dtype.kind not in "biuf" or array.size == 0 or array.ndim < 2 or layers not in ((), (1,), (3,), (4,)):
        raise DataError(
            "expected a picture, an array of numbers of shape (h, w), (h, w, 3) or (h, w, 4) with h and w at least 1, "
            f"got {array.dtype} of shape {array.shape}"
        )
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    own = Range.of(array)
    kind = "" if own is None else SIXTEEN_BITS if array.dtype == np.uint16 else "other numbers than bytes"
    if own is not None:
        array = (range or own).convert(array)
    elif array.dtype == bool:
        array = array.astype(np.uint8) * 255
    if array.ndim == 2:
        return Picture(_repeat(array, colour), own, kind)
    picture = _convert_image(Image.fromarray(np.ascontiguousarray(array)), colour, None)
    picture.range, picture.kind = own, kind
    return picture
