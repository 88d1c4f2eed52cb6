"""Newton's step, w → w − H⁻¹∇C, from the explicit Hessian H of the cost (chapter 3, equations (103) to (106)).

H has a row and a column for every parameter, so it suits small networks only; the book sets it aside for this reason.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from math import prod

from deltarule.core.constraints import check, number
from deltarule.core.layer import Array
from deltarule.core.trees import Tree, check_float64, leaves
from deltarule.errors import InvalidArgument

MOST = 4000
"""The largest number of parameters: their Hessian takes 0.13 GB and 8,000 gradients."""


def hessian(gradient: Callable[[Tree], Tree], params: Tree, epsilon: float = 1e-5) -> Array:
    """Compute the Hessian H[i, k] = ∂²C/∂w_i ∂w_k, shape (parameters, parameters), as the derivative of ``gradient``.

    ``gradient(params)`` is ∇C, such as ``lambda p: network.gradients(p, x, y)``. A column of H is
    the change of ∇C with one parameter, by central differences of step ``epsilon``. Rows and columns
    are in the order of the layers, b before w, each array with its last axis fastest. Raises
    :class:`InvalidArgument` for more than 4,000 parameters, and for parameters that are not float64.

    >>> import numpy as np
    >>> hessian(lambda p: [{"w": 3 * p[0]["w"] ** 2}], [{"w": np.asarray([1.0, 2.0])}]).round(6).tolist()  # of Σ w³
    [[6.0, 0.0], [0.0, 12.0]]
    """
    _check(params)
    w = _flat(params)
    xp, n = w.__array_namespace__(), w.shape[0]

    def slope(k: int) -> Array:
        step = epsilon * xp.astype(xp.arange(n) == k, w.dtype)
        up, down = (_flat(gradient(_like(params, moved))) for moved in (w + step, w - step))
        return (up - down) / (2 * epsilon)

    columns = xp.stack([slope(k) for k in range(n)], axis=1)
    return (columns + columns.T) / 2  # symmetric, but for the rounding that this takes away


def newton_step(gradient: Callable[[Tree], Tree], params: Tree, damping: float = 0.0) -> Tree:
    """Return the parameters after w → w − (H + d·I)⁻¹ ∇C, with d = ``damping`` (equation (106) has d = 0).

    If C is a parabola, one step reaches its minimum. Otherwise the step reaches the stationary point of the
    parabola that approximates C, which may be a saddle or lie far away. Damping shortens the step:
    for large d it is a step of gradient descent with η = 1/d. Raises
    :class:`InvalidArgument` as :func:`hessian` does, for a negative damping, for a gradient that is not finite, and
    where H + d·I cannot be inverted, as for softmax outputs, whose cost stays the same when all biases rise equally.

    >>> import numpy as np
    >>> parabola = lambda p: [{"w": np.asarray([[4.0, 1.0], [1.0, 2.0]]) @ p[0]["w"] - 7.0}]  # Hw − (7, 7)
    >>> newton_step(parabola, [{"w": np.zeros(2)}])[0]["w"].round(6).tolist()
    [1.0, 3.0]
    """
    check("damping", damping, number(0))
    _check(params)
    w, slope = _flat(params), _flat(gradient(params))
    _check_finite("gradient", slope)
    h, xp = hessian(gradient, params), w.__array_namespace__()
    _check_finite("Hessian", h)
    curvatures, directions = xp.linalg.eigh(h)
    curvatures = curvatures + damping
    least, most = float(xp.min(xp.abs(curvatures))), float(xp.max(xp.abs(curvatures)))
    if not least > 1e-9 * most:  # closer to 0 than differences can tell
        raise InvalidArgument(
            argument="damping",
            expected="a number d large enough that H + d·I is invertible (H is the Hessian, I the identity matrix; "
            f"the absolute curvatures are now from {least:.1g} to {most:.1g})",
            value=damping,
            remedy=f"try {max(most, 1.0) / 1000:.1g}",
        )
    step = directions @ ((directions.T @ slope) / curvatures)
    return _like(params, w - step)


def _check(params: Tree) -> None:
    n = sum(prod(leaf.shape) for leaf in leaves(params))
    if not 1 <= n <= MOST:
        raise InvalidArgument(
            argument="params",
            expected=f"from 1 to {MOST} parameters, because the Hessian has a row and a column for each",
            value=n,
            remedy="use a smaller network, or an optimizer without a Hessian, such as Momentum or Adam",
        )
    check_float64(params)


def _check_finite(argument: str, numbers: Array) -> None:
    xp = numbers.__array_namespace__()
    if not xp.all(xp.isfinite(numbers)):
        raise InvalidArgument(
            argument=argument,
            expected="finite numbers, got NaN or infinity",
            remedy="check the parameters and the examples; if the training diverged, start from new parameters",
        )


def _flat(tree: Tree) -> Array:
    """Return all numbers of a tree in one row."""
    xp = leaves(tree)[0].__array_namespace__()
    return xp.concat([xp.reshape(layer[name], (-1,)) for layer in tree for name in sorted(layer)])


def _like(tree: Tree, flat: Array) -> Tree:
    """Return the numbers of a row as a tree with the shapes of ``tree``."""
    xp = flat.__array_namespace__()
    places = [(i, name, layer[name].shape) for i, layer in enumerate(tree) for name in sorted(layer)]
    ends = accumulate(prod(shape) for _, _, shape in places)
    parts = {
        (i, name): xp.reshape(flat[end - prod(shape) : end], shape)
        for (i, name, shape), end in zip(places, ends, strict=True)
    }
    return [{name: parts[i, name] for name in layer} for i, layer in enumerate(tree)]
