"""The results of a machine in one file: jobs and other measurements, each replaced separately."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.files import write_text
from benchmarks.jobs import JOBS
from benchmarks.machine import machine, slug


def save_results(out: Path, jobs: Iterable[Mapping[str, Any]] = (), **others: Mapping[str, Any]) -> Path:
    """Save measured jobs, by name, and other measurements in this machine's file in ``out``/results."""
    here = machine()
    path = out / "results" / f"benchmarks-{slug(here)}.json"
    past = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"jobs": []}
    by_name = {job["name"]: job for job in (*past["jobs"], *jobs)}
    known = [job.name for job in JOBS]
    in_order = [by_name[name] for name in known if name in by_name]
    content = {**past, **others, "format": 2, "machine": here, "jobs": in_order}
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return path
