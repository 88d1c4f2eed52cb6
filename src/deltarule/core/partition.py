"""The partition function Z of a Boltzmann machine: exact by counting, or estimated by annealed importance sampling.

ln P(v) = −F(v) − ln Z, so the likelihood of a data set needs Z, a sum over all states. A machine with few hidden
units is summed exactly, since the sum over the visible units has a formula. For others there is an estimate, after
R. Salakhutdinov and I. Murray, "On the Quantitative Analysis of Deep Belief Networks" (2008).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from deltarule.core import random
from deltarule.core.activations import sigmoid
from deltarule.core.boltzmann import averages, draw, draw_visible, hidden_probabilities, softplus, visible_probabilities
from deltarule.core.layer import Array, Key, Params
from deltarule.errors import ShapeError

COUNTED = 25
"""The largest number of hidden units whose states are counted, 2²⁵ = 33,554,432."""

PART = 2**12
"""The number of states that are counted at a time."""


class PartitionEstimate(NamedTuple):
    """An estimate of ln Z with the standard error of ln Z."""

    log_z: float
    standard_error: float


def count_log_partition(p: Params, n_labels: int = 0) -> float:
    """Compute ln Z exactly: Z = Σ_h exp(cᵀ h) Π_i (1 + exp(b_i + Σ_j h_j w_ji)), over all 2^n_hidden states h.

    Among labels, of which one is 1, the product is a sum, Σ_l exp(b_l + Σ_j h_j w_jl).
    Raises :class:`ShapeError` for more than 25 hidden units.

    >>> import numpy as np
    >>> p = {"w": np.zeros((3, 2)), "b": np.zeros(2), "c": np.zeros(3)}
    >>> round(count_log_partition(p) / float(np.log(2)), 9)  # all 2⁵ states have the energy 0
    5.0
    """
    xp = p["b"].__array_namespace__()
    parts = [log_sum_exp(-free_energy_of_hidden(p, h, n_labels)) for h in hidden_states(p)]
    return float(log_sum_exp(xp.stack(parts)))


def exact_gradient(p: Params, v: Array, n_labels: int = 0) -> dict[str, Array]:
    """Compute the gradient that contrastive divergence estimates, of the mean of −ln P(v), by counting all states.

    Raises :class:`ShapeError` for more than 25 hidden units.

    >>> import numpy as np
    >>> p = {"w": np.zeros((1, 2)), "b": np.zeros(2), "c": np.zeros(1)}
    >>> exact_gradient(p, np.asarray([[1.0, 0.0]]))["b"].round(9).tolist()  # the model's mean ½ − the example
    [-0.5, 0.5]
    """
    log_z = count_log_partition(p, n_labels)
    data = averages(v, hidden_probabilities(p, v))
    model = {name: 0 * leaf for name, leaf in data.items()}
    xp = v.__array_namespace__()
    for h in hidden_states(p):
        shares = xp.exp(-free_energy_of_hidden(p, h, n_labels) - log_z)  # P(h)
        part = averages(visible_probabilities(p, h, n_labels), h, h.shape[0] * shares)
        model = {name: model[name] + part[name] for name in model}
    return {name: model[name] - data[name] for name in data}


def free_energy_of_hidden(p: Params, h: Array, n_labels: int = 0) -> Array:
    """Compute F(h), for which P(h) = exp(−F(h)) / Z, of each hidden state, shape (examples,)."""
    return -(h @ p["c"]) - sum_over_visible(h @ p["w"] + p["b"], n_labels)


def sum_over_visible(z: Array, n_labels: int) -> Array:
    """Compute ln Σ_v exp(zᵀ v) over all visible states v, for the weighted inputs z of each row."""
    xp, n = z.__array_namespace__(), z.shape[1] - n_labels
    total = xp.sum(softplus(z[:, :n]), axis=1)
    return total + log_sum_exp(z[:, n:].T) if n_labels else total


def hidden_states(p: Params) -> Iterator[Array]:
    """Yield all states of the hidden units, in parts of at most 4,096 rows."""
    c = p["c"]
    xp, n = c.__array_namespace__(), c.shape[0]
    if n > COUNTED:
        raise ShapeError(
            argument="n_hidden",
            expected=f"at most {COUNTED} hidden units, whose states can be counted",
            value=n,
            remedy="use estimate_log_partition",
        )
    units = xp.arange(n, dtype=xp.int64)
    for start in range(0, 2**n, PART):
        numbers = xp.arange(start, min(start + PART, 2**n), dtype=xp.int64)
        yield xp.astype((numbers[:, None] >> units) & 1, c.dtype)


def estimate_log_partition(
    p: Params,
    key: Key,
    runs: int = 100,
    steps: int = 1000,
    base: Array | None = None,
    n_labels: int = 0,
) -> PartitionEstimate:
    """Estimate ln Z by annealed importance sampling.

    Each run starts from a machine without connections, whose Z is known, and goes through ``steps`` machines between
    that one and this. The machine at β has the visible biases (1 − β) b₀ + β b, the hidden biases β c and the weights
    β w. A run draws a state, and at every step multiplies its importance weight by the ratio of the unnormalized
    probabilities of its state under the next machine and this one. The mean of the weights estimates Z / Z₀.

    Args:
        p: The parameters, in float64 for many steps.
        key: The random key.
        runs: The number of independent runs.
        steps: The number of machines in between.
        base: b₀, the visible biases of the first machine, (n_visible,), such as ln(q/(1 − q)) for the training set's
            means q. The nearer it is to this machine, the smaller the error. By default all are 0.
        n_labels: The number of visible units that are labels.

    Returns:
        ln Z and its standard error, from the spread of the weights of the runs.

    >>> import numpy as np
    >>> p = {"w": np.ones((3, 2)), "b": np.zeros(2), "c": np.zeros(3)}
    >>> found = estimate_log_partition(p, random.key(0), runs=200, steps=50)
    >>> bool(abs(found.log_z - count_log_partition(p)) < 3 * found.standard_error)
    True
    """
    xp, n_hidden = p["b"].__array_namespace__(), p["w"].shape[0]
    base = 0 * p["b"] if base is None else base

    def between(beta: float) -> dict[str, Any]:
        return {"w": beta * p["w"], "b": (1 - beta) * base + beta * p["b"], "c": beta * p["c"]}

    def negative_free_energy(beta: float, v: Array, a: Array) -> Array:
        return v @ ((1 - beta) * base + beta * p["b"]) + xp.sum(softplus(beta * a), axis=1)

    start = between(0.0)
    v = draw_visible(random.fold(key, 0), start, xp.zeros((runs, n_hidden), dtype=base.dtype), n_labels)
    log_weights = xp.zeros(runs, dtype=base.dtype)
    for step in range(steps):
        beta, following = step / steps, (step + 1) / steps
        a = v @ p["w"].T + p["c"]
        log_weights = log_weights + negative_free_energy(following, v, a) - negative_free_energy(beta, v, a)
        up, down = (random.fold(random.fold(key, step + 1), i) for i in range(2))
        v = draw_visible(down, between(following), draw(up, sigmoid(following * a)), n_labels)
    log_z_base = n_hidden * softplus(xp.zeros((1, 1), dtype=base.dtype))[0, 0] + sum_over_visible(
        base[None, :], n_labels
    )
    log_mean = log_sum_exp(log_weights) - xp.log(xp.asarray(float(runs)))
    ratios = xp.exp(log_weights - log_mean)  # with mean 1, so that their standard error is that of the logarithm
    deviation = xp.sqrt(xp.sum((ratios - 1) ** 2) / max(1, runs - 1))
    return PartitionEstimate(float(log_z_base[0] + log_mean), float(deviation) / runs**0.5)


def log_sum_exp(z: Array) -> Array:
    """Compute ln Σ exp z along the first axis, without overflow."""
    xp = z.__array_namespace__()
    largest = xp.max(z, axis=0)
    return largest + xp.log(xp.sum(xp.exp(z - largest), axis=0))
