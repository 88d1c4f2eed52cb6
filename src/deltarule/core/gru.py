"""Gated recurrent units: a recurrent layer with two gates, and no cell beside h."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from deltarule.core.activations import sigmoid
from deltarule.core.initializers import Glorot, Initializer, Orthogonal
from deltarule.core.layer import Array, Params
from deltarule.core.recurrent import RecurrentLayer, State


@dataclass(frozen=True)
class GRU(RecurrentLayer):
    """Gated recurrent units: the state h_t is a mixture of h_{t−1} and a new content g; the output of each step is h_t.

    With a = w x_t + b and p = u h_{t−1}, whose rows are those of r, k and g in this order, and h_0 = 0::

        r = σ(a_r + p_r)               the reset gate: how much of h_{t−1} enters the new content
        k = σ(a_k + p_k)               the update gate: how much of h_{t−1} to keep
        g = tanh(a_g + r ⊙ p_g)        the new content
        h_t = k ⊙ h_{t−1} + (1 − k) ⊙ g

    Backward, with ∂C/∂h_t = ∂C/∂y_t + (uᵀ δᵘ_{t+1} + k_{t+1} ⊙ ∂C/∂h_{t+1})::

        δ_k = ∂C/∂h_t ⊙ (h_{t−1} − g) ⊙ k (1 − k)
        δ_g = ∂C/∂h_t ⊙ (1 − k) ⊙ (1 − g²)
        δ_r = δ_g ⊙ p_g ⊙ r (1 − r)

    BPTT3 and BPTT4 hold for δ_t = (δ_r, δ_k, δ_g), but u gets δᵘ_t = (δ_r, δ_k, r ⊙ δ_g), since r multiplies p_g.

    Two forms are published. Here the reset gate multiplies the *product* u h_{t−1}, as in the first version of Cho and
    others (2014), in cuDNN, PyTorch and Keras (``reset_after=True``), and in ONNX with ``linear_before_reset`` = 1: so
    one matrix product serves all three. In the other, u (r ⊙ h_{t−1}), the gate comes before the product. Some authors
    call 1 − k the update gate. The layer is not in the book.

    Args:
        n: The number of units.
        initializer: The initializer of w and b, for each of r, k and g.
        recurrent_initializer: The initializer of u, for each of r, k and g.
        truncate: The number of steps of a segment, which δ does not leave (see :class:`Recurrent`); None for no cut.

    Raises:
        InvalidArgument: For an invalid argument.

    >>> import numpy as np
    >>> from deltarule.core import random
    >>> layer = GRU(3)
    >>> params = layer.init(random.key(0), (5, 2))
    >>> {name: p.shape for name, p in params.items()}
    {'w': (9, 2), 'u': (9, 3), 'b': (9,)}
    >>> layer.forward(params, np.ones((4, 5, 2)))[0].shape
    (4, 5, 3)
    """

    n: int
    initializer: Initializer = Glorot()
    recurrent_initializer: Initializer = Orthogonal()
    truncate: int | None = None
    gates: ClassVar[int] = 3

    def step(self, params: Params, z_x: Array, before: State) -> tuple[State, tuple[Array, ...]]:
        (h,), n = before, self.n
        xp = h.__array_namespace__()
        p = h @ params["u"].T
        gates, p_g = sigmoid(z_x[:, : 2 * n] + p[:, : 2 * n]), p[:, 2 * n :]
        r, k = gates[:, :n], gates[:, n:]
        g = xp.tanh(z_x[:, 2 * n :] + r * p_g)
        return (k * h + (1 - k) * g,), (gates, g, p_g)

    def step_back(
        self, params: Params, kept: tuple[Array, ...], before: State, d_state: State
    ) -> tuple[State, tuple[Array, ...]]:
        (gates, g, p_g), (h,), (d_h,), n = kept, before, d_state, self.n
        xp = d_h.__array_namespace__()
        r, k = gates[:, :n], gates[:, n:]
        delta_k = d_h * (h - g) * k * (1 - k)
        delta_g = d_h * (1 - k) * (1 - g * g)
        delta_r = delta_g * p_g * r * (1 - r)
        delta, delta_u = (xp.concat([delta_r, delta_k, each], axis=1) for each in (delta_g, r * delta_g))  # BPTT2
        return (delta_u @ params["u"] + k * d_h,), (delta, delta_u)
