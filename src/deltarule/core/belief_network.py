"""The deep belief net: directed layers below a Boltzmann machine with labels, and its training without backpropagation.

After G. E. Hinton, S. Osindero and Y.-W. Teh, "A Fast Learning Algorithm for Deep Belief Nets" (2006).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any, ClassVar

from deltarule.core import random
from deltarule.core.activations import sigmoid
from deltarule.core.boltzmann import contrastive_divergence, draw
from deltarule.core.constraints import Constraints, list_of, validate, whole
from deltarule.core.costs import Cost, LogLikelihood, weigh
from deltarule.core.layer import Array, Key, Layer, Params, Shape
from deltarule.core.machine_layers import LabelEnergies
from deltarule.core.network import SIZES, Network
from deltarule.core.operations import sum_of_outer_products
from deltarule.core.sequences import Sequences
from deltarule.core.trees import Tree
from deltarule.errors import ShapeError


@dataclass(frozen=True)
class BeliefLayer(Layer):
    """A layer of binary units that are recognized from below and generate what is below them.

    Upwards it computes P(h = 1 | v) = σ(w v + c) with the recognition weights ``w``, as a dense layer with a sigmoid.
    Downwards :meth:`generate` computes P(v = 1 | h) = σ(gᵀ h + b) with the generative weights ``g``, of w's shape. A
    restricted Boltzmann machine of the same sizes gives both: g = w. As a layer of a network, trained by
    backpropagation, it leaves g and b as they are.

    >>> import numpy as np
    >>> p = {"w": np.asarray([[2.0]]), "c": np.zeros(1), "g": np.asarray([[-2.0]]), "b": np.zeros(1)}
    >>> one = np.ones((1, 1))
    >>> BeliefLayer(1).forward(p, one)[0].round(2).tolist(), BeliefLayer(1).generate(p, one).round(2).tolist()
    ([[0.88]], [[0.12]])
    """

    n_hidden: int
    weights: ClassVar[tuple[str, ...]] = ("w", "g")
    constraints: ClassVar[Constraints] = {"n_hidden": whole(1)}

    def __post_init__(self) -> None:
        validate(self)
        object.__setattr__(self, "n_hidden", int(self.n_hidden))

    def init(self, rng: Key, input_shape: Shape) -> Params:
        xp, n = rng[0].__array_namespace__(), prod(input_shape)
        w = 0.01 * random.normal(rng, (self.n_hidden, n))
        zeros = {name: xp.zeros(size, dtype=xp.float64) for name, size in (("c", self.n_hidden), ("b", n))}
        return {"w": w, "g": w + 0, **zeros}

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 1:
            raise ShapeError(
                argument="input_shape",
                owner="BeliefLayer",
                expected="a flat shape (n,)",
                value=input_shape,
                remedy="put Flatten() before it",
            )
        return (self.n_hidden,)

    def forward(self, params: Params, v: Array, rng: Key | None = None) -> tuple[Array, tuple[Array, Array]]:
        h = sigmoid(v @ params["w"].T + params["c"])
        return h, (v, h)

    def backward(self, params: Params, cache: tuple[Array, Array], d_h: Array) -> tuple[Array, Params]:
        v, h = cache
        xp, delta = d_h.__array_namespace__(), d_h * h * (1 - h)  # BP2
        grads = {"w": sum_of_outer_products(delta, v), "c": xp.sum(delta, axis=0)}
        return delta @ params["w"], {**grads, "g": 0 * params["g"], "b": 0 * params["b"]}

    def generate(self, params: Params, h: Array) -> Array:
        """Compute P(v = 1 | h) of the units below, shape (examples, n_in)."""
        return sigmoid(h @ params["g"] + params["b"])


@dataclass(frozen=True)
class DeepBeliefNet(Network):
    """A deep belief net, which writes examples from the top down, and recognizes them from the bottom up.

    Its two upper layers of units form a restricted Boltzmann machine with label units. Below are directed layers,
    ``BeliefLayer``. As a network it classifies by the free energy of each label in the top machine. Only the
    training differs: :meth:`estimate_gradient` is the up-down algorithm, a wake-sleep algorithm that needs no
    backpropagation. It starts from machines trained one by one (:func:`deltarule.pretrain`).

    Args:
        sizes: The numbers of units, from the inputs to the top, such as [784, 500, 500, 2000].
        n_labels: The number of label units beside those below the top.
        k: The number of steps of Gibbs sampling in the top machine.

    Raises:
        InvalidArgument: If a number is invalid.

    >>> DeepBeliefNet([784, 500, 500, 2000], n_labels=10).shapes
    [(784,), (500,), (500,), (10,)]
    """

    layers: Sequence[Layer] = field(init=False, repr=False)
    cost: Cost = field(init=False, repr=False)
    input_shape: Shape = field(init=False, repr=False)
    sizes: Sequence[int]
    n_labels: int
    k: int = 1
    constraints: ClassVar[Constraints] = {
        "sizes": list_of(whole(1), SIZES.expected, least=2),
        "n_labels": whole(2),
        "k": whole(1),
    }

    def __post_init__(self) -> None:
        validate(self)
        object.__setattr__(self, "sizes", tuple(map(int, self.sizes)))
        object.__setattr__(self, "n_labels", int(self.n_labels))
        object.__setattr__(self, "k", int(self.k))
        below = [BeliefLayer(n) for n in self.sizes[1:-1]]
        object.__setattr__(self, "layers", (*below, LabelEnergies(self.sizes[-1], self.n_labels)))
        object.__setattr__(self, "cost", LogLikelihood())
        object.__setattr__(self, "input_shape", (self.sizes[0],))

    @property
    def parameter_shapes(self) -> list[dict[str, Shape]]:
        """The shape of each parameter of each layer."""
        shapes: list[dict[str, Shape]] = []
        for n, m in zip(self.sizes[:-2], self.sizes[1:-1], strict=True):
            shapes.append({"w": (m, n), "c": (m,), "g": (m, n), "b": (n,)})
        n, m = self.sizes[-2] + self.n_labels, self.sizes[-1]
        return [*shapes, {"w": (m, n), "b": (n,), "c": (m,)}]

    def estimate_gradient(
        self, params: Tree, x: Array | Sequences, y: Array, rng: Key | None = None, weights: Array | None = None
    ) -> tuple[Tree, list[Any]]:
        """Estimate a gradient by the up-down algorithm (Hinton, Osindero and Teh, 2006, appendix B); needs a key.

        Up (wake): draw states from the example upwards. The generative weights learn to make each state from the one
        above: their gradient is that of −ln P(v | h), −h (v − P(v = 1 | h))ᵀ. In the middle, the top machine
        learns by contrastive divergence. Down (sleep): draw states downwards from the machine's last states.
        The recognition weights learn to find the causes of what was made: −(h − P(h = 1 | v)) vᵀ.
        """
        if isinstance(x, Sequences) or rng is None:
            raise ShapeError(argument="x", expected="an array and a key, no sequences", value=type(x).__name__)
        xp, below = x.__array_namespace__(), self._belief_layers
        up, middle, down = (random.fold(rng, i) for i in range(3))
        states = [x]
        for i, layer in enumerate(below):
            states.append(draw(random.fold(up, i), layer.forward(params[i], states[-1])[0]))
        wake = [
            self._wake(layer, p, v, h, weights)
            for layer, p, v, h in zip(below, params, states, states[1:], strict=False)
        ]
        joint = xp.concat([states[-1], y], axis=1)
        top, found = contrastive_divergence(params[-1], joint, middle, self.k, self.n_labels, weights=weights)
        h = found[:, : self.sizes[-2]]
        sleep: list[dict[str, Array]] = []
        for i, layer in reversed(list(enumerate(below))):
            probabilities = layer.generate(params[i], h)
            v = draw(random.fold(down, i), probabilities) if i else probabilities  # pixels stay grey
            sleep.insert(0, self._sleep(layer, params[i], v, h, weights))
            h = v
        return [*({**w, **s} for w, s in zip(wake, sleep, strict=True)), top], []

    def after_step(self, params: Tree, caches: Sequence[Any]) -> Tree:
        """Return the parameters: all of them have a gradient."""
        return params

    @property
    def _belief_layers(self) -> list[BeliefLayer]:
        return [layer for layer in self.layers if isinstance(layer, BeliefLayer)]

    @staticmethod
    def _wake(layer: BeliefLayer, p: Params, v: Array, h: Array, weights: Array | None) -> dict[str, Array]:
        error = weigh(layer.generate(p, h) - v, weights) / v.shape[0]
        return {"g": sum_of_outer_products(h, error), "b": v.__array_namespace__().sum(error, axis=0)}

    @staticmethod
    def _sleep(layer: BeliefLayer, p: Params, v: Array, h: Array, weights: Array | None) -> dict[str, Array]:
        error = weigh(layer.forward(p, v)[0] - h, weights) / v.shape[0]
        return {"w": sum_of_outer_products(error, v), "c": v.__array_namespace__().sum(error, axis=0)}
