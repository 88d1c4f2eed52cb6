"""The pictures that several commands make of a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from deltarule import figures
from deltarule.data.dataset import Dataset
from deltarule.models.model import Model

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def misread_sheet(model: Model, dataset: Dataset, most: int = 40) -> Figure:
    """The examples that the model misreads with most conviction, the worst first."""
    x = dataset.x.reshape(len(dataset), *dataset.x.shape[1:])
    chances = model.probabilities(x)
    read, labels = model.predictions(dataset), dataset.labels
    wrong = np.flatnonzero(read != labels)
    worst = wrong[np.argsort(-chances[wrong].max(axis=1), kind="stable")][:most]
    captions = [f"{_name(model, labels[i])} read as {_name(model, read[i])}" for i in worst]
    shown = f"the {len(worst)} misread with most conviction" if len(wrong) > most else "all of them"
    return figures.digits(x[worst], captions, f"{len(wrong)} of {len(dataset):,} misread; {shown}")


def confusion_table(model: Model, dataset: Dataset) -> Figure:
    """The confusion matrix as a picture."""
    title = f"{dataset.name}: {100 * model.accuracy(dataset):.2f} % right"
    return figures.confusion(model.confusion(dataset), model.classes, title)


def folder_for(path: Path, pictures: Path | None) -> Path:
    """Where pictures of a run go: where they were asked for, else into its folder."""
    return pictures or (path if path.is_dir() else path.parent)


def _name(model: Model, label: int) -> str:
    return model.classes[label] if label < len(model.classes) else str(label)
