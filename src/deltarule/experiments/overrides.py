"""Settings that the reader changes: ``eta=0.5`` on the command line, checked against what can be set."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import tomllib
from collections.abc import Sequence
from numbers import Real
from pathlib import Path
from typing import Any

from deltarule.errors import InvalidArgument
from deltarule.experiments.experiment import Experiment
from deltarule.experiments.formatting import value_words
from deltarule.experiments.records import Settings

FULL = Path("results")
"""Where the results of full runs are, unless another folder is asked for."""

TRIALS = Path("runs") / "experiments"
"""Where those of miniatures and of changed settings are: each in a folder of its own, so that nothing mixes."""


def parsed(texts: Sequence[str], experiments: Sequence[Experiment]) -> dict[str, Any]:
    """The settings that texts such as ``eta=0.5`` change; values are TOML's or JSON's, or plain words.

    Raises :class:`InvalidArgument` for a text without "=", for a name that one of the experiments does
    not have, and for a value of another kind.

    >>> from deltarule.experiments.registry import chosen
    >>> parsed(["eta=0.5", "hidden=[20, 10]"], chosen("ch1/first-network"))
    {'eta': 0.5, 'hidden': [20, 10]}
    """
    changed: dict[str, Any] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (name and equals and value):
            raise InvalidArgument(argument="texts", expected="name=value, such as eta=0.5", value=text)
        for experiment in experiments:
            _check(experiment, name, _value(text, value))
        changed[name] = _value(text, value)
    return changed


def known_settings(experiment: Experiment) -> dict[str, Any]:
    """All that can be set, with a value that it has somewhere: in full, in a variant, or in the miniature."""
    small = experiment.quick
    of_variants = {name: value for variant in experiment.variants.values() for name, value in variant.items()}
    return {**small.defect, **small.settings, **of_variants, **experiment.settings}


def place(quick: bool, changed: Settings) -> Path:
    """The folder in which results are kept where none is asked for.

    >>> place(False, {}).as_posix(), place(True, {"eta": 0.5}).as_posix()
    ('results', 'runs/experiments/quick,eta=0.5')
    """
    if not (quick or changed):
        return FULL
    whole = ",".join([*(["quick"] if quick else []), *(f"{k}={json.dumps(v)}" for k, v in sorted(changed.items()))])
    name = re.sub(r"[^\w=.,+-]", "", whole)[:80]
    return TRIALS / (name if name == whole else f"{name}-{hashlib.sha256(whole.encode()).hexdigest()[:6]}")


def _value(text: str, value: str) -> Any:
    """A value of JSON or of TOML that JSON can hold; what is neither is a plain word."""
    for read in (json.loads, lambda value: tomllib.loads(f"value = {value}")["value"]):
        try:
            found = read(value)
            json.dumps(found, allow_nan=False)
        except (ValueError, TypeError, KeyError):
            continue
        return found
    if re.fullmatch(r"[A-Za-z][\w-]*", value):
        return value
    expected = "a number, true, a word or a list such as [30, 10] after the ="
    raise InvalidArgument(argument="texts", expected=expected, value=text)


def _check(experiment: Experiment, name: str, value: Any) -> None:
    known = known_settings(experiment)
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        near = f"did you mean {close[0]}?" if close else ""
        listed = ", ".join(sorted(known)) or "none"
        raise InvalidArgument(
            argument="texts", expected=f"a setting of {experiment.id}, which has {listed}", value=name, remedy=near
        )
    usual = known[name]
    if usual is not None and value is not None and _kind(value) != _kind(usual):
        expected = f"{_kind(usual)} for {name}, such as {value_words(usual)}"
        raise InvalidArgument(argument="texts", expected=expected, value=value)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, Real):
        return "a number"
    return "a word" if isinstance(value, str) else "a list" if isinstance(value, (list, tuple)) else "a table"
