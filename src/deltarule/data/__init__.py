"""Data sets: where they come from, how they are checked, and what a network is shown of them."""

from deltarule.data.augment import with_shifts
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import Bits, Encoding, OneHot, OneVsRest, Real
from deltarule.data.learned import learned
from deltarule.data.order import AsGiven, Order, Shuffled
from deltarule.data.photo import prepare
from deltarule.data.sources import Found, Record, find, load, status
from deltarule.data.split import Splits

__all__ = [
    "AsGiven",
    "Bits",
    "Dataset",
    "Encoding",
    "Found",
    "OneHot",
    "OneVsRest",
    "Order",
    "Real",
    "Record",
    "Shuffled",
    "Splits",
    "find",
    "learned",
    "load",
    "prepare",
    "status",
    "with_shifts",
]
