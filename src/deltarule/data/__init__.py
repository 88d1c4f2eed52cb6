"""Data sets: where they come from, how they are checked, and what a network is shown of them."""

from deltarule.data.dataset import Dataset
from deltarule.data.encodings import Bits, Encoding, IsIt, OneHot, Real

__all__ = ["Bits", "Dataset", "Encoding", "IsIt", "OneHot", "Real"]
