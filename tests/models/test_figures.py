"""The methods of models that draw: on new figures and on given axes, with the true numbers."""

from __future__ import annotations

import numpy as np
import pytest
from tests.fields import has

import deltarule as dr
from deltarule.errors import InvalidArgument
from deltarule.models.ensemble import Ensemble
from deltarule.plotting import new_figure

TRAIN, VALIDATION, TEST = dr.data.load("digits")
MODEL = dr.fit(dr.Network.dense([64, 12, 10]), TRAIN, epochs=3, validation=VALIDATION, seed=1, engine="numpy")
VOTE = Ensemble([MODEL, MODEL])


def texts(axes) -> list[str]:
    return [one.get_text() for one in axes.texts]


@pytest.mark.parametrize("model", [MODEL, VOTE], ids=["model", "ensemble"])
@pytest.mark.parametrize("is_given", [False, True])
def test_the_confusion_matrix_is_that_of_the_data(model, is_given):
    figure, axes = new_figure(1, 2) if is_given else (None, None)
    drawn = model.plot_confusion(TEST, axes=axes[1]) if is_given else model.plot_confusion(TEST)
    assert (drawn is figure) == is_given
    shown = drawn.axes[-1]
    counts = model.confusion(TEST)
    right = [str(n) for n in counts.diagonal()]
    assert [text.get_text() for text in shown.texts if text.get_fontweight() == "bold"] == right
    assert f"{100 * model.accuracy(TEST):.2f} % right" in shown.get_title()
    assert not is_given or not axes[0].has_data()


@pytest.mark.parametrize("is_given", [False, True])
def test_mistakes_are_shown_with_their_labels(is_given):
    wrong = np.flatnonzero(MODEL.predict(TEST) != TEST.y)
    figure, axes = new_figure(1, 2) if is_given else (None, None)
    drawn = MODEL.show_mistakes(TEST, most=5, axes=axes[0]) if is_given else MODEL.show_mistakes(TEST, most=5)
    assert (drawn is figure) == is_given
    captions = {f"{TEST.y[i]} read as {MODEL.predict(TEST.x[i : i + 1])[0]}" for i in wrong}
    assert len(texts(drawn.axes[0])) == 5
    assert set(texts(drawn.axes[0])) <= captions
    title = drawn.axes[0].get_title() if is_given else drawn.get_suptitle()
    assert title.startswith(f"{len(wrong)} of 300 misclassified")


@pytest.mark.parametrize("is_given", [False, True])
def test_weights_are_those_of_the_first_layer(is_given):
    figure, axes = new_figure() if is_given else (None, None)
    drawn = MODEL.show_weights(most=4, axes=axes)
    assert (drawn is figure) == is_given
    images = [np.asarray(image.get_array()) for image in drawn.axes[0].images]
    np.testing.assert_array_equal(images, MODEL.params[0]["w"][:4].reshape(4, 8, 8))


def test_a_history_is_plotted_by_epoch():
    figure, axes = new_figure(1, 2)
    assert MODEL.history.plot(axes) is figure
    assert MODEL.history.plot() is not figure
    accuracy, cost = (one.lines[0].get_xydata() for one in axes)
    np.testing.assert_allclose(accuracy[:, 1], 100 * np.array(MODEL.history["validation_accuracy"]))
    np.testing.assert_allclose(cost, np.stack([[1, 2, 3], MODEL.history["validation_cost"]], axis=1))


def test_models_and_data_without_such_figures_are_refused():
    rows = dr.Dataset(TEST.x.reshape(300, 64), TEST.y)
    with pytest.raises(InvalidArgument, check=has(argument="dataset")):
        MODEL.show_mistakes(rows)
    with pytest.raises(InvalidArgument, check=has(argument="dataset", value="digits")):
        MODEL.show_mistakes("digits")
    numbers = dr.Dataset(np.ones((3, 2)), np.array([0.5, 1.0, 2.0]), encoding=dr.encodings.Real())
    model = dr.fit(dr.Network.dense([2, 1], cost=dr.Quadratic(dr.Linear())), numbers, epochs=1, engine="numpy")
    with pytest.raises(InvalidArgument, check=has(argument="model")):
        model.show_weights()
    with pytest.raises(InvalidArgument, check=has(argument="dataset")):
        model.plot_confusion(numbers)
