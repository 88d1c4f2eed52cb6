"""JSON that is nested too deeply for Python has our errors, wherever it is read."""

from __future__ import annotations

import json

import pytest
from tests.fields import has

from deltarule.data.picture_table import read_picture_table
from deltarule.errors import FileError, InvalidArgument
from deltarule.experiments.overrides import _parse_value
from deltarule.training.runs import RUN_FILE, read_notes

DEEP = "[" * 100_000


def test_the_notes_of_a_run(tmp_path):
    (tmp_path / RUN_FILE).write_text(f'{{"data": {DEEP}')
    with pytest.raises(FileError, check=has(path=RUN_FILE)):
        read_notes(tmp_path)


def test_the_settings_of_an_experiment():
    with pytest.raises(InvalidArgument, check=has(argument="texts")):
        _parse_value("eta=", DEEP)


def test_the_names_of_classes_beside_pictures(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq
    from PIL import Image

    entries = []
    for i in range(6):
        Image.new("L", (4, 4), 40 * i).save(path := tmp_path / f"{i}.png")
        entries.append({"bytes": path.read_bytes(), "path": path.name})
    table = pa.table({"image": entries, "label": [i % 2 for i in range(6)]})
    for notes in (json.dumps({"info": {"features": {"label": {"names": ["a", "b"]}}}}), DEEP):
        pq.write_table(table.replace_schema_metadata({"huggingface": notes}), tmp_path / "t.parquet")
        assert read_picture_table(tmp_path / "t.parquet") is not None
