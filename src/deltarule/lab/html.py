"""What pages show, in HTML: images, bars, feature maps; and the figures of the lessons."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from deltarule.plotting import label_axes, new_figure, plot_band, render_svg
from deltarule.plotting.pixels import paint_grey, paint_signed, tile

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from deltarule.digit_strings import Reading

__all__ = [
    "activations",
    "bars",
    "image",
    "label_axes",
    "live",
    "new_figure",
    "plot_band",
    "plotted",
    "row",
    "seen",
    "signed",
    "tiles",
    "wish",
]

WIDE = 700
"""CSS pixels from which a plot is pushed aside on a narrow page, rather than shrunk."""

MOST_MAPS = 64
"""Maps of a layer that are shown."""


def render_figure(figure: Figure) -> str:
    """A figure on a light card of its own, in dark pages too; its axes in words for those who do not see it."""
    data = base64.b64encode(render_svg(figure).encode()).decode()
    said = "; ".join(f"{axes.get_ylabel()} by {axes.get_xlabel()}" for axes in figure.axes if axes.get_xlabel())
    width = round(96 * figure.get_figwidth())
    image = f'<img src="data:image/svg+xml;base64,{data}" width="{width}" alt="{escape(said)}">'
    return f'<div class="lab-plot{" lab-wide" * (width > WIDE)}">{image}</div>'


def render_image(pixels: np.ndarray, side: int, what: str, top: float | None = None) -> str:
    """Grey pixels from 0 (paper) to ``top`` (ink) as an image ``side`` CSS pixels wide; ``what`` says it in words."""
    return _png(paint_grey(pixels, top), side, what)


def render_signed(values: np.ndarray, side: int, what: str) -> str:
    """Values around 0: orange below, white at 0, blue above."""
    return _png(paint_signed(values), side, what)


def render_input(pixels: np.ndarray, top: float) -> str:
    """The image as the network sees it, from 0 (paper) to ``top`` (ink)."""
    height, width = pixels.shape[:2]
    return (
        f'<figure class="lab-figure">{render_image(pixels, 168, "the drawing as the network sees it", top)}'
        f"<figcaption>what it sees: {height} × {width} pixels</figcaption></figure>"
    )


def render_probabilities(probabilities: np.ndarray, names: Sequence[str]) -> str:
    """A bar a class, the likeliest marked."""
    best = int(np.argmax(probabilities))
    certain = float(probabilities[best]) > 1.5 / len(probabilities)
    rows = "".join(
        f'<tr{" class=lab-best" if certain and i == best else ""}><th scope="row">{escape(name)}</th>'
        f'<td><span style="width:{100 * share:.1f}%"></span></td><td>{100 * share:.1f} %</td></tr>'
        for i, (name, share) in enumerate(zip(names, probabilities, strict=True))
    )
    reading = f"<strong>{escape(names[best])}</strong>" if certain else "–"
    return (
        f'<div class="lab-reading" aria-live="polite">{reading}</div>'
        f'<table class="lab-bars"><caption>probability of each answer</caption>{rows}</table>'
    )


def render_reading(pixels: np.ndarray | None, reading: Reading | str) -> str:
    """What is read in a row of digits, where each of them was found, and what comes next; or why nothing is read."""
    if pixels is None or isinstance(reading, str):
        return f'<div class="lab-reading" aria-live="polite">–</div><p>{escape(str(reading))}</p>'
    height, width = pixels.shape
    boxes = "".join(
        f'<span style="left:{100 * left / width:.1f}%;top:{100 * top / height:.1f}%;'
        f'width:{100 * (right - left) / width:.1f}%;height:{100 * (bottom - top) / height:.1f}%">'
        f"<b>{escape(digit.label)}</b></span>"
        for digit in reading.digits
        for top, left, bottom, right in [digit.box]
    )
    others = ", ".join(f"{escape(text)} {100 * share:.1f} %" for text, share in reading.others)
    return (
        f'<div class="lab-reading" aria-live="polite"><strong>{escape(reading.text)}</strong></div>'
        f'<div class="lab-cut">{render_image(pixels, width, "the row that was drawn", 255)}{boxes}</div>'
        f"<p>{100 * reading.probability:.1f} % of all that could stand here{'; then ' * bool(others)}{others}</p>"
    )


def render_change(
    pixels: np.ndarray, gradient: np.ndarray, moved: np.ndarray, steps: int | None, answer: str, top: float
) -> str:
    """The drawing, the gradient towards another answer, and the drawing moved along it; ``top`` is ink."""
    after = f"moved along it for {steps} steps, it is read as a {answer}" if steps else f"it is read as a {answer}"
    if steps is None:
        after = f"even moved along it far, it is not read as a {answer}"
    cells = (
        (render_image(pixels, 168, "the drawing", top), "the drawing"),
        (render_signed(gradient, 168, "the gradient"), f"towards {answer}: blue wants ink, orange wants it gone"),
        (render_image(moved, 168, "the drawing, changed", top), after),
    )
    return '<div class="lab-row">' + "".join(
        f'<figure class="lab-figure">{picture}<figcaption>{escape(caption)}</figcaption></figure>'
        for picture, caption in cells
    ) + "</div>"  # fmt: skip


def mark_live(html: str) -> str:
    """What changes while one looks at it, and is not dimmed meanwhile."""
    return f'<div class="lab-live">{html}</div>'


def render_activations(layers: Sequence[tuple[str, np.ndarray]]) -> str:
    """Each layer's output: maps as images, neurons as a strip."""
    return "".join(f"<h3>{escape(name)}</h3>{_layer(name, values)}" for name, values in layers)


def render_tiles(images: np.ndarray, side: int, what: str, below: bool) -> str:
    """Images (n, height, width) of one scale in even rows of up to 16, as one image; ``below``: some are below 0.

    Each becomes about ``side`` CSS pixels wide. One image for all is drawn many times faster than an image for each.
    """
    painted = paint_signed(images) if below else np.repeat(paint_grey(images)[..., None], 3, axis=-1)
    sheet = tile(painted, max(1, side // images.shape[2]))
    return _png(sheet, sheet.shape[1], what)


def _layer(name: str, values: np.ndarray) -> str:
    below = bool(values.min() < 0)
    if values.ndim == 3:
        maps = np.moveaxis(values, -1, 0)[:MOST_MAPS]
        return f'<div class="lab-strip">{render_tiles(maps, 56, f"{len(maps)} maps after {name}", below)}</div>'
    strip = (render_signed if below else render_image)(
        values.reshape(1, -1), max(168, min(640, 16 * values.size)), f"{values.size} neurons after {name}"
    )
    return f'<div class="lab-strip">{strip}</div>'


def _png(pixels: np.ndarray, side: int, what: str) -> str:
    from PIL import Image

    written = BytesIO()
    Image.fromarray(pixels).save(written, "PNG")
    data = base64.b64encode(written.getvalue()).decode()
    height = max(12, round(side * pixels.shape[0] / pixels.shape[1]))
    size = f'width="{side}" height="{height}"'
    return f'<img class="lab-image" src="data:image/png;base64,{data}" {size} alt="{escape(what)}">'
