"""Boltzmann machines that have learned the three patterns, for tests that do not change them."""

from __future__ import annotations

import pytest

import deltarule as dr

from .stripes import stripes


@pytest.fixture(scope="session")
def machine():
    return dr.fit(dr.RBM(6, 8), stripes(), epochs=60, eta=0.2, engine="numpy", optimizer=dr.Momentum(0.5), seed=1)


@pytest.fixture(scope="session")
def labelled():
    return dr.fit(dr.RBM(6, 8, n_labels=3), stripes(), epochs=60, eta=0.2, engine="numpy", seed=1)
