"""Inputs to begin with: files that deltarule or the usual program for them writes, each small."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import tempfile
import zipfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import deltarule as dr
from deltarule.data.encodings import OneHot
from deltarule.data.idx import write_idx
from deltarule.data.schema import Column, Schema
from deltarule.digit_strings import load_reader
from deltarule.exchange import save_onnx
from deltarule.models import files
from deltarule.models.model import Model
from deltarule.preprocessing import Preprocessing
from fuzz.folders import make_folder

RNG = np.random.default_rng(1)


def build_examples() -> dr.Dataset:
    return dr.Dataset(np.eye(9, dtype=np.float32).reshape(9, 3, 3), np.arange(9) % 3)


def _save(model: Model, name: str = "m.safetensors") -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        model.save(path := Path(folder, name))
        return path.read_bytes()


def _build_network() -> dr.Network:
    layers = [dr.Conv(2, 2), dr.ReLU(), dr.MaxPool(2), dr.Flatten(), dr.Dropout(0.1), dr.Dense(3)]
    return dr.Network(layers, dr.LogLikelihood(), (3, 3, 1))


@cache
def save_model() -> bytes:
    return _save(dr.fit(_build_network(), build_examples(), epochs=1, engine="numpy"))


@cache
def build_table_model() -> Model:
    """Train a model of a table with a column of numbers and one of words."""
    columns = (Column("size"), Column("soil", ("clay", "clay2")))
    x = np.stack([np.arange(8.0), np.arange(8) % 2], axis=1)
    schema = Schema(columns, ("label",))
    examples = dr.Dataset(x, np.arange(8) % 2, "t", None, ("oak", "oak2"), OneHot(2), schema=schema)
    n_in = Preprocessing.fit(examples).input_shape
    return dr.fit(dr.Network([dr.Dense(2)], dr.LogLikelihood(), n_in), examples, epochs=1, engine="numpy")


def rename_table_model(column: str, word: str, name: str) -> Model:
    """Give the column of numbers, the words and the classes of the model of a table these names."""
    model = build_table_model()
    fitted, words = model.preprocessing, (word, word + "2")
    numbers, soil = fitted.inputs.columns
    return replace(
        model,
        preprocessing=replace(
            fitted,
            inputs=replace(fitted.inputs, columns=(replace(numbers, name=column), replace(soil, words=words))),
            schema=Schema((Column(column), Column("soil", words)), ("label",)),
            classes=(name, name + "2"),
        ),
    )


@cache
def save_table_model() -> bytes:
    return _save(build_table_model())


@cache
def save_checkpoint() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        callbacks = [dr.callbacks.Checkpoint(Path(folder, "run"))]
        training = {"optimizer": dr.Adam(), "eta": dr.schedules.Exponential(0.1, 0.9), "regularizer": dr.L2(1.0)}
        network = dr.Network([dr.Flatten(), dr.Dropout(0.1), dr.Dense(3)], dr.LogLikelihood(), (3, 3, 1))
        dr.fit(network, build_examples(), epochs=1, engine="numpy", callbacks=callbacks, **training)
        return Path(folder, "run", files.MODEL_FILE).read_bytes()


def _describe(seed: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        (path := Path(folder, "m")).write_bytes(seed)
        return json.dumps(files.read(path)[1]).encode()


def list_descriptions() -> list[bytes]:
    return [_describe(save_model())]


def list_table_descriptions() -> list[bytes]:
    return [_describe(save_table_model())]


def list_checkpoints() -> list[bytes]:
    return [_describe(save_checkpoint())]


def list_notes() -> list[bytes]:
    notes: dict[str, Any] = {"started": "2026-01-01T00:00:00+00:00", "data": "digits", "monitor": True, "table": {}}
    return [json.dumps(notes).encode(), json.dumps({**notes, "early_stopping": 3, "shifts": 1, "result": {}}).encode()]


def list_idx() -> list[bytes]:
    return [write_idx(np.arange(8, dtype=np.uint8).reshape(2, 2, 2)), gzip.compress(write_idx(np.zeros(3, np.uint8)))]


def list_gzip() -> list[bytes]:
    return [b"\xff\xff\0" + write_idx(np.zeros((9, 9), np.uint8)), b"\0\x0c\1" + write_idx(np.zeros(3, np.uint8))]


def list_npz() -> list[bytes]:
    found = []
    for save in (np.savez, np.savez_compressed):
        save(stream := io.BytesIO(), x=np.arange(40).reshape(20, 2), y=np.arange(20) % 2)
        found.append(stream.getvalue())
    return found


def list_npy() -> list[bytes]:
    found = []
    for array in (np.zeros((20, 3)), np.zeros((20, 2, 2), np.uint8), np.array(["a", "b"] * 10), np.zeros(20, "f4,i2")):
        np.save(stream := io.BytesIO(), array)
        found.append(stream.getvalue())
    return found


def list_pickles() -> list[bytes]:
    images, digits = np.zeros((4, 784), np.float32)[:, :1], np.arange(4)
    parts = tuple((images, digits) for _ in range(3))
    lists = [[list(images), [int(digit) for digit in digits]] for _ in range(3)]
    return [pickle.dumps(each, protocol) for each in (parts, lists) for protocol in (0, 2, 4)]


def list_network2() -> list[bytes]:
    content = {"sizes": [2, 1], "weights": [[[0.5, -1]]], "biases": [[[1e-3]]], "cost": "CrossEntropyCost"}
    return [json.dumps(content).encode()]


def list_recipes() -> list[bytes]:
    layers = 'layers = ["Conv(2, 3)", "ReLU", "MaxPool(2)", "Flatten", "Dense(30)", "Dropout(0.5)", "Output"]\n'
    text = f'about = "a test"\n{layers}cost = "LogLikelihood"\neta = 0.5\noptimizer = "Momentum(0.9)"\nepochs = 3\n'
    tables = '[regularizer]\ntype = "L2"\nlmbda = 5.0\n[augmentation]\ntype = "Shift"\npixels = 1\n'
    return [text.encode(), (layers + 'eta = "Exponential(0.5, 0.9)"\nshifts = 1\nseed = 0x1F\n' + tables).encode()]


def list_pictures() -> list[bytes]:
    from PIL import Image

    page = np.full((40, 30), 220, np.uint8)
    page[8:30, 12:16] = 30
    found = []
    for image in (Image.fromarray(page), Image.fromarray(page).convert("RGBA"), Image.fromarray(page).convert("P")):
        for kind in ("PNG", "GIF", "TIFF", "WEBP", "BMP"):
            image.convert("RGB" if kind == "BMP" else image.mode).save(stream := io.BytesIO(), kind)
            found.append(stream.getvalue())
    for kind in ("JPEG", "JPEG2000", "PPM"):
        Image.fromarray(page).save(stream := io.BytesIO(), kind)
        found.append(stream.getvalue())
    return found


def list_archives() -> list[bytes]:
    """List archives of a few pictures of two classes, one inside another folder."""
    from PIL import Image

    found = []
    for above, method in (("", zipfile.ZIP_DEFLATED), ("letters/", zipfile.ZIP_STORED)):
        with zipfile.ZipFile(stream := io.BytesIO(), "w", method) as archive:
            for i in range(4):
                Image.fromarray(np.full((4, 4), 60 * i, np.uint8)).save(picture := io.BytesIO(), "PNG")
                archive.writestr(f"{above}{'ab'[i % 2]}/{i}.png", picture.getvalue())
        found.append(stream.getvalue())
    return found


@cache
def load_row_reader() -> Any:
    return load_reader()


def list_rows() -> list[bytes]:
    page = np.full((20, 80), 255, np.uint8)
    page[4:16, 8:72:9] = 0
    return [b"\x84" + page[2:14, :36].tobytes(), b"\0" + page[2:10, :30].tobytes(), b"\x04" + page[2:14, :18].tobytes()]


def list_onnx() -> list[bytes]:
    found = []
    models = (dr.load(_write(save_model())), build_table_model())
    for model in models:
        with tempfile.TemporaryDirectory() as folder:
            save_onnx(model, path := Path(folder, "m.onnx"))
            found.append(path.read_bytes())
    return found


def _write(content: bytes) -> Path:
    path = make_folder() / "m.safetensors"
    path.write_bytes(content)
    return path


def list_results() -> list[bytes]:
    run = {"variant": "", "seed": 1, "settings": {"eta": 0.5}, "figures": {"a": 0.5}, "series": {"cost": [0.5, 1e-3]}}
    more = {**run, "seed": 2, "error": "lost", "seconds": 1.5, "date": "2026-01-01", "versions": {"numpy": "2"}}
    return [json.dumps({"format": 1, "id": "ch1/x", "quick": False, "runs": [run, more]}, indent=1).encode()]


def list_scripts() -> list[bytes]:
    first = (
        "import cPickle, urllib2\nfor i in xrange(3):\n\tprint 'i', i / 2, `x`,  # so\nif d.has_key(1): exec 'a' in b\n"
    )
    second = "try:\n  raise E, 'b'\nexcept A, e:\n  print >>f, \"%s\" % e, 0777L, ur'\\u00e9'\nprint (1, 2) <> 3\n"
    third = "class A:\n    def f(self, (a, b)):\n        return lambda (x, y): map(None, a)[0] \\\n   + zip(b).sort()\n"
    return [first.encode(), second.encode(), third.encode(), b"x = '''\nprint 1\n'''\nprint x\n"]


def list_names() -> list[bytes]:
    return [b"size\nclay\noak\n", b"</script><script>\n\"'&<!--\n]]>\n", "größe\u2028\n<b>\n\\u003c\n".encode()]
