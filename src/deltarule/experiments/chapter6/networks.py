"""The networks of chapter 6 as settings name them: "as published" by its third program, and "corrected"."""

from __future__ import annotations

import deltarule as dr
from deltarule.book.network3_layers import PublishedDropout
from deltarule.core.initializers import INITIALIZERS
from deltarule.core.network import ACTIVATIONS
from deltarule.experiments import api as ex

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


def network(config: ex.Config) -> dr.Network:
    """Convolutions of ``conv`` maps, each followed by pooling, then layers of ``dense`` neurons, then softmax.

    ``activation`` follows all but the last. ``dropout`` stands before each dense layer and the last,
    and is the book's where ``masks`` are "shared"; ``conv_dropout`` stands after each pooling.
    ``init`` and ``softmax`` say how the weights start.
    """
    activation, p = ACTIVATIONS[config.get("activation", "sigmoid")], config.get("dropout", 0.0)
    dropout = [(PublishedDropout if config.get("masks") == "shared" else dr.Dropout)(p)] if p else []
    layers: list[dr.Layer] = []
    for maps in config["conv"]:
        layers += [dr.Conv(maps, KERNEL, initializer=_initializer(config["init"], POOL)), activation, dr.MaxPool(POOL)]
        layers += [dr.Dropout(q) for q in [config.get("conv_dropout", 0.0)] if q]
    layers += [dr.Flatten()] if config["conv"] else []
    for neurons in config["dense"]:
        layers += [*dropout, dr.Dense(neurons, _initializer(config["init"])), activation]
    layers += [*dropout, dr.Dense(10, _initializer(config["softmax"]))]
    return dr.Network(layers, dr.LogLikelihood(), (28, 28, 1) if config["conv"] else (784,))


def _initializer(name: str, pool: int = 1) -> dr.Initializer:
    if name == "zeros":
        return dr.initializers.Zeros()
    return dr.initializers.FanOut(pool) if name == "fan-out" else INITIALIZERS[name]
