"""Rows of handwritten digits: synthetic pictures, segmentation by trial cuts, and recognition (chapter 1)."""

from deltarule.digit_strings.evaluation import evaluate_reader
from deltarule.digit_strings.figures import plot_lattice, plot_segmentations
from deltarule.digit_strings.pretrained import load_digit_reader, load_reader
from deltarule.digit_strings.recognition import Digit, Reading, Segmentation, check_pieces, read_string, segment
from deltarule.digit_strings.synthesis import StringPicture, synthesize_strings
from deltarule.digit_strings.training import train_reader

__all__ = [
    "Digit",
    "Reading",
    "Segmentation",
    "StringPicture",
    "check_pieces",
    "evaluate_reader",
    "load_digit_reader",
    "load_reader",
    "plot_lattice",
    "plot_segmentations",
    "read_string",
    "segment",
    "synthesize_strings",
    "train_reader",
]
