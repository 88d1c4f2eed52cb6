"""Estimators within scikit-learn's tools: pipelines, searches, calibration, processes, data frames, sparse data."""

from __future__ import annotations

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from scipy import sparse
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.datasets import load_diabetes, load_iris
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, cross_val_score
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import deltarule as dr
from deltarule.sklearn import NetworkClassifier, NetworkRegressor

X, Y = load_iris(return_X_y=True)
SETTINGS = {"epochs": 30, "eta": 0.05, "random_state": 1}
LAYERS = [dr.Dense(10), dr.Tanh()]


def test_cross_validation_of_a_pipeline():
    scores = cross_val_score(make_pipeline(StandardScaler(), NetworkClassifier(**SETTINGS)), X, Y, cv=3)
    assert scores.min() > 0.85


def test_a_grid_search_varies_layers_and_optimizer():
    grid = {"layers__0__n_out": [1, 10], "optimizer__beta1": [0.5, 0.9], "training__validate_every": [0]}
    search = GridSearchCV(NetworkClassifier(layers=LAYERS, **SETTINGS), grid, cv=2, error_score="raise").fit(X, Y)
    assert search.best_params_["layers__0__n_out"] == 10
    assert search.best_estimator_.model_.network.layers[0] == dr.Dense(10)
    assert len(search.cv_results_["params"]) == 4
    pipeline = make_pipeline(StandardScaler(), NetworkClassifier(layers=LAYERS, **SETTINGS))
    inside = GridSearchCV(pipeline, {"networkclassifier__layers__0__n_out": [2, 10]}, cv=2).fit(X, Y)
    assert inside.score(X, Y) > 0.9


@pytest.mark.slow
def test_a_grid_search_over_processes_gives_the_same():
    grid = {"hidden_layer_sizes": [(5,), (20,)]}
    one, two = (GridSearchCV(NetworkClassifier(**SETTINGS), grid, cv=2, n_jobs=n).fit(X, Y).cv_results_ for n in (1, 2))
    assert one["mean_test_score"].tolist() == two["mean_test_score"].tolist()


def _fit_and_return(seed):
    return NetworkClassifier(**{**SETTINGS, "random_state": seed}, n_jobs=-1).fit(X, Y)


def test_fitted_estimators_travel_between_processes():
    here = _fit_and_return(1)
    with joblib.parallel_config(backend="loky", n_jobs=2):
        there, other = joblib.Parallel()(joblib.delayed(_fit_and_return)(seed) for seed in (1, 2))
    assert there.model_.parameters_sha256 == here.model_.parameters_sha256 != other.model_.parameters_sha256
    assert there.model_.settings["threads"] == 1
    assert (there.predict(X) == here.predict(X)).all()


def test_files_of_joblib_hold_fitted_estimators(tmp_path):
    fitted = NetworkClassifier(**SETTINGS).fit(X, Y)
    joblib.dump(fitted, tmp_path / "fitted.joblib")
    again = joblib.load(tmp_path / "fitted.joblib")
    assert (again.predict_proba(X) == fitted.predict_proba(X)).all()
    assert again.set_params(warm_start=True).fit(X, Y).n_iter_ == 2 * fitted.n_iter_


def test_the_model_is_a_model_of_deltarule(tmp_path):
    fitted = NetworkClassifier(**SETTINGS).fit(X, Y)
    fitted.model_.save(tmp_path / "iris.safetensors")
    assert (dr.load(tmp_path / "iris.safetensors").predict(X) == fitted.predict(X)).all()


def test_a_halving_search():
    estimator = NetworkClassifier(random_state=1, tol=None)
    search = HalvingGridSearchCV(
        estimator,
        {"eta": [0.0, 0.05]},
        resource="epochs",
        factor=2,
        min_resources=5,
        max_resources=20,
        cv=2,
        random_state=0,
    ).fit(X, Y)
    assert search.best_params_ == {"eta": 0.05, "epochs": 10}
    assert search.n_resources_ == [5, 10]


