"""The validation examples that a network misreads while it trains."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from time import perf_counter

import numpy as np

from deltarule.data.dataset import Dataset
from deltarule.data.encodings import OneHot
from deltarule.lab import html
from deltarule.models.labels import name_class
from deltarule.models.model import Model

MOST, FIRST = 1000, 200
"""The most validation examples that are read, and how many the first time."""

SHOWN = 24
"""The most mistakes that are shown."""

TIME = 0.3
"""The seconds that reading may take about."""

SIDE = 56
"""The width of a picture in CSS pixels."""


@dataclass(frozen=True, eq=False)
class Mistakes:
    """The predictions for some validation examples: ``confusions`` (labels, predictions) and the HTML of the worst."""

    confusions: np.ndarray
    examples: int
    html: str


class MistakeReader:
    """Reads validation examples with a model, as many as take a fraction of a second."""

    def __init__(self) -> None:
        self._examples = FIRST

    def read(self, model: Model, validation: Dataset) -> Mistakes | None:
        """Read examples and return the mistakes; None for a network that does not tell classes."""
        if not isinstance(model.encoding, OneHot) or model.encoding.n_out < 2:
            return None
        began = perf_counter()
        sample = validation.take(slice(self._examples))
        with np.errstate(all="ignore"):
            shares = np.nan_to_num(np.asarray(model.predict_proba(sample)))
        labels, predictions = model.preprocessing.find_labels(sample), shares.argmax(axis=1)
        speed = len(sample) / max(perf_counter() - began, 1e-6)
        self._examples = int(np.clip(speed * TIME, 50, MOST))
        counts = np.zeros((shares.shape[1],) * 2, int)
        np.add.at(counts, (labels, predictions), 1)
        wrong = np.flatnonzero(labels != predictions)
        worst = wrong[np.argsort(-shares[wrong, predictions[wrong]], kind="stable")][:SHOWN]
        text = _render(model, sample, worst, labels, predictions)
        caption = f"<strong>{len(wrong):,} of {len(sample):,}</strong> validation examples are misread now"
        more = f"; the {len(worst)} of which the network is most certain:" if len(worst) < len(wrong) else ":"
        return Mistakes(counts, len(sample), f"<p>{caption}{more if len(wrong) else '.'}</p>{text}")


def _render(model: Model, sample: Dataset, worst: np.ndarray, labels: np.ndarray, predictions: np.ndarray) -> str:
    """Render the mistakes: pictures with label and answer, or a list for the rows of a table."""
    pairs = [(name_class(model, int(labels[i])), name_class(model, int(predictions[i]))) for i in worst]
    if len(model.example_shape) != 2:
        rows = "".join(f"<li>{escape(label)}, read as <b>{escape(answer)}</b></li>" for label, answer in pairs)
        return f"<ul>{rows}</ul>" if rows else ""
    ink = model.preprocessing.measure_ink(sample.x[worst]) if len(worst) else ()
    figures = "".join(
        f"<figure>{html.render_image(pixels, SIDE, f'a {label}', model.scale)}"
        f"<figcaption>{escape(label)} → <b>{escape(answer)}</b></figcaption></figure>"
        for pixels, (label, answer) in zip(ink, pairs, strict=True)
    )
    return f'<div class="mistakes">{figures}</div>' if figures else ""
