"""Invalid command lines: the exit status, a word of the message, and the arguments.

They run in a folder with a few runs and files (:func:`prepare`), and must not change it.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import deltarule as dr

from .api import run_command

TRAIN = "train --data digits --json --out new"
BARE = "train --json --out new"
EXPERIMENT = "experiments run ch1/nand --quick"


def prepare(folder: Path) -> None:
    """Make the runs and files that the command lines name."""

    def succeed(words: str) -> None:
        ran = run_command(folder, *words.split())
        assert ran.code == 0, ran.err

    succeed("train --data digits --epochs 1 --engine numpy --keep-best --out runs/first")
    shutil.copytree(folder / "runs/first", folder / "runs/second")
    succeed("train --data digits --epochs 1 --engine numpy --out runs/plain")
    texts = {
        "file": "text",
        "script.py": "import sys",
        "rows.csv": "".join(f"{i % 3},{i},0.5,{-i}\n" for i in range(60)),
        "shifts.toml": 'layers = ["Output"]\nshifts = 9',
        "all.toml": 'layers = ["Output"]\nwith_validation = true',
        "momentum.toml": 'layers = ["Output"]\noptimizer = "Momentum"',
        "wrong.toml": 'layers = ["Output"]\n\nepoch = 3',
        "page.png": "<html>",
        "runs-of-text/bad/run.json": "[]",
        "runs/demo/mine.txt": "mine",
        "results/ch1/nand.json": "[]",
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    succeed("train --data rows.csv --epochs 1 --engine numpy --out runs/rows")
    nameless = dr.load(folder / "runs/first")
    replace(nameless, settings={**nameless.settings, "training_data": "pictures training"}).save(folder / "lone")
    for name, notes in {"numbers": "5", "text": '"text"', "no-data": json.dumps({"data": 3})}.items():
        shutil.copytree(folder / "runs/first", folder / "damaged" / name)
        (folder / "damaged" / name / "run.json").write_text(notes, encoding="utf-8")
    images = np.arange(400 * 49).reshape(400, 7, 7) % 17
    np.savez(folder / "seven.npz", x=images, y=np.arange(400) % 10)
    np.savez(folder / "twelve.npz", x=np.arange(400 * 64).reshape(400, 8, 8) % 17, y=np.arange(400) % 12)
    picture = np.full((60, 60), 255, np.uint8)
    Image.fromarray(picture).save(folder / "empty.png")
    picture[20:40, 25:35] = 0
    Image.fromarray(picture).save(folder / "one.png")


def lines(before: str, *options: str) -> list[str]:
    """List command lines with each of the options."""
    return [f"{before} {option}" for option in options]


AREAS: dict[str, list[tuple[int, str, list[str]]]] = {
    "train: networks": [
        (2, "--net", lines(TRAIN, "--net x", "--net 64-30", "--net 784-30-10", "--net 64-0-10", "--net ''")),
        (2, "weights", lines(TRAIN, "--net 64-999999999999-10")),
        (2, "book-relu", lines(TRAIN, "--net book-rel")),
        (1, "absent.toml", lines(TRAIN, "--net absent.toml")),
        (1, "wrong.toml, line 3", lines(TRAIN, "--net wrong.toml")),
        (1, "Is a directory", lines(TRAIN, "--net .")),
        (1, "layer 3", lines(TRAIN, "--net book-relu")),
        (1, "layer 0", lines(BARE, "--data rows.csv --net fast-99")),
        (2, "--cost", lines(TRAIN, "--cost least", "--net book-conv --cost least")),
        (2, "hidden", lines(TRAIN, "--hidden soft")),
        (2, "init", lines(TRAIN, "--init zero", "--net book-conv --init he --dropout 0.2")),
        (2, "hidden", lines(TRAIN, "--net book-conv --hidden relu")),
        (2, "--dropout", lines(TRAIN, "--dropout 1", "--dropout -0.5", "--net 64-10 --dropout 0.5")),
    ],
    "train: optimization": [
        (2, "--eta", lines(TRAIN, "--eta -1", "--eta nan", "--eta much", "--net book-conv --eta -1")),
        (2, "--eta", lines(TRAIN, "--eta nan --schedule halve:3")),
        (2, "--epochs", lines(TRAIN, "--epochs 0", "--epochs 1.5")),
        (2, "--batch-size", lines(TRAIN, "--batch-size 0")),
        (2, "--optimizer", lines(TRAIN, "--optimizer lbfgs")),
        (2, "--mu", lines(TRAIN, "--mu 0.5", "--optimizer momentum --mu 1.5", "--net momentum.toml --mu 1.5")),
        (2, "--mu", lines(TRAIN, "--net book-conv --mu 0.5")),
        (2, "--schedule", lines(TRAIN, "--schedule exponential:x:", "--schedule halve:x", "--schedule halve:0")),
        (2, "--schedule", lines(TRAIN, "--schedule constant:1", "--schedule exponential:2", "--schedule never")),
        (2, "--seed", lines(TRAIN, "--seed -1")),
        (2, "seed", lines(TRAIN, "--seed 99999999999999999999")),
    ],
    "train: regularization": [
        (2, "--l2", lines(TRAIN, "--l2 -1", "--l1 1 --l2 1")),
        (2, "--l1", lines(TRAIN, "--l1 -0.5")),
        (2, "--smoothing", lines(TRAIN, "--smoothing 1")),
        (2, "--average", lines(TRAIN, "--average 1")),
        (2, "--early-stopping", lines(TRAIN, "--early-stopping -1", "--early-stopping 2 --with-validation")),
        (2, "--keep-best", lines(TRAIN, "--keep-best --with-validation", "--net all.toml --keep-best")),
        (2, "--expand", lines(TRAIN, "--expand twice", "--expand affine", "--expand shifts+shifts")),
        (2, "--expand", lines(TRAIN, "--expand shift:pixels=x", "--expand shift:pixels=1,pixels=2")),
        (2, "--expand", lines(TRAIN, "--expand shift:size=1", "--expand shifts:pixels=0", "--expand shift:pixels=-1")),
        (2, "--expand", lines(TRAIN, "--expand affine:scale=1", "--expand elastic:sigma=0")),
        (1, "--expand", lines(TRAIN, "--expand shifts:pixels=8", "--net shifts.toml --expand shifts:pixels=8")),
        (1, "shifts.toml, line 2", lines(TRAIN, "--net shifts.toml")),
    ],
    "train: execution": [
        (2, "--engine", lines(TRAIN, "--engine abacus")),
        (2, "--threads", lines(TRAIN, "--threads 0", "--threads 9999999")),
        (2, "--dtype", lines(TRAIN, "--dtype float16")),
        (2, "--checkpoint-every", lines(TRAIN, "--checkpoint-every -1")),
        (2, "--ensemble", lines(TRAIN, "--ensemble 0")),
        (2, "--voting", lines(TRAIN, "--voting soft", "--voting loud --ensemble 2")),
        (2, "--devices", lines(TRAIN, "--devices 0", "--devices 512 --engine jax --batch-size 512")),
        (2, "devices", lines(TRAIN, "--devices 2 --engine numpy")),
        (2, "--batch-size", lines(TRAIN, "--devices 4 --processes 2 --coordinator a:1 --engine jax")),
        (2, "--process", lines(TRAIN, "--process 1")),
        (2, "--coordinator", lines(TRAIN, "--coordinator localhost:5000")),
        (2, "coordinator", lines(TRAIN, "--processes 2")),
        (2, "runs/first", ["train --data digits --json --out runs/first"]),
        (2, "runs/demo", ["train --data digits --json --out runs/demo"]),
        (1, "file", ["train --data digits --json --out file/new"]),
        (2, "--nonsense", lines(TRAIN, "--nonsense")),
        (2, "left", lines(TRAIN, "left over")),
    ],
    "train: data": [
        (2, "nowhere", lines(BARE, "--data nowhere", "--data nowhere.csv")),
        (2, "no/where", lines(BARE, "--data no/where")),
        (1, "file", lines(BARE, "--data ./file")),
        (1, "DELTARULE_OFFLINE", lines(BARE, "--data mnist")),
    ],
    "train: resume": [
        (1, "nowhere", ["train --resume nowhere --json"]),
        (2, "--batch-size", ["train --resume runs/first --batch-size 5 --eta 1 --json"]),
        (2, "--out", ["train --resume runs/first --out new --json"]),
        (2, "--epochs", ["train --resume runs/first --epochs 0 --json"]),
        (1, "damaged/numbers", ["train --resume damaged/numbers --json"]),
        (1, "lone", ["train --resume lone --json"]),
    ],
    "find-eta": [
        (2, "--net", ["find-eta --data digits --net 65-10 --json"]),
        (2, "--optimizer", ["find-eta --data digits --optimizer newton --json"]),
        (2, "eta.txt", ["find-eta --data digits --picture eta.txt --json"]),
        (2, "--engine", ["find-eta --data digits --engine abacus --json"]),
        (2, "--epochs", ["find-eta --data digits --epochs 3"]),
        (2, "--batch-size", ["find-eta --data digits --batch-size 0"]),
    ],
    "evaluate": [
        (2, "--part", ["evaluate runs/first --part some --json"]),
        (2, "nowhere", ["evaluate runs/first --data nowhere --json"]),
        (1, "nowhere", ["evaluate nowhere --json"]),
        (2, "RUN", ["evaluate --json"]),
        (2, "--keep-best", ["evaluate runs/plain --best --json"]),
        (2, "--data", ["evaluate lone --json"]),
        (1, "got 7×7", ["evaluate runs/first --data seven.npz --json"]),
        (1, "got '11'", ["evaluate runs/first --data twelve.npz --json"]),
        (1, "file", ["evaluate file --json"]),
    ],
    "predict": [
        (2, "RUN", ["predict --json"]),
        (2, "runs/first", ["predict runs/first --json"]),
        (2, "rows.csv", ["predict rows.csv --json"]),
        (1, "nowhere", ["predict nowhere one.png --json"]),
        (1, "not pictures", ["predict runs/rows one.png --json"]),
        (2, "seen.foo", ["predict runs/first one.png --seen seen.foo --json"]),
        (2, "picture", ["predict runs/first --string --json"]),
        (2, "--as-it-is", ["predict runs/first one.png --string --as-it-is --json"]),
        (1, "runs/typo", ["predict runs/typo one.png --string --json"]),
        (1, "typo.safetensors", ["predict typo.safetensors one.png --string --json"]),
    ],
    "show, runs and compare": [
        (1, "nowhere", ["show nowhere --json", "runs nowhere --json", "compare runs/first nowhere --json"]),
        (1, "file", ["show file --json", "runs file --json"]),
        (1, "damaged/text", ["show damaged/text --json"]),
        (2, "two runs", ["compare runs/first --json"]),
        (2, "different runs", ["compare runs/first runs/../runs/first --json"]),
        (2, "curves.txt", ["compare runs/first runs/second --picture curves.txt --json"]),
    ],
    "data, nets and demo": [
        (1, "DELTARULE_OFFLINE", ["data fetch mnist --json"]),
        (2, "digits", ["data fetch digits"]),
        (2, "other", ["data other"]),
        (2, "book", ["nets --toml book"]),
        (2, "--toml", ["nets --toml book-conv --json"]),
        (2, "runs/demo", ["demo --data digits --json"]),
    ],
    "the book": [
        (2, "nowhere.py", ["book nowhere.py"]),
        (2, "network.py", ["book network.py"]),
        (2, "mnist_svm.py", ["book mnist_svm.py 1000"]),
    ],
    "the lab": [
        (2, "one.png", ["lab export one.png"]),
        (1, "runs", ["lab export runs"]),
        (2, "softmaxx", ["lab edit softmaxx"]),
    ],
    "experiments": [
        (2, "ch1/nand", ["experiments run ch1/nnd"]),
        (2, "chapter1", ["experiments show chapter1"]),
        (2, "--jobs", [f"{EXPERIMENT} --jobs 2 --cluster dask://127.0.0.1:1"]),
        (2, "dask://host:port", [f"{EXPERIMENT} --cluster here"]),
        (2, "--seeds", [f"{EXPERIMENT} --seeds 0"]),
        (2, "--set", lines("experiments run ch1/first-network", "--set eta", "--set et=3", "--set eta=O.5")),
        (2, "--set", lines("experiments run ch1/first-network", "--set eta=many", "--set eta=true", "--set eta=NaN")),
        (1, "results/ch1/nand.json", ["experiments plot ch1/nand"]),
        (1, "ch1/adder", ["experiments plot ch1/adder --results results"]),
        (2, "step.txt", ["experiments plot ch4/step --quick --out step.txt"]),
        (2, "rep/book", ["experiments report --results none --markdown rep/book"]),
        (2, "file.md", ["experiments report --results none --markdown file.md"]),
    ],
    "the command": [
        (2, "dance", ["dance"]),
        (2, "--loud", ["--loud", "runs --loud"]),
    ],
}
"""Area -> rows of (exit status, word of stderr, command lines)."""


def rows() -> list[Any]:
    """List (area, exit status, word, command line) of all rows."""
    return [(area, *row[:2], line) for area, of_area in AREAS.items() for row in of_area for line in row[2]]
