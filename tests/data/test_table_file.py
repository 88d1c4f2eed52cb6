from __future__ import annotations

import gzip

import numpy as np
import pandas as pd
import pytest
from tests.fields import has

from deltarule.data.options import DataOptions
from deltarule.data.table_file import open_table_file
from deltarule.errors import DataError

FRAME = pd.DataFrame({"width": [1.5, 300.0, 2.0], "soil": ["b", "a", "b"], "n": [1, 2, 3]})
ARFF = b"@attribute width real\n@attribute soil {a,b}\n@attribute n integer\n@data\n1.5,b,1\n300,a,2\n2,b,3\n"
WRITERS = {
    "mine.parquet": FRAME.to_parquet,
    "MINE.PQ": FRAME.to_parquet,
    "mine.feather": FRAME.to_feather,
    "mine.arrow": FRAME.to_feather,
    "mine.xlsx": lambda path: FRAME.to_excel(path, index=False),
    "mine.arff": lambda path: path.write_bytes(ARFF),
    "mine.arff.gz": lambda path: path.write_bytes(gzip.compress(ARFF, mtime=0)),
    "mine.npy": lambda path: np.save(path, FRAME.to_records(index=False, column_dtypes={"soil": "U1"})),
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_table(tmp_path, name):
    WRITERS[name](path := tmp_path / name)
    reader = open_table_file(path, DataOptions())
    assert reader.names == ("width", "soil", "n")
    assert reader.sample == [["1.5", "b", "1"], ["300", "a", "2"], ["2", "b", "3"]]
    table = reader.read(text=["n"])
    assert table.x.tolist() == [[1.5, 0], [300, 1], [2, 0]]
    assert (table.columns[1].words, table.text["n"].tolist()) == (("b", "a"), ["1", "2", "3"])
    words = {"soil": ("a", "b")}
    assert reader.read(words=words, skip=["n"]).x.tolist() == [[1.5, 1], [300, 0], [2, 1]]
    assert [block.x.tolist() for block in reader.blocks(2, skip=["width"], words=words)] == [[[1, 1], [0, 2]], [[1, 3]]]


@pytest.mark.parametrize("name", ["mine.svm", "mine.libsvm", "mine.svmlight", "mine.t"])
def test_libsvm_takes_its_width_from_the_model(tmp_path, name):
    (path := tmp_path / name).write_text("1 1:5\n")
    assert open_table_file(path, columns=["feature 1", "feature 2"]).names == ("label", "feature 1", "feature 2")


def test_other_files_are_left_to_others(tmp_path):
    np.save(path := tmp_path / "mine.npy", np.zeros((2, 3)))
    assert open_table_file(path) is None
    assert open_table_file(tmp_path / "mine.csv.gz") is None


@pytest.mark.parametrize("name", ["mine.xls", "mine.pkl", "mine.ods", "mine.svm.bz2"])
def test_known_formats_that_are_not_read_have_a_remedy(tmp_path, name):
    with pytest.raises(DataError, check=has(path=name)) as raised:
        open_table_file(tmp_path / name)
    assert raised.value.remedy.startswith(("save", "unpack"))


@pytest.mark.parametrize("name", WRITERS)
def test_a_missing_file_is_a_data_error(tmp_path, name):
    with pytest.raises(DataError, check=has(path=name)):
        open_table_file(tmp_path / name)
