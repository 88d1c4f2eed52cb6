from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fields import has

from deltarule.data import label_values, targets
from deltarule.data.encodings import Bits, MultiLabel, OneHot, OneVsRest, Real, Standardized
from deltarule.data.label_matching import match_labels
from deltarule.data.label_values import find_confusable
from deltarule.data.number_text import parse_numbers
from deltarule.data.target_kind import are_codes
from deltarule.data.targets import interpret_labels
from deltarule.errors import DataError


def text(*values):
    return np.array(values, object)


@pytest.mark.parametrize(
    ("values", "classes", "y"),
    [
        (text("1", "2", "3", "1"), ("1", "2", "3"), [0, 1, 2, 0]),
        (text("-1", "1", "1"), ("-1", "1"), [0, 1, 1]),
        (text("7", "A", "b", "A"), ("7", "A", "b"), [0, 1, 2, 1]),
        (text("007", "7", "07", "7"), ("007", "07", "7"), [0, 2, 1, 2]),
        (text("10", "9", "10", "9"), ("9", "10"), [1, 0, 1, 0]),
        (text("1.0", "2.0", "1.0"), ("1.0", "2.0"), [0, 1, 0]),
        (text("+1", "-1", "+1"), ("-1", "+1"), [1, 0, 1]),
        (text("week 10", "week 9", "week 9"), ("week 9", "week 10"), [1, 0, 0]),
        (text("10-20", "5-10", "5-10"), ("5-10", "10-20"), [1, 0, 0]),
        (text("NA", "EU", "NA"), ("EU", "NA"), [1, 0, 1]),
        (text("nan", "inf", "nan"), ("inf", "nan"), [1, 0, 1]),
        (text("true", "false", "true"), ("false", "true"), [1, 0, 1]),
        (text(" oak", "ash ", "oak"), ("ash", "oak"), [1, 0, 1]),
        (text("Straße", "日本", "日本"), ("Straße", "日本"), [0, 1, 1]),
        (text("0x1F", "31", "31"), ("0x1F", "31"), [0, 1, 1]),
        (np.array([3.0, 1.0, 3.0]), ("1", "3"), [1, 0, 1]),
        (np.array([3, 1, 3], ">i8"), ("1", "3"), [1, 0, 1]),
        (np.array([True, False]), ("False", "True"), [1, 0]),
        (np.array(["b", "a"]), ("a", "b"), [1, 0]),
        (np.array([b"b", b"a"]), ("a", "b"), [1, 0]),
        (np.array([[2], [1]]), ("1", "2"), [1, 0]),
        (np.array([1, "1", "a"], object), ("1", "a"), [0, 0, 1]),
        ([1, "b", 1.0], ("1", "b"), [0, 1, 0]),
        (["b", "a"], ("a", "b"), [1, 0]),
        ([2**70, 1, 1], ("1", str(2**70)), [1, 0, 0]),
    ],
)
def test_classes_have_names_as_written(values, classes, y):
    labels = interpret_labels(values)
    assert (labels.classes, labels.y.tolist(), labels.y.dtype) == (classes, y, np.int64)
    assert labels.encoding == OneHot(len(classes))


@given(st.integers(2, 20), st.data())
def test_whole_numbers_from_0_are_their_own_classes(k, data):
    y = data.draw(st.permutations([*range(k), *data.draw(st.lists(st.integers(0, k - 1), max_size=30))]))
    for values in (y, np.array(y, np.uint8), np.array(y, float), text(*map(str, y))):
        labels = interpret_labels(values)
        assert (labels.y.tolist(), labels.classes) == (y, tuple(map(str, range(k))))


@pytest.mark.parametrize(
    ("values", "is_classes"),
    [
        (np.arange(150) % 3, True),
        (3 + np.arange(300) % 6, True),
        (np.arange(1, 1041) % 26 + 1, True),
        (np.arange(4700) % 47, True),
        (np.arange(1000) % 100, True),
        (np.array([0.5, 1.0, 1.5] * 50), False),
        (18 + np.arange(3000) % 70, False),
        (np.arange(442) * 7 % 321 + 25, False),
        (1000 * np.random.default_rng(0).integers(80, 900, 500), False),
        (np.random.default_rng(0).geometric(0.05, 2000), False),
        (np.array([17, 5, 2, 13, 12, 14, 8, 6, 15, 4, 1, 11, 20, 18, 7, 9, 19, 16, 3, 21]), False),
        (np.array([5, 162, 60, 2, 110]), False),
    ],
)
def test_numbers_are_classes_or_amounts(values, is_classes):
    for given_values in (values, text(*map(str, values.tolist()))):
        labels = interpret_labels(given_values)
        assert isinstance(labels.encoding, OneHot if is_classes else Standardized)
    classes, numbers = (interpret_labels(values, kind, "size") for kind in ("classes", "numbers"))
    assert classes.encoding == OneHot(len(np.unique(values)))
    assert (numbers.encoding, numbers.y.dtype, numbers.classes) == (Standardized(1), np.float64, ())
    np.testing.assert_array_equal(numbers.y, values)


