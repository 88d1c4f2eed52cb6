"""Rows of handwritten digits: pictures of them, trial cuts, and what a classifier reads in the pieces (chapter 1)."""

from deltarule.digit_strings.evaluation import measure
from deltarule.digit_strings.figures import plot_lattice, plot_segmentations
from deltarule.digit_strings.pretrained import reader
from deltarule.digit_strings.recognition import Attempt, Digit, Reading, attempt, read
from deltarule.digit_strings.synthesis import StringPicture, pictures
from deltarule.digit_strings.training import learn

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
