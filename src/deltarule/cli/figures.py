"""Figures of a model: its learning curves, its confusion matrix, and the images it misclassifies."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from deltarule import plotting
from deltarule.data.dataset import Dataset
from deltarule.errors import FileError
from deltarule.models.predictor import Predictor

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_predictions(model: Predictor, dataset: Dataset) -> Figure:
    """Draw the predicted against the true numbers of a target."""
    names = model.preprocessing.schema.targets if model.preprocessing.schema else ()
    return plotting.plot_predictions(dataset.y, model.predict(dataset), names, dataset.name)


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
