"""Changes of the engine in a resumed run: what they consist of, and their record in the history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from deltarule.training.plan import Plan, Position

EQUAL_LEVELS = ("v3", "v4")
"""Levels of instructions at which the native engine computes the same bits."""


def record_engine(at: Position, settings: Mapping[str, Any], plan: Plan) -> Position:
    """Return the position of a resumed run, with a record in its history if the plan has another engine.

    ``settings`` are those of the run so far. The record has ``epoch`` and ``step`` (from 0), ``engine_before`` and
    ``engine_after``.
    """
    before, after = select_engine(settings), select_engine(plan.settings)
    if before == after:
        return at
    where = {"epoch": at.epoch, "step": at.epoch * plan.clock.steps_per_epoch + at.step}
    return replace(at, history=at.history.add_change({**where, "engine_before": before, "engine_after": after}))


def select_engine(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Select the settings of the engine on which the last bits of a step depend.

    Several devices choose their threads themselves. Older files have no level.

    >>> select_engine({"engine": "numpy", "threads": 1, "devices": 1, "epochs": 30})
    {'engine': 'numpy', 'threads': 1, 'level': '', 'devices': 1}
    """
    devices = settings.get("devices", 1)
    threads = settings["threads"] if devices == 1 else None
    return {"engine": settings["engine"], "threads": threads, "level": settings.get("level", ""), "devices": devices}


def format_engine(settings: Mapping[str, Any]) -> str:
    """Format the settings of an engine, as in the record of a change.

    >>> format_engine({"engine": "native", "threads": 2, "level": "v3", "devices": 1})
    'native, 2 threads, instructions v3'
    >>> format_engine({"engine": "jax", "threads": None, "level": "", "devices": 4})
    'jax, 4 devices'
    """
    threads, devices, level = settings["threads"], settings["devices"], settings["level"]
    parts = [settings["engine"]]
    parts += [f"{threads} thread{'s' if threads > 1 else ''}"] if devices == 1 else [f"{devices} devices"]
    return ", ".join([*parts, f"instructions {level}"] if level else parts)
