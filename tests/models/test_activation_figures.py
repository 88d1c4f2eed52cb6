"""Activations and networks as figures: the numbers of each layer, of any shape, on new figures and on given axes."""

from __future__ import annotations

import numpy as np
import pytest
from tests.fields import has

import deltarule as dr
from deltarule.errors import DataError, InvalidArgument, ShapeError
from deltarule.models.figures import compute_activations
from deltarule.plotting import new_figure, plot_activations, plot_network

TRAIN, _, TEST = dr.data.load("digits")


def build_model(layers, input_shape=(8, 8, 1), train=TRAIN, cost=None) -> dr.Model:
    network = dr.Network(layers, cost or dr.LogLikelihood(), input_shape)
    return dr.fit(network, train.take(slice(100)), epochs=1, seed=1, engine="numpy")


CONVOLUTIONAL = build_model(
    [dr.Conv(12, 3), dr.ReLU(), dr.MaxPool(2), dr.Flatten(), dr.Dropout(), dr.Dense(60), dr.BatchNorm(), dr.Dense(10)]
)
VOLUME = dr.Dataset(np.random.default_rng(0).normal(size=(9, 2, 3, 2, 2)), np.arange(9) % 3)
ROWS = dr.Dataset(np.ones((9, 5)), np.arange(9.0), encoding=dr.encodings.Real())
MODELS = {
    "convolutional": (CONVOLUTIONAL, TEST.x[0], ["Conv(12, 3)", "ReLU", "MaxPool(2)", "Dense(60)", "BatchNorm"]),
    "dense": (build_model([dr.Dense(30), dr.Sigmoid(), dr.Dense(10)], (64,)), TEST.x[0], ["Dense(30)", "Sigmoid"]),
    "an image": (build_model([dr.Tanh(), dr.Flatten(), dr.Dense(10)], (8, 8)), TEST.x[0], ["Tanh"]),
    "four axes": (build_model([dr.BatchNorm(), dr.Flatten(), dr.Dense(3)], (2, 3, 2, 2), VOLUME), VOLUME.x[0], None),
    "a number": (build_model([dr.Dense(1)], (5,), ROWS, dr.Quadratic(dr.Linear())), ROWS.x[0], []),
}


def texts(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[-1].texts]


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("is_given", [False, True])
def test_each_layer_that_changes_the_numbers_is_a_row(name, is_given):
    model, example, names = MODELS[name]
    figure, axes = new_figure(1, 2) if is_given else (None, (None, None))
    drawn = model.show_activations(example, axes=axes[1])
    assert (drawn is figure) == is_given
    labels = [text for text in texts(drawn) if "\n" in text and not text.startswith("±")]
    if names is not None:
        last = f"Dense({model.network.n_out})"
        assert [label.split("\n")[0] for label in labels] == ["input", *names, last, "outputs"]
    drawn.canvas.draw()


def test_the_numbers_are_those_of_the_forward_pass():
    found = dict(compute_activations(CONVOLUTIONAL, TEST.x[0]))
    np.testing.assert_allclose(found["input\n8×8×1"][:, :, 0], TEST.x[0] / CONVOLUTIONAL.scale)
    np.testing.assert_allclose(found["outputs\n10"], CONVOLUTIONAL.outputs(TEST.x[:1])[0], atol=1e-6)
    z = found["Conv(12, 3)\n6×6×12"]
    np.testing.assert_array_equal(found["ReLU\n6×6×12"], np.maximum(z, 0))
    figure = CONVOLUTIONAL.show_activations(TEST.x[0])
    images = [np.asarray(image.get_array()) for image in figure.axes[0].images]
    np.testing.assert_array_equal(images[1], z[:, :, 0])
    assert len(images) == 1 + 3 * 10 + 3  # the input, ten of twelve maps in three rows, strips of three layers
    assert sum("10 of 12" in text for text in texts(figure)) == 3


def test_bars_show_the_outputs_by_class():
    figure = CONVOLUTIONAL.show_activations(TEST.take(slice(1)))
    heights = [-bar.get_height() for bar in figure.axes[0].patches]
    outputs = CONVOLUTIONAL.outputs(TEST.x[:1])[0]
    np.testing.assert_allclose(np.array(heights) / heights[0], outputs / outputs[0], rtol=1e-4)
    assert texts(figure)[-20:] == [text for i in range(10) for text in (f"{outputs[i]:.2f}", str(i))]


def test_an_ensemble_shows_its_first_network():
    first = texts(CONVOLUTIONAL.show_activations(TEST.x[0]))
    other = build_model([dr.Flatten(), dr.Dense(10)])
    assert texts(dr.Ensemble([CONVOLUTIONAL, other]).show_activations(TEST.x[0])) == first


def test_a_long_strip_has_several_lines():
    figure = plot_activations([("neurons", np.arange(120.0))])
    (image,) = figure.axes[0].images
    shown = np.ma.filled(image.get_array(), np.nan).ravel()
    np.testing.assert_array_equal(shown[:120], np.arange(120))
    assert np.isnan(shown[120:]).all()
    assert texts(figure) == ["neurons", "±119"]


def test_examples_that_do_not_fit_are_refused():
    with pytest.raises(InvalidArgument, check=has(argument="example", value=TEST)):
        CONVOLUTIONAL.show_activations(TEST)
    with pytest.raises(ShapeError, check=has(argument="x")):
        CONVOLUTIONAL.show_activations(np.ones(7))
    with pytest.raises(DataError, check=has(argument="x")):
        CONVOLUTIONAL.show_activations(np.full((8, 8), np.nan))
    for activations in ([], [("none", np.ones(0))]):
        with pytest.raises(InvalidArgument, check=has(argument="activations")):
            plot_activations(activations)


@pytest.mark.parametrize("is_given", [False, True])
def test_a_network_is_drawn_as_a_chain_of_shapes(is_given):
    figure, axes = new_figure(1, 2) if is_given else (None, (None, None))
    drawn = CONVOLUTIONAL.network.draw(axes=axes[1])
    assert (drawn is figure) == is_given
    assert texts(drawn) == [
        *("8×8×1", "Conv(12, 3)\nReLU", "6×6×12", "MaxPool(2)", "3×3×12", "Flatten\nDropout", "108"),
        *("Dense(60)\nBatchNorm", "60", "Dense(10)", "10"),
    ]
    assert len(drawn.axes[-1].patches) >= 1 + 4 + 4 + 3
    drawn.canvas.draw()


def test_a_chain_without_shapes_is_refused():
    with pytest.raises(InvalidArgument, check=has(argument="chain")):
        plot_network([])
