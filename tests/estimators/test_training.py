"""Training by estimators: targets of every kind, weights of classes, warm starts, early stopping."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_iris, load_linnerud, make_multilabel_classification
from sklearn.exceptions import NotFittedError

import deltarule as dr
from deltarule.data import MultiLabel, OneHot, OneVsRest, Standardized
from deltarule.errors import DivergedError, InvalidArgument
from deltarule.sklearn import NetworkClassifier, NetworkRegressor, base

X, Y = load_iris(return_X_y=True)
NAMES = np.array(["setosa", "versicolor", "virginica"])
QUICK = {"hidden_layer_sizes": (10,), "eta": 0.05, "epochs": 40, "random_state": 1}


def test_classes_may_be_text():
    classifier = NetworkClassifier(**QUICK).fit(X, NAMES[Y])
    assert classifier.classes_.tolist() == NAMES.tolist() == list(classifier.model_.classes)
    assert classifier.score(X, NAMES[Y]) > 0.9
    assert classifier.predict_proba(X).sum(axis=1) == pytest.approx(np.ones(150))
    assert np.exp(classifier.predict_log_proba(X)) == pytest.approx(classifier.predict_proba(X))
    assert (NAMES[classifier.model_.predict(X)] == classifier.predict(X)).all()


def test_two_classes_have_one_output_or_two():
    x, y = X[:100], Y[:100]
    one = NetworkClassifier(**QUICK).fit(x, y)
    two = NetworkClassifier(**QUICK, layers=[dr.Dense(5), dr.ReLU(), dr.Dense(2)]).fit(x, y)
    assert (one.n_outputs_, one.model_.encoding, one.model_.network.cost) == (1, OneVsRest(1), dr.CrossEntropy())
    assert (two.n_outputs_, two.model_.encoding, two.model_.network.cost) == (2, OneHot(2), dr.LogLikelihood())
    for classifier in (one, two):
        assert classifier.score(x, y) == 1
        assert classifier.predict_proba(x).shape == (100, 2)


@pytest.mark.parametrize("cost", [dr.Quadratic(dr.Linear()), dr.Quadratic(dr.Tanh())])
@pytest.mark.parametrize("y", [Y, Y > 0, np.column_stack([Y == 0, Y > 0])], ids=["classes", "two classes", "labels"])
def test_probabilities_are_from_0_to_1_for_every_cost(y, cost):
    classifier = NetworkClassifier(**QUICK, cost=cost).fit(X, y)
    shares = classifier.predict_proba(X)
    assert 0 <= shares.min() < 0.01
    assert 0.99 < shares.max() <= 1
    assert y.ndim == 2 or shares.sum(axis=1) == pytest.approx(np.ones(150))
    shown = shares > 0.5 if y.ndim == 2 else classifier.classes_[shares.argmax(axis=1)]
    assert (shown == classifier.predict(X)).all()


@pytest.mark.parametrize("cost", ["log-likelihood", dr.LogLikelihood()])
def test_two_classes_have_two_softmax_outputs_for_the_log_likelihood(cost):
    classifier = NetworkClassifier(**QUICK, cost=cost).fit(X[:100], Y[:100])
    assert (classifier.n_outputs_, classifier.model_.encoding) == (2, OneHot(2))
    assert classifier.score(X[:100], Y[:100]) == 1


def test_one_class_is_always_predicted():
    classifier = NetworkClassifier(epochs=1).fit(X, NAMES[np.zeros(150, int)])
    assert set(classifier.predict(X)) == {"setosa"}
    assert (classifier.predict_proba(X) == 1).all()


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array])
def test_examples_may_have_several_labels(container):
    x, y = make_multilabel_classification(200, n_classes=4, random_state=0)
    x -= x.mean(axis=0)
    classifier = NetworkClassifier(**{**QUICK, "epochs": 200}).fit(x, container(y))
    assert classifier.model_.encoding == MultiLabel(4)
    assert classifier.predict(x).shape == classifier.predict_proba(x).shape == (200, 4)
    assert classifier.score(x, y) > 0.8
    again = NetworkClassifier(**QUICK).partial_fit(x, y).partial_fit(x, y)
    assert again.n_iter_ == 2


def test_several_targets_are_predicted_in_their_units():
    x, y = load_linnerud(return_X_y=True)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    regressor = NetworkRegressor(**{**QUICK, "epochs": 500}).fit(x, y * [1.0, 1e6, 1e-6])
    assert regressor.predict(x).shape == (20, 3)
    assert regressor.score(x, y * [1.0, 1e6, 1e-6]) > 0.7
    assert regressor.model_.encoding.mean == pytest.approx(y.mean(axis=0) * [1, 1e6, 1e-6])


def test_targets_are_standardized_whatever_their_size():
    constant = NetworkRegressor(**{**QUICK, "epochs": 300}).fit(X - X.mean(axis=0), np.full(150, 0.1))
    assert constant.model_.encoding == Standardized(1, (0.1,), (1.0,))
    assert np.abs(constant.predict(X - X.mean(axis=0)) - 0.1).mean() < 0.1
    huge = NetworkRegressor(**QUICK).fit(X, (Y - 1) * 1e200)
    assert huge.model_.encoding.deviation == pytest.approx([np.sqrt(2 / 3) * 1e200])
    assert np.abs(huge.predict(X) / 1e200 - (Y - 1)).mean() < 0.4


def test_weights_of_classes_by_name_and_balanced():
    y = NAMES[np.minimum(Y, 1)]  # 50 and 100
    classifier = NetworkClassifier(**QUICK, class_weight="balanced")
    balanced = classifier.fit(X, y).predict_proba(X)
    by_name = NetworkClassifier(**QUICK, class_weight={"setosa": 1.5, "versicolor": 0.75}).fit(X, y)
    by_row = NetworkClassifier(**QUICK).fit(X, y, sample_weight=np.where(y == "setosa", 2, 1))
    assert by_name.predict_proba(X) == pytest.approx(balanced, rel=1e-9)
    assert by_row.predict_proba(X) == pytest.approx(balanced, rel=1e-9)
    without = NetworkClassifier(**QUICK, class_weight={"setosa": 0.0}).fit(X, y)
    assert (without.predict(X) == "versicolor").all()
    assert (without.classes_ == ["setosa", "versicolor"]).all()


def test_a_warm_start_continues_to_the_bit():
    settings = {**QUICK, "tol": None, "regularizer": dr.L2(0.1), "batch_size": 20}
    whole = NetworkClassifier(**settings).fit(X, Y)
    halves = NetworkClassifier(**{**settings, "epochs": 20}, warm_start=True).fit(X, Y).fit(X, Y)
    pieces = NetworkClassifier(**settings)
    for _ in range(40):
        pieces = pickle.loads(pickle.dumps(pieces)).partial_fit(X, Y, classes=[0, 1, 2])
    for other in (halves, pieces):
        assert other.model_.parameters_sha256 == whole.model_.parameters_sha256
        assert other.loss_curve_ == whole.loss_curve_
        assert other.n_iter_ == 40


def test_a_warm_start_may_change_the_settings_but_not_the_network():
    classifier = NetworkClassifier(**{**QUICK, "epochs": 2}, warm_start=True).fit(X, Y)
    classifier.set_params(optimizer=dr.SGD(), eta=0.0).fit(X, Y)
    assert classifier.loss_curve_[1:] == [classifier.loss_] * 3
    with pytest.raises(ValueError, match="warm_start: expected the network of the first training"):
        classifier.set_params(hidden_layer_sizes=(3,)).fit(X, Y)
    with pytest.raises(ValueError, match="expected the classes of the first training, 0, 1, 2, got"):
        classifier.set_params(hidden_layer_sizes=(10,)).fit(X, NAMES[Y])


@pytest.mark.parametrize("state", [None, np.random.RandomState(0)])
def test_a_warm_start_keeps_a_random_seed_and_so_the_validation_set(state):
    settings = {**QUICK, "epochs": 2, "random_state": state}
    classifier = NetworkClassifier(**settings, early_stopping=True, warm_start=True).fit(X, Y)
    seed = classifier.model_.settings["seed"]
    assert classifier.fit(X, Y).model_.settings["seed"] == seed
    pieces = NetworkClassifier(**settings).partial_fit(X, Y, classes=[0, 1, 2])
    seed = pieces.model_.settings["seed"]
    assert pieces.partial_fit(X, Y).model_.settings["seed"] == seed
    assert NetworkClassifier(**settings).fit(X, Y).model_.settings["seed"] != seed


def test_partial_fit_needs_all_classes_at_first():
    with pytest.raises(ValueError, match="classes: expected all classes that y will ever have"):
        NetworkClassifier().partial_fit(X, Y)
    classifier = NetworkClassifier(**QUICK).partial_fit(X[:50], Y[:50], classes=[0, 1, 2]).partial_fit(X, Y)
    assert classifier.predict_proba(X).shape == (150, 3)
    with pytest.raises(ValueError, match="y: expected classes among 0, 1, 2, got"):
        classifier.partial_fit(X, Y + 5)
    with pytest.raises(ValueError, match=r"y: expected classes among '0', '1', '2', got 0$"):
        NetworkClassifier(**QUICK).partial_fit(X, Y, classes=["0", "1", "2"])
    with pytest.raises(ValueError, match="class_weight: expected a dictionary or None with partial_fit"):
        classifier.set_params(class_weight="balanced").partial_fit(X, Y)
    regressor = NetworkRegressor(**QUICK)
    for _ in range(80):
        regressor.partial_fit(X, Y, sample_weight=Y + 1)
    assert (regressor.n_iter_, regressor.score(X, Y) > 0.5) == (80, True)
    with pytest.raises(ValueError, match="y: expected 1 targets for each example"):
        regressor.partial_fit(X, X)


@pytest.mark.parametrize("estimator", [NetworkClassifier, NetworkRegressor])
def test_early_stopping_keeps_the_best_epoch(estimator):
    x = X + np.arange(150)[:, None] * 1e-9  # two irises are equal
    fitted = estimator(**{**QUICK, "epochs": 300}, early_stopping=True, n_iter_no_change=5).fit(x, Y)
    scores = fitted.validation_scores_
    assert fitted.n_iter_ == len(scores) == len(fitted.loss_curve_) < 300
    good = [i for i, score in enumerate(scores) if score >= max(scores[: i + 1]) - fitted.tol]
    assert len(fitted.model_.history) - 1 == good[-1]  # of equally good ones the last
    assert not hasattr(fitted, "partial_fit")
    if estimator is NetworkClassifier:
        assert set(np.round(np.array(scores) * 15, 6) % 1) == {0}  # a tenth of each class


def test_training_ends_when_the_cost_no_longer_falls():
    flat = NetworkClassifier(**{**QUICK, "eta": 0.0}).fit(X, Y)
    assert flat.n_iter_ == 12  # the first, and 11 without an improvement, as MLPClassifier counts
    assert NetworkClassifier(**{**QUICK, "eta": 0.0}, tol=None).fit(X, Y).n_iter_ == 40


def test_progress_is_printed_if_asked(capsys):
    NetworkClassifier(**{**QUICK, "epochs": 2}, verbose=True).fit(X, Y)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["Epoch 1", "Epoch 2"]
    assert "cost" in lines[0]


def test_invalid_data_raise_value_errors():
    classifier = NetworkClassifier(**{**QUICK, "epochs": 1})
    with pytest.raises(NotFittedError):
        classifier.predict(X)
    with pytest.raises(ValueError, match="Negative values in data passed to `sample_weight`"):
        classifier.fit(X, Y, sample_weight=-np.ones(150))
    with pytest.raises(ValueError, match="at least one non-zero"):
        classifier.fit(X, Y, sample_weight=np.zeros(150))
    with pytest.raises(ValueError, match="y: expected one class for each example, or a matrix of 0 and 1"):
        classifier.fit(X, np.column_stack([Y, Y]))
    with pytest.raises(ValueError, match="expected inputs that float32 can hold"):
        NetworkClassifier(training=dr.Training(epochs=1)).fit(X * 1e200, Y)
    with pytest.raises(ValueError, match="at least two different examples of a class"):
        NetworkRegressor(early_stopping=True).fit(np.ones((9, 2)), np.ones(9))


def test_a_schedule_that_needs_a_validation_set_names_early_stopping():
    with pytest.raises(InvalidArgument) as caught:
        NetworkClassifier(**{**QUICK, "eta": dr.schedules.ReduceOnPlateau(0.1)}).fit(X, Y)
    assert (caught.value.argument, caught.value.remedy) == ("eta", "use early_stopping=True, or another schedule")


@pytest.mark.parametrize("end", [DivergedError, KeyboardInterrupt])
def test_an_estimator_whose_training_failed_is_not_fitted(end, monkeypatch):
    def stop(*arguments):
        raise end

    classifier = NetworkClassifier(**QUICK)
    monkeypatch.setattr(base, "train_from", stop)
    with pytest.raises(end):
        classifier.fit(X, Y)
    with pytest.raises(NotFittedError):
        classifier.predict(X)
    monkeypatch.undo()
    assert classifier.fit(X, Y).score(X, Y) > 0.9
    monkeypatch.setattr(base, "train_from", stop)
    with pytest.raises(end):
        classifier.set_params(warm_start=True).fit(X, Y)
    assert classifier.score(X, Y) > 0.9
    with pytest.raises(end):
        classifier.set_params(warm_start=False).fit(X, NAMES[::-1][Y])
    with pytest.raises(NotFittedError):
        classifier.predict(X)


def test_a_training_that_diverges_says_so():
    with pytest.raises(DivergedError, match="epoch"):
        NetworkRegressor((10,), "identity", optimizer=dr.SGD(), eta=1e9).fit(X, Y)
