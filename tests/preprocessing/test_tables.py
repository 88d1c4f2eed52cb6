"""New tables for a model: matched by name, read in blocks, with the line of every fault."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from tests.fields import has

import deltarule as dr
from deltarule.data.options import DataOptions
from deltarule.errors import DataError, InvalidArgument
from deltarule.preprocessing.tables import ModelTable, read_frame

HEAD = "species,soil,width\n"


@pytest.fixture(scope="module")
def rows() -> list[str]:
    rng = np.random.default_rng(3)
    kinds = ["ash", "elm", "oak"]
    return [f"{kinds[i % 3]},{('clay', 'sand')[i % 2]},{i % 3 + rng.normal(0, 0.2):.2f}\n" for i in range(90)]


@pytest.fixture(scope="module")
def model(rows, tmp_path_factory) -> dr.Model:
    path = tmp_path_factory.mktemp("trees") / "trees.csv"
    path.write_text(HEAD + "".join(rows))
    train, validation, _ = dr.data.load(path)
    return dr.fit(dr.Network.dense([3, 6, 3]), train, epochs=30, validation=validation, engine="numpy")


def write(folder: Path, text: str) -> Path:
    path = folder / "new.csv"
    path.write_text(text)
    return path


def test_blocks_predict_what_the_whole_table_does(model, rows, tmp_path):
    shuffled = "width,id,soil\n" + "".join("{2},7,{1}\n".format(*row.strip().split(",")) for row in rows)
    table = ModelTable.open(write(tmp_path, shuffled), model.preprocessing, DataOptions(ignore=("id",)))
    blocks = [model.predict(block.examples) for block in table.read_blocks(7)]
    assert list(map(len, blocks)) == [7] * 12 + [6]
    frame = pd.DataFrame([row.strip().split(",") for row in rows], columns=HEAD.strip().split(","))
    frame = frame.astype({"width": float})
    for whole in (frame, pl.from_pandas(frame), frame[["width", "soil"]], frame.astype({"soil": "category"})):
        np.testing.assert_array_equal(np.concatenate(blocks), model.predict(whole))


def test_labels_of_a_new_table_are_matched_by_name(model, tmp_path):
    path = write(tmp_path, "species,width,soil\noak,2.0,clay\n,,\nash,0.1,sand\n".replace(",,\n", "elm,1.0,clay\n"))
    data, left_out = ModelTable.open(path, model.preprocessing).read_labelled("new")
    assert ([data.classes[y] for y in data.y], left_out) == (["oak", "elm", "ash"], 0)
    assert model.accuracy(data) == 1


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("soil,width\nclay,1\npeat,2\n", {"position": "line 3, column 'soil'"}),
        ("soil,width\nclay,1\nsand,\n", {"position": "line 3, column 'width'"}),
        ("soil,width\nclay,1\nsand,wide\n", {}),
        ("soil\nclay\n", {}),
        ("soil,width,age\nclay,1,3\n", {}),
    ],
    ids=["unknown word", "missing value", "word for a number", "missing column", "surplus column"],
)
def test_faults_have_a_file_and_a_line(model, tmp_path, text, fields):
    path = write(tmp_path, text)
    with pytest.raises(DataError, check=has(path=path, **fields)) as raised:
        list(ModelTable.open(path, model.preprocessing).read_blocks())
    assert raised.value.remedy


def test_evaluating_needs_the_target_and_known_classes(model, tmp_path):
    without = ModelTable.open(write(tmp_path, "soil,width\nclay,1\n"), model.preprocessing)
    with pytest.raises(DataError, match="target column 'species'"):
        without.read_labelled("new")
    other = ModelTable.open(write(tmp_path, HEAD + "fir,clay,1\n"), model.preprocessing)
    with pytest.raises(DataError, check=has(value="fir")):
        other.read_labelled("new")


def test_rows_that_training_would_leave_out_get_no_answer(model, tmp_path):
    schema = replace(model.preprocessing.schema, missing="drop")
    fitted = replace(model.preprocessing, schema=schema)
    table = ModelTable.open(write(tmp_path, "soil,width\nclay,1\nsand,\nclay,2\n"), fitted)
    [block] = table.read_blocks()
    assert (block.kept.tolist(), len(block.examples), block.lines.tolist()) == ([True, False, True], 2, [2, 3, 4])
    with pytest.raises(DataError, check=has(position="row 2")):
        read_frame(pd.DataFrame({"soil": ["clay", "sand"], "width": [1.0, None]}), fitted)


def test_a_model_of_images_takes_no_table(tmp_path):
    train = dr.data.load("digits")[0].take(slice(50))
    images = dr.fit(dr.Network.dense([64, 10]), train, epochs=1)
    with pytest.raises(DataError, check=has(value="a model of images")):
        ModelTable.open(write(tmp_path, HEAD), images.preprocessing)


def test_frames_serve_as_test_sets_and_may_be_empty(model, rows):
    frame = pd.DataFrame([row.strip().split(",") for row in rows], columns=HEAD.strip().split(","))
    frame = frame.astype({"width": float})
    train, validation, test = dr.data.load(frame[:60], label="species", test=frame[60:])
    assert (len(train) + len(validation), len(test)) == (60, 30)
    assert model.predict(frame[:0]).shape == (0,)
    with pytest.raises(InvalidArgument, match=r"a Dataset such as Dataset\(x, y\)"):
        model.evaluate(frame)
    with pytest.raises(InvalidArgument, check=has(argument="lable", owner="load")):
        dr.data.load(frame, lable="species")
    with pytest.raises(DataError, check=has(remedy="leave it out: frame.drop(columns=…)")):
        model.predict(frame.assign(age=1))
