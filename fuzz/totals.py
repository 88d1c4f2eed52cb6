"""Add up the results of several runs, and print the table of docs/reliability.md: `python -m fuzz.totals FILES`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from fuzz.__main__ import format_results


def add_up(results: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Add up the executions, CPU seconds and failures of each target; a failure that occurs again counts once.

    >>> run = {"target": "idx", "cpu": 1.5, "executions": 100, "failures": ["a"]}
    >>> add_up([run, run])
    [{'target': 'idx', 'cpu': 3.0, 'executions': 200, 'failures': ['a']}]
    """
    found: dict[str, dict[str, Any]] = {}
    for one in results:
        total = found.setdefault(one["target"], {"target": one["target"], "cpu": 0.0, "executions": 0, "failures": []})
        total["cpu"] += one["cpu"]
        total["executions"] += one["executions"]
        total["failures"] += [failure for failure in one["failures"] if failure not in total["failures"]]
    return list(found.values())


def count_since_failure(results: Iterable[Mapping[str, Any]]) -> int:
    """Count the executions since the last failure, without those of the target that failed; results in their order.

    >>> count_since_failure([{"executions": 9, "failures": ["a"]}, {"executions": 5, "failures": []}])
    5
    """
    count = 0
    for one in results:
        count = 0 if one["failures"] else count + one["executions"]
    return count


def main(paths: Sequence[str]) -> None:
    files = [json.loads(Path(path).read_text(encoding="utf-8")) for path in paths]
    results = [one for file in files for one in file["results"]]
    commits = list(dict.fromkeys(file["commit"] for file in files))
    print(f"commits {', '.join(commits)}; {files[0]['date']} to {files[-1]['date']}; {len(files)} runs\n")
    print(format_results(add_up(results)))
    for failure in dict.fromkeys(f"{one['target']}: {failure}" for one in results for failure in one["failures"]):
        print(f"- {failure}")
    print(f"\n{count_since_failure(results):,} executions since the last failure")


if __name__ == "__main__":
    main(sys.argv[1:])
