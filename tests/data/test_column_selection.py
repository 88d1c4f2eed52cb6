from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fields import has

from deltarule.data.column_selection import Selection, choose_inputs
from deltarule.data.schema import Column, Schema
from deltarule.errors import DataError

SCHEMA = Schema((Column("height"), Column("soil", ("clay", "sand"))), targets=("species",), ignored=("id", "person"))
PLAIN = Schema((Column("column 2"), Column("column 4")), targets=("column 1",), ignored=("column 3",), has_names=False)


@given(st.permutations(["height", "soil"]), st.sets(st.sampled_from(["species", "id", "person"])), st.data())
def test_columns_are_matched_by_name_in_any_order(inputs, others, data):
    names = data.draw(st.permutations([*inputs, *sorted(others)]))
    selection = choose_inputs(names, True, SCHEMA)
    assert selection.inputs == ("height", "soil")
    assert selection.targets == ("species",) * ("species" in others)
    assert set(selection.skip) == others


def test_a_missing_column_is_named_with_the_closest_surplus_one():
    with pytest.raises(DataError, check=has(value="height", path="new.csv")) as raised:
        choose_inputs(["Height", "soil"], True, SCHEMA, "new.csv")
    assert '"Height"' in raised.value.remedy
    with pytest.raises(DataError, check=has(value="height", remedy="add the column")):
        choose_inputs(["soil"], True, SCHEMA)


def test_surplus_columns_are_named_and_can_be_left_out():
    with pytest.raises(DataError, check=has(value="weight", path="new.csv")) as raised:
        choose_inputs(["weight", "soil", "height"], True, SCHEMA, "new.csv")
    assert 'ignore="weight"' in raised.value.remedy
    selection = choose_inputs(["weight", "soil", "height"], True, SCHEMA, ignore=["1"])
    assert (selection.inputs, selection.skip) == (("height", "soil"), ("weight",))
    assert "weight" in selection.notes[0]


@pytest.mark.parametrize(
    ("names", "has_names", "schema", "expected"),
    [
        (["column 1", "column 2"], False, SCHEMA, Selection(("column 1", "column 2"))),
        (["column 1", "column 2"], False, PLAIN, Selection(("column 1", "column 2"))),
        (["a", "b"], True, PLAIN, Selection(("a", "b"))),
        (
            ["column 1", "column 2", "column 3", "column 4"],
            False,
            PLAIN,
            Selection(("column 2", "column 4"), ("column 1",), ("column 1", "column 3")),
        ),
        (["a", "b", "c", "d"], True, PLAIN, Selection(("b", "d"), ("a",), ("a", "c"))),
    ],
)
def test_without_a_heading_columns_are_matched_by_position(names, has_names, schema, expected):
    assert choose_inputs(names, has_names, schema) == expected


@pytest.mark.parametrize(("n", "schema"), [(1, PLAIN), (3, PLAIN), (5, PLAIN), (1, SCHEMA), (5, SCHEMA)])
def test_without_a_heading_other_numbers_of_columns_are_an_error(n, schema):
    with pytest.raises(DataError, check=has(value=n, path="new.csv")):
        choose_inputs([f"column {i + 1}" for i in range(n)], False, schema, "new.csv")


names = st.lists(st.sampled_from(["height", "soil", "species", "id", "x", "column 1", ""]), unique=True)


@given(names, st.booleans(), st.sampled_from([SCHEMA, PLAIN]), st.lists(st.sampled_from(["x", "1", ""]), max_size=1))
def test_each_column_is_used_or_skipped_or_the_error_is_our_own(names, has_names, schema, ignore):
    try:
        selection = choose_inputs(names, has_names, schema, ignore=ignore)
    except DataError:
        return
    assert sorted((*selection.inputs, *selection.skip)) == sorted(names)
    assert len(selection.inputs) == len(schema.columns)
    assert set(selection.targets) <= set(selection.skip)
