"""docs/benchmarks.md and its figure, made from the files of results and from nothing else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from benchmarks.figure import draw
from benchmarks.files import write_text, write_with
from benchmarks.summary import Measured, Row, failures, rows, verdicts


def write_report(out: Path) -> list[Path]:
    """Reads ``out``/results/benchmarks-\\*.json, one a machine, writes the report, and returns its files."""
    machines = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(out.glob("results/benchmarks-*.json"))]
    text, picture = out / "docs" / "benchmarks.md", out / "docs" / "benchmarks.png"
    write_text(text, render(machines))
    if not any(rows(job) for machine in machines for job in machine["jobs"]):
        return [text]
    write_with(picture, lambda beside: draw(machines, beside))
    return [text, picture]


def render(machines: Sequence[Measured]) -> str:
    """The report as Markdown."""
    parts = [HEAD]
    for measured in machines:
        parts.append(_machine(measured))
        parts += [_job(job) for job in measured["jobs"]]
    parts.append(METHOD)
    parts += [_how(machines), _again(machines)]
    return "\n\n".join(parts) + "\n"


HEAD = """\
# Benchmarks

How long deltarule and its peers take to learn the same thing from the same images. Written by `make bench` from
`results/benchmarks-*.json`, which hold every single time; not to be edited by hand.

![Seconds per epoch of every contender, as bars](benchmarks.png)"""

METHOD = """\
## What was measured, and how

An **epoch** is one pass over the 50,000 training images of MNIST, in a new random order, in mini-batches. The images
are held as bytes; shuffling them and scaling them to floating-point numbers from 0 to 1 is inside the time. Loading,
the first weights, compiling and the accuracy on the 10,000 test images are outside it.

**Everybody does the same work**: sigmoid neurons, the cross-entropy, plain gradient descent at the same η, weights
from N(0, 1/n_in) and biases from N(0, 1), for the same number of epochs; where a peer differs it is said below. The
accuracy on the test images after the last epoch shows it: mean (lowest to highest) over the rounds, each of which has
another seed.

**In turn**: a round starts one process for each contender, one after another, nothing beside it, the order turned
round in every other round. A contender's time is the median over the rounds of the median epoch of each; the *spread*
goes from the fastest to the slowest of all its epochs. The *ratio* is the median over the rounds of its time divided
by that of deltarule's JAX engine in the same round: how many times as long it takes.

**Threads**: 1, 2, 4, … and all cores were tried first, in short runs in turn; the number with the least median
time was taken, but a smaller one where that lay within 3 % of it.

**Compiling** counts nowhere and is stated: first with an empty cache, then again, when the compiled program was in
the cache. **Memory** is the most that the process held at any moment, the images and the libraries included."""


def _machine(measured: Measured) -> str:
    about, versions = measured["machine"], measured["versions"]
    busy = ""
    if measured["load_before"] is not None:
        busy = f" The load average before the start was {measured['load_before']:g}."
    return (
        f"## {about['processor']}, {about['cores']} cores\n\n"
        f"{about['memory_gib']} GiB of memory, {about['system']}, {about['architecture']}; Python {about['python']}, "
        + ", ".join(f"{name} {version}" for name, version in versions.items())
        + f". Measured on {measured['date']}.{busy}"
    )


def _job(job: Measured) -> str:
    shown, n = rows(job), job["epochs"]
    lines = [
        f"### {job['name']}\n",
        f"{'-'.join(map(str, job['sizes']))} neurons, {job['cost']}, mini-batches of {job['batch_size']}, "
        f"η = {job['eta']:g}; {job['rounds']} round{'s' * (job['rounds'] > 1)} of {n} epoch{'s' * (n > 1)} "
        f"of {job['examples']:,} images.\n",
        f"| contender | threads | seconds per epoch | spread | ratio | accuracy after {n} | compiling, s | memory |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
        *map(_row, shown),
    ]
    if job["targets"]:
        lines += [
            "",
            "| figure | must | aim | measured | |",
            "|---|--:|--:|--:|---|",
            *(
                f"| faster than {v.peer} | {v.must:g} × | {v.aim:g} × | "
                f"{'–' if v.ratio is None else f'{v.ratio:.1f} ×'} | {v.word} |"
                for v in verdicts(job)
            ),
        ]
    lines += [f"\n{label} could not be measured: {reason}" for label, reason in failures(job)]
    return "\n".join(lines)


def _row(row: Row) -> str:
    compiling = f"{row.compile_first:.1f}, then {row.compile_again:.1f}" if row.compile_first > 0.05 else "–"
    return (
        f"| {row.label} | {row.threads} | {row.seconds:.3f} | {row.fastest:.3f}–{row.slowest:.3f} | "
        f"{'–' if row.ratio is None else f'{row.ratio:.1f}'} | "
        f"{100 * row.accuracy:.2f} % ({100 * row.lowest_accuracy:.2f}–{100 * row.highest_accuracy:.2f}) | "
        f"{compiling} | {row.peak_memory / 2**20:.0f} MiB |"
    )


def _how(machines: Sequence[Measured]) -> str:
    said = {r["label"]: r["how"] for measured in machines for job in measured["jobs"] for r in job["results"]}
    return "**The contenders:**\n\n" + "\n".join(f"- *{label}*: {how}" for label, how in said.items())


def _again(machines: Sequence[Measured]) -> str:
    commands = dict.fromkeys(measured["command"] for measured in machines)
    return (
        "**To measure again**, on a machine left alone: `make bench`. What stands above came from\n\n"
        "```\n" + "\n".join(commands) + "\n```"
    )
