"""The restricted Boltzmann machine: its energy, its probabilities, and contrastive divergence.

A machine has visible units v and hidden units h, all 0 or 1, and a connection between each visible and each hidden
unit. It gives every state a probability: P(v, h) = exp(−E(v, h)) / Z, where the partition function Z is the sum over
all states. Training makes the visible states of the training set probable. It raises ln P(v), whose gradient is a
difference of two averages, ∂ln P/∂w = ⟨h vᵀ⟩_data − ⟨h vᵀ⟩_model. The first is easy to compute. For the second,
contrastive divergence takes a few steps of Gibbs sampling instead of infinitely many.

The functions take the parameters p of one machine: ``w`` of shape (n_hidden, n_visible), as in a dense layer,
the visible biases ``b`` and the hidden biases ``c``. States are arrays (examples, units). The last
``n_labels`` visible units may be labels, of which exactly one is 1.

After G. E. Hinton, "Training Products of Experts by Minimizing Contrastive Divergence" (2002), T. Tieleman, "Training
Restricted Boltzmann Machines using Approximations to the Likelihood Gradient" (2008), and G. E. Hinton, "A Practical
Guide to Training Restricted Boltzmann Machines" (2010).
"""

from __future__ import annotations

from deltarule.core import operations, random
from deltarule.core.activations import sigmoid
from deltarule.core.costs import LogLikelihood, weigh
from deltarule.core.layer import Array, Key, Params


def energy(p: Params, v: Array, h: Array) -> Array:
    """Compute E(v, h) = −hᵀ w v − bᵀ v − cᵀ h of each pair of states, shape (examples,).

    >>> import numpy as np
    >>> p = {"w": np.asarray([[2.0, 0.0]]), "b": np.asarray([1.0, 0.0]), "c": np.asarray([-1.0])}
    >>> energy(p, np.asarray([[1.0, 1.0]]), np.asarray([[1.0]])).tolist()
    [-2.0]
    """
    xp = v.__array_namespace__()
    return -xp.sum((v @ p["w"].T) * h, axis=1) - v @ p["b"] - h @ p["c"]


def free_energy(p: Params, v: Array) -> Array:
    """Compute F(v) = −bᵀ v − Σ_j ln(1 + exp(c_j + w_j v)) of each visible state, so that P(v) = exp(−F(v)) / Z.

    >>> import numpy as np
    >>> p = {"w": np.zeros((3, 2)), "b": np.asarray([1.0, 0.0]), "c": np.zeros(3)}
    >>> free_energy(p, np.asarray([[1.0, 1.0]])).round(3).tolist()  # −1 − 3 ln 2
    [-3.079]
    """
    xp = v.__array_namespace__()
    return -(v @ p["b"]) - xp.sum(softplus(v @ p["w"].T + p["c"]), axis=1)


def pseudo_log_likelihood(p: Params, v: Array, key: Key, n_labels: int = 0) -> Array:
    """Estimate Σ_i ln P(v_i | all other units) of each visible state, shape (examples,), without Z.

    P(v_i | all others) = σ(F(v with v_i flipped) − F(v)). The estimate is the logarithm for one unit drawn at random,
    times the number of units (without labels), as in scikit-learn.

    >>> import numpy as np
    >>> p = {"w": np.zeros((1, 2)), "b": np.zeros(2), "c": np.zeros(1)}
    >>> pseudo_log_likelihood(p, np.asarray([[0.0, 1.0]]), random.key(1)).round(3).tolist()  # 2 ln ½
    [-1.386]
    """
    xp, (m, n) = v.__array_namespace__(), v.shape
    n = n - n_labels
    chosen = xp.astype(xp.floor(random.uniform(key, (m, 1)) * n), xp.int64)
    flipped = xp.where(xp.arange(v.shape[1])[None, :] == chosen, 1 - v, v)
    return -n * softplus(free_energy(p, v) - free_energy(p, flipped))


def softplus(z: Array) -> Array:
    """Compute ln(1 + eᶻ) elementwise, whose derivative is σ(z), without overflow.

    >>> import numpy as np
    >>> softplus(np.asarray([-1e4, 0.0, 1e4])).round(3).tolist()
    [0.0, 0.693, 10000.0]
    """
    xp = z.__array_namespace__()
    return xp.logaddexp(z, xp.zeros_like(z))


def hidden_probabilities(p: Params, v: Array) -> Array:
    """Compute P(h_j = 1 | v) = σ(c_j + w_j v): given v, the hidden units are independent of each other."""
    return sigmoid(v @ p["w"].T + p["c"])


def visible_probabilities(p: Params, h: Array, n_labels: int = 0) -> Array:
    """Compute P(v_i = 1 | h) = σ(b_i + Σ_j h_j w_ji); among the labels, of which one is 1, it is a softmax."""
    z = h @ p["w"] + p["b"]
    if not n_labels:
        return sigmoid(z)
    xp, n = z.__array_namespace__(), z.shape[1] - n_labels
    return xp.concat([sigmoid(z[:, :n]), LogLikelihood().activation(z[:, n:])], axis=1)


