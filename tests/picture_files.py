"""Picture files made by hand, in forms that Pillow does not write."""

from __future__ import annotations

import struct
import zlib
from base64 import b64decode

import numpy as np

TYPES = {"u": 1, "i": 2, "f": 3}


def write_tiff(path, values, order="<", polarity=1, packed=False, layers=False, orientation=1):
    """Write a TIFF of one strip, or of one for each layer."""
    colours = values.shape[2] if values.ndim == 3 else 1
    parts = np.moveaxis(values, 2, 0) if layers else [values]
    strips = [part.astype(values.dtype.newbyteorder(order)).tobytes() for part in parts]
    strips = [zlib.compress(strip) for strip in strips] if packed else strips
    starts = np.cumsum([8, *map(len, strips)]).tolist()
    tags = {
        256: [values.shape[1]],
        257: [values.shape[0]],
        258: [8 * values.dtype.itemsize] * colours,
        259: [8 if packed else 1],
        262: [2 if colours > 1 else polarity],
        273: starts[:-1],
        274: [orientation],
        277: [colours],
        278: [values.shape[0]],
        279: list(map(len, strips)),
        284: [2 if layers else 1],
        339: [TYPES[values.dtype.kind]] * colours,
    }
    end = starts[-1] + 2 + 12 * len(tags) + 4
    entries, more = b"", b""
    for tag, numbers in tags.items():
        content = struct.pack(f"{order}{len(numbers)}I", *numbers)
        place = content if len(content) == 4 else struct.pack(f"{order}I", end + len(more))
        more += content if len(content) > 4 else b""
        entries += struct.pack(f"{order}HHI", tag, 4, len(numbers)) + place
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", starts[-1])
    entries = struct.pack(f"{order}H", len(tags)) + entries + bytes(4)
    path.write_bytes(head + b"".join(strips) + entries + more)
    return path


def write_fits(path, values, cards=(), extension=False):
    """Write a FITS image of big-endian numbers, the lowest row first."""
    kind = {"u1": 8, "i2": 16, "i4": 32, "f4": -32}[values.dtype.str[1:]]
    shape = f"NAXIS   = 2|NAXIS1  = {values.shape[1]}|NAXIS2  = {values.shape[0]}".split("|")
    first = ["SIMPLE  =                    T", "BITPIX  = 8", "NAXIS   = 0"]
    second = ["XTENSION= 'IMAGE   '" if extension else first[0], f"BITPIX  = {kind}", *shape, *cards]
    content = b""
    for header in (first, second) if extension else (second,):
        text = "".join(card.ljust(80) for card in (*header, "END")).encode()
        content += text + b" " * (-len(text) % 2880)
    data = values[::-1].astype(values.dtype.newbyteorder(">")).tobytes()
    path.write_bytes(content + data + bytes(-len(data) % 2880))
    return path


JPEG_2000 = b64decode(
    "/0//UQAvAAAAAAAEAAAABAAAAAAAAAAAAAAABAAAAAQAAAAAAAAAAAADCwEBCwEBCwEB/1IADAAAAAEBAAQEAAH/XAAEQGD/ZAAl"
    "AAFDcmVhdGVkIGJ5IE9wZW5KUEVHIHZlcnNpb24gMi41LjT/kAAKAAAAAAAnAAH/k9/gUADPK+DYW5XrLB46RaRaRaRaRaRZgID/2Q=="
)
"""A JPEG 2000 picture of 4×4 pixels in three colours of 12 bits, written by OpenJPEG."""
