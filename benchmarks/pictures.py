"""The time and the memory to read pictures from folders, against an earlier commit.

Run ``python -m benchmarks.pictures``. It writes MNIST's 60,000 training images as PNGs into a temporary folder, a
sub-folder for each digit, and takes the sources of the earlier commit out of git. Each version reads the folder in a
new process, in turns.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parent.parent
EARLIER = "83234c5"

READ = """
import json, resource, sys, time
import numpy
from PIL import Image, PngImagePlugin
from deltarule.data import load
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
splits = load("auto", sys.argv[1])
seconds = time.perf_counter() - start
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
array = sum(part.x.nbytes for part in splits)
print(json.dumps({"seconds": seconds, "mebibytes": (after - before) / 1024, "array": array / 2**20}))
"""


def write_pictures(folder: Path, n: int) -> None:
    """Write n images of MNIST as PNGs."""
    from PIL import Image

    from deltarule.data import load

    train, validation, _ = load("mnist")
    for i in range(n):
        part, at = (train, i) if i < len(train) else (validation, i - len(train))
        below = folder / str(part.y[at])
        below.mkdir(exist_ok=True)
        Image.fromarray(part.x[at].reshape(28, 28)).save(below / f"{i:05}.png")


def extract_sources(commit: str, folder: Path) -> Path:
    """Extract the sources of a commit, and return the folder to import from."""
    archive = subprocess.run(["git", "archive", commit, "src"], cwd=ROOT, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=BytesIO(archive)) as file:
        file.extractall(folder, filter="data")
    return folder / "src"


def read(sources: Path, pictures: Path) -> dict[str, Any]:
    """Read the pictures in a new process with these sources."""
    environment = os.environ | {"PYTHONPATH": str(sources)}
    command = [sys.executable, "-c", READ, str(pictures)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--against", default=EARLIER, metavar="COMMIT")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        pictures = Path(place, "pictures")
        pictures.mkdir()
        write_pictures(pictures, given.pictures)
        versions = {given.against: extract_sources(given.against, Path(place, "earlier")), "now": ROOT / "src"}
        results: dict[str, list[dict[str, Any]]] = {name: [] for name in versions}
        for _ in range(given.rounds):
            for name, sources in versions.items():
                results[name].append(found := read(sources, pictures))
                print(f"{name:8} {found['seconds']:6.2f} s, {found['mebibytes']:4.0f} MiB for {found['array']:.0f} MiB")
    ratios = [a["seconds"] / b["seconds"] for a, b in zip(*results.values(), strict=True)]
    print(f"{given.pictures:,} pictures are read {median(ratios):.2f} times as fast (median of {given.rounds} rounds)")


if __name__ == "__main__":
    main()
