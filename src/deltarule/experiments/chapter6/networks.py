"""The networks of chapter 6 by settings, "as published" in the book's third program and "corrected"."""

from __future__ import annotations

import deltarule as dr
from deltarule.book.network3_layers import PublishedConvPool, PublishedDropout
from deltarule.core.initializers import INITIALIZERS
from deltarule.core.network import ACTIVATIONS
from deltarule.experiments import api as ex

KERNEL, POOL = 5, 2
"""The size of the kernels of all convolutions of the chapter, and of the regions of all max-pooling layers."""

AS_PUBLISHED = {"init": "fan-out", "softmax": "zeros", "order": "as given", "ties": "all"}
"""The settings of the book's third program: weights from N(0, 1/n_out), a softmax layer that starts at zero, the
examples in the same order in every epoch, and pools in which all of several equal maxima get the error."""

CORRECTED = {"init": "default", "softmax": "default", "order": "shuffled", "ties": "first"}
"""The settings that chapter 3 of the book recommends: weights from N(0, 1/n_in), and shuffling in every epoch."""

VARIANTS = {"as published": AS_PUBLISHED, "corrected": CORRECTED}

RECTIFIED = {"as published": AS_PUBLISHED, "corrected": {**CORRECTED, "init": "he", "softmax": "he"}}
"""The same for rectified linear units, where weights from N(0, 2/n_in) keep the size of the activations."""

REMARK = (
    "The book's third program initializes dense layers with weights from N(0, 1/n_out) and the softmax layer with zeros, "
    "and never shuffles the training images. “As published” does the same; “corrected” uses weights from "
    "N(0, {inputs}/n_in) and shuffles in every epoch. Where several outputs of a convolution are the maximum of their "
    "pool, the program gives the error to each of them; “corrected” gives it to the first."
)


def build_network(config: ex.Config) -> dr.Network:
    """Build convolutions of ``conv`` maps, each with pooling, then layers of ``dense`` neurons, then softmax.

    Every layer but the last has the ``activation``. ``dropout`` is applied before each dense layer and before
    the softmax layer; with ``masks`` "shared" it is the book's. ``conv_dropout`` is applied after each pooling.
    ``init`` and ``softmax`` name the initializations of the weights. With ``ties`` "all" each of several equal maxima
    of a pool gets the error, as in the book's third program, otherwise the first of them.
    """
    activation, p = ACTIVATIONS[config.get("activation", "sigmoid")], config.get("dropout", 0.0)
    dropout = [(PublishedDropout if config.get("masks") == "shared" else dr.Dropout)(p)] if p else []
    layers: list[dr.Layer] = []
    for maps in config["conv"]:
        initializer = _find_initializer(config["init"], POOL)
        if config.get("ties") == "all":
            layers += [PublishedConvPool(maps, KERNEL, POOL, initializer), activation]
        else:
            layers += [dr.Conv(maps, KERNEL, initializer=initializer), activation, dr.MaxPool(POOL)]
        layers += [dr.Dropout(q) for q in [config.get("conv_dropout", 0.0)] if q]
    layers += [dr.Flatten()] if config["conv"] else []
    for neurons in config["dense"]:
        layers += [*dropout, dr.Dense(neurons, _find_initializer(config["init"])), activation]
    layers += [*dropout, dr.Dense(10, _find_initializer(config["softmax"]))]
    return dr.Network(layers, dr.LogLikelihood(), (28, 28, 1) if config["conv"] else (784,))


def _find_initializer(name: str, pool: int = 1) -> dr.Initializer:
    """Return the initializer of this name; ``pool`` is the size of the pooling after the layer."""
    if name == "zeros":
        return dr.initializers.Zeros()
    return dr.initializers.FanOut(pool) if name == "fan-out" else INITIALIZERS[name]
