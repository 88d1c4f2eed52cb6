"""Compression of the report's figures: short SVG within the page, small PNG files beside the Markdown."""

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
"""Characters of an SVG from which on an image of dots says the same in less."""

DOTS = 130
"""Dots an inch: twice what a phone shows across, and enough for print at half the width of a page."""

COLOURS = 128
"""Colours of a picture's palette: those of the curves, and enough between them for smooth edges."""


def embed(figure: Figure, name: str, says: str) -> Markup:
    """Return the figure as an element of a page, ``name`` before each of its ids; ``says`` describes it in words."""
    text = compress_svg(figure, name)
    if len(text) > LARGE:
        data = b64encode(compress_png(figure)).decode()
        return Markup('<img src="data:image/png;base64,{}" alt="{}">').format(data, says)
    return Markup(text.replace("<svg ", Markup('<svg role="img" aria-label="{}" ').format(says), 1))


def compress_svg(figure: Figure, name: str) -> str:
    """Return the figure as SVG without prolog and metadata, so that nothing in it leads elsewhere."""
    text = render_svg(figure, name, {"svg.fonttype": "path"})
    text = text[text.index("<svg ") :]
    text = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'(xlink:href="#|url\(#)', rf"\g<1>{name}-", text)
    text = re.sub(r'(<svg [^>]*?) height="[^"]*"', r"\1", text, count=1)  # its width decides
    text = re.sub(r'\b(d|x|y|points)="[^"]*"|translate\([^)]*\)', lambda found: _shorten(found[0]), text)
    return re.sub(r"\s*\n\s*", "\n", text).strip()


def _shorten(numbers: str) -> str:
    """Cut coordinates to a hundredth of a point."""
    return re.sub(r"(\.\d\d)\d+", r"\1", numbers)


def compress_png(figure: Figure) -> bytes:
    """Return the figure as a PNG with a palette."""
    from PIL import Image

    drawn, written = BytesIO(), BytesIO()
    figure.savefig(drawn, format="png", dpi=DOTS)
    Image.open(drawn).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(written, "png", optimize=True)
    return written.getvalue()
