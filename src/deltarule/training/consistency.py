"""What several processes have to agree on before they train together: settings, network, data and first parameters."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from deltarule.core.optimizers import State
from deltarule.core.trees import Tree
from deltarule.data.dataset import Dataset, fingerprint
from deltarule.errors import InvalidArgument
from deltarule.models import files
from deltarule.models.description import describe
from deltarule.training.plan import Plan, Position

OWN = ("threads", "engine_reason", "keep_best", "training_data")
"""The settings in which processes may differ: none of them changes what is learned."""


def check_agreement(runs: Sequence[tuple[Plan, Position]]) -> None:
    """Compares the runs that are about to begin, one or many at once, with those of the other processes.

    Processes that disagree would wait for each other for ever, or learn what none of them was asked
    for. Raises :class:`InvalidArgument` in all of them, and says in what they differ.
    """
    engine = runs[0][0].engine
    if engine.processes == 1:
        return
    texts = engine.from_each(json.dumps(_said(runs)))
    if problem := disagreement([json.loads(text) for text in texts]):
        raise InvalidArgument(problem)


def disagreement(said: Sequence[dict[str, str]]) -> str:
    """In what processes differ, if they do, from what each says of every setting.

    >>> disagreement([{"seed": "1", "epochs": "3"}, {"seed": "2", "epochs": "3"}])
    'the processes differ in seed (process 0 has 1, process 1 has 2): give the same to all of them'
    >>> disagreement([{"seed": "1"}] * 3)
    ''
    """
    names = dict.fromkeys(name for one in said for name in one)
    found = {name: [one.get(name, "none") for one in said] for name in names}
    different = [_in_words(name, values) for name, values in found.items() if len(set(values)) > 1]
    return f"the processes differ in {', '.join(different)}: give the same to all of them" if different else ""


def _in_words(name: str, values: Sequence[str]) -> str:
    other = next(i for i, value in enumerate(values) if value != values[0])
    return f"{name} (process 0 has {_short(values[0])}, process {other} has {_short(values[other])})"


def _short(value: str) -> str:
    return value if len(value) <= 80 else f"{value[:40]} … {value[-36:]}"


def _said(runs: Sequence[tuple[Plan, Position]]) -> dict[str, str]:
    """A text for each thing that is to be equal, over all runs."""
    plan = runs[0][0]
    each = [_settings(*run) for run in runs]
    members = {name: [one[name] for one in each] for name in each[0]}
    data = {"training data": _known_by(plan.train), "validation data": _known_by(plan.validation)}
    together = {name: values[0] if len(values) == 1 else f"[{', '.join(values)}]" for name, values in members.items()}
    return {"members": str(len(runs)), **together, **data}


def _known_by(dataset: Dataset | None) -> str:
    return "none" if dataset is None else f"{len(dataset)} examples, {fingerprint(dataset)[:16]}"


def _settings(plan: Plan, at: Position) -> dict[str, str]:
    settings = {name: value for name, value in plan.settings.items() if name not in OWN}
    settings |= {
        "network": describe(plan.network),
        "first parameters": _digest(at.params, at.state),
        "position": [at.epoch, at.step],
        "pauses after steps": plan.pauses,
    }
    return {name: _text(value) for name, value in settings.items()}


def _text(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or "none"
    return json.dumps(value, default=lambda thing: type(thing).__name__)  # no addresses, which differ


def _digest(params: Tree, state: State) -> str:
    """Equal if and only if every bit is."""
    digest, trees = hashlib.sha256(), {"": params, **state}
    for name, tree in sorted(trees.items()):
        for path, leaf in sorted(files.flatten(name, tree).items()):
            digest.update(f"{path} {leaf.dtype.str} {leaf.shape}".encode())
            digest.update(np.ascontiguousarray(leaf).tobytes())
    return digest.hexdigest()[:16]
