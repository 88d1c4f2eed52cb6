from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fields import has

from deltarule.data.dataset import Dataset
from deltarule.data.encodings import MultiLabel, OneHot, Standardized
from deltarule.data.options import DataOptions
from deltarule.data.pixels import are_pixels
from deltarule.data.roles import Roles
from deltarule.data.schema import Column
from deltarule.data.split import count_sevenths, divide, has_validation, is_split
from deltarule.data.summary import describe
from deltarule.data.table import Table
from deltarule.data.table_splits import build_splits, note_undivided
from deltarule.errors import DataError

RNG = np.random.default_rng(3)


def make(x, columns=None, lines=None, **text):
    x = np.asarray(x)
    columns = columns or [f"c{i}" for i in range(x.shape[1])]
    columns = tuple(Column(column) if isinstance(column, str) else column for column in columns)
    cells = {name: np.array([str(value) for value in values] + [None], object)[:-1] for name, values in text.items()}
    return Table(columns, x, cells, np.arange(2, len(x) + 2) if lines is None else lines)


def build(table, target="y", test_table=None, group="", targets=(), **options):
    inputs = tuple(column.name for column in table.columns)
    roles = Roles(tuple(targets) or (target,), group, (), inputs)
    return build_splits(table, roles, DataOptions(**options), "trees", test_table)


def rows_of(splits):
    return np.concatenate([part.x for part in splits]), np.concatenate([part.y for part in splits])


X = RNG.normal(size=(70, 3))
KINDS = ["oak", "ash", "oak", "elm", "fir"] * 14


def test_classes_are_divided_as_other_data_sets_are():
    splits, notes = build(make(X, y=KINDS))
    classes = ("ash", "elm", "fir", "oak")
    whole = Dataset(X, np.array([classes.index(kind) for kind in KINDS]), "trees", classes=classes)
    for part, expected in zip(splits, divide(whole, count_sevenths), strict=True):
        np.testing.assert_array_equal(part.x, expected.x)
        np.testing.assert_array_equal(part.y, expected.y)
        assert (part.name, part.classes, part.encoding) == (expected.name, classes, OneHot(4))
    assert notes == ()
    assert is_split(splits)
    assert has_validation(splits)


def test_the_schema_has_the_columns_in_the_order_of_the_inputs():
    table = make(X, ["a", Column("soil", ("clay", "sand")), "c"], y=KINDS)
    table = replace(
        table, x=np.column_stack([X[:, 0], np.arange(70) % 2, X[:, 2]]), text={**table.text, "g": table.text["y"]}
    )
    roles = Roles(("y",), "g", ("id",), ("c", "soil"))
    splits, _ = build_splits(table, roles, DataOptions(missing="drop", unknown="zeros"), "trees")
    schema = splits[0].schema
    assert schema.columns == (Column("c"), Column("soil", ("clay", "sand")))
    assert (schema.targets, schema.ignored, schema.missing, schema.unknown, schema.has_names) == (
        ("y",), ("id", "g"), "drop", "zeros", True,
    )  # fmt: skip
    assert {row.tobytes() for part in splits for row in part.x} == {row.tobytes() for row in table.x[:, [2, 1]]}
    headless = build(make(X, ["column 2", "column 3", "column 4"], y=KINDS))[0][0]
    assert not headless.schema.has_names


