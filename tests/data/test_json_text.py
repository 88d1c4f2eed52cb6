from __future__ import annotations

import gzip
import json
from pathlib import Path

import pandas as pd
import pytest
from tests.fields import has

import deltarule as dr
from deltarule.data.options import DataOptions
from deltarule.data.table_sources import open_table
from deltarule.errors import DataError

FRAME = pd.DataFrame({"width": [1.5, 300.0, 2.0], "note": ['an "old" tree', "a, b", ""]})
LINES = FRAME.to_json(orient="records", lines=True)
WHOLE = FRAME.to_json(orient="records")
SPREAD = json.dumps(FRAME.to_dict("records"), indent=2)


@pytest.mark.parametrize("content", [LINES, WHOLE, SPREAD, "\n  " + LINES, "[1, 2]\n[3, 4]\n", '{"width": [1, 2]}'])
@pytest.mark.parametrize("name", ["mine.csv", "mine.txt", "mine.data", "mine"])
def test_json_is_known_by_its_content(tmp_path, content, name):
    (path := tmp_path / name).write_text(content)
    with pytest.raises(DataError, check=has(path=name)) as raised:
        open_table(path, DataOptions())
    assert "JSON is not read; save it as CSV or Parquet" in raised.value.remedy
    assert ("lines=True" in raised.value.remedy) == (content.strip() in (LINES.strip(), "[1, 2]\n[3, 4]"))


@pytest.mark.parametrize("name", ["mine.json", "mine.jsonl", "mine.ndjson", "MINE.JSON", "mine.jsonl.gz"])
def test_json_is_known_by_its_ending(tmp_path, name):
    content = b"whatever"
    (path := tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    with pytest.raises(DataError, check=has(path=name)) as raised:
        dr.data.load(path)
    assert ("lines=True" in raised.value.remedy) == ("l" in Path(name.removesuffix(".gz")).suffix or "nd" in name)


@pytest.mark.parametrize("lines", [True, False])
def test_the_remedy_leads_to_the_table(tmp_path, lines):
    (path := tmp_path / "mine.jsonl").write_text(LINES if lines else WHOLE)
    pd.read_json(path, lines=lines).to_csv(tmp_path / "mine.csv", index=False)
    assert open_table(tmp_path / "mine.csv", DataOptions()).names == ("width", "note")


@pytest.mark.parametrize(
    "text",
    [
        "[mm],{kg}\n1,2\n3,4\n",
        "{a},{b}\n1,2\n3,4\n",
        "[;]\n1;2\n3;4\n",
        "[width] height\n1 2\n3 4\n",
        "[" * 9000 + ",b\n1,2\n",
    ],
    ids=["units", "braces", "marks", "spaces", "deep"],
)
def test_a_heading_may_begin_like_json(tmp_path, text):
    (path := tmp_path / "mine.csv").write_text(text)
    assert len(open_table(path, DataOptions()).names) == 2