@given(st.lists(st.floats(-1e300, 1e300), min_size=2, max_size=20).filter(lambda y: len(set(y)) > 1))
def test_real_targets_are_exact(values):
    labels = interpret_labels(text(*map(repr, values)), "numbers")
    np.testing.assert_array_equal(labels.y, values)


def test_whole_amounts_and_doubtful_classes_are_noted():
    assert 'target="classes"' in interpret_labels(np.arange(30) ** 2, name="area").notes[0]
    assert 'target="numbers"' in interpret_labels(3 + np.arange(60) % 5, name="grade").notes[0]
    assert interpret_labels(3 + np.arange(60) % 5, "classes", name="grade").notes == ()
    for usual in (np.arange(60) % 5, 1 + np.arange(60) % 5, np.array([-1, 1] * 9), np.linspace(0, 1, 9)):
        assert interpret_labels(usual).notes == ()


def test_a_decimal_comma_is_read_and_noted():
    labels = interpret_labels(text("1,5", "2", "2,25"))
    assert (labels.y.tolist(), labels.encoding) == ([1.5, 2.0, 2.25], Standardized(1))
    assert "decimal mark" in labels.notes[0]


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (text("Oak", "oak", "ash"), ("Oak", "oak")),
        (text("red  oak", "red oak", "ash"), ("red  oak", "red oak")),
        (text("1", "1.0", "2", "2"), ("1", "1.0")),
        (text("007", "7", "8"), ("007", "7")),
    ],
)
def test_labels_that_may_be_the_same_are_noted(values, names):
    notes = interpret_labels(values).notes
    assert [note for note in notes if all(repr(name) in note for name in names)]


def test_classes_of_a_single_example_are_noted():
    assert "ash" in interpret_labels(text("oak", "oak", "ash")).notes[0]


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        (text("a", "", "b", " "), {"position": "rows 2, 4"}),
        (text("a", None, "b"), {"position": "row 2"}),
        (np.array([1.0, np.nan, 2.0]), {"position": "row 2"}),
        (np.ma.array([1, 2, 3], mask=[0, 0, 1]), {"position": "row 3"}),
        (np.ma.array(["a", "b", "c"], mask=[1, 0, 0]), {"position": "row 1"}),
        (text("a", "a"), {"value": "a"}),
        (np.ones(5), {"value": "1"}),
        (np.full(5, 0.5), {"value": "0.5"}),
        (np.array([]), {}),
        (np.zeros((3, 2, 2)), {}),
        (np.zeros((3, 0)), {}),
        (np.array(5), {}),
        (np.array([1 + 2j, 3]), {}),
        (np.array(["2024-01-01", "2024-01-02"], "M8[D]"), {}),
        ([[1, 2], [3]], {}),
        (text(*(f"name {i}" for i in range(30))), {"value": 30}),
        (np.arange(10_001).repeat(2), {"value": 10_001}),
    ],
)
def test_labels_that_cannot_be_learned_are_an_error(values, fields):
    kind = "classes" if "value" in fields and fields["value"] == 10_001 else "auto"
    with pytest.raises(DataError, check=has(argument="labels", **fields)):
        interpret_labels(values, kind, argument="labels")


def test_infinite_numbers_are_no_targets():
    with pytest.raises(DataError, check=has(value="inf", position="row 3, price")):
        interpret_labels(np.array([0.5, 1.5, np.inf]), "numbers", name="price")


def test_lines_are_named_instead_of_rows():
    with pytest.raises(DataError, check=has(position="lines 3, 5, 7, 9, 11, …")):
        interpret_labels(text(*["a", ""] * 8), rows=np.arange(2, 18))


def test_a_word_among_amounts_is_an_error_and_not_a_class():
    prices = [f"{i}.25" for i in range(100)]
    with pytest.raises(DataError, check=has(value="unknown", position="line 12, price")) as raised:
        interpret_labels(text(*prices[:10], "unknown", *prices[10:]), name="price", rows=np.arange(2, 103))
    assert 'target="classes"' in raised.value.remedy
    with pytest.raises(DataError, check=has(value="b")):
        interpret_labels(text("1", "b", "2"), "numbers")


