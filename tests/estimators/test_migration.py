"""The migration table of docs/sklearn.md: each parameter of scikit-learn's MLP, trained beside ours.

Both start from the same weights. Where the table says that they are equal, they have the same costs and weights; where
they cannot be equal, a test shows the difference.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_iris, make_multilabel_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

import deltarule as dr
from deltarule.data import AsGiven
from deltarule.schedules import ReduceOnPlateau
from deltarule.sklearn import NetworkClassifier, NetworkRegressor

X, Y = load_iris(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)
T = (Y - Y.mean()) / Y.std()
PAGE = (Path(__file__).parent.parent.parent / "docs" / "sklearn.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `(\w+)`[^|]*\| (.+?) \|$", PAGE.partition("## From MLPClassifier")[2], re.MULTILINE))

EPOCHS = 12
OURS = {"hidden_layer_sizes": (8,), "activation": "tanh", "epochs": EPOCHS, "random_state": 3, "tol": None}
THEIRS = {"hidden_layer_sizes": (8,), "activation": "tanh", "alpha": 0.0, "tol": 0.0, "n_iter_no_change": 10**6}
SGD = {"optimizer": dr.SGD(), "eta": 0.1}
ITS_SGD = {"solver": "sgd", "momentum": 0.0, "learning_rate_init": 0.1}
IN_ORDER = {"training__order": AsGiven(), "batch_size": 40}


def train_ours(settings, x=X, y=Y, kind=NetworkClassifier, **fit):
    return kind(**OURS).set_params(**settings).fit(x, y, **fit)


def train_theirs(first, settings, x=X, y=Y, kind=MLPClassifier, epochs=EPOCHS, **fit):
    """Train scikit-learn's perceptron from the first weights of our estimator; return it and its last costs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that training has not converged, and that mini-batches are cut
        mlp = kind(**{**THEIRS, **settings}, warm_start=True, max_iter=1).fit(x, y)
        params = [p for p in first.model_.network.init(3) if p]
        mlp.coefs_, mlp.intercepts_ = [p["w"].T.copy() for p in params], [p["b"].copy() for p in params]
        mlp.t_ = 0
        mlp.set_params(max_iter=epochs).fit(x, y, **fit)
    return mlp


def compare(ours, mlp):
    """Return the largest relative difference of the weights and biases."""
    own = [p for p in ours.model_.params if p]
    pairs = [(p["w"].T, w) for p, w in zip(own, mlp.coefs_, strict=True)]
    pairs += [(p["b"], b) for p, b in zip(own, mlp.intercepts_, strict=True)]
    return max(float(np.abs(a - b).max() / np.abs(b).max()) for a, b in pairs)


@dataclass(frozen=True)
class Scaled:
    """The schedule ``invscaling``: η₀ / (t + 1)^power after t examples."""

    start: float
    power: float
    examples: int

    def eta(self, steps, clock, history):
        epoch = steps // clock.steps_per_epoch
        return self.start / (epoch * self.examples + 1.0) ** self.power

    def is_finished(self, history):
        return False


INVERSE = {**ITS_SGD, "learning_rate_init": 0.3, "learning_rate": "invscaling"}
ITS_MOMENTUM = {**ITS_SGD, "momentum": 0.8}

# for each parameter: our settings and theirs, from which both take the same steps
EQUAL = {
    "hidden_layer_sizes": [
        ({"hidden_layer_sizes": sizes, **SGD}, {"hidden_layer_sizes": sizes, **ITS_SGD}) for sizes in ((5, 4), 3)
    ],
    "activation": [
        ({"activation": name, **SGD}, {"activation": name, **ITS_SGD})
        for name in ("identity", "logistic", "tanh", "relu")
    ],
    "solver": [(SGD, ITS_SGD), ({"optimizer": dr.Adam(epsilon=1e-14)}, {"solver": "adam", "epsilon": 1e-14})],
    "alpha": [({**SGD, "regularizer": dr.L2(0.7)}, {**ITS_SGD, "alpha": 0.7})],  # one mini-batch of all examples
    "batch_size": [({**SGD, **IN_ORDER}, {**ITS_SGD, "batch_size": 40, "shuffle": False})],
    "learning_rate_init": [({**SGD, "eta": 0.3}, {**ITS_SGD, "learning_rate_init": 0.3})],
    "learning_rate": [({**SGD, "eta": Scaled(0.3, 0.5, 150)}, INVERSE)],
    "power_t": [({**SGD, "eta": Scaled(0.3, 0.2, 150)}, {**INVERSE, "power_t": 0.2})],
    "shuffle": [({**SGD, **IN_ORDER, "batch_size": 7}, {**ITS_SGD, "batch_size": 7, "shuffle": False})],
    "momentum": [({"optimizer": dr.Momentum(0.8), "eta": 0.1}, {**ITS_MOMENTUM, "nesterovs_momentum": False})],
    "nesterovs_momentum": [({"optimizer": dr.Nesterov(0.8), "eta": 0.1}, ITS_MOMENTUM)],
    "beta_1": [({"optimizer": dr.Adam(beta1=0.5, epsilon=1e-14)}, {"beta_1": 0.5, "epsilon": 1e-14})],
    "beta_2": [({"optimizer": dr.Adam(beta2=0.9, epsilon=1e-14)}, {"beta_2": 0.9, "epsilon": 1e-14})],
}
CASES = [pytest.param(*case, id=f"{name}-{i}") for name, cases in EQUAL.items() for i, case in enumerate(cases)]


