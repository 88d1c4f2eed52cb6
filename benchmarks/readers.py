"""Time of each reader for files of 1, 2 and 4 times the size: `python -m benchmarks.readers`."""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from benchmarks.command import command
from benchmarks.files import write_text
from benchmarks.machine import machine, slug
from benchmarks.markdown import format_table
from benchmarks.processes import ROOT
from deltarule import Dataset, Dense, Dropout, LogLikelihood, Network, ReLU, data, fit, load
from deltarule.book import network2, pickled_arrays
from deltarule.book.conversion import convert
from deltarule.data import user_data
from deltarule.data.grayscale import read_grayscale, resize
from deltarule.data.idx import read_idx, write_idx
from deltarule.digit_strings import load_reader, read_string, synthesize_strings
from deltarule.exchange import from_onnx, save_onnx
from deltarule.recipes import read

MOST = 2.3
"""The most that the time may grow by when the size doubles."""

FACTORS = 1, 2, 4

ROUNDS = 7
"""The rounds of a measurement; fewer are for a look, and not saved."""

START, END = "<!-- readers -->", "<!-- end of readers -->"

RNG = np.random.default_rng(1)


@dataclass(frozen=True)
class Reader:
    """A reader: ``build`` writes a file of ``n`` parts into a folder, and returns the function that reads it."""

    name: str
    part: str
    n: int
    build: Callable[[Path, int], Callable[[], Any]]


