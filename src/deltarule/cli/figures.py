"""Figures of a model: its learning curves, its confusion matrix, and the images it misclassifies."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from deltarule import plotting
from deltarule.cli.labels import name_class
from deltarule.data.dataset import Dataset
from deltarule.errors import FileError
from deltarule.models.predictor import Predictor

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def has_images(dataset: Dataset) -> bool:
    """Return whether the examples can be shown as images, (height, width) or with colours last."""
    shape = dataset.x.shape[1:]
    return len(shape) == 2 or (len(shape) == 3 and shape[2] in (1, 3, 4))


def draw_misclassified(model: Predictor, dataset: Dataset) -> Figure:
    """Draw the images that the model misclassifies, the most confident mistakes first."""
    predictions, labels = model.predict(dataset), model.preprocessing.find_labels(dataset)
    wrong = np.flatnonzero(predictions != labels)
    probabilities = model.predict_proba(dataset.take(wrong))
    x = dataset.x[wrong]
    return plotting.plot_misclassified(
        x if x.ndim == 3 else x / dataset.white,
        [name_class(model, label) for label in labels[wrong]],
        [name_class(model, label) for label in predictions[wrong]],
        probabilities.max(axis=1),
        len(dataset),
    )


def draw_predictions(model: Predictor, dataset: Dataset) -> Figure:
    """Draw the predicted against the true numbers of a target."""
    names = model.preprocessing.schema.targets if model.preprocessing.schema else ()
    return plotting.plot_predictions(dataset.y, model.predict(dataset), names, dataset.name)


def draw_confusion(model: Predictor, dataset: Dataset, counts: np.ndarray) -> Figure:
    """Draw the confusion matrix, with the accuracy as its title."""
    title = f"{dataset.name}: {100 * counts.trace() / counts.sum():.2f} % right"
    return plotting.plot_confusion(counts, model.classes, title)


def draw_curves(model: Predictor, title: str) -> Figure:
    """Draw the learning curves of one run."""
    has_penalty = model.settings.get("regularizer") is not None and "training_cost" in model.history.names
    cost = "cost (of training with its regularization)" if has_penalty else "cost"
    return plotting.plot_curves({"": model.history.records}, title, cost)


def save_figures(figures: Mapping[str, Figure], run: Path, folder: Path | None) -> list[Path]:
    """Save figures by their names in ``folder``, or in that of the run.

    Raises :class:`FileError`, with the option as its remedy, if they cannot be saved.
    """
    target = folder or (run if run.is_dir() else run.parent)
    try:
        return [plotting.save_figure(figure, target / name) for name, figure in figures.items()]
    except FileError as error:
        raise error.with_fields(remedy="name another folder with --pictures") from None