def test_every_parameter_has_a_row_and_a_test():
    parameters = set(MLPClassifier().get_params()) | set(MLPRegressor().get_params())
    assert set(ROWS) >= parameters
    tested = set(EQUAL) | {name.removeprefix("test_").split("__")[0] for name in globals() if "__" in name}
    assert parameters - tested == set()


@pytest.mark.parametrize(("ours", "theirs"), CASES)
def test_equal_settings_train_to_the_same_costs_and_weights(ours, theirs):
    first = train_ours(ours)
    mlp = train_theirs(first, theirs)
    assert compare(first, mlp) < 1e-9
    if "batch_size" not in ours:  # one mini-batch: its costs are those before a step, ours those after it
        assert mlp.loss_curve_[-EPOCHS:][1:] == pytest.approx(first.loss_curve_[:-1], rel=1e-9)
    assert first.predict_proba(X) == pytest.approx(mlp.predict_proba(X), rel=1e-7)


@pytest.mark.parametrize("kind", ["two classes", "labels", "numbers"])
def test_loss__the_outputs_and_costs_are_the_same(kind):
    x, y, ours, theirs = X, Y, NetworkClassifier, MLPClassifier
    if kind == "two classes":
        y = (Y > 0).astype(int)
    elif kind == "labels":
        x, y = make_multilabel_classification(60, n_features=5, n_classes=3, random_state=0)
        x = x / 5
    else:
        y, ours, theirs = T, NetworkRegressor, MLPRegressor
    first = train_ours(SGD, x, y, ours)
    mlp = train_theirs(first, ITS_SGD, x, y, theirs)
    assert compare(first, mlp) < 1e-9
    assert mlp.loss_curve_[-EPOCHS:][1:] == pytest.approx(first.loss_curve_[:-1], rel=1e-9)


def test_loss__targets_are_standardized_here_and_the_cost_is_a_sum_over_outputs():
    first = train_ours(SGD, X, 1000 * T, NetworkRegressor)
    assert first.loss_curve_ == pytest.approx(train_ours(SGD, X, T, NetworkRegressor).loss_curve_, rel=1e-9)
    both = np.column_stack([T, T[::-1]])
    ours = train_ours(SGD, X, both, NetworkRegressor)
    theirs = train_theirs(ours, ITS_SGD, X, both, MLPRegressor)
    assert compare(ours, theirs) < 1e-9
    assert 2 * np.array(theirs.loss_curve_[-EPOCHS:][1:]) == pytest.approx(ours.loss_curve_[:-1], rel=1e-9)
    with pytest.raises(ValueError, match="cost: expected a cost"):
        NetworkRegressor(cost="poisson").fit(X, T)


def test_alpha__is_divided_by_the_mini_batch_and_ours_by_n():
    """Without a gradient of the cost, as with weights of 0, only decay changes the weights of the last layer."""
    x, y = X[:21], np.arange(21) % 3
    settings = {**SGD, **IN_ORDER, "epochs": 1, "batch_size": 10, "regularizer": dr.L2(2.1), "eta": 1e-3}
    decays = {}
    for alpha in (0.0, 1.0):
        first = train_ours({**settings, "regularizer": dr.L2(2.1 * alpha)}, x, y)
        theirs = {**ITS_SGD, "alpha": alpha, "batch_size": 10, "shuffle": False, "learning_rate_init": 1e-3}
        mlp = train_theirs(first, theirs, x, y, epochs=1)
        decays[alpha] = (first.model_.params[0]["w"].T, mlp.coefs_[0])
    start = first.model_.network.init(3)[0]["w"].T
    ours, their = (np.median((decays[0.0][i] - decays[1.0][i]) / start) for i in (0, 1))
    # λ = α n / m: three steps of η λ/n = η α/m here, and for the last mini-batch of one example ten times as much there
    assert ours == pytest.approx(3 * 1e-3 * 2.1 / 21, rel=0.01)
    assert their == pytest.approx((0.1 + 0.1 + 1.0) * 1e-3, rel=0.01)


