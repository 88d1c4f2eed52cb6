"""The pictures that several commands make of a model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from deltarule import figures
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import OneHot, OneVsRest
from deltarule.errors import FileError
from deltarule.models.model import Model

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def are_images(dataset: Dataset) -> bool:
    """Whether the examples are images that can be shown, (height, width) or with colours last."""
    shape = dataset.x.shape[1:]
    return len(shape) == 2 or (len(shape) == 3 and shape[2] in (1, 3, 4))


def misread_sheet(model: Model, dataset: Dataset, most: int = 40) -> Figure:
    """The examples that the model misreads with most conviction, the worst first."""
    read, labels = model.predictions(dataset), dataset.labels
    wrong = np.flatnonzero(read != labels)
    # in the units of the model's own data
    chances = model.probabilities(dataset.x[wrong] * np.float32(model.scale / dataset.scale))
    worst = wrong[np.argsort(-chances.max(axis=1), kind="stable")][:most]
    captions = [f"{name_of(model, labels[i])} read as {name_of(model, read[i])}" for i in worst]
    shown = f"the {most} misread with most conviction" if len(wrong) > most else "the surest mistakes first"
    title = f"{len(wrong):,} of {len(dataset):,} misread" + f"; {shown}" * bool(len(wrong) > 1)
    x = dataset.x[worst]
    return figures.digits(x if x.ndim == 3 else x / dataset.scale, captions, title)


def confusion_table(model: Model, dataset: Dataset, counts: np.ndarray) -> Figure:
    """The confusion matrix as a picture."""
    title = f"{dataset.name}: {100 * counts.trace() / counts.sum():.2f} % right"
    return figures.confusion(counts, model.classes, title)


def learning_curves(model: Model, title: str) -> Figure:
    """The learning curves of one run."""
    penalized = model.settings.get("regularizer") is not None and "training_cost" in model.history.names
    cost = "cost (of training with its regularization)" if penalized else "cost"
    return figures.curves({"": model.history}, title, cost)


def save_all(made: Mapping[str, Figure], run: Path, folder: Path | None) -> list[Path]:
    """Saves pictures of a run where they were asked for, else in its folder; raises :class:`FileError`."""
    target = folder or (run if run.is_dir() else run.parent)
    try:
        return [figures.save(figure, target / name) for name, figure in made.items()]
    except FileError as error:
        raise FileError(f"{error}; name another folder with --pictures") from None


def name_of(model: Model, label: int) -> str:
    """The name of a class."""
    return model.classes[label] if label < len(model.classes) else str(label)


def has_shares(model: Model) -> bool:
    """Whether it has an output for each class, and so can say how likely each is."""
    return isinstance(model.encoding, OneHot) and model.encoding.n_out > 1


def answer_of(model: Model, label: Any) -> str:
    """What a label says that the model gave: a class by its name, whether it is the one asked for, or a number."""
    if isinstance(model.encoding, OneVsRest):
        return "not " * (not label) + name_of(model, model.encoding.label)
    return name_of(model, int(label)) if isinstance(label, np.integer) else f"{label:.4g}"
