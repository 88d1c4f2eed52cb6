"""MNIST, the 70,000 handwritten digits of the book: four files, checked by SHA-256, split as in the book."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from deltarule.data import idx
from deltarule.data.dataset import Dataset
from deltarule.data.photo import AS_MNIST
from deltarule.data.split import Splits
from deltarule.errors import DataError

FILES: Mapping[str, str] = {
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
}
"""The four files, the smallest first, and the SHA-256 of the decompressed content of each."""

BELOW = ("mnist", "raw", "MNIST/raw", "mnist/raw")
"""The sub-folders in which the files are looked for."""

CLASSES = tuple("0123456789")
N_TRAINING = 50_000  # of the 60,000 images in the training file; the other 10,000 are the validation set
_LIMIT = 60_000 * 28 * 28  # bytes in the largest of the four


def load(folder: Path) -> Splits:
    """Load the first 50,000 images for training, the next 10,000 for validation, and the 10,000 of the test files.

    ``folder`` or a sub-folder such as ``mnist`` holds the four files, with or without ``.gz``, named like
    ``train-images-idx3-ubyte`` or ``train-images.idx3-ubyte``. Images are (n, 28, 28) uint8, 0 for paper and 255 for
    ink. Raises :class:`DataError` with the name of each file that is missing, damaged, or not the published one.
    """
    found = locate(folder)
    missing = [name for name in FILES if name not in found]
    if missing:
        raise DataError(
            f"expected the files of MNIST there or in the sub-folder mnist or raw, got {'some' if found else 'none'}: "
            f"without {', '.join(missing)}, with or without .gz",
            path=folder,
            remedy="put the four files of MNIST there, or give the folder that holds them",
        )
    arrays = {name: read(found[name], sha256) for name, sha256 in FILES.items()}
    x, y = arrays["train-images-idx3-ubyte"], arrays["train-labels-idx1-ubyte"]
    return (
        _build_dataset("training", x[:N_TRAINING], y[:N_TRAINING]),
        _build_dataset("validation", x[N_TRAINING:], y[N_TRAINING:]),
        _build_dataset("test", arrays["t10k-images-idx3-ubyte"], arrays["t10k-labels-idx1-ubyte"]),
    )


def locate(folder: Path) -> dict[str, Path]:
    """Find those of the four files that are in ``folder`` or below it, by their published names.

    They may be in its sub-folder ``mnist``, or in ``raw`` or ``MNIST/raw``, where torchvision puts them.
    """
    places = (folder, *(folder / below for below in BELOW))
    return max(map(_find_files, places), key=len)  # the first of those with most


def read(path: Path, sha256: str) -> np.ndarray:
    """Read an IDX file. Raises :class:`DataError` unless its decompressed content has this SHA-256."""
    remedy = "download it again; or if this is another data set, load it by the path of its folder, not as mnist"
    return idx.read_published(path, sha256, _LIMIT, remedy)


def _find_files(folder: Path) -> dict[str, Path]:
    # uncompressed files first: they load faster
    spellings = {name: (name, name.replace("-idx", ".idx")) for name in FILES}
    candidates = {n: [folder / (s + end) for end in ("", ".gz") for s in both] for n, both in spellings.items()}
    return {
        n: next(p for p in paths if p.is_file()) for n, paths in candidates.items() if any(map(Path.is_file, paths))
    }


def _build_dataset(part: str, x: np.ndarray, y: np.ndarray) -> Dataset:
    return Dataset(x, y.astype(np.int64), f"mnist {part}", 255.0, CLASSES, style=AS_MNIST)
