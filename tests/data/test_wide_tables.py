"""Tables with more columns than the limit are refused before their values are read; many columns are looked up once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from deltarule import limits
from deltarule.data import cells, column_profiles, dialect, records, roles, user_data
from deltarule.data.options import DataOptions
from deltarule.data.roles import Roles
from deltarule.errors import DataError

N = 30


def write_csv(folder: Path) -> Path:
    (path := folder / "t.csv").write_text("".join(",".join("1" * N) + "\n" for _ in range(9)))
    return path


def write_arff(folder: Path) -> Path:
    head = "".join(f"@attribute a{i} numeric\n" for i in range(N))
    (path := folder / "t.arff").write_text(f"@relation r\n{head}@data\n" + (",".join("1" * N) + "\n") * 9)
    return path


def write_parquet(folder: Path) -> Path:
    pq.write_table(pa.table({f"a{i}": np.arange(9) for i in range(N)}), path := folder / "t.parquet")
    return path


def write_npy(folder: Path) -> Path:
    np.save(path := folder / "t.npy", np.zeros(9, [(f"a{i}", "f4") for i in range(N)]))
    return path


@pytest.mark.parametrize("write", [write_csv, write_arff, write_parquet, write_npy])
def test_too_many_columns_are_refused_before_any_value_is_judged(write, tmp_path, monkeypatch):
    def reach(*args: object, **kwargs: object) -> None:
        raise AssertionError("values were reached")

    path = write(tmp_path)
    monkeypatch.setattr(limits, "TABLE_COLUMNS", N - 1)
    for module, name in ((roles, "profile_columns"), (user_data, "_read"), (column_profiles, "profile_columns")):
        monkeypatch.setattr(module, name, reach)
    if write is write_csv:  # text is not even divided into cells
        for module, name in ((dialect, "_split"), (records, "_split_row"), (cells, "parse_number")):
            monkeypatch.setattr(module, name, reach)
    with pytest.raises(DataError, match=f"^{path}: expected at most {N - 1} columns, got {N}; .*TABLE_COLUMNS"):
        user_data.load(path)


def test_the_limit_itself_is_accepted(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "TABLE_COLUMNS", N)
    rows = "".join(",".join([str(i % 2), *map(str, range(i, i + N - 1))]) + "\n" for i in range(20))
    (path := tmp_path / "t.csv").write_text(rows)
    assert user_data.load(path).splits[0].x.shape[1] == N - 1


class Names(tuple[str, ...]):
    """Names of columns that are not searched one by one: for each of many columns that takes quadratic time."""

    def __contains__(self, name: object) -> bool:
        raise AssertionError("the names are searched")


def test_the_inputs_are_not_searched_for_each_column(tmp_path):
    class Reader:
        names = Names(("a", "b", "c", "d"))

        def read(self, text, skip, words):
            return text, skip

    assert user_data._read(Reader(), Roles(("d",), "", (), Names(("a", "b")))) == ({"d"}, {"c"})


def test_the_stated_roles_become_a_set_once(monkeypatch):
    sets = 0

    class Labels(tuple[str, ...]):
        def __iter__(self):
            nonlocal sets
            sets += 1
            return super().__iter__()

    names = [f"a{i}" for i in range(N)]
    found = roles._find_labels
    monkeypatch.setattr(roles, "_find_labels", lambda *args: (Labels(found(*args)[0]), ()))
    rows = [[str(i + j) for i in range(N)] for j in range(9)]
    roles.choose_roles(names, rows, True, DataOptions(label=("a1",)))
    assert sets < 9
