"""Summaries of networks in a few words."""

from __future__ import annotations

from deltarule.core.belief_network import BeliefLayer
from deltarule.core.convolution import Conv
from deltarule.core.costs import LabelSmoothing
from deltarule.core.layers import Dense, Flatten
from deltarule.core.machine_layers import MachineLayer
from deltarule.core.network import Network


def layer_sizes(network: Network) -> list[int | str]:
    """List the sizes of a network's layers from inputs to outputs: images by sides, convolutions by maps and kernels.

    >>> layer_sizes(Network.dense([784, 30, 10]))
    [784, 30, 10]
    >>> from deltarule.core.costs import CrossEntropy
    >>> layer_sizes(Network([Conv(20, 5), Flatten(), Dense(10)], CrossEntropy(), (28, 28, 1)))
    ['28×28', '20c5', 10]
    """
    *sides, channels = network.input_shape
    images = "×".join(map(str, [*sides, channels] if channels > 1 else sides))
    found: list[int | str] = [images if sides else channels]
    for layer in network.layers:
        if isinstance(layer, Dense):
            found.append(layer.n_out)
        elif isinstance(layer, (MachineLayer, BeliefLayer)):
            found.append(layer.n_hidden)
        elif isinstance(layer, Conv):
            kernel = layer.kernel if isinstance(layer.kernel, int) else "×".join(map(str, layer.kernel))
            found.append(f"{layer.maps}c{kernel}")
    return found


def summarize(network: Network) -> str:
    """Summarize a network in a few words.

    >>> summarize(Network.dense([784, 30, 10], hidden="relu"))
    '784-30-10, ReLU, CrossEntropy'
    """
    others = dict.fromkeys(
        type(layer).__name__ for layer in network.layers if not isinstance(layer, (Dense, Conv, Flatten))
    )
    cost = network.cost.cost if isinstance(network.cost, LabelSmoothing) else network.cost
    return ", ".join(["-".join(map(str, layer_sizes(network))), *others, type(cost).__name__])
