"""Each limit of the readers is checked before memory is taken, is named by the error, and can be raised."""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.fields import has
from tools import limits_table

import deltarule as dr
from deltarule import limits
from deltarule.book import network2, pickled_arrays
from deltarule.data import user_data
from deltarule.data.grayscale import read_grayscale
from deltarule.data.idx import parse_idx, write_idx
from deltarule.digit_strings import load_reader, read_string
from deltarule.errors import DeltaruleError, InvalidArgument
from deltarule.exchange import from_onnx, save_onnx
from deltarule.experiments.result import read_result
from deltarule.recipes import read

ROOT = Path(__file__).parent.parent
BARS = np.full((60, 1000), 255, np.uint8)
for column in range(8, 480, 8):
    BARS[20:36, column : column + 3] = 0


def write(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read_table(folder, text, name="mine.csv"):
    return dr.data.find(write(folder, name, text))


def read_recipe(folder, text):
    return read(write(folder, "mine.toml", text)).network((8, 8), 10)


def read_pictures(folder):
    for name in "ab":
        (folder / name).mkdir()
        for i in range(6):
            Image.fromarray(np.full((9, 9), 40 * i, np.uint8)).save(folder / name / f"{i}.png")
    return dr.data.find(folder)


def read_npz(folder):
    np.savez(folder / "mine.npz", x=np.zeros((20, 9)), y=np.arange(20) % 2)
    return dr.data.find(folder / "mine.npz")


def read_hdf5(folder):
    import h5py

    with h5py.File(folder / "mine.h5", "w") as file:
        file["x"], file["y"] = np.zeros((20, 9)), np.arange(20) % 2
    return dr.data.find(folder / "mine.h5")


def read_excel(folder):
    from openpyxl import Workbook

    book = Workbook()
    for i in range(20):
        book.active.append([i, i % 3, i % 2])
    book.save(folder / "mine.xlsx")
    return dr.data.find(folder / "mine.xlsx")


def read_pickle(folder):
    parts = [[np.zeros((9, 784), np.float32), np.arange(9) % 10] for _ in range(3)]
    return pickled_arrays.read(write(folder, "mine.pkl.gz", gzip.compress(pickle.dumps(parts, 2))))


def read_network2(folder):
    content = {"sizes": [1, 1], "weights": [[[1]]], "biases": [[[1]]], "cost": "CrossEntropyCost"}
    return network2.load(str(write(folder, "mine.json", json.dumps(content))))


def read_onnx(folder, *layers):
    network = dr.Network([*layers, dr.Dense(2)], dr.LogLikelihood(), (9,))
    examples = dr.Dataset(np.eye(9, dtype=np.float32), np.arange(9) % 2)
    save_onnx(dr.fit(network, examples, epochs=1), folder / "mine.onnx")
    return from_onnx(folder / "mine.onnx")


def build_model(folder):
    network = dr.Network([dr.MaxPool(2, 1), dr.Flatten(), dr.Dense(2)], dr.LogLikelihood(), (4, 4, 1))
    examples = dr.Dataset(np.zeros((6, 4, 4), np.float32), np.arange(6) % 2)
    dr.fit(network, examples, epochs=1).save(folder / "mine.safetensors")
    return dr.load(folder / "mine.safetensors")


def read_archive(folder):
    read_pictures(folder)
    with zipfile.ZipFile(path := folder / "mine.zip", "w") as archive:
        for picture in folder.rglob("*.png"):
            archive.write(picture, picture.relative_to(folder))
    return user_data.load(path)


def rows(*cells):
    return "".join(",".join(map(str, row)) + "\n" for row in cells)


NUMBERS = rows("ab", *((i, i % 2) for i in range(20)))
RECIPE = 'layers = ["Dense(30)", "Sigmoid", "Output"]\n'

CASES = {
    "IDX_BYTES": (9, lambda folder: parse_idx(write_idx(np.zeros((5, 2), np.uint8)))),
    "ARRAY_BYTES": (99, read_npz),
    "HDF5_ARRAYS": (1, read_hdf5),
    "PICKLE_BYTES": (999, read_pickle),
    "PICKLE_OPERATIONS": (9, read_pickle),
    "TABLE_BYTES": (9, lambda folder: read_table(folder, NUMBERS)),
    "TABLE_COLUMNS": (2, lambda folder: read_table(folder, rows("abcd", *([1, i, 2, i % 2] for i in range(9))))),
    "LINE_BYTES": (9999, lambda folder: read_table(folder, "a,b\n" + f"1,{'x' * 99999}\n2,y\n" * 3)),
    "COLUMN_WORDS": (9, lambda folder: read_table(folder, rows("ab", *((f"w{i}", i % 2) for i in range(40))))),
    "CLASSES": (2, lambda folder: read_table(folder, rows("ab", *((i, f"c{i % 3}") for i in range(40))))),
    "LIBSVM_FEATURES": (9, lambda folder: read_table(folder, "1 1:1 12:2\n2 3:1\n" * 9, "mine.svm")),
    "EXCEL_BYTES": (99, read_excel),
    "EXCEL_CELLS": (9, read_excel),
    "ARCHIVE_MEMBERS": (9, read_archive),
    "ARCHIVE_BYTES": (99, read_archive),
    "PICTURE_PIXELS": (99, lambda folder: read_grayscale(Image.new("L", (10, 10)))),
    "PICTURES_BYTES": (99, read_pictures),
    "ROW_PIECES": (99, lambda folder: read_string(BARS, load_reader())),
    "ROW_COLUMNS": (9999, lambda folder: read_string(BARS, load_reader())),
    "RECIPE_BYTES": (9, lambda folder: read_recipe(folder, RECIPE)),
    "RECIPE_DEPTH": (2, lambda folder: read_recipe(folder, RECIPE + "[a.b.c.d]\n")),
    "INPUTS": (9, build_model),
    "WEIGHTS": (99, lambda folder: read_recipe(folder, RECIPE)),
    "PATCH_NUMBERS": (9, build_model),
    "SEQUENCE_NUMBERS": (9, lambda folder: dr.LSTM(2).output_shape((3, 5))),
    "NETWORK2_BYTES": (9, read_network2),
    "ONNX_BYTES": (9, read_onnx),
    "ONNX_NODES": (2, lambda folder: read_onnx(folder, dr.Dense(3), dr.ReLU())),
    "RESULT_BYTES": (9, lambda folder: read_result(write(folder, "mine.json", '{"format": 1}'))),
}
SILENT = {"QUOTED_CHARACTERS"}  # it decides where an open quotation is given up, which has its own error


def test_each_limit_has_a_case():
    assert CASES.keys() | SILENT == set(limits.NAMES)


@pytest.mark.parametrize("name", CASES)
def test_a_lower_limit_refuses_and_is_named(name, tmp_path, monkeypatch):
    least, read_it = CASES[name]
    monkeypatch.setattr(limits, name, least)
    with pytest.raises(DeltaruleError, match=f"DELTARULE_LIMITS={name}=") as refusal:
        read_it(tmp_path)
    text = str(refusal.value)
    assert f"{least:,}" in text or f"{4 * least:,}" in text, text


@pytest.mark.parametrize("name", [name for name in CASES if name not in ("RECIPE_DEPTH", "RESULT_BYTES")])
def test_the_default_accepts_the_same(name, tmp_path):
    assert CASES[name][1](tmp_path) is not None


def test_the_environment_sets_limits():
    code = "from deltarule import limits; print(limits.CLASSES, limits.ONNX_NODES)"
    assert run(code, "CLASSES=12, ONNX_NODES=9_000") == "12 9000"


def run(code, text):
    environment = {**os.environ, limits.VARIABLE: text}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.mark.parametrize(
    "text", ["pixels=9", "CLASSES", "CLASSES=0", "CLASSES=-1", "CLASSES=1e9", "CLASSES=" + "9" * 99]
)
def test_invalid_limits_are_refused(text):
    with pytest.raises(InvalidArgument, check=lambda error: error.argument.startswith(limits.VARIABLE)):
        limits.read_variable(text)


def test_a_read_picture_that_is_truncated_has_our_error():
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (99, 99), np.uint8)).save(file := io.BytesIO(), "PNG")
    with pytest.raises(DeltaruleError, check=has(remedy="save it again as PNG or JPEG")):
        read_grayscale(Image.open(io.BytesIO(file.getvalue()[:2000])))


def test_pillows_own_limit_is_as_before():
    before = Image.MAX_IMAGE_PIXELS
    read_grayscale(Image.new("L", (10, 10)))
    assert before == Image.MAX_IMAGE_PIXELS


def test_the_document_has_the_table_of_the_limits():
    assert limits_table.list_meanings().keys() == set(limits.NAMES)
    document = limits_table.DOCUMENT.read_text(encoding="utf-8")
    assert document == limits_table.replace_table(document)
