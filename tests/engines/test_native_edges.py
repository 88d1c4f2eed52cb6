"""Networks at the edge of what there is: without parameters, and with Flatten alone."""

from __future__ import annotations

import numpy as np
import pytest

import deltarule as dr

NETWORKS = [
    dr.Network([dr.Flatten()], dr.LogLikelihood(), (2, 2, 1)),
    dr.Network([dr.Sigmoid(), dr.Flatten(), dr.Dropout(0.5)], dr.Quadratic(), (2, 2, 1)),
    dr.Network([dr.Linear()], dr.CrossEntropy(), (4,)),
    dr.Network([dr.MaxPool(2), dr.Flatten(), dr.Dense(4)], dr.LogLikelihood(), (2, 2, 1)),
]


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: type(network.layers[0]).__name__)
def test_a_network_with_hardly_a_layer_trains_as_with_numpy(network):
    x = np.random.default_rng(0).random((9, 2, 2))
    data = dr.Dataset(x, np.arange(9) % 4)
    mine, other = (dr.fit(network, data, epochs=2, engine=name) for name in ("native", "numpy"))
    np.testing.assert_allclose(mine.predict_proba(x), other.predict_proba(x), rtol=1e-6)
    assert mine.settings["engine"] == "native"
