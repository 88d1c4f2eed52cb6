from __future__ import annotations

import hashlib

import numpy as np

from deltarule.data import load


def test_the_digits_are_split_evenly_and_always_alike():
    training, validation, test = load("digits")
    assert [np.bincount(part.y).tolist() for part in (validation, test)] == [[30] * 10] * 2
    assert len(training) == 1197
    assert {part.x.dtype.name for part in (training, validation, test)} == {"uint8"}
    assert (training.x.min(), training.x.max(), training.scale) == (0, 16, 16.0)
    assert training.classes == tuple("0123456789")
    images = {image.tobytes() for part in (training, validation, test) for image in part.x}
    assert len(images) == 1797, "no image is in two parts"
    assert hashlib.sha256(test.x.tobytes() + test.y.astype("<i8").tobytes()).hexdigest()[:16] == "31a753b35467834d"
