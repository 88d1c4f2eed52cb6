"""A network together with parameters that are set by hand and not trained."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from deltarule.core.network import Network
from deltarule.core.trees import Tree


class FixedNetwork(NamedTuple):
    """A network and its parameters, NumPy arrays of float64; a call with points returns its output there.

    >>> from deltarule.core.costs import Quadratic
    >>> from deltarule.core.layers import Dense
    >>> params = [{"w": np.asarray([[-2.0, -2.0]]), "b": np.asarray([3.0])}]
    >>> nand = FixedNetwork(Network([Dense(1)], Quadratic(), (2,)), params)
    >>> (nand([[0.0, 1.0], [1.0, 1.0]]) > 0.5).tolist()
    [True, False]
    """

    network: Network
    params: Tree

    def __call__(self, x: object) -> np.ndarray:
        """Compute the output, shape (points,), at points of shape (points, inputs), or (points,) for one input."""
        return np.asarray(self.network.outputs(self.params, self._rows(x)))[:, 0]

    def weighted_input(self, x: object) -> np.ndarray:
        """Compute the weighted input z of the output neuron, shape (points,), before it applies σ."""
        return np.asarray(self.network.forward(self.params, self._rows(x))[0])[:, 0]

    def _rows(self, x: object) -> np.ndarray:
        return np.asarray(x, dtype=np.float64).reshape(-1, *self.network.input_shape)
