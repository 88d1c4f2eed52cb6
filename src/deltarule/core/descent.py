"""One step of stochastic gradient descent: from a mini-batch to new parameters.

NumPy runs these lines as they are, and JAX compiles them. The native engine's kernels compute the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from deltarule.core import random
from deltarule.core.augmentation import Augmentation, MeanSubtraction
from deltarule.core.layer import Array, Key
from deltarule.core.network import Network
from deltarule.core.optimizers import Optimizer, State
from deltarule.core.regularizers import Regularizer, add_penalty_gradients, penalty
from deltarule.core.sequences import Sequences, map_steps
from deltarule.core.trees import Tree


@dataclass(frozen=True)
class Descent:
    """A gradient descent: a network, an optimizer, a regularizer, and n, the number of training examples.

    ``augmentation`` varies the examples of a mini-batch, in the network's input shape, before each
    step; :meth:`value` is the cost of the examples without it.
    """

    network: Network
    optimizer: Optimizer
    regularizer: Regularizer | None
    n: int
    augmentation: Augmentation | None = None

    def step(
        self,
        params: Tree,
        state: State,
        x: Array | Sequences,
        y: Array,
        eta: Any,
        rng: Key,
        weights: Array | None = None,
    ) -> tuple[Tree, State]:
        """Return parameters and optimizer state after one mini-batch x, y, at the learning rate ``eta``.

        ``weights`` (examples,) multiply the cost of each example; without them all count alike.
        """
        if self.augmentation is not None:
            key, augment = random.fold(rng, len(self.network.layers)), self.augmentation  # the number after the last
            x = map_steps(lambda inputs: augment(inputs, key), x)
        grads, caches = self.network.estimate_gradient(params, x, y, rng, weights)
        grads = add_penalty_gradients(self.regularizer, self.network.layers, params, grads, self.n)
        params, state = self.optimizer.update(grads, state, params, eta)
        return self.network.after_step(params, caches), state

    def subtract_mean(self, mean: Any) -> Descent:
        """Return a descent that subtracts ``mean`` from the inputs in each step; with None, this descent."""
        return self if mean is None else replace(self, augmentation=MeanSubtraction(mean, self.augmentation))

    def value(self, params: Tree, x: Array | Sequences, y: Array, weights: Array | None = None) -> Array:
        """Compute the cost with regularization, which the steps minimize."""
        return self.network.value(params, x, y, weights) + self.penalty(params)

    def penalty(self, params: Tree) -> Array | float:
        """Compute the regularization term of the cost."""
        return penalty(self.regularizer, self.network.layers, params, self.n)
