"""Pictures with transparent parts: put over white, or read by their transparency alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

_CLEAR = 64  # of 255 grey levels between ink and paper: the contrast that needs no help
_LEAST_ALPHA = 32  # of 255 levels of transparency
_ONE_GREY = 8  # the levels by which the greys of one ink differ


def flatten(image: Image, colour: bool = False) -> tuple[Image, bool]:
    """Put a picture with transparent parts over white; return it in colour, and True if its transparency is the ink.

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
    image = image.convert("RGBA")
    alpha = np.asarray(image.getchannel("A"))
    least, most = int(alpha.min()), int(alpha.max())
    if least == 255:
        return image.convert("RGB"), False
    over_white = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    if most - least < _LEAST_ALPHA:
        return over_white, False
    pixels = np.asarray(over_white if colour else over_white.convert("L"))
    if np.ptp(pixels.reshape(alpha.size, -1), axis=0).max() < _CLEAR:
        inks = np.asarray(image.convert("L"))[alpha > (least + most) / 2]
        if np.ptp(inks) <= _ONE_GREY:
            return Image.fromarray(255 - alpha).convert("RGB"), True
    return over_white, False
