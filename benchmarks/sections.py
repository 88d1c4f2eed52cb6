"""The sections of docs/benchmarks.md other than the tables of contenders."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from benchmarks.prose import ALONE, TARGETS
from benchmarks.summary import Measured, Verdict, verdicts
from deltarule.models.voting import VOTING
from deltarule.recipes import RECIPES
from deltarule.recipes.measurements import find_measurement

MANY = 1.2, 2.0
"""The target and stretch target of the speed of five networks at once, relative to one after another."""

MEANS = {"fast-99": (99.0, 99.0), "best": (99.60, 99.75)}
"""The target and stretch target of a recipe's mean test accuracy, in per cent."""

VOTES = {"best": ("soft", 99.75, 99.80)}
"""The kind of vote of a recipe's networks, and the targets of its accuracy."""


def targets(measured: Measured) -> str:
    """Compare all targets with the measurements."""
    lines = [(job["title"], verdict) for job in measured["jobs"] for verdict in verdicts(job)]
    gain = (measured.get("many") or {}).get("gain")
    lines.append(("5 networks 784-30-10 at once", Verdict("faster than one after another", "×", *MANY, gain)))
    return f"### Targets and measurements\n\n{TARGETS}\n\n" + _format_verdicts(lines)


def _format_verdicts(lines: Sequence[tuple[str, Verdict]]) -> str:
    return _table(
        ("job", "figure", "target", "stretch target", "measured", ""),
        "llrrrl",
        [(title, v.about, *v.texts, v.word) for title, v in lines],
    )


def _accuracies(name: str) -> list[Verdict]:
    found = find_measurement(name, RECIPES[name]) or {}
    seeds = f" over {len(found['seeds'])} seeds" if found else ""
    verdict = Verdict(f"mean test accuracy{seeds}", "%", *MEANS[name], _percent(found.get("accuracy")))
    if name not in VOTES:
        return [verdict]
    voting, *demanded = VOTES[name]
    vote = found.get("vote") or {}
    voters = f" of {vote['members']}" if vote else ""
    return [verdict, Verdict(f"accuracy of the {voting} vote{voters}", "%", *demanded, _percent(vote.get(voting)))]


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def many(measured: Measured) -> str:
    """Report several networks trained at once, and the other ways."""
    found = measured["many"]
    job, ways = found["job"], found["seconds"]
    table = _table(
        ("way", "seconds", "spread", "compiling, s"),
        "lrrr",
        [
            (name, f"{median(s):.3f}", f"{min(s):.3f}–{max(s):.3f}", f"{median(found['compile_seconds'][name]):.2f}")
            for name, s in ways.items()
        ],
    )
    same = "Their parameters are bitwise equal to those of single runs on one thread." * found["same_bytes"]
    return (
        f"### {job['members']} networks {'-'.join(map(str, job['sizes']))} at once\n\n"
        f"Mini-batches of {job['batch_size']}, {job['epochs']} epochs of {found['examples']:,} images, on "
        f"{found['date']}. The table shows the seconds for all networks together. {same}\n\n{table}"
    )


def nets() -> str:
    """Report the measured results of the recipes."""
    lines = []
    for name, recipe in RECIPES.items():
        found = find_measurement(name, recipe)
        if found:
            spread = "" if found["spread"] is None else f" ± {100 * found['spread']:.2f}"
            vote = found.get("vote") or {}
            voted = " / ".join(f"{100 * vote[voting]:.2f}" if voting in vote else "–" for voting in VOTING)
            each = ", ".join(f"{100 * accuracy:.2f}" for accuracy in found["accuracies"])
            mean = f"{100 * found['accuracy']:.2f} %{spread}"
            lines.append(
                (
                    f"`{name}`",
                    mean,
                    each,
                    f"{voted} of {vote['members']}" if vote else "–",
                    f"{found['seconds']:,.1f} s",
                    found["on"],
                    f"`{found['command']}`",
                )
            )
    asked = _format_verdicts([(f"the recipe `{name}`", verdict) for name in MEANS for verdict in _accuracies(name)])
    heading = (
        "recipe",
        "test accuracy",
        "each seed, %",
        "their vote, hard / soft, %",
        "shortest training",
        "on",
        "measured by",
    )
    return (
        f"## The results of the recipes\n\n{ALONE}\n\n"
        + asked
        + ("\n\n" + _table(heading, "lrlrrll", lines)) * bool(lines)
    )


def _table(heading: Sequence[str], sides: str, lines: Sequence[Sequence[str]]) -> str:
    rule = "".join(f"---{':' * (side == 'r')}|" for side in sides)
    return "\n".join([f"| {' | '.join(heading)} |", f"|{rule}", *(f"| {' | '.join(line)} |" for line in lines)])
