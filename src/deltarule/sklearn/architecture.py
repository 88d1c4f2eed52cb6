"""The layers of an estimator: from numbers of neurons, or from a list of layers, with an output layer that fits y."""

from __future__ import annotations

from collections.abc import Sequence

from deltarule.core.activations import Activation
from deltarule.core.constraints import check
from deltarule.core.initializers import Initializer
from deltarule.core.layer import Layer, Shape
from deltarule.core.layers import Dense
from deltarule.core.network import ACTIVATIONS, LAYER
from deltarule.errors import InvalidArgument

SYNONYMS = {"logistic": "sigmoid", "identity": "linear"}
"""Names of activations in scikit-learn's MLPClassifier, and their names here."""


def look_up_activation(activation: str | Activation) -> Activation:
    """Return an activation by its name, here or in scikit-learn's MLPClassifier.

    >>> look_up_activation("logistic")
    Sigmoid()
    """
    if isinstance(activation, Activation):
        return activation
    return ACTIVATIONS[SYNONYMS.get(activation, activation)]


def list_hidden_layers(sizes: Sequence[int], activation: Activation, initializer: Initializer) -> list[Layer]:
    """Return a dense layer and an activation for each number of neurons.

    >>> from deltarule import Tanh
    >>> from deltarule.initializers import Default
    >>> list_hidden_layers([30], Tanh(), Default())
    [Dense(n_out=30, initializer=Default()), Tanh()]
    """
    return [layer for n in sizes for layer in (Dense(int(n), initializer), activation)]


def add_output_layer(layers: Sequence[Layer], n_out: int, initializer: Initializer) -> list[Layer]:
    """Add a dense layer with ``n_out`` neurons, unless the last layer is dense, which is then the output layer.

    Raises :class:`InvalidArgument` for other things than layers, and for an output layer of another size.

    >>> from deltarule import Sigmoid
    >>> from deltarule.initializers import Default
    >>> add_output_layer([Dense(30), Sigmoid()], 3, Default())[-1]
    Dense(n_out=3, initializer=Default())
    """
    for i, layer in enumerate(layers):
        check(f"layers[{i}]", layer, LAYER)
    if layers and isinstance(layers[-1], Dense):
        check_outputs("layers", layers[-1].n_out, n_out)
        return list(layers)
    return [*layers, Dense(n_out, initializer)]


def check_outputs(argument: str, given: int, *needed: int) -> None:
    """Raise :class:`InvalidArgument` unless the last layer has one of the numbers of outputs that y needs."""
    if given not in needed:
        raise InvalidArgument(
            f"expected {' or '.join(map(str, needed))} outputs, as y needs, got {given} in the last layer",
            argument=argument,
            value=given,
            remedy=f"end with Dense({needed[0]}), or pass the hidden layers alone as layers, with their activations",
        )


def add_channel(example_shape: Shape) -> Shape:
    """Return the input shape for examples of a shape; an image without channels gets one, which Conv needs.

    >>> add_channel((28, 28)), add_channel((64,))
    ((28, 28, 1), (64,))
    """
    return (*example_shape, 1) if len(example_shape) == 2 else example_shape
