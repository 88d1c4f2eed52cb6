"""A recurrent network one step at a time: the state passes on from call to call, so a sequence has no last step."""

from __future__ import annotations

from collections.abc import Sequence

from deltarule.core.activations import Activation
from deltarule.core.layer import Array
from deltarule.core.layers import Dropout, Flatten
from deltarule.core.network import Network
from deltarule.core.normalization import BatchNorm
from deltarule.core.recurrent import RecurrentLayer, State
from deltarule.core.steps import EachStep
from deltarule.core.trees import Tree


def is_stepwise(network: Network) -> bool:
    """Tell whether a network computes the outputs of a step from this step and those before it, by layers known here.

    These are recurrent layers, ``EachStep``, activations, dropout, and batch normalization, which in use looks at
    nothing but its running means; ``Flatten`` at the end puts all steps in a row.

    >>> from deltarule.core.layers import Dense
    >>> from deltarule.core.lstm import LSTM
    >>> from deltarule.core.costs import CrossEntropy
    >>> is_stepwise(Network([LSTM(3), EachStep(Dense(2)), Flatten()], CrossEntropy(), (5, 2)))
    True
    """
    *layers, last = network.layers
    return isinstance(last, Flatten) and all(
        isinstance(layer, (RecurrentLayer, EachStep, Activation, Dropout, BatchNorm)) for layer in layers
    )


def start_states(network: Network, params: Tree, n: int) -> list[State]:
    """Return the states of the recurrent layers before the first step of n sequences: h_0 = 0."""
    pairs = zip(network.layers, params, strict=True)
    memories = [(layer, p["u"]) for layer, p in pairs if isinstance(layer, RecurrentLayer)]
    return [(u.__array_namespace__().zeros((n, layer.n), dtype=u.dtype),) * layer.states for layer, u in memories]


def advance(network: Network, params: Tree, x: Array, states: Sequence[State]) -> tuple[Array, list[State]]:
    """Compute z of one step, shape (n, outputs of a step), and the states after it.

    Step by step it computes what ``network.forward`` computes for whole sequences; no dropout is applied.

    Args:
        network: A network for which :func:`is_stepwise` holds.
        params: The parameters.
        x: The inputs of one step, (n, features).
        states: The states before the step, a tuple of arrays (n, neurons) for each recurrent layer.

    >>> import numpy as np
    >>> from deltarule.core.layers import Dense
    >>> from deltarule.core.lstm import LSTM
    >>> from deltarule.core.costs import CrossEntropy
    >>> network = Network([LSTM(3), EachStep(Dense(2)), Flatten()], CrossEntropy(), (4, 2))
    >>> params, x = network.init(1), np.ones((1, 4, 2))
    >>> states, found = start_states(network, params, 1), []
    >>> for t in range(4):
    ...     z, states = advance(network, params, x[:, t], states)
    ...     found.append(z)
    >>> bool(np.allclose(np.concatenate(found, axis=1), network.forward(params, x)[0]))
    True
    """
    before, after = iter(states), []
    for layer, p in zip(network.layers, params, strict=True):
        if isinstance(layer, RecurrentLayer):
            state, _ = layer.step(p, x @ p["w"].T + p["b"], next(before))
            after.append(state)
            x = state[0]
        else:
            x, _ = (layer.layer if isinstance(layer, EachStep) else layer).forward(p, x)
    return x, after
