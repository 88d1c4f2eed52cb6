"""Fingerprints of pictures as their files have them, before they are prepared for a model."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from deltarule.data.fingerprints import hash_rows
from deltarule.data.grayscale import read_picture
from deltarule.data.picture_decoding import QUIET
from deltarule.data.picture_files import find_picture_files
from deltarule.errors import DataError
from deltarule.preprocessing.pictures import enter_test_part
from deltarule.preprocessing.preprocessing import Preprocessing


def fingerprint_originals(folder: Path, preprocessing: Preprocessing) -> np.ndarray:
    """Compute the fingerprints of the pictures of a folder that have the size of the model's, (n, 2) uint64.

    The second of each picture is that with dark and light exchanged. Other pictures, and those that cannot be read,
    have 0. The order is that of :func:`~deltarule.preprocessing.pictures.read_pictures_for`.
    """
    files = find_picture_files(enter_test_part(folder), least=1).files
    hashes, shape = np.zeros((len(files), 2), np.uint64), preprocessing.example_shape
    with QUIET:
        for i, file in enumerate(files):
            pixels = _read(file, shape)
            if pixels is not None:
                hashes[i] = hash_rows(np.stack([pixels, 255 - pixels]))
    return hashes


def _read(file: Path, shape: tuple[int, ...]) -> np.ndarray | None:
    """Read a picture of the given shape; None if it has another, or cannot be read."""
    from PIL import Image

    try:
        with Image.open(file) as header:
            if header.size[::-1] != shape[:2]:
                return None
        pixels = read_picture(file, shape[2:] == (3,))
    except (DataError, OSError, ValueError, Image.DecompressionBombError):
        return None
    return pixels if pixels.dtype == np.uint8 and pixels.size == np.prod(shape) else None
