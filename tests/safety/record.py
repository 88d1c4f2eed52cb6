"""Record the results of runs on this machine in runs.json: ``python -m tests.safety.record [RUN ...]``.

The hashes for this kind of machine are replaced. Digests hold on every machine; they are added for new runs, and
replaced only with ``--digests``. Record a run again only if its results were meant to change.
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
    parser.add_argument("--digests", action="store_true", help="replace the digests as well")
    options = parser.parse_args()
    warnings.simplefilter("error")
    recorded = hashes.read()
    mine = recorded["hashes"].setdefault(hashes.key(), {})
    for name in options.names:
        with TemporaryDirectory() as folder:
            arrays = runs.compute(name, Path(folder))
        mine[name] = {part: hashes.sha256(array) for part, array in arrays.items()}
        if name in runs.RUNS and (options.digests or name not in recorded["digests"]):
            recorded["digests"][name] = {part: hashes.digest(array) for part, array in arrays.items()}
        print(name)
    hashes.RECORDED.write_text(json.dumps(recorded, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