def write_bytes(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def build_idx(folder: Path, n: int) -> Callable[[], Any]:
    images = RNG.integers(0, 4, (n, 28, 28), np.uint8)
    path = write_bytes(folder / "images.gz", gzip.compress(write_idx(images), 1))
    return lambda: read_idx(path)


def build_table(cell: Callable[[int], str]) -> Callable[[Path, int], Callable[[], Any]]:
    def build(folder: Path, n: int) -> Callable[[], Any]:
        lines = [",".join([*(f"c{i}" for i in range(10)), "label"])]
        lines += [",".join([*(cell(i) for _ in range(10)), "ab"[i % 2]]) for i in range(n)]
        path = write_bytes(folder / "table.csv", "\n".join(lines) + "\n")
        return lambda: user_data.load(path)

    return build


def build_excel(folder: Path, n: int) -> Callable[[], Any]:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for i in range(n):
        sheet.append([i, i % 7, "ab"[i % 2]])
    book.save(folder / "table.xlsx")
    return lambda: user_data.load(folder / "table.xlsx")


def build_libsvm(folder: Path, n: int) -> Callable[[], Any]:
    text = "".join(f"{i % 2} 1:{i} 3:0.5 9:{i % 7}\n" for i in range(n))
    path = write_bytes(folder / "table.svm", text)
    return lambda: user_data.load(path)


def build_arff(folder: Path, n: int) -> Callable[[], Any]:
    head = "@relation r\n@attribute a numeric\n@attribute b numeric\n@attribute label {x,y}\n@data\n"
    path = write_bytes(folder / "table.arff", head + "".join(f"{i},{i % 7},{'xy'[i % 2]}\n" for i in range(n)))
    return lambda: user_data.load(path)


def build_npz(folder: Path, n: int) -> Callable[[], Any]:
    path = folder / "arrays.npz"
    np.savez_compressed(path, x=RNG.integers(0, 9, (n, 20)).astype(np.float64), y=np.arange(n) % 2)
    return lambda: [user_data.load(path) for _ in range(5)]


PICKLE = """
import pickle, sys
import numpy as np
n = int(sys.argv[2])
images = list(np.random.default_rng(1).random((n, 784), np.float32))
with open(sys.argv[1], "wb") as file:
    pickle.dump([[images, [i % 10 for i in range(n)]] for _ in range(3)], file, 2)
"""
"""The program that writes the file as a reader of the book has it."""


def build_pickle(folder: Path, n: int) -> Callable[[], Any]:
    path = folder / "mnist.pkl"
    subprocess.run([sys.executable, "-c", PICKLE, str(path), str(n)], check=True)
    return lambda: pickled_arrays.read(path)


def build_network2(folder: Path, n: int) -> Callable[[], Any]:
    weights = [RNG.random((n, 100)).tolist()]
    content = {"sizes": [100, n], "weights": weights, "biases": [[[0.5]] * n], "cost": "CrossEntropyCost"}
    path = write_bytes(folder / "network.json", json.dumps(content))
    return lambda: network2.load(str(path))


def build_model(folder: Path, n: int) -> Callable[[], Any]:
    network = Network([Dense(n), ReLU(), Dense(2)], LogLikelihood(), (1000,))
    fit(network, Dataset(np.zeros((4, 1000), np.float32), np.arange(4) % 2), epochs=1).save(folder / "model")
    return lambda: [load(folder / "model") for _ in range(5)]


def build_recipe(line: str) -> Callable[[Path, int], Callable[[], Any]]:
    def build(folder: Path, n: int) -> Callable[[], Any]:
        path = write_bytes(folder / "net.toml", f'{line * n}layers = ["Dense(30)", "Output"]\n')
        return lambda: [read(path) for _ in range(10)]

    return build


def build_script(folder: Path, n: int) -> Callable[[], Any]:
    lines = [f"for i in xrange({i}):  # so\n    print 'i', i / 2, `x`, d.has_key(i)\n" for i in range(n)]
    return lambda: convert("".join(lines))


def build_picture(folder: Path, n: int) -> Callable[[], Any]:
    from PIL import Image

    path = folder / "page.png"
    Image.fromarray(RNG.integers(0, 9, (1000, 1000 * n, 3), np.uint8)).save(path, compress_level=1)
    return lambda: read_grayscale(path)


def build_pictures(folder: Path, n: int) -> Callable[[], Any]:
    from PIL import Image

    for i in range(n):
        (folder / "pictures" / "ab"[i % 2]).mkdir(parents=True, exist_ok=True)
        Image.fromarray(RNG.integers(0, 255, (28, 28), np.uint8)).save(folder / "pictures" / "ab"[i % 2] / f"{i}.png")
    return lambda: user_data.load(folder / "pictures")


def build_onnx(folder: Path, n: int) -> Callable[[], Any]:
    layers = [layer for _ in range(n) for layer in (Dense(8), ReLU())]
    network = Network([*layers, Dropout(0.1), Dense(2)], LogLikelihood(), (8,))
    save_onnx(fit(network, Dataset(np.eye(8, dtype=np.float32), np.arange(8) % 2), epochs=1), folder / "m.onnx")
    return lambda: from_onnx(folder / "m.onnx")


def build_row(folder: Path, n: int) -> Callable[[], Any]:
    image = synthesize_strings(data.load("digits")[2], 1, seed=1, lengths=(8,))[0].image
    reader, row = load_reader(), np.tile(resize(image, (52, 240)), (1, n))  # longer ones are made smaller
    return lambda: read_string(row, reader)


READERS = (
    Reader("IDX, gzip", "images", 20_000, build_idx),
    Reader("CSV of numbers", "rows", 30_000, build_table(lambda i: f"{i * 0.7:.3f}")),
    Reader("CSV of words", "rows", 30_000, build_table(lambda i: f"w{i % 99}")),
    Reader("CSV of quoted numbers", "rows", 20_000, build_table(lambda i: f'"{i}"')),
    Reader("Excel", "rows", 5_000, build_excel),
    Reader("LIBSVM", "rows", 30_000, build_libsvm),
    Reader("ARFF", "rows", 50_000, build_arff),
    Reader("npz", "rows", 20_000, build_npz),
    Reader("pickle of lists", "images", 4_000, build_pickle),
    Reader("network2, JSON", "neurons", 5_000, build_network2),
    Reader("model", "neurons", 1_000, build_model),
    Reader("network file, comments", "lines", 2_000, build_recipe("# a comment\n")),
    Reader("network file, one line", "spaces", 20_000, build_recipe(" ")),
    Reader("Python 2", "statements", 500, build_script),
    Reader("picture in colour", "megapixels", 5, build_picture),
    Reader("folder of pictures", "pictures", 500, build_pictures),
    Reader("ONNX", "layers", 200, build_onnx),
    Reader("row of digits", "times eight digits", 1, build_row),
)


def measure(reader: Reader, rounds: int) -> dict[str, Any]:
    """Measure the CPU seconds of a reader for each factor: the least of several rounds, which take the factors in turn.

    The files stay in memory, as the system caches them; the time has the user's and the system's part.
    """
    with tempfile.TemporaryDirectory() as folder:
        runs = []
        for factor in FACTORS:
            (place := Path(folder, str(factor))).mkdir()
            runs.append(reader.build(place, factor * reader.n))
        times: list[list[float]] = [[] for _ in FACTORS]
        for number in range(rounds + 1):  # the first is not counted: it imports
            for run, own in zip(runs, times, strict=True):
                started = process_time()
                run()
                own.extend([process_time() - started] if number else [])
    seconds = [round(min(own), 4) for own in times]
    return {"name": reader.name, "part": reader.part, "n": reader.n, "seconds": seconds}


def find_ratio(measured: Mapping[str, Any]) -> float:
    """Find the larger growth for the double size.

    >>> find_ratio({"seconds": [1.0, 2.0, 4.2]})
    2.1
    """
    first, second, third = measured["seconds"]
    return round(max(second / first, third / second), 2)


def format_readers(results: Sequence[Mapping[str, Any]]) -> str:
    """Format the table of the document."""
    lines = [
        (
            one["name"],
            f"{one['n']:,} {one['part']}",
            *(f"{each:.3f}" for each in one["seconds"]),
            f"{find_ratio(one):.2f}",
        )
        for one in results
    ]
    return format_table(("Reader", "size", "1 ×", "2 ×", "4 ×", "largest ratio"), "lrrrrr", lines)


def write_table(path: Path, table: str) -> None:
    """Write a table between the marks of a document."""
    before, _, rest = path.read_text(encoding="utf-8").partition(START)
    write_text(path, f"{before}{START}\n\n{table}\n\n{END}{rest.partition(END)[2]}")


def save(results: Sequence[Mapping[str, Any]], out: Path) -> None:
    """Save the results beside those of other readers, and write the table of all into the document."""
    here = machine()
    path = out / "results" / f"readers-{slug(here)}.json"
    past = json.loads(path.read_text(encoding="utf-8"))["readers"] if path.exists() else []
    by_name = {one["name"]: one for one in (*past, *results)}
    in_order = [by_name[reader.name] for reader in READERS if reader.name in by_name]
    write_text(path, json.dumps({"machine": here, "rounds": ROUNDS, "readers": in_order}, indent=1) + "\n")
    write_table(out / "docs" / "reliability.md", format_readers(in_order))


@command
def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.readers", description=__doc__)
    parser.add_argument("names", nargs="*", help="measure only the readers whose names contain one of these")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--out", type=Path, default=ROOT, help="the folder of results/ and docs/")
    options = parser.parse_args(arguments)
    chosen = [one for one in READERS if not options.names or any(name in one.name for name in options.names)]
    results = []
    for reader in chosen:
        results.append(measure(reader, options.rounds))
        print(f"{reader.name:24} {results[-1]['seconds']}, ratio {find_ratio(results[-1]):.2f}", flush=True)
    if options.rounds >= ROUNDS:
        save(results, options.out)
    return int(any(find_ratio(one) > MOST for one in results))


if __name__ == "__main__":
    raise SystemExit(main())
