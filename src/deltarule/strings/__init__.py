"""Rows of handwritten digits: pictures of them, trial cuts, and what a classifier reads in the pieces (chapter 1)."""

from deltarule.strings.figure import lattice, segmentations
from deltarule.strings.learn import learn
from deltarule.strings.measure import measure
from deltarule.strings.pictures import StringPicture, pictures
from deltarule.strings.read import Attempt, Digit, Reading, attempt, read
from deltarule.strings.shipped import reader

__all__ = [
    "Attempt",
    "Digit",
    "Reading",
    "StringPicture",
    "attempt",
    "lattice",
    "learn",
    "measure",
    "pictures",
    "read",
    "reader",
    "segmentations",
]
