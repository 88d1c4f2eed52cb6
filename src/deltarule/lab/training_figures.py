"""Figures of running networks for the page Train: learning curves, gradient norms, first-layer weights."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from deltarule.lab import html
from deltarule.lab.learner import Seen, by_epoch
from deltarule.lab.progress import paced
from deltarule.models.model import Model
from deltarule.plotting import COLOURS

MOST_WEIGHTS = 40
"""Neurons or maps whose weights are shown."""


def plot_curves(runs: Mapping[str, Seen]) -> str:
    """Plot accuracy and cost by epoch of one or two runs, training dashed and validation not."""
    figure, (left, right) = html.new_figure(1, 2, (9, 3.4))
    for (name, seen), colour in zip(runs.items(), COLOURS, strict=False):
        for what, axes, factor in (("accuracy", left, 100), ("cost", right, 1)):
            for source, line in (("validation", "-"), ("training", "--")):
                epochs, values = by_epoch(seen.records, f"{source}_{what}")
                label = f"{name}, {paced(seen.paces)}: {source}" if name else source
                label = label if what == "accuracy" and epochs else ""
                axes.plot(epochs, factor * np.asarray(values), line, color=colour, label=label, marker=_mark(epochs))
    html.label_axes(left, "epoch", "accuracy in %")
    html.label_axes(right, "epoch", "cost")
    right.set_ylim(bottom=0)
    for axes in (left, right):
        axes.xaxis.get_major_locator().set_params(integer=True)
    return html.plotted(figure)


def plot_gradient_norms(runs: Mapping[str, Seen]) -> str:
    """Plot ‖∂C/∂b‖ of each layer that learns, by epoch, on a logarithmic axis (chapter 5)."""
    figure, axes = html.new_figure(1, 1, (9, 2.6))
    for (name, seen), line in zip(runs.items(), ("-", "--"), strict=False):
        epochs, norms = by_epoch(seen.records, "gradient_norms")
        for layer, values in enumerate(np.asarray(norms, float).T):
            label = f"{name}: layer {layer + 1}" if name else f"layer {layer + 1}"
            axes.plot(epochs, values, line, color=COLOURS[layer % 7], label=label, marker=_mark(epochs))
    if axes.lines:
        axes.set_yscale("log")
    html.label_axes(axes, "epoch", "‖∂C/∂b‖")
    axes.xaxis.get_major_locator().set_params(integer=True)
    return html.plotted(figure)


def show_first_weights(model: Model | None, name: str = "") -> str:
    """Show the weights of the first layer that has any as images: blue above 0, orange below; ``name`` says whose."""
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
    images = images / np.maximum(np.abs(images).max(axis=(1, 2), keepdims=True), 1e-12)  # each by its own largest
    return (
        f'<p class="lab-status"><strong>The first layer\'s weights</strong>{f" in {name}" if name else ""}: '
        "blue above 0, orange below</p>"
        f'<div class="lab-strip">{html.tiles(images, 64, "the weights of the first neurons", below=True)}</div>'
    )


def _mark(epochs: list[int]) -> str:
    return "o" if len(epochs) < 10 else ""
