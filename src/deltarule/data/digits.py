"""The 1,797 small handwritten digits that come with scikit-learn: real data, 8×8, without a download."""

from __future__ import annotations

import numpy as np

from deltarule.data.dataset import Dataset
from deltarule.data.photo import AS_DIGITS
from deltarule.data.split import Splits, divide

_EACH = 30  # of each digit, for validation and again for the test: 300 each, 1,197 to train with


def load() -> Splits:
    """1,197 images to train with, 300 to validate, 300 to test; (n, 8, 8) uint8, 0 for paper to 16 for ink.

    Each digit has 30 images in the validation data and 30 in the test data. They were drawn once,
    with a fixed seed (:mod:`deltarule.data.split`). The images are the test part of the "optical
    recognition of handwritten digits" of Alpaydın and Kaynak, 1998.

    >>> [(data.name, len(data)) for data in load()]
    [('digits training', 1197), ('digits validation', 300), ('digits test', 300)]
    """
    from sklearn.datasets import load_digits  # two seconds that only those pay who ask for the digits

    bundle = load_digits()
    x, y = bundle.images.astype(np.uint8), bundle.target.astype(np.int64)
    whole = Dataset(x, y, "digits", 16.0, tuple("0123456789"), style=AS_DIGITS)
    return divide(whole, lambda n: (_EACH, _EACH))
