"""Texts about runs for the page Train: rates, best results, and commands."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from deltarule.lab.run_records import Rates
from deltarule.models.history import Record

MOST_VALUES = 3
"""The most values of η or λ that are listed; of more, only the first and the last are."""


def format_rates(rates: Sequence[Rates]) -> str:
    """Format η and λ; if they changed, as a sequence of values.

    >>> format_rates([Rates(0.5)]), format_rates([Rates(0.5), Rates(0.3), Rates(0.1, 2.0)])
    ('η 0.5, λ 0', 'η 0.5 → 0.3 → 0.1, λ 0 → 2')
    """
    return f"η {_format_values([one.eta for one in rates])}, λ {_format_values([one.lmbda for one in rates])}"


def _format_values(values: Sequence[float]) -> str:
    words = [f"{value:g}" for value, _ in groupby(values)]
    return " → ".join(words if len(words) <= MOST_VALUES else [words[0], "…", words[-1]])


def format_best(records: Sequence[Record], brief: bool = False) -> str:
    """Format the best validation accuracy so far, or R² for targets of numbers; "" before the first epoch.

    >>> format_best([{"validation_accuracy": 0.91}, {"validation_accuracy": 0.9}])
    'best validation accuracy 91.00 %'
    """
    for name, caption, unit in (("accuracy", "accuracy {:.2f} %", 100), ("r2", "R² {:.3f}", 1)):
        if values := [record[f"validation_{name}"] for record in records if f"validation_{name}" in record]:
            text = caption.format(unit * max(values))
            return text.removeprefix("accuracy ") if brief else f"best validation {text}"
    return ""
