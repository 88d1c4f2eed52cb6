"""One step of stochastic gradient descent: from a mini-batch to new parameters.

Both engines run these lines, NumPy as they stand and JAX compiled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deltarule.core import random
from deltarule.core.augmentation import Augmentation
from deltarule.core.layer import Array, Key
from deltarule.core.network import Network
from deltarule.core.optimizers import Optimizer, State
from deltarule.core.regularizers import Regularizer, add_penalty_gradients, penalty
from deltarule.core.trees import Tree


@dataclass(frozen=True)
class Descent:
    """What is learned and how: a network, an optimizer, a regularizer, and n, the training examples.

    ``augmentation`` varies the examples of a mini-batch, in the network's own input shape, before it
    is learned from; the cost is that of the examples as they are.
    """

    network: Network
    optimizer: Optimizer
    regularizer: Regularizer | None
    n: int
    augmentation: Augmentation | None = None

    def step(self, params: Tree, state: State, x: Array, y: Array, eta: Any, rng: Key) -> tuple[Tree, State]:
        """Parameters and optimizer state after one mini-batch x, y, at the learning rate ``eta``."""
        if self.augmentation is not None:
            x = self.augmentation(x, random.fold(rng, len(self.network.layers)))  # the number after the last layer's
        grads, caches = self.network.backpropagation(params, x, y, rng)
        grads = add_penalty_gradients(self.regularizer, self.network.layers, params, grads, self.n)
        params, state = self.optimizer.update(grads, state, params, eta)
        return self.network.after_step(params, caches), state

    def value(self, params: Tree, x: Array, y: Array) -> Array:
        """The cost with regularization, which is what the steps lower."""
        return self.network.value(params, x, y) + self.penalty(params)

    def penalty(self, params: Tree) -> Array | float:
        """What regularization adds to the cost."""
        return penalty(self.regularizer, self.network.layers, params, self.n)
