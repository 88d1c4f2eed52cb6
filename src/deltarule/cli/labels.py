"""The labels that a model predicts, in words."""

from __future__ import annotations

from typing import Any

import numpy as np

from deltarule.data.encodings import OneVsRest
from deltarule.models.labels import name_class
from deltarule.models.predictor import Predictor


def format_label(model: Predictor, label: Any) -> str:
    """Return a predicted label in words: the name of a class, "not" before it of one against the rest, or a number."""
    if isinstance(model.encoding, OneVsRest):
        return "not " * (not label) + name_class(model, model.encoding.label)
    return name_class(model, int(label)) if isinstance(label, np.integer) else f"{label:.4g}"
