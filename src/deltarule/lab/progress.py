"""Texts about runs for the page Train: names, rates and status lines."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from html import escape
from itertools import groupby
from pathlib import Path

from deltarule.lab.learner import Learner, Rates, Snapshot
from deltarule.models.history import Record
from deltarule.models.model import Model

MOST_VALUES = 3
"""The most values of η or λ that are listed; of more, only the first and the last are."""


def name_runs(runs: Sequence[Learner]) -> list[str]:
    """Name several runs "run 1", "run 2"; a single run gets no name."""
    return [f"run {i}" if len(runs) > 1 else "" for i in range(1, len(runs) + 1)]


def format_rates(rates: Sequence[Rates]) -> str:
    """Format η and λ; if they changed, as a sequence of values.

    >>> format_rates([Rates(0.5)]), format_rates([Rates(0.5), Rates(0.3), Rates(0.1, 2.0)])
    ('η 0.5, λ 0', 'η 0.5 → 0.3 → 0.1, λ 0 → 2')
    """
    return f"η {_format_values([one.eta for one in rates])}, λ {_format_values([one.lmbda for one in rates])}"


def _format_values(values: Sequence[float]) -> str:
    words = [f"{value:g}" for value, _ in groupby(values)]
    return " → ".join(words if len(words) <= MOST_VALUES else [words[0], "…", words[-1]])


def explain_unavailable(runs: Sequence[Learner]) -> str:
    """Explain why the newest run cannot be paused, stepped or stopped; return "" if it can."""
    if not runs:
        return "There is no run yet: press start."
    if runs[-1].has_ended:
        return "This run has ended: press start for a new run, or start a second run."
    return ""


def compute_chart_key(runs: Sequence[Learner], snapshots: Sequence[Snapshot]) -> tuple[tuple[int, int, int, bool], ...]:
    """Compute a key that changes when the charts must be redrawn: with the runs, their epochs, rates and models.

    During training a run of many epochs is redrawn only every 10 epochs (from 100) or 100 (from 1000), since drawing
    takes longer than an epoch of a small network; a paused or finished run is drawn completely.
    """
    return tuple(
        (id(run), _count_drawn_epochs(one), len(one.rates), one.model is not None)
        for run, one in zip(runs, snapshots, strict=True)
    )


def _count_drawn_epochs(snapshot: Snapshot) -> int:
    n = len(snapshot.records)
    part = 10 ** max(len(str(n)) - 2, 0)
    return n if snapshot.status != "training" else n - n % part


def save_to_bytes(model: Model) -> bytes:
    """Return the bytes of the model's file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        model.save(path)
        return path.read_bytes()


def _format_best(records: Sequence[Record]) -> str:
    """Format the best validation accuracy so far, or R² for targets of numbers."""
    for name, caption, unit in (("accuracy", "accuracy {:.2f} %", 100), ("r2", "R² {:.3f}", 1)):
        if values := [record[f"validation_{name}"] for record in records if f"validation_{name}" in record]:
            return f"best validation {caption.format(unit * max(values))}"
    return ""


def suggest_use(model: Model) -> str:
    """Suggest the command to use the saved model with, in Markdown."""
    if len(model.example_shape) == 2:
        return "and let it read your drawings: `deltarule lab --model model.safetensors`"
    return "and get a page that answers with it: `deltarule lab export page --reader-only --model model.safetensors`"


def format_status(snapshot: Snapshot, rates: Rates, name: str = "") -> str:
    """Format the status line of a run; ``rates`` are those for its next mini-batch, ``name`` that of several runs."""
    used = snapshot.rates or (rates,)
    parts = [
        name,
        f"<strong>{snapshot.status}</strong>",
        f"epoch {snapshot.epoch}, {snapshot.steps:,} mini-batches" if snapshot.steps else "",
        "starting" if snapshot.status == "training" and not snapshot.steps else "",
        f"{snapshot.speed:,.0f} examples/s" if snapshot.status == "training" else "",
        format_rates(used),
        f"continues with {format_rates([rates])}" if snapshot.status == "paused" and rates != used[-1] else "",
        _format_best(snapshot.records),
        escape(snapshot.problem),
    ]
    kind = 'class="lab-problem" role="alert"' if snapshot.problem else 'class="lab-status" aria-live="off"'
    return f"<p {kind}>{' · '.join(filter(None, parts))}</p>"
