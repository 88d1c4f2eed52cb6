"""Recurrent layers, and backpropagation through time (BPTT).

A recurrent layer reads a sequence step by step. Its state h_t passes from each step to the next. Elman's layer, with
the input x_t of step t, is::

    z_t = w x_t + u h_{t−1} + b,    h_t = σ(z_t),    h_0 = 0.

Unrolled along time it is a network with a layer for each step, all of which share w, u and b. So its backpropagation is
the book's, with δ_t = ∂C/∂z_t for δˡ. T is the last step, and y_t = h_t the output of step t::

    δ_T = ∂C/∂y_T ⊙ σ′(z_T)                        (BPTT1)
    δ_t = (∂C/∂y_t + uᵀ δ_{t+1}) ⊙ σ′(z_t)         (BPTT2)
    ∂C/∂b = Σ_t δ_t                                 (BPTT3)
    ∂C/∂w = Σ_t δ_t x_tᵀ,  ∂C/∂u = Σ_t δ_t h_{t−1}ᵀ   (BPTT4)

and the layer before gets ∂C/∂x_t = wᵀ δ_t. :class:`RecurrentLayer` has what all recurrent layers share; a subclass has
the equations of one step. (See Rumelhart, Hinton and Williams, 1986; Werbos, 1990.)
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from deltarule import limits
from deltarule.core import operations, random
from deltarule.core.activations import Activation, Tanh
from deltarule.core.constraints import Constraints, instance, optional, validate, whole
from deltarule.core.initializers import INITIALIZER, Glorot, Initializer, Orthogonal
from deltarule.core.layer import Array, Key, Params, Shape
from deltarule.core.sequences import SequenceLayer, mask_steps, zero_padding
from deltarule.errors import ShapeError

State: TypeAlias = tuple[Array, ...]
"""The state between two steps, of which the first array is h, shape (examples, n)."""


class RecurrentLayer(SequenceLayer):
    """A layer with a state: the loop over time, forward and backward, around the equations of one step.

    Its inputs are sequences, shape (examples, steps, features). Its output is h_t of every step, shape
    (examples, steps, n). With lengths, a padded step leaves the state unchanged, and its output is 0.

    The parameters are ``w``, shape (gates · n, features), ``u``, shape (gates · n, n), and ``b``, shape (gates · n,):
    the rows of the first gate, then those of the next.
    """

    n: int
    initializer: Initializer
    recurrent_initializer: Initializer
    truncate: int | None
    weights: ClassVar[tuple[str, ...]] = ("w", "u")
    gates: ClassVar[int] = 1
    """The number of weighted inputs of each neuron."""
    states: ClassVar[int] = 1
    """The number of arrays of the state."""
    constraints: ClassVar[Constraints] = {
        "n": whole(1),
        "initializer": INITIALIZER,
        "recurrent_initializer": INITIALIZER,
        "truncate": optional(whole(1)),
    }

    def __post_init__(self) -> None:
        validate(self)
        object.__setattr__(self, "n", int(self.n))
        object.__setattr__(self, "truncate", None if self.truncate is None else int(self.truncate))

    @abstractmethod
    def step(self, params: Params, z_x: Array, before: State) -> tuple[State, tuple[Array, ...]]:
        """Compute ``(state, kept)`` of one step from z_x = w x_t + b and the state before it.

        ``kept`` is what :meth:`step_back` needs again.
        """

    @abstractmethod
    def step_back(
        self, params: Params, kept: tuple[Array, ...], before: State, d_state: State
    ) -> tuple[State, tuple[Array, ...]]:
        """Compute ``(d_before, deltas)`` of one step: ∂C/∂ of the state before it, and δ_t.

        ``deltas`` is (δ_t,), or (δ_t, δᵘ_t) where u h_{t−1} has another error than w x_t + b.
        """

    def init(self, rng: Key, input_shape: Shape) -> Params:
        """Draw the weights of each gate by themselves, as those of n neurons."""
        inputs, states = (random.fold(rng, 0), (self.n, input_shape[1])), (random.fold(rng, 1), (self.n, self.n))
        drawn, recurrent = (
            [draw(random.fold(key, gate), shape, shape[1]) for gate in range(self.gates)]
            for draw, (key, shape) in ((self.initializer, inputs), (self.recurrent_initializer, states))
        )
        xp = drawn[0]["w"].__array_namespace__()
        w, u, b = ([p["w"] for p in drawn], [p["w"] for p in recurrent], [p["b"] for p in drawn])
        return {"w": xp.concat(w), "u": xp.concat(u), "b": xp.concat(b)}

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 2:
            flat = len(input_shape) == 1
            raise ShapeError(
                argument="input_shape",
                owner=type(self).__name__,
                expected="the shape of a sequence, (steps, features)",
                value=input_shape,
                remedy=f"give the network an input_shape such as {(input_shape[0], 1) if flat else input_shape[:2]}"
                if len(input_shape) < 3 or input_shape[2] == 1
                else f"give the network an input_shape such as {(input_shape[0], input_shape[1] * input_shape[2])}",
            )
        if (numbers := input_shape[0] * self.gates * self.n) > limits.SEQUENCE_NUMBERS:
            raise ShapeError(
                f"expected at most {limits.SEQUENCE_NUMBERS:,} numbers for all steps of a sequence, "
                f"got {numbers:,} for {input_shape[0]:,} steps",
                argument="input_shape",
                owner=type(self).__name__,
                value=input_shape,
                remedy=limits.describe_remedy("SEQUENCE_NUMBERS", "cut the sequences, or use fewer neurons"),
            )
        return (input_shape[0], self.n)

    def forward(
        self, params: Params, x: Array, rng: Key | None = None, lengths: Array | None = None
    ) -> tuple[Array, Any]:
        xp = x.__array_namespace__()
        real = None if lengths is None else _steps_first(mask_steps(x, lengths)[:, :, None] > 0)
        x = _steps_first(zero_padding(x, lengths))
        z_x = xp.reshape(_rows(x) @ params["w"].T + params["b"], (*x.shape[:2], -1))  # of all steps at once
        start = (xp.zeros((x.shape[1], self.n), dtype=z_x.dtype),) * self.states

        def step(before: State, now: tuple[Array, Array | None]) -> tuple[State, tuple[Array, ...]]:
            z_x, real = now
            state, kept = self.step(params, z_x, before)
            if real is not None:  # a padded step leaves the state unchanged
                state = tuple(xp.where(real, new, old) for new, old in zip(state, before, strict=True))
            return state, (*state, *kept)

        _, found = operations.scan(step, start, (z_x, real))
        after, kept = found[: self.states], found[self.states :]
        before = tuple(xp.concat([s[None, ...], h[:-1, ...]]) for s, h in zip(start, after, strict=True))
        return zero_padding(_steps_first(after[0]), lengths), (x, before, kept, lengths)

    def backward(self, params: Params, cache: Any, d_y: Array) -> tuple[Array, Params]:
        x, before, kept, lengths = cache
        xp, w = d_y.__array_namespace__(), params["w"]
        d_y = _steps_first(zero_padding(d_y, lengths))
        nothing = (xp.zeros_like(d_y[0, ...]),) * self.states  # no error comes from behind the last step

        def step_back(d_after: State, now: tuple[Any, ...]) -> tuple[State, tuple[Array, ...]]:
            d_y, is_joined, *rest = now
            kept, before = tuple(rest[: -self.states]), tuple(rest[-self.states :])
            d_state = (d_y + d_after[0], *d_after[1:])  # the error of h_t: of its output and of the next step
            d_before, deltas = self.step_back(params, kept, before, d_state)  # BPTT1 and BPTT2
            return (d_before if is_joined is None else tuple(is_joined * d for d in d_before)), deltas

        _, deltas = operations.scan_backwards(step_back, nothing, (d_y, self._find_joints(d_y), *kept, *before))
        delta, delta_u = _rows(deltas[0]), _rows(deltas[-1])
        d_b = xp.sum(delta, axis=0)  # BPTT3
        d_w = operations.sum_of_outer_products(delta, _rows(x))  # BPTT4, summed over time and the mini-batch
        d_u = operations.sum_of_outer_products(delta_u, _rows(before[0]))  # BPTT4
        d_x = xp.reshape(delta @ w, x.shape)  # BP2, to the layer before
        return _steps_first(d_x), {"w": d_w, "u": d_u, "b": d_b}

    def _find_joints(self, d_y: Array) -> Array | None:
        """Compute 1 for each step whose δ passes to the step before it, else 0; None if all do."""
        if self.truncate is None:
            return None
        xp = d_y.__array_namespace__()
        return xp.astype(xp.arange(d_y.shape[0]) % self.truncate != 0, d_y.dtype)


@dataclass(frozen=True)
class Recurrent(RecurrentLayer):
    """A simple recurrent layer (Elman, 1990): h_t = σ(w x_t + u h_{t−1} + b), h_0 = 0. The output of each step is h_t.

    Its gradient is computed by backpropagation through time, BPTT1–BPTT4 (see :mod:`deltarule.core.recurrent`). It is
    not in the book, whose chapter 6 names recurrent networks as a next step.

    With ``truncate`` = k, the sequence is cut into segments of k steps: the state passes from one segment to the next,
    δ does not (Williams and Peng, 1990). Then the gradient is an estimate, which misses the effects of earlier
    segments, so ``gradcheck`` finds a difference.

    ``Recurrent(n, ReLU(), Gaussian(0.001), Identity())`` is the IRNN of Le, Jaitly and Hinton (2015).

    Args:
        n: The number of neurons.
        activation: σ.
        initializer: The initializer of w and b.
        recurrent_initializer: The initializer of u.
        truncate: The number of steps of a segment; None for whole sequences.

    Raises:
        InvalidArgument: For an invalid argument.

    >>> import numpy as np
    >>> sum_of_steps = {"w": np.asarray([[1.0]]), "u": np.asarray([[1.0]]), "b": np.asarray([0.0])}
    >>> from deltarule.core.activations import Linear
    >>> Recurrent(1, Linear()).forward(sum_of_steps, np.asarray([[[1.0], [2.0], [3.0]]]))[0].ravel()
    array([1., 3., 6.])
    """

    n: int
    activation: Activation = Tanh()
    initializer: Initializer = Glorot()
    recurrent_initializer: Initializer = Orthogonal()
    truncate: int | None = None
    constraints: ClassVar[Constraints] = {
        **RecurrentLayer.constraints,
        "activation": instance(Activation, "an activation such as Tanh()"),
    }

    def step(self, params: Params, z_x: Array, before: State) -> tuple[State, tuple[Array, ...]]:
        (h,) = before
        z = z_x + h @ params["u"].T
        h = self.activation.function(z)
        return (h,), (z, h)

    def step_back(
        self, params: Params, kept: tuple[Array, ...], before: State, d_state: State
    ) -> tuple[State, tuple[Array, ...]]:
        (z, h), (d_h,) = kept, d_state
        delta = d_h * self.activation.derivative(z, h)  # BPTT1 at the last step, BPTT2 at the others
        return (delta @ params["u"],), (delta,)  # uᵀ δ_t, for BPTT2 of the step before


def _steps_first(x: Array) -> Array:
    """Exchange the axes of examples and steps."""
    return x.__array_namespace__().permute_dims(x, (1, 0, *range(2, x.ndim)))


def _rows(x: Array) -> Array:
    """Put the steps below each other, shape (steps · examples, features)."""
    return x.__array_namespace__().reshape(x, (-1, x.shape[2]))
