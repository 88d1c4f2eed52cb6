"""A restricted Boltzmann machine as a network, trained by contrastive divergence instead of backpropagation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from deltarule.core import random
from deltarule.core.boltzmann import contrastive_divergence, draw
from deltarule.core.constraints import Constraints, validate, whole
from deltarule.core.costs import Cost, CrossEntropy, LogLikelihood
from deltarule.core.layer import Array, Key, Layer, Shape
from deltarule.core.machine_layers import LabelEnergies, Reconstruction
from deltarule.core.network import Network
from deltarule.core.sequences import Sequences
from deltarule.core.trees import Tree
from deltarule.errors import ShapeError


@dataclass(frozen=True)
class RBM(Network):
    """A restricted Boltzmann machine of binary units, which learns to write examples like those of its training set.

    As a network it reconstructs its inputs: its cost is the cross-entropy between the inputs and their reconstruction.
    With ``n_labels`` it has label units beside the inputs; then it classifies, and can write an example of a given
    label. Only the training differs: :meth:`estimate_gradient` is not backpropagation of that cost but contrastive
    divergence (:mod:`deltarule.core.boltzmann`), an estimate of the gradient of −ln P(v).

    Args:
        n_visible: The number of inputs, from 0 to 1, without the labels.
        n_hidden: The number of hidden units.
        n_labels: The number of label units, of which one is 1; 0 to learn without labels.
        k: The number of steps of Gibbs sampling for each estimate.
        chains: The number of persistent chains; 0 to start the sampling from the training examples each time.

    Raises:
        InvalidArgument: If a number is invalid.

    >>> machine = RBM(784, 500)
    >>> [(name, leaf.shape) for name, leaf in machine.init(seed=1)[0].items()]
    [('w', (500, 784)), ('b', (784,)), ('c', (500,))]
    """

    layers: Sequence[Layer] = field(init=False, repr=False)
    cost: Cost = field(init=False, repr=False)
    input_shape: Shape = field(init=False, repr=False)
    n_visible: int
    n_hidden: int
    n_labels: int = 0
    k: int = 1
    chains: int = 0
    constraints: ClassVar[Constraints] = {
        "n_visible": whole(1),
        "n_hidden": whole(1),
        "n_labels": whole(0),
        "k": whole(1),
        "chains": whole(0),
    }

    def __post_init__(self) -> None:
        validate(self)
        for name in self.constraints:
            object.__setattr__(self, name, int(getattr(self, name)))
        layer = LabelEnergies(self.n_hidden, self.n_labels) if self.n_labels else Reconstruction(self.n_hidden)
        object.__setattr__(self, "layers", (layer,))
        object.__setattr__(self, "cost", LogLikelihood() if self.n_labels else CrossEntropy())
        object.__setattr__(self, "input_shape", (self.n_visible,))

    def init(self, seed: int) -> Tree:
        (params,) = super().init(seed)
        if not self.chains:
            return [params]
        key = random.fold(random.fold(random.key(seed), 0), 1)
        xp = params["b"].__array_namespace__()
        states = draw(key, xp.full((self.chains, params["b"].shape[0]), 0.5, dtype=xp.float64))
        return [{**params, "chains": states}]

    @property
    def parameter_shapes(self) -> list[dict[str, Shape]]:
        """The shape of each parameter of the one layer."""
        n = self.n_visible + self.n_labels
        shapes: dict[str, Shape] = {"w": (self.n_hidden, n), "b": (n,), "c": (self.n_hidden,)}
        return [{**shapes, "chains": (self.chains, n)} if self.chains else shapes]

    def estimate_gradient(
        self, params: Tree, x: Array | Sequences, y: Array, rng: Key | None = None, weights: Array | None = None
    ) -> tuple[Tree, list[Any]]:
        """Estimate the gradient of the mean of −ln P(v), by contrastive divergence; needs a key.

        Returns the gradient, and the states of the chains as the cache of :meth:`after_step`.
        """
        if isinstance(x, Sequences) or rng is None:
            raise ShapeError(argument="x", expected="an array and a key, no sequences", value=type(x).__name__)
        (p,) = params
        v = x.__array_namespace__().concat([x, y], axis=1) if self.n_labels else x
        grads, states = contrastive_divergence(p, v, rng, self.k, self.n_labels, p.get("chains"), weights)
        kept = {"chains": 0 * p["chains"]} if "chains" in p else {}  # no gradient moves the chains
        return [{**grads, **kept}], [states]

    def after_step(self, params: Tree, caches: Sequence[Any]) -> Tree:
        """Keep the states of the persistent chains for the next step."""
        return [{**params[0], "chains": caches[0]}] if self.chains else params
