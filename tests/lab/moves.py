"""The effect of a control of a lesson: controls that a test sets, and a condition on the results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Values = Mapping[str, Any]
"""The state of a figure."""


@dataclass(frozen=True)
class Move:
    """A change of ``controls`` of a ``lesson``, and its effect: ``holds(before, after)``, in words ``claim``.

    The controls in ``setup`` are set before the change; all others keep their first values.
    """

    lesson: str
    claim: str
    controls: Mapping[str, Any]
    holds: Callable[[Values, Values], bool]
    setup: Mapping[str, Any] = field(default_factory=dict)
