"""One input and one hidden layer, by hand: steps, bumps from steps, and any function from bumps (chapter 4).

A sigmoid neuron σ(w x + b) with a large weight is a step at the place where w x + b = 0,
s = −b/w. So here a neuron is described by the place of its step, and its bias is b = −w s.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from deltarule.constructions.fixed_network import FixedNetwork
from deltarule.core.activations import Activation, Linear, Sigmoid
from deltarule.core.costs import Quadratic
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.errors import InvalidArgument, ShapeError

SIGMOID, LINEAR = Sigmoid(), Linear()

STEEP = 1000.0
"""The book's weight: its step rises within a hundredth of the way from 0 to 1."""


def build_steps(
    at: Sequence[float],
    heights: Sequence[float],
    w: float = STEEP,
    hidden: Activation = SIGMOID,
    output: Activation = LINEAR,
) -> FixedNetwork:
    """Build Σ heights[j] · σ(w (x − at[j])): a hidden neuron for each step, its height the weight to the output.

    ``hidden`` and ``output`` are the activations of the neurons. Raises
    :class:`ShapeError` unless there are as many heights as places, at least one.

    >>> stairs = build_steps([0.2, 0.6], [1.0, 0.5])
    >>> stairs([0.0, 0.4, 0.8]).round(3).tolist()
    [0.0, 1.0, 1.5]
    """
    if len(at) != len(heights) or not len(at):
        raise ShapeError(
            f"expected a height for each of one or more steps, got {len(at)} steps and {len(heights)} heights",
            argument="heights",
            value=len(heights),
        )
    places, n = np.asarray(at, dtype=np.float64), len(at)
    network = Network([Dense(n), hidden, Dense(1)], Quadratic(output), (1,))
    first = {"w": np.full((n, 1), float(w)), "b": -w * places}
    second = {"w": np.asarray(heights, dtype=np.float64)[None, :], "b": np.zeros(1)}
    return FixedNetwork(network, [first, {}, second])


def build_step(s: float, w: float = STEEP, h: float = 1.0) -> FixedNetwork:
    """Build h · σ(w (x − s)): one hidden neuron, which rises from 0 to h at x = s.

    >>> build_step(0.4)([0.3, 0.4, 0.5]).round(3).tolist()
    [0.0, 0.5, 1.0]
    """
    return build_steps([s], [h], w)


def build_bump(start: float, end: float, h: float, w: float = STEEP) -> FixedNetwork:
    """Build a bump from two neurons: up by h at ``start``, down by h at ``end``; 0 elsewhere.

    >>> build_bump(0.4, 0.6, h=0.8)([0.2, 0.5, 0.9]).round(3).tolist()
    [0.0, 0.8, 0.0]
    """
    return build_steps([start, end], [h, -h], w)


def build_bumps(
    edges: Sequence[float], heights: Sequence[float], w: float = STEEP, output: Activation = LINEAR
) -> FixedNetwork:
    """Build bumps side by side, the k-th from ``edges[k]`` to ``edges[k + 1]``: two hidden neurons each.

    Raises :class:`ShapeError` unless there is one edge more than heights.

    >>> build_bumps([0.0, 0.5, 1.0], [0.3, -0.2])([0.25, 0.75]).round(3).tolist()
    [0.3, -0.2]
    """
    if len(edges) != len(heights) + 1:
        raise ShapeError(
            f"expected {len(heights) + 1} edges for {len(heights)} heights, got {len(edges)}",
            argument="edges",
            value=len(edges),
        )
    at = [edge for both in pairwise(edges) for edge in both]
    return build_steps(at, [up for h in heights for up in (h, -h)], w, output=output)


def approximate(
    f: Callable[[np.ndarray], np.ndarray],
    n: int,
    w: float = STEEP,
    interval: tuple[float, float] = (0.0, 1.0),
    output: Activation = LINEAR,
) -> FixedNetwork:
    """Approximate f by ``n`` bumps of equal width, each as high as f in its middle; their sum is the weighted input z.

    With ``output=Sigmoid()``, pass :func:`inverse_sigmoid` of the desired output as f.
    Raises :class:`InvalidArgument` if n is below 1.

    >>> line = approximate(lambda x: 2 * x, n=4)
    >>> line([0.125, 0.375, 0.5, 0.99]).round(2).tolist()
    [0.25, 0.75, 1.0, 1.75]
    """
    if n < 1:
        raise InvalidArgument(argument="n", expected="at least one bump", value=n)
    edges = np.linspace(*interval, n + 1)
    return build_bumps(edges.tolist(), f((edges[:-1] + edges[1:]) / 2).tolist(), w, output)


def inverse_sigmoid(a: np.ndarray) -> np.ndarray:
    """Compute σ⁻¹(a) = ln(a / (1 − a)), the weighted input of a sigmoid neuron with output a, for 0 < a < 1.

    >>> inverse_sigmoid(np.asarray([0.5, 0.25])).round(4).tolist()
    [0.0, -1.0986]
    """
    return np.asarray(np.log(a) - np.log1p(-a))


def goal(x: np.ndarray) -> np.ndarray:
    """Compute f(x) = 0.2 + 0.4 x² + 0.3 x sin 15x + 0.05 cos 50x, the book's goal; in (0, 1) for x in [0, 1]."""
    return np.asarray(0.2 + 0.4 * x**2 + 0.3 * x * np.sin(15 * x) + 0.05 * np.cos(50 * x))
