"""Compression of the report's figures: SVG within the page, PNG files beside the Markdown."""

from __future__ import annotations

import re
from base64 import b64encode
from io import BytesIO
from typing import TYPE_CHECKING

from markupsafe import Markup

from deltarule.plotting import render_svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LARGE = 150_000
"""The length of an SVG in characters above which a PNG is smaller."""

DOTS = 130
"""The resolution of PNG figures in dots per inch: sharp on phones and in print at half the width of a page."""

COLOURS = 128
"""The number of colours of a PNG's palette: enough for smooth edges of the curves."""


def embed(figure: Figure, name: str, description: str) -> Markup:
    """Return the figure as an HTML element; ``name`` prefixes its ids, ``description`` is its alternative text."""
    text = compress_svg(figure, name)
    if len(text) > LARGE:
        data = b64encode(compress_png(figure)).decode()
        return Markup('<img src="data:image/png;base64,{}" alt="{}">').format(data, description)
    return Markup(text.replace("<svg ", Markup('<svg role="img" aria-label="{}" ').format(description), 1))


def compress_svg(figure: Figure, name: str) -> str:
    """Return the figure as SVG without prolog, metadata and external links."""
    text = render_svg(figure, name, {"svg.fonttype": "path"})
    text = text[text.index("<svg ") :]
    text = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'(xlink:href="#|url\(#)', rf"\g<1>{name}-", text)
    text = re.sub(r'(<svg [^>]*?) height="[^"]*"', r"\1", text, count=1)  # the width alone sets its size
    text = re.sub(r'\b(d|x|y|points)="[^"]*"|translate\([^)]*\)', lambda found: _shorten(found[0]), text)
    return re.sub(r"\s*\n\s*", "\n", text).strip()


def _shorten(numbers: str) -> str:
    """Cut coordinates to two decimal places."""
    return re.sub(r"(\.\d\d)\d+", r"\1", numbers)


def compress_png(figure: Figure) -> bytes:
    """Return the figure as a PNG with a palette."""
    from PIL import Image

    full, small = BytesIO(), BytesIO()
    figure.savefig(full, format="png", dpi=DOTS)
    Image.open(full).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(small, "png", optimize=True)
    return small.getvalue()
