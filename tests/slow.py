"""Parameters of tests of which some are slow: those are left to ``make test-all``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def with_slow(values: Iterable[Any], *slow: Any) -> list[Any]:
    """Return the parameters of a test, of which those in ``slow`` run in ``make test-all`` alone."""
    values = list(values)
    assert all(one in values for one in slow), "each slow parameter must be one of the values"
    return [pytest.param(*as_row(one), marks=[pytest.mark.slow] * (one in slow)) for one in values]


def as_row(value: Any) -> tuple[Any, ...]:
    """Return the arguments of a parameter: of several names a tuple, of one name a single value."""
    return value if isinstance(value, tuple) else (value,)
