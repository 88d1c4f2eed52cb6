from __future__ import annotations

import hashlib

import numpy as np
import pytest
from tests.fields import has
from tools.small_digits import build_files

from deltarule.data import digits, idx, load
from deltarule.errors import DataError


def test_the_split_of_the_digits_is_even_and_reproducible():
    training, validation, test = load("digits")
    assert [np.bincount(part.y).tolist() for part in (validation, test)] == [[30] * 10] * 2
    assert len(training) == 1197
    assert {part.x.dtype.name for part in (training, validation, test)} == {"uint8"}
    assert (training.x.min(), training.x.max(), training.scale) == (0, 16, 16.0)
    assert training.classes == tuple("0123456789")
    images = {image.tobytes() for part in (training, validation, test) for image in part.x}
    assert len(images) == 1797, "no image is in two sets"
    arrays = [array for part in (training, validation, test) for array in (part.x, part.y)]
    assert [hashlib.sha256(array.tobytes()).hexdigest()[:8] for array in arrays] == [
        "dfee7b4b",
        "58d09ca7",
        "ffe6ffe1",
        "d9709cac",
        "f615c387",
        "93670d7d",
    ]
    assert hashlib.sha256(test.x.tobytes() + test.y.astype("<i8").tobytes()).hexdigest()[:16] == "31a753b35467834d"


def test_the_files_hold_the_digits_of_scikit_learn():
    for name, array in build_files().items():
        assert idx.digest(array) == digits.FILES[name]
        assert np.array_equal(idx.read_idx(digits.FOLDER / name), array)


def test_a_file_of_another_content_is_refused(monkeypatch):
    monkeypatch.setitem(digits.FILES, "digits-labels-idx1-ubyte.gz", "0" * 64)
    with pytest.raises(DataError, match="ce71631c1f31", check=has(path="digits-labels-idx1-ubyte.gz")):
        load("digits")