@pytest.mark.parametrize(
    ("text", "targets", "encoding"),
    [
        ({"y": X[:, 0]}, ("y",), Standardized(1)),
        ({"y": X[:, 0], "z": X[:, 1]}, ("y", "z"), Standardized(2)),
        ({"y": np.arange(70) % 2, "z": np.arange(70) // 2 % 2}, ("y", "z"), MultiLabel(2)),
    ],
)
def test_other_targets_are_divided_at_random(text, targets, encoding):
    splits, _ = build(make(X, **text), targets=targets)
    assert [len(part) for part in splits] == [50, 10, 10]
    assert splits[0].encoding == encoding
    x, y = rows_of(splits)
    order = [int(np.flatnonzero((row == X).all(axis=1))[0]) for row in x]
    assert sorted(order) == list(range(70))
    expected = np.stack([np.asarray(column) for column in text.values()], axis=1)[order]
    np.testing.assert_array_equal(y.reshape(len(y), -1), expected)
    again, _ = build(make(X, **text), targets=targets)
    np.testing.assert_array_equal(again[1].x, splits[1].x)


@pytest.mark.parametrize(
    ("y", "options"),
    [
        ([0, 1, 1, 0], {}),
        (["a", "b", "c", "a", "b", "c", "a", "b", "c"], {}),
        ([0.5, 1.5, 2.5, 1.0], {}),
        (["a", "b", "c", "d", "e", "f", "g"] * 2, {}),
        (KINDS, {"split": False}),
        (KINDS, {"split": False, "group": "y"}),
    ],
)
def test_too_few_rows_are_not_divided(y, options):
    splits, _ = build(make(X[: len(y)], y=y), **options)
    assert not is_split(splits)
    assert not has_validation(splits)
    assert splits[0] is splits[1] is splits[2]
    np.testing.assert_array_equal(splits[0].x, X[: len(y)])
    why = "as stated" if options else "there are too few to divide"
    assert note_undivided(splits, DataOptions(**options)) == (
        f"all {len(y)} rows are trained on, {why}: measured on the rows that were trained on",
    )
    assert f"the same {len(y)} rows" in describe(splits)[1]


@given(st.lists(st.sampled_from("abcd"), min_size=10, max_size=40).filter(lambda y: len(set(y)) > 1))
def test_every_row_is_in_one_set_and_every_set_has_rows(y):
    table = make(np.arange(len(y))[:, None] + 0.5, y=y)
    splits, _ = build(table)
    if is_split(splits):
        x, codes = rows_of(splits)
        assert sorted(x[:, 0]) == [i + 0.5 for i in range(len(y))]
        assert [splits[0].classes[i] for i in codes] == [y[int(i)] for i in x[:, 0]]
        assert all(map(len, splits))


def test_groups_stay_on_one_side():
    people = [f"person {i % 14}" for i in range(70)]
    splits, _ = build(make(X, y=KINDS, who=people), group="who")
    where = {row.tobytes(): person for row, person in zip(X, people, strict=True)}
    sides = [{where[row.tobytes()] for row in part.x} for part in splits]
    assert sum(map(len, sides)) == 14
    assert [len(part) for part in splits] == [50, 10, 10]
    assert "same who" in describe(splits, Roles(("y",), "who", (), ("c0", "c1", "c2")))[1]


def test_too_few_groups_are_an_error():
    with pytest.raises(DataError, check=has(argument="group", value=2)):
        build(make(X, y=KINDS, who=np.arange(70) % 2), group="who")


HOLES = X.copy()
HOLES[[3, 43], 1] = np.nan
HOLES[3, 2] = np.nan


def test_missing_values_are_refused_with_their_lines_and_columns():
    position = "lines 5 (c1, c2), 45 (c1)"
    with pytest.raises(DataError, check=has(position=position)) as raised:
        build(make(HOLES, y=KINDS))
    assert "3 missing values in 2 rows" in raised.value.problem
    for remedy in ('missing="drop"', 'missing="median"', 'ignore="c1"'):
        assert remedy in raised.value.remedy


def test_rows_with_missing_values_are_left_out():
    splits, notes = build(make(HOLES, y=KINDS), missing="drop")
    x, _ = rows_of(splits)
    assert sorted(x[:, 0]) == sorted(np.delete(X[:, 0], [3, 43]))
    assert notes == ("2 rows with missing values are left out",)
    with pytest.raises(DataError, check=has(value="drop")):
        build(make(np.full((70, 1), np.nan), y=KINDS), missing="drop")


def test_missing_values_are_kept_to_be_filled():
    splits, notes = build(make(HOLES, y=KINDS), missing="median")
    x, _ = rows_of(splits)
    assert np.isnan(x).sum() == 3
    assert np.isnan(splits[0].x[:, 1]).any()
    assert np.isnan(splits[0].x[:, 2]).any()
    assert "3 missing values" in notes[0]


@pytest.mark.parametrize("missing", ["refuse", "median", "drop"])
@pytest.mark.parametrize(("column", "value"), [("y", ""), ("who", "")])
def test_rows_without_target_or_group_can_only_be_left_out(missing, column, value):
    text = {"y": KINDS, "who": [str(i % 9) for i in range(70)]}
    text[column] = [*text[column][:9], value, *text[column][10:]]
    if missing == "drop":
        assert len(rows_of(build(make(X, **text), group="who", missing=missing)[0])[0]) == 69
        return
    with pytest.raises(DataError, check=has(position=f"line 11 ({column})")) as raised:
        build(make(X, **text), group="who", missing=missing)
    assert 'missing="drop"' in raised.value.remedy


def test_na_is_missing_among_amounts():
    prices = [*X[:, 0].tolist()[:69], "NA"]
    with pytest.raises(DataError, check=has(position="line 71 (y)")):
        build(make(X, y=prices))
    splits, _ = build(make(X, y=prices), missing="drop")
    assert (sum(map(len, splits)), splits[0].encoding) == (69, Standardized(1))


@pytest.mark.parametrize(
    ("names", "has_names", "expected"),
    [
        ([f"pixel{i}" for i in range(784)], True, True),
        ([f"{i}x{j}" for i in range(1, 29) for j in range(1, 29)], True, True),
        ([f"pixel_{i}_{j}" for i in range(8) for j in range(8)], True, True),
        ([f"px{i}" for i in range(25)], True, True),
        ([str(i) for i in range(784)], True, True),
        ([f"column {i}" for i in range(2, 27)], False, True),
        ([f"q{i}" for i in range(36)], True, False),
        ([f"{i}" for i in range(36)], True, False),
        ([f"{'abcdefgh'[i // 8]}{'stuvwxyz'[i % 8]}" for i in range(64)], True, False),
        ([f"pixel{i}" for i in range(783)], True, False),
        ([f"column {i}" for i in range(16)], False, False),
        ([], True, False),
    ],
)
def test_square_rows_of_bytes_are_images_if_their_names_allow_it(names, has_names, expected):
    assert are_pixels(tuple(names), has_names) is expected


@pytest.mark.parametrize("dtype", [np.uint8, np.float64])
def test_images_are_square_arrays_of_bytes(dtype):
    x = RNG.integers(0, 17, (70, 64)).astype(dtype)
    splits, notes = build(make(x, [f"pixel{i}" for i in range(64)], y=KINDS))
    assert splits[0].x.shape == (50, 8, 8)
    assert splits[0].x.dtype == np.uint8
    assert notes == (
        "the 64 columns of each row are read as an image of 8×8; state images=False if these are no pixels",
    )
    assert describe(splits)[0].startswith("70 rows: images of 8×8;")
    other, _ = build(make(x + 0.5, [f"pixel{i}" for i in range(64)], y=KINDS))
    assert other[0].x.shape == (50, 64)


@pytest.mark.parametrize(
    ("side", "largest", "images", "expected"),
    [
        (5, 5, None, False),
        (5, 16, None, True),
        (7, 15, None, False),
        (8, 1, None, True),
        (5, 5, True, True),
        (5, 255, False, False),
        (4, 9, True, True),
        (8, 255, False, False),
    ],
)
def test_ratings_without_a_heading_are_no_images(side, largest, images, expected):
    x = RNG.integers(0, largest + 1, (70, side * side), np.uint8)
    x[0, 0] = largest
    splits, notes = build(make(x, [f"column {i}" for i in range(2, side * side + 2)], y=KINDS), images=images)
    assert splits[0].x.shape[1:] == ((side, side) if expected else (side * side,))
    assert any("image" in note for note in notes) == expected
    assert any("images=False" in note for note in notes) == (expected and images is None)


@pytest.mark.parametrize(
    ("table", "got"),
    [
        (make(X, y=KINDS), "3 columns"),
        (make(np.eye(70)[:, :4] + 0.5, y=KINDS), "other values in column c0"),
        (make(np.eye(70)[:, :4], ["a", "b", Column("soil", ("clay", "sand")), "c"], y=KINDS), "words in column soil"),
    ],
)
def test_stated_images_need_square_rows_of_bytes(table, got):
    with pytest.raises(DataError, check=has(argument="images")) as raised:
        build(table, images=True)
    assert raised.value.problem.endswith(got)


def test_other_columns_of_a_test_table_are_noted_unless_ignored():
    test = replace(make(X[:9] + 1, y=KINDS[:9]), skipped=("id", "day", "id of test"))
    roles = Roles(("y",), "", ("id",), ("c0", "c1", "c2"))
    tables = make(X, y=KINDS), roles
    _, notes = build_splits(*tables, DataOptions(ignore=("id",)), "trees", test)
    assert notes == ("the test set has other columns, left out: day, id of test",)
    _, notes = build_splits(*tables, DataOptions(ignore=("day", "id  of test")), "trees", test)
    assert notes == ()
    with pytest.raises(DataError, check=has(argument="ignore", value="dax", remedy='did you mean "day"?')):
        build_splits(*tables, DataOptions(ignore=("dax",)), "trees", test)


def test_a_column_without_values_can_only_be_left_out():
    x = np.column_stack([X, np.full((70, 1), np.nan)])
    x[3, 0] = np.nan
    with pytest.raises(DataError, check=has(remedy='leave it out: ignore="c3"')) as raised:
        build(make(x, y=KINDS))
    assert "column c3 has no value at all" in raised.value.problem


def test_a_test_table_is_kept_and_a_sixth_of_the_rest_is_for_validation():
    test = make(X[:9, [2, 0, 1]] + 1, ["c2", "c0", "c1"], y=KINDS[:9])
    splits, notes = build(make(X, y=KINDS), test_table=test)
    assert [len(part) for part in splits] == [59, 11, 9]
    assert splits[2].name == "trees test"
    np.testing.assert_array_equal(splits[2].x, X[:9] + 1)
    assert [splits[2].classes[i] for i in splits[2].y] == KINDS[:9]
    assert notes == ()
    assert note_undivided(splits, DataOptions()) == ()
    unsplit, _ = build(make(X, y=KINDS), test_table=test, split=False)
    assert is_split(unsplit)
    assert not has_validation(unsplit)
    assert "without a validation set" in note_undivided(unsplit, DataOptions(split=False))[0]
    test = replace(test, text={**test.text, "who": test.text["y"]})
    grouped, _ = build(make(X, y=KINDS, who=np.arange(70) % 35), test_table=test, group="who")
    assert [len(part) for part in grouped] == [60, 10, 9]


@pytest.mark.parametrize(
    ("test", "fields"),
    [
        (make(X[:3], y=["oak", "yew", "oak"]), {"value": "yew", "position": "line 3, y"}),
        (make(X[:3, :2], y=KINDS[:3]), {"value": "c2"}),
        (make(HOLES[:5], y=KINDS[:5]), {"position": "line 5 (c1, c2)"}),
        (make(X[:3], y=["oak", "", "oak"]), {"position": "line 3 (y)"}),
        (make(X[:3], z=KINDS[:3]), {"value": "y"}),
    ],
)
def test_errors_of_a_test_table_name_its_file(test, fields):
    with pytest.raises(DataError, check=has(path="test.csv", **fields)):
        build(make(X, y=KINDS), test_table=test, test="test.csv")


def test_unknown_words_of_a_test_table_are_refused_or_kept():
    soils = [Column("a"), Column("soil", ("sand", "clay"))], [Column("a"), Column("soil", ("sand", "clay", "peat"))]
    x = np.column_stack([X[:, 0], np.arange(70) % 2])
    test = make(np.array([[1.5, 0], [2.5, 2]]), soils[1], y=KINDS[:2])
    with pytest.raises(DataError, check=has(value="peat", position="line 3, column soil", path="test.csv")):
        build(make(x, soils[0], y=KINDS), test_table=test, test="test.csv")
    splits, _ = build(make(x, soils[0], y=KINDS), test_table=test, unknown="zeros")
    assert splits[2].schema.columns[1].words == ("sand", "clay", "peat")


def test_groups_that_are_in_both_tables_are_noted():
    who = [f"{i % 7}" for i in range(70)]
    test = make(X[:9] + 1, y=KINDS[:9], who=["0", "1", "7", "0", "8", "8", "9", "9", "9"])
    _, notes = build(make(X, y=KINDS, who=who), test_table=test, group="who")
    assert notes == ("3 of 9 rows of the test set have a who that the training set has",)


def test_a_test_table_of_images_and_of_real_targets():
    names = [f"pixel{i}" for i in range(64)]
    x = RNG.integers(0, 256, (70, 64), np.uint8)
    splits, _ = build(make(x, names, y=X[:, 0]), test_table=make(x[:4] // 2, names, y=[1, 2, 3, 4]))
    assert splits[2].x.shape == (4, 8, 8)
    assert splits[2].y.tolist() == [1.0, 2.0, 3.0, 4.0]


def test_rows_that_repeat_stay_in_one_set():
    splits, notes = build(make(np.vstack([X[:35], X[:35]]), y=KINDS[:35] * 2))
    where = [{row.tobytes() for row in part.x} for part in splits]
    assert not where[0] & where[1]
    assert not (where[0] | where[1]) & where[2]
    assert notes == ("35 rows repeat others: repeats stay in one set",)
    assert sum(map(len, splits)) == 70
    assert all(set(part.y) == set(splits[0].y) for part in splits)


def test_rows_that_must_repeat_are_divided_as_ever_and_counted():
    x = np.array([[i // 2 % 2, i % 2] for i in range(70)], float)
    splits, notes = build(make(x, y=KINDS))
    assert [len(part) for part in splits] == [50, 10, 10]
    assert notes[0] == (
        "66 rows repeat others, as the values of the columns allow only 4 different inputs: "
        "repeats may be in several sets"
    )
    assert notes[1].startswith("the same inputs have different labels in 70 rows: at most 40.0 %")
    assert notes[2] == "10 of 10 rows of the test set have the same inputs as rows of the training set"


def test_rows_with_words_that_no_training_row_has_are_trained_on():
    words = Column("soil", ("clay", "sand", *(f"rare {i}" for i in range(9))))
    codes = np.array([i % 2 for i in range(61)] + list(range(2, 11)))
    table = make(np.column_stack([X[:, 0], codes]), ["a", words], y=KINDS)
    splits, _ = build(table)
    assert {*splits[1].x[:, 1], *splits[2].x[:, 1]} <= set(splits[0].x[:, 1])
    assert sorted(rows_of(splits)[0][:, 0]) == sorted(X[:, 0])
    grouped = replace(table, text={**table.text, "who": np.array([f"{i // 2}" for i in range(70)], object)})
    splits, _ = build(grouped, group="who")
    assert {*splits[1].x[:, 1], *splits[2].x[:, 1]} <= set(splits[0].x[:, 1])
    free, _ = build(table, unknown="zeros")
    assert [len(part) for part in free] == [50, 10, 10]


def test_a_class_that_only_one_group_has_is_noted():
    who = ["a"] * 10 + [f"{i}" for i in range(60)]
    kinds = ["oak"] * 10 + ["ash", "elm"] * 30
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(70)
        table = make(X[order], y=np.array(kinds)[order], who=np.array(who)[order])
        splits, notes = build(table, group="who")
        lacking = "oak" not in {splits[0].classes[i] for i in splits[0].y}
        assert any("lacks" in note for note in notes) == lacking


def test_the_summary_says_what_was_understood():
    names = ("height", "width", "soil")
    x = np.column_stack([X[:, :2], np.arange(70) % 2])
    table = make(x, ["height", "width", Column("soil", ("clay", "sand"))], y=KINDS)
    stated = ("identifier", "as stated", "as stated")
    roles = Roles(("y",), "", ("id", "note", "day"), names, reasons=stated)
    splits, _ = build_splits(table, roles, DataOptions(), "trees")
    assert describe(splits, roles) == (
        "70 rows: 2 columns of numbers (height, width) and 1 column of words (soil: clay, sand); "
        "target y, 4 classes: ash (14), elm (14), fir (14), oak (28)",
        "training 50, validation 10, test 10; left out: column id (identifier), columns note, day (as stated)",
    )
    table = replace(table, text={"y": np.array([f"{i}.5" for i in range(70)], object)})
    real, _ = build_splits(table, roles, DataOptions(), "trees")
    assert describe(real, roles)[0].endswith("; target y, numbers from 0.5 to 69.5")


def test_the_summary_elides_classes_and_columns():
    names = [f"column {i}" for i in range(2, 22)]
    kinds = [f"k{i % 40}" for i in range(200)]
    splits, _ = build(make(RNG.normal(size=(200, 20)), names, **{"column 1": kinds}), "column 1")
    line, _ = describe(splits, Roles(("column 1",), "", (), tuple(names)))
    assert line == (
        "200 rows: 20 columns of numbers (no. 2, 3, 4, 5, 6, …, 21); target column 1, "
        "40 classes: k0 (5), k1 (5), k2 (5), k3 (5), k4 (5), k5 (5), k6 (5), k7 (5), …, k39 (5)"
    )


cells = st.sampled_from(["", "0", "1", "2", "2.5", "a", "b", "NA"])
values = st.sampled_from([0.0, 1.0, 2.0, np.nan])
all_options = st.builds(
    DataOptions,
    missing=st.sampled_from(["refuse", "drop", "median"]),
    target=st.sampled_from(["auto", "classes", "numbers"]),
    split=st.booleans(),
)


@settings(max_examples=150)
@given(st.data(), st.integers(1, 30), all_options)
def test_any_table_is_divided_or_the_error_is_our_own(data, n, options):
    x = data.draw(st.lists(st.lists(values, min_size=2, max_size=2), min_size=n, max_size=n))
    text = {name: data.draw(st.lists(cells, min_size=n, max_size=n)) for name in ("y", "z", "who")}
    table = make(np.array(x), ["a", Column("soil", ("clay", "sand", "peat"))], **text)
    targets = data.draw(st.sampled_from([("y",), ("y", "z")]))
    roles = Roles(targets, data.draw(st.sampled_from(["", "who"])), (), ("a", "soil"))
    test = data.draw(st.sampled_from([None, table]))
    try:
        splits, notes = build_splits(table, roles, options, "t", test)
    except DataError:
        return
    assert all(map(len, splits))
    assert all(notes)
    assert all(describe(splits, roles))
    if test is None and is_split(splits):
        total = sum(map(len, splits))
        assert total <= n if options.missing == "drop" else total == n
