"""Objects in notebooks that are large, odd or of the user's own: they are shown, and stay readable."""

from __future__ import annotations

import re
import tracemalloc
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pytest
from tests.notebook.test_notebook import ALLOWED, MODEL, Own, parse, read_pictures

import deltarule as dr
from deltarule.data.schema import Column, Schema
from deltarule.errors import InvalidArgument
from deltarule.models.history import History
from deltarule.notebook.networks import build_chain
from deltarule.plotting import new_figure

RNG = np.random.default_rng(0)


def build_deep_network(n: int) -> dr.Network:
    layers = [layer for _ in range(n) for layer in (dr.Dense(7), dr.ReLU())]
    return dr.Network([*layers, dr.Dense(3)], dr.LogLikelihood(), (5,))


def test_the_middle_of_a_deep_network_is_left_out():
    network = build_deep_network(500)
    chain = build_chain(network.layers, network.shapes)
    assert len(chain) == 20
    assert (chain[0], chain[-1]) == (([], (5,)), (["Dense(3)"], (3,)))
    assert chain[10] == (["… 966 layers …"], (7,))
    assert sum(len(words) for words, _ in chain) - 1 + 966 == len(network.layers)
    html = network._repr_html_()
    assert len(html) < 100_000
    found = parse(html)
    assert found.tags.count("tr") == 2 * 50 + 3  # headings, what is left out, cost
    assert " … 902 layers " in found.text
    figure = network.draw()
    assert max(figure.get_size_inches()) < 30
    few = build_deep_network(9)
    assert len(build_chain(few.layers, few.shapes)) == 11
    assert parse(few._repr_html_()).tags.count("tr") == len(few.layers) + 3


def test_a_wide_drawing_scrolls_before_its_words_are_too_small():
    svg = re.search(r"<svg[^>]*>", build_deep_network(30)._repr_html_()).group()
    width, least = (float(re.search(rf"{name}:([\d.]+)px", svg).group(1)) for name in (" *width", "min-width"))
    assert least / width >= 0.6  # letters of 11 pixels stay above 6
    assert "max-width:100%" in svg


@dataclass(frozen=True, eq=False)
class Table(Own):
    values: np.ndarray = field(default_factory=lambda: np.arange(200.0).reshape(20, 10))

    def init(self, rng, input_shape):
        raise RuntimeError("this layer needs a file")


def test_a_layer_with_arrays_stays_on_one_line_and_needs_no_parameters():
    network = dr.Network([Table("two\nlines" * 90), dr.Dense(2)], dr.CrossEntropy(), (3,))
    lines = network.summary().split("\n")
    assert len(lines) == 8
    assert max(map(len, lines)) < 120
    assert lines[0] == "Network: 2 layers"
    assert lines[-1].split()[-2:] == ["?", "?"]
    assert set(parse(network._repr_html_()).tags) <= ALLOWED


RECORDS = {
    "words": {"my_cost": "high", "your_accuracy": [1, 2], "their_cost": np.arange(3), "validation_cost": 0.5},
    "truth values": {"validation_accuracy": True},
    "numpy": {"validation_accuracy": np.float32(0.5), "validation_cost": np.float64(0.5)},
}


@pytest.mark.parametrize("name", RECORDS)
def test_a_history_may_hold_any_values(name):
    history = History(tuple({"epoch": i, "eta": 0.1, "seconds": 1.0, **RECORDS[name]} for i in range(3)))
    html = history._repr_html_()
    assert html.count("<polyline") == sum("validation" in one for one in RECORDS[name])
    history.plot()
    assert len(history.to_frame()) == 3


def test_curves_beyond_the_colours_are_counted():
    history = History(tuple({"epoch": i, **{f"run{k}_cost": i * k for k in range(8)}} for i in range(2)))
    html = history._repr_html_()
    assert html.count("<polyline") == 6
    assert "cost (the first 6 of 8)" in html
    assert ">5</text>" in html  # the scale ends at the largest value that is drawn
    assert ">7</text>" not in html


def test_words_of_a_history_are_in_the_singular_and_its_hours_whole_seconds():
    one = History(({"epoch": 0, "seconds": 12345.6},))._repr_html_()
    assert "1 epoch, 12,346 s of training" in one
    assert "1 layer, 3 parameters" in dr.Network.dense([2, 1])._repr_html_()
    assert "1 example of 2 numbers" in dr.Dataset(np.ones((1, 2)), np.zeros(1, int))._repr_html_()


def test_the_last_epoch_of_a_regression_shows_its_errors():
    record = {"epoch": 0, "validation_rmse": 3.0, "validation_mae": 2.0, "validation_r2": 0.5, "validation_cost": 1.0}
    text = parse(History((record,))._repr_html_()).text
    assert "validation r2 0.5 validation rmse 3 validation mae 2 validation cost 1" in text


def test_the_number_of_the_last_epoch_lies_within_the_drawing():
    history = History(tuple({"epoch": i, "validation_cost": 1.0} for i in range(100_000)))
    x = float(re.search(r'<text x="([\d.]+)"[^>]*>100000</text>', history._repr_html_()).group(1))
    assert x + 3.5 * len("100000") < 340


@pytest.mark.parametrize(
    "shape", [(5, 0, 3), (5, 3, 0), (5, 0), (5, 1, 1), (5, 1, 1000), (5, 2, 2, 2), (5, 2, 2, 2, 2)]
)
def test_examples_of_every_shape_are_shown(shape):
    found = parse(dr.Dataset(RNG.random(shape), np.arange(5))._repr_html_())
    is_image = len(shape) == 3 and 0 not in shape
    assert found.tags.count("img") == 5 * is_image
    assert "×".join(map(str, shape[1:])) + (" number" if len(shape) == 2 else ",") in found.text


