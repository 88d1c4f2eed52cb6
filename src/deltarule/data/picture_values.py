"""Corrections where Pillow reads other numbers than the file holds: PNG and TIFF of 16 bits, JPEG 2000 and FITS.

docs/differences.md lists them, with the version of Pillow.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from deltarule.errors import DataError

if TYPE_CHECKING:
    from PIL.Image import Image

BITS = "deltarule:bits"
"""The key of ``image.info`` for the bits of each colour, if they are not 8."""

VALUES = "deltarule:values"
"""The key of ``image.info`` for an array of the numbers of the file, where the image does not hold them."""

NEGATIVE = "deltarule:negative"
"""The key of ``image.info`` that marks a picture whose 0 is white."""

_FULL = 64  # of 256: the high bytes of pictures that use more than 14 of 16 bits
_SIXTEEN_BITS = re.compile(r"(?:RGBA?|[RGB]);16[BLN]")
_NATIVE = {"F;32BF": "F;32NF", "I;16BS": "I;16NS", "I;32BS": "I;32NS"}
_SWAPPED = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
_ORIENTATION, _BITS, _COMPRESSION, _POLARITY, _LAYERS, _TYPE = 0x0112, 258, 259, 262, 284, 339  # tags of TIFF and EXIF


def correct(image: Image, file: BinaryIO) -> None:
    """Correct an image that Pillow has opened and not yet loaded, or add the numbers of its file to ``image.info``.

    Args:
        image: The image.
        file: Its file.

    Raises:
        DataError: For forms that Pillow decodes to wrong numbers that cannot be corrected.

    >>> from io import BytesIO
    >>> from PIL import Image
    >>> Image.new("F", (1, 1)).save(file := BytesIO(), "TIFF")
    >>> image = Image.open(file)
    >>> correct(image, file)
    >>> image.info[NEGATIVE]
    False
    """
    if image.format == "TIFF":
        _correct_tiff(image)
    if image.format in ("PNG", "TIFF") and image.mode in ("RGB", "RGBA"):
        _restore_low_bytes(image, file)
    elif image.format == "JPEG2000" and image.mode in ("LA", "RGB", "RGBA"):
        _check_jpeg_2000(file)
    elif image.format == "FITS":
        _read_fits(image, file)


def _correct_tiff(image: Image) -> None:
    tags = image.tag_v2  # type: ignore[attr-defined] # the image of a TIFF has it
    bits = tags.get(_BITS, (1,))
    tiles = _tiles(image)
    if tags.get(_LAYERS) == 2 and tags.get(_COMPRESSION, 1) == 1 and set(bits) == {16}:
        # each colour by itself, which Pillow reads as one byte for each pixel
        order = ";16L" if tags.prefix == b"II" else ";16B"
        tiles = [tile._replace(args=(tile.args[0] + order, *tile.args[1:])) for tile in tiles]
    elif tags.get(_COMPRESSION, 1) != 1:  # libtiff returns numbers in the order of the machine
        tiles = [tile._replace(args=(_NATIVE.get(tile.args[0], tile.args[0]), *tile.args[1:])) for tile in tiles]
    image.tile = tiles  # type: ignore[attr-defined] # an opened file has it
    if image.mode == "F" or image.mode.startswith("I"):  # Pillow exchanges black and white of bytes alone
        image.info[NEGATIVE] = tags.get(_POLARITY) == 0
    elif image.mode == "L" and set(bits) == {8} and set(tags.get(_TYPE, (1,))) == {2}:
        image.info[VALUES] = np.asarray(image).view(np.int8).astype(np.int16)


def _restore_low_bytes(image: Image, file: BinaryIO) -> None:
    """Mark a picture in colours of 16 bits, and add its numbers, (h, w, 3) uint16, if it uses few of these bits.

    Pillow keeps the high bytes only; the low ones are decoded by themselves.
    """
    from PIL import Image

    tiles, format = _tiles(image), image.format or ""
    modes = {tile.args if isinstance(tile.args, str) else tile.args[0] for tile in tiles}
    if not tiles or not all(isinstance(mode, str) and _SIXTEEN_BITS.fullmatch(mode) for mode in modes):
        return
    image.info[BITS], high = 16, np.asarray(image)
    is_turned = image.getexif().get(_ORIENTATION, 1) != 1  # Pillow has turned a TIFF by now, but not a PNG
    if is_turned or high[..., :3].max() >= _FULL or (high[..., 3:] < 255).any():
        return
    if tiles[0].codec_name == "libtiff" and image.tag_v2.get(_LAYERS) == 2:  # type: ignore[attr-defined] # as above
        raise DataError(
            "expected a TIFF of 16 bits that uses them, or that keeps the colours of each pixel together",
            remedy="save it as PNG",
        )
    file.seek(0)
    other = Image.open(file, formats=(format,))
    other.tile = [tile._replace(args=_swap(tile.args)) for tile in tiles]
    image.info[VALUES] = high[..., :3].astype(np.uint16) << 8 | np.asarray(other)[..., :3]


def _swap(args: str | tuple[Any, ...]) -> str | tuple[Any, ...]:
    """Exchange the order of the two bytes of each number."""
    if isinstance(args, str):
        return args[:-1] + _SWAPPED[args[-1]]
    return (args[0][:-1] + _SWAPPED[args[0][-1]], *args[1:])


def _check_jpeg_2000(file: BinaryIO) -> None:
    """Raise :class:`DataError` for colours of more than 8 bits, whose white Pillow decodes to black."""
    file.seek(0)
    header = file.read().partition(b"\xff\x4f\xff\x51")[2][:64]  # after the start of the code and the mark of its size
    count = int.from_bytes(header[36:38], "big")
    bits = max(((part & 127) + 1 for part in header[38 : 38 + 3 * count : 3]), default=8)
    if bits > 8:
        raise DataError(
            "expected a JPEG 2000 picture of 8 bits for each colour, or a grey one without transparency, "
            f"got one of {bits} bits",
            remedy="save it as PNG",
        )


def _read_fits(image: Image, file: BinaryIO) -> None:
    """Add the numbers of a FITS image: with their sign, scale and zero, which Pillow leaves out."""
    file.seek(0)
    header = file.read(_tiles(image)[0].offset)
    cards = {header[i : i + 8].strip(): header[i + 10 : i + 80] for i in range(0, len(header), 80)}
    if b"TABLE" in cards.get(b"XTENSION", b""):
        raise DataError("expected an image, got a FITS table, perhaps a compressed image", remedy="save it as PNG")

    def number(name: bytes, default: float) -> float:
        return float(cards[name].partition(b"/")[0].replace(b"D", b"E")) if name in cards else default

    zero, scale = number(b"BZERO", 0.0), number(b"BSCALE", 1.0)
    raw = np.asarray(image)
    raw = raw.astype(np.uint16).view(np.int16) if image.mode == "I;16" else raw
    values = raw * scale + zero
    if image.mode != "F" and b"BLANK" in cards:
        values[raw == number(b"BLANK", 0.0)] = np.nan
    if (zero, scale) == (0, 1) and image.mode == "L":
        return
    is_whole = image.mode != "F" and values.min() >= 0 and values.max() < 2**16 and not (values % 1).any()
    image.info[VALUES] = values.astype(np.uint16) if is_whole else values


def _tiles(image: Image) -> list[Any]:
    return list(getattr(image, "tile", []))
