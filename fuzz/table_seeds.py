"""Tables to begin with, in all formats that are read, each small."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import numpy as np

TABLE = "size,soil,label\n1.5,clay,oak\n2,sand,elm\n,clay,oak\n3,sand,elm\n4,clay,oak\n"


def list_csv() -> list[bytes]:
    texts = (TABLE, "a;b;label\n1,5;2;x\n2,25;NA;y\n1,5;2;x\n2,25;3;y\n", "1\t2\t0\n3\t4\t1\n" * 4)
    quoted = 'label,a,"b c"\noak,1,2.5\nelm,3,\n"a ""q""",255,1e3\noak,2,"1\n"\n'
    return [text.encode() for text in (*texts, quoted, "sep=;\n# a;b\n1;inf\n2;3\n", "label,0.99999999\n1,2\n0,3\n")]


def list_arff() -> list[bytes]:
    head = "@relation r\n@attribute a numeric\n@attribute 'b c' {x,\"y z\"}\n@attribute label {p,q}\n@data\n"
    return [(head + '1,x,p\n2.5,"y z",q\n?,x,p\n3,x,q\n').encode(), (head + "{0 1.5, 2 q}\n{1 'y z'}\n").encode()]


def list_libsvm() -> list[bytes]:
    return [b"1 1:0.5 3:2\n-1 2:1 # comment\n1 1:3\n-1 4:1\n", b"1 qid:3 1:0.5\n0 qid:3 2:1e3\n"]


def list_matlab() -> list[bytes]:
    from scipy.io import savemat

    words = np.array([["a"], ["bc"]], object)
    plain = {"x": np.arange(40.0).reshape(20, 2), "y": np.arange(20).reshape(20, 1) % 2}
    found = []
    for arrays, compressed in ((plain, False), (plain, True), ({**plain, "c": words, "t": {"a": 1}}, False)):
        savemat(stream := io.BytesIO(), arrays, do_compression=compressed)
        found.append(stream.getvalue())
    return found


def _build_arrow_tables() -> list[Any]:
    """Build a small table of numbers and words, and one with a column of each kind that reads as numbers or text."""
    import pyarrow as pa

    plain = pa.table({"size": [1.5, 2, 3, 4], "soil": ["clay", "sand", "clay", "sand"], "label": ["oak", "elm"] * 2})
    kinds = {
        "truth": pa.array([True, None, False, True]),
        "day": pa.array([0, 1, None, 3], pa.date32()),
        "time": pa.array([0, 1, 2, None], pa.timestamp("ms", "UTC")),
        "price": pa.array([1, 2, 3, None], pa.decimal128(9, 2)),
        "code": pa.array(["a", "b", "a", None]).dictionary_encode(),
        "half": pa.array(np.arange(4, dtype=np.float16)),
        "long": pa.array(["x", "y", "", None], pa.large_string()),
        "label": pa.array([0, 1, 0, 1], pa.uint8()),
    }
    return [plain, pa.table(kinds)]


def list_arrow() -> list[bytes]:
    import pyarrow as pa
    from pyarrow import feather

    found = []
    for table in _build_arrow_tables():
        for start in (pa.ipc.new_file, pa.ipc.new_stream):
            with start(stream := io.BytesIO(), table.schema) as writer:
                writer.write_table(table, 3)
            found.append(stream.getvalue())
        feather.write_feather(table, stream := io.BytesIO(), compression="lz4")
        found.append(stream.getvalue())
    return found


def list_parquet() -> list[bytes]:
    from pyarrow import parquet

    found = []
    for table in _build_arrow_tables():
        for settings in ({"compression": "none", "use_dictionary": False}, {"compression": "snappy"}):
            parquet.write_table(table, stream := io.BytesIO(), write_statistics=False, store_schema=False, **settings)
            found.append(stream.getvalue())
    return found


def list_hdf5() -> list[bytes]:
    import h5py

    found = []
    for prefix, settings in (("", {}), ("train/", {"compression": "gzip", "shuffle": True, "fletcher32": True})):
        with h5py.File(stream := io.BytesIO(), "w") as file:
            file.create_dataset(f"{prefix}x", data=np.arange(40.0).reshape(20, 2), **settings)
            file.create_dataset(f"{prefix}y", data=np.array([b"oak", b"elm"] * 10), **settings)
        found.append(stream.getvalue())
    return found


def list_excel() -> list[bytes]:
    from openpyxl import Workbook

    book = Workbook()
    for row in (
        ["size", "soil", "label"],
        [1.5, "clay", "oak"],
        [2, "sand", "elm"],
        [3, None, "oak"],
        [4, "clay", "elm"],
    ):
        book.active.append(row)
    book.save(stream := io.BytesIO())
    return [stream.getvalue(), _strip_excel(stream.getvalue())]


def _is_needed(name: str) -> bool:
    return not re.search("theme|styles|docProps", name)


def _strip_excel(content: bytes) -> bytes:
    """Leave out what a file of Excel may lack, such as its theme: most mutations are then of the sheet."""
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream := io.BytesIO(), "w") as new:
        for name in filter(_is_needed, old.namelist()):
            new.writestr(name, re.sub(rb"<[^<>]*(?:theme|styles|docProps)[^<>]*/>", b"", old.read(name)))
    return stream.getvalue()
