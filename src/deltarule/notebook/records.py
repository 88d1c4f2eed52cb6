"""Histories, models and settings in a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from typing import Any

from deltarule.notebook.drawings import draw_curves
from deltarule.notebook.markup import count, write_box, write_table, write_text, write_title
from deltarule.notebook.networks import write_network
from deltarule.notebook.summaries import format_layer

GROUPS = {"cost": "cost", "accuracy": "accuracy", "r2": "R²"}
"""The curves that are drawn together, by the last word of their names, and the title of each drawing."""

VALIDATED = ("accuracy", "r2", "rmse", "mae", "cost")
SHOWN = ("eta", "seconds", *(f"validation_{name}" for name in VALIDATED))
"""The measurements of the last epoch that are written below the curves."""


def write_history(history: Any) -> str:
    """Write a history as HTML: curves of costs and accuracies over the epochs, and the last epoch in numbers."""
    records: Sequence[Mapping[str, Any]] = history.records
    if not records:
        return write_box(write_title("History", "no epoch yet"))
    drawings = []
    for ending, title in GROUPS.items():
        names = [name for name in history.names if name == ending or name.endswith(f"_{ending}")]
        series = {name.removesuffix(ending).rstrip("_") or ending: [r.get(name) for r in records] for name in names}
        drawings.append(draw_curves({name.replace("_", " "): values for name, values in series.items()}, title))
    last = records[-1]
    seconds = sum(record.get("seconds") or 0 for record in records)
    took = f"{seconds:.3g}" if seconds < 1000 else f"{seconds:,.0f}"
    rows = [[write_text(n.replace("_", " ")), write_text(_format_number(last[n]))] for n in SHOWN if n in last]
    return write_box(
        write_title("History", f"{count(len(records), 'epoch')}, {took} s of training"),
        *drawings,
        write_table([f"epoch {len(records):,}", ""], rows, (1,)),
    )


def write_model(model: Any) -> str:
    """Write a model as HTML: its inputs and classes, its history, and its network."""
    fitted, settings = model.preprocessing, model.settings
    facts = {
        "inputs": f"{'×'.join(map(str, model.example_shape)) or '?'}, {format_layer(fitted.inputs)}",
        "outputs": f"{fitted.encoding.n_out}, {format_layer(fitted.encoding)}",
        "classes": ", ".join(model.classes),
        "engine": settings.get("engine", ""),
        "parameters": f"SHA-256 {model.parameters_sha256[:12]}…",
    }
    rows = [[write_text(name), write_text(value, 100)] for name, value in facts.items() if value]
    return write_box(
        write_title(repr(model)),
        write_table([], rows),
        write_history(model.history) if model.history.records else "",
        write_network(model.network, model.params),
    )


def write_ensemble(ensemble: Any) -> str:
    """Write an ensemble as HTML: its members with their seeds and last validation, and the network of the first."""
    rows = []
    for i, model in enumerate(ensemble.models):
        last = model.history.last
        score = next((last[name] for name in ("validation_accuracy", "validation_r2") if name in last), "")
        rows.append([str(i), write_text(model.settings.get("seed", "")), write_text(_format_number(score))])
    return write_box(
        write_title(repr(ensemble), f"voting: {ensemble.voting}"),
        write_table(["network", "seed", "validation"], rows, (0, 1, 2)),
        write_network(ensemble.models[0].network, ensemble.models[0].params),
    )


def write_settings(settings: Any) -> str:
    """Write a record of settings as HTML; those that differ from their defaults are bold."""
    rows = []
    for one in fields(settings):
        value = getattr(settings, one.name)
        default = one.default_factory() if one.default_factory is not MISSING else one.default
        text = write_text(format_layer(value) if hasattr(value, "__dataclass_fields__") else repr(value), 100)
        is_changed = default is not MISSING and value not in (default, _as_schedule(type(value), default))
        rows.append([write_text(one.name), f"<b>{text}</b>" if is_changed else text])
    return write_box(write_title(type(settings).__name__, "bold: not the default"), write_table([], rows))


def _as_schedule(kind: type, default: Any) -> Any:
    """Return a default number as the record that a setting makes of it, such as Constant(0.5)."""
    is_number = isinstance(default, (int, float)) and not issubclass(kind, (int, float, str))
    return kind(default) if is_number and kind.__name__ == "Constant" else default


def _format_number(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, (int, float)) else str(value)
