"""The weights of a first layer as images, for the page Train."""

from __future__ import annotations

import numpy as np

from deltarule.lab import html
from deltarule.models.model import Model

MOST_WEIGHTS = 40
"""The most neurons or maps whose weights are shown."""


def render_first_weights(model: Model | None, name: str = "") -> str:
    """Render the first layer's weights as images, blue above 0, orange below; ``name`` is the name of the run."""
    if model is None:
        return ""
    w = next((np.asarray(layer["w"]) for layer in model.params if "w" in layer), None)
    if w is None:
        return ""
    side = model.example_shape[:2]
    if w.ndim == 4:  # maps, rows, columns, channels
        images = w[..., 0]
    elif len(side) == 2 and w.shape[1] == int(np.prod(side)):
        images = w.reshape(-1, *side)
    else:
        images = w[:, None, :]
    images = images[:MOST_WEIGHTS]
    images = images / np.maximum(np.abs(images).max(axis=(1, 2), keepdims=True), 1e-12)  # by the largest of each
    return (
        f'<p class="lab-status"><strong>The first layer\'s weights</strong>{f" in {name}" if name else ""}: '
        "blue above 0, orange below</p>"
        f'<div class="lab-strip">{html.render_tiles(images, 64, "weights of the first neurons", below=True)}</div>'
    )
