"""The targets: functions that read bytes as a file from outside, each with seeds that deltarule writes."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

import deltarule as dr
from deltarule.book import network2, pickled_arrays
from deltarule.book.conversion import convert
from deltarule.data import user_data
from deltarule.data.idx import parse_idx, read_idx
from deltarule.errors import DeltaruleError
from deltarule.exchange import from_onnx
from deltarule.experiments.result import read_result
from deltarule.lab.table_page import build_table_page
from deltarule.models import files
from deltarule.recipes import read
from deltarule.training.runs import RUN_FILE, open_run
from deltarule.training.saved_run import read_run
from fuzz import seeds, table_seeds, tables
from fuzz.folders import make_folder
from fuzz.page_scripts import parse_scripts

CORPUS = Path(__file__).parent / "corpus"
"""Inputs of faults that were mended, in a folder for each target."""

LEFT: list[Any] = []
"""Errors in destructors during the current input."""

FOLDER = make_folder()
ARCHIVES = FOLDER / "archives"
ARCHIVES.mkdir()
SHA256 = re.compile(rb'"sha256": ?"[0-9a-f]{64}"')


@dataclass(frozen=True)
class Target:
    """A target.

    Attributes:
        run: The function that reads bytes; it raises nothing but errors of deltarule.
        seeds: The function that returns inputs to begin with.
    """

    run: Callable[[bytes], object]
    seeds: Callable[[], list[bytes]]


def write(name: str, content: bytes) -> Path:
    path = FOLDER / name
    path.write_bytes(content)
    return path


def read_table(suffix: str) -> Callable[[bytes], object]:
    def run(content: bytes) -> None:
        for split in user_data.load(write(f"table{suffix}", content)).splits:
            assert split is None or (len(split.x) == len(split.y) and np.isfinite(split.x).all())

    return run


def read_gzip(content: bytes) -> object:
    """Compress the content, and change one byte of that if the first two bytes name one in it."""
    packed, place = bytearray(gzip.compress(content[3:], 1, mtime=0)), int.from_bytes(content[:2], "big")
    if place < len(packed):
        packed[place] ^= (content[2:3] or b"\1")[0]
    return read_idx(write("images.gz", bytes(packed)))


def read_archive(content: bytes) -> None:
    """Read an archive of pictures, which is unpacked beside it; nothing may be left of it but itself."""
    before, tempfile.tempdir = tempfile.tempdir, str(ARCHIVES)
    path = write("archives/pictures.zip", content)
    try:
        for split in user_data.load(path).splits:
            assert split is None or len(split.x) == len(split.y)
    finally:
        tempfile.tempdir = before
        assert os.listdir(ARCHIVES) == [path.name]


def read_npz(content: bytes) -> object:
    """Take the content as the file of the images in an archive with labels."""
    np.save(labels := io.BytesIO(), np.arange(20) % 2)
    with zipfile.ZipFile(path := FOLDER / "arrays.npz", "w") as archive:
        archive.writestr("x.npy", content)
        archive.writestr("y.npy", labels.getvalue())
    return user_data.load(path)


def read_safetensors(content: bytes) -> object:
    return dr.load(write("model.safetensors", content))


@cache
def split_seed(seed: bytes) -> tuple[bytes, dict[str, Any], bytes]:
    """Split a model file into the SHA-256 of its tensors, its header and its tensors."""
    size = int.from_bytes(seed[:8], "little")
    header = json.loads(seed[8 : 8 + size])
    return json.loads(header["__metadata__"][files.KEY])["sha256"].encode(), header, seed[8 + size :]


def pack(content: bytes, seed: bytes) -> Path:
    """Write the content as the description of a model file, beside the tensors of a seed and with their SHA-256."""
    sha256, header, rest = split_seed(seed)
    text = SHA256.sub(b'"sha256": "' + sha256 + b'"', content).decode("utf-8", "replace")
    written = json.dumps({**header, "__metadata__": {files.KEY: text}}).encode()
    return write("run/model.safetensors", len(written).to_bytes(8, "little") + written + rest)


def use_model(model: Any) -> None:
    """Predict, as a user of the model does next."""
    shape = model.example_shape
    if shape and prod(shape) < 10_000 and model.preprocessing.schema is None:
        assert len(model.predict(np.zeros((2, *shape)))) == 2


def read_description(content: bytes) -> None:
    use_model(dr.load(pack(content, seeds.save_model())))


def read_table_description(content: bytes) -> None:
    model = dr.load(pack(content, seeds.save_table_model()))
    build_table_page(model)


def read_checkpoint(content: bytes) -> None:
    path = pack(content, seeds.save_checkpoint())
    (path.parent / RUN_FILE).unlink(missing_ok=True)
    assert open_run(path.parent).state
    read_run(path, *files.read(path), ())


def read_notes(content: bytes) -> None:
    folder = write_run()
    (folder / RUN_FILE).write_bytes(content)
    assert open_run(folder).state


@cache
def write_run() -> Path:
    (folder := FOLDER / "notes").mkdir()
    (folder / files.MODEL_FILE).write_bytes(seeds.save_checkpoint())
    return folder


def read_recipe(content: bytes) -> None:
    file = read(write("net.toml", content))
    file.network((8, 8), 10)


def read_picture(content: bytes) -> None:
    picture = dr.data.prepare(write("picture", content))
    assert picture.shape == (28, 28)


def read_row(content: bytes) -> None:
    """Take the bytes as the pixels of a picture of 8 to 31 rows, twice as large if the first byte says so."""
    rows = 8 + (content[0] if content else 0) % 24
    size = 1 + (content[0] >> 7 if content else 0)
    pixels = np.frombuffer(content[1:], np.uint8)[: len(content[1:]) // rows * rows].reshape(rows, -1)
    with suppress(DeltaruleError):
        from deltarule.digit_strings import read_string

        read_string(np.kron(pixels, np.ones((size, size), np.uint8)), seeds.load_row_reader())


def convert_script(content: bytes) -> None:
    converted = convert(content.decode("utf-8", "replace"))
    if converted.complete and converted.rewrites:
        import ast

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(converted.text)


@cache
def list_scripts() -> list[str]:
    return list(parse_scripts(build_table_page(seeds.build_table_model())))


def read_page(content: bytes) -> None:
    """Export a page whose columns and words have names of the content, and read the model in it as a browser does."""
    names = [*content.decode("utf-8", "replace").split("\n")[:4], "a", "b", "c"]
    scripts = parse_scripts(build_table_page(seeds.rename_table_model(names[0], names[1], names[2])))
    assert list(scripts) == list_scripts()
    assert names[0] in [column["name"] for column in json.loads(scripts["model"])["columns"]]


def prefix(contents: list[bytes]) -> list[bytes]:
    """Put the byte of the options in front: none, and a first column of text."""
    return [byte + content for content in contents for byte in (b"\0", b"\x80")]


TARGETS = {
    "idx": Target(lambda content: parse_idx(content), seeds.list_idx),
    "idx in gzip": Target(read_gzip, seeds.list_gzip),
    "csv": Target(read_table(".csv"), table_seeds.list_csv),
    "arff": Target(read_table(".arff"), table_seeds.list_arff),
    "libsvm": Target(read_table(".svm"), table_seeds.list_libsvm),
    "matlab": Target(read_table(".mat"), table_seeds.list_matlab),
    "arrow": Target(read_table(".arrow"), table_seeds.list_arrow),
    "parquet": Target(read_table(".parquet"), table_seeds.list_parquet),
    "hdf5": Target(read_table(".h5"), table_seeds.list_hdf5),
    "excel": Target(read_table(".xlsx"), table_seeds.list_excel),
    "csv in blocks": Target(tables.read_delimited, lambda: prefix(table_seeds.list_csv())),
    "arff in blocks": Target(tables.read_arff, lambda: prefix(table_seeds.list_arff())),
    "libsvm in blocks": Target(tables.read_libsvm, lambda: prefix(table_seeds.list_libsvm())),
    "matlab, arrays": Target(tables.read_matlab, lambda: prefix(table_seeds.list_matlab())),
    "pictures in zip": Target(read_archive, seeds.list_archives),
    "npz": Target(read_table(".npz"), seeds.list_npz),
    "npy in npz": Target(read_npz, seeds.list_npy),
    "pickle": Target(lambda c: pickled_arrays.read(write("m.pkl", c)), seeds.list_pickles),
    "network2": Target(lambda c: network2.load(str(write("n.json", c))), seeds.list_network2),
    "safetensors": Target(read_safetensors, lambda: [seeds.save_model()]),
    "model": Target(read_description, seeds.list_descriptions),
    "table model": Target(read_table_description, seeds.list_table_descriptions),
    "checkpoint": Target(read_checkpoint, seeds.list_checkpoints),
    "run.json": Target(read_notes, seeds.list_notes),
    "network file": Target(read_recipe, seeds.list_recipes),
    "picture": Target(read_picture, seeds.list_pictures),
    "row of digits": Target(read_row, seeds.list_rows),
    "onnx": Target(lambda c: from_onnx(write("m.onnx", c)), seeds.list_onnx),
    "results": Target(lambda c: read_result(write("r.json", c)), seeds.list_results),
    "python 2": Target(convert_script, seeds.list_scripts),
    "exported page": Target(read_page, seeds.list_names),
}
(FOLDER / "run").mkdir()


def list_inputs(name: str) -> list[bytes]:
    """List the inputs to begin with: the seeds, and the inputs of earlier faults."""
    kept = sorted((CORPUS / name.replace(" ", "_")).glob("*"))
    return [*TARGETS[name].seeds(), *(path.read_bytes() for path in kept)]


@contextmanager
def refuse_warnings() -> Iterator[None]:
    """Make warnings errors, and keep those that no program can catch, such as the one about a file left open."""
    before, sys.unraisablehook = sys.unraisablehook, lambda found: LEFT.append(found.exc_value)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            yield
    finally:
        sys.unraisablehook = before


def try_input(name: str, content: bytes) -> BaseException | None:
    """Run a target on an input; return what it raises, unless that is an error of deltarule with a text."""
    try:
        TARGETS[name].run(content)
    except DeltaruleError as error:
        if not str(error):
            return error
    except Exception as error:
        return error
    finally:
        left = LEFT.copy()
        LEFT.clear()
    return left[0] if left else None
