"""Figures, verdicts, settings and times as people read them: in the table, on the page, at the end of a run."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from math import floor, isfinite, log10
from typing import Any

from deltarule.experiments.records import Published
from deltarule.experiments.verdict import NOT_MEASURED, OTHER_SETTINGS, Comparison

RELATIONS = {"is": "", "about": "about ", "at least": "≥ ", "at most": "≤ "}

VERDICTS = {
    "reproduced": "✓ reproduced",
    "higher": "✗ ours is higher",
    "lower": "✗ ours is lower",
    "fails": "✗ does not hold",
    "no number": "✗ no number",
    NOT_MEASURED: "– not measured",
    OTHER_SETTINGS: "– other settings",
}
"""What the verdicts are called, each with a mark that needs no colour."""


def number(value: float) -> str:
    """A number with four significant digits; a whole one in full.

    >>> number(0.0123456), number(23550), number(1.5e-9), number(float("nan"))
    ('0.01235', '23,550', '1.5e-9', 'nan')
    """
    if value == round(value, 0) and abs(value) < 1e9:
        return f"{value:,.0f}"
    text = f"{value:.4g}"
    mantissa, e, power = text.partition("e")
    return f"{mantissa}e{int(power)}" if e else text


def amount(value: float, unit: str = "") -> str:
    """A number with its unit, percentages to a hundredth.

    >>> amount(95.4, "%"), amount(2.5, "times"), amount(520)
    ('95.40 %', '2.5 times', '520')
    """
    if unit == "%":
        return f"{value:.2f} %"
    return f"{number(value)} {unit}".strip()


def published_words(figure: Published) -> str:
    """What was published.

    >>> published_words(Published("best", "best", 95.42, unit="%", best_of=3))
    '95.42 % (best of 3)'
    >>> published_words(Published("faster", "ratio", 2.0, relation="about", unit="times"))
    'about 2 times'
    >>> published_words(Published("most", "most", 90.0, unit="%", relation="at least", criterion=True))
    '≥ 90.00 % (ours)'
    """
    remarks = [f"best of {figure.best_of}"] if figure.best_of > 1 else []
    remarks += ["ours"] if figure.criterion else []
    return _value_words(figure) + (f" ({', '.join(remarks)})" if remarks else "")


def _value_words(figure: Published) -> str:
    if isinstance(figure.value, bool):
        return "holds" if figure.value else "does not hold"
    return RELATIONS[figure.relation] + amount(figure.value, figure.unit)


def named(figure: Published) -> str:
    """What a figure is, and of which variant."""
    return f"{figure.what} ({figure.variant})" if figure.variant and figure.variant not in figure.what else figure.what


def ours_words(found: Comparison) -> str:
    """Our mean, and how much it varies from seed to seed.

    >>> from deltarule.experiments.verdict import compare
    >>> ours_words(compare(Published("best", "best", 95.42, unit="%"), [95.0, 95.5]))
    '95.25 ± 0.35 %'
    >>> ours_words(compare(Published("it adds", "adds", True), [True, True, False]))
    'holds in 2 of 3'
    """
    if not found.values:
        return "–"
    if isinstance(found.published.value, bool):
        held, of = sum(map(bool, found.values)), len(found.values)
        return "holds" if held == of else f"holds in {held} of {of}" if held else "does not hold"
    unit = found.published.unit
    if found.sd is None or not isfinite(found.mean):
        return amount(found.mean, unit)
    return f"{_with_spread(found.mean, found.sd, unit)} {unit}".strip()


def _with_spread(mean: float, sd: float, unit: str) -> str:
    """A mean to the two digits that its standard deviation lets one speak of.

    >>> _with_spread(324.333, 69.2, ""), _with_spread(0.33941, 0.00123, ""), _with_spread(2e-9, 1e-9, "")
    ('324 ± 69', '0.3394 ± 0.0012', '2e-9 ± 1e-9')
    """
    if unit == "%":
        return f"{mean:.2f} ± {sd:.2f}"
    places = 1 - floor(log10(sd)) if sd > 0 else 0
    if sd == 0 or places > 5:
        return f"{number(mean)} ± {number(float(f'{sd:.2g}'))}"
    return f"{mean:,.{max(0, places)}f} ± {number(float(f'{sd:.2g}'))}"


def best_words(found: Comparison) -> str:
    """The highest accuracy of our runs; "" where there is nothing to choose from, or higher is not better."""
    if len(found.values) < 2 or found.published.unit != "%":
        return ""
    return amount(found.best, found.published.unit)


def value_words(value: Any) -> str:
    """A setting's value.

    >>> value_words([30, 10]), value_words("any"), value_words(None), value_words(0.5)
    ('[30, 10]', 'any', 'none', '0.5')
    """
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def quoted(text: str) -> str:
    """A source, with the quotation marks of print.

    >>> quoted("chapter 3, 'The cross-entropy cost function'")
    'chapter 3, “The cross-entropy cost function”'
    >>> quoted("chapter 3, 'How to choose a neural network's hyper-parameters?'")
    'chapter 3, “How to choose a neural network’s hyper-parameters?”'
    """
    outside = re.sub(r"(?<!\w)'(.+?)'(?!\w)", r"“\1”", text)
    return outside.replace("'", "’")


def settings_words(settings: Mapping[str, Any]) -> str:
    """Settings in a line.

    >>> settings_words({"eta": 3.0, "hidden": [30]})
    'eta 3.0, hidden [30]'
    """
    return ", ".join(f"{name} {value_words(value)}" for name, value in settings.items())


def duration(seconds: float) -> str:
    """A time as one says it.

    >>> duration(0.21), duration(42), duration(200), duration(7300)
    ('0.2 s', '42 s', '3.3 min', '2 h 2 min')
    """
    if seconds < 0.095:
        return "under 0.1 s"
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    if seconds < 3570:
        return f"{seconds / 60:.1f} min" if seconds < 597 else f"{seconds / 60:.0f} min"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min"
