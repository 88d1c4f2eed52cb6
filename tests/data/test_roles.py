from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fields import has

from deltarule.data.options import DataOptions
from deltarule.data.roles import STATED, choose_roles
from deltarule.errors import DataError

RNG = np.random.default_rng(1)
N = 60


def choose(columns, has_names=True, **options):
    names = list(columns) if has_names else [f"column {i}" for i in range(1, len(columns) + 1)]
    sample = [list(map(str, row)) for row in zip(*columns.values(), strict=True)]
    return choose_roles(names, sample, has_names, DataOptions(**options), "table.csv")


def numbers(seed=0):
    return [f"{value:.3f}" for value in np.random.default_rng(seed).normal(size=N)]


def codes(k=3):
    return RNG.integers(0, k, N).tolist()


def words(*names):
    return [names[i % len(names)] for i in range(N)]


FEATURES = {"a": numbers(1), "b": numbers(2), "c": numbers(3)}
ILL = {"age_group": codes(10), **FEATURES, "ill": codes(2)}


@pytest.mark.parametrize(
    ("columns", "target", "inputs"),
    [
        ({"species": words("oak", "ash"), **FEATURES}, "species", "abc"),
        ({**FEATURES, "species": words("oak", "ash")}, "species", "abc"),
        ({**FEATURES, "kind": words("oak", "ash")}, "kind", "abc"),
        ({**FEATURES, "kind": codes(4)}, "kind", "abc"),
        ({"kind": codes(4), **FEATURES}, "kind", "abc"),
        ({"kind": [(1, -1)[i % 2] for i in range(N)], **FEATURES}, "kind", "abc"),
        ({"rent": numbers(7), **FEATURES}, "rent", "abc"),
        ({**FEATURES, "Price": numbers(7)}, "Price", "abc"),
        ({"": range(N), "species": words("oak", "ash"), **FEATURES}, "species", "abc"),
        ({"Unnamed: 0": RNG.permutation(N), "species": words("oak", "ash"), **FEATURES}, "species", "abc"),
        ({"id": RNG.permutation(10**6)[:N], "diagnosis": words("M", "B"), **FEATURES}, "diagnosis", "abc"),
        ({"a": numbers(1), "label": codes(3), "b": numbers(2)}, "label", "ab"),
        ({"a": numbers(1), "b": numbers(2), "TARGET ": codes(3)}, "TARGET ", "ab"),
        ({"colour": words("red", "blue"), "x": numbers(4), "y": numbers(5)}, "colour", "xy"),
        ({"x": numbers(4), "y": numbers(5)}, "y", "x"),
        ({"0": numbers(1), "1": numbers(2), "species": words("oak", "ash")}, "species", "01"),
        ({"date": [f"2024-01-{i % 28 + 1:02}" for i in range(N)], **FEATURES, "kind": codes(2)}, "kind", "abc"),
    ],
)
def test_the_target_is_found_by_names_and_values(columns, target, inputs):
    roles = choose(columns)
    assert (roles.targets, roles.inputs) == ((target,), tuple(inputs))
    assert {*roles.ignored, *roles.inputs, *roles.targets} == set(columns)


def test_a_doubtful_first_column_is_kept_and_the_last_one_named():
    roles = choose(ILL)
    assert roles.targets == ("age_group",)
    (doubt,) = roles.doubts
    assert "age_group" in doubt
    assert 'label="ill"' in doubt


def test_a_last_column_of_words_is_taken_and_the_first_one_named():
    roles = choose({**ILL, "ill": words("no", "yes")})
    assert roles.targets == ("ill",)
    (doubt,) = roles.doubts
    assert 'label="ill"' in doubt
    assert 'label="age_group"' in doubt


def test_real_numbers_at_both_ends_are_a_doubt():
    roles = choose({"cost": numbers(8), **FEATURES})
    assert roles.targets == ("cost",)
    assert 'label="c"' in roles.doubts[0]


