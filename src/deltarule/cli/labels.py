"""The labels that a model predicts, in words."""

from __future__ import annotations

from typing import Any

import numpy as np

from deltarule.data.encodings import OneVsRest
from deltarule.models.labels import name_class
from deltarule.models.predictor import Predictor


def format_label(model: Predictor, label: Any) -> str:
    """Return a predicted label in words: the name of a class, or a number."""
    is_class = isinstance(model.encoding, OneVsRest) or isinstance(label, np.integer)
    return name_class(model, int(label)) if is_class else f"{label:.4g}"
