"""docs/benchmarks.md and its figure, built only from the files of results."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.contenders import CONTENDERS
from benchmarks.figure import draw
from benchmarks.files import write_text, write_with
from benchmarks.grid_summary import grid
from benchmarks.prose import HEAD, METHOD
from benchmarks.results import read_results
from benchmarks.rows_text import lstm
from benchmarks.sections import many, nets, startup, targets
from benchmarks.summary import Measured, Row, failures, rows


def write_report(out: Path) -> list[Path]:
    """Write the report from ``out``/results/benchmarks-\\*.json, one per machine, and return its files."""
    found = [read_results(path) for path in sorted(out.glob("results/benchmarks-*.json"))]
    machines = [measured for measured in found if measured is not None]
    text, picture = out / "docs" / "benchmarks.md", out / "docs" / "benchmarks.png"
    write_text(text, render(machines))
    if not any(len(rows(job)) > 1 for machine in machines for job in machine["jobs"]):
        return [text]
    write_with(picture, lambda beside: draw(machines, beside))
    return [text, picture]


def render(machines: Sequence[Measured]) -> str:
    """Render the report as Markdown."""
    text = [HEAD]
    for measured in machines:
        text += [_machine(measured), targets(measured)]
        text += [_job(job) for job in measured["jobs"]]
        text += [section(measured) for section in (grid, startup, many, lstm) if measured.get(section.__name__)]
    text += [nets(), METHOD, _how(machines), _again(machines)]
    return "\n\n".join(text) + "\n"


def _machine(measured: Measured) -> str:
    about, versions = measured["machine"], {}
    for job in measured["jobs"]:
        versions |= job["versions"]
    return (
        f"## {about['processor']}, {about['cores']} cores\n\n"
        f"{about['memory_gib']} GiB of memory, {about['system']}, {about['architecture']}; Python {about['python']}, "
        + ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
        + "."
    )


def _job(job: Measured) -> str:
    shown, n = rows(job), job["epochs"]
    busy = "" if job["load_before"] is None else f" The load average before the start was {job['load_before']:g}."
    lines = [
        f"### {job['title']}\n",
        f"`{job['name']}`: {job['rounds']} round{'s' * (job['rounds'] > 1)} of {n} epoch{'s' * (n > 1)} "
        f"of {job['examples']:,} images, on {job['date']}.{busy} The recipe:\n",
        f"```toml\n{job['recipe'].strip()}\n```\n",
        f"| contender | threads | seconds per epoch | spread | ratio | accuracy after {n} | compiling, s | memory |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
        *(_row(row, job["examples"]) for row in shown),
    ]
    lines += [f"\n{label} could not be measured: {reason}" for label, reason in failures(job)]
    return "\n".join(lines)


def _row(row: Row, examples: int) -> str:
    compiling = f"{row.compile_first:.1f}, then {row.compile_again:.1f}" if row.compile_first > 0.05 else "–"
    scaled = "" if row.examples == examples else f", scaled from {row.examples:,} images"
    accuracy = "–"
    if row.accuracy is not None:
        accuracy = f"{100 * row.accuracy:.2f} % ({100 * row.lowest_accuracy:.2f}–{100 * row.highest_accuracy:.2f})"
    return (
        f"| {row.label}{scaled} | {row.threads} | {row.seconds:.3f} | {row.fastest:.3f}–{row.slowest:.3f} | "
        f"{'–' if row.ratio is None else f'{row.ratio:.1f}'} | {accuracy} | "
        f"{compiling} | {row.peak_memory / 2**20:.0f} MiB |"
    )


def _how(machines: Sequence[Measured]) -> str:
    texts = {r["label"]: r["how"] for measured in machines for job in measured["jobs"] for r in job["results"]}
    places = {c.label: i for i, c in enumerate(CONTENDERS)}
    labels = sorted(texts, key=lambda label: places.get(label, len(places)))  # "the same" refers to the one before
    return "**The contenders:**\n\n" + "\n".join(f"- *{label}*: {texts[label]}" for label in labels)


def _again(machines: Sequence[Measured]) -> str:
    others = [m[name] for m in machines for name in ("grid", "startup", "many", "lstm") if m.get(name)]
    measured = [part for m in machines for part in m["jobs"]] + others
    commands = dict.fromkeys(part["command"] for part in measured)
    return (
        "**To repeat the measurements**, on an otherwise idle machine: `make bench`, or one of the commands below,\n"
        "which replaces its earlier results on the same machine. The results of the recipes come from the commands in\n"
        "their table, all others from\n\n"
        "```\n" + "\n".join(commands) + "\n```"
    )
