"""What the page Train draws while networks learn: curves, weights growing into shape, each layer's pace."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import numpy as np

from deltarule.figures import COLOURS
from deltarule.lab import show
from deltarule.lab.learner import Learner, Seen, by_epoch
from deltarule.models.model import Model

MOST_WEIGHTS = 40
"""Neurons or maps whose weights are shown."""


def reached(runs: Sequence[Learner], seen: Sequence[Seen]) -> tuple[tuple[int, int, bool], ...]:
    """What decides whether curves are drawn anew: which runs, their epochs, and whether there is a model yet.

    Of many epochs every tenth part is drawn while it learns, and all once it rests: drawing takes longer than
    a small network's epoch.
    """
    return tuple((id(run), _epochs(one), one.model is not None) for run, one in zip(runs, seen, strict=True))


def _epochs(seen: Seen) -> int:
    n = len(seen.records)
    part = 10 ** max(len(str(n)) - 2, 0)
    return n if seen.status != "learning" else n - n % part


def saved(model: Model) -> bytes:
    """The model's file, as its bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        model.save(path)
        return path.read_bytes()


def status(seen: Seen, learner: Learner) -> str:
    """A line on where it is."""
    if seen.problem:
        return f'<p class="lab-problem" role="alert">{escape(seen.problem)}</p>'
    pace, best = learner.pace, max((r["validation_accuracy"] for r in seen.records), default=None)
    words = [
        f"<strong>{seen.status}</strong>",
        f"epoch {seen.epoch + 1}, {seen.steps:,} mini-batches" if seen.steps else "getting ready",
        f"{seen.rate:,.0f} examples/s" if seen.status == "learning" else "",
        f"η {pace.eta:g}, λ {pace.lmbda:g}",
        "" if best is None else f"best validation {100 * best:.2f} %",
    ]
    return f'<p class="lab-status" aria-live="off">{" · ".join(filter(None, words))}</p>'


def curves(runs: Mapping[str, Seen]) -> str:
    """Accuracy and cost by epoch of one or two runs, training dashed and validation not."""
    figure, (left, right) = show.figure(1, 2, (9, 3.4))
    for (name, seen), colour in zip(runs.items(), COLOURS, strict=False):
        for what, axes, factor in (("accuracy", left, 100), ("cost", right, 1)):
            for source, line in (("validation", "-"), ("training", "--")):
                epochs, values = by_epoch(seen.records, f"{source}_{what}")
                label = (f"{name}: {source}" if len(runs) > 1 else source) if what == "accuracy" else None
                axes.plot(epochs, factor * np.asarray(values), line, color=colour, label=label, marker=_mark(epochs))
    show.named(left, "epoch", "accuracy in %")
    show.named(right, "epoch", "cost")
    right.set_ylim(bottom=0)
    for axes in (left, right):
        axes.xaxis.get_major_locator().set_params(integer=True)
    return show.plotted(figure)


def gradients(runs: Mapping[str, Seen]) -> str:
    """‖∂C/∂b‖ of each layer that learns, by epoch, on a logarithmic axis (chapter 5)."""
    figure, axes = show.figure(1, 1, (9, 2.6))
    for (name, seen), line in zip(runs.items(), ("-", "--"), strict=False):
        epochs, norms = by_epoch(seen.records, "gradient_norms")
        for layer, values in enumerate(np.asarray(norms, float).T):
            label = f"{name}: layer {layer + 1}" if len(runs) > 1 else f"layer {layer + 1}"
            axes.plot(epochs, values, line, color=COLOURS[layer % 7], label=label, marker=_mark(epochs))
    if axes.lines:
        axes.set_yscale("log")
    show.named(axes, "epoch", "‖∂C/∂b‖")
    axes.xaxis.get_major_locator().set_params(integer=True)
    return show.plotted(figure)


def first_weights(model: Model | None) -> str:
    """The weights of the first layer that has any, as images: blue above 0, orange below."""
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
        '<p class="lab-status"><strong>The first layer\'s weights</strong>: blue above 0, orange below</p>'
        f'<div class="lab-strip">{show.tiles(images, 64, "the weights of the first neurons", below=True)}</div>'
    )


def _mark(epochs: list[int]) -> str:
    return "o" if len(epochs) < 10 else ""
