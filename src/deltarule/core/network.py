"""A network: layers and a cost, chained; the four equations of backpropagation at work together.

BP1 is the cost's ``delta``. BP2 passes the error back from layer to layer. BP3 and BP4 are the
gradients that each layer hands out on the way (see :class:`deltarule.core.layers.Dense`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from deltarule.core import random
from deltarule.core.activations import ELU, Activation, LeakyReLU, Linear, ReLU, ShiftedSigmoid, Sigmoid, Tanh
from deltarule.core.checks import check_object, is_whole
from deltarule.core.costs import COSTS, Cost
from deltarule.core.initializers import INITIALIZERS, Initializer
from deltarule.core.layer import Array, Key, Layer, Params, Shape
from deltarule.core.layers import Dense
from deltarule.core.trees import Tree
from deltarule.errors import InvalidArgument, ShapeError

ACTIVATIONS: dict[str, Activation] = {
    "sigmoid": Sigmoid(),
    "shifted-sigmoid": ShiftedSigmoid(),
    "two-sigma": ShiftedSigmoid(2.0, -1.0),
    "tanh": Tanh(),
    "relu": ReLU(),
    "leaky-relu": LeakyReLU(),
    "elu": ELU(),
    "linear": Linear(),
}


@dataclass(frozen=True)
class Network:
    """``layers`` in order, from an example of ``input_shape`` to the last weighted input, and a cost.

    For the shape (n,) one may give n.
    The output activation belongs to the cost, so the last layer is the ``Dense`` that computes zᴸ.
    Immutable and without parameters: those are made by :meth:`init` and handed to every function.
    Raises :class:`ShapeError` where a layer does not fit the one before it, and :class:`InvalidArgument`
    for what is no layer, no cost or no shape.

    >>> network = Network.dense([784, 30, 10], cost="cross-entropy")
    >>> params = network.init(seed=1)
    >>> [p["w"].shape for p in params if p]
    [(30, 784), (10, 30)]
    """

    layers: Sequence[Layer]
    cost: Cost
    input_shape: Shape

    def __post_init__(self) -> None:
        check_object("layers", self.layers, Iterable, "[Dense(30), Sigmoid(), Dense(10)]")
        object.__setattr__(self, "layers", tuple(self.layers))
        for i, layer in enumerate(self.layers):
            check_object(f"layer {i}", layer, Layer, "Dense(30) or Sigmoid()")
        check_object("cost", self.cost, Cost, "CrossEntropy()")
        object.__setattr__(self, "input_shape", _shape(self.input_shape))
        if not self.layers:
            raise ShapeError("a network needs at least one layer")
        if len(self.shapes[-1]) != 1:
            raise ShapeError(f"the last layer gives {self.shapes[-1]}: end with Dense(n), n the number of outputs")

    @staticmethod
    def dense(
        sizes: Sequence[int],
        cost: str | Cost = "cross-entropy",
        hidden: str | Activation = "sigmoid",
        init: str | Initializer = "default",
    ) -> Network:
        """The book's ``Network([784, 30, 10])``: fully connected layers of these sizes.

        ``sizes`` are the numbers of neurons from inputs to outputs. ``cost``, ``hidden`` (the
        activation of the hidden layers) and ``init`` are names or objects. Raises
        :class:`InvalidArgument` for an unknown name, listing the known ones, and for bad sizes.

        >>> Network.dense([2, 3, 1], hidden="tanh", init="large").shapes
        [(2,), (3,), (3,), (1,)]
        """
        listed = isinstance(sizes, Sequence) and all(is_whole(n, 1) for n in sizes)
        if not listed or len(sizes) < 2:
            raise InvalidArgument(
                f"sizes {sizes!r}: give a list of at least inputs and outputs, whole numbers from 1, as [784, 30, 10]"
            )
        initializer = _named("init", INITIALIZERS, init)
        activation = _named("hidden", ACTIVATIONS, hidden)
        layers: list[Layer] = [Dense(sizes[1], initializer)]
        for n in sizes[2:]:
            layers += [activation, Dense(n, initializer)]
        return Network(tuple(layers), _named("cost", COSTS, cost), (sizes[0],))

    @property
    def shapes(self) -> list[Shape]:
        """The shape of one example before the first layer, and after each layer."""
        shapes = [self.input_shape]
        for i, layer in enumerate(self.layers):
            try:
                shapes.append(layer.output_shape(shapes[-1]))
            except ShapeError as error:
                raise ShapeError(f"layer {i}: {error}") from None
        return shapes

    @property
    def n_out(self) -> int:
        """How many outputs the network has."""
        return self.shapes[-1][0]

    def init(self, seed: int) -> Tree:
        """The parameters to start learning from, float64 NumPy arrays, a pure function of ``seed``."""
        rng = random.key(seed)
        return [
            layer.init(random.fold(rng, i), shape)
            for i, (layer, shape) in enumerate(zip(self.layers, self.shapes[:-1], strict=True))
        ]

    def forward(self, params: Tree, x: Array, rng: Key | None = None) -> tuple[Array, list[Any]]:
        """The last weighted input zᴸ, shape (examples, n_out), and the cache of every layer.

        ``x`` has shape (examples, \\*input_shape). With a key ``rng`` the network is being trained.
        """
        caches = []
        for i, (layer, p) in enumerate(zip(self.layers, params, strict=True)):
            x, cache = layer.forward(p, x, None if rng is None else random.fold(rng, i))
            caches.append(cache)
        return x, caches

    def backward(self, params: Tree, caches: Sequence[Any], d: Array) -> tuple[Array, Tree]:
        """∂C/∂x and the gradients, from ``d`` = ∂C/∂zᴸ and the caches of the forward pass."""
        grads: list[Params] = []
        for layer, p, cache in reversed(list(zip(self.layers, params, caches, strict=True))):
            d, g = layer.backward(p, cache, d)  # BP2, with BP3 and BP4
            grads.insert(0, g)
        return d, grads

    def gradients(self, params: Tree, x: Array, y: Array, rng: Key | None = None) -> Tree:
        """∇C, C the mean cost of the mini-batch: ∂C/∂w and ∂C/∂b for every layer.

        >>> import numpy as np
        >>> network = Network.dense([1, 1], cost="quadratic")
        >>> params = [{"w": np.asarray([[2.0]]), "b": np.asarray([-2.0])}]
        >>> network.gradients(params, np.asarray([[1.0]]), np.asarray([[0.0]]))  # (a − y) σ′ = ½ · ¼
        [{'w': array([[0.125]]), 'b': array([0.125])}]
        """
        return self.backpropagation(params, x, y, rng)[0]

    def backpropagation(self, params: Tree, x: Array, y: Array, rng: Key | None = None) -> tuple[Tree, list[Any]]:
        """``(∇C, caches)``: forward, the error of the last layer, and backward."""
        z, caches = self.forward(params, x, rng)
        d = self.cost.delta(z, y) / x.shape[0]  # BP1, and C is a mean over the mini-batch
        _, grads = self.backward(params, caches, d)
        return grads, caches

    def outputs(self, params: Tree, x: Array) -> Array:
        """aᴸ, what the network in use answers, shape (examples, n_out)."""
        return self.cost.activation(self.forward(params, x)[0])

    def value(self, params: Tree, x: Array, y: Array) -> Array:
        """C, the mean cost of the examples, without regularization."""
        return self.cost.value(self.forward(params, x)[0], y)

    def after_step(self, params: Tree, caches: Sequence[Any]) -> Tree:
        """The parameters with what layers keep besides what they learn by gradient."""
        return [layer.after_step(p, cache) for layer, p, cache in zip(self.layers, params, caches, strict=True)]


def _shape(given: Any) -> Shape:
    """The shape of an example, of which n alone says (n,)."""
    sizes = (given,) if is_whole(given, 1) else given
    if not isinstance(sizes, Iterable) or not (shape := tuple(sizes)) or not all(is_whole(n, 1) for n in shape):
        raise InvalidArgument(
            f"input_shape {given!r}: give the shape of one example, whole numbers from 1, as (28, 28, 1), or one number"
        )
    return tuple(map(int, shape))


def _named(field: str, known: dict[str, Any], choice: Any) -> Any:
    if not isinstance(choice, str):
        return choice
    if choice not in known:
        raise InvalidArgument(f"{field} {choice!r} is not known; choose one of {', '.join(known)}")
    return known[choice]