def test_na_is_missing_among_amounts_and_a_class_among_words():
    with pytest.raises(DataError, check=has(position="row 2")):
        interpret_labels(text("1.5", "NA", "2.5"))
    assert interpret_labels(text("1.5", "NA", "2.5"), "classes").classes == ("1.5", "2.5", "NA")


@pytest.mark.parametrize(
    "values",
    [
        np.array([[0, 1], [1, 1], [0, 0]]),
        np.array([[0, 1], [1, 1], [0, 0]], bool),
        np.array([["no", "yes"], ["Yes", "yes"], ["no", "no"]], object),
        np.array([["False", "1"], ["True", "1"], ["False", "0"]]),
        np.array([["f", "y"], ["t", "y"], ["f", "n"]]),
    ],
)
def test_columns_of_0_and_1_are_several_labels(values):
    labels = interpret_labels(values, name=("red", "green"))
    assert (labels.y.tolist(), labels.classes) == ([[0, 1], [1, 1], [0, 0]], ("red", "green"))
    assert labels.encoding == MultiLabel(2)


def test_one_hot_rows_are_several_labels_with_a_note():
    assert interpret_labels(np.eye(3)[[0, 1, 2, 0]]).notes
    assert not interpret_labels(np.eye(3)[[0, 1, 2, 0]] + np.eye(3)[0] * 0 + (np.arange(4) == 1)[:, None]).notes


def test_columns_of_numbers_are_real_targets():
    y = np.array([[1.5, 2], [0.5, 3], [0.25, 4]])
    for values in (y, text(*map(str, y.ravel())).reshape(3, 2)):
        labels = interpret_labels(values)
        assert (labels.y.tolist(), labels.y.dtype, labels.encoding) == (y.tolist(), np.float64, Standardized(2))
    assert interpret_labels(np.array([[0, 1], [1, 0]]), "numbers").encoding == Standardized(2)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (np.array([["a", "1.5"], ["b", "2.5"]], object), "auto"),
        (np.array([["a", "b"], ["b", "c"]], object), "numbers"),
        (np.array([[1.5, 1], [2.5, 2]]), "classes"),
        (np.array([[1.5, 1], [2.5, 1]]), "auto"),
    ],
)
def test_other_combinations_of_targets_are_an_error(values, kind):
    with pytest.raises(DataError, check=has(argument="y")):
        interpret_labels(values, kind)


anything = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 40), st.floats(), st.text(max_size=3), st.binary(max_size=2),
    st.sampled_from(["1", "01", "1.0", "1,5", "NA", "", "a", "a ", "A", "1e999"]), st.just(Fraction(1, 3)),
)  # fmt: skip


@settings(max_examples=200)
@given(st.lists(anything, max_size=40), st.sampled_from(["auto", "classes", "numbers"]), st.booleans())
def test_any_labels_are_interpreted_or_the_error_is_our_own(values, kind, as_text):
    column = np.empty(len(values), object)
    column[:] = ["" if value is None else str(value) for value in values] if as_text else values
    try:
        labels = interpret_labels(column, kind)
    except DataError:
        return
    assert len(labels.y) == len(values)
    if isinstance(labels.encoding, OneHot):
        assert len(set(labels.classes)) == len(labels.classes) == labels.encoding.n_out
        assert set(labels.y.tolist()) == set(range(len(labels.classes)))
        assert match_labels(column, labels.classes, labels.encoding).tolist() == labels.y.tolist()
        if as_text:
            assert [labels.classes[i] for i in labels.y] == [value.strip() for value in column]
    else:
        assert np.isfinite(labels.y).all()


def test_further_labels_are_matched_by_name():
    assert match_labels(text("b", "a"), ("a", "b", "c"), OneHot(3)).tolist() == [1, 0]
    assert match_labels(np.array([1.0, -1.0]), ("-1", "1"), OneHot(2)).tolist() == [1, 0]
    assert match_labels(text("2"), (), Standardized(1)).tolist() == [2.0]
    assert match_labels(np.array([["yes", "0"]]), ("red", "green"), MultiLabel(2)).tolist() == [[1, 0]]
    assert match_labels(np.array([[1.5, 2]]), (), Standardized(2)).tolist() == [[1.5, 2]]


