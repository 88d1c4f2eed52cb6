"""The state of running networks in words, for the page Train: status, pace, names."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from html import escape
from itertools import groupby
from pathlib import Path

from deltarule.lab.learner import Learner, Pace, Seen
from deltarule.models.model import Model

MOST_VALUES = 3
"""Values of η or λ that are told one by one."""


def names(runs: Sequence[Learner]) -> list[str]:
    """What each of several runs is called; one alone needs no name."""
    return [f"run {i}" if len(runs) > 1 else "" for i in range(1, len(runs) + 1)]


def paced(paces: Sequence[Pace]) -> str:
    """η and λ in words; where they changed, from the first value to the last.

    >>> paced([Pace(0.5)]), paced([Pace(0.5), Pace(0.3), Pace(0.1, 2.0)])
    ('η 0.5, λ 0', 'η 0.5 → 0.3 → 0.1, λ 0 → 2')
    """
    return f"η {_way([pace.eta for pace in paces])}, λ {_way([pace.lmbda for pace in paces])}"


def _way(values: Sequence[float]) -> str:
    words = [f"{value:g}" for value, _ in groupby(values)]
    return " → ".join(words if len(words) <= MOST_VALUES else [words[0], "…", words[-1]])


def unable(runs: Sequence[Learner]) -> str:
    """Why the newest run can be neither paused, stepped nor stopped; nothing where it can."""
    if not runs:
        return "Nothing learns yet: press start."
    if runs[-1].ended:
        return "It has ended, and does not go on: press start for a new run, or start another beside it."
    return ""


def reached(runs: Sequence[Learner], seen: Sequence[Seen]) -> tuple[tuple[int, int, int, bool], ...]:
    """What decides whether curves are drawn anew: which runs, their epochs and paces, and whether there is a model yet.

    Of many epochs every tenth part is drawn while it learns, and all once it rests: drawing takes longer than
    a small network's epoch.
    """
    return tuple(
        (id(run), _epochs(one), len(one.paces), one.model is not None) for run, one in zip(runs, seen, strict=True)
    )


def _epochs(seen: Seen) -> int:
    n = len(seen.records)
    part = 10 ** max(len(str(n)) - 2, 0)
    return n if seen.status != "learning" else n - n % part


def saved(model: Model) -> bytes:
    """The model's file, as its bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        model.save(path)
        return path.read_bytes()


def status(seen: Seen, pace: Pace, name: str = "") -> str:
    """A line on where a run is that goes on, if it does, by this pace; ``name`` says which of several."""
    paces, best = seen.paces or (pace,), max((r["validation_accuracy"] for r in seen.records), default=None)
    words = [
        name,
        f"<strong>{seen.status}</strong>",
        f"epoch {seen.epoch + 1}, {seen.steps:,} mini-batches" if seen.steps else "",
        "getting ready" if seen.status == "learning" and not seen.steps else "",
        f"{seen.rate:,.0f} examples/s" if seen.status == "learning" else "",
        paced(paces),
        f"goes on with {paced([pace])}" if seen.status == "paused" and pace != paces[-1] else "",
        "" if best is None else f"best validation {100 * best:.2f} %",
        escape(seen.problem),
    ]
    kind = 'class="lab-problem" role="alert"' if seen.problem else 'class="lab-status" aria-live="off"'
    return f"<p {kind}>{' · '.join(filter(None, words))}</p>"
