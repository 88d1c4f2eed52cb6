"""Parameters are checked in time that grows with the number of layers."""

from __future__ import annotations

import deltarule as dr
from deltarule.models.parameters import check_parameters


def test_the_shapes_of_a_deep_network_are_computed_once(monkeypatch):
    network = dr.Network([*[dr.Sigmoid()] * 50, dr.Dense(2)], dr.LogLikelihood(), (3,))
    params = network.init(0)
    computed = []
    shapes = dr.Network.shapes.fget
    monkeypatch.setattr(dr.Network, "shapes", property(lambda self: computed.append(1) or shapes(self)))
    check_parameters(network, params)
    assert len(computed) < 10  # more than 50, if once for each layer
