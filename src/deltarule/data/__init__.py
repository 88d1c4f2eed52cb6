"""Data sets: loading, checks, splits, encodings of labels, augmentation and preprocessing."""

from deltarule.data.augmentation import with_shifts
from deltarule.data.balance import balance
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import Bits, Encoding, MultiLabel, OneHot, OneVsRest, Real, Standardized
from deltarule.data.options import DataOptions
from deltarule.data.order import AsGiven, Order, Shuffled
from deltarule.data.photo import prepare
from deltarule.data.sources import Record, Source, find, load, status
from deltarule.data.split import Splits
from deltarule.data.training_set import build_training_set

__all__ = [
    "AsGiven",
    "Bits",
    "DataOptions",
    "Dataset",
    "Encoding",
    "MultiLabel",
    "OneHot",
    "OneVsRest",
    "Order",
    "Real",
    "Record",
    "Shuffled",
    "Source",
    "Splits",
    "Standardized",
    "balance",
    "build_training_set",
    "find",
    "load",
    "prepare",
    "status",
    "with_shifts",
]
