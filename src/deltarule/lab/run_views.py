"""Runs as plain JSON for the page Train: curves, status lines and the list of kept runs."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np

from deltarule.lab.progress import format_best, format_rates
from deltarule.lab.run_records import Points, Snapshot, select_by_epoch
from deltarule.lab.run_store import KeptRun
from deltarule.models.history import Record

MOST_POINTS = 200
"""The most points of a curve that are sent to the page."""

STATES = {
    "finished": "finished", "unfinished": "can be continued", "diverged": "diverged", "training": "is training",
    "damaged": "damaged",
}  # fmt: skip


def describe_curves(
    name: str, colour: int, records: Sequence[Record], costs: Points = (), scale: int = 1
) -> dict[str, Any]:
    """Describe the curves of a run by epoch, from 1: score in % or R², cost, and gradient norms of layers.

    ``costs`` are costs between epochs by the number of mini-batches, of which ``scale`` are an epoch.
    """
    own = tuple(records)
    has_r2 = any("validation_r2" in record for record in own)
    score, unit = ("r2", 1.0) if has_r2 else ("accuracy", 100.0)
    epochs, norms = select_by_epoch(own, "gradient_norms")
    by_layer = np.asarray(norms, float).T.tolist() if norms else []
    return {
        "name": name,
        "colour": colour,
        "unit": "R²" if has_r2 else "accuracy in %",
        "score": {of: _select(own, f"{of}_{score}", unit) for of in ("validation", "training")},
        "cost": {of: _select(own, f"{of}_cost", 1.0) for of in ("validation", "training")},
        "probe": _thin([[steps / max(scale, 1), _to_json(cost)] for steps, cost in costs]),
        "norms": [_thin([[e, _to_json(v)] for e, v in zip(epochs, row, strict=True)]) for row in by_layer],
    }


def describe_status(snapshot: Snapshot, eta: float, lmbda: float, name: str) -> dict[str, Any]:
    """Describe the status of a run: its name, its status in words, and a line of figures."""
    used = snapshot.rates
    is_other = bool(used) and (used[-1].eta, used[-1].lmbda) != (eta, lmbda)
    parts = [
        f"epoch {snapshot.epoch}, {snapshot.steps:,} mini-batches" if snapshot.steps else "",
        f"cost {snapshot.costs[-1][1]:.3g}" if snapshot.costs else "",
        f"{snapshot.speed:,.0f} examples/s" if snapshot.status == "training" and snapshot.steps else "",
        format_rates(used) if used else "",
        f"next η {eta:g}, λ {lmbda:g}" if is_other and snapshot.status in ("training", "paused") else "",
        format_best(snapshot.records),
    ]
    return {
        "name": name,
        "status": snapshot.status,
        "line": " · ".join(filter(None, parts)),
        "problem": snapshot.problem,
        "steps": snapshot.steps,
    }


def describe_kept(run: KeptRun, colour: int | None, is_current: bool) -> dict[str, Any]:
    """Describe a row of the list; ``colour`` is None for a run that the charts do not show."""
    return {
        "key": run.key,
        "name": run.name,
        "state": "this run" if is_current else STATES[run.state],
        "epochs": len(run.records),
        "best": format_best(run.records, brief=True),
        "rates": format_rates([run.rates]),
        "colour": colour,
        "canContinue": not is_current and run.state in ("finished", "unfinished", "diverged"),
        "canDelete": not is_current and run.state != "training",
        "canDraw": run.can_draw,
        "problem": run.problem,
    }


def _select(records: tuple[Record, ...], name: str, factor: float) -> list[list[float | None]]:
    epochs, values = select_by_epoch(records, name)
    return _thin([[epoch, _to_json(factor * value)] for epoch, value in zip(epochs, values, strict=True)])


def _thin(points: list[Any]) -> list[Any]:
    """Return at most about :data:`MOST_POINTS` points, with the last one."""
    every = -(-len(points) // MOST_POINTS) if points else 1
    return points[::-every][::-1]


def _to_json(value: float) -> float | None:
    """Return a number for JSON, which has no infinity."""
    return float(f"{value:.5g}") if isfinite(value) else None