def draw(key: Key, probabilities: Array) -> Array:
    """Draw a state of independent units, each 1 with its probability; the random numbers have 24 bits.

    >>> import numpy as np
    >>> draw(random.key(1), np.asarray([[0.0, 1.0, 0.5, 0.5, 0.5, 0.5]]))
    array([[0., 1., 0., 1., 0., 1.]])
    """
    xp = probabilities.__array_namespace__()
    return xp.astype(random.uniform_like(key, probabilities) < probabilities, probabilities.dtype)


def draw_visible(key: Key, p: Params, h: Array, n_labels: int = 0) -> Array:
    """Draw v from P(v | h)."""
    probabilities = visible_probabilities(p, h, n_labels)
    if not n_labels:
        return draw(key, probabilities)
    n = probabilities.shape[1] - n_labels
    labels = draw_label(random.fold(key, 1), probabilities[:, n:])
    return labels.__array_namespace__().concat([draw(random.fold(key, 0), probabilities[:, :n]), labels], axis=1)


def draw_label(key: Key, probabilities: Array) -> Array:
    """Draw a one-hot row from the probabilities of each row.

    >>> import numpy as np
    >>> draw_label(random.key(3), np.asarray([[0.0, 1.0, 0.0], [0.5, 0.5, 0.0]]))
    array([[0., 1., 0.],
           [1., 0., 0.]])
    """
    xp, count = probabilities.__array_namespace__(), probabilities.shape[1]
    uniform = random.uniform_like(key, probabilities[:, :1])
    below, chosen = 0 * uniform, []
    for i in range(count):
        share = probabilities[:, i : i + 1]
        # the last takes what rounding leaves
        chosen.append((uniform >= below) & ((uniform < below + share) if i < count - 1 else (uniform >= 0)))
        below = below + share
    return xp.astype(xp.concat(chosen, axis=1), probabilities.dtype)


def gibbs(
    p: Params, h: Array, key: Key, steps: int, n_labels: int = 0, clamped: tuple[Array, Array] | None = None
) -> tuple[Array, Array]:
    """Take steps of Gibbs sampling: draw the hidden states, then the visible states, and so on.

    Args:
        p: The parameters.
        h: The probabilities of the hidden units at the start, (examples, n_hidden).
        key: The random key.
        steps: The number of steps, at least 1.
        n_labels: The number of visible units that are labels.
        clamped: The units that are known, as booleans, and the values to which they are clamped, each of the shape of v
            or of one row.

    Returns:
        The visible states after the last step, and the probabilities of the hidden units given these.
    """
    for step in range(steps):
        up, down = random.fold(random.fold(key, step), 0), random.fold(random.fold(key, step), 1)
        v = draw_visible(down, p, draw(up, h), n_labels)
        if clamped is not None:
            v = v.__array_namespace__().where(clamped[0], clamped[1], v)
        h = hidden_probabilities(p, v)
    return v, h


def contrastive_divergence(
    p: Params,
    v: Array,
    key: Key,
    k: int = 1,
    n_labels: int = 0,
    chains: Array | None = None,
    weights: Array | None = None,
) -> tuple[dict[str, Array], Array]:
    """Estimate the gradient of the cost C, the mean of −ln P(v), and return it with the last states of the chains.

    ∂C/∂w = ⟨h vᵀ⟩_model − ⟨h vᵀ⟩_data, ∂C/∂b = ⟨v⟩_model − ⟨v⟩_data and ∂C/∂c = ⟨h⟩_model − ⟨h⟩_data. The averages of
    the model are those after ``k`` steps of Gibbs sampling. The chains start from the training examples (contrastive
    divergence, CD-k), or go on from ``chains``, visible states that were left by the step before (persistent CD).

    All states are samples, so that the estimate becomes exact with k → ∞. Only in the last averages the probabilities
    of the hidden units take the place of their states, as the guide recommends (section 3): they have the same mean
    and less noise.

    Args:
        p: The parameters.
        v: The training examples, (examples, n_visible), from 0 to 1.
        key: The random key.
        k: The number of steps.
        n_labels: The number of visible units that are labels.
        chains: The states of persistent chains, (chains, n_visible), or None.
        weights: The weight of each example in C, (examples,), or None for 1.
    """
    h = hidden_probabilities(p, v)
    v_model, h_model = gibbs(p, h if chains is None else hidden_probabilities(p, chains), key, k, n_labels)
    data = averages(v, h, weights)
    model = averages(v_model, h_model, weights if chains is None else None)
    if chains is not None and weights is not None:  # C is a mean over all examples, so Z counts with their mean weight
        mean = weights.__array_namespace__().mean(weights)
        model = {name: mean * average for name, average in model.items()}
    return {name: model[name] - data[name] for name in data}, v_model


def averages(v: Array, h: Array, weights: Array | None = None) -> dict[str, Array]:
    """Compute ⟨h vᵀ⟩, ⟨v⟩ and ⟨h⟩ over the examples, named after the parameters whose derivatives they are.

    >>> import numpy as np
    >>> averages(np.asarray([[1.0, 0.0], [1.0, 1.0]]), np.asarray([[1.0], [0.0]]))
    {'w': array([[0.5, 0. ]]), 'b': array([1. , 0.5]), 'c': array([0.5])}
    """
    xp, m = v.__array_namespace__(), v.shape[0]
    h, counted = weigh(h, weights) / m, weigh(v, weights) / m
    return {"w": operations.sum_of_outer_products(h, v), "b": xp.sum(counted, axis=0), "c": xp.sum(h, axis=0)}