def test_further_labels_are_matched_by_value_where_that_is_unambiguous():
    assert match_labels(text("0", "1.00"), ("0.0", "1.0"), OneHot(2)).tolist() == [0, 1]
    assert match_labels(np.array([0.0, 1.0]), ("0.0", "1.0"), OneHot(2)).tolist() == [0, 1]
    assert match_labels(text("1", "0.0", "1.0"), ("0", "1", "1.0"), OneHot(3)).tolist() == [1, 0, 2]
    assert match_labels(text("1e0", "A"), ("1", "A"), OneHot(2)).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("value", "classes"),
    [("7", ("007", "8")), ("007", ("7", "8")), ("1.00", ("1", "1.0")), ("nan", ("1", "2")), ("2", ("1", "3"))],
)
def test_further_labels_that_are_codes_or_ambiguous_are_not_matched_by_value(value, classes):
    with pytest.raises(DataError, check=has(value=value)):
        match_labels(text(value), classes, OneHot(len(classes)))


def test_missing_labels_are_no_rows_that_an_option_leaves_out():
    with pytest.raises(DataError, check=has(remedy="fill them in, or leave those rows out")):
        match_labels(text("a", ""), ("a", "b"), OneHot(2))


@pytest.mark.parametrize(
    ("values", "classes", "encoding", "fields"),
    [
        (text("a", "d"), ("a", "b"), OneHot(2), {"value": "d", "position": "line 8, kind"}),
        (text("a", ""), ("a", "b"), OneHot(2), {"position": "line 8"}),
        (text("1.5", "d"), (), Standardized(1), {"value": "d", "position": "line 8, kind"}),
        (np.array([[0, 1], [2, 1]]), ("r", "g"), MultiLabel(2), {"value": "2", "position": "line 8, kind 1"}),
        (np.array([[0, 1], [2, 1]]), ("r", "g"), OneHot(2), {"value": 2}),
        (text("1.5", "2"), (), Standardized(2), {"value": 1}),
    ],
)
def test_further_labels_that_are_unknown_are_an_error(values, classes, encoding, fields):
    with pytest.raises(DataError, check=has(argument="label", **fields)):
        match_labels(values, classes, encoding, "kind", "label", [7, 8])


@given(st.lists(st.integers(-50, 50), min_size=1))
def test_the_kind_of_numbers_does_not_depend_on_their_order(y):
    values, counts = np.unique(y, return_counts=True)
    assert are_codes(values.astype(float), counts) == are_codes(values, counts)
    assert not are_codes(values + 0.5, counts)


def test_names_are_confusable_within_groups():
    assert find_confusable(["a", "A", "b", "a "], None) == [("a", "A", "a ")]


@pytest.mark.parametrize("encoding", [OneHot(3), Bits(2), OneVsRest(1), Real(), Standardized(1), Standardized(2)])
def test_encodings_refuse_labels_of_another_shape(encoding):
    for shape in ((4, 3), (4, 3, 1)):
        with pytest.raises(DataError, match="for each example"):
            encoding.encode(np.zeros(shape, np.int64))
    with pytest.raises(DataError, match=r"shape \(n, 3\), got \(4,\)"):
        MultiLabel(3).encode(np.zeros(4, np.int64))


def test_different_labels_are_parsed_once(monkeypatch):
    parsed = []
    monkeypatch.setattr(label_values, "parse_numbers", lambda texts: parsed.append(len(texts)) or parse_numbers(texts))
    monkeypatch.setattr(targets, "parse_numbers", lambda texts: parsed.append(len(texts)) or parse_numbers(texts))
    labels = interpret_labels(np.array([f"{i}.5" for i in range(100)], object))
    assert labels.y[:2].tolist() == [0.5, 1.5]
    assert parsed == [100]


AMOUNTS = {
    "$,": [f"${1000 * i + 50_250:,}" for i in range(30)],
    "%": [f"{i / 10}%" for i in range(30)],
    "()": [f"({i}.5)" for i in range(30)],
    "−\N{NARROW NO-BREAK SPACE},": [f"−1\N{NARROW NO-BREAK SPACE}{i:03},5" for i in range(30)],
}


@pytest.mark.parametrize("marks", AMOUNTS)
def test_amounts_with_marks_are_no_classes(marks):
    """Each amount would be a class of its own, or of few examples."""
    for labels in (AMOUNTS[marks], 5 * AMOUNTS[marks]):
        with pytest.raises(DataError, match="plain numbers") as raised:
            interpret_labels(labels)
        assert (raised.value.value, repr(marks) in raised.value.remedy) == (labels[0], True)
    assert interpret_labels(5 * AMOUNTS[marks], "classes").encoding == OneHot(30)
    assert interpret_labels(5 * AMOUNTS[marks][:20]).encoding == OneHot(20)  # so few may be classes, such as prices