def test_solver__there_is_no_lbfgs():
    with pytest.raises(ValueError, match="optimizer: expected an optimizer such as Adam"):
        NetworkClassifier(optimizer="lbfgs").fit(X, Y)


def test_max_fun__belongs_to_lbfgs():
    assert "max_fun" not in NetworkClassifier().get_params()


def test_learning_rate__adaptive_halves_here_by_the_validation_set():
    stuck = {**OURS, "epochs": 20, "early_stopping": True, "optimizer": dr.SGD()}
    for halvings in (1, 2):  # after 3 epochs without an improvement each
        schedule = ReduceOnPlateau(1e-9, patience=3, stop_at=0.5**halvings)
        assert NetworkClassifier(**{**stuck, "eta": schedule}).fit(X, Y).n_iter_ == 1 + 3 * halvings
    with pytest.raises(ValueError, match="expected a validation set"):
        NetworkClassifier(eta=ReduceOnPlateau(0.2)).fit(X, Y)


def test_max_iter__counts_epochs_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert NetworkClassifier(epochs=2).fit(X, Y).n_iter_ == 2
    with pytest.warns(ConvergenceWarning):
        MLPClassifier(max_iter=2).fit(X, Y)


def test_random_state__draws_other_numbers_from_the_same_distribution():
    mlp = MLPClassifier((300,), random_state=0, max_iter=1)
    with pytest.warns(ConvergenceWarning):
        mlp.set_params(learning_rate_init=1e-12).fit(X, Y)
    ours = NetworkClassifier((300,), random_state=0, epochs=1, eta=1e-12).fit(X, Y).model_.params
    for own, its in ((ours[0]["w"], mlp.coefs_[0]), (ours[2]["w"], mlp.coefs_[1]), (ours[0]["b"], mlp.intercepts_[0])):
        assert own.T.shape == its.shape
        assert np.abs(own).max() == pytest.approx(np.abs(its).max(), rel=0.03)
        assert own.std() == pytest.approx(its.std(), rel=0.1)
    assert not np.allclose(ours[0]["w"].T, mlp.coefs_[0])


@pytest.mark.parametrize("patience", [2, 5])
def test_tol__stops_both_by_the_same_rule(patience):
    """The costs of mini-batches during an epoch, and the cost after it, differ by one epoch for a single mini-batch."""
    settings = {"n_iter_no_change": patience, "tol": 0.02}
    ours = train_ours({"epochs": 300, **SGD, **settings})
    mlp = train_theirs(ours, {**ITS_SGD, "n_iter_no_change": 10**6}, epochs=ours.n_iter_ + 1)
    assert mlp.loss_curve_[-ours.n_iter_ :] == pytest.approx(ours.loss_curve_, rel=1e-9)
    mlp.set_params(**settings, max_iter=300, warm_start=False)
    mlp._no_improvement_count, mlp.best_loss_ = 0, np.inf
    stopped = []
    for cost in ours.loss_curve_:
        mlp.loss_curve_ = [cost]
        mlp._update_no_improvement_count(False, None, None, None)
        stopped.append(mlp._no_improvement_count > patience)
    assert stopped == [False] * (ours.n_iter_ - 1) + [True]


def test_n_iter_no_change__counts_alike_when_nothing_improves():
    ours = NetworkClassifier(**{**OURS, "epochs": 99, "eta": 0.0, "tol": 1e-4, "n_iter_no_change": 4}).fit(X, Y)
    mlp = MLPClassifier((8,), solver="sgd", learning_rate_init=1e-12, n_iter_no_change=4, max_iter=99).fit(X, Y)
    assert ours.n_iter_ == mlp.n_iter_ == 6


