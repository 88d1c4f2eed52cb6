"""``python -m tools.small_digits`` writes the small digits that deltarule ships from the copy in scikit-learn.

Needs the extra ``experiments``. Their content is the same each time, down to the last byte.
"""

from __future__ import annotations

import gzip

import numpy as np
from sklearn.datasets import load_digits

from deltarule.data import idx
from deltarule.data.digits import FOLDER


def build_files() -> dict[str, np.ndarray]:
    """Return the content of each file, by its name: images (1797, 8, 8) and labels (1797,), uint8."""
    bundle = load_digits()
    return {
        "digits-images-idx3-ubyte.gz": bundle.images.astype(np.uint8),
        "digits-labels-idx1-ubyte.gz": bundle.target.astype(np.uint8),
    }


def write_files() -> None:
    """Write the files into the package and print the SHA-256 of what each holds, for :data:`digits.FILES`."""
    for name, array in build_files().items():
        (FOLDER / name).write_bytes(gzip.compress(idx.write_idx(array), 9, mtime=0))
        print(f'    "{name}": "{idx.digest(array)}",')


if __name__ == "__main__":
    write_files()
