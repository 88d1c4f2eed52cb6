"""A short way for the most frequent pictures of data sets: PNG in grey, one byte for each pixel."""

from __future__ import annotations

import struct
import zlib

import numpy as np

from deltarule import limits

_MOST_PIXELS = 2**20
_HEADER = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
_FORM = b"\x08\x00\x00\x00\x00"  # 8 bits, grey, the usual compression and filters, not interlaced
_read_size = struct.Struct(">II").unpack_from
_read_chunk = struct.Struct(">I4s").unpack_from
_read_sum = struct.Struct(">I").unpack_from


def read_plain_png(content: bytes) -> np.ndarray | None:
    """Read a PNG in grey that has nothing but its pixels, (h, w) uint8; None for all other files, and damaged ones.

    The pixels are decoded by Pillow; what is left out are its many steps around them, which take longer.

    >>> from io import BytesIO
    >>> from PIL import Image
    >>> Image.fromarray(np.array([[0, 200]], np.uint8)).save(file := BytesIO(), "PNG")
    >>> read_plain_png(file.getvalue()), read_plain_png(file.getvalue()[:-20]), read_plain_png(b"GIF89a")
    (array([[  0, 200]], dtype=uint8), None, None)
    """
    if content[:16] != _HEADER or content[24:29] != _FORM:
        return None
    width, height = _read_size(content, 16)
    if not 0 < width * height <= _MOST_PIXELS:
        return None
    start, parts = 8, []
    try:
        while True:
            n, kind = _read_chunk(content, start)
            stop = start + 8 + n
            if zlib.crc32(content[start + 4 : stop]) != _read_sum(content, stop)[0]:
                return None
            if kind == b"IDAT":
                parts.append(content[start + 8 : stop])
            elif kind == b"IEND":
                break
            elif kind not in _WITHOUT_EFFECT:
                return None
            start = stop + 4
        return _decode(width, height, parts[0] if len(parts) == 1 else b"".join(parts))
    except (struct.error, ValueError, OSError):  # Pillow's own way says what is wrong
        return None


_WITHOUT_EFFECT = frozenset({b"IHDR", b"pHYs", b"tIME", b"sBIT", b"bKGD", b"gAMA", b"cHRM", b"sRGB"})


def _decode(width: int, height: int, compressed: bytes) -> np.ndarray | None:
    from PIL import Image

    if width * height > limits.PICTURE_PIXELS:
        return None
    image = Image.frombytes("L", (width, height), compressed, "zip", "L")
    return np.frombuffer(image.tobytes(), np.uint8).reshape(height, width)