def test_verbose__prints_a_line_after_each_epoch(capsys):
    NetworkClassifier(epochs=3, verbose=True).fit(X, Y)
    ours = capsys.readouterr().out.count("\n")
    with pytest.warns(ConvergenceWarning):
        MLPClassifier(max_iter=3, verbose=True).fit(X, Y)
    assert ours == capsys.readouterr().out.count("\n") == 3


def test_warm_start__keeps_the_optimizers_state_and_mlp_starts_it_anew():
    ours = NetworkClassifier(**{**OURS, "epochs": 6, "eta": 0.1, "optimizer": dr.Adam(epsilon=1e-14)}, warm_start=True)
    twice = ours.fit(X, Y).fit(X, Y)
    whole = train_ours({"eta": 0.1, "optimizer": dr.Adam(epsilon=1e-14)})
    assert twice.model_.parameters_sha256 == whole.model_.parameters_sha256
    its = {"solver": "adam", "epsilon": 1e-14, "learning_rate_init": 0.1}
    assert compare(whole, train_theirs(whole, its)) < 1e-9
    mlp = train_theirs(whole, its, epochs=6)
    with pytest.warns(ConvergenceWarning):
        mlp.fit(X, Y)
    assert compare(whole, mlp) > 1e-3


def test_early_stopping__scores_by_accuracy_and_keeps_the_best_in_both():
    settings = {"early_stopping": True, "random_state": 0, "n_iter_no_change": 3}
    ours = NetworkClassifier((8,), eta=0.05, **settings).fit(X, Y)
    mlp = MLPClassifier((8,), learning_rate_init=0.05, **settings).fit(X, Y)
    for one in (ours, mlp):
        assert one.n_iter_ - int(np.argmax(one.validation_scores_)) - 1 >= 4
    kept = len(ours.model_.history) - 1
    assert ours.validation_scores_[kept] == max(ours.validation_scores_) > max(ours.validation_scores_[kept + 1 :])
    assert not hasattr(ours, "partial_fit")
    with pytest.raises(ValueError, match="partial_fit does not support early_stopping"):
        mlp.partial_fit(X, Y, classes=[0, 1, 2])


def test_validation_fraction__is_a_share_of_each_class_and_equal_rows_stay_together():
    different = X + np.arange(150)[:, None] * 1e-9  # two irises are equal
    settings = {"early_stopping": True, "validation_fraction": 0.2, "random_state": 0}
    once = NetworkClassifier((3,), epochs=1, **settings).fit(different, Y)
    twice = NetworkClassifier((3,), epochs=1, **settings).fit(different.repeat(2, axis=0), Y.repeat(2))
    trained = [one.model_.settings["training_examples"] for one in (once, twice)]
    assert trained == [120, 240]
    assert once.loss_curve_ == pytest.approx(twice.loss_curve_, abs=0.01)  # the same rows, in both two copies


def test_epsilon__is_added_after_the_correction_here():
    """Tiny gradients show it; for usual ones both forms differ by far less than a step."""
    tiny = {"optimizer": dr.Adam(epsilon=1e-2), "eta": 0.01}
    first = train_ours(tiny)
    mlp = train_theirs(first, {"epsilon": 1e-2, "learning_rate_init": 0.01})
    assert compare(first, mlp) > 1e-2
    usual = train_ours({"eta": 0.01})
    assert compare(usual, train_theirs(usual, {"learning_rate_init": 0.01})) < 1e-4


def test_weights_of_examples__divide_the_gradient_by_n_here_and_by_their_sum_in_a_mini_batch_there():
    weights = np.where(Y == 1, 3.0, 1.0)
    first = train_ours(SGD, sample_weight=weights)
    assert compare(first, train_theirs(first, ITS_SGD, sample_weight=weights)) < 1e-9  # a single mini-batch
    several = train_ours({**SGD, **IN_ORDER}, sample_weight=weights)
    mlp = train_theirs(several, {**ITS_SGD, "batch_size": 40, "shuffle": False}, sample_weight=weights)
    assert compare(several, mlp) > 1e-2


def test_the_attributes_of_mlp_have_a_place_in_ours():
    first = train_ours(SGD)
    mlp = train_theirs(first, ITS_SGD)
    assert first.model_.network.cost == dr.LogLikelihood()
    assert mlp.out_activation_ == "softmax"
    assert (first.n_outputs_, first.n_iter_, len(first.loss_curve_)) == (mlp.n_outputs_, EPOCHS, EPOCHS)
    assert first.loss_ == first.loss_curve_[-1]
