"""Pictures with transparent parts: put over white, or read by their transparency alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

_CLEAR = 64  # of 255 grey levels between ink and paper: the contrast that needs no help
_LEAST_ALPHA = 32  # of 255 levels of transparency
_ONE_GREY = 8  # the levels by which the greys of one ink differ


def flatten(image: Image, colour: bool = False) -> tuple[Image, bool]:
    """Put a picture with transparent parts over white; return it in colour, and True if its transparency is the ink.

    An opaque picture keeps its alpha, which has no effect.

    A picture of one light grey, whose drawing is in the transparency alone, leaves little or no contrast on white.
    Then the transparency is the ink: opaque becomes black, and transparent white. With ``colour`` a contrast in red,
    green or blue is enough, such as that of yellow.

    >>> from PIL import Image
    >>> flat, is_stencil = flatten(Image.fromarray(np.array([[[255, 255], [255, 0]]], np.uint8)))
    >>> flat.getpixel((0, 0)), flat.getpixel((1, 0)), is_stencil
    ((0, 0, 0), (255, 255, 255), True)
    """
    from PIL import Image

    image = image.convert("LA") if image.mode == "La" else image  # Pillow has no other conversion of it
    image = image if image.mode == "RGBA" else image.convert("RGBA")
    alpha = np.asarray(image.getchannel("A"))
    least, most = int(alpha.min()), int(alpha.max())
    if least == 255:
        return image, False
    over_white = Image.new("RGB", image.size)
    for box in divide(image):
        band = image.crop(box)
        over_white.paste(Image.alpha_composite(Image.new("RGBA", band.size, "white"), band).convert("RGB"), box)
    if most - least < _LEAST_ALPHA:
        return over_white, False
    pixels = to_array(over_white, "RGB" if colour else "L")
    if np.ptp(pixels.reshape(alpha.size, -1), axis=0).max() < _CLEAR:
        inks = to_array(image, "L")[alpha > (least + most) / 2]
        if np.ptp(inks) <= _ONE_GREY:
            return Image.fromarray(255 - alpha).convert("RGB"), True
    return over_white, False


_BAND = 2**22  # pixels that are converted at a time


def divide(image: Image) -> Iterator[tuple[int, int, int, int]]:
    """Divide an image into bands of rows, whose copies take little memory: (left, upper, right, lower) of each."""
    rows = max(1, _BAND // image.width)
    return ((0, top, image.width, min(top + rows, image.height)) for top in range(0, image.height, rows))


def to_array(image: Image, mode: str) -> np.ndarray:
    """Convert an image to an array in the mode "L" or "RGB", band by band.

    >>> from PIL import Image
    >>> to_array(Image.new("RGB", (1, 2), "white"), "L").tolist()
    [[255], [255]]
    """
    width, height = image.size
    if width * height <= _BAND:
        return np.asarray(image.convert(mode))
    pixels = np.empty((height, width, *((3,) if mode == "RGB" else ())), np.uint8)
    for box in divide(image):
        pixels[box[1] : box[3]] = np.asarray(image.crop(box).convert(mode))
    return pixels
