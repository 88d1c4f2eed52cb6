"""A selection of cases for each run; ``make test-all`` runs all."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def mark_others_slow(names: Iterable[str], quick: Collection[str]) -> list[Any]:
    """Return the names as parameters of a test; all but those of ``quick`` are slow."""
    names = list(names)
    assert set(quick) <= set(names), f"no such cases: {set(quick) - set(names)}"
    return [pytest.param(name, marks=[pytest.mark.slow] * (name not in quick)) for name in names]
