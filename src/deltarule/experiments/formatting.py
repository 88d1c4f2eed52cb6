"""Text of figures, verdicts, settings and times, for the terminal and the report."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from math import floor, isfinite, log10
from typing import Any

from deltarule.experiments.records import Published
from deltarule.experiments.verdict import (
    AS_EXPECTED,
    FAILS,
    HIGHER,
    LOWER,
    NO_NUMBER,
    NOT_MEASURED,
    ONE_RUN,
    OTHER_SETTINGS,
    REPRODUCED,
    UNDECIDED,
    Comparison,
)

RELATIONS = {"is": "", "about": "about ", "at least": "≥ ", "at most": "≤ "}

VERDICTS = {
    REPRODUCED: "✓ reproduced",
    AS_EXPECTED: "✓ as expected",
    UNDECIDED: "? undecided",
    ONE_RUN: "? one run",
    HIGHER: "✗ ours is higher",
    LOWER: "✗ ours is lower",
    FAILS: "✗ does not hold",
    NO_NUMBER: "✗ no number",
    NOT_MEASURED: "– not measured",
    OTHER_SETTINGS: "– other settings",
}
"""The text of each verdict; the mark shows it without colour."""


def format_number(value: float) -> str:
    """Format a number with four significant digits, a whole number in full.

    >>> format_number(0.0123456), format_number(23550), format_number(1.5e-9), format_number(float("nan"))
    ('0.01235', '23,550', '1.5e-9', 'nan')
    """
    if value == round(value, 0) and abs(value) < 1e9:
        return f"{value:,.0f}"
    text = f"{value:.4g}"
    mantissa, e, power = text.partition("e")
    return f"{mantissa}e{int(power)}" if e else text


def format_amount(value: float, unit: str = "") -> str:
    """Format a number with its unit; percentages get two decimal places.

    >>> format_amount(95.4, "%"), format_amount(2.5, "times"), format_amount(520)
    ('95.40 %', '2.5 times', '520')
    """
    if unit == "%":
        return f"{value:.2f} %"
    return f"{format_number(value)} {unit}".strip()


def format_published(figure: Published) -> str:
    """Format a published figure, with the number of runs it was the best of.

    >>> format_published(Published("best", "best", 95.42, unit="%", best_of=3))
    '95.42 % (best of 3)'
    >>> format_published(Published("faster", "ratio", 2.0, relation="about", unit="times"))
    'about 2 times'
    >>> format_published(Published("most", "most", 90.0, unit="%", relation="at least", criterion=True))
    '≥ 90.00 % (our criterion)'
    """
    notes = [f"best of {figure.best_of}"] if figure.best_of > 1 else []
    notes += ["our criterion"] if figure.criterion else []
    return _format_published_value(figure) + (f" ({'; '.join(notes)})" if notes else "")


def _format_published_value(figure: Published) -> str:
    if isinstance(figure.value, bool):
        return "holds" if figure.value else "does not hold"
    return RELATIONS[figure.relation] + format_amount(figure.value, figure.unit)


def format_name(figure: Published) -> str:
    """Return the figure's description with its variant, unless the description contains it.

    >>> format_name(Published("best accuracy", "best", 95.0, variant="η 3"))
    'best accuracy (η 3)'
    """
    return f"{figure.what} ({figure.variant})" if figure.variant and figure.variant not in figure.what else figure.what


def format_measured(comparison: Comparison) -> str:
    """Format the mean of our runs ± its standard deviation over the seeds; of a claim that A beats B, of A − B.

    >>> from deltarule.experiments.verdict import compare
    >>> format_measured(compare(Published("best", "best", 95.42, unit="%"), [95.0, 95.5]))
    '95.25 ± 0.35 %'
    >>> format_measured(compare(Published("it adds", "adds", True), [True, True, False]))
    'holds in 2 of 3'
    """
    if not comparison.values:
        return "–"
    if comparison.published.beats and isfinite(comparison.mean):
        return f"A − B = {_format_spread(comparison.mean, comparison.sd or 0.0, '')}"
    if isinstance(comparison.published.value, bool):
        held, of = sum(map(bool, comparison.values)), len(comparison.values)
        return "holds" if held == of else f"holds in {held} of {of}" if held else "does not hold"
    unit = comparison.published.unit
    if comparison.sd is None or not isfinite(comparison.mean):
        return format_amount(comparison.mean, unit)
    return f"{_format_spread(comparison.mean, comparison.sd, unit)} {unit}".strip()


def _format_spread(mean: float, sd: float, unit: str) -> str:
    """Round the standard deviation to two digits, and the mean to the same decimal place.

    >>> _format_spread(324.333, 69.2, ""), _format_spread(0.33941, 0.00123, ""), _format_spread(2e-9, 1e-9, "")
    ('324 ± 69', '0.3394 ± 0.0012', '2e-9 ± 1e-9')
    """
    if unit == "%":
        return f"{mean:.2f} ± {sd:.2f}"
    places = 1 - floor(log10(sd)) if sd > 0 else 0
    if sd == 0 or places > 5:
        return f"{format_number(mean)} ± {format_number(float(f'{sd:.2g}'))}"
    return f"{mean:,.{max(0, places)}f} ± {format_number(float(f'{sd:.2g}'))}"


def format_interval(comparison: Comparison) -> str:
    """Format the 95 % prediction interval of our runs, cut at 100 %; "" without one.

    >>> from deltarule.experiments.verdict import compare
    >>> format_interval(compare(Published("accuracy", "last", 97.92, unit="%"), [97.7, 97.69, 97.73]))
    '97.60 to 97.81 %'
    >>> format_interval(compare(Published("accuracy", "last", 97.92, unit="%"), [97.0, 98.0, 99.0]))
    '93.03 to 100.00 %'
    """
    if comparison.interval is None:
        return ""
    low, high = comparison.interval
    if comparison.published.unit == "%":
        return f"{low:.2f} to {min(high, 100):.2f} %"
    return f"{float(f'{low:.3g}'):,g} to {float(f'{high:.3g}'):,g}"


def format_best(comparison: Comparison) -> str:
    """Format the highest percentage of our runs; "" for a single run and for figures that are not percentages.

    >>> from deltarule.experiments.verdict import compare
    >>> format_best(compare(Published("accuracy", "best", 95.0, unit="%"), [94.5, 95.5]))
    '95.50 %'
    """
    if len(comparison.values) < 2 or comparison.published.unit != "%":
        return ""
    return format_amount(comparison.best, comparison.published.unit)


def format_value(value: Any) -> str:
    """Format the value of a setting.

    >>> format_value([30, 10]), format_value("any"), format_value(None), format_value(0.5)
    ('[30, 10]', 'any', 'none', '0.5')
    """
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def format_quotes(text: str) -> str:
    """Replace the straight quotation marks of a source by curly ones.

    >>> format_quotes("chapter 3, 'The cross-entropy cost function'")
    'chapter 3, “The cross-entropy cost function”'
    >>> format_quotes("chapter 3, 'How to choose a neural network's hyper-parameters?'")
    'chapter 3, “How to choose a neural network’s hyper-parameters?”'
    """
    curly = re.sub(r"(?<!\w)'(.+?)'(?!\w)", r"“\1”", text)
    return curly.replace("'", "’")


def format_settings(settings: Mapping[str, Any]) -> str:
    """Format settings in one line.

    >>> format_settings({"eta": 3.0, "hidden": [30]})
    'eta 3.0, hidden [30]'
    """
    return ", ".join(f"{name} {format_value(value)}" for name, value in settings.items())


def format_duration(seconds: float) -> str:
    """Format a time in the unit that suits it.

    >>> format_duration(0.21), format_duration(42), format_duration(200), format_duration(7300)
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
