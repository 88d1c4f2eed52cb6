"""From every single time to the few numbers that are shown; the measured JSON is all it knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any

from benchmarks.contenders import OWN

Measured = Mapping[str, Any]
"""What :func:`benchmarks.measure.measure` gave, or a part of it, as it stands in the file."""


@dataclass(frozen=True)
class Row:
    """What a contender needed for an epoch. ``ratio`` is to deltarule, None if that failed.

    ``seconds`` is the median over the rounds of each round's median; ``fastest`` and ``slowest`` are
    the extremes of all epochs. ``compile_first`` is with an empty cache, ``compile_again`` the
    median with a filled one. ``accuracy`` is the mean over the rounds, each with another seed.
    """

    name: str
    label: str
    threads: int
    seconds: float
    fastest: float
    slowest: float
    ratio: float | None
    accuracy: float
    lowest_accuracy: float
    highest_accuracy: float
    compile_first: float
    compile_again: float
    peak_memory: int


@dataclass(frozen=True)
class Verdict:
    """A target and what was measured."""

    peer: str
    must: float
    aim: float
    ratio: float | None

    @property
    def word(self) -> str:
        if self.ratio is None:
            return "not measured"
        return "aim reached" if self.ratio >= self.aim else "must reached" if self.ratio >= self.must else "missed"


def rows(job: Measured) -> list[Row]:
    """A row for each contender that got through all rounds, the fastest first."""
    own = _round_seconds(next((r for r in job["results"] if r["name"] == OWN), {"rounds": []}))
    return sorted((_row(r, own) for r in job["results"] if not r["error"]), key=lambda row: row.seconds)


def failures(job: Measured) -> list[tuple[str, str]]:
    """Label and reason of each contender that did not get through."""
    return [(result["label"], result["error"]) for result in job["results"] if result["error"]]


def verdicts(job: Measured) -> list[Verdict]:
    """Each target of the job beside what was measured."""
    by_name = {row.name: row for row in rows(job)}
    labels = {result["name"]: result["label"] for result in job["results"]}
    return [
        Verdict(labels[t["peer"]], t["must"], t["aim"], by_name[t["peer"]].ratio if t["peer"] in by_name else None)
        for t in job["targets"]
    ]


def _row(result: Measured, own: Sequence[float]) -> Row:
    seconds = _round_seconds(result)
    every = [s for reply in result["rounds"] for s in reply["seconds"]]
    accuracies = [reply["accuracy"] for reply in result["rounds"]]
    trial = next(trial for trial in result["trials"] if trial["threads"] == result["threads"])
    return Row(
        name=result["name"],
        label=result["label"],
        threads=result["threads"],
        seconds=median(seconds),
        fastest=min(every),
        slowest=max(every),
        # taken round by round, so that a slow minute of the machine touches both sides
        ratio=median(s / o for s, o in zip(seconds, own, strict=True)) if len(own) == len(seconds) else None,
        accuracy=fmean(accuracies),
        lowest_accuracy=min(accuracies),
        highest_accuracy=max(accuracies),
        compile_first=trial["compile_seconds"],
        compile_again=median(reply["compile_seconds"] for reply in result["rounds"]),
        peak_memory=max(reply["peak_memory"] for reply in result["rounds"]),
    )


def _round_seconds(result: Measured) -> list[float]:
    return [median(reply["seconds"]) for reply in result["rounds"] if "error" not in reply]
