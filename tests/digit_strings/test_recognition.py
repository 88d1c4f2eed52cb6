"""Rows of any number of digits are read, by models of several kinds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.fields import has

from deltarule.core.costs import LabelSmoothing, LogLikelihood
from deltarule.core.network import Network
from deltarule.data import Dataset, OneVsRest
from deltarule.data.grayscale import resize
from deltarule.digit_strings import (
    evaluate_reader,
    plot_lattice,
    plot_segmentations,
    read_string,
    segment,
    synthesize_strings,
    train_reader,
)
from deltarule.digit_strings.evaluation import edit_distance
from deltarule.digit_strings.scores import score_images
from deltarule.digit_strings.training import build_training_set
from deltarule.errors import DataError, InvalidArgument, ShapeError
from deltarule.handwriting.no_answers import NO_DIGIT
from deltarule.training import fit


@pytest.fixture(scope="module")
def rows(digits):
    return synthesize_strings(digits[1], 16, seed=8, lengths=(2, 3, 4, 6))


def test_most_rows_of_separate_digits_are_read(reader, rows):
    found = evaluate_reader(reader, rows)
    assert found["separate"]["all"]["n"] == found["touching"]["all"]["n"] == 8
    assert found["separate"]["all"]["rate"] >= 0.5
    assert found["separate"]["digit_error"] < 0.15
    assert found["touching"]["digit_error"] < 0.4


def test_the_evaluation_agrees_with_reading_one_by_one(reader, rows):
    rows = rows[:8]
    found = evaluate_reader(reader, rows)
    assert found["read"] == [read_string(row.image, reader).text for row in rows]
    written = ["".join(map(str, row.labels)) for row in rows]
    apart = [i for i, row in enumerate(rows) if not any(row.touching)]
    right = sum(found["read"][i] == written[i] for i in apart)
    errors = sum(edit_distance(written[i], found["read"][i]) for i in apart)
    assert found["separate"]["all"]["right"] == right
    assert found["separate"]["digit_error"] == pytest.approx(errors / sum(len(written[i]) for i in apart))
    assert sum(one["right"] for one in found["separate"]["lengths"].values()) == right
    assert list(found["separate"]["lengths"]) == ["2", "3", "4", "6"]


def test_an_unreadable_picture_counts_as_wrong(reader, rows):
    blank = replace(rows[0], image=np.full_like(rows[0].image, 255))
    found = evaluate_reader(reader, [blank])
    assert found["read"] == [""]
    assert found["separate"]["all"]["right"] == 0
    assert found["separate"]["digit_error"] == 1


@pytest.mark.slow
def test_the_size_of_the_picture_makes_little_difference(reader, digits):
    """Allow some errors, as the small network is unsure of some digits."""
    wrong = []
    for row in synthesize_strings(digits[1], 8, seed=9, lengths=[4]):
        sizes = [(round(row.image.shape[0] * width / row.image.shape[1]), width) for width in (400, 1200, 4000)]
        texts = [read_string(resize(row.image, size), reader).text for size in sizes]
        wrong += [edit_distance(texts[0], text) / len(row.labels) for text in texts[1:]]
    assert np.mean(wrong) < 0.2


def test_a_reading_has_probabilities_and_boxes(reader, rows):
    for row in rows[:6]:
        reading = read_string(row.image, reader, others=3)
        assert reading.text == "".join(digit.label for digit in reading.digits)
        probabilities = [reading.probability, *(probability for _, probability in reading.others)]
        assert probabilities == sorted(probabilities, reverse=True)
        assert 0 < sum(probabilities) <= 1 + 1e-6
        assert reading.text not in {text for text, _ in reading.others}
        lefts = [digit.box[1] for digit in reading.digits]
        assert lefts == sorted(lefts)
        for digit in reading.digits:
            top, left, bottom, right = digit.box
            assert -2 <= top < bottom <= row.image.shape[0] + 2
            assert -2 <= left < right <= row.image.shape[1] + 2
            assert 0 < digit.probability <= 1


def test_a_single_digit_is_a_row_of_one(reader, digits):
    right = 0
    for row in synthesize_strings(digits[1], 12, seed=10, lengths=[1]):
        right += read_string(row.image, reader).text == str(row.labels[0])
    assert right >= 9


def test_a_model_without_rejection_reads_some_rows(digits, rows):
    """Read with ten sigmoid neurons, none of which fires for half a digit, so they need no eleventh."""
    training = digits[0]
    size = int(np.prod(training.x.shape[1:]))
    plain = fit(Network.dense([size, 30, 10]), training, epochs=8, eta=0.5, seed=1)
    found = evaluate_reader(plain, [row for row in rows if not any(row.touching)])
    assert found["separate"]["digit_error"] < 0.5
    assert set("".join(found["read"])) <= set("0123456789")


def test_scores_are_probabilities_of_one_whole_digit(reader, digits):
    ln = score_images(reader, digits[1].x[:50])
    assert ln.shape == (50, 10)
    assert (np.exp(ln).sum(axis=1) <= 1 + 1e-5).all()  # a geometric mean of probabilities
    each = [np.log(np.maximum(one.outputs(digits[1].x[:50])[:, :10].astype(float), 1e-6)) for one in reader.models]
    sure = each[0].max(axis=1) > np.log(0.02)
    np.testing.assert_allclose(ln[sure], np.mean(each, axis=0)[sure], atol=1e-2)


def test_the_training_set_has_digits_and_wrong_pieces(digits):
    built = build_training_set(digits[0], 12, seed=1)
    added = built.take(slice(len(digits[0]), None))
    assert built.classes[-1] == NO_DIGIT
    assert 0.5 < (added.y == 10).mean() < 0.9
    assert set(added.y.tolist()) == set(range(11))
    again = build_training_set(digits[0], 12, seed=1)
    assert np.array_equal(again.x, built.x)
    assert np.array_equal(again.y, built.y)


@pytest.mark.parametrize(("scale", "dtype"), [(1.0, np.float32), (65535.0, np.uint16)], ids=["to 1", "16 bits"])
def test_pieces_have_the_scale_and_type_of_the_examples(digits, scale, dtype):
    few = digits[0].take(slice(60))
    few = replace(few, x=np.rint(few.x * (255 / few.scale)).astype(np.uint8), scale=255.0)  # the scale of pieces
    other = replace(few, x=(few.x * (scale / 255)).astype(dtype), scale=scale)
    plain, scaled = (build_training_set(one, 3, seed=1) for one in (few, other))
    assert scaled.x.dtype == dtype
    np.testing.assert_allclose(scaled.x / scale, plain.x / 255, atol=2e-5 if dtype == np.uint16 else 1e-6)


def test_models_that_cannot_read_rows_are_refused(digits, rows):
    flat = Dataset(np.zeros((20, 4)), np.arange(20) % 2, "numbers")
    with pytest.raises(ShapeError, check=has(argument="example_shape", owner="the model", value=(4,))):
        read_string(rows[0].image, fit(Network.dense([4, 2]), flat, epochs=1))
    nines = Dataset(digits[0].x, digits[0].y, "nines", digits[0].scale, encoding=OneVsRest(9))
    size = int(np.prod(digits[0].x.shape[1:]))
    with pytest.raises(InvalidArgument, check=has(argument="encoding", owner="the model", value=OneVsRest(9))):
        read_string(rows[0].image, fit(Network.dense([size, 1]), nines, epochs=1))
    with pytest.raises(InvalidArgument, check=has(argument="x", owner="numbers", value=(20, 4))):
        train_reader(flat)


def test_classes_without_names_are_numbered(digits):
    training = digits[0].take(slice(500))
    bare = Dataset(training.x, training.y, "bare", training.scale)
    named, unnamed = build_training_set(training, 5, seed=1), build_training_set(bare, 5, seed=1)
    assert unnamed.classes == (*map(str, range(10)), NO_DIGIT)
    assert np.array_equal(unnamed.y, named.y)
    assert unnamed.targets.shape[1] == 11


@pytest.mark.parametrize(
    ("argument", "value"), [("n_rows", 0), ("members", 0), ("seed", -1), ("encoding", OneVsRest(9))]
)
def test_train_reader_refuses_invalid_arguments(argument, value):
    more = {argument: value}
    encoding = more.pop("encoding", None)
    training = Dataset(np.full((3, 8, 8), 9), np.arange(3), "mine", 16.0, encoding=encoding)
    with pytest.raises(InvalidArgument, check=has(argument=argument, value=value)):
        train_reader(training, **more)


def test_an_area_of_ink_is_not_a_row(reader):
    page = np.full((300, 600), 255, np.uint8)
    page[120:200, 30:570] = 0
    with pytest.raises(DataError, match="divided into digits"):
        read_string(page, reader)


def test_figures_show_the_digits_read(reader, rows):
    segmentations = [segment(row.image, reader) for row in rows[:3]]
    sheet = plot_segmentations(segmentations, ["one", "two", "three"], "title")
    assert [axes.get_title(loc="left") for axes in sheet.axes] == ["one", "two", "three"]
    for axes, one in zip(sheet.axes, segmentations, strict=True):
        assert [text.get_text() for text in axes.texts] == list(one.to_reading().text)
    figure = plot_lattice(segmentations[0], "title")
    titles = [axes.get_title().split()[0] for axes in figure.axes if axes.get_title()]
    assert titles == list(segmentations[0].to_reading().text)
    for rows, captions, argument in (
        ([], [], "segmentations"),
        (segmentations, ["one"], "captions"),
        (segmentations, ["one", "two", "three"], "columns"),
    ):
        with pytest.raises(InvalidArgument, check=has(argument=argument)):
            plot_segmentations(rows, captions, columns=0 if argument == "columns" else 1)


def test_scores_differ_for_softmax_and_sigmoid(digits):
    size = int(np.prod(digits[0].x.shape[1:]))
    soft = fit(Network.dense([size, 10], cost=LogLikelihood()), digits[0], epochs=1, seed=1)
    np.testing.assert_allclose(np.exp(score_images(soft, digits[1].x[:9])).sum(axis=1), 1, atol=1e-4)
    hard = fit(Network.dense([size, 10]), digits[0], epochs=1, seed=1)
    a = np.clip(hard.outputs(digits[1].x[:9]).astype(float), 1e-6, 1 - 1e-6)
    expected = a[:, 3] * np.prod(1 - np.delete(a, 3, axis=1), axis=1)
    np.testing.assert_allclose(np.exp(score_images(hard, digits[1].x[:9])[:, 3]), expected, rtol=1e-3)


def test_scores_undo_label_smoothing(digits):
    size = int(np.prod(digits[0].x.shape[1:]))
    cost = LabelSmoothing(LogLikelihood(), 0.2)
    soft = fit(Network.dense([size, 10], cost=cost), digits[0], epochs=1, seed=1)
    a = soft.outputs(digits[1].x[:9]).astype(float)
    np.testing.assert_allclose(
        np.exp(score_images(soft, digits[1].x[:9])), np.clip((a - 0.02) / 0.8, 1e-6, 1 - 1e-6), rtol=1e-4
    )
