"""Long short-term memory: a recurrent layer whose state is kept by gates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from deltarule.core.activations import sigmoid
from deltarule.core.constraints import Constraints, number
from deltarule.core.initializers import Glorot, Initializer, Orthogonal
from deltarule.core.layer import Array, Key, Params, Shape
from deltarule.core.recurrent import RecurrentLayer, State


@dataclass(frozen=True)
class LSTM(RecurrentLayer):
    """Long short-term memory: a cell c_t that three gates write, keep and show; the output of each step is h_t.

    With z_t = w x_t + u h_{t−1} + b, whose rows are those of i, f, o and g in this order, and h_0 = c_0 = 0::

        i = σ(z_i)                the input gate: how much of g to write
        f = σ(z_f)                the forget gate: how much of c_{t−1} to keep
        o = σ(z_o)                the output gate: how much of the cell to show
        g = tanh(z_g)             the new content
        c_t = f ⊙ c_{t−1} + i ⊙ g
        h_t = o ⊙ tanh(c_t)

    Backward, with ∂C/∂h_t = ∂C/∂y_t + uᵀ δ_{t+1} as in BPTT2, the error of the cell passes from step to step by f
    alone,
    and by no weights::

        ∂C/∂c_t = ∂C/∂h_t ⊙ o ⊙ (1 − tanh² c_t) + f_{t+1} ⊙ ∂C/∂c_{t+1}
        δ_i = ∂C/∂c_t ⊙ g ⊙ i (1 − i)
        δ_f = ∂C/∂c_t ⊙ c_{t−1} ⊙ f (1 − f)
        δ_o = ∂C/∂h_t ⊙ tanh(c_t) ⊙ o (1 − o)
        δ_g = ∂C/∂c_t ⊙ i ⊙ (1 − g²)

    BPTT3 and BPTT4 hold unchanged for δ_t = (δ_i, δ_f, δ_o, δ_g). It is not in the book, whose chapter 6 names LSTM
    units (see Hochreiter and Schmidhuber, 1997; the forget gate: Gers, Schmidhuber and Cummins, 2000). There are no
    peephole connections.

    Args:
        n: The number of cells.
        initializer: The initializer of w and b, for each gate.
        recurrent_initializer: The initializer of u, for each gate.
        forget_bias: The first value of each bias of the forget gate, in place of the initializer's. With 1, as Gers,
            Schmidhuber and Cummins (2000) and Jozefowicz, Zaremba and Sutskever (2015) advise, a new cell keeps most of
            its content.
        truncate: The number of steps of a segment, which δ does not leave (see :class:`Recurrent`); None for no cut.

    Raises:
        InvalidArgument: For an invalid argument.

    >>> import numpy as np
    >>> from deltarule.core import random
    >>> layer = LSTM(3)
    >>> params = layer.init(random.key(0), (5, 2))
    >>> {name: p.shape for name, p in params.items()}
    {'w': (12, 2), 'u': (12, 3), 'b': (12,)}
    >>> layer.forward(params, np.ones((4, 5, 2)))[0].shape
    (4, 5, 3)
    """

    n: int
    initializer: Initializer = Glorot()
    recurrent_initializer: Initializer = Orthogonal()
    forget_bias: float = 1.0
    truncate: int | None = None
    gates: ClassVar[int] = 4
    states: ClassVar[int] = 2
    constraints: ClassVar[Constraints] = {**RecurrentLayer.constraints, "forget_bias": number()}

    def init(self, rng: Key, input_shape: Shape) -> Params:
        params = super().init(rng, input_shape)
        b, n = params["b"], self.n
        xp = b.__array_namespace__()
        return {**params, "b": xp.concat([b[:n], xp.full_like(b[:n], self.forget_bias), b[2 * n :]])}

    def step(self, params: Params, z_x: Array, before: State) -> tuple[State, tuple[Array, ...]]:
        h, c = before
        n, xp = self.n, h.__array_namespace__()
        z = z_x + h @ params["u"].T
        gates, g = sigmoid(z[:, : 3 * n]), xp.tanh(z[:, 3 * n :])
        i, f, o = gates[:, :n], gates[:, n : 2 * n], gates[:, 2 * n :]
        c = f * c + i * g
        shown = xp.tanh(c)
        return (o * shown, c), (gates, g, shown)

    def step_back(
        self, params: Params, kept: tuple[Array, ...], before: State, d_state: State
    ) -> tuple[State, tuple[Array, ...]]:
        (gates, g, shown), (_, c), (d_h, d_c) = kept, before, d_state
        n, xp = self.n, d_h.__array_namespace__()
        i, f, o = gates[:, :n], gates[:, n : 2 * n], gates[:, 2 * n :]
        d_c = d_c + d_h * o * (1 - shown * shown)
        d_gates = xp.concat([d_c * g, d_c * c, d_h * shown], axis=1)
        delta = xp.concat([d_gates * gates * (1 - gates), d_c * i * (1 - g * g)], axis=1)  # BPTT2
        return (delta @ params["u"], d_c * f), (delta,)  # uᵀ δ_t, and the error of the cell, for the step before
