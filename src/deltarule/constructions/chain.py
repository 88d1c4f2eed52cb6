"""The simplest deep network, one neuron per layer, and its ∂C/∂b₁ as a product along the chain (equation (114))."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deltarule.constructions.fixed_network import FixedNetwork
from deltarule.core.activations import Activation, Sigmoid
from deltarule.core.costs import Quadratic
from deltarule.core.layer import Layer
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.errors import ShapeError

SIGMOID = Sigmoid()


def build_chain(w: Sequence[float], b: Sequence[float], neuron: Activation = SIGMOID) -> FixedNetwork:
    """Build a chain of neurons, a_j = f(w_j a_(j−1) + b_j), with the quadratic cost of the last one.

    Raises :class:`ShapeError` unless each neuron has one weight and one bias.

    >>> build_chain([2.0, -2.0], [-1.0, 1.0])([0.5]).tolist()
    [0.5]
    """
    if len(w) != len(b) or not len(w):
        raise ShapeError(
            f"expected one weight and one bias for each neuron, got {len(w)} weights and {len(b)} biases",
            argument="b",
            value=len(b),
        )
    layers: list[Layer] = [Dense(1)]
    params: list[dict[str, np.ndarray]] = [
        {"w": np.asarray([[w[0]]], dtype=float), "b": np.asarray([b[0]], dtype=float)}
    ]
    for weight, bias in zip(w[1:], b[1:], strict=True):
        layers += [neuron, Dense(1)]
        params += [{}, {"w": np.asarray([[weight]], dtype=float), "b": np.asarray([bias], dtype=float)}]
    return FixedNetwork(Network(layers, Quadratic(neuron), (1,)), params)


def balance_biases(w: Sequence[float], x: float, neuron: Activation = SIGMOID) -> list[float]:
    """Return the biases for which every weighted input in the chain is 0 at the input x: b_j = −w_j a_(j−1)."""
    middle = neuron.function(np.zeros(1)).item()
    return [-w[0] * x, *(-weight * middle for weight in w[1:])]


def weighted_inputs(chained: FixedNetwork, x: float) -> np.ndarray:
    """Compute z_1, z_2, … of a chain for the input x."""
    w, b = list_parameters(chained, "w"), list_parameters(chained, "b")
    neuron, a, z = chained.network.cost.output, float(x), []  # type: ignore[attr-defined] # Quadratic has one
    for weight, bias in zip(w, b, strict=True):
        z.append(weight * a + bias)
        a = neuron.function(np.asarray([z[-1]])).item()
    return np.asarray(z)


def slopes(chained: FixedNetwork, z: np.ndarray) -> np.ndarray:
    """Compute f′(z_1), f′(z_2), … of the chain's neurons."""
    neuron = chained.network.cost.output  # type: ignore[attr-defined] # Quadratic has one
    return np.asarray(neuron.derivative(z, neuron.function(z)))


def gradient_product(chained: FixedNetwork, x: float, y: float, weights: bool = True) -> np.ndarray:
    """Compute ∂C/∂b_1, ∂C/∂b_2, …, each the product f′(z_j) w_(j+1) f′(z_(j+1)) … w_L f′(z_L) · ∂C/∂a_L.

    ``weights=False`` leaves the weights out of the product, which gives a wrong result.
    """
    z = weighted_inputs(chained, x)
    slope, w = slopes(chained, z), list_parameters(chained, "w") if weights else np.ones(len(z))
    a_last = chained.network.cost.activation(z[-1:]).item()
    d_a = a_last - y  # ∂C/∂a of the quadratic cost
    links = np.append(w[1:], 1.0) * slope  # from each neuron into the next, and out of the last
    return np.asarray(np.cumprod(links[::-1])[::-1] * d_a)


def backpropagate(chained: FixedNetwork, x: float, y: float) -> np.ndarray:
    """Compute the same ∂C/∂b_1, ∂C/∂b_2, … by backpropagation (BP3)."""
    grads = chained.network.gradients(chained.params, np.asarray([[float(x)]]), np.asarray([[float(y)]]))
    return np.asarray([layer["b"][0] for layer in grads if layer])


def list_parameters(chained: FixedNetwork, name: str) -> np.ndarray:
    """Return all weights ("w") or all biases ("b") of a chain."""
    return np.asarray([layer[name].item() for layer in chained.params if layer])
