"""Files of digit sets by their published layouts, with a few made-up images."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np

CODES = {"uint8": 8, "int8": 9, "int16": 11, "int32": 12, "float32": 13, "float64": 14}


def build_idx(array: np.ndarray, shape: tuple[int, ...] | None = None) -> bytes:
    """Build the content of an IDX file; ``shape`` is a false one."""
    sizes = shape or array.shape
    header = struct.pack(f">BBBB{len(sizes)}I", 0, 0, CODES[array.dtype.name], len(sizes), *sizes)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


def put(path: Path, array: np.ndarray) -> Path:
    """Write an IDX file, compressed if its name ends in .gz."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = build_idx(array)
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
    return path


def make_images(n: int, classes: int = 10, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Make images of 28×28 bytes, all different: a wide bar at a height that tells the class, under a small mark."""
    rng = np.random.default_rng(seed)
    y = (np.arange(n) % classes).astype(np.uint8)
    x = np.zeros((n, 28, 28), np.uint8)
    for image, label in zip(x, y, strict=True):
        image[2 + label % 24, 3:25] = rng.integers(100, 256, 22)
        image[0, 0] = 255  # the corner that tells a turned image from an upright one
        image[0, 5] = 200
    return x, y


def put_set(folder: Path, prefix: str = "", test: str = "t10k", ending: str = "", classes: int = 10) -> Path:
    """Write a training set of 120 images and a test set of 60, named as MNIST's files."""
    for part, n in (("train", 120), (test, 60)):
        x, y = make_images(n, classes, seed=n)
        put(folder / f"{prefix}{part}-images-idx3-ubyte{ending}", x)
        put(folder / f"{prefix}{part}-labels-idx1-ubyte{ending}", y)
    return folder
