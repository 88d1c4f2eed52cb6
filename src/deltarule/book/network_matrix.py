"""A problem of chapter 2: training on a mini-batch as one matrix, whose columns are its examples.

:mod:`deltarule.book.network` also does this internally; here it is visible.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from deltarule.book import columns, network, steps
from deltarule.book.columns import Arrays
from deltarule.book.network import sigmoid, sigmoid_prime

__all__ = ["Network", "sigmoid", "sigmoid_prime"]


class Network(network.Network):
    """The first program's network, with :meth:`backprop_matrix` for a whole mini-batch.

    >>> net = Network([2, 3, 1])
    >>> nabla_b, nabla_w = net.backprop_matrix(np.ones((2, 5)), np.zeros((1, 5)))
    >>> [b.shape for b in nabla_b], [w.shape for w in nabla_w]
    ([(3, 1), (1, 1)], [(3, 2), (1, 3)])
    """

    def update_mini_batch(self, mini_batch: columns.Pairs, eta: float) -> None:
        x, y = (np.concatenate(side, axis=1) for side in zip(*mini_batch, strict=True))
        nabla_b, nabla_w = self.backprop_matrix(x, y)
        rate = eta / len(mini_batch)
        steps.apply_step(self, [rate * nabla for nabla in nabla_b], [rate * nabla for nabla in nabla_w])

    def backprop_matrix(self, x: Any, y: Any) -> tuple[Arrays, Arrays]:
        """Compute ``(nabla_b, nabla_w)``, summed over the columns of x, (n_in, m), and y, (n_out, m)."""
        return self.backprop(x, y)
