"""Figures of runs for the page Train: learning curves, gradient norms, first-layer weights."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from deltarule.lab import html
from deltarule.lab.learner import Snapshot, select_by_epoch
from deltarule.lab.progress import format_rates
from deltarule.models.model import Model
from deltarule.plotting import COLOURS

MOST_WEIGHTS = 40
"""The most neurons or maps whose weights are shown."""


def plot_curves(runs: Mapping[str, Snapshot]) -> str:
    """Plot accuracy and cost by epoch, from 1, of one or two runs: solid for validation, dashed for training data.

    For targets of numbers R² is plotted instead of the accuracy.
    """
    figure, (left, right) = html.new_figure(1, 2, (9, 3.4))
    has_r2 = any("validation_r2" in record for snapshot in runs.values() for record in snapshot.records)
    score, unit = ("r2", 1) if has_r2 else ("accuracy", 100)
    for (name, snapshot), colour in zip(runs.items(), COLOURS, strict=False):
        for figure_name, axes, factor in ((score, left, unit), ("cost", right, 1)):
            for source, line in (("validation", "-"), ("training", "--")):
                epochs, values = select_by_epoch(snapshot.records, f"{source}_{figure_name}")
                label = f"{name}, {format_rates(snapshot.rates)}: {source}" if name else source
                label = label if figure_name == score and epochs else ""
                marker = _choose_marker(epochs)
                axes.plot(epochs, factor * np.asarray(values), line, color=colour, label=label, marker=marker)
    html.label_axes(left, "epoch", "R²" if has_r2 else "accuracy in %")
    html.label_axes(right, "epoch", "cost")
    right.set_ylim(bottom=0)
    for axes in (left, right):
        axes.xaxis.get_major_locator().set_params(integer=True)
    return html.render_figure(figure)


def plot_gradient_norms(runs: Mapping[str, Snapshot]) -> str:
    """Plot ‖∂C/∂b‖ of each layer with weights by epoch, from 1, on a logarithmic axis (chapter 5)."""
    figure, axes = html.new_figure(1, 1, (9, 2.6))
    for (name, snapshot), line in zip(runs.items(), ("-", "--"), strict=False):
        epochs, norms = select_by_epoch(snapshot.records, "gradient_norms")
        for layer, values in enumerate(np.asarray(norms, float).T):
            label = f"{name}: layer {layer + 1}" if name else f"layer {layer + 1}"
            axes.plot(epochs, values, line, color=COLOURS[layer % 7], label=label, marker=_choose_marker(epochs))
    if axes.lines:
        axes.set_yscale("log")
    html.label_axes(axes, "epoch", "‖∂C/∂b‖")
    axes.xaxis.get_major_locator().set_params(integer=True)
    return html.render_figure(figure)


def render_first_weights(model: Model | None, name: str = "") -> str:
    """Render the first layer's weights as images, blue above 0, orange below; ``name`` is the name of the run."""
    if model is None:
        return ""
    w = next((np.asarray(layer["w"]) for layer in model.params if "w" in layer), None)
    if w is None:
        return ""
    side = model.example_shape[:2]
    if w.ndim == 4:  # maps, rows, columns, channels
        images = w[..., 0]
    elif len(side) == 2 and w.shape[1] == int(np.prod(side)):
        images = w.reshape(-1, *side)
    else:
        images = w[:, None, :]
    images = images[:MOST_WEIGHTS]
    images = images / np.maximum(np.abs(images).max(axis=(1, 2), keepdims=True), 1e-12)  # by the largest of each
    return (
        f'<p class="lab-status"><strong>The first layer\'s weights</strong>{f" in {name}" if name else ""}: '
        "blue above 0, orange below</p>"
        f'<div class="lab-strip">{html.render_tiles(images, 64, "weights of the first neurons", below=True)}</div>'
    )


def _choose_marker(epochs: list[int]) -> str:
    return "o" if len(epochs) < 10 else ""
