"""The sections of docs/benchmarks.md other than the tables of contenders."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from benchmarks.grid_summary import judge_grid
from benchmarks.markdown import format_table
from benchmarks.prose import ALONE, TARGETS
from benchmarks.rows_text import judge as judge_rows
from benchmarks.summary import Measured, Verdict, verdicts
from deltarule.models.voting import VOTING
from deltarule.recipes import RECIPES
from deltarule.recipes.measurements import find_measurement

MANY = 1.2, 2.0
"""The target and stretch target of the speed of several networks at once, relative to one after another."""

MEANS = {"fast-99": (99.0, 99.0), "best": (99.60, 99.75)}
"""The target and stretch target of a recipe's mean test accuracy, in per cent."""

VOTES = {"best": ("soft", 99.75, 99.80)}
"""The kind of vote of a recipe's networks, and the targets of its accuracy."""

STARTUP = {
    "import": "`import deltarule`",
    "predict": "`deltarule predict`, one picture, a fresh process",
    "demo": "`deltarule demo`, to the line of the first epoch",
    "fit": "`fit` on 20 images, an epoch of 2 mini-batches",
}
"""The figures of small work, and their names in the tables."""

Line = tuple[str, str, Verdict]
"""A key, by which a reason is found, the name of a job, and a verdict."""


def targets(measured: Measured) -> str:
    """Compare all targets with the measurements, and give the reasons of those that were missed."""
    lines: list[Line] = [(job["name"], job["title"], v) for job in measured["jobs"] for v in verdicts(job)]
    lines += [("grid", "dense networks, the whole grid", v) for v in judge_grid(measured.get("grid"))]
    lines += [(key, STARTUP[key], v) for key, v in _judge_startup(measured.get("startup"))]
    for group in (measured.get("many") or {}).get("groups", ()):
        verdict = Verdict("faster than one after another", "×", *MANY, group["gain"])
        lines.append(("many", f"{group['members']} networks 784-30-10 at once", verdict))
    lines += [("lstm", title, verdict) for title, verdict in judge_rows(measured)]
    required = format_verdicts([(title, v) for _, title, v in lines if not v.goal])
    goals = format_table(
        ("job", "figure", "goal", "measured", ""),
        "llrrl",
        [(title, v.about, f"{v.goal} ×", v.texts[2], v.word) for _, title, v in lines if v.goal],
    )
    reasons = measured.get("reasons", {})
    missed = dict.fromkeys(key for key, _, v in lines if v.word.endswith("missed") and key in reasons)
    why = "\n\nWhy targets were missed:\n\n" + "\n".join(f"- `{key}`: {reasons[key]}" for key in missed)
    return f"### Targets and measurements\n\n{TARGETS}\n\n{required}\n\n{goals}{why * bool(missed)}"


def format_verdicts(lines: Sequence[tuple[str, Verdict]]) -> str:
    """Format required figures as a table."""
    return format_table(
        ("job", "figure", "target", "stretch target", "measured", ""),
        "llrrrl",
        [(title, v.about, *v.texts, v.word) for title, v in lines],
    )


def _judge_startup(found: Measured | None) -> list[tuple[str, Verdict]]:
    """Judge the figures of small work; each ratio is the median of the rounds' ratios."""
    if found is None:
        return []
    figures = found["figures"]

    def ratio(figure: str, of: str, to: str) -> float:
        pairs = zip(figures[figure][of], figures[figure][to], strict=True)
        return median(a["seconds"] / b["seconds"] for a, b in pairs)

    peaks = [median(r["memory"] for r in figures["import"][f"import {name}"]) for name in ("deltarule", "numpy")]
    cost = 1000 * median(reply["seconds"] for reply in figures["fit"]["native engine"])
    shown = ratio("import", "import deltarule", "import numpy")
    return [
        ("import", Verdict("time, relative to `import numpy`", "×", 1.3, 1.0, shown, less=True)),
        ("import", Verdict("more memory than `import numpy`", "MB", 15, 0, (peaks[0] - peaks[1]) / 10**6, less=True)),
        ("predict", Verdict("faster than before", "×", 2, 4, ratio("predict", "before", "now"))),
        ("demo", Verdict("faster than before", "×", 4, 4, ratio("demo", "before", "now"))),
        ("fit", Verdict("fixed cost", "ms", 5, 5, cost, less=True)),
    ]


def startup(measured: Measured) -> str:
    """Report the figures of small work."""
    found, lines = measured["startup"], []
    for figure, ways in found["figures"].items():
        for way, replies in ways.items():
            times = [1000 * reply["seconds"] for reply in replies]
            peak = f"{median(r['memory'] for r in replies) / 10**6:.1f} MB" if "memory" in replies[0] else "–"
            spread = f"{min(times):.1f}–{max(times):.1f}"
            lines.append((STARTUP[figure], way, f"{median(times):.1f}", spread, peak))
    table = format_table(("work", "way", "ms", "spread", "peak memory"), "llrrr", lines)
    return (
        f"### Small work\n\nMeasured on {found['date']}, in {len(replies)} rounds, each in a fresh process, with all "
        "files in the memory of the system. `import` counts the import alone; "
        "the bare import loads a function only when it is first named. `fit` counts a call after ten others. "
        f"“Before” is commit 83234c5.\n\n{table}"
    )


def many(measured: Measured) -> str:
    """Report several networks trained at once, and the other ways."""
    found, lines = measured["many"], []
    for group in found["groups"]:
        for way, s in group["seconds"].items():
            lines.append((str(group["members"]), way, f"{median(s):.3f}", f"{min(s):.3f}–{max(s):.3f}"))
    first = found["groups"][0]
    same = " Their parameters are bitwise equal to those of single runs on one thread."
    return (
        f"### Several networks {'-'.join(map(str, first['sizes']))} at once\n\n"
        f"`fit_many` with the native engine: mini-batches of {first['batch_size']}, {first['epochs']} epochs of "
        f"{first['examples']:,} images, on {found['date']}. The table shows the seconds for all networks together."
        f"{same * all(group['same_bytes'] for group in found['groups'])}\n\n"
        + format_table(("networks", "way", "seconds", "spread"), "rlrr", lines)
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
            voters = f"{voted} of {vote['members']}" if vote else "–"
            shortest = f"{found['seconds']:,.1f} s"
            lines.append((f"`{name}`", mean, each, voters, shortest, found["on"], f"`{found['command']}`"))
    asked = format_verdicts([(f"the recipe `{name}`", verdict) for name in MEANS for verdict in _accuracies(name)])
    heading = (
        *("recipe", "test accuracy", "each seed, %", "their vote, hard / soft, %"),
        *("shortest training", "on", "measured by"),
    )
    table = format_table(heading, "lrlrrll", lines)
    return f"## The results of the recipes\n\n{ALONE}\n\n{asked}" + f"\n\n{table}" * bool(lines)


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
