"""CPU seconds and memory for inputs that once took too much: `python -m benchmarks.worst_inputs`."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import process_time

import numpy as np

from benchmarks.command import command
from deltarule.book.conversion import convert
from deltarule.data import user_data
from deltarule.digit_strings import load_reader, read_string
from deltarule.errors import DeltaruleError
from deltarule.recipes import read


def read_recipe(text: str) -> Callable[[Path], object]:
    def run(folder: Path) -> object:
        (folder / "net.toml").write_text(text)
        return read(folder / "net.toml")

    return run


def draw_strokes(n: int, step: int, width: int) -> np.ndarray:
    page = np.full((60, 1000), 255, np.uint8)
    for i in range(n):
        page[12:29, 8 + i * step : 8 + i * step + width] = 0
    return page


def read_labels(folder: Path) -> object:
    lines = (f"{i};{i},{i % 2}\n" for i in range(1_300_000))
    (folder / "t.csv").write_text("a;b,label\n" + "".join(lines))
    return user_data.load(folder / "t.csv")


def read_wide_table(folder: Path) -> object:
    line = ",".join(str(i % 10) for i in range(50_000))
    (folder / "t.csv").write_text(f"{line}\n" * 8)
    return user_data.load(folder / "t.csv")


def read_dots(folder: Path) -> object:
    page = np.full((120, 200), 255, np.uint8)
    for i in range(16):
        page[10 + 6 * i : 16 + 6 * i, 10 + 11 * i : 16 + 11 * i] = 0
    return read_string(page, load_reader())


def read_page(mode: str) -> Callable[[Path], object]:
    def run(folder: Path) -> object:
        from PIL import Image

        from deltarule.data import prepare

        code = f'from PIL import Image; Image.new("{mode}", (9400, 9400), "white").save("{folder}/page.png")'
        subprocess.run([sys.executable, "-c", code], check=True)  # its memory does not count
        Image.init()
        return prepare(folder / "page.png")

    return run


INPUTS: dict[str, Callable[[Path], object]] = {
    "network file: comments before an unknown setting": read_recipe("#\n" * 4000 + 'layers=["Output"]\nfoo=1\n'),
    "network file: a key 40,000 deep": read_recipe(".".join("a" * 40000) + " = 1\n"),
    "Python 2: 4,000 prints": lambda folder: convert("print 'a'\n" * 4000),
    "row of 120 bars": lambda folder: read_string(draw_strokes(120, 8, 3), load_reader()),
    "row of 240 strokes": lambda folder: read_string(draw_strokes(240, 4, 2), load_reader()),
    "table with a million different labels": read_labels,
    "table of 50,000 columns": read_wide_table,
    "dots on a slope, as a row of digits": read_dots,
    "white page of 88 megapixels": read_page("L"),
    "white page of 88 megapixels, transparent": read_page("RGBA"),
}


@command
def main(arguments: list[str] | None = None) -> int:
    names = list(sys.argv[1:] if arguments is None else arguments)
    if not names:
        for name in INPUTS:
            subprocess.run([sys.executable, "-m", "benchmarks.worst_inputs", name], check=True)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        started, end = process_time(), "read"
        try:
            INPUTS[names[0]](Path(folder))
        except DeltaruleError as error:
            end = f"refused: {(error.problem or error.expected)[:60]}"
        seconds = process_time() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
        print(f"{names[0]:50} {seconds:6.2f} s {peak:5.2f} GB  {end}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
