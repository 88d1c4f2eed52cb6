"""Gradient checking, the book's test of backpropagation: ∂C/∂w ≈ (C(w + ε) − C(w − ε)) / 2ε, one weight at a time.

It needs two forward passes for every parameter, which backpropagation saves (chapter 2, "in
what sense is backpropagation a fast algorithm?"). For a large network a few random directions suffice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, prod
from typing import Any

from deltarule.core import random
from deltarule.core.constraints import check, optional, whole
from deltarule.core.layer import Array, Key
from deltarule.core.network import Network
from deltarule.core.trees import Tree, check_float64, leaves, map_leaves
from deltarule.errors import InvalidArgument, ShapeError

EPSILON = 1e-5
"""The step of a weight: the cost must change by more than rounding, and almost linearly."""

RESOLVED = 1e-7
"""The relative error by rounding up to which a slope counts as resolved."""


@dataclass(frozen=True)
class Disagreement:
    """The largest relative difference between the two gradients, and its position.

    ``where`` is such as ``layer 2 w[3, 0]`` or ``direction 5``, ``checked`` the number of parameters or directions.
    The difference is relative to the largest gradient of the same array, or along directions to the larger of the
    two slopes; where these are below the resolution of finite differences, it is relative to that resolution.
    """

    relative: float
    where: str
    checked: int


def numerical_gradient(f: Callable[[Tree], Any], params: Tree, epsilon: float = EPSILON) -> list[dict[str, Array]]:
    """Compute ∂f/∂p for every number p in ``params``, by central differences.

    >>> import numpy as np
    >>> numerical_gradient(lambda p: (p[0]["w"] ** 2).sum(), [{"w": np.asarray([3.0])}])[0]["w"].round(6)
    array([6.])
    """

    def of_leaf(layer: int, name: str) -> Array:
        leaf = params[layer][name]
        xp = leaf.__array_namespace__()
        slopes = [_slope(f, params, [{}] * layer + [{name: unit}], epsilon) for unit in _units(leaf)]
        return xp.reshape(xp.stack([xp.asarray(s, dtype=leaf.dtype) for s in slopes]), leaf.shape)

    return [{name: of_leaf(i, name) for name in layer} for i, layer in enumerate(params)]


def gradcheck(
    network: Network,
    params: Tree,
    x: Array,
    y: Array,
    rng: Key | None = None,
    directions: int | None = None,
    weights: Array | None = None,
) -> Disagreement:
    """Compare backpropagation with finite differences on the mini-batch x, y.

    Args:
        network: the network to check.
        params: its parameters, float64.
        x: inputs, shape (examples, \\*input_shape), or :class:`~deltarule.core.sequences.Sequences`.
        y: desired outputs, shape (examples, n_out).
        rng: a random key; with it dropout is on, with the same mask in every evaluation.
        directions: the number of random directions to check; without it, every parameter is checked in turn.
        weights: the weights of the examples, shape (examples,); without them all count alike.

    Raises:
        InvalidArgument: if the parameters are not float64, as float32 cannot tell a wrong gradient from rounding.
        ShapeError: if a gradient does not have the shape of its parameter.

    >>> import numpy as np
    >>> network = Network.dense([3, 4, 2])
    >>> report = gradcheck(network, network.init(0), np.ones((5, 3)), np.eye(2)[[0, 1, 1, 0, 1]])
    >>> report.relative < 1e-6, report.checked
    (True, 26)
    """
    if not network.follows_cost:
        raise InvalidArgument(
            argument="network",
            expected="a network that is trained by backpropagation",
            value=network,
            remedy="see docs/techniques/boltzmann.md for how contrastive divergence is checked",
        )
    check_float64(params)
    check("directions", directions, optional(whole(1)))

    def cost(p: Tree) -> Any:
        return network.value(p, x, y, weights, rng)

    grads = network.gradients(params, x, y, rng, weights)
    for i, layer in enumerate(params):
        for name, p in layer.items():
            if grads[i][name].shape != p.shape:  # the smaller would be stretched to fit the other
                raise ShapeError(
                    position=f"layer {i}",
                    argument=f"gradient of {name}",
                    expected=f"the shape of {name}, {p.shape}",
                    value=grads[i][name].shape,
                )
    least = 4 * 2.0**-52 / EPSILON * abs(float(cost(params))) / RESOLVED
    if directions is not None:
        return _along_directions(cost, params, grads, directions, least)
    numerical = numerical_gradient(cost, params)
    worst = Disagreement(0.0, "nowhere", sum(prod(leaf.shape) for leaf in leaves(params)))
    for i, layer in enumerate(params):
        for name in layer:
            worst = max(
                worst,
                _compare(f"layer {i} {name}", grads[i][name], numerical[i][name], worst.checked, least),
                key=lambda d: d.relative,
            )
    return worst


def _compare(label: str, exact: Array, numerical: Array, checked: int, least: float) -> Disagreement:
    xp = exact.__array_namespace__()
    size = float(xp.max(xp.abs(numerical)))
    differences = xp.reshape(xp.abs(exact - numerical), (-1,))
    at = int(xp.argmax(differences))
    index: list[int] = []
    for n in reversed(exact.shape):
        at, i = divmod(at, n)
        index.insert(0, i)
    return Disagreement(_relative(float(xp.max(differences)), size, least), f"{label}{index}", checked)


def _relative(difference: float, size: float, least: float) -> float:
    """Return the difference relative to the size, or to the resolution ``least`` if that is larger; NaN gives infinity.

    A bias before batch normalization has no effect: there, finite differences consist of rounding errors.
    """
    relative = difference / max(size, least, 1e-12)
    return relative if relative >= 0 else inf


def _along_directions(f: Callable[[Tree], Any], params: Tree, grads: Tree, count: int, least: float) -> Disagreement:
    worst = Disagreement(0.0, "nowhere", count)
    for k in range(count):
        direction = _direction(params, k)
        products = map_leaves(lambda d, g: d.__array_namespace__().sum(d * g), direction, grads)
        exact, numerical = float(sum(leaves(products))), float(_slope(f, params, direction, EPSILON))
        relative = _relative(abs(exact - numerical), max(abs(exact), abs(numerical)), least)
        worst = max(worst, Disagreement(relative, f"direction {k}", count), key=lambda d: d.relative)
    return worst


def _direction(params: Tree, k: int) -> Tree:
    """Return the k-th random direction of length 1 through all parameters."""
    rng = random.fold(random.key(0), k)
    drawn = [
        {
            name: _like(leaf, random.normal(random.fold(random.fold(rng, i), j), leaf.shape))
            for j, (name, leaf) in enumerate(layer.items())
        }
        for i, layer in enumerate(params)
    ]
    length = sum(float(leaf.__array_namespace__().sum(leaf**2)) for leaf in leaves(drawn)) ** 0.5
    return map_leaves(lambda leaf: leaf / length, drawn)


def _like(leaf: Array, drawn: Array) -> Array:
    return leaf.__array_namespace__().asarray(drawn, dtype=leaf.dtype)


def _units(leaf: Array) -> list[Array]:
    xp = leaf.__array_namespace__()
    places = xp.reshape(xp.arange(prod(leaf.shape)), leaf.shape)
    return [xp.astype(places == i, leaf.dtype) for i in range(prod(leaf.shape))]


def _slope(f: Callable[[Tree], Any], params: Tree, direction: Tree, epsilon: float) -> Any:
    """Compute the derivative of f along a direction, which may omit parameters that do not move."""

    def move(by: float) -> Tree:
        moves = [*direction, *([{}] * (len(params) - len(direction)))]
        return [
            {name: p + by * move[name] if name in move else p for name, p in layer.items()}
            for layer, move in zip(params, moves, strict=True)
        ]

    return (f(move(epsilon)) - f(move(-epsilon))) / (2 * epsilon)
