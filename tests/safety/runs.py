"""Small runs of every kind, by name.

Each is a pure function of nothing but a folder that it may write in; it takes a second or two, and computes
in float64 where the kind of run allows it, so that its numbers can be compared sharply on other machines.
"""

from . import api, other_runs, training_runs
from .table import RUNS, SHARP, compute

__all__ = ["MINIATURES", "RUNS", "SHARP", "compute", "other_runs", "training_runs"]

TIMED = {"ch2/finite-differences", "ch2/matrix-form", "ch3/mini-batch-size", "ch3/two-digits"}
"""Experiments that measure seconds."""

SOME = {"ch6/conv", "ch6/relu"}
"""Of the many convolutional networks of chapter 6."""

MINIATURES = [name for name in api.experiments() if name in SOME or not (name in TIMED or name.startswith("ch6/"))]
"""Experiments whose figures are compared to the bit; what they must come to elsewhere, their own tests say."""
