"""Names of the classes that a model predicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deltarule.data.encodings import OneVsRest

if TYPE_CHECKING:
    from deltarule.models.predictor import Predictor


def name_class(model: Predictor, label: int) -> str:
    """Return the name of a class, or its number if it has none; with ``OneVsRest(9)`` label 1 is "9", and 0 "not 9"."""
    if isinstance(encoding := model.encoding, OneVsRest) and len(model.classes) != 2:
        own = model.classes[encoding.label] if encoding.label < len(model.classes) else str(encoding.label)
        return own if label == 1 else f"not {own}"
    return model.classes[label] if label < len(model.classes) else str(label)
