"""The recurrent layers that the experiments with memory compare."""

from __future__ import annotations

from deltarule.core.activations import ReLU
from deltarule.core.constraints import check, one_of
from deltarule.core.gru import GRU
from deltarule.core.initializers import Gaussian, Identity
from deltarule.core.lstm import LSTM
from deltarule.core.recurrent import Recurrent, RecurrentLayer

CELLS = ("tanh", "IRNN", "LSTM", "GRU")
"""The names of the cells."""


def build_cell(name: str, units: int, forget_bias: float = 1.0) -> RecurrentLayer:
    """Build a recurrent layer by its name.

    "tanh" is Elman's layer with an orthogonal u. "IRNN" is the layer of Le, Jaitly and Hinton (2015): rectified linear
    units, u = 1 and small w at the start.

    Raises :class:`InvalidArgument` for another name.

    >>> build_cell("IRNN", 3).n
    3
    """
    check("cell", name, one_of(*CELLS))
    return {
        "tanh": Recurrent(units),
        "IRNN": Recurrent(units, ReLU(), Gaussian(0.001), Identity()),
        "LSTM": LSTM(units, forget_bias=forget_bias),
        "GRU": GRU(units),
    }[name]
