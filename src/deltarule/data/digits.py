"""The small digits: 1,797 handwritten digits of 8×8 pixels, installed with deltarule."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from deltarule.data import idx
from deltarule.data.dataset import Dataset
from deltarule.data.photo import AS_DIGITS
from deltarule.data.split import Splits, divide

FOLDER = Path(__file__).parent / "small_digits"
"""The folder of the files; the README there names their source and licence, and the program that wrote them."""

FILES: Mapping[str, str] = {
    "digits-images-idx3-ubyte.gz": "359cd13f0f514122884198b78a131df597421cbf5e93a76678fa96fc548f0d96",
    "digits-labels-idx1-ubyte.gz": "ce71631c1f31ce56fa54f31d1d498fafacff59b001e6c30c4a5e29508aa277ad",
}
"""The two files, and the SHA-256 of the decompressed content of each."""

_EACH = 30  # of each digit in the validation set and in the test set: 300 images each, and 1,197 in the training set


def load() -> Splits:
    """Load 1,197 training, 300 validation and 300 test images; (n, 8, 8) uint8, from 0 for paper to 16 for ink.

    Each digit has 30 images in the validation set and 30 in the test set. They were chosen once, with a fixed seed
    (:mod:`deltarule.data.split`). The images are the test set of the "optical recognition of handwritten digits" of
    Alpaydın and Kaynak, 1998. Raises :class:`DataError` if a file of the installed package is missing or damaged.

    >>> [(data.name, len(data)) for data in load()]
    [('digits training', 1197), ('digits validation', 300), ('digits test', 300)]
    """
    x, y = (
        idx.read_published(FOLDER / name, sha256, remedy="install deltarule again") for name, sha256 in FILES.items()
    )
    whole = Dataset(x, y.astype(np.int64), "digits", 16.0, tuple("0123456789"), style=AS_DIGITS)
    return divide(whole, lambda n: (_EACH, _EACH))
