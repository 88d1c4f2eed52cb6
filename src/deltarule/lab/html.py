"""HTML for the pages: images, bars and feature maps."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from deltarule.plotting.pixels import paint_grey, paint_signed, tile

if TYPE_CHECKING:
    from deltarule.digit_strings import Reading

MOST_MAPS = 64
"""The most maps of a layer that are shown."""


def render_image(pixels: np.ndarray, side: int, alt: str, top: float | None = None) -> str:
    """Render grey pixels, 0 for paper to ``top`` for ink, ``side`` CSS pixels wide, with the text ``alt``."""
    return _render_png(paint_grey(pixels, top), side, alt)


def render_signed(values: np.ndarray, side: int, alt: str) -> str:
    """Render values as an image: orange below 0, white at 0, blue above."""
    return _render_png(paint_signed(values), side, alt)


def render_input(pixels: np.ndarray, top: float) -> str:
    """Render the network's input image, 0 for paper to ``top`` for ink, with a caption."""
    height, width = pixels.shape[:2]
    return (
        f'<figure class="lab-figure">{render_image(pixels, 168, "the drawing as the network sees it", top)}'
        f"<figcaption>the network's input: {height} × {width} pixels</figcaption></figure>"
    )


def render_probabilities(probabilities: np.ndarray, names: Sequence[str]) -> str:
    """Render a bar for each class, the most probable highlighted, below the answer."""
    best = int(np.argmax(probabilities))
    certain = float(probabilities[best]) > 1.5 / len(probabilities)
    rows = "".join(
        f'<tr{" class=lab-best" if certain and i == best else ""}><th scope="row">{escape(name)}</th>'
        f'<td><span style="width:{100 * p:.1f}%"></span></td><td>{100 * p:.1f} %</td></tr>'
        for i, (name, p) in enumerate(zip(names, probabilities, strict=True))
    )
    reading = f"<strong>{escape(names[best])}</strong>" if certain else "–"
    return (
        f'<div class="lab-reading" aria-live="polite">{reading}</div>'
        f'<table class="lab-bars"><caption>probability of each answer</caption>{rows}</table>'
    )


def render_reading(pixels: np.ndarray | None, reading: Reading | str) -> str:
    """Render the reading of a row of digits: the number, a box for each digit, other readings; or the problem."""
    if pixels is None or isinstance(reading, str):
        return f'<div class="lab-reading" aria-live="polite">–</div><p>{escape(str(reading))}</p>'
    from deltarule.digit_strings.recognition import UNKNOWN

    height, width = pixels.shape
    boxes = "".join(
        f"<span{' class=lab-none' * (digit.label == UNKNOWN)} "
        f'style="left:{100 * left / width:.1f}%;top:{100 * top / height:.1f}%;'
        f'width:{100 * (right - left) / width:.1f}%;height:{100 * (bottom - top) / height:.1f}%">'
        f"<b>{'no digit' if digit.label == UNKNOWN else escape(digit.label)}</b></span>"
        for digit in reading.digits
        for top, left, bottom, right in [digit.box]
    )
    others = ", ".join(f"{escape(text)} {100 * p:.1f} %" for text, p in reading.others)
    return (
        f'<div class="lab-reading" aria-live="polite"><strong>{escape(reading.text)}</strong></div>'
        f'<div class="lab-cut">{render_image(pixels, width, "the row that was drawn", 255)}{boxes}</div>'
        f"<p>{100 * reading.probability:.1f} % probability for this number{'; next: ' * bool(others)}{others}</p>"
    )


def render_change(
    pixels: np.ndarray, gradient: np.ndarray, moved: np.ndarray, steps: int | None, answer: str, top: float
) -> str:
    """Render the drawing, the gradient towards another answer, and the changed drawing; ``top`` is ink."""
    after = f"after {steps} gradient steps it is read as a {answer}" if steps else f"it is read as a {answer}"
    if steps is None:
        after = f"after many gradient steps it is still not read as a {answer}"
    cells = (
        (render_image(pixels, 168, "the drawing", top), "the drawing"),
        (render_signed(gradient, 168, "the gradient"), f"towards {answer}: blue means more ink, orange means less"),
        (render_image(moved, 168, "the drawing, changed", top), after),
    )
    return '<div class="lab-row">' + "".join(
        f'<figure class="lab-figure">{picture}<figcaption>{escape(caption)}</figcaption></figure>'
        for picture, caption in cells
    ) + "</div>"  # fmt: skip


def mark_live(html: str) -> str:
    """Mark HTML that updates often, so that marimo does not dim it while its cell runs."""
    return f'<div class="lab-live">{html}</div>'


def render_activations(layers: Sequence[tuple[str, np.ndarray]]) -> str:
    """Render each layer's output: maps as images, neurons as a strip."""
    return "".join(f"<h3>{escape(name)}</h3>{_render_layer(name, values)}" for name, values in layers)


def render_tiles(images: np.ndarray, side: int, alt: str, below: bool) -> str:
    """Render images (n, height, width) as one image, in even rows of up to 16, all in the same scale of colours.

    Each image becomes about ``side`` CSS pixels wide. ``below`` says that some values are below 0. A browser draws
    one large image many times faster than many small ones.
    """
    painted = paint_signed(images) if below else np.repeat(paint_grey(images)[..., None], 3, axis=-1)
    sheet = tile(painted, max(1, side // images.shape[2]))
    return _render_png(sheet, sheet.shape[1], alt)


def _render_layer(name: str, values: np.ndarray) -> str:
    below = bool(values.min() < 0)
    if values.ndim == 3:
        maps = np.moveaxis(values, -1, 0)[:MOST_MAPS]
        return f'<div class="lab-strip">{render_tiles(maps, 56, f"{len(maps)} maps after {name}", below)}</div>'
    strip = (render_signed if below else render_image)(
        values.reshape(1, -1), max(168, min(640, 16 * values.size)), f"{values.size} neurons after {name}"
    )
    return f'<div class="lab-strip">{strip}</div>'


def _render_png(pixels: np.ndarray, side: int, alt: str) -> str:
    from PIL import Image

    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    data = base64.b64encode(file.getvalue()).decode()
    height = max(12, round(side * pixels.shape[0] / pixels.shape[1]))
    size = f'width="{side}" height="{height}"'
    return f'<img class="lab-image" src="data:image/png;base64,{data}" {size} alt="{escape(alt)}">'
