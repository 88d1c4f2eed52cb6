"""Run the targets one after another, and print a table: `python -m fuzz`, or `make fuzz SECONDS=600`."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fuzz.modules import MODULES

ROOT = Path(__file__).parent.parent
LONGEST, SLOWEST, MEMORY = 4096, 10, 2048  # bytes, seconds and MiB of an input


def run_target(name: str, seconds: int, corpus: Path, found: Path) -> dict[str, Any]:
    """Run a target for so many seconds, and count its executions and failures."""
    from fuzz.targets import list_inputs

    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    for i, content in enumerate(list_inputs(name)):
        (corpus / f"seed{i}").write_bytes(content)
    limits = [f"-max_len={LONGEST}", f"-timeout={SLOWEST}", f"-rss_limit_mb={MEMORY}", f"-max_total_time={seconds}"]
    words = [sys.executable, "-m", "fuzz.child", name, str(corpus), str(found), *limits, "-print_final_stats=1"]
    before = os.times()
    ran = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, errors="replace")
    after = os.times()
    executions = re.search(r"stat::number_of_executed_units: +(\d+)", ran.stderr) or _find_last(ran.stderr)
    failures = sorted(path.read_text(encoding="utf-8").strip() for path in found.glob("*.txt"))
    failures += [path.name for path in sorted(found.iterdir()) if path.name.startswith(("crash", "timeout", "oom"))]
    if ran.returncode and not failures:
        failures.append(ran.stderr.strip().splitlines()[-1][:200] if ran.stderr.strip() else f"exit {ran.returncode}")
    total = re.findall(r"cov: (\d+)", ran.stderr)
    return {
        "target": name,
        "seconds": seconds,
        "cpu": round(after.children_user + after.children_system - before.children_user - before.children_system, 1),
        "executions": int(executions[1]) if executions else 0,
        "coverage": int(total[-1]) if total else 0,
        "failures": failures,
    }


def _find_last(text: str) -> re.Match[str] | None:
    """Find the last number of executions in the messages of a search that was broken off."""
    found = list(re.finditer(r"^#(\d+)\t", text, re.MULTILINE))
    return found[-1] if found else None


def format_results(results: Sequence[Mapping[str, Any]]) -> str:
    """Format the table of the document.

    >>> print(format_results([{"target": "idx", "cpu": 60.0, "executions": 6000, "failures": []}]))
    | Target | executions | CPU seconds | for each CPU second | failures |
    |---|---:|---:|---:|---:|
    | idx | 6,000 | 60 | 100 | 0 |
    | all | 6,000 | 60 | 100 | 0 |
    """
    total = {
        "target": "all",
        **{name: sum(one[name] for one in results) for name in ("cpu", "executions")},
        "failures": [failure for one in results for failure in one["failures"]],
    }
    lines = ["| Target | executions | CPU seconds | for each CPU second | failures |", "|---|---:|---:|---:|---:|"]
    for one in (*results, total):
        rate = one["executions"] / max(one["cpu"], 1)
        lines.append(
            f"| {one['target']} | {one['executions']:,} | {one['cpu']:,.0f} | {rate:,.0f} | {len(one['failures'])} |"
        )
    return "\n".join(lines)


def find_commit() -> str:
    """Find the commit of the code."""
    ran = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return ran.stdout.strip() or "unknown"


def run_all(names: Iterable[str], run: Callable[[str], dict[str, Any]], out: Path | None) -> int:
    """Run the targets, print a line for each and the table, and write the results; return 1 if one failed."""
    if hasattr(os, "nice"):
        os.nice(15)
    results: list[dict[str, Any]] = []
    content = {"commit": find_commit(), "date": datetime.now(UTC).date().isoformat(), "results": results}
    for name in names:
        results.append(run(name))
        failures = "".join(f"\n    {failure}" for failure in results[-1]["failures"])
        print(f"{name:16} {results[-1]['executions']:>10,} executions{failures}", flush=True)
        if out:
            out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print(format_results(results))
    return int(any(one["failures"] for one in results))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", help=f"the targets (default: all): {', '.join(MODULES)}")
    parser.add_argument("--seconds", type=int, default=60, help="how long to run each (default 60)")
    parser.add_argument("--folder", type=Path, help="the folder of inputs and failures (default: a temporary one)")
    parser.add_argument("--out", type=Path, help="a JSON file to write the results to")
    options = parser.parse_args()
    if unknown := set(options.targets) - MODULES.keys():
        parser.error(f"expected targets such as {', '.join(list(MODULES)[:3])}, got {', '.join(sorted(unknown))}")
    folder = options.folder or Path(tempfile.mkdtemp(prefix="fuzz"))
    print(f"inputs and failures: {folder}")

    def run(name: str) -> dict[str, Any]:
        return run_target(name, options.seconds, folder / "corpus" / name, folder / "found" / name)

    return run_all(options.targets or MODULES, run, options.out)


if __name__ == "__main__":
    raise SystemExit(main())
