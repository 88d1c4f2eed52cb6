"""The network: a chain of layers and a cost, and the four equations of backpropagation at work together.

BP1 is the cost's ``delta``. BP2 passes the error back from layer to layer. BP3 and BP4 are the
gradients that each layer returns on the way (see :class:`deltarule.core.layers.Dense`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from deltarule.core import random
from deltarule.core.activations import ELU, Activation, LeakyReLU, Linear, ReLU, ShiftedSigmoid, Sigmoid, Tanh
from deltarule.core.constraints import Constraints, check, instance, list_of, one_of, validate, whole
from deltarule.core.costs import COST, COSTS, Cost, weigh
from deltarule.core.initializers import INITIALIZERS, Initializer
from deltarule.core.layer import Array, Key, Layer, Params, Shape
from deltarule.core.layers import Dense
from deltarule.core.sequences import SequenceLayer, Sequences, split_lengths
from deltarule.core.trees import Tree
from deltarule.errors import ShapeError

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

LAYER = instance(Layer, "a layer such as Dense(30) or Sigmoid()")
SIZES = list_of(whole(1), "a list of two or more whole numbers of at least 1, such as [784, 30, 10]", least=2)


@dataclass(frozen=True)
class Network:
    """A neural network: ``layers`` in order, from an example of ``input_shape`` to zᴸ, and a cost.

    ``input_shape`` may be n for (n,). The output activation belongs to the cost, so the last layer is the
    ``Dense`` that computes zᴸ, the last weighted input.
    A network is immutable and has no parameters: :meth:`init` creates them, and every function takes them.

    Raises:
        ShapeError: If a layer does not fit the one before it, or the cost does not fit the number of outputs.
        InvalidArgument: If a layer, the cost or the shape is invalid.

    >>> network = Network.dense([784, 30, 10], cost="cross-entropy")
    >>> params = network.init(seed=1)
    >>> [p["w"].shape for p in params if p]
    [(30, 784), (10, 30)]
    """

    layers: Sequence[Layer]
    cost: Cost
    input_shape: Shape
    constraints: ClassVar[Constraints] = {
        "layers": instance(tuple, "a list such as [Dense(30), Sigmoid(), Dense(10)]"),
        "cost": COST,
        "input_shape": list_of(whole(1), "whole numbers of at least 1, such as (28, 28, 1) or 784", least=1),
    }

    def __post_init__(self) -> None:
        n_in = whole(1).accepts(self.input_shape)
        object.__setattr__(self, "layers", _as_tuple(self.layers))
        object.__setattr__(self, "input_shape", (self.input_shape,) if n_in else _as_tuple(self.input_shape))
        validate(self)
        for i, layer in enumerate(self.layers):
            check(f"layer {i}", layer, LAYER, "Network")
        object.__setattr__(self, "input_shape", tuple(map(int, self.input_shape)))
        if not self.layers:
            raise ShapeError(argument="layers", owner="Network", expected="at least one layer", value=self.layers)
        if len(self.shapes[-1]) != 1:
            raise ShapeError(
                position=f"layer {len(self.layers) - 1}",
                argument="output_shape",
                expected="a flat shape (n,) after the last layer",
                value=self.shapes[-1],
                remedy="end with Dense(n), where n is the number of outputs; for outputs at each step, with Flatten()",
            )
        self.cost.check_outputs(self.n_out)

    @staticmethod
    def dense(
        sizes: Sequence[int],
        cost: str | Cost = "cross-entropy",
        hidden: str | Activation = "sigmoid",
        init: str | Initializer = "default",
    ) -> Network:
        """Build a fully connected network, the book's ``Network([784, 30, 10])``.

        Args:
            sizes: The numbers of neurons, from the inputs to the outputs.
            cost: A :class:`Cost`, or its name.
            hidden: The activation of the hidden layers, or its name.
            init: The initializer of all layers, or its name.

        Raises:
            InvalidArgument: If a name is unknown (the message lists the known names), or if the sizes are invalid.

        >>> Network.dense([2, 3, 1], hidden="tanh", init="large").shapes
        [(2,), (3,), (3,), (1,)]
        """
        check("sizes", sizes, SIZES)
        initializer = _look_up("init", INITIALIZERS, init)
        activation = _look_up("hidden", ACTIVATIONS, hidden)
        layers: list[Layer] = [Dense(sizes[1], initializer)]
        for n in sizes[2:]:
            layers += [activation, Dense(n, initializer)]
        return Network(tuple(layers), _look_up("cost", COSTS, cost), (sizes[0],))

    @property
    def follows_cost(self) -> bool:
        """True if training follows the gradient of the cost, by backpropagation; a Boltzmann machine does not."""
        return type(self).estimate_gradient is Network.estimate_gradient

    @property
    def shapes(self) -> list[Shape]:
        """The shape of one example before the first layer, and after each layer."""
        shapes = [self.input_shape]
        for i, layer in enumerate(self.layers):
            try:
                shapes.append(layer.output_shape(shapes[-1]))
            except ShapeError as error:
                raise error.with_fields(position=f"layer {i}") from None
        return shapes

    @property
    def n_out(self) -> int:
        """The number of outputs."""
        return self.shapes[-1][0]

    def init(self, seed: int) -> Tree:
        """Return the initial parameters, float64 NumPy arrays, a pure function of ``seed``.

        Raises :class:`ShapeError` if there is not enough memory for those of a layer.
        """
        rng = random.key(seed)
        params: list[Params] = []
        for i, (layer, shape) in enumerate(zip(self.layers, self.shapes[:-1], strict=True)):
            try:
                params.append(layer.init(random.fold(rng, i), shape))
            except MemoryError:
                raise ShapeError(
                    f"expected parameters that fit in memory, got those of {layer} on inputs of shape {shape}",
                    position=f"layer {i}",
                    remedy="use fewer neurons, or smaller inputs",
                ) from None
        return params

    def forward(
        self, params: Tree, x: Array | Sequences, rng: Key | None = None, training: bool = True
    ) -> tuple[Array, list[Any]]:
        """Compute the last weighted input zᴸ, shape (examples, n_out), and the cache of every layer.

        ``x`` has shape (examples, \\*input_shape), or is ``Sequences``. With a key ``rng`` the network is in
        training; with ``training`` false it is in use, and only the layers that draw in use get a key.
        """
        x, lengths = split_lengths(x)
        caches = []
        for i, (layer, p) in enumerate(zip(self.layers, params, strict=True)):
            key = random.fold(rng, i) if rng is not None and (training or layer.draws) else None
            if isinstance(layer, SequenceLayer):
                x, cache = layer.forward(p, x, key, lengths)
            else:
                x, cache = layer.forward(p, x, key)
            caches.append(cache)
        return x, caches

    def backward(
        self, params: Tree, caches: Sequence[Any], d: Array, d_penalty: Array | float | None = None
    ) -> tuple[Array, Tree]:
        """Compute ∂C/∂x and the gradients from ``d`` = ∂C/∂zᴸ and the caches of the forward pass.

        ``d_penalty`` is ∂C/∂p for the penalty p of each example, a number or shape (examples,); without it, the
        penalties of the layers do not count.
        """
        grads: list[Params] = []
        for layer, p, cache in reversed(list(zip(self.layers, params, caches, strict=True))):
            d, g = layer.backward(p, cache, d)  # BP2, with BP3 and BP4
            if d_penalty is not None and layer.penalty(p, cache) is not None:
                d = d + weigh(layer.penalty_gradient(p, cache), d_penalty)
            grads.insert(0, g)
        return d, grads

    def gradients(
        self, params: Tree, x: Array | Sequences, y: Array, rng: Key | None = None, weights: Array | None = None
    ) -> Tree:
        """Compute ∇C, where C is the mean cost of the mini-batch: ∂C/∂w and ∂C/∂b for every layer.

        With ``weights``, shape (examples,), C is (1/m) Σ w_x C_x, the cost of example x multiplied by its weight.

        >>> import numpy as np
        >>> network = Network.dense([1, 1], cost="quadratic")
        >>> params = [{"w": np.asarray([[2.0]]), "b": np.asarray([-2.0])}]
        >>> network.gradients(params, np.asarray([[1.0]]), np.asarray([[0.0]]))  # (a − y) σ′ = ½ · ¼
        [{'w': array([[0.125]]), 'b': array([0.125])}]
        """
        return self.backpropagation(params, x, y, rng, weights)[0]

    def backpropagation(
        self, params: Tree, x: Array | Sequences, y: Array, rng: Key | None = None, weights: Array | None = None
    ) -> tuple[Tree, list[Any]]:
        """Compute ``(∇C, caches)``: forward, the error of the last layer, and backward."""
        z, caches = self.forward(params, x, rng)
        y = self.cost.leave_out_padding(y, split_lengths(x)[1])
        delta = weigh(self.cost.delta(z, y), weights)  # BP1, of w_x C_x if the examples have weights
        d = delta / x.shape[0]  # C is a mean over the mini-batch
        _, grads = self.backward(params, caches, d, (1.0 if weights is None else weights) / x.shape[0])
        return grads, caches

    estimate_gradient = backpropagation
    """The estimate of ∇C that a step of descent asks for: here it is exact for the mini-batch."""

    def outputs(self, params: Tree, x: Array | Sequences) -> Array:
        """Compute aᴸ, the outputs of the network, shape (examples, n_out); no dropout is applied."""
        return self.cost.activation(self.forward(params, x)[0])

    def value(
        self, params: Tree, x: Array | Sequences, y: Array, weights: Array | None = None, rng: Key | None = None
    ) -> Array:
        """Compute C, the mean cost of the examples with the penalties of the layers, without regularization.

        With a key ``rng`` the network is in training.
        """
        z, caches = self.forward(params, x, rng)
        y = self.cost.leave_out_padding(y, split_lengths(x)[1])
        value = self.cost.weighted_value(z, y, weights)
        for penalty in self.penalties(params, caches):
            value = value + z.__array_namespace__().mean(penalty if weights is None else weights * penalty)
        return value

    def penalties(self, params: Tree, caches: Sequence[Any]) -> list[Array]:
        """Compute the penalties of those layers that have one, each of shape (examples,)."""
        found = (layer.penalty(p, cache) for layer, p, cache in zip(self.layers, params, caches, strict=True))
        return [penalty for penalty in found if penalty is not None]

    def with_statistics(self, params: Tree, trained: Tree) -> Tree:
        """Return parameters with the statistics of ``trained``, such as running means."""
        return [
            {**p, **{name: t[name] for name in layer.statistics if name in t}}
            for layer, p, t in zip(self.layers, params, trained, strict=True)
        ]

    def after_step(self, params: Tree, caches: Sequence[Any]) -> Tree:
        """Update the parameters that have no gradient, such as running means, and return all parameters."""
        return [layer.after_step(p, cache) for layer, p, cache in zip(self.layers, params, caches, strict=True)]

    def summary(self) -> str:
        """Return the layers as a table of plain text, to print: shapes, parameters, and FLOPs for one example.

        >>> print(Network.dense([784, 30, 10]).summary())
        Network: 3 layers, 23,860 parameters
           layer               output  parameters      numbers   FLOPs
        ──────────────────────────────────────────────────────────────
           input               784
        0  Dense(30)           30      w 30×784, b 30   23,550  47,040
        1  Sigmoid             30
        2  Dense(10)           10      w 10×30, b 10       310     600
        ──────────────────────────────────────────────────────────────
           cost: CrossEntropy                           23,860  47,640
        """
        from deltarule.notebook.summaries import write_summary

        return write_summary(self)

    def draw(self, axes: Any = None) -> Any:
        """Draw the shapes of the network as a chain, on a new figure of matplotlib or on given axes; return the figure.

        >>> figure = Network.dense([784, 30, 10]).draw()
        >>> [text.get_text() for text in figure.axes[0].texts]
        ['784', 'Dense(30)\\nSigmoid', '30', 'Dense(10)', '10']
        """
        from deltarule.notebook.networks import build_chain
        from deltarule.plotting.networks import plot_network

        return plot_network(build_chain(self.layers, self.shapes), axes=axes)

    def _repr_html_(self) -> str:
        from deltarule.notebook.networks import write_network

        return write_network(self)


def _as_tuple(listed: Any) -> Any:
    """Return an iterable as a tuple, and all else, strings too, unchanged, for the constraints to reject."""
    return tuple(listed) if isinstance(listed, Iterable) and not isinstance(listed, str) else listed


def _look_up(argument: str, known: dict[str, Any], choice: Any) -> Any:
    if not isinstance(choice, str):
        return choice
    check(argument, choice, one_of(*known))
    return known[choice]
