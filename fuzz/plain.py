"""Run the targets on mutated seeds, without coverage, in one process: `python -m fuzz.plain`.

It needs no further package, and starts in a second: for a change of one reader, and where atheris does not work.
"""

from __future__ import annotations

import argparse
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, process_time
from typing import Any

from fuzz.__main__ import SLOWEST, run_all
from fuzz.child import name_failure
from fuzz.modules import MODULES
from fuzz.mutations import Mutator
from fuzz.targets import list_inputs, refuse_warnings, try_input


class Slow(BaseException):
    """An input that takes too long; no ``except Exception`` catches it."""


@contextmanager
def watch_time() -> Iterator[Callable[[float], object]]:
    """Yield a function; so many seconds of CPU time after its call, :class:`Slow` is raised (0: never)."""
    if not hasattr(signal, "setitimer"):
        yield lambda seconds: None
        return

    def stop(number: int, frame: Any) -> None:
        raise Slow

    before = signal.signal(signal.SIGPROF, stop)
    try:
        yield lambda seconds: signal.setitimer(signal.ITIMER_PROF, seconds)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def run_target(name: str, seconds: float, most: int, seed: int, found: Path | None = None) -> dict[str, Any]:
    """Run a target for so many seconds, or so many inputs; write an input of each kind of failure."""
    seeds, rng, began, busy = list_inputs(name), random.Random(f"{name} {seed}"), monotonic(), process_time()
    mutator, n, failures = Mutator(seeds), 0, dict[str, str]()
    with watch_time() as limit, refuse_warnings():
        while n < most and monotonic() - began < seconds:
            content = seeds[n] if n < len(seeds) else mutator.mutate(rng)
            error: BaseException | None
            try:
                limit(SLOWEST)
                error = try_input(name, content)
                limit(0)
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
        "cpu": round(process_time() - busy, 1),
        "executions": n,
        "failures": list(failures.values()),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m fuzz.plain", description=__doc__)
    parser.add_argument("targets", nargs="*", help="the targets (default: all)")
    parser.add_argument("--seconds", type=float, default=60, help="how long to run each (default 60)")
    parser.add_argument("--seed", type=int, default=0, help="the seed of the mutations")
    parser.add_argument("--folder", type=Path, default=Path("."), help="where inputs that fail are written")
    parser.add_argument("--out", type=Path, help="a JSON file to write the results to")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)

    def run(name: str) -> dict[str, Any]:
        return run_target(name, options.seconds, 10**12, options.seed, options.folder)

    return run_all(options.targets or MODULES, run, options.out)


if __name__ == "__main__":
    raise SystemExit(main())
