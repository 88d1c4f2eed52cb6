"""Pieces of HTML: escaped text, tables, pictures. Styles stand in the elements, so that nothing else is changed."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterable, Sequence
from html import escape

GREY = "rgba(128,128,128,.35)"
"""The colour of lines, which can be seen on white and on black."""

COLOURS = ("#d97706", "#8b5cf6", "#0d9488", "#db2777", "#2563eb", "#65a30d")
"""The colours of curves and drawings, which can be seen on white and on black."""

_BOX = "font-family:system-ui,sans-serif;font-size:13px;line-height:1.45;color:inherit;overflow-x:auto"
_CELL = f"padding:2px 10px;border-bottom:1px solid {GREY};color:inherit;vertical-align:top"


def write_text(text: object, most: int = 60) -> str:
    """Escape text for HTML, and shorten it.

    >>> write_text("<b> & more"), write_text("abcdef", most=4)
    ('&lt;b&gt; &amp; more', 'abc…')
    """
    words = "".join(one if one.isprintable() else " " for one in str(text))
    return escape(words if len(words) <= most else f"{words[: most - 1]}…")


def write_box(*parts: str) -> str:
    """Put parts into one element, with the font of a notebook's texts."""
    return f'<div style="{_BOX}">{"".join(parts)}</div>'


def write_title(title: str, more: str = "") -> str:
    """Write a title in bold, and more words behind it; both are text, not HTML."""
    rest = f' <span style="opacity:.75">{write_text(more, 200)}</span>' if more else ""
    return f'<div style="margin:4px 0;overflow-wrap:anywhere"><b>{write_text(title, 120)}</b>{rest}</div>'


def count(n: int, noun: str) -> str:
    """Write a number with a noun.

    >>> count(1, "epoch"), count(2000, "layer")
    ('1 epoch', '2,000 layers')
    """
    return f"{n:,} {noun}" + "s" * (n != 1)


def write_table(
    headings: Sequence[str], rows: Iterable[Sequence[str]], numbers: Iterable[int] = (), footer: Sequence[str] = ()
) -> str:
    """Write a table of cells that are HTML already; columns in ``numbers`` are aligned to the right."""
    right = set(numbers)

    def write_row(cells: Sequence[str], kind: str, more: str = "") -> str:
        aligned = (f"{_CELL};text-align:{'right' if i in right else 'left'}{more}" for i in range(len(cells)))
        inside = (f'<{kind} style="{style}">{cell}</{kind}>' for style, cell in zip(aligned, cells, strict=True))
        return f'<tr style="background:none">{"".join(inside)}</tr>'

    head = write_row([write_text(one) for one in headings], "th", ";font-weight:600;opacity:.75") if headings else ""
    foot = write_row(footer, "td", ";font-weight:600;border-bottom:none") if footer else ""
    body = "".join(write_row(row, "td") for row in rows)
    style = "border-collapse:collapse;margin:4px 0;color:inherit;font-size:13px"
    return f'<table style="{style}">{head}{body}{foot}</table>'


def write_picture(pixels: bytes, width: int, height: int, channels: int, label: str, side: int = 48) -> str:
    """Write a picture of bytes, row by row, as :func:`encode_png` takes them, as a PNG inside the page."""
    url = f"data:image/png;base64,{base64.b64encode(encode_png(pixels, width, height, channels)).decode()}"
    scale = side / max(width, height)
    style = f"width:{round(width * scale)}px;height:{round(height * scale)}px;image-rendering:pixelated;display:block"
    return f'<img src="{url}" alt="{write_text(label)}" style="{style};margin:0 auto">'


def encode_png(pixels: bytes, width: int, height: int, channels: int) -> bytes:
    """Encode a picture as PNG, with 8 bits for each of its channels.

    One channel is grey; three are red, green and blue, and a fourth is the opacity.
    """

    def build_chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    row = width * channels
    lines = b"".join(b"\0" + pixels[i * row : (i + 1) * row] for i in range(height))  # 0: no filter
    header = struct.pack(">IIBBBBB", width, height, 8, {1: 0, 3: 2, 4: 6}[channels], 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(build_chunk(*chunk) for chunk in chunks)
