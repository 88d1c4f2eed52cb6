"""Settings that the user overrides, such as ``eta=0.5``, checked against those of the experiments."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Sequence
from numbers import Real
from typing import Any

from deltarule.errors import InvalidArgument
from deltarule.experiments.experiment import Experiment
from deltarule.experiments.formatting import format_value


def parse_settings(texts: Sequence[str], experiments: Sequence[Experiment]) -> dict[str, Any]:
    """Parse texts such as ``eta=0.5`` into settings; a value is JSON, TOML or a plain word.

    Raises:
        InvalidArgument: For a text without "=", a name that one of the experiments does not have, or a value of
            another kind.

    >>> from deltarule.experiments.registry import select_experiments
    >>> parse_settings(["eta=0.5", "hidden=[20, 10]"], select_experiments("ch1/first-network"))
    {'eta': 0.5, 'hidden': [20, 10]}
    """
    changed: dict[str, Any] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (name and equals and value):
            raise InvalidArgument(argument="texts", expected="name=value, such as eta=0.5", value=text)
        for experiment in experiments:
            _check(experiment, name, _parse_value(text, value))
        changed[name] = _parse_value(text, value)
    return changed


def list_settings(experiment: Experiment) -> dict[str, Any]:
    """List all settings of an experiment, with a value from the full run, a variant, or the miniature."""
    small = experiment.quick
    of_variants = {name: value for variant in experiment.variants.values() for name, value in variant.items()}
    return {**small.defect, **small.settings, **of_variants, **experiment.settings}


def _parse_value(text: str, value: str) -> Any:
    """Parse a value as JSON, as TOML that JSON can hold, or as a plain word."""
    for read in (json.loads, lambda value: tomllib.loads(f"value = {value}")["value"]):
        try:
            found = read(value)
            json.dumps(found, allow_nan=False)
        except (ValueError, TypeError, KeyError, RecursionError):
            continue
        return found
    if re.fullmatch(r"[A-Za-z][\w-]*", value):
        return value
    expected = "a number, true, a word or a list such as [30, 10] after the ="
    raise InvalidArgument(argument="texts", expected=expected, value=text)


def _check(experiment: Experiment, name: str, value: Any) -> None:
    known = list_settings(experiment)
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        near = f"did you mean {close[0]}?" if close else ""
        listed = ", ".join(sorted(known)) or "none"
        raise InvalidArgument(
            argument="texts", expected=f"a setting of {experiment.id}, which has {listed}", value=name, remedy=near
        )
    usual = known[name]
    if usual is not None and value is not None and _describe_kind(value) != _describe_kind(usual):
        expected = f"{_describe_kind(usual)} for {name}, such as {format_value(usual)}"
        raise InvalidArgument(argument="texts", expected=expected, value=value)


def _describe_kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, Real):
        return "a number"
    return "a word" if isinstance(value, str) else "a list" if isinstance(value, (list, tuple)) else "a table"