@pytest.mark.parametrize(
    "columns",
    [
        {"species": words("oak", "ash"), **FEATURES},
        {"kind": codes(3), **FEATURES},
        {"label": codes(3), **FEATURES},
        {"y": [0, 1, 1, 0], "a": [0, 0, 1, 1], "b": [0, 1, 0, 1]},
    ],
)
def test_a_usual_table_has_neither_notes_nor_doubts(columns):
    roles = choose(columns)
    assert (roles.notes, roles.doubts, roles.ignored) == ((), (), ())


def test_pictures_with_the_label_first_have_no_doubts():
    pixels = {f"pixel{i}": RNG.integers(0, 3, N) for i in range(64)}
    roles = choose({"digit": codes(10), **pixels})
    assert (roles.targets, roles.doubts, roles.notes) == (("digit",), (), ())


@pytest.mark.parametrize("label", [("ill",), ("5",), ("last",), ("ill", "5")])
def test_a_label_is_stated_by_name_by_position_or_as_the_last(label):
    roles = choose(ILL, label=label)
    assert (roles.targets, roles.inputs, roles.doubts) == (("ill",), ("age_group", "a", "b", "c"), ())


def test_the_last_column_is_the_last_that_is_not_empty_and_without_a_name():
    columns = {**ILL, "column 6": [""] * N}
    assert choose(columns, label=("last",)).targets == ("ill",)
    assert choose(columns).ignored == ("column 6",)


def test_several_labels_keep_their_order():
    assert choose(ILL, label=("ill", "2", "age_group")).targets == ("ill", "a", "age_group")


def test_a_name_wins_over_a_position():
    roles = choose({"2": numbers(1), "8": numbers(2), "9": codes(2)}, label=("2",))
    assert roles.targets == ("2",)
    assert any('"2"' in note and "column 8" in note for note in roles.notes)
    assert choose({"2": numbers(1), "last": codes(2), "b": numbers(2)}, label=("last",)).targets == ("last",)


@pytest.mark.parametrize("argument", ["label", "ignore", "inputs"])
@pytest.mark.parametrize("reference", ["il", "0", "6", "-1", "", "³", "1" * 5000])
def test_an_unknown_column_is_an_error_that_suggests_names(argument, reference):
    with pytest.raises(DataError, check=has(argument=argument, value=reference, path="table.csv")) as raised:
        choose(ILL, **{argument: (reference,)})
    assert "ill" in raised.value.remedy


def test_an_unknown_group_is_an_error():
    with pytest.raises(DataError, check=has(argument="group", value="Age_Group", remedy='did you mean "age_group"?')):
        choose(ILL, group="Age_Group")


@pytest.mark.parametrize(
    ("options", "argument"),
    [
        ({"label": ("ill",), "ignore": ("last",)}, "label"),
        ({"label": ("ill",), "inputs": ("a", "ill")}, "inputs"),
        ({"label": ("ill",), "group": "ill"}, "group"),
        ({"inputs": ("a",), "group": "a"}, "group"),
        ({"inputs": ("a",), "ignore": ("a",)}, "inputs"),
    ],
)
def test_a_column_with_two_roles_is_an_error(options, argument):
    with pytest.raises(DataError, check=has(argument=argument)):
        choose(ILL, **options)


def test_a_group_may_also_be_ignored():
    roles = choose(ILL, label=("ill",), group="a", ignore=("a", "b"))
    assert (roles.group, roles.ignored, roles.reasons, roles.inputs) == ("a", ("b",), (STATED,), ("age_group", "c"))


def test_stated_inputs_keep_their_order_and_leave_out_all_others():
    roles = choose(ILL, label=("ill",), inputs=("c", "2"))
    assert (roles.inputs, roles.ignored, roles.reasons) == (("c", "a"), ("age_group", "b"), (STATED, STATED))