@pytest.mark.parametrize("method", ["sigmoid", "isotonic", "temperature"])
def test_calibration(method):
    with sklearn.config_context(enable_metadata_routing=False):
        calibrated = CalibratedClassifierCV(NetworkClassifier(**SETTINGS), method=method, cv=3).fit(X, Y)
    assert calibrated.score(X, Y) > 0.9


def test_metadata_is_routed():
    weights = np.where(Y == 1, 0.0, 1.0)
    with sklearn.config_context(enable_metadata_routing=True):
        estimator = NetworkClassifier(**SETTINGS).set_fit_request(sample_weight=True)
        estimator.set_score_request(sample_weight=True)
        routed = cross_val_score(estimator, X, Y, params={"sample_weight": weights}, cv=2, error_score="raise")
        estimator = NetworkClassifier(**SETTINGS).set_fit_request(sample_weight=False)
        estimator.set_score_request(sample_weight=True)
        others = cross_val_score(estimator, X, Y, params={"sample_weight": weights}, cv=2, error_score="raise")
        assert NetworkClassifier().set_partial_fit_request(classes=True).get_metadata_routing().partial_fit.requests
    assert routed.tolist() == [1.0, 1.0]
    assert len(others) == 2


def test_a_data_frame_keeps_its_names():
    frame = pd.DataFrame(X, columns=["a", "b", "c", "d"])
    fitted = NetworkClassifier(**SETTINGS).fit(frame, Y)
    assert fitted.feature_names_in_.tolist() == ["a", "b", "c", "d"]
    assert fitted.n_features_in_ == 4
    with pytest.raises(ValueError, match="feature names should match"):
        fitted.predict(frame[["b", "a", "c", "d"]])


def test_columns_of_words_and_numbers():
    words = np.array(["short", "long"])[(X[:, 2] > 3).astype(int)]
    frame = pd.DataFrame({"length": X[:, 0], "petal": words, "width": X[:, 3]})
    columns = ColumnTransformer([("words", OneHotEncoder(), ["petal"]), ("numbers", StandardScaler(), ["width"])])
    pipeline = make_pipeline(columns, NetworkClassifier(**SETTINGS)).fit(frame, Y)
    assert pipeline.score(frame, Y) > 0.9


@pytest.mark.parametrize("container", [sparse.csr_array, sparse.csc_matrix, sparse.coo_array])
def test_sparse_examples_train_as_dense_ones(container):
    x = np.where(X > 3, X, 0.0)
    dense, thin = (NetworkClassifier(**SETTINGS).fit(some, Y) for some in (x, container(x)))
    assert thin.model_.parameters_sha256 == dense.model_.parameters_sha256
    assert (thin.predict_proba(container(x)) == dense.predict_proba(x)).all()


def test_targets_may_be_transformed():
    x, y = load_diabetes(return_X_y=True)
    whole = TransformedTargetRegressor(NetworkRegressor(**SETTINGS), func=np.log, inverse_func=np.exp)
    assert whole.fit(x, y).score(x, y) > 0.3


def test_several_classes_at_once_by_one_network_each():
    x, y = StandardScaler().fit_transform(X), np.column_stack([Y, Y == 1])
    assert MultiOutputClassifier(NetworkClassifier(**SETTINGS)).fit(x, y).score(x, y) > 0.85


@pytest.mark.peers
def test_a_search_on_a_dask_cluster():
    from distributed import Client, LocalCluster

    grid = {"hidden_layer_sizes": [(5,), (20,)]}
    with (
        LocalCluster(2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as cluster,
        Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        search = GridSearchCV(NetworkClassifier(**SETTINGS), grid, cv=2).fit(X, Y)
    alone = GridSearchCV(NetworkClassifier(**SETTINGS), grid, cv=2).fit(X, Y)
    assert search.cv_results_["mean_test_score"].tolist() == alone.cv_results_["mean_test_score"].tolist()
