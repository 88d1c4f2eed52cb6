"""Consistency of several processes: the same settings, network, data and first parameters."""

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

MAY_DIFFER = ("threads", "engine_reason", "keep_best", "training_data")
"""Settings in which processes may differ, as they do not change the trained parameters."""


def check_agreement(runs: Sequence[tuple[Plan, Position]]) -> None:
    """Compare the runs about to start, one or several at once, with those of the other processes.

    Raises :class:`InvalidArgument` with the differences in every process. Processes that differ would wait for each
    other forever, or train something that none of them was set to train.
    """
    engine = runs[0][0].engine
    if engine.processes == 1:
        return
    texts = engine.all_gather(json.dumps(_describe_runs(runs)))
    if differences := find_differences([json.loads(text) for text in texts]):
        raise InvalidArgument(
            f"expected the same run in all processes, got different {differences}",
            remedy="start all processes with the same values",
        )


def find_differences(descriptions: Sequence[dict[str, str]]) -> str:
    """List the settings in which the descriptions of processes differ; empty if they are equal.

    >>> find_differences([{"seed": "1", "epochs": "3"}, {"seed": "2", "epochs": "3"}])
    'seed (process 0 has 1, process 1 has 2)'
    >>> find_differences([{"seed": "1"}] * 3)
    ''
    """
    names = dict.fromkeys(name for one in descriptions for name in one)
    settings = {name: [one.get(name, "none") for one in descriptions] for name in names}
    return ", ".join(_format_difference(name, values) for name, values in settings.items() if len(set(values)) > 1)


def _format_difference(name: str, values: Sequence[str]) -> str:
    other = next(i for i, value in enumerate(values) if value != values[0])
    return f"{name} (process 0 has {_shorten(values[0])}, process {other} has {_shorten(values[other])})"


def _shorten(value: str) -> str:
    return value if len(value) <= 80 else f"{value[:40]} … {value[-36:]}"


def _describe_runs(runs: Sequence[tuple[Plan, Position]]) -> dict[str, str]:
    """Describe everything that must be equal, over all runs, by name."""
    plan = runs[0][0]
    each = [_describe_run(*run) for run in runs]
    members = {name: [one[name] for one in each] for name in each[0]}
    data = {"training data": _describe_data(plan.train), "validation data": _describe_data(plan.validation)}
    together = {name: values[0] if len(values) == 1 else f"[{', '.join(values)}]" for name, values in members.items()}
    return {"members": str(len(runs)), **together, **data}


def _describe_data(dataset: Dataset | None) -> str:
    return "none" if dataset is None else f"{len(dataset)} examples, {fingerprint(dataset)[:16]}"


def _describe_run(plan: Plan, at: Position) -> dict[str, str]:
    settings = {name: value for name, value in plan.settings.items() if name not in MAY_DIFFER}
    settings |= {
        "network": describe(plan.network),
        "first parameters": _digest(at.params, at.state),
        "position": [at.epoch, at.step],
        "pauses after steps": plan.pauses,
    }
    return {name: _to_text(value) for name, value in settings.items()}


def _to_text(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or "none"
    return json.dumps(value, default=lambda thing: type(thing).__name__)  # addresses in memory would differ


def _digest(params: Tree, state: State) -> str:
    """Compute a digest that is equal if and only if every bit of parameters and state is."""
    digest, trees = hashlib.sha256(), {"": params, **state}
    for name, tree in sorted(trees.items()):
        for path, leaf in sorted(files.flatten(name, tree).items()):
            digest.update(f"{path} {leaf.dtype.str} {leaf.shape}".encode())
            digest.update(np.ascontiguousarray(leaf).tobytes())
    return digest.hexdigest()[:16]
