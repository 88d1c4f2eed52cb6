"""Names of the classes that a model predicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deltarule.data.encodings import OneVsRest

if TYPE_CHECKING:
    from deltarule.models.predictor import Predictor


def name_class(model: Predictor, label: int) -> str:
    """Return the name of a class, or its number if it has none.

    With ``OneVsRest(9)`` label 1 is "9", and 0 "not 9"; of two classes, 0 is the other one.
    """
    classes = model.classes
    if isinstance(encoding := model.encoding, OneVsRest):
        own = classes[encoding.label] if encoding.label < len(classes) else str(encoding.label)
        other = classes[1 - encoding.label] if len(classes) == 2 else f"not {own}"
        return own if label else other
    return classes[label] if label < len(classes) else str(label)
