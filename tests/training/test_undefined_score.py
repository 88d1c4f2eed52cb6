"""R² of a single example, or of equal targets, is NaN: the validation cost takes its place."""

from __future__ import annotations

import numpy as np
import pytest

import deltarule as dr

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 3))
Y = X @ [1.0, 2.0, 3.0] + 1
REAL = dr.encodings.Standardized(1)
NETWORK = dr.Network([dr.Dense(1)], dr.Quadratic(dr.Linear()), (3,))
VALIDATIONS = {
    "a single example": dr.Dataset(X[:1], Y[:1], encoding=REAL),
    "equal targets": dr.Dataset(X[:5], np.full(5, 3.0), encoding=REAL),
}


@pytest.mark.parametrize("name", VALIDATIONS)
def test_the_best_epoch_is_that_of_the_lowest_validation_cost(name):
    model = dr.fit(
        NETWORK, dr.Dataset(X, Y, encoding=REAL), validation=VALIDATIONS[name], epochs=5, eta=0.01, keep_best=True
    )
    costs = model.history["validation_cost"]
    assert np.isnan(model.history["validation_r2"]).all()
    assert len(model.best.history) == 1 + costs.index(min(costs))
    assert min(costs) < costs[0]


def test_training_goes_on_while_the_validation_cost_falls():
    model = dr.fit(
        NETWORK, dr.Dataset(X, Y, encoding=REAL), validation=VALIDATIONS["a single example"], epochs=8,
        eta=dr.schedules.ReduceOnPlateau(0.001, 2, 0.2), callbacks=[dr.callbacks.EarlyStopping(2)],
    )  # fmt: skip
    costs = model.history["validation_cost"]
    assert costs == sorted(costs, reverse=True)  # this is what the test is about; else it would say nothing
    assert len(costs) == 8
    assert set(model.history["eta"]) == {0.001}
