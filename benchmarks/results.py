"""The results of a machine in one file: jobs and other measurements, each replaced separately."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.files import write_text
from benchmarks.jobs import JOBS
from benchmarks.machine import machine, slug
from deltarule.errors import InvalidArgument

FORMAT = 3
"""The format of the files. Earlier ones hold measurements of code that no longer exists, and are not read."""


def save_results(out: Path, jobs: Iterable[Mapping[str, Any]] = (), **others: Mapping[str, Any]) -> Path:
    """Save measured jobs, by name, and other measurements in this machine's file in ``out``/results."""
    here = machine()
    path = out / "results" / f"benchmarks-{slug(here)}.json"
    past = read_results(path) or {"jobs": []}
    by_name = {job["name"]: job for job in (*past["jobs"], *jobs)}
    known = [job.name for job in JOBS]
    in_order = [by_name[name] for name in known if name in by_name]
    content = {**past, **others, "format": FORMAT, "machine": here, "jobs": in_order}
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return path


def save_reason(out: Path, key: str, text: str) -> Path:
    """Save why the targets of a job, or of another measurement, were missed; an empty text removes the reason."""
    known = [*(job.name for job in JOBS), "grid", "import", "predict", "demo", "fit", "many", "lstm"]
    if key not in known:
        raise InvalidArgument(argument="key", expected=f"one of {', '.join(known)}", value=key)
    path = out / "results" / f"benchmarks-{slug(machine())}.json"
    reasons = {**(read_results(path) or {}).get("reasons", {}), key: text}
    return save_results(out, reasons={name: reason for name, reason in reasons.items() if reason})


def read_results(path: Path) -> dict[str, Any] | None:
    """Read a machine's results; return None if there are none in this format."""
    if not path.exists():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    return found if found["format"] == FORMAT else None
