from __future__ import annotations

import io
import json

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from pyarrow import parquet as pq
from tests.fields import has

from deltarule import limits
from deltarule.data.options import DataOptions
from deltarule.data.picture_table import find_picture_column, read_picture_table
from deltarule.errors import DataError

PICTURES = np.random.default_rng(0).integers(0, 256, (5, 4, 3), np.uint8)
LABELS = [7, 0, 1, 7, 0]
KIND = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def encode(array, form="PNG"):
    Image.fromarray(array).save(stream := io.BytesIO(), form)
    return {"bytes": stream.getvalue(), "path": None}


@pytest.fixture
def parquet(tmp_path):
    def write(entries, names=None, **columns):
        table = pa.table({"image": pa.array(entries, KIND), **columns})
        if names:
            info = {
                "info": {"features": {"label": {"names": names, "_type": "ClassLabel"}, "image": {"_type": "Image"}}}
            }
            table = table.replace_schema_metadata({"huggingface": json.dumps(info)})
        pq.write_table(table, tmp_path / "mine.parquet", row_group_size=2)
        return tmp_path / "mine.parquet"

    return write


ENTRIES = [encode(picture) for picture in PICTURES]


def test_pictures_and_labels_are_read(parquet):
    path = parquet(ENTRIES, label=LABELS)
    assert find_picture_column(path) == "image"
    file = read_picture_table(path)
    x, y = file.parts["all"]
    np.testing.assert_array_equal(x, PICTURES)
    assert (x.dtype, y.tolist()) == (np.uint8, ["7", "0", "1", "7", "0"])
    assert file.notes == ("the examples are the pictures in column image, the labels are label",)


def test_the_names_of_the_classes_are_read(parquet):
    path = parquet(ENTRIES, names=["boot", "bag"], label=[0, 1, 1, 0, 0])
    assert read_picture_table(path).parts["all"][1].tolist() == ["boot", "bag", "bag", "boot", "boot"]
    with pytest.raises(DataError, check=has(position="row 2", path="mine.parquet")):
        read_picture_table(parquet(ENTRIES, names=["boot", "bag"], label=[0, -1, 1, 0, 0]))


def test_colours_become_grey(parquet):
    white = np.full((2, 2, 3), 255, np.uint8)
    x, y = read_picture_table(parquet([encode(white)])).parts["all"]
    assert (x.tolist(), y) == ([[[255, 255], [255, 255]]], None)


def test_the_column_of_labels_can_be_stated(parquet):
    path = parquet(ENTRIES, fine=LABELS, coarse=[0] * 5)
    with pytest.raises(DataError, check=has(argument="label")):
        read_picture_table(path)
    file = read_picture_table(path, DataOptions(label=("fine",)))
    assert file.parts["all"][1][0] == "7"
    assert file.notes[1] == "other columns are left out: coarse"
    with pytest.raises(DataError, check=has(argument="label", value=("digit",))):
        read_picture_table(path, DataOptions(label=("digit",)))


@pytest.mark.parametrize(
    "entry", [None, {"bytes": None, "path": "x.png"}, {"bytes": b"none", "path": None}, encode(PICTURES[0, :3])]
)
def test_damaged_pictures_are_named(parquet, entry):
    with pytest.raises(DataError, check=has(position="row 4", path="mine.parquet")):
        read_picture_table(parquet([*ENTRIES[:3], entry, ENTRIES[4]], label=LABELS))


def test_truncated_pictures_are_named(parquet):
    content = ENTRIES[0]["bytes"]
    for length in range(0, len(content) - 20, 7):  # then there are only checksums and the end mark
        with pytest.raises(DataError, check=has(position="row 2")):
            read_picture_table(parquet([ENTRIES[0], {"bytes": content[:length], "path": None}]))


def test_a_bomb_is_refused(parquet, monkeypatch):
    bomb = encode(np.zeros((500, 500), np.uint8))
    monkeypatch.setattr(limits, "PICTURE_PIXELS", 200_000)
    with pytest.raises(DataError, check=has(position="row 1")):
        read_picture_table(parquet([bomb]))


def test_a_table_without_pictures_has_no_such_column(tmp_path):
    pq.write_table(pa.table({"a": [1], "s": [{"path": "x", "size": 3}]}), path := tmp_path / "mine.parquet")
    assert find_picture_column(path) == ""
