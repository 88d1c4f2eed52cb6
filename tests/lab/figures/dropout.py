"""The outputs that dropout keeps."""

from __future__ import annotations

import numpy as np
from tests.lab.moves import Move

MOVES = (
    Move("dropout_ensembles", "with p = 0 all outputs are kept", {"p": 0},
         lambda a, b: b["share"] == b["average"] == 1),
    Move("dropout_ensembles", "each step drops other outputs", {"step": 3}, lambda a, b: a["outputs"] != b["outputs"]),
    Move("dropout_ensembles", "with p = 0.9 a tenth is kept, multiplied by 10", {"p": 0.9},
         lambda a, b: 0.05 < b["share"] < 0.15 and np.allclose(max(b["outputs"]), 10) and 0.5 < b["average"] < 1.5),
)  # fmt: skip

ANSWERS = ()

IN_PYTHON = "drop"


def check_python(drop, values, state) -> None:
    """The same outputs are kept as by the layer Dropout."""
    np.testing.assert_allclose(state["outputs"], drop(**values).ravel())
