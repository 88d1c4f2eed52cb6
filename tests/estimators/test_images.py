"""A convolutional estimator, whose examples are images of a fixed shape: the assertions of scikit-learn's checks."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import _NotAnArray

import deltarule as dr
from deltarule.data import load
from deltarule.errors import InvalidArgument
from deltarule.sklearn import NetworkClassifier, NetworkRegressor

TRAIN = load("digits")[0].take(slice(200))
X, Y = TRAIN.x / 16.0, TRAIN.y
LAYERS = [dr.Conv(6, 3), dr.ReLU(), dr.MaxPool(2), dr.Flatten()]
SETTINGS = {"layers": LAYERS, "eta": 0.02, "epochs": 30, "random_state": 1, "batch_size": 50}


@pytest.fixture(scope="module", params=["native", "numpy", "jax"])
def fitted(request):
    return NetworkClassifier(**SETTINGS, engine=request.param).fit(X, Y)


def test_it_learns_and_its_probabilities_agree_with_its_classes(fitted):
    assert fitted.score(X, Y) > 0.95
    shares = fitted.predict_proba(X)
    assert shares.shape == (200, 10)
    assert shares.sum(axis=1) == pytest.approx(np.ones(200))
    assert (fitted.classes_[shares.argmax(axis=1)] == fitted.predict(X)).all()


def test_predictions_depend_on_neither_the_order_nor_the_number_of_examples(fitted):
    whole = fitted.predict_proba(X)
    assert fitted.predict_proba(X[::-1])[::-1] == pytest.approx(whole, abs=1e-9)
    assert np.concatenate([fitted.predict_proba(X[i : i + 1]) for i in range(20)]) == pytest.approx(
        whole[:20], abs=1e-9
    )


def test_a_second_fit_and_a_copy_give_the_same(fitted):
    again = clone(fitted).fit(X, Y)
    assert again.model_.parameters_sha256 == fitted.model_.parameters_sha256
    assert (pickle.loads(pickle.dumps(fitted)).predict_proba(X) == fitted.predict_proba(X)).all()


def test_fit_changes_neither_parameters_nor_data(fitted):
    x, y = X.copy(), Y.copy()
    x.flags.writeable = False
    estimator = clone(fitted)
    before = estimator.get_params(deep=False)
    assert estimator.set_params(epochs=1).fit(x, y).get_params(deep=False) == {**before, "epochs": 1}
    assert (x == X).all()


@pytest.mark.parametrize("shape", [(9, 8), (8, 9), (64,), (8, 8, 3)])
def test_images_of_another_shape_are_refused(fitted, shape):
    with pytest.raises(InvalidArgument) as caught:
        fitted.predict(np.zeros((3, *shape)))
    assert (caught.value.argument, caught.value.expected) == ("X", "examples of shape 8×8, as in fit")
    assert caught.value.value == shape
    assert (fitted.predict(X[:3, :, :, None]) == fitted.predict(X[:3])).all()
    assert (fitted.predict(_NotAnArray(X[:3])) == fitted.predict(X[:3].tolist())).all()


def test_flat_examples_for_images_are_explained():
    with pytest.raises(InvalidArgument) as caught:
        NetworkClassifier(**SETTINGS).fit(X.reshape(200, 64), Y)
    assert caught.value.remedy == "reshape X to (n, height, width), or pass a network, whose input_shape X gets"


def test_a_network_reshapes_flat_examples():
    network = dr.Network([*LAYERS, dr.Dense(10)], dr.LogLikelihood(), (8, 8, 1))
    settings = {**SETTINGS, "layers": None, "network": network, "epochs": 2}
    flat, images = (NetworkClassifier(**settings).fit(x, Y) for x in (X.reshape(200, 64), X))
    assert flat.model_.parameters_sha256 == images.model_.parameters_sha256
    assert (flat.predict(X.reshape(200, 64)) == images.predict(X)).all()


def test_weighted_and_repeated_images_train_alike(fitted):
    x, y, weights = X[:40], Y[:40], np.arange(40) % 4
    estimator = clone(fitted).set_params(epochs=4, batch_size=200, regularizer=dr.L2(0.5))
    weighted = clone(estimator).fit(x, y, sample_weight=weights)
    repeated = clone(estimator).fit(x.repeat(weights, axis=0), y.repeat(weights))
    assert weighted.predict_proba(x) == pytest.approx(repeated.predict_proba(x), rel=1e-6)


def test_images_may_have_channels_or_lie_flat():
    plain = NetworkClassifier(**SETTINGS).fit(X, Y)
    with_channel = NetworkClassifier(**SETTINGS).fit(X[..., None], Y)
    network = dr.Network((*LAYERS, plain.model_.network.layers[-1]), dr.LogLikelihood(), (8, 8, 1))
    flat = NetworkClassifier(**{**SETTINGS, "layers": None}, network=network).fit(X.reshape(200, 64), Y)
    assert plain.model_.parameters_sha256 == with_channel.model_.parameters_sha256 == flat.model_.parameters_sha256
    assert (flat.predict(X.reshape(200, 64)) == plain.predict(X)).all()


def test_other_shapes_are_value_errors():
    classifier = NetworkClassifier(**{**SETTINGS, "epochs": 1}).fit(X, Y)
    with pytest.raises(ValueError, match="X: expected examples of shape 8×8, as in fit, got"):
        classifier.set_params(warm_start=True).fit(X[:, :7], Y)
    with pytest.raises(ValueError, match="layer 0"):
        NetworkClassifier(**SETTINGS).fit(X.reshape(200, 64), Y)
    with pytest.raises(ValueError, match="Found array with dim 3"):
        NetworkClassifier().fit(X, Y)


def test_numbers_are_predicted_from_images():
    regressor = NetworkRegressor(**SETTINGS).fit(X, X.mean(axis=(1, 2)))
    assert regressor.score(X, X.mean(axis=(1, 2))) > 0.8
