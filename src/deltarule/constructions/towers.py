"""Two hidden layers, by hand: towers over boxes, and any function of several inputs from towers (chapter 4).

A pair of steps in each of m inputs makes m bumps that cross each other. Where all of them meet,
their sum is m h, elsewhere at most (m − 1) h: a neuron with the bias (−m + ½) h separates the two cases.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from deltarule.constructions.bumps import STEEP
from deltarule.constructions.fixed_network import FixedNetwork
from deltarule.core.activations import Linear, Sigmoid
from deltarule.core.costs import Quadratic
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.errors import InvalidArgument, ShapeError

HEIGHT = 10.0
"""The book's h: σ(h/2) = 0.993 inside a tower, at most σ(−h/2) = 0.007 outside."""


def build_tower(
    box: Sequence[tuple[float, float]], h: float = HEIGHT, w: float = STEEP, threshold: float = 0.5
) -> FixedNetwork:
    """Build a tower: about 1 where every input lies within its (start, end) of the ``box``, about 0 elsewhere.

    It has two hidden neurons per input, and the output σ(Σ bumps + (−m + threshold) h) for m inputs; for two
    inputs the bias is −3h/2. Raises :class:`ShapeError` for an empty box.

    >>> build_tower([(0.4, 0.6), (0.2, 0.8)])([[0.5, 0.5], [0.5, 0.9], [0.1, 0.9]]).round(3).tolist()
    [0.993, 0.007, 0.0]
    """
    if not box:
        raise ShapeError(argument="box", expected="a pair (start, end) for each input", value=box)
    m = len(box)
    network = Network([Dense(2 * m), Sigmoid(), Dense(1)], Quadratic(Sigmoid()), (m,))
    first = {"w": w * np.repeat(np.eye(m), 2, axis=0), "b": -w * np.asarray(box, dtype=np.float64).ravel()}
    second = {"w": np.tile([h, -h], m)[None, :], "b": np.asarray([(-m + threshold) * h])}
    return FixedNetwork(network, [first, {}, second])


def build_towers(
    edges: Sequence[Sequence[float]], heights: np.ndarray, h: float = HEIGHT, w: float = STEEP, threshold: float = 0.5
) -> FixedNetwork:
    """Build towers side by side over the boxes between the ``edges`` of two inputs, weighted by ``heights`` (n, m).

    The first hidden layer has a step for each edge, which the towers share; the second has a tower for each
    box; the output adds them up. Raises :class:`ShapeError` if heights and edges do not fit together.

    >>> quarters = build_towers([[0.0, 0.5, 1.0], [0.0, 0.5, 1.0]], np.asarray([[1.0, 2.0], [3.0, 4.0]]), h=40)
    >>> quarters([[0.25, 0.25], [0.25, 0.75], [0.75, 0.75]]).round(3).tolist()
    [1.0, 2.0, 4.0]
    """
    n, m = (len(edge) - 1 for edge in edges)
    if heights.shape != (n, m):
        raise ShapeError(argument="heights", expected=f"a height for each box, shape ({n}, {m})", value=heights.shape)
    network = Network(
        [Dense(n + m + 2), Sigmoid(), Dense(n * m), Sigmoid(), Dense(1)], Quadratic(output=Linear()), (2,)
    )
    of_input = np.repeat(np.eye(2), (n + 1, m + 1), axis=0)
    first = {"w": w * of_input, "b": -w * np.concatenate([np.asarray(edge, dtype=np.float64) for edge in edges])}
    across, along = (np.eye(k, k + 1) - np.eye(k, k + 1, 1) for k in (n, m))  # up at an edge, down at the next
    pairs = h * np.hstack([np.repeat(across, m, axis=0), np.tile(along, (n, 1))])
    second = {"w": pairs, "b": np.full(n * m, (-2 + threshold) * h)}
    third = {"w": heights.reshape(1, n * m), "b": np.zeros(1)}
    return FixedNetwork(network, [first, {}, second, {}, third])


def approximate(
    f: Callable[[np.ndarray, np.ndarray], np.ndarray],
    n: int,
    h: float = HEIGHT,
    w: float = STEEP,
    threshold: float = 0.5,
) -> FixedNetwork:
    """Approximate f by n × n towers over the unit square, each as high as f(x, y) in the middle of its box.

    Raises :class:`InvalidArgument` if n is below 1.

    >>> approximate(lambda x, y: x + y, n=4, h=40)([[0.125, 0.125], [0.625, 0.375]]).round(3).tolist()
    [0.25, 1.0]
    """
    if n < 1:
        raise InvalidArgument(argument="n", expected="at least one tower", value=n)
    edges = np.linspace(0.0, 1.0, n + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    return build_towers([edges.tolist()] * 2, f(middles[:, None], middles[None, :]), h, w, threshold)
