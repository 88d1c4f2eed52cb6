"""Large pictures take little more memory than their pixels, and give the same numbers as small ones."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from PIL import Image

from deltarule.data import grayscale, picture_range, transparency
from deltarule.data.grayscale import read_picture, resize


def test_bands_of_a_large_picture_give_the_same_numbers(monkeypatch):
    rng = np.random.default_rng(1)
    grey, colours = rng.integers(0, 256, (90, 70), np.uint8), rng.integers(0, 256, (90, 70, 4), np.uint8)
    deep = rng.normal(size=(90, 70)).astype(np.float32)

    def read():
        pictures = [read_picture(Image.fromarray(colours), colour) for colour in (False, True)]
        pictures += [read_picture(Image.fromarray(np.ascontiguousarray(colours[..., :3]))), read_picture(deep)]
        return [*pictures, resize(grey, (31, 17)), grayscale.resample(deep, (31, 17))]

    whole = read()
    for module in (grayscale, transparency, picture_range):
        monkeypatch.setattr(module, "_BAND", 350)
    for expected, found in zip(whole, read(), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_large_picture_is_resized_without_a_copy_of_floats():
    page = np.zeros((6000, 6000), np.uint8)
    tracemalloc.start()
    try:
        resize(page, (28, 28))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < page.nbytes  # four times as much as float32


LARGE = """
import resource, sys
import numpy as np
from deltarule.errors import DataError
from deltarule.data import prepare
try:
    prepare(sys.argv[1])
except DataError:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "most"), [("L", 0.4), ("RGB", 0.8), ("RGBA", 1.0), ("I;16", 0.9)])
def test_a_white_page_of_88_megapixels_takes_little_memory(mode, most, tmp_path):
    Image.new(mode, (9400, 9400), 65535 if mode == "I;16" else "white").save(tmp_path / "page.png")
    words = [sys.executable, "-c", LARGE, str(tmp_path / "page.png")]
    kilobytes = int(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
    assert kilobytes * 1024 < most * 1e9
