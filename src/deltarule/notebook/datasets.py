"""Data sets in a notebook: a grid of images, or the first rows of a table."""

from __future__ import annotations

from typing import Any

import numpy as np

from deltarule.notebook.markup import GREY, count, write_box, write_picture, write_table, write_text, write_title

IMAGES, ROWS, COLUMNS, CLASSES = 20, 6, 10, 12
"""The most images, rows, columns and classes that are shown."""

SIDE = 96
"""The largest side of an image in pixels; of larger ones, rows and columns are left out."""


def write_dataset(data: Any) -> str:
    """Write a data set as HTML: its size, the classes with their counts, and examples."""
    shape = data.x.shape[1:]
    size = "×".join(map(str, shape)) if len(shape) > 1 else count(shape[0] if shape else 1, "number")
    parts = [write_title(f"Dataset {data.name}", f"{count(len(data), 'example')} of {size}, {data.x.dtype}")]
    if counts := _count_classes(data):
        parts.append(f'<div style="opacity:.75;overflow-wrap:anywhere">classes: {write_text(counts, 300)}</div>')
    if data.x.size:
        parts.append(_write_grid(data) if _has_images(data.x) else _write_rows(data))
    return write_box(*parts)


def _has_images(x: np.ndarray) -> bool:
    return x.ndim == 3 or (x.ndim == 4 and x.shape[3] in (1, 3, 4))


def _name_label(data: Any, i: int) -> str:
    label = data.y[i]
    if data.y.ndim == 1 and data.y.dtype.kind in "iu" and 0 <= label < len(data.classes):
        return str(data.classes[label])
    return ", ".join(map(_format_number, np.atleast_1d(label).tolist()))


def _count_classes(data: Any) -> str:
    if data.y.ndim != 1 or data.y.dtype.kind not in "iu" or not len(data):
        return ""
    labels, firsts, counts = np.unique(data.y, return_index=True, return_counts=True)
    shown = [f"{_name_label(data, i)} ({n:,})" for i, n in zip(firsts[:CLASSES], counts, strict=False)]
    return ", ".join(shown) + (f" and {len(labels) - CLASSES} more" if len(labels) > CLASSES else "")


def _choose_examples(data: Any) -> list[int]:
    """Choose the first examples of each class in turn, or simply the first ones."""
    if data.y.ndim != 1 or data.y.dtype.kind not in "iu":
        return list(range(min(IMAGES, len(data))))
    labels = np.unique(data.y)[:IMAGES]
    places = [np.flatnonzero(data.y == label)[:IMAGES].tolist() for label in labels]
    turns = [one[k] for k in range(IMAGES) for one in places if k < len(one)]
    return turns[:IMAGES]


def _write_grid(data: Any) -> str:
    """Write images with their labels; all are scaled alike, from the smallest to the largest value of those shown."""
    chosen = _choose_examples(data)
    step = -(-max(data.x.shape[1:3]) // SIDE)
    images = np.asarray(data.x[chosen][:, ::step, ::step], np.float64)
    images = images.reshape(*images.shape[:3], -1)
    low, high = min(float(images.min()), 0.0), max(float(images.max()), data.white)
    pixels = np.rint((images - low) * (255 / max(high - low, 1e-300))).clip(0, 255).astype(np.uint8)
    cells = [_write_example(one, _name_label(data, i)) for one, i in zip(pixels, chosen, strict=True)]
    return f'<div style="display:flex;flex-wrap:wrap;gap:6px;margin:6px 0;max-width:700px">{"".join(cells)}</div>'


def _write_example(image: np.ndarray, label: str) -> str:
    height, width, channels = image.shape
    picture = write_picture(image.tobytes(), width, height, channels, label)
    style = f"border:1px solid {GREY};padding:3px;text-align:center;width:56px;overflow:hidden"
    return f'<div style="{style}">{picture}<div style="font-size:12px">{write_text(label, 9)}</div></div>'


def _write_rows(data: Any) -> str:
    """Write the first rows of a table, or of other examples as rows of numbers."""
    x = data.x[:ROWS].reshape(min(ROWS, len(data)), -1)
    columns = data.schema.columns[:COLUMNS] if data.schema is not None else ()
    names = [one.name for one in columns] or [str(i) for i in range(min(COLUMNS, x.shape[1]))]
    targets = list(data.schema.targets) if data.schema is not None else []
    more = ["…"] if x.shape[1] > COLUMNS else []
    rows = []
    for i, row in enumerate(x):
        words = [one.words for one in columns] or [()] * len(names)
        cells = [_format_value(value, known) for value, known in zip(row, words, strict=False)]
        rows.append([*(write_text(cell) for cell in cells), *more, f"<b>{write_text(_name_label(data, i))}</b>"])
    numbers = [i for i in range(len(names)) if not (columns and columns[i].words)]
    return write_table([*names, *more, ", ".join(targets) or "label"], rows, numbers)


def _format_value(value: Any, words: tuple[str, ...]) -> str:
    if np.isnan(value):
        return "–"
    return words[int(value)] if words and 0 <= value < len(words) else _format_number(value)


def _format_number(value: Any) -> str:
    """Format a number; a whole one with all its digits, up to 15."""
    return str(int(value)) if value == np.rint(value) and abs(value) < 1e15 else f"{value:g}"
