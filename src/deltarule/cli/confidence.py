"""The confidence of a run's model, fitted to its validation set when the training is done."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deltarule.data import Source
    from deltarule.models import Predictor


def keep_confidence(folder: Path, model: Predictor, found: Source) -> Predictor:
    """Fit the confidence of a run's model to its validation set, and write it into the run's model file.

    A run that was also trained on its validation set, or has none, keeps its model as it is.
    """
    from deltarule.data.split import has_validation, is_split
    from deltarule.models import Ensemble, Model, calibrate, files
    from deltarule.models.loading import read_content
    from deltarule.training.runs import read_notes

    assert isinstance(model, Model | Ensemble)
    if read_notes(folder).get("with_validation") or not is_split(found.data) or not has_validation(found.data):
        return model
    calibrated = calibrate(model, found.data[1])
    if calibrated.confidence is not None:
        tensors, description = read_content(folder)
        files.write(folder / files.MODEL_FILE, tensors, {**description, "confidence": asdict(calibrated.confidence)})
    return calibrated
