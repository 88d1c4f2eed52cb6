"""Texts as sequences of characters, and labels at each step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fields import has

import deltarule as dr
from deltarule.data import cut_text, encode_text, find_alphabet, read_text, split_text
from deltarule.data.step_labels import StepLabels
from deltarule.errors import DataError, InvalidArgument
from deltarule.models.metrics import measure_labels
from deltarule.preprocessing import Preprocessing


def test_the_text_of_the_package_is_whole() -> None:
    text = read_text()
    assert text.startswith("CHAPTER I. Down the Rabbit-Hole\n\nAlice was beginning")
    assert text.endswith("the happy summer days.\n")
    assert text.count("CHAPTER ") == 12
    assert text.isascii()
    assert "\r" not in text
    assert "Gutenberg" not in text


@given(st.text("abc\n", min_size=2, max_size=40), st.integers(1, 10), st.integers(1, 12))
def test_each_label_is_the_next_character(text: str, steps: int, stride: int) -> None:
    if len(text) <= steps:
        with pytest.raises(DataError, match=f"text of more than {steps} characters, for one sequence, got {len(text)}"):
            cut_text(text, steps, stride=stride)
        return
    data = cut_text(text, steps, stride=stride)
    characters = np.array(list(find_alphabet(text)))
    for i in range(len(data)):
        start = i * stride
        assert "".join(characters[data.x[i].argmax(axis=1)]) == text[start : start + steps]
        assert "".join(characters[data.y[i]]) == text[start + 1 : start + 1 + steps]
    assert data.x.sum() == data.y.size
    assert len(data) == (len(text) - steps - 1) // stride + 1


def test_the_parts_of_a_text_do_not_overlap() -> None:
    text = read_text()[:1000]
    train, validation, test = split_text(text, steps=9, validation=0.2, test=0.1)
    assert train.classes == validation.classes == test.classes == tuple(find_alphabet(text))
    assert [len(part) for part in (train, validation, test)] == [77, 22, 11]
    assert encode_text(text[700:709], "".join(train.classes)).tolist() == validation.x[0].argmax(axis=1).tolist()


def test_a_character_that_the_alphabet_lacks_is_named() -> None:
    with pytest.raises(DataError, match="character 2: expected a character of the alphabet, got 'c'; leave it out"):
        cut_text("abc", 1, alphabet="ab")


@pytest.mark.parametrize("alphabet", ["aab", "", 5])
def test_an_alphabet_needs_different_characters(alphabet: Any) -> None:
    with pytest.raises(
        InvalidArgument, match="expected a text of different characters", check=has(argument="alphabet")
    ):
        cut_text("abcabc", 2, alphabet)


@pytest.mark.parametrize(
    ("shares", "argument"),
    [(("a", 0.1), "validation"), ((-1, 0.1), "validation"), ((0.1, 1), "test"), ((0.5, 0.5), "validation")],
)
def test_the_shares_of_a_text_are_checked(shares: tuple[Any, Any], argument: str) -> None:
    with pytest.raises(InvalidArgument, check=has(argument=argument)):
        split_text("abc" * 100, 10, *shares)


def test_an_unknown_text_lists_the_known_ones() -> None:
    with pytest.raises(InvalidArgument, match="alice"):
        read_text("emma")


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.array([1, 0]), r"an array of shape \(n, 3\), got \(2,\)"),
        (np.array([[1, 0]]), r"an array of shape \(n, 3\), got \(1, 2\)"),
        (np.array([[1, 0, 2]]), "example 0, step 2: expected whole numbers from 0 to 1, or −1 .*, got 2"),
        (np.array([[1, 0, -2]]), "example 0, step 2: .*, got -2"),
        (np.array([[1.0, 0.0, 1.0]]), r"expected whole numbers, got dtype\('float64'\); give y.astype"),
    ],
)
def test_labels_that_are_no_classes_are_refused(labels: np.ndarray, message: str) -> None:
    with pytest.raises(DataError, match=message):
        StepLabels(2, 3).encode(labels)


@given(st.data(), st.integers(1, 5), st.integers(1, 4), st.integers(1, 3))
def test_decoding_undoes_encoding(data: Any, classes: int, steps: int, n: int) -> None:
    labels = np.array(data.draw(st.lists(st.integers(-1, classes - 1), min_size=n * steps, max_size=n * steps)))
    labels, encoding = labels.reshape(n, steps), StepLabels(classes, steps)
    found = encoding.decode(encoding.encode(labels))
    np.testing.assert_array_equal(found[labels >= 0], labels[labels >= 0])
    assert np.nansum(encoding.encode(labels)) == (labels >= 0).sum()
    assert np.isnan(encoding.encode(labels)).sum() == classes * (labels < 0).sum()


def test_a_data_set_takes_a_label_for_each_step() -> None:
    y = np.array([[0, 1, 1], [1, -1, -1]])
    data = dr.Dataset(np.zeros((2, 3, 4)), y, encoding=StepLabels(2, 3), lengths=[3, 1])
    assert data.labels.shape == (2, 3)
    with pytest.raises(DataError, match="y"):
        dr.Dataset(np.zeros((2, 3, 4)), y[:, :2], encoding=StepLabels(2, 3))


def test_the_accuracy_leaves_out_steps_that_do_not_count() -> None:
    labels, predicted = np.array([[0, 1, 1], [1, -1, -1]]), np.array([[0, 1, 0], [1, 0, 0]])
    assert measure_labels(predicted, labels, Preprocessing(StepLabels(2, 3))) == {"accuracy": 0.75}
