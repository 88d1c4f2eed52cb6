"""The growth of the time of readers: its table, and that each reader reads what is built for it."""

from __future__ import annotations

import pytest
from benchmarks.readers import (
    END,
    FACTORS,
    MOST,
    READERS,
    START,
    Reader,
    find_ratio,
    format_readers,
    measure,
    save,
    write_table,
)

SMALL = {"picture in colour": 1, "ONNX": 3, "row of digits": 1}

RESULTS = [{"name": "CSV", "part": "rows", "n": 30_000, "seconds": [0.1, 0.2, 0.44]}]


def test_the_table_replaces_the_one_in_the_document(tmp_path):
    path = tmp_path / "page.md"
    path.write_text(f"before\n{START}\n\nold\n\n{END}\nafter\n")
    write_table(path, format_readers(RESULTS))
    text = path.read_text()
    assert text.startswith(f"before\n{START}\n\n| Reader |")
    assert text.endswith(f"\n\n{END}\nafter\n")
    assert "| CSV | 30,000 rows | 0.100 | 0.200 | 0.440 | 2.20 |" in text
    assert "old" not in text


def test_a_later_measurement_replaces_that_of_its_reader(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "reliability.md").write_text(f"{START}\n{END}\n")
    for n, names in ((1, ("ONNX", "npz")), (2, ("npz",))):
        save([{"name": name, "part": "p", "n": n, "seconds": [0.1, 0.2, 0.4]} for name in names], tmp_path)
    text = (tmp_path / "docs" / "reliability.md").read_text()
    assert text.index("| npz | 2 p |") < text.index("| ONNX | 1 p |")
    assert len(list((tmp_path / "results").iterdir())) == 1


def test_the_larger_ratio_counts():
    assert find_ratio(RESULTS[0]) == 2.2 < MOST


def test_the_sizes_take_turns_and_the_first_round_does_not_count():
    built, read = [], []

    def build(folder, n):
        built.append((folder.name, n))
        return lambda: read.append(n)

    found = measure(Reader("mine", "parts", 10, build), rounds=2)
    assert built == [(str(factor), 10 * factor) for factor in FACTORS]
    assert read == [10, 20, 40] * 3
    assert len(found["seconds"]) == 3


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_each_reader_reads_what_is_built(reader, tmp_path):
    assert reader.build(tmp_path, SMALL.get(reader.name, 40))() is not None
