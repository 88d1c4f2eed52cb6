"""The networks of chapter 6 as settings name them: "as published" by its third program, and "corrected"."""

from __future__ import annotations

from deltarule.book.network3_layers import PublishedDropout
from deltarule.core.convolution import Conv
from deltarule.core.costs import LogLikelihood
from deltarule.core.initializers import INITIALIZERS, FanOut, Initializer, Zeros
from deltarule.core.layer import Layer
from deltarule.core.layers import Dense, Dropout, Flatten
from deltarule.core.network import ACTIVATIONS, Network
from deltarule.core.pooling import MaxPool
from deltarule.experiments.experiment import Config

KERNEL, POOL = 5, 2
"""Every convolution of the chapter sees 5 × 5 numbers of each map, and every pooling takes the largest of 2 × 2."""

AS_PUBLISHED = {"init": "fan-out", "softmax": "zeros", "order": "as given"}
"""What the third program does: weights N(0, 1/n_out), a softmax layer that starts at zero, and the examples of
every epoch in the same order."""

CORRECTED = {"init": "default", "softmax": "default", "order": "shuffled"}
"""What the book's own chapter 3 asks for: weights N(0, 1/n_in), and each epoch shuffled anew."""

VARIANTS = {"as published": AS_PUBLISHED, "corrected": CORRECTED}

RECTIFIED = {"as published": AS_PUBLISHED, "corrected": {**CORRECTED, "init": "he", "softmax": "he"}}
"""The same for rectified linear units, for which N(0, 2/n_in) keeps the size of the activations."""

REMARK = (
    "The book's third program starts dense layers with weights N(0, 1/n_out) and the softmax layer at zero, and "
    "never shuffles the training images. “As published” does the same; “corrected” has weights N(0, {inputs}/n_in) "
    "and shuffles every epoch."
)


def network(config: Config) -> Network:
    """Convolutions of ``conv`` maps, each followed by pooling, then layers of ``dense`` neurons, then softmax.

    ``activation`` follows all but the last. ``dropout`` stands before each dense layer and the last,
    and is the book's where ``masks`` are "shared"; ``conv_dropout`` stands after each pooling.
    ``init`` and ``softmax`` say how the weights start.
    """
    activation, p = ACTIVATIONS[config.get("activation", "sigmoid")], config.get("dropout", 0.0)
    dropout = [(PublishedDropout if config.get("masks") == "shared" else Dropout)(p)] if p else []
    layers: list[Layer] = []
    for maps in config["conv"]:
        layers += [Conv(maps, KERNEL, initializer=_initializer(config["init"], POOL)), activation, MaxPool(POOL)]
        layers += [Dropout(q) for q in [config.get("conv_dropout", 0.0)] if q]
    layers += [Flatten()] if config["conv"] else []
    for neurons in config["dense"]:
        layers += [*dropout, Dense(neurons, _initializer(config["init"])), activation]
    layers += [*dropout, Dense(10, _initializer(config["softmax"]))]
    return Network(layers, LogLikelihood(), (28, 28, 1) if config["conv"] else (784,))


def _initializer(name: str, pool: int = 1) -> Initializer:
    if name == "zeros":
        return Zeros()
    return FanOut(pool) if name == "fan-out" else INITIALIZERS[name]
