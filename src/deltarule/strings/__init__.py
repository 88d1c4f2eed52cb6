"""Rows of handwritten digits: pictures of them, trial cuts, and what a classifier reads in the pieces (chapter 1)."""

from deltarule.strings.figures import plot_lattice, plot_segmentations
from deltarule.strings.learn import learn
from deltarule.strings.measure import measure
from deltarule.strings.read import Attempt, Digit, Reading, attempt, read
from deltarule.strings.shipped import reader
from deltarule.strings.synthesis import StringPicture, pictures

__all__ = [
    "Attempt",
    "Digit",
    "Reading",
    "StringPicture",
    "attempt",
    "learn",
    "measure",
    "pictures",
    "plot_lattice",
    "plot_segmentations",
    "read",
    "reader",
]