def test_the_opacity_of_pixels_is_shown():
    pixels = RNG.integers(0, 256, (2, 4, 3, 4)).astype(np.uint8)
    html = dr.Dataset(pixels, np.arange(2))._repr_html_()
    np.testing.assert_array_equal(np.stack(read_pictures(html)), pixels)


def test_whole_numbers_keep_their_digits():
    columns = Schema((Column("people"), Column("year")), ("cost",))
    data = dr.Dataset(
        np.array([[1234567.0, 2024.0]]), np.array([7654321.5]), schema=columns, encoding=dr.encodings.Real()
    )
    assert "1234567 2024 7.65432e+06" in parse(data._repr_html_()).text


def test_a_large_data_set_is_shown_without_a_copy():
    data = dr.Dataset(RNG.random((2000, 50, 20)), np.arange(2000) % 3)
    data._repr_html_()
    tracemalloc.start()
    data._repr_html_()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < data.x.nbytes / 4
    assert data.white == max(float(data.x.max()), 1.0)
    assert dr.Dataset(np.full((1, 2), -3), np.zeros(1, int)).white == 3.0


def test_activations_of_many_neurons_stay_on_a_screen():
    model = dr.fit(dr.Network.dense([30_000, 3]), dr.Dataset(RNG.random((3, 30_000)), np.arange(3)), epochs=1)
    figure = model.show_activations(RNG.random(30_000))
    assert max(figure.get_size_inches()) < 10
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert any(text.endswith("\n1,000 of\n30,000") for text in texts)
    assert figure.axes[0].images[0].get_array().shape == (20, 50)


def test_names_below_bars_do_not_overlap():
    data = dr.Dataset(RNG.random((6, 4)), np.arange(6) % 3, classes=("a very long name", "another long name", "$x^2$"))
    figure = dr.fit(dr.Network.dense([4, 3]), data, epochs=1).show_activations(data.x[0])
    figure.draw_without_rendering()
    names = [text for text in figure.axes[0].texts if text.get_va() == "top"]
    assert len(names) == 3
    boxes = [text.get_window_extent() for text in names]
    assert all(left.x1 <= right.x0 for left, right in pairwise(boxes))


def test_a_data_set_without_examples_has_an_empty_confusion_matrix():
    empty = dr.Dataset(np.zeros((0, 6, 5), np.uint8), np.zeros(0, int), "nothing", classes=("0", "1", "2"))
    figure = MODEL.plot_confusion(empty)
    assert figure.axes[0].get_title() == "nothing: no examples"


@pytest.mark.parametrize("most", [0, -1, "all"])
def test_the_number_of_images_is_checked(most):
    data = dr.Dataset(np.zeros((3, 6, 5), np.uint8), np.arange(3))
    for show in (lambda: MODEL.show_mistakes(data, most=most), lambda: MODEL.show_weights(most=most)):
        with pytest.raises(InvalidArgument) as caught:
            show()
        assert caught.value.argument == "most"


def test_a_history_is_plotted_on_two_axes():
    with pytest.raises(InvalidArgument) as caught:
        MODEL.history.plot(axes=new_figure()[1])
    assert caught.value.argument == "axes"
    figure, axes = new_figure(1, 2)
    assert MODEL.history.plot(axes=axes) is figure


def fit_to_images(y: np.ndarray, n_out: int, encoding, **more) -> tuple[dr.models.Model, dr.Dataset]:
    data = dr.Dataset(RNG.integers(0, 256, (40, 4, 4)).astype(np.uint8), y, encoding=encoding, **more)
    cost = dr.Quadratic(dr.Linear()) if y.dtype == float else dr.CrossEntropy()
    return dr.fit(dr.Network([dr.Flatten(), dr.Dense(n_out)], cost, (4, 4, 1)), data, epochs=1, seed=1), data


def test_mistakes_of_a_network_with_one_output_are_shown():
    model, data = fit_to_images(np.arange(40) % 2, 1, dr.encodings.OneVsRest(1), classes=("cat", "dog"))
    wrong = np.flatnonzero(model.predict(data) != data.y)
    captions = [text.get_text() for text in model.show_mistakes(data).axes[0].texts]
    assert len(captions) == len(wrong) > 1
    assert set(captions) <= {"cat read as dog", "dog read as cat"}
    confidences = np.abs(model.outputs(data)[wrong, 0] - 0.5)
    assert captions[0].startswith(("cat", "dog")[data.y[wrong[confidences.argmax()]]])


def test_mistakes_of_one_class_against_the_rest_are_named():
    model, data = fit_to_images(np.arange(40) % 3, 1, dr.encodings.OneVsRest(2), classes=("a", "b", "c"))
    captions = {text.get_text() for text in model.show_mistakes(data).axes[0].texts}
    assert captions
    assert captions <= {"c read as not c", "not c read as c"}


@pytest.mark.parametrize(
    ("y", "n_out", "encoding", "got"),
    [
        (np.eye(2, dtype=int)[np.arange(40) % 2], 2, dr.encodings.MultiLabel(2), "several labels for each example"),
        (np.linspace(0, 1, 40), 1, dr.encodings.Real(), "the real numbers"),
    ],
)
def test_figures_of_classes_refuse_other_labels(y, n_out, encoding, got):
    model, data = fit_to_images(y, n_out, encoding)
    for draw in (model.show_mistakes, model.plot_confusion):
        with pytest.raises(InvalidArgument, match=f"expected labels that are classes, got {got}"):
            draw(data)
