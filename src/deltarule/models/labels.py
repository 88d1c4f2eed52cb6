"""Names of the classes that a model predicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deltarule.models.predictor import Predictor


def name_class(model: Predictor, label: int) -> str:
    """Return the name of a class, or its number if it has none."""
    return model.classes[label] if label < len(model.classes) else str(label)
