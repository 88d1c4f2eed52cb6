"""Small runs of every kind, by name.

Each is a pure function of a folder that it may write to. It takes a second or two, and computes in float64 if possible,
so that its numbers can be compared with a small tolerance on other machines.
"""

from . import api, other_runs, training_runs
from .table import RUNS, SHARP, compute

__all__ = ["MINIATURES", "RUNS", "SHARP", "compute", "other_runs", "training_runs"]

TIMED = {"ch2/finite-differences", "ch2/matrix-form", "ch3/mini-batch-size", "ch3/two-digits"}
"""Experiments that measure seconds."""

SOME = {"ch6/conv", "ch6/relu"}
"""The experiments of chapter 6 that are compared, out of many with convolutional networks."""

MINIATURES = [name for name in api.list_experiments() if name in SOME or not (name in TIMED or name.startswith("ch6/"))]
"""Experiments whose figures are compared to the bit; their own tests check them on other machines."""
