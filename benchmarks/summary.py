"""The summary of the measured JSON: from every single time to the few numbers of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any

from benchmarks.contenders import OWN, TODAY

Measured = Mapping[str, Any]
"""The result of :func:`benchmarks.measure.measure`, or a part of it, as stored in the file."""


MOST_DIGITS = 6
"""The largest number of decimals, for a figure that is very close to its target."""


@dataclass(frozen=True)
class Row:
    """The figures of a contender. ``ratio`` is its time relative to deltarule's, None if that failed.

    ``seconds`` is the median over the rounds of each round's median; ``fastest`` and ``slowest`` are
    the extremes of all epochs. They are times of all images; for a contender with
    fewer, ``examples``, they are multiplied accordingly, and it has no ``accuracy``, which is the mean
    over the rounds, each with another seed. ``compile_first`` is the time with an empty cache,
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
    """A target in words, and the measured figure, None if there is none; ``unit`` follows the numbers.

    With ``less``, less is better. A ``goal`` is a range in words that is not required, and begins at ``must``.
    """

    about: str
    unit: str
    must: float
    aim: float
    measured: float | None
    less: bool = False
    goal: str = ""

    @property
    def word(self) -> str:
        if self.measured is None:
            return "not measured"
        met = self._judge(self.must, self.aim, self.measured)
        if self.goal:
            return "goal missed" if met == "missed" else "goal met"
        return met

    @property
    def texts(self) -> tuple[str, str, str]:
        """``must``, ``aim`` and ``measured`` as texts, with enough digits to confirm the verdict."""
        digits, numbers = 1 if self.unit == "×" else 2, (self.must, self.aim)
        if self.measured is not None:
            met = self._judge(*numbers, self.measured)
            while digits < MOST_DIGITS and self._judge(*(round(n, digits) for n in (*numbers, self.measured))) != met:
                digits += 1
        must, aim, measured = ("–" if n is None else f"{n:.{digits}f} {self.unit}" for n in (*numbers, self.measured))
        return must, aim, measured

    def _judge(self, must: float, aim: float, measured: float) -> str:
        sign = -1 if self.less else 1
        aim_met, must_met = (sign * measured >= sign * wanted for wanted in (aim, must))
        return "stretch target met" if aim_met else "target met" if must_met else "missed"


def rows(job: Measured, reference: str = OWN) -> list[Row]:
    """Return a row for each contender without an error, the fastest first, with ratios to the ``reference``."""
    own = next((_round_seconds(job, r) for r in job["results"] if r["name"] == reference), [])
    return sorted((_row(job, r, own) for r in job["results"] if not r["error"]), key=lambda row: row.seconds)


def failures(job: Measured) -> list[tuple[str, str]]:
    """Return the label and the reason of each contender that failed."""
    return [(result["label"], result["error"]) for result in job["results"] if result["error"]]


def verdicts(job: Measured) -> list[Verdict]:
    """Compare each target of the job with the measurements."""
    return [_verdict(job, target, rows(job)) for target in job["targets"]]


def _verdict(job: Measured, target: Measured, measured: Sequence[Row]) -> Verdict:
    must, aim = target["must"], target["aim"]
    if target["figure"] == "ratio":
        peers = [row for row in measured if target["peer"] in (row.name, row.group)]
        name = peers[0].label if peers else target["peer"]  # rows are sorted: the fastest comes first
        several = sum(target["peer"] == result["group"] for result in job["results"]) > 1
        about = "faster than before" if target["peer"] == TODAY else f"faster than {name}"
        about += ", the fastest of its forms" if several else ""
        return Verdict(about, "×", must, aim, peers[0].ratio if peers else None, goal=target["goal"])
    own = next((row for row in measured if row.name == OWN), None)
    memory = None if own is None else own.peak_memory / 10**6
    return Verdict("peak memory", "MB", must, aim, memory, less=True)


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
        # computed per round, so that a slow minute of the machine affects both sides
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
