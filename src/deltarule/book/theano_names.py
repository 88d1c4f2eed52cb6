"""Names of the book's network3 that have a meaning only with Theano, each with deltarule's own way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np

from deltarule.errors import DeltaruleError


class TheanoName(DeltaruleError, AttributeError):
    """A name that only a program with Theano has; ``remedy`` names deltarule's own."""


LABELS = "net.predict(test_data) gives the labels, and net.accuracy(test_data) the share of right ones"
OUTPUTS = "net.model.outputs(test_data.dataset) computes the outputs, and net.predict(test_data) the labels"
NO_SYMBOLS = "leave it out: the functions of network3 take arrays"
POOLING = "ConvPoolLayer convolves and pools"
DROPOUT = "give p_dropout to the layer"
FUNCTION = f"no function is compiled; {LABELS}, and for an ensemble take the vote of several networks' labels"

NETWORK: Mapping[str, str] = {
    **dict.fromkeys(("x", "y"), f"no function of x is needed: {LABELS}"),
    **dict.fromkeys(("output", "output_dropout"), OUTPUTS),
}
"""Attributes of a network."""

LAYER: Mapping[str, str] = {
    **dict.fromkeys(("inpt", "inpt_dropout", "output", "output_dropout"), OUTPUTS),
    "y_out": LABELS,
    "accuracy": "net.accuracy(data) computes it",
    "cost": "net.history holds the costs: net.SGD(..., monitor_training=True), then net.history['training_cost']",
}
"""Attributes of a layer."""

MODULE: Mapping[str, str] = {
    "dropout_layer": DROPOUT,
    "shifted_sig": "write activation_fn=deltarule.ShiftedSigmoid(), after import deltarule",
    "shared_randomstreams": DROPOUT,
    **dict.fromkeys(("conv", "conv2d", "downsample", "pool", "pool_2d"), POOLING),
    "config": "network3.GPU chooses the precision",
    **dict.fromkeys(("cPickle", "gzip"), "load_data_shared() reads the data"),
}
"""Names in the module."""

SETTING = "leave it out: network3 compiles nothing, and network3.GPU chooses the precision"
ARRAY: Mapping[str, str] = {
    **dict.fromkeys(("type", "owner", "container", "auto_name", "clone", "tag"), "this is an array: leave it out"),
    "broadcastable": "this is an array, which numpy broadcasts by its shape: leave it out",
    "dimshuffle": "write x[:, None] or numpy.transpose, which take arrays",
    "norm": "write numpy.linalg.norm, which takes arrays",
}
"""Attributes of an array."""

OTHERS: Mapping[str, str] = {
    "function": FUNCTION,
    "grad": "net.SGD computes the gradients",
    "softmax": "write network3.softmax",
    "RandomStreams": DROPOUT,
    "maximum": "for max(0, z) write activation_fn=network3.ReLU",
    "eq": "write numpy.equal, which takes arrays",
    "switch": "write numpy.where, which takes arrays",
    **dict.fromkeys(("conv", "conv2d", "downsample", "pool", "pool_2d", "max_pool_2d", "signal_pool"), POOLING),
}
"""Names in Theano, apart from the kinds of symbols and the functions that NumPy has, too."""

_SYMBOL = re.compile(r"[bwilfdzc]?(scalar|vector|matrix|row|col|tensor[34])s?")


def find_remedy(name: str) -> str:
    """Find the remedy for a name in Theano, such as ``tensor.lscalar``.

    >>> find_remedy("tensor.lscalar"), find_remedy("tensor.argmax")
    ('leave it out: the functions of network3 take arrays', 'write numpy.argmax, which takes arrays')
    """
    last = name.rpartition(".")[2]
    if ".config." in name:
        return SETTING
    if last in OTHERS:
        return OTHERS[last]
    if _SYMBOL.fullmatch(last):
        return NO_SYMBOLS
    if hasattr(np, last):
        return f"write numpy.{last}, which takes arrays"
    return "write it with numpy, or with deltarule.Network and a layer of your own (docs/own-layers.md)"


def refuse(name: str, remedy: str) -> NoReturn:
    """Raise :class:`TheanoName` for a name."""
    raise TheanoName("expected a name that works without Theano, got one of its symbols", argument=name, remedy=remedy)


class MissingDefinition(DeltaruleError, ImportError):  # type: ignore[misc] # a path of another type
    """A definition in a reader's module that is not used because it needs Theano."""


class WithoutSymbols:
    """The base of classes whose attributes for Theano are errors with a remedy, by the table ``theano_names``."""

    theano_names: Mapping[str, str]

    def __getattr__(self, name: str) -> Any:
        if name in type(self).theano_names:
            refuse(f"{type(self).__name__}.{name}", type(self).theano_names[name])
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)
