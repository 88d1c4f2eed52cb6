"""Settings in sentences of the library, spelled as options of the command."""

from __future__ import annotations

import re

from deltarule.cli.options import NAMES, OF_DATA

FIELDS = tuple(name for name in OF_DATA if name not in ("class_weights", "folds"))
"""The options that are fields of :class:`~deltarule.data.options.DataOptions`."""

SWITCHES = ("images", "heading", "split")
"""The options that are switches."""


def phrase_settings(text: str) -> str:
    """Spell the settings of a sentence, which the library writes as ``label="ill"`` or ``split=False``, as options.

    >>> phrase_settings('state label="ill", or missing="drop"')
    'state --label ill, or --missing drop'
    >>> phrase_settings("state images=False or heading=True")
    'state --no-images or --heading'
    >>> phrase_settings("give size=(28, 20) or skip_damaged=True"), phrase_settings("state axis=1, give y.max(axis=1)")
    ('give --size 28x20 or --skip-damaged', 'state --axis 1, give y.max(axis=1)')
    """
    text = re.sub(r"\bsize=\((\d+), (\d+)\)", _format_size, text)
    text = re.sub(r"(?<!\()\baxis=(\d+)", lambda m: f"{NAMES['axis']} {m[1]}", text)
    text = re.sub(r"\b(colour|skip_damaged)=True", lambda m: NAMES[m[1]], text)
    text = re.sub(rf"\b({'|'.join(SWITCHES)})=(True|False)", lambda m: f"--{'no-' * (m[2] == 'False')}{m[1]}", text)
    return re.sub(rf'\b({"|".join(FIELDS)})="([^"]*)"', lambda m: f"{NAMES[m[1]]} {_quote(m[2])}", text)


def _format_size(match: re.Match[str]) -> str:
    height, width = match.groups()
    return f"{NAMES['size']} {height if height == width else f'{height}x{width}'}"


def _quote(value: str) -> str:
    return f"'{value}'" if re.search(r"[^\w.,=+-]", value) else value
