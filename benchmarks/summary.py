"""From every single time to the few numbers that are shown; the measured JSON is all it knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any

from benchmarks.contenders import OWN

Measured = Mapping[str, Any]
"""What :func:`benchmarks.measure.measure` gave, or a part of it, as it stands in the file."""


MOST_DIGITS = 6
"""Behind the point, of a figure that is all but what was demanded."""


@dataclass(frozen=True)
class Row:
    """What a contender needed for an epoch. ``ratio`` is to deltarule, None if that failed.

    ``seconds`` is the median over the rounds of each round's median; ``fastest`` and ``slowest`` are
    the extremes of all epochs. They are times of all images; of a contender that was given
    fewer, ``examples``, they are multiplied accordingly, and it has no ``accuracy``, which is the mean
    over the rounds, each with another seed. ``compile_first`` is with an empty cache,
    ``compile_again`` the median with a filled one.
    """

    name: str
    label: str
    group: str
    threads: int
    examples: int
    seconds: float
    fastest: float
    slowest: float
    ratio: float | None
    accuracy: float | None
    lowest_accuracy: float
    highest_accuracy: float
    compile_first: float
    compile_again: float
    peak_memory: int


@dataclass(frozen=True)
class Verdict:
    """A target in words, and what was measured, None if nothing was; ``unit`` stands behind the numbers."""

    about: str
    unit: str
    must: float
    aim: float
    measured: float | None

    @property
    def word(self) -> str:
        return "not measured" if self.measured is None else self._judged(self.must, self.aim, self.measured)

    @property
    def shown(self) -> tuple[str, str, str]:
        """``must``, ``aim`` and ``measured``, with as many digits as it takes to see that the verdict is right."""
        digits, numbers = 1 if self.unit == "×" else 2, (self.must, self.aim)
        if self.measured is not None:
            three = (*numbers, self.measured)
            while digits < MOST_DIGITS and self._judged(*(round(n, digits) for n in three)) != self.word:
                digits += 1
        must, aim, measured = ("–" if n is None else f"{n:.{digits}f} {self.unit}" for n in (*numbers, self.measured))
        return must, aim, measured

    def _judged(self, must: float, aim: float, measured: float) -> str:
        sign = -1 if self.unit in ("s", "GB") else 1  # times and memory are to be small
        reached = [sign * measured >= sign * wanted for wanted in (aim, must)]
        return "aim reached" if reached[0] else "must reached" if reached[1] else "missed"


def rows(job: Measured) -> list[Row]:
    """A row for each contender that got through all rounds, the fastest first."""
    own = next((_round_seconds(job, r) for r in job["results"] if r["name"] == OWN), [])
    return sorted((_row(job, r, own) for r in job["results"] if not r["error"]), key=lambda row: row.seconds)


def failures(job: Measured) -> list[tuple[str, str]]:
    """Label and reason of each contender that did not get through."""
    return [(result["label"], result["error"]) for result in job["results"] if result["error"]]


def verdicts(job: Measured) -> list[Verdict]:
    """Each target of the job beside what was measured."""
    return [_verdict(job, target, rows(job)) for target in job["targets"]]


def _verdict(job: Measured, target: Measured, measured: Sequence[Row]) -> Verdict:
    must, aim = target["must"], target["aim"]
    if target["figure"] == "ratio":
        peers = [row for row in measured if target["peer"] in (row.name, row.group)]
        name = peers[0].label if peers else target["peer"]  # rows are sorted: the fastest comes first
        several = sum(target["peer"] == result["group"] for result in job["results"]) > 1
        about = f"faster than {name}" + (", the fastest of its forms" if several else "")
        return Verdict(about, "×", must, aim, peers[0].ratio if peers else None)
    own = next((row for row in measured if row.name == OWN), None)
    if target["figure"] == "seconds":
        return Verdict("training", "s", must, aim, None if own is None else own.seconds * job["epochs"])
    memory = None if own is None else own.peak_memory / 10**9
    return Verdict("memory at most", "GB", must / 1000, aim / 1000, memory)


def _row(job: Measured, result: Measured, own: Sequence[float]) -> Row:
    seconds = _round_seconds(job, result)
    every = [s * _scale(job, reply) for reply in result["rounds"] for s in reply["seconds"]]
    accuracies = [reply["accuracy"] for reply in result["rounds"]]
    trial = next(trial for trial in result["trials"] if trial["threads"] == result["threads"])
    examples = result["rounds"][0]["examples"]
    return Row(
        name=result["name"],
        label=result["label"],
        group=result["group"],
        threads=result["threads"],
        examples=examples,
        seconds=median(seconds),
        fastest=min(every),
        slowest=max(every),
        # taken round by round, so that a slow minute of the machine touches both sides
        ratio=median(s / o for s, o in zip(seconds, own, strict=True)) if len(own) == len(seconds) else None,
        accuracy=fmean(accuracies) if examples == job["examples"] else None,
        lowest_accuracy=min(accuracies),
        highest_accuracy=max(accuracies),
        compile_first=trial["compile_seconds"],
        compile_again=median(reply["compile_seconds"] for reply in result["rounds"]),
        peak_memory=max(reply["peak_memory"] for reply in result["rounds"]),
    )


def _round_seconds(job: Measured, result: Measured) -> list[float]:
    return [median(r["seconds"]) * _scale(job, r) for r in result["rounds"] if "error" not in r]


def _scale(job: Measured, reply: Measured) -> float:
    return job["examples"] / reply["examples"]