@pytest.mark.parametrize(
    ("columns", "options"),
    [
        ({"a": numbers(1)}, {}),
        ({"a": numbers(1), "b": numbers(2)}, {"label": ("a", "b")}),
        ({"a": numbers(1), "b": numbers(2)}, {"ignore": ("a", "b")}),
        ({"a": numbers(1), "b": numbers(2)}, {"label": ("a",), "group": "b"}),
        ({"a": numbers(1), "b": numbers(2)}, {"inputs": ("a", "b")}),
    ],
)
def test_a_table_needs_a_target_and_an_input(columns, options):
    with pytest.raises(DataError, check=has(path="table.csv")):
        choose(columns, **options)


def test_repeated_names_are_an_error():
    with pytest.raises(DataError, check=has(value="a")):
        choose_roles(["a", "b", "a"], [["1", "2", "3"]], True, DataOptions())


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("", range(N), "row numbers"),
        ("n", range(1, N + 1), "row numbers"),
        ("Unnamed: 0", RNG.permutation(N), "row numbers"),
        ("index", RNG.permutation(N), "row numbers"),
        ("rownames", range(1, N + 1), "row numbers"),
        ("ID", RNG.permutation(10**9 + np.arange(N)), "identifier"),
        ("PassengerId", RNG.permutation(10**6)[:N], "identifier"),
        ("customer_id", [f"C{i}" for i in range(N)], "identifier"),
        ("uuid", [f"{i:08x}-ab" for i in range(N)], "identifier"),
        ("when", [f"2024-02-{i % 28 + 1:02}T10:{i:02}:00Z" for i in range(N)], "dates"),
        ("when", [f"{i % 28 + 1}.3.2024" for i in range(N)], "dates"),
        ("when", [f"{i % 12 + 1}/{i % 28 + 1}/24" for i in range(N)], "dates"),
        ("when", [f"{i % 28 + 1} March 2024" for i in range(N)], "dates"),
        ("when", [f"{i % 24}:{i:02}" for i in range(N)], "dates"),
        ("remark", [f"text no. {i}" for i in range(N)], "text that differs in most rows"),
        ("share", [f"{i / 10}%" for i in range(N)], "amounts with '%', not written as plain numbers"),
        ("remark", [f"text no. {i % 40}" for i in range(N)], "text that differs in most rows"),
    ],
)
def test_columns_that_are_no_inputs_are_noticed_and_can_be_put_back(name, values, reason):
    columns = {name or "column 1": list(values), "species": words("oak", "ash", "elm"), **FEATURES}
    roles = choose(columns)
    assert (roles.targets, roles.inputs, roles.reasons) == (("species",), ("a", "b", "c"), (reason,))
    assert "inputs=" in roles.notes[0]
    first = next(iter(columns))
    assert choose(columns, label=("species",), inputs=(first, "a")).inputs == (first, "a")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("width", [f"{i}.5" for i in range(N)]),
        ("steps", range(0, 2 * N, 2)),
        ("year", [2000 + i % 20 for i in range(N)]),
        ("store_id", [i % 7 for i in range(N)]),
        ("bid", numbers(9)),
        ("fluid", RNG.permutation(N)),
        ("soil", words("clay", "sand")),
        ("price", ["NA", *numbers(9)[1:]]),
    ],
)
def test_usual_columns_are_kept(name, values):
    roles = choose({"species": words("oak", "ash"), name: list(values), **FEATURES})
    assert roles.inputs == (name, "a", "b", "c")


def test_row_numbers_are_an_input_if_there_is_no_other():
    assert choose({"t": range(N), "y": numbers(4)}).inputs == ("t",)


def test_row_numbers_of_a_table_without_heading_are_left_out():
    roles = choose({0: range(N), 1: words("oak", "ash"), 2: numbers(1)}, has_names=False)
    assert (roles.targets, roles.inputs, roles.ignored) == (("column 2",), ("column 3",), ("column 1",))
    assert 'inputs="1"' in roles.notes[0]


