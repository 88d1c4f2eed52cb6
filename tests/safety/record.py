"""``python -m tests.safety.record`` adds what this machine computes to runs.json; name runs to record these alone.

Hashes of this kind of machine are replaced, and digests only where there are none yet or ``--digests`` is
given: they hold on every machine. Record anew only where a run was meant to change.
"""

from __future__ import annotations

import argparse
import json
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

from . import hashes, runs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=[*runs.RUNS, *runs.MINIATURES], metavar="RUN")
    parser.add_argument("--digests", action="store_true", help="replace the digests, too")
    asked = parser.parse_args()
    warnings.simplefilter("error")
    recorded = hashes.read()
    mine = recorded["hashes"].setdefault(hashes.key(), {})
    for name in asked.names:
        with TemporaryDirectory() as folder:
            arrays = runs.compute(name, Path(folder))
        mine[name] = {part: hashes.sha256(array) for part, array in arrays.items()}
        if name in runs.RUNS and (asked.digests or name not in recorded["digests"]):
            recorded["digests"][name] = {part: hashes.digest(array) for part, array in arrays.items()}
        print(name)
    hashes.RECORDED.write_text(json.dumps(recorded, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
