"""The sections of docs/benchmarks.md other than the tables of contenders."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from benchmarks.contenders import OWN
from benchmarks.prose import ALONE, TARGETS
from benchmarks.summary import Measured, Verdict, rows, verdicts
from deltarule.engines.choice import PARTS_FROM
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


def parts(measured: Measured) -> str:
    """Report the gain by threads for each of the two ways to share the work."""
    found = measured["parts"]
    lines = []
    for title, network in found["networks"].items():
        alone, shared, taken = (network["seconds"][way] for way in ("one thread", "products shared", "parts"))
        cells = [f"{median(a / b for a, b in zip(alone, each, strict=True)):.2f} ×" for each in (shared, taken)]
        lines.append((title, f"{network['operations_a_parameter']:,}", f"{median(alone):.3f}", *cells))
    heading = ("network", "operations per parameter", "one thread, s", "products shared", "parts of the mini-batch")
    return (
        f"### The gain by {found['threads']} threads\n\n"
        "The threads either share each matrix product, or each thread takes a part of the mini-batch and the\n"
        "gradients are averaged once per step (see [devices.md](devices.md)). The table shows the speed relative to\n"
        f"one thread: the median over rounds of {found['examples']:,} images each, on {found['date']}. If a step "
        f"has at least {PARTS_FROM:,} operations\nper parameter, each thread takes a part of the mini-batch. If it has "
        "fewer, the threads share each product.\n\n" + _table(heading, "lrrrr", lines)
    )


def profile(measured: Measured) -> str:
    """Report the profile of the convolutional jobs, and compare their speed with the peak of the processor."""
    found = measured["profile"]
    kinds = list(found["profiles"][0]["microseconds_per_image"])
    totals = [sum(p["microseconds_per_image"].values()) for p in found["profiles"]]
    shares = [(kind, *_cells([p["microseconds_per_image"][kind] for p in found["profiles"]], totals)) for kind in kinds]
    heading = ("µs per image, one thread", *(cell for p in found["profiles"] for cell in (p["job"], "")))
    whole = ("total", *(cell for total in totals for cell in (f"{total:.1f}", "")))
    timed = (
        "the epoch, untraced",
        *(c for p in found["profiles"] for c in (f"{p['epoch_microseconds_per_image']:.1f}", "")),
    )
    first = found["profiles"][0]
    peaks = ", ".join(
        f"{gflops:.0f} GFLOP/s on {threads} thread{'s' * (threads != '1')}"
        for threads, gflops in found["peak_gflops"].items()
    )
    return (
        "### The profile of the convolution\n\n"
        "The table shows the time of a step, divided by purpose. It comes from the trace of an epoch, on "
        f"{found['date']}. The\ncompiled program names the source lines of each operation. The compiler joins some "
        "operations into one, a fusion. Its\ntime counts for the purpose of its result. Tracing itself takes time, and "
        "work that two threads of the compiler's\nruntime do at the same time counts twice.\n\n"
        + _table(heading, "l" + "r" * (len(heading) - 1), [*shares, whole, timed])
        + "\n\nOn this machine a matrix product (NumPy's, 1024 × 1024, float32, the best of 20) reaches "
        + f"{peaks}. By definition an image takes {first['operations_by_definition'] / 1e6:.1f} million operations. A "
        "multiplication and its addition count as two. Every weight is used at every place of the image: once in the "
        "forward pass, once for ∂C/∂w and, except in the first layer, once for ∂C/∂x. The program in this measurement "
        f"computed {first['operations_done'] / 1e6:.1f} million, without the additions around the products. It needs "
        "fewer because neighbouring outputs share products (Toom and Cook: k + 1 instead of 2 k along the width). "
        "Since 2026-11-22 kernels with few weights, as in the first layer, are padded with zeros to the whole pooling "
        "window, which takes more multiplications.\n\n" + _fractions(measured)
    )


def _cells(values: Sequence[float], totals: Sequence[float]) -> list[str]:
    pairs = zip(values, totals, strict=True)
    return [cell for value, total in pairs for cell in (f"{value:.1f}", f"{100 * value / total:.0f} %")]


def _fractions(measured: Measured) -> str:
    """Compare the arithmetic of the timed epochs with the peak."""
    found = measured["profile"]
    peaks, lines = found["peak_gflops"], []
    for job in measured["jobs"]:
        shares = next((p for p in found["profiles"] if p["job"] == job["name"]), None)
        own = next((row for row in rows(job) if row.name == OWN), None)
        if shares is None or own is None or str(own.threads) not in peaks:
            continue
        speeds = [
            job["examples"] * shares[f"operations_{way}"] / own.seconds / 1e9 for way in ("by_definition", "done")
        ]
        limit = peaks[str(own.threads)]
        cells = [f"{speed:.0f} GFLOP/s, {100 * speed / limit:.0f} % of the peak" for speed in speeds]
        lines.append((job["name"], f"{own.seconds:.2f}", str(own.threads), *cells))
    heading = ("job", "seconds per epoch", "threads", "operations by definition", "operations done")
    return _table(heading, "lrrrr", lines)


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