@pytest.mark.parametrize(
    ("column", "sentence"),
    [
        ({"code": [i % 2 for i in range(N)]}, 'ignore="code"'),
        ({"t": range(N)}, 'ignore="t"'),
        ({"zip": [f"0{1000 + i % 30}" for i in range(N)]}, 'ignore="zip"'),
        ({"patient_id": [i % 20 for i in range(N)]}, 'group="patient_id"'),
    ],
)
def test_doubtful_inputs_are_named(column, sentence):
    roles = choose({"ill": words("yes", "no"), **FEATURES, **column}, label=("ill",))
    assert sentence in roles.doubts[0]
    assert roles.inputs == ("a", "b", "c", *column)


def test_a_column_proportional_to_real_targets_is_a_doubt():
    prices = np.round(RNG.normal(50, 9, N), 2)
    cents = [f"{100 * price:.0f}" for price in prices]
    roles = choose({"price": prices.tolist(), **FEATURES, "cents": cents})
    assert [doubt for doubt in roles.doubts if 'ignore="cents"' in doubt]


def test_inputs_of_a_single_value_are_noted_and_kept():
    roles = choose({"ill": words("yes", "no"), **FEATURES, "same": ["7"] * N})
    assert roles.inputs[-1] == "same"
    assert "same" in roles.notes[0]


@pytest.mark.parametrize("values", [codes(2), words("no", "yes")])
@pytest.mark.parametrize("are_first", [True, False])
def test_several_columns_of_two_values_are_a_doubt(values, are_first):
    several = {"red": values, "green": values[::-1]}
    roles = choose({**several, **FEATURES} if are_first else {**FEATURES, **several})
    assert roles.targets == (("red",) if are_first else ("green",))
    assert any('label="red,green"' in doubt for doubt in roles.doubts)


def test_labels_in_the_middle_are_a_doubt_if_the_first_column_has_real_numbers():
    roles = choose({"m0": numbers(1), "ill": codes(2), "m1": numbers(2), "m2": numbers(3)})
    assert roles.targets == ("m0",)
    assert 'label="ill"' in roles.doubts[0]


cells = st.sampled_from(
    ["", "0", "1", "7", "007", "-2.5", "1,5", "1e999", "nan", "NA", "?", "oak", "Oak ", "2024-01-01"]
)
tables = st.integers(1, 5).flatmap(
    lambda k: st.tuples(
        st.lists(
            st.sampled_from(["", "id", "y", "x", "label", "1", "2", "last", "a b"]), min_size=k, max_size=k, unique=True
        ),
        st.lists(st.lists(cells, min_size=k, max_size=k), max_size=14),
    )
)
references = st.lists(st.sampled_from(["", "1", "2", "3", "last", "y", "label", "nothing"]), max_size=2).map(tuple)


@settings(max_examples=150)
@given(tables, st.booleans(), references, references, references, st.sampled_from(["", "id", "2"]))
def test_each_column_has_one_role_or_the_error_is_our_own(table, has_names, label, ignore, inputs, group):
    names, sample = table
    options = DataOptions(label=label, ignore=ignore, inputs=inputs, group=group)
    try:
        roles = choose_roles(names, sample, has_names, options, "t.csv")
    except DataError:
        return
    of_each = [*roles.targets, *([roles.group] if group else []), *roles.ignored, *roles.inputs]
    assert sorted(of_each) == sorted(names)
    assert roles.targets
    assert roles.inputs
    assert len(roles.reasons) == len(roles.ignored)
    assert choose_roles(names, sample, has_names, options, "t.csv") == roles


def test_the_published_layouts_of_well_known_tables():
    text = "PassengerId,Survived,Pclass,Name,Sex,Embarked\n"
    text += "".join(
        f'{i + 1},{i % 2},{i % 3 + 1},"Mr {i}, John",{("male", "female")[i % 2]},{"SCQ"[i % 3]}\n' for i in range(N)
    )
    names, *rows = csv.reader(io.StringIO(text))
    roles = choose_roles(names, rows, True, DataOptions())
    assert (roles.targets, roles.ignored) == (("Survived",), ("PassengerId", "Name"))
    assert 'label="Embarked"' in roles.doubts[0]
