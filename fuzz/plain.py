"""Run the targets on mutated seeds, without coverage, in one process: `python -m fuzz.plain`.

It needs no further package, and starts in a second: for a change of one reader, and where atheris does not work.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

from fuzz.__main__ import SLOWEST, find_commit, format_results
from fuzz.child import name_failure
from fuzz.modules import MODULES
from fuzz.mutations import mutate
from fuzz.targets import list_inputs, try_input


class Slow(BaseException):
    """An input that takes too long; no ``except Exception`` catches it."""


@contextmanager
def limit_time(seconds: int) -> Iterator[None]:
    """Raise :class:`Slow` in the block after so many seconds of CPU time (not on Windows)."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(number: int, frame: Any) -> None:
        raise Slow

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def run_target(name: str, seconds: float, most: int, seed: int, found: Path | None = None) -> dict[str, Any]:
    """Run a target for so many seconds, or so many inputs; write an input of each kind of failure."""
    seeds, rng, began = list_inputs(name), random.Random(f"{name} {seed}"), monotonic()
    n, failures = 0, dict[str, str]()
    while n < most and monotonic() - began < seconds:
        content = seeds[n] if n < len(seeds) else mutate(seeds, rng)
        error: BaseException | None
        try:
            with limit_time(SLOWEST):
                error = try_input(name, content)
        except Slow as slow:
            error = slow
        n += 1
        if error is not None and (failure := name_failure(error)) not in failures:
            failures[failure] = f"{failure}: {str(error)[:300]}"
            if found is not None:
                (found / f"{name.replace(' ', '_')}-{len(failures)}").write_bytes(content)
    return {
        "target": name,
        "seconds": round(monotonic() - began),
        "executions": n,
        "failures": list(failures.values()),
    }


def main() -> int:
    """Run the targets, print a line for each and the table, and write the results."""
    parser = argparse.ArgumentParser(prog="python -m fuzz.plain", description=__doc__)
    parser.add_argument("targets", nargs="*", help="the targets (default: all)")
    parser.add_argument("--seconds", type=float, default=60, help="how long to run each (default 60)")
    parser.add_argument("--seed", type=int, default=0, help="the seed of the mutations")
    parser.add_argument("--folder", type=Path, default=Path("."), help="where inputs that fail are written")
    parser.add_argument("--out", type=Path, help="a JSON file to write the results to")
    options = parser.parse_args()
    if hasattr(os, "nice"):
        os.nice(15)
    options.folder.mkdir(parents=True, exist_ok=True)
    results = []
    for name in options.targets or MODULES:
        results.append(run_target(name, options.seconds, 10**12, options.seed, options.folder))
        failures = "".join(f"\n    {failure}" for failure in results[-1]["failures"])
        print(f"{name:16} {results[-1]['executions']:>10,} executions{failures}", flush=True)
    print(format_results(results))
    if options.out:
        content = {"commit": find_commit(), "date": datetime.now(UTC).date().isoformat(), "results": results}
        options.out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return int(any(one["failures"] for one in results))


if __name__ == "__main__":
    raise SystemExit(main())
