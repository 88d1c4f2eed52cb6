"""Tables of text read whole and in blocks, which must agree; the first byte chooses the options."""

from __future__ import annotations

from contextlib import suppress

import numpy as np

from deltarule.data.arff import open_arff
from deltarule.data.delimited import open_delimited
from deltarule.data.libsvm import open_libsvm
from deltarule.data.matlab import MatFile
from deltarule.data.options import DataOptions
from deltarule.data.table import Table, TableReader
from deltarule.errors import DataError
from fuzz.folders import make_folder

FOLDER = make_folder()
LIBSVM_FEATURES = 1_000
"""The most features that are read: a few bytes can state a wide table, which takes longer than an input may."""


def read_delimited(content: bytes) -> None:
    choice = content[0] if content else 0
    options = DataOptions(
        comment="#" * (choice & 1),
        decimal=("", ".", ",")[(choice >> 1) % 3],
        delimiter=("", ",", ";", "\t", " ")[(choice >> 3) % 5],
        heading=(None, True, False)[(choice >> 5) % 3],
    )
    (path := FOLDER / "table.csv").write_bytes(content[1:])
    reader = open_delimited(path, options)
    check_reader(reader, reader.names[: choice >> 7])


def read_arff(content: bytes) -> None:
    (path := FOLDER / "table.arff").write_bytes(content[1:])
    reader = open_arff(path)
    check_reader(reader, reader.names[: (content or b"\0")[0] >> 7])


def read_libsvm(content: bytes) -> None:
    (path := FOLDER / "table.svm").write_bytes(content[1:])
    reader = open_libsvm(path)
    if len(reader.names) > LIBSVM_FEATURES:
        return
    check_reader(reader, reader.names[: (content or b"\0")[0] >> 7])


def read_matlab(content: bytes) -> None:
    (path := FOLDER / "arrays.mat").write_bytes(content[1:])
    file = MatFile(path)
    file.describe()
    for name in file.names:
        with suppress(DataError):
            assert file.read(name).dtype.kind in "biufU"


def check_reader(reader: TableReader, text: tuple[str, ...]) -> None:
    table = reader.read(text=text)
    check_table(table)
    words = {column.name: column.words for column in table.columns if column.words}
    blocks = list(reader.blocks(3, text=text, words=words))
    assert np.array_equal(np.concatenate([block.x for block in blocks]), table.x, equal_nan=True)
    assert all(len(row) == len(reader.names) for row in reader.sample)


def check_table(table: Table) -> None:
    assert len(table.x) == len(table.lines) > 0
    assert table.x.shape[1] == len(table.columns)
    assert not np.isinf(table.x).any()
    for i, column in enumerate(table.columns):
        assert not column.words or np.nanmax(table.x[:, i], initial=0) < len(column.words)
